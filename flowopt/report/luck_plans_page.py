"""Page of plans whose measures may fail side by side: by budget, or one for each criterion."""

from __future__ import annotations

from typing import Any

from flowopt.plain_text import plain_number
from flowopt.report.digits import decimals, fixed
from flowopt.report.frontier_sections import BAND, Point, frontier_data, labels_of, money_section
from flowopt.report.headline import Headline, KeyFigure
from flowopt.report.held_measures import held_section
from flowopt.report.luck_plans_text import proved, steps_sentence
from flowopt.report.luck_text import of_hundred, worth_within
from flowopt.report.page_parts import (
    Column,
    Page,
    Row,
    Section,
    Table,
    name_cell,
    number_cell,
    text_cell,
)
from flowopt.report.page_render import render
from flowopt.report.plan_words import MeasureNames
from flowopt.report.quality_text import comparison_quality_text
from flowopt.report.rerun_command import report_command, rerun_command
from flowopt.report.source_section import source_section
from flowopt.report.stored_luck_plans import StoredLuckPlans
from flowopt.results.luck_plans import LuckPlan


def luck_budgets_page(plans: StoredLuckPlans, *, place: str, folder: str) -> str:
    """Return the page of the plans of several budgets as text; parameters as in `page_of`."""
    return _rendered(
        plans,
        "budgets",
        "what each budget can do",
        luck_budgets_headline(plans),
        (_money(plans), _scenarios(plans), _held(plans), _source(plans, place, folder)),
    )


def luck_criteria_page(plans: StoredLuckPlans, *, place: str, folder: str) -> str:
    """Return the page of the plans of all criteria as text; parameters as in `page_of`."""
    return _rendered(
        plans,
        "criteria",
        "a plan for each criterion",
        luck_criteria_headline(plans),
        (_criteria(plans), _scenarios(plans), _held(plans), _source(plans, place, folder)),
    )


def _rendered(
    plans: StoredLuckPlans,
    kind: str,
    about: str,
    headline: Headline,
    sections: tuple[Section, ...],
) -> str:
    network = plans.network
    page = Page(
        name=f"{network.info.id}-{kind}-luck",
        title=network.info.heading,
        period=network.info.period,
        about=f"{about} where measures may fail, in the mean over what works",
        headline=headline,
        quality=comparison_quality_text(network, [_measures(row) for row in plans.rows], []),
        warnings=tuple(plans.summary["warnings"]),
        sections=sections,
    )
    return render(page)


def luck_criteria_headline(plans: StoredLuckPlans) -> Headline:
    """Return the headline of the plans of all criteria."""
    rows, unit = plans.rows, f"{plans.units.unit} a year"
    left = [row.mean_left for row in rows]
    places = decimals(max(*left, 0.0), [abs(max(left) - min(left))])
    answer = (
        f"The plans of {len(rows)} criteria leave {fixed(min(left), places)} to "
        f"{fixed(max(left), places)} {unit} in the mean of the scenarios and over what works."
    )
    figures = (
        KeyFigure("mean left, best", fixed(min(left), places), unit),
        KeyFigure("most left, best", fixed(min(row.most_left for row in rows), places), unit),
        KeyFigure("sure cut, best", fixed(max(row.sure_cut for row in rows), places), unit),
    )
    sure = sum(row.status == "optimal" for row in rows)
    said = f"{sure} of the {len(rows)} plans are proved to be the best by their criterion."
    if all(row.status == "evaluated" or row.bound is None for row in rows):
        said = "The plan was made by hand: that no other does better was not asked."
    return Headline(answer, figures, (said, "Each plan is chosen before its luck shows."))


def luck_budgets_headline(plans: StoredLuckPlans) -> Headline:
    """Return the headline of the plans of several budgets."""
    rows, unit, first, last = plans.rows, plans.units.unit, plans.rows[0], plans.rows[-1]
    places = decimals(max(first.baseline, 0.0), [abs(first.value - last.value)])
    ends = [plain_number(row.budget or 0.0) for row in (first, last)]
    by = plans.summary["criterion"]
    counted = "what is left in the mean over what works"
    counted += "" if by is None else f", {by} of the scenarios,"
    if by == "regret":
        counted = "the most regret in the mean over what works"
    answer = (
        f"From {ends[0]} to {ends[1]} {plans.units.money} a year {counted} goes from "
        f"{fixed(first.value, places)} to {fixed(last.value, places)} {unit} a year."
    )
    year = f"{unit} a year"
    figures = tuple(
        KeyFigure(f"left, {budget} {plans.units.money}", fixed(row.value, places), year)
        for budget, row in zip(ends, (first, last), strict=True)
    )
    sure = sum(row.status == "optimal" for row in rows)
    said = f"{sure} of the {len(rows)} plans are proved to be the best for their budget."
    drawn = sum(row.status == "estimated" for row in rows)
    estimates = f" {drawn} values are estimates; their intervals are in the table." if drawn else ""
    order = "Each plan is chosen before its luck shows; the trafficker sees it."
    steps = steps_sentence(complete=plans.summary.get("complete"))
    return Headline(answer, figures, tuple(filter(None, (said + estimates, steps, order))))


def luck_budgets_data(plans: StoredLuckPlans) -> dict[str, Any]:
    """Return the frontier in the mean over what works as plain values for JSON."""
    points = [
        Point(
            row.budget or 0.0,
            row.spent,
            row.value,
            row.bound,
            None if row.marginal is None else max(0.0, row.marginal),
            _measures(row),
        )
        for row in plans.rows
    ]
    unit = f"{plans.units.unit}/yr"
    words = (f"left in the mean, {unit}", unit, "are left in the mean")
    return frontier_data(points, labels_of(plans.network), plans.units, words)


def _measures(row: LuckPlan) -> list[str]:
    return [*filter(None, row.measures.split(";"))]


def _money(plans: StoredLuckPlans) -> Section:
    rows, units, names = plans.rows, plans.units, MeasureNames(plans.network)
    beyond: list[float] = plans.summary.get("beyond") or []
    columns = (
        Column(f"budget, {units.money}/yr", number=True, sorted="ascending"),
        Column(f"spent, {units.money}/yr", number=True, minor=True),
        Column(f"left in the mean, {units.unit}/yr", number=True),
        Column("from", number=True, minor=True),
        Column("to", number=True, minor=True),
        Column("no plan below", number=True, minor=True),
        *([Column("up to the next", number=True, minor=True)] if beyond else []),
        Column("proved"),
        Column("measures", minor=True),
    )
    cells = (
        (
            number_cell(row.budget, plain_number(row.budget or 0.0)),
            number_cell(row.spent),
            number_cell(row.value),
            number_cell(row.low),
            number_cell(row.high),
            number_cell(row.bound),
            *([number_cell(beyond[place])] if beyond else []),
            text_cell(proved(row)),
            text_cell(names.in_table(row.measures) if row.measures else "no measure"),
        )
        for place, row in enumerate(rows)
    )
    caption = "From and to: the interval of an estimate, 95 of 100; else the mean itself."
    if beyond:
        caption += " Up to the next: what no plan for less than the next budget goes below."
    table = Table(
        "budgets-0", "The budgets as a table", columns, tuple(map(Row, cells)), caption=caption
    )
    return money_section(
        table,
        luck_budgets_data(plans),
        money=units.money,
        budgets=[row.budget or 0.0 for row in rows],
        chosen=len(rows) - 1,
        caption=BAND,
    )


def _criteria(plans: StoredLuckPlans) -> Section:
    """Return the section of the plans of all criteria, each valued by the others as well."""
    units, names = plans.units, MeasureNames(plans.network)
    columns = (
        Column("criterion"),
        Column(f"its value, {units.unit}/yr", number=True),
        Column("no plan below", number=True, minor=True),
        Column("proved"),
        Column("mean left", number=True),
        Column("most left", number=True),
        Column("sure cut", number=True),
        Column(f"costs, {units.money}/yr", number=True, minor=True),
        Column("measures", minor=True),
    )
    cells = (
        (
            name_cell(row.plan),
            number_cell(row.value, worth_within(row.value, row.high - row.value)),
            number_cell(row.bound),
            text_cell("by hand" if row.bound is None else proved(row)),
            number_cell(row.mean_left),
            number_cell(row.most_left),
            number_cell(row.sure_cut),
            number_cell(row.spent),
            text_cell(names.in_table(row.measures) if row.measures else "no measure"),
        )
        for row in plans.rows
    )
    caption = "Means over what works. The value of cut is what is taken off, below zero."
    table = Table("criteria", "The plans as a table", columns, tuple(map(Row, cells)),
                  caption=caption)  # fmt: skip
    return Section("criteria-of", "A plan for each criterion", "table.html", {"table": table})


def _scenarios(plans: StoredLuckPlans) -> Section:
    """Return the section of how what is left spreads over the years, by plan."""
    several = plans.summary["criterion"] is not None or not plans.by_budget
    budget = {row.plan: row.budget or 0.0 for row in plans.rows}
    columns = (
        Column(f"budget, {plans.units.money}/yr", number=True, sorted="ascending")
        if plans.by_budget
        else Column("criterion"),
        *([Column("scenario")] if several else []),
        Column("left in the mean", number=True),
        Column("in 5 of 100 years no more than", number=True),
        Column("in 95 of 100", number=True),
        Column("all of it works, of 100", number=True),
        Column("and then leaves", number=True),
    )
    cells = (
        (
            number_cell(budget[row.plan], plain_number(budget[row.plan]))
            if plans.by_budget
            else name_cell(row.plan),
            *([name_cell(row.name, row.scenario)] if several else []),
            number_cell(row.value),
            number_cell(row.left_p05),
            number_cell(row.left_p95),
            number_cell(100.0 * row.all_works, of_hundred(row.all_works)),
            number_cell(row.all_works_value),
        )
        for row in plans.scenarios
    )
    table = Table("worlds", "How what is left spreads as a table", columns, tuple(map(Row, cells)),
                  caption=f"What each plan leaves, {plans.units.unit} a year."
                  )  # fmt: skip
    return Section("scenarios", "How it spreads", "table.html", {"table": table})


def _held(plans: StoredLuckPlans) -> Section:
    held = {
        plain_number(row.budget or 0.0) if plans.by_budget else row.plan: _measures(row)
        for row in plans.rows
    }
    return held_section(plans.network, held, chances=True)


def _source(plans: StoredLuckPlans, place: str, folder: str) -> Section:
    summary = plans.summary
    options = summary["options"]
    verb = "compare" if plans.by_budget else "evaluate" if "measures" in options else "solve"
    made = f"flowopt {summary['flowopt']} in {summary['seconds']['total']:.1f} s"
    return source_section(
        plans.network,
        [("Solved by", made)],
        what="the result",
        commands=[
            rerun_command(verb, place, options),
            report_command(folder, place),
        ],
    )
