"""The page of a comparison: what each million buys, and which measures come when.

Between two budgets that were asked, the best value lies somewhere between what the smaller one's
plan brings (it can be afforded) and the bound of the larger one (which is no worse for less
money): that is the band of the figure.
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
from flowopt.report.figure_data import shown
from flowopt.report.headline import Figure
from flowopt.report.rerun_command import command_again, options_of_comparison, report_command
from flowopt.report.result_page import render
from flowopt.report.result_reader import (
    Record,
    check_form,
    check_hash,
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
class Sweep:
    """One objective of a comparison, about one network.

    Attributes
    ----------
    about : dict
        Its part of `summary.json`.
    units : Units
        The words for its objective.
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
class Comparison:
    """A comparison, as far as it is about one network."""

    network: Network
    summary: dict[str, Any]
    sweeps: tuple[Sweep, ...]


def is_comparison(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder holds what `compare --out` wrote."""
    return "frontiers" in read_summary(Path(folder))


def read_comparison(folder: str | os.PathLike[str], network: Network) -> Comparison:
    """Read what `compare --out` wrote about a network.

    Raises
    ------
    RequestError
        When a file can't be read, when the comparison is not about the network, or when it has
        no plan for any budget.
    """
    path = Path(folder)
    summary = read_summary(path)
    check_form(path, summary, COMPARISON)
    abouts = [each for each in summary["frontiers"] if each.get("network") == network.info.id]
    if not abouts:
        known = ", ".join(dict.fromkeys(str(each.get("network")) for each in summary["frontiers"]))
        raise RequestError(f"{path} is not about {network.info.id!r}, but about {known}")
    tables = {name: read_rows(path / f"{name}.csv", row) for name, row in _TABLES.items()}
    sweeps = []
    for about in abouts:
        check_hash(path, str(about.get("input_sha256")), network)
        mine = {
            name: [r for r in rows if (r.get("network"), r.get("objective"))
                   == (network.info.id, about["objective"])]
            for name, rows in tables.items()
        }  # fmt: skip
        rows = [row for row in mine["frontier"] if row["value"]]
        if rows:
            units = Units(network, about["objective"])
            sweeps.append(Sweep(about, units, rows, mine["measures"], mine["ladder"]))
    if not sweeps:
        raise RequestError(f"{path} holds no plan for any budget, so there is nothing to show")
    return Comparison(network, summary, tuple(sweeps))


def comparison_page(comparison: Comparison, *, place: str, folder: str) -> str:
    """Return the page of a comparison as text; parameters as in `page_of`."""
    network, summary = comparison.network, comparison.summary
    return render(
        "comparison.html",
        {"map": None, "sankey": None, "sweeps": [sweep_data(sweep) for sweep in comparison.sweeps]},
        network=network,
        summary=summary,
        answer=_answer(comparison.sweeps[0]),
        figures=_figures(comparison.sweeps[0]),
        sweeps=[_words(sweep) for sweep in comparison.sweeps],
        names={row.measure: row.name for row in network.measures},
        roles=ROLES,
        whole="options" in summary,
        commands=[
            compare_command(comparison, place),
            report_command(folder, place),
        ],
    )


def compare_command(comparison: Comparison, place: str) -> str:
    """Return the command that makes a comparison again, as far as its files record it."""
    summary, network = comparison.summary, comparison.network
    options = summary.get("options") or options_of_comparison(network, summary)
    return command_again("compare", place, options)


# -- words ----------------------------------------------------------------------------------------


def _answer(sweep: Sweep) -> str:
    units, last = sweep.units, sweep.rows[-1]
    baseline, value = float(sweep.about["baseline"]), number(last["value"])
    if value >= baseline:
        money = f"For budgets up to {plain_number(number(last['budget']))} {units.money} a year"
        left = f"{baseline:,.2f} {units.unit} a year"
        return no_cut(money, units.what, left, proved=last["status"] == "optimal")
    found = "" if last["status"] == "optimal" else " found"
    money = f"For {plain_number(number(last['budget']))} {units.money} a year"
    return (
        f"{money}, the best plan{found} cuts "
        f"{units.what} from {baseline:,.2f} to {value:,.2f} {units.unit} a year; this is what less "
        "money does."
    )


def _figures(sweep: Sweep) -> list[Figure]:
    units, last = sweep.units, sweep.rows[-1]
    knees = sweep.about.get("knees") or []
    share = number(last["cut_share"])
    return [
        Figure("without measures", f"{float(sweep.about['baseline']):,.2f}",
               f"{units.unit} a year"),
        Figure(f"for {plain_number(number(last['budget']))} {units.money} a year",
               f"{number(last['value']):,.2f}", f"{units.unit} a year"),
        Figure("less", f"{share:.1%}", units.what),
        *([Figure("money buys much less beyond", plain_number(knees[0]) if knees else "nowhere",
                  f"{units.money} a year" if knees else "no knee in this range")]
          if len(sweep.rows) > 1 else []),
    ]  # fmt: skip


def _sureness(sweep: Sweep) -> Iterator[str]:
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


def _words(sweep: Sweep) -> dict[str, Any]:
    """Return what the template says of a sweep."""
    knees = {float(budget) for budget in sweep.about.get("knees") or ()}
    return {
        "objective": sweep.about["objective"],
        "units": sweep.units,
        "sure": list(_sureness(sweep)),
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


def _chosen(sweep: Sweep) -> dict[str, list[float]]:
    """Return the budgets whose plan holds each measure that is in some plan, earliest first."""
    found: dict[str, list[float]] = {}
    for row in sweep.measures:
        if row["chosen"] == "1":
            found.setdefault(row["measure"], []).append(number(row["budget"]))
    return dict(sorted(found.items(), key=lambda item: (item[1][0], -len(item[1]))))


def _measures(sweep: Sweep) -> Iterator[dict[str, Any]]:
    """Yield each measure that is in some plan, and when."""
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


def sweep_data(sweep: Sweep, *, escape: bool = True) -> dict[str, Any]:
    """Return what is drawn of a sweep; `escape` as the script of the page needs it."""
    said = shown if escape else str
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
        "what": said(f"{units.what}, {_per_year(units)}"),
        "unit": shown(_per_year(units)),
        "money": said(f"{units.money}/yr"),
        "per": said(f"{units.unit} per {units.money}"),
        "measures": [said(f"{names[name]} ({name})") for name in chosen],
        "chosen": [[int(b in held) for b in budgets] for held in map(set, chosen.values())],
    }


def _per_year(units: Units) -> str:
    return f"{units.unit}/yr"
