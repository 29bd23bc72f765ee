"""Section of the scenarios of a plan: bars, the table, and what it says in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowopt.network.network import Network
from flowopt.plain_text import name_and_id, plain_number
from flowopt.report.digits import fixed
from flowopt.report.page_parts import Column, Row, Section, Table, name_cell, number_cell, text_cell
from flowopt.report.plan_words import MeasureNames
from flowopt.report.printable import printable
from flowopt.report.scenario_words import sentences
from flowopt.report.stored_scenarios import StoredScenarios
from flowopt.report.units import Units
from flowopt.results.scenario_solution import ScenarioRow

MOST_BARS = 24  # scenarios of a strip
_SHOWN = 30  # scenarios of a table before the reader asks for the others
KINDS = (("nothing", "without measures"), ("plan", "under the plan"),
         ("best", "under the best plan there"))  # fmt: skip
TITLE = "What is left in each scenario"


def scenarios_section(result: StoredScenarios) -> Section:
    """Return the section of the plan in each scenario."""
    unit = result.units.unit
    rows = barred(result.rows)
    some = "" if len(rows) == len(result.rows) else f" The {len(rows)} with the most regret."
    return Section(
        "scenarios",
        "The plan in each scenario",
        "strip.html",
        {
            "above": sentences(
                result.summary, result.rows, result.certificate.looked_at, result.units
            ),
            "title": TITLE,
            "caption": f"{TITLE}, {unit} a year, with what it is less than without measures.{some}",
            "table": scenario_table(result.network, result.rows, result.units),
            "below": [
                "Best there is the best plan known for that scenario alone, for the same money; "
                "the regret is how much more this plan leaves. The weights are the network's."
            ],
        },
        {"strip": strip_data(rows, unit)},
    )


def barred(rows: Sequence[ScenarioRow]) -> list[ScenarioRow]:
    """Return the scenarios that a strip has bars for: of many, those with the most regret."""
    if len(rows) <= MOST_BARS:
        return list(rows)
    kept = sorted(rows, key=lambda row: -row.regret)[:MOST_BARS]
    return [row for row in rows if row in kept]


def strip_data(rows: Sequence[ScenarioRow], unit: str) -> dict[str, Any]:
    """Return the strip of one plan as plain values for JSON."""
    shown = [
        (
            label_of(row),
            row.baseline,
            [("nothing", row.baseline), ("plan", row.value), ("best", row.own_best)],
        )
        for row in rows
    ]
    return strip_of(KINDS, shown, unit)


def strip_of(
    kinds: Sequence[tuple[str, str]],
    rows: Sequence[tuple[str, float, Sequence[tuple[str, float]]]],
    unit: str,
) -> dict[str, Any]:
    """Return a strip of bars as plain values for JSON.

    Parameters
    ----------
    kinds
        The kinds of bars, with words for each.
    rows
        Of each scenario its label, its baseline, and a bar of each kind.
    unit
        Unit of the bars.
    """
    return {
        "draw": "strip",
        "unit": printable(f"{unit}/yr"),
        "kinds": [list(kind) for kind in kinds],
        "rows": [
            {
                "name": printable(label),
                "bars": [
                    {"kind": kind, "t": round(t, 3), "text": bar_text(t, baseline)}
                    for kind, t in bars
                ],
            }
            for label, baseline, bars in rows
        ],
    }


def label_of(row: ScenarioRow) -> str:
    """Return the name of a scenario with its id, or what both are."""
    return name_and_id(row.name, row.scenario)


def bar_text(left: float, baseline: float) -> str:
    """Return the number at a bar, with what it is less than the baseline.

    >>> bar_text(156.62, 164.45) == "156.6 (" + chr(0x2212) + "7.8)"
    True
    >>> bar_text(10.0, 10.0)
    '10.0'
    """
    cut = baseline - left
    if abs(cut) < 0.05:
        return fixed(left, 1)
    return f"{fixed(left, 1)} ({chr(0x2212) if cut > 0.0 else '+'}{fixed(abs(cut), 1)})"


def scenario_table(network: Network, rows: Sequence[ScenarioRow], units: Units) -> Table:
    """Return the table of scenarios."""
    unit, names = units.unit, MeasureNames(network)
    columns = (
        Column("scenario"),
        Column("weight", number=True),
        Column(f"without measures, {unit}/yr", number=True),
        Column("under the plan", number=True),
        Column("cut", number=True),
        Column("best there", number=True),
        Column("regret", number=True),
        Column("the best plan there", minor=True),
    )
    cells = (
        (
            name_cell(row.name, row.scenario),
            number_cell(row.weight, f"{plain_number(round(100.0 * row.weight, 1))}%"),
            *map(number_cell, (row.baseline, row.value, row.cut, row.own_best, row.regret)),
            text_cell(names.in_table(row.own_measures)),
        )
        for row in rows
    )
    return Table(
        "worlds", "The scenarios as a table", columns, tuple(map(Row, cells)), shown=_SHOWN
    )
