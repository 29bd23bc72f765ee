"""Page of a stress: what the sample shows, the plans, and the groups of numbers."""

from __future__ import annotations

from flowopt.report.headline import Headline, KeyFigure
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
from flowopt.report.quality_text import QualityText
from flowopt.report.rerun_command import report_command, rerun_command
from flowopt.report.source_section import source_section
from flowopt.report.stress_reader import StoredStress
from flowopt.report.stress_words import PLAN_HEADERS, phrase, plan_cells, sentences
from flowopt.results.stress import Driver

_SHOWN = 12  # groups before the reader asks for the others
_DRIVER_HEADERS = (
    "numbers", "rank correlation", "cut at low", "cut at high", "flip below", "flip above",
)  # fmt: skip


def stress_page(stress: StoredStress, *, place: str, folder: str) -> str:
    """Return the page of a stress as text; parameters as in `page_of`."""
    network, result = stress.network, stress.result
    answer, *others = sentences(network, result)
    plan, unit = stress.plan(), stress.units.unit
    figures = [
        ("in the middle", f"{plan.cut_p50:,.1f}", f"{unit} a year"),
        ("5 to 95 of 100", f"{plan.cut_p05 + 0.0:,.1f} to {plan.cut_p95:,.1f}", f"{unit} a year"),
        ("best of those compared", f"{plan.best_share:.0%}", "of the draws"),
    ]
    page = Page(
        name=f"{network.info.id}-stress",
        title=network.info.heading,
        period=network.info.period,
        about="how a plan fares when all numbers move within their ranges: a sample, no proof",
        headline=Headline(answer, tuple(KeyFigure(*each) for each in figures), tuple(others)),
        quality=QualityText(
            "The ranges are those of ranges.csv and of the grades: conventions, as nothing tells "
            "how wrong an assumption is.",
            (),
        ),
        warnings=(),
        sections=(_plans(stress), _drivers(stress), _source(stress, place, folder)),
    )
    return render(page)


def _plans(stress: StoredStress) -> Section:
    result = stress.result
    columns = (Column("plan"), *(Column(head, number=True) for head in PLAN_HEADERS[1:]))
    rows = []
    for each in result.plans:
        name, *cells = plan_cells(each, result.baseline)
        numbers = (number_cell(float(cell.strip("%").replace(",", "")), cell) for cell in cells)
        ids = ", ".join(result.measures[each.plan])
        rows.append(Row((name_cell(name, ids), *numbers)))
    table = Table(
        "plans", "Cut of the plans over the draws", columns, tuple(rows),
        caption=f"Cut over the draws, {stress.units.unit} a year; regret: what the best of these "
        "plans cuts more, in the worst draw",
    )  # fmt: skip
    return Section("plans", "The plans, draw by draw", "table.html", {"table": table})


def _drivers(stress: StoredStress) -> Section:
    columns = (
        Column("numbers that move together"),
        *(Column(head, number=True) for head in _DRIVER_HEADERS),
        Column("better there"),
    )
    rows = tuple(_driver(stress, row) for row in stress.result.drivers if row.cut_low is not None)
    table = Table("drivers", "What hangs on each group of numbers", columns, rows, _SHOWN)
    below = [
        "The cut with all numbers of a group at an end of their ranges, all others as they stand; "
        "a flip is the factor at which another plan becomes the better one. Groups that no value "
        "hangs on are left out: columns that the objective does not count, and effects of measures "
        "that no plan compared has."
    ]
    return Section("drivers", "What drives it", "table.html", {"table": table, "below": below})


def _driver(stress: StoredStress, row: Driver) -> Row:
    numbers = (row.correlation, row.cut_low, row.cut_high, row.flip_low, row.flip_high)
    return Row(
        (
            name_cell(phrase(stress.network, row.group), row.grades),
            number_cell(row.numbers, str(row.numbers)),
            *map(number_cell, numbers),
            text_cell(row.rival.replace(";", "; ")),
        )
    )


def _source(stress: StoredStress, place: str, folder: str) -> Section:
    result = stress.result
    plan, *rivals = result.plans
    options = {
        "measures": list(result.measures[plan.plan]),
        "objective": result.objective,
        "draws": len(result.draws.values),
        "seed": result.seed,
        "common": result.common,
    }
    command = rerun_command("stress", place, options)
    for row in rivals:
        command += f" --rival '{row.plan}={';'.join(result.measures[row.plan])}'"
    for grade, factor in result.ranges.items():
        command += f" --ranges {grade}={factor:g}"
    return source_section(
        stress.network,
        [("Sampled by", f"flowopt stress, {result.numbers:,} numbers in {result.groups} groups")],
        what="the stress",
        commands=[command, report_command(folder, place)],
    )
