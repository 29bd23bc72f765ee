"""Page of the plans of several budgets by one criterion over scenarios: what money buys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from flowopt.plain_text import plain_number
from flowopt.report.criteria_page import measures_by_plan, plans_source
from flowopt.report.digits import decimals, fixed
from flowopt.report.frontier_sections import CAPTION, Point, frontier_data, labels_of, money_section
from flowopt.report.headline import Headline, KeyFigure
from flowopt.report.held_measures import held_section
from flowopt.report.page_parts import Column, Page, Row, Section, Table, number_cell, text_cell
from flowopt.report.page_render import render
from flowopt.report.plan_words import MeasureNames
from flowopt.report.quality_text import comparison_quality_text
from flowopt.report.scenario_sections import label_of
from flowopt.report.scenario_words import COLUMNS, MEASURED, base_of
from flowopt.report.stored_scenario_plans import StoredPlans
from flowopt.results.scenario_plans import ScenarioPlan

_REGRET = (
    "Points are the budgets that were asked, with their bounds. A regret is against the best plan "
    "for each scenario and the same money, so more money may bring more of it."
)
_SAYS = {
    "expected": "are left in the mean",
    "worst": "are left at most",
    "cut": "are cut for sure",
    "regret": "are missed at most",
    "cvar": "are left in the mean of the worst",
}
_MOST_COLUMNS = 12  # scenarios with a column of their own


def budgets_page(plans: StoredPlans, *, place: str, folder: str) -> str:
    """Return the page of the plans of several budgets as text; parameters as in `page_of`."""
    network = plans.network
    page = Page(
        name=f"{network.info.id}-budgets-scenarios",
        title=network.info.heading,
        period=network.info.period,
        about=f"what each budget can do in {len(plans.first.rows)} scenarios, once the trafficker "
        "has gone round",
        headline=budgets_headline(plans),
        quality=comparison_quality_text(
            network, [each.summary["measures"] for each in plans.results.values()], []
        ),
        warnings=tuple(plans.summary["warnings"]),
        sections=(
            _money(plans),
            _scenarios(plans),
            held_section(network, measures_by_plan(plans)),
            plans_source(plans, place, folder, verb="compare"),
        ),
    )
    return render(page)


def budgets_headline(plans: StoredPlans) -> Headline:
    """Return the headline of the plans of several budgets."""
    rows, units, criterion = plans.found, plans.units, plans.rows[0].criterion
    unit, word, last = units.unit, MEASURED[criterion], rows[-1]
    values = [_shown(row) for row in rows]
    places = decimals(base_of(plans.first.rows), [abs(values[0] - values[-1])])
    first, money = plain_number(rows[0].budget or 0.0), plain_number(last.budget or 0.0)
    many = f"in {len(plans.first.rows)} scenarios"
    answer = (
        f"From {first} to {money} {units.money} a year the {word} {many} goes from "
        f"{fixed(values[0], places)} to {fixed(values[-1], places)} {unit} a year."
    )
    proved = sum(row.status == "optimal" for row in rows)
    sure = f"All {len(rows)} plans are proved to be the best for their budget."
    if proved < len(rows):
        sure = (
            f"{proved} of the {len(rows)} plans are proved to be the best for their budget; how "
            "far the others may be from it is in the table."
        )
    other = ("mean left", last.mean_left) if criterion == "cut" else ("sure cut", last.sure_cut)
    figures = (
        KeyFigure(f"{word}, {first} {units.money}", fixed(values[0], places), f"{unit} a year"),
        KeyFigure(f"{word}, {money} {units.money}", fixed(values[-1], places), f"{unit} a year"),
        KeyFigure(f"{other[0]} there", fixed(other[1] or 0.0, places), f"{unit} a year"),
        KeyFigure("most regret there", fixed(last.most_regret or 0.0, places), f"{unit} a year"),
    )
    order = "Each plan is chosen before it shows which scenario holds."
    return Headline(answer, figures, (sure, order))


def budgets_data(plans: StoredPlans) -> dict[str, Any]:
    """Return the frontier of a criterion by budget as plain values for JSON."""
    rows, units = plans.found, plans.units
    criterion = plans.rows[0].criterion
    sign = -1.0 if criterion == "cut" else 1.0
    points = [
        Point(
            row.budget or 0.0,
            row.spent or 0.0,
            _shown(row),
            None if row.bound is None else sign * row.bound,
            marginal,
            plans.results[row.plan].summary["measures"],
        )
        for row, marginal in zip(rows, [None, *_marginal(rows)], strict=True)
    ]
    words = (f"{MEASURED[criterion]}, {units.unit}/yr", f"{units.unit}/yr", _SAYS[criterion])
    return frontier_data(points, labels_of(plans.network), units, words)


def _shown(row: ScenarioPlan) -> float:
    """Return the criterion of a plan as people read it: a sure cut is no negative number."""
    value = row.value or 0.0
    return -value + 0.0 if row.criterion == "cut" else value


def _marginal(rows: list[ScenarioPlan]) -> Iterator[float | None]:
    """Yield what each further million takes off the criterion, from each budget to the next."""
    for lower, upper in pairwise(rows):
        more = (upper.budget or 0.0) - (lower.budget or 0.0)
        less = (lower.value or 0.0) - (upper.value or 0.0)
        yield max(0.0, less) / more if more > 0.0 else None


def _money(plans: StoredPlans) -> Section:
    rows, units, names = plans.found, plans.units, MeasureNames(plans.network)
    criterion = plans.rows[0].criterion
    own = MEASURED[criterion]
    others = {MEASURED[name]: key for name, key in COLUMNS.items() if name != criterion}
    columns = (
        Column(f"budget, {units.money}/yr", number=True, sorted="ascending"),
        Column(f"spent, {units.money}/yr", number=True, minor=True),
        Column(f"{own}, {units.unit}/yr", number=True),
        Column("no plan beyond", number=True, minor=True),
        Column("proved"),
        *(Column(word, number=True) for word in others),
        Column("measures", minor=True),
    )
    sign = -1.0 if criterion == "cut" else 1.0
    cells = (
        (
            number_cell(row.budget, plain_number(row.budget or 0.0)),
            number_cell(row.spent),
            number_cell(_shown(row)),
            number_cell(None if row.bound is None else sign * row.bound + 0.0),
            text_cell("yes" if row.status == "optimal" else f"gap {row.gap or 0.0:.2%}"),
            *(number_cell(getattr(row, key)) for key in others.values()),
            text_cell(names.in_table(row.measures)),
        )
        for row in rows
    )
    table = Table("budgets-0", "The budgets as a table", columns, tuple(map(Row, cells)))
    return money_section(
        table,
        budgets_data(plans),
        money=units.money,
        budgets=[row.budget or 0.0 for row in rows],
        chosen=len(rows) - 1,
        caption=_REGRET if criterion == "regret" else CAPTION,
    )


def _scenarios(plans: StoredPlans) -> Section:
    """Return the section of what the plan of each budget leaves in each scenario."""
    rows, shown = plans.found, plans.first.rows[:_MOST_COLUMNS]
    columns = (
        Column(f"budget, {plans.units.money}/yr", number=True, sorted="ascending"),
        *(Column(label_of(row), number=True) for row in shown),
    )
    cells = [
        (
            number_cell(row.budget, plain_number(row.budget or 0.0)),
            *(number_cell(plans.results[row.plan].row(one.scenario).value) for one in shown),
        )
        for row in rows
    ]
    unit = plans.units.unit
    more = len(plans.first.rows) - len(shown)
    rest = f" The other {more} scenarios stand in scenarios.csv." if more > 0 else ""
    table = Table(
        "worlds", "What is left in each scenario as a table", columns, tuple(map(Row, cells)),
        caption=f"What the plan of each budget leaves, {unit} a year.{rest}",
    )  # fmt: skip
    return Section("scenarios", "The plans in each scenario", "table.html", {"table": table})
