"""Page of the best schedules for many budgets: what money buys, and when, budget by budget."""

from __future__ import annotations

from typing import Any

from flowopt.network.timeline import Timeline
from flowopt.plain_text import plain_number
from flowopt.report.beside_schedules import schedules_sections
from flowopt.report.digits import decimals, fixed
from flowopt.report.frontier_sections import BAND, Point, frontier_data, money_section
from flowopt.report.headline import Headline, KeyFigure
from flowopt.report.page_parts import (
    Choice,
    Column,
    Page,
    Row,
    Section,
    Table,
    number_cell,
    text_cell,
)
from flowopt.report.page_render import render
from flowopt.report.period_figures import period_name
from flowopt.report.quality_text import comparison_quality_text
from flowopt.report.rerun_command import report_command, rerun_command
from flowopt.report.schedule_headline import span_of
from flowopt.report.source_section import source_section
from flowopt.report.stored_schedule_frontier import StoredScheduleFrontier
from flowopt.results.schedule_frontier import LuckScheduleAt, ScheduleAt

_CAPTION = (
    f"{BAND} Budgets are a year's, the same in every period; values are over all periods. Bars "
    "below are what each further million a year cuts. The upper axis does not start at zero."
)


def schedule_frontier_page(result: StoredScheduleFrontier, *, place: str, folder: str) -> str:
    """Return the page of the schedules of many budgets as text; parameters as in `page_of`."""
    network = result.network
    choice = Choice(result.names, len(result.names) - 1, "Budget", in_order=True)
    sections = [
        _money(result),
        *schedules_sections(result, choice, each="budget"),
        _source(result, place, folder),
    ]
    in_force = [
        sorted({row.measure for row in result.schedule_of(name) if row.in_force})
        for name in result.names
    ]
    page = Page(
        name=f"{network.info.id}-budgets-schedules",
        title=network.info.heading,
        period=span_of(network),
        about="what each budget can do over the years, once the trafficker has gone round and "
        "opened what pays" + (", in the mean over what works" if result.lucky else ""),
        headline=schedule_frontier_headline(result),
        quality=comparison_quality_text(network, in_force, []),
        warnings=tuple(result.summary["warnings"]),
        sections=tuple(section for section in sections if section is not None),
    )
    return render(page)


def schedule_frontier_headline(result: StoredScheduleFrontier) -> Headline:
    """Return the headline of the schedules of many budgets."""
    rows, units, summary = result.rows, result.units, result.summary
    first, last, baseline = rows[0], rows[-1], summary["baseline"]
    years = f"{units.unit} over {plain_number(summary['years'])} years"
    places = decimals(baseline, [last.cut or 0.0])
    mean = " in the mean over what works" if result.lucky else ""
    answer = (
        f"From {span_of(result.network)}, {plain_number(last.budget)} {units.money} a year cut "
        f"{units.quantity}{mean} by {fixed(last.cut or 0.0, places)} {units.unit} of "
        f"{fixed(baseline, places)}; {plain_number(first.budget)} cut "
        f"{fixed(first.cut or 0.0, places)}."
    )
    proved = sum(row.status == "optimal" for row in rows)
    sure = f"All {len(rows)} schedules are proved to be the best for their budget."
    if proved < len(rows):
        sure = (
            f"{proved} of the {len(rows)} schedules are proved to be the best for their budget; "
            "how far the others may be from it is in the table."
        )
    drawn = sum(row.status == "estimated" for row in rows)
    estimates = (f"The means of {drawn} schedules are estimates by draws.",) if drawn else ()
    return Headline(
        answer=answer,
        figures=(
            KeyFigure("without measures", fixed(baseline, places), years),
            *(
                KeyFigure(
                    f"for {plain_number(row.budget)} {units.money} a year",
                    fixed(row.value or 0.0, places),
                    years,
                )
                for row in dict.fromkeys((first, last))
            ),
        ),
        sure=(
            sure,
            *estimates,
            "Each is against a trafficker who foresees the whole schedule and opens what pays.",
        ),
    )


def schedule_frontier_data(result: StoredScheduleFrontier) -> dict[str, Any]:
    """Return the frontier over time as plain values for JSON."""
    units, years = result.units, result.summary["years"]
    names = {row.period: period_name(row) for row in result.network.periods}
    labels = {
        f"{row.measure}@{row.period}": (f"{row.name}, {names[row.period]}", row.cost)
        for rows in result.schedules.values()
        for row in rows
    }
    points = [
        Point(
            row.budget,
            (row.spent or 0.0) / years,
            row.value or 0.0,
            row.bound,
            row.marginal,
            [each for each in row.measures.split(";") if each],
        )
        for row in result.rows
    ]
    unit = f"{units.unit} over {plain_number(years)} years"
    return frontier_data(points, labels, units, (f"{units.quantity}, {unit}", unit, "are left"))


def _money(result: StoredScheduleFrontier) -> Section:
    rows, units = result.rows, result.units
    myopic = any(row.value_myopic is not None for row in rows)
    columns = (
        Column(f"budget, {units.money}/yr", number=True, sorted="ascending"),
        Column(f"spent, {units.money} in all", number=True, minor=True),
        Column(
            f"{units.quantity}{' in the mean' if result.lucky else ''}, {units.unit}", number=True
        ),
        Column("no schedule below", number=True, minor=True),
        Column("less, %", number=True),
        Column(f"cut by each further {units.money} a year", number=True),
        Column("if nothing opened", number=True, minor=True),
        *([Column("without foresight", number=True, minor=True)] if myopic else []),
        *([Column("left when all works", number=True, minor=True)] if result.lucky else []),
        Column("proved"),
    )
    cells = (
        (
            number_cell(row.budget, plain_number(row.budget)),
            number_cell(row.spent),
            number_cell(row.value),
            number_cell(row.bound),
            number_cell(row.cut_share, f"{100.0 * (row.cut_share or 0.0):.1f}"),
            number_cell(row.marginal, None if row.marginal is None else f"{row.marginal:,.3f}"),
            number_cell(row.value_without_openings),
            *([number_cell(row.value_myopic)] if myopic else []),
            *([number_cell(_when_all_works(row))] if result.lucky else []),
            text_cell("yes" if row.status == "optimal" else f"gap {row.gap or 0.0:.2%}"),
        )
        for row in rows
    )
    table = Table("budgets-0", "The budgets as a table", columns, tuple(map(Row, cells)))
    return money_section(
        table,
        schedule_frontier_data(result),
        money=units.money,
        budgets=[row.budget for row in rows],
        chosen=len(rows) - 1,
        caption=_CAPTION,
    )


def _when_all_works(row: ScheduleAt) -> float | None:
    return row.all_works_value if isinstance(row, LuckScheduleAt) else None


def _source(result: StoredScheduleFrontier, place: str, folder: str) -> Section:
    summary = result.summary
    return source_section(
        result.network,
        [
            ("Periods", Timeline(result.network.periods).described()),
            (
                "Objective",
                f"{summary['objective']}: the planner keeps {result.units.quantity} low",
            ),
            ("Made by", f"flowopt {summary['flowopt']} in {summary['seconds']:.1f} s"),
        ],
        what="the comparison",
        commands=[
            rerun_command("compare", place, summary["options"]),
            report_command(folder, place),
        ],
    )
