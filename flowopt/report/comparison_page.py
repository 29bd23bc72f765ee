"""Page of a comparison: the frontier, and the measures by budget.

Between two budgets of the request, the best value lies between the value of the smaller one's plan
(which is within the budget) and the bound of the larger one (which holds for less money): that is
the band of the figure.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.plain_text import plain_number
from flowopt.report.certainty import no_cut
from flowopt.report.figure_data import escaped
from flowopt.report.headline import KeyFigure
from flowopt.report.rerun_command import options_of_comparison, report_command, rerun_command
from flowopt.report.result_page import render
from flowopt.report.result_reader import (
    Record,
    check_hash,
    check_schema,
    number,
    read_rows,
    read_summary,
)
from flowopt.report.summary_schema import COMPARISON
from flowopt.report.units import Units
from flowopt.results.frontier import FrontierRow, LadderRow, MeasureAt

_TABLES = {"frontier": FrontierRow, "measures": MeasureAt, "ladder": LadderRow}
_STRAY = 5e-6  # a gap that would be shown as 0.000%
ROLES = {
    "core": "in every plan that buys anything",
    "stays": "once in a plan, in every one for more money",
    "switch": "comes and goes",
    "never": "in no plan",
}


@dataclass(frozen=True, slots=True)
class StoredSweep:
    """Stored sweep: one objective of a comparison, about one network.

    Attributes
    ----------
    about : dict
        Its part of `summary.json`.
    units : Units
        Labels of its objective.
    rows, measures, ladder : list of dict
        Its rows of `frontier.csv` (those with a plan), `measures.csv` and `ladder.csv`, budgets
        rising.
    """

    about: dict[str, Any]
    units: Units
    rows: list[Record]
    measures: list[Record]
    ladder: list[Record]


@dataclass(frozen=True, slots=True)
class StoredComparison:
    """Stored comparison, as far as it is about one network."""

    network: Network
    summary: dict[str, Any]
    sweeps: tuple[StoredSweep, ...]


def is_comparison(folder: str | os.PathLike[str]) -> bool:
    """Return whether a folder holds a comparison."""
    return "frontiers" in read_summary(Path(folder))


def read_comparison(folder: str | os.PathLike[str], network: Network) -> StoredComparison:
    """Read a comparison from its folder, as far as it is about a network.

    Raises
    ------
    RequestError
        When a file can't be read, when the comparison is not about the network, or when it has
        no plan for any budget.
    """
    path = Path(folder)
    summary = read_summary(path)
    check_schema(path, summary, COMPARISON)
    parts = [each for each in summary["frontiers"] if each.get("network") == network.info.id]
    if not parts:
        known = ", ".join(dict.fromkeys(str(each.get("network")) for each in summary["frontiers"]))
        raise RequestError(f"{path} is not about {network.info.id!r}, but about {known}")
    tables = {name: read_rows(path / f"{name}.csv", row) for name, row in _TABLES.items()}
    sweeps = []
    for about in parts:
        check_hash(path, str(about.get("input_sha256")), network)
        own = {
            name: [r for r in rows if (r.get("network"), r.get("objective"))
                   == (network.info.id, about["objective"])]
            for name, rows in tables.items()
        }  # fmt: skip
        rows = [row for row in own["frontier"] if row["value"]]
        if rows:
            units = Units(network, about["objective"])
            sweeps.append(StoredSweep(about, units, rows, own["measures"], own["ladder"]))
    if not sweeps:
        raise RequestError(f"{path} holds no plan for any budget, so there is nothing to show")
    return StoredComparison(network, summary, tuple(sweeps))


def comparison_page(comparison: StoredComparison, *, place: str, folder: str) -> str:
    """Return the page of a comparison as text; parameters as in `page_of`."""
    network, summary = comparison.network, comparison.summary
    return render(
        "comparison.html",
        {"map": None, "sankey": None, "sweeps": [sweep_data(sweep) for sweep in comparison.sweeps]},
        network=network,
        summary=summary,
        answer=_answer(comparison.sweeps[0]),
        figures=_figures(comparison.sweeps[0]),
        sweeps=[_template_values(sweep) for sweep in comparison.sweeps],
        names={row.measure: row.name for row in network.measures},
        roles=ROLES,
        whole="options" in summary,
        commands=[
            compare_command(comparison, place),
            report_command(folder, place),
        ],
    )


def compare_command(comparison: StoredComparison, place: str) -> str:
    """Return the command that repeats a comparison, as far as its files record it."""
    summary, network = comparison.summary, comparison.network
    options = summary.get("options") or options_of_comparison(network, summary)
    return rerun_command("compare", place, options)


# -- sentences ------------------------------------------------------------------------------------


def _answer(sweep: StoredSweep) -> str:
    units, last = sweep.units, sweep.rows[-1]
    baseline, value = float(sweep.about["baseline"]), number(last["value"])
    if value >= baseline:
        money = f"For budgets up to {plain_number(number(last['budget']))} {units.money} a year"
        left = f"{baseline:,.2f} {units.unit} a year"
        return no_cut(money, units.quantity, left, proved=last["status"] == "optimal")
    qualifier = "" if last["status"] == "optimal" else " found"
    money = f"For {plain_number(number(last['budget']))} {units.money} a year"
    return (
        f"{money}, the best plan{qualifier} cuts "
        f"{units.quantity} from {baseline:,.2f} to {value:,.2f} {units.unit} a year; this is what "
        "less money does."
    )


def _figures(sweep: StoredSweep) -> list[KeyFigure]:
    units, last = sweep.units, sweep.rows[-1]
    knees = sweep.about.get("knees") or []
    share = number(last["cut_share"])
    return [
        KeyFigure("without measures", f"{float(sweep.about['baseline']):,.2f}",
               f"{units.unit} a year"),
        KeyFigure(f"for {plain_number(number(last['budget']))} {units.money} a year",
               f"{number(last['value']):,.2f}", f"{units.unit} a year"),
        KeyFigure("less", f"{share:.1%}", units.quantity),
        *([KeyFigure("money buys much less beyond", plain_number(knees[0]) if knees else "nowhere",
                  f"{units.money} a year" if knees else "no knee in this range")]
          if len(sweep.rows) > 1 else []),
    ]  # fmt: skip


def _certainty(sweep: StoredSweep) -> Iterator[str]:
    about, gaps = sweep.about, [number(row["gap"]) for row in sweep.rows]
    count, proved, worst = about["budgets"], about["proved"], max(gaps)
    if proved == count and worst < _STRAY:
        yield f"All {count} values are proved: no plan for the money does better."
    elif proved == count:
        yield (
            f"All {count} values are proved to within {worst:.3%}: no plan for the money does "
            "better than the bound in the table."
        )
    else:
        yield (
            f"{proved} of {count} values are proved; at the others a better plan may gain up to "
            f"{worst:.2%}, as their bounds say."
        )
    if about.get("complete") is True:
        yield "Every change of the best plan larger than the gap is among these budgets."
    elif about.get("complete") is False:
        yield (
            "Time ran out, so changes of the best plan may be missing: knees, and which measures "
            "stay, are those of the budgets found so far."
        )
    if about.get("most_lost") is not None:
        yield (
            f"Buying in the fixed order of the ladder below loses at most "
            f"{max(0.0, float(about['most_lost'])):,.2f} {sweep.units.unit} a year against the "
            f"best plan{'' if proved == count else ' known'}."
        )


def _template_values(sweep: StoredSweep) -> dict[str, Any]:
    """Return the values of the template for a sweep."""
    knees = {float(budget) for budget in sweep.about.get("knees") or ()}
    return {
        "objective": sweep.about["objective"],
        "units": sweep.units,
        "sure": list(_certainty(sweep)),
        "warnings": sweep.about.get("warnings", []),
        "rows": [
            {
                **{k: number(row[k]) for k in ("budget", "spent", "value", "bound", "gap")},
                "share": number(row["cut_share"]),
                "marginal": float(row["marginal"]) if row["marginal"] else None,
                "count": int(number(row["measures"])),
                "knee": number(row["budget"]) in knees,
                "proved": row["status"] == "optimal",
            }
            for row in sweep.rows
        ],
        "measures": list(_measures(sweep)),
        "ladder": [
            {
                **{k: number(row[k]) for k in ("budget", "spent", "value", "best", "lost")},
                "buy": [name for name in row["buy"].split(";") if name],
            }
            for row in sweep.ladder
            if row["value"]
        ],
    }


def _chosen(sweep: StoredSweep) -> dict[str, list[float]]:
    """Return the budgets whose plan holds each measure that is in some plan, earliest first."""
    budgets: dict[str, list[float]] = {}
    for row in sweep.measures:
        if row["chosen"] == "1":
            budgets.setdefault(row["measure"], []).append(number(row["budget"]))
    return dict(sorted(budgets.items(), key=lambda item: (item[1][0], -len(item[1]))))


def _measures(sweep: StoredSweep) -> Iterator[dict[str, Any]]:
    """Yield each measure that is in some plan, with its budgets."""
    about = {row["measure"]: row for row in sweep.measures}
    for name, budgets in _chosen(sweep).items():
        row = about[name]
        yield {
            "id": name,
            "name": row["name"],
            "cost": number(row["cost"]),
            "plans": len(budgets),
            "first": budgets[0],
            "role": row["role"],
        }


# -- data of the figures --------------------------------------------------------------------------


def sweep_data(sweep: StoredSweep, *, escape: bool = True) -> dict[str, Any]:
    """Return the data of the figures of a sweep; `escape` for the script of the page."""
    as_text = escaped if escape else str
    rows, units = sweep.rows, sweep.units
    budgets = [number(row["budget"]) for row in rows]
    chosen = _chosen(sweep)
    names = {row["measure"]: row["name"] for row in sweep.measures}
    return {
        "budgets": budgets,
        "value": [number(row["value"]) for row in rows],
        "bound": [number(row["bound"]) if row["bound"] else None for row in rows],
        "marginal": [float(row["marginal"]) if row["marginal"] else None for row in rows],
        "knees": [float(budget) for budget in sweep.about.get("knees") or ()],
        "ladder": {
            "x": [number(row["budget"]) for row in sweep.ladder if row["value"]],
            "y": [number(row["value"]) for row in sweep.ladder if row["value"]],
        },
        "what": as_text(f"{units.quantity}, {_per_year(units)}"),
        "unit": escaped(_per_year(units)),
        "money": as_text(f"{units.money}/yr"),
        "per": as_text(f"{units.unit} per {units.money}"),
        "measures": [as_text(f"{names[name]} ({name})") for name in chosen],
        "chosen": [[int(b in held) for b in budgets] for held in map(set, chosen.values())],
    }


def _per_year(units: Units) -> str:
    return f"{units.unit}/yr"
