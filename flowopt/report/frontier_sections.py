"""Sections of one sweep of a comparison: what money buys, its measures, the ladder, the map.

Between two budgets of the request, the best value lies between the value of the smaller one's plan
(which is within the budget) and the bound of the larger one (which holds for less money): that is
the band of the figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowopt.network.network import Network
from flowopt.report.comparison_reader import StoredComparison, StoredSweep
from flowopt.report.flow_sections import map_section
from flowopt.report.flow_states import FlowState
from flowopt.report.frontier_headline import frontier_headline
from flowopt.report.headline import Headline
from flowopt.report.map import picture_of
from flowopt.report.page_parts import (
    Column,
    Row,
    Section,
    Table,
    name_cell,
    number_cell,
    text_cell,
)
from flowopt.report.printable import printable
from flowopt.report.result_reader import number
from flowopt.report.units import Units

ROLES = {
    "core": "in every plan that buys anything",
    "stays": "once in a plan, in every one for more money",
    "switch": "comes and goes",
    "never": "in no plan",
}

_NARROW = 6  # rungs of the ladder on a narrow screen, before the reader asks for the others

BAND = (
    "Points are the budgets that were asked. The best value for a budget between two of them lies "
    "in the band: no worse than the plan of the smaller one, no better than the bound of the "
    "larger one."
)
CAPTION = (
    f"{BAND} Rings mark knees, beyond which further money buys much less. Bars below are what "
    "each further million cuts. The upper axis does not start at zero."
)


def frontier_sections(
    comparison: StoredComparison, sweep: StoredSweep, states: Sequence[FlowState], place: int
) -> list[Section]:
    """Return the sections of a sweep.

    Parameters
    ----------
    comparison, sweep
        The comparison, and the sweep.
    states
        The flow without measures and under each plan; none where they are not known.
    place
        The place of the sweep in the comparison, from 0.
    """
    several = len(comparison.sweeps) > 1
    which = f", objective {sweep.about['objective']}" if several else ""
    found = [
        _money(comparison, sweep, place, which),
        _measures(sweep, place, which),
        _ladder(comparison, sweep, place, which),
        _continents(sweep, place, which),
    ]
    if states:
        picture = picture_of(comparison.network, states)
        the_map = map_section(comparison.network, states, picture, place=place, which=which,
                              rows=f"chosen-{place}-")  # fmt: skip
        found.insert(1, the_map)
    return [section for section in found if section is not None]


def _money(comparison: StoredComparison, sweep: StoredSweep, place: int, which: str) -> Section:
    units = sweep.units
    knees = {float(budget) for budget in sweep.about.get("knees") or ()}
    columns = (
        Column(f"budget, {units.money}/yr", number=True, sorted="ascending"),
        Column(f"spent, {units.money}/yr", number=True, minor=True),
        Column(f"{units.quantity}, {units.unit}/yr", number=True),
        Column(f"no plan below, {units.unit}/yr", number=True, minor=True),
        Column("less, %", number=True),
        Column(f"cut by each further {units.money}, {units.unit}", number=True),
        Column("measures", number=True, minor=True),
        Column("remark"),
    )
    rows = []
    for row in sweep.rows:
        remarks = ["knee"] if number(row["budget"]) in knees else []
        remarks += [] if row["status"] == "optimal" else ["not proved"]
        marginal = float(row["marginal"]) if row["marginal"] else None
        cells = (
            number_cell(number(row["budget"]), f"{number(row['budget']):,g}"),
            *(number_cell(number(row[key])) for key in ("spent", "value", "bound")),
            number_cell(number(row["cut_share"]), f"{100.0 * number(row['cut_share']):.1f}"),
            number_cell(marginal, None if marginal is None else f"{marginal:,.3f}"),
            number_cell(number(row["n_measures"]), row["n_measures"]),
            text_cell(", ".join(remarks)),
        )
        rows.append(Row(cells))
    table = Table(f"budgets-{place}", f"The budgets as a table{which}", columns, tuple(rows))
    finding = frontier_headline(sweep.about, sweep.rows, units)
    return money_section(
        table,
        {"draw": "frontier", **sweep_data(comparison, sweep, place)},
        money=units.money,
        budgets=[number(row["budget"]) for row in sweep.rows],
        chosen=_first_choice(sweep),
        caption=CAPTION,
        place=place,
        which=which,
        finding=finding if place else None,
    )


def money_section(
    table: Table,
    figure: Mapping[str, Any],
    *,
    money: str,
    budgets: Sequence[float],
    chosen: int,
    caption: str,
    place: int = 0,
    which: str = "",
    finding: Headline | None = None,
) -> Section:
    """Return the section of what money buys.

    Parameters
    ----------
    table, figure
        The budgets as a table, and the data of the figure.
    money
        Its unit.
    budgets, chosen
        The budgets, and the place of the one that is shown first.
    caption
        Of the figure.
    place, which
        Place among several sweeps, from 0, and what tells it from the others.
    finding
        What the sweep says, where the head of the page does not.
    """
    return Section(
        f"money-{place}",
        f"What money buys{which}",
        "frontier.html",
        {
            "number": place,
            "finding": finding.answer if finding else "",
            "sure": " ".join(finding.sure) if finding else "",
            "money": money,
            "budgets": budgets,
            "chosen": chosen,
            "rows": table,
            "caption": caption,
        },
        {f"frontier-{place}": figure},
    )


def _first_choice(sweep: StoredSweep) -> int:
    """Return the place of the budget that is shown first: the first knee, else the largest."""
    knees = {float(budget) for budget in sweep.about.get("knees") or ()}
    places = [i for i, row in enumerate(sweep.rows) if number(row["budget"]) in knees]
    return places[0] if places else len(sweep.rows) - 1


def _measures(sweep: StoredSweep, place: int, which: str) -> Section | None:
    chosen, about = sweep.chosen, {row["measure"]: row for row in sweep.measures}
    if not chosen:
        return None
    budgets = [number(row["budget"]) for row in sweep.rows]
    money = sweep.units.money
    heat = []
    for name, held in chosen.items():
        inside = [budget in held for budget in budgets]
        before = [False, *inside[:-1]]
        heat.append({
            "id": name,
            "name": about[name]["name"],
            "cells": [(now, now and not was) for now, was in zip(inside, before, strict=True)],
        })  # fmt: skip
    columns = (
        Column("measure"),
        Column(f"cost, {money}/yr", number=True),
        Column(f"first at, {money}/yr", number=True, sorted="ascending"),
        Column("in plans", number=True),
        Column("role"),
    )
    rows = tuple(
        Row((
            name_cell(about[name]["name"], name),
            number_cell(number(about[name]["cost"])),
            number_cell(held[0], f"{held[0]:,g}"),
            number_cell(float(len(held)), str(len(held))),
            text_cell(f"{about[name]['role']}: {ROLES.get(about[name]['role'], '')}"),
        ))
        for name, held in chosen.items()
    )  # fmt: skip
    table = Table(f"measures-{place}", f"The measures as a table{which}", columns, rows)
    values = {"number": place, "budgets": budgets, "heat": heat, "roles": table}
    return Section(
        f"which-{place}", f"Which measures, for which budgets{which}", "measures.html", values
    )


def _ladder(
    comparison: StoredComparison, sweep: StoredSweep, place: int, which: str
) -> Section | None:
    rungs = [row for row in sweep.ladder if row["value"]]
    if not rungs:
        return None
    units, names = sweep.units, {row.measure: row.name for row in comparison.network.measures}
    columns = (
        Column(f"budget, {units.money}/yr", number=True, sorted="ascending"),
        Column("buy then"),
        Column(f"spent, {units.money}/yr", number=True, minor=True),
        Column(f"{units.quantity}, {units.unit}/yr", number=True),
        Column(f"best plan, {units.unit}/yr", number=True, minor=True),
        Column(f"lost, {units.unit}/yr", number=True),
    )
    rows = tuple(
        Row((
            number_cell(number(row["budget"]), f"{number(row['budget']):,g}"),
            text_cell("; ".join(f"{names.get(each, each)} ({each})"
                                for each in row["buy"].split(";") if each) or "nothing"),
            *(number_cell(number(row[key])) for key in ("spent", "value", "best", "regret")),
        ))
        for row in rungs
    )  # fmt: skip
    caption = "What to buy first, if nothing is ever given back."
    table = Table(f"ladder-{place}", f"The ladder as a table{which}", columns, rows,
                  caption=caption, narrow=_NARROW)  # fmt: skip
    return Section(f"rungs-{place}", f"The ladder{which}", "table.html", {"table": table})


def _continents(sweep: StoredSweep, place: int, which: str) -> Section | None:
    """Return the section of deliveries by continent and budget."""
    sums: dict[str, dict[float, tuple[float, float]]] = {}
    for row in sweep.markets:
        of = sums.setdefault(row["continent"] or "elsewhere", {})
        before, after = of.get(number(row["budget"]), (0.0, 0.0))
        of[number(row["budget"])] = (before + number(row["before"]), after + number(row["after"]))
    if not sums:
        return None
    budgets = [number(row["budget"]) for row in sweep.rows]
    order = sorted(sums, key=lambda name: -max(before for before, _ in sums[name].values()))
    columns = (
        Column(f"budget, {sweep.units.money}/yr", number=True, sorted="ascending"),
        *(Column(f"{name}, {sweep.units.mass}/yr", number=True) for name in order),
    )
    none = (0.0, 0.0)
    rows = tuple(
        Row((
            number_cell(budget, f"{budget:,g}"),
            *(number_cell(sums[name].get(budget, none)[1],
                          f"{sums[name].get(budget, none)[1]:,.1f}") for name in order),
        ))
        for budget in budgets
    )  # fmt: skip
    table = Table(f"continents-{place}", f"Deliveries by continent and budget{which}", columns,
                  rows, caption="What arrives under the best plan for each budget.")  # fmt: skip
    return Section(
        f"continent-{place}",
        f"Deliveries by continent and budget{which}",
        "table.html",
        {"table": table},
    )


# -- data of the figures --------------------------------------------------------------------------


def sweep_data(comparison: StoredComparison, sweep: StoredSweep, place: int = 0) -> dict[str, Any]:
    """Return the data of the frontier of a sweep, and the plan of each of its budgets."""
    rows, units = sweep.rows, sweep.units
    rungs = [row for row in sweep.ladder if row["value"]]
    points = [
        Point(
            number(row["budget"]),
            number(row["spent"]),
            number(row["value"]),
            number(row["bound"]) if row["bound"] else None,
            float(row["marginal"]) if row["marginal"] else None,
            sweep.plan_at(number(row["budget"])),
        )
        for row in rows
    ]
    words = (f"{units.quantity}, {units.unit}/yr", f"{units.unit}/yr", "are left")
    data = frontier_data(points, labels_of(comparison.network), units, words)
    return data | {
        "knees": [float(budget) for budget in sweep.about.get("knees") or ()],
        "ladder": {
            "x": [number(row["budget"]) for row in rungs],
            "y": [number(row["value"]) for row in rungs],
        },
        "number": place,
        "chosen": _first_choice(sweep),
    }


@dataclass(frozen=True, slots=True)
class Point:
    """One budget of a frontier, and its plan.

    Attributes
    ----------
    budget, spent : float
        M USD a year.
    value, bound : float
        What its plan leaves, and what none goes below; None where that is not known.
    marginal : float or None
        What each further million cuts, from the budget before.
    plan : sequence of str
        The measures.
    """

    budget: float
    spent: float
    value: float
    bound: float | None
    marginal: float | None
    plan: Sequence[str]


def frontier_data(
    points: Sequence[Point],
    labels: Mapping[str, tuple[str, float]],
    units: Units,
    words: tuple[str, str, str],
) -> dict[str, Any]:
    """Return the data of a frontier without ladder and knees, the largest budget chosen.

    Parameters
    ----------
    points
        Budgets, rising.
    labels
        Name and cost of the measures, M USD a year, by what plans hold.
    units
        Labels of money.
    words
        What is counted with its unit; the unit; and what a number of it is said to do.
    """
    what, unit, says = words
    return {
        "draw": "frontier",
        "budgets": [each.budget for each in points],
        "value": [each.value for each in points],
        "bound": [each.bound for each in points],
        "marginal": [each.marginal for each in points],
        "knees": [],
        "ladder": {"x": [], "y": []},
        "what": printable(what),
        "unit": printable(unit),
        "says": says,
        "money": printable(f"{units.money}/yr"),
        "per": printable(f"{units.unit} per {units.money}"),
        "plans": list(_plan_data(labels, points)),
        "number": 0,
        "chosen": len(points) - 1,
    }


def labels_of(network: Network) -> dict[str, tuple[str, float]]:
    """Return name and cost of each measure."""
    return {row.measure: (row.name, row.cost) for row in network.measures}


def _plan_data(
    labels: Mapping[str, tuple[str, float]], points: Sequence[Point]
) -> Iterator[dict[str, Any]]:
    """Yield the measures of each plan, and what is new in it."""
    before: set[str] = set()
    for point in points:
        named = [(name, *labels.get(name, (name, 0.0))) for name in point.plan]
        yield {
            "spent": point.spent,
            "measures": [
                {"id": name, "name": printable(label), "cost": cost, "new": name not in before}
                for name, label, cost in named
            ],
            "gone": [
                printable(labels.get(name, (name, 0.0))[0])
                for name in sorted(before - set(point.plan))
            ],
        }
        before = set(point.plan)
