"""Page of what the trafficker does over the periods: what moves, by which way, and what opens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flowopt.network.network import Network
from flowopt.network.timeline import Timeline
from flowopt.plain_text import plain_number
from flowopt.report.digits import amount, decimals, fixed, percent
from flowopt.report.headline import Headline, KeyFigure, number_in
from flowopt.report.labels import capacity_label
from flowopt.report.opened_things import when_opened
from flowopt.report.page_parts import (
    NO_CHOICE,
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
from flowopt.report.parts_sections import Sides, parts_section
from flowopt.report.period_figures import Line, lines_data, period_name
from flowopt.report.quality import assumed_legs
from flowopt.report.quality_text import QualityText, flow_quality_text
from flowopt.report.rerun_command import report_command, rerun_command
from flowopt.report.result_reader import number
from flowopt.report.schedule_headline import span_of
from flowopt.report.schedule_page import on_openings
from flowopt.report.schedule_sections import LINES, first_up
from flowopt.report.source_section import source_section
from flowopt.report.stored_response_over_time import StoredResponseOverTime
from flowopt.results.over_time_rows import OpenedRow

SIDES = Sides(("if nothing opened", "with what opens"), ("if nothing opened", "as it is"))
_SHOWN = 15  # rows of a table before the reader asks for the others


def response_over_time_page(result: StoredResponseOverTime, *, place: str, folder: str) -> str:
    """Return the page of a response over periods as text; parameters as in `page_of`."""
    network = result.network
    sections = [
        _periods_section(result),
        _openings_section(result),
        parts_section(network, [result.moved], sides=SIDES),
        _source(result, place, folder),
    ]
    page = Page(
        name=f"{network.info.id}-flow",
        title=network.info.heading,
        period=span_of(network),
        about="what the trafficker does year by year, and what it opens",
        headline=response_headline(result),
        quality=_quality(result),
        warnings=tuple(result.summary["warnings"]),
        sections=tuple(section for section in sections if section is not None),
    )
    return render(page)


def response_headline(result: StoredResponseOverTime) -> Headline:
    """Return the headline: what is left over all periods, and what of it rests on openings."""
    units, summary = result.units, result.summary
    value, closed = number_in(summary, "value"), number_in(summary, "value_without_openings")
    places = decimals(value, [value - closed])
    under = "under this schedule" if summary["measures"] else "without measures"
    years = f"{units.unit} over {plain_number(number_in(summary, 'years'))} years"
    return Headline(
        answer=(
            f"From {span_of(result.network)}, {under}, {units.quantity} {units.come} to "
            f"{fixed(value, places)} {units.unit}{_of_openings(value, closed, places)}."
        ),
        figures=(
            KeyFigure(units.quantity, fixed(value, places), years),
            KeyFigure("if nothing opened", fixed(closed, places), years),
            KeyFigure("profit", f"{number_in(summary, 'profit'):,.0f}", f"{units.money} in all"),
        ),
        sure=(
            "The numbers are exact for these tables, for a trafficker who foresees all periods.",
        ),
    )


def _of_openings(value: float, closed: float, places: int) -> str:
    """Return how much of a value rests on what opens; "" where nothing does."""
    more = value - closed
    if abs(more) <= 1e-9 * abs(value):
        return ", with or without what it could open"
    share = f": {percent(more / value)} less" if value > 0.0 and more > 0.0 else ""
    return f"; had the trafficker opened nothing, to {fixed(closed, places)}{share}"


def _periods_section(result: StoredResponseOverTime) -> Section:
    """Return the section of the periods: lines, and the table behind them."""
    units = result.units
    caption = (
        f"{first_up(units.quantity)} a year of each period, {units.unit}, with what the trafficker "
        "opens, and if nothing opened."
    )
    figure = {"id": "lines", "look": "lines", "title": LINES, "caption": caption, "heading": ""}
    return Section(
        "periods",
        "Period by period",
        "figures.html",
        {"shown": [figure], "table": periods_table(result)},
        {"lines": response_lines(result)},
    )


def response_lines(result: StoredResponseOverTime) -> dict[str, Any]:
    """Return the lines over the periods: with what opens, and if nothing opened."""
    units, rows = result.units, result.periods
    lines = []
    if all(row.closed is not None for row in rows):
        closed = tuple(row.closed or 0.0 for row in rows)
        lines.append(Line("closed", SIDES.titles[0], closed))
    lines.append(Line("plan", SIDES.titles[1], tuple(row.value for row in rows)))
    return lines_data(result.network.periods, lines, units.quantity, f"{units.unit} a year")


def periods_table(result: StoredResponseOverTime) -> Table:
    """Return the table of the periods."""
    units, rows = result.units, result.periods
    closed = all(row.closed is not None for row in rows)
    in_money = units.unit == units.money
    columns = (
        Column("period"),
        Column("years", number=True, minor=True),
        Column(f"{units.quantity}, {units.unit}/yr", number=True),
        *([Column("if nothing opened", number=True)] if closed else []),
        *([] if in_money else [Column(f"profit, {units.money}/yr", number=True)]),
        Column(f"opened, {units.mass}/yr", number=True, minor=True),
    )
    names = {each.period: period_name(each) for each in result.network.periods}
    cells = (
        (
            name_cell(names[row.period], "" if names[row.period] == row.period else row.period),
            number_cell(row.years, plain_number(row.years)),
            number_cell(row.value),
            *([number_cell(row.closed)] if closed else []),
            *([] if in_money else [number_cell(row.profit)]),
            number_cell(row.opened),
        )
        for row in rows
    )
    label = "The periods as a table"
    return Table("by-period", label, columns, tuple(map(Row, cells)), shown=30)


def _openings_section(result: StoredResponseOverTime) -> Section | None:
    """Return the section of what opens; None where nothing does."""
    table = openings_table(result)
    if not table.rows:
        return None
    cost = sum(row.opening_cost for row in result.openings)
    count = len(table.rows)
    what = "1 capacity" if count == 1 else f"{count} capacities"
    above = [f"The trafficker adds to {what}, for {cost:,.2f} {result.units.money}."]
    shown = {"above": above, "table": table}
    values = {"shown": [shown], "choice": NO_CHOICE}
    return Section("openings", "What opens", "openings.html", values)


def openings_table(result: StoredResponseOverTime) -> Table:
    """Return the table of what opens, thing by thing, the most first."""
    network, units = result.network, result.units
    columns = (
        Column("capacity"),
        Column("when it opens"),
        Column(f"added, {units.mass}/yr", number=True, sorted="descending"),
        Column("capacity before", number=True, minor=True),
        Column(f"cost, {units.money}", number=True),
    )
    cells = (
        (
            name_cell(capacity_label(network, first.on, first.id, first.commodity), first.id),
            text_cell(when_opened(network, {row.period: row.opened for row in rows})),
            number_cell(_added(rows), amount(_added(rows))),
            number_cell(first.capacity_before, amount(first.capacity_before)),
            number_cell(sum(row.opening_cost for row in rows)),
        )
        for first, *others in _by_thing(network, result.openings)
        for rows in [[first, *others]]
    )
    return Table("opened", "What opens", columns, tuple(map(Row, cells)), shown=_SHOWN)


def _by_thing(network: Network, rows: Iterable[OpenedRow]) -> list[list[OpenedRow]]:
    """Return what opens of each thing in the order of periods, what is added to most first."""
    order = {each.period: place for place, each in enumerate(network.periods)}
    found: dict[tuple[str, str, str], list[OpenedRow]] = {}
    for row in sorted(rows, key=lambda row: order[row.period]):
        found.setdefault((row.on, row.id, row.commodity), []).append(row)
    return sorted(found.values(), key=lambda each: -_added(each))


def _added(rows: Iterable[OpenedRow]) -> float:
    return sum(row.opened for row in rows)


def _quality(result: StoredResponseOverTime) -> QualityText:
    found = flow_quality_text([assumed_legs(result.network, _moved(result))])
    return QualityText(found.worst, (*found.others, *on_openings(result.network)))


def _moved(result: StoredResponseOverTime) -> Iterator[tuple[str, str, float]]:
    """Yield what moves on each arc of each good, in all periods."""
    for rows in result.flows:
        for row in rows:
            yield row["arc"], row["commodity"], number(row["flow"])


def _source(result: StoredResponseOverTime, place: str, folder: str) -> Section:
    summary: Any = result.summary
    ties = f", {summary['ties']} ties" if summary.get("ties") else ""
    # Only the library asks with measures; `evaluate` says the same of them.
    verb = "evaluate" if summary["measures"] else "flow"
    return source_section(
        result.network,
        [
            ("Periods", Timeline(result.network.periods).described()),
            ("Objective", f"{summary['objective']}{ties}"),
            ("Made by", f"flowopt {summary['flowopt']}"),
        ],
        what="the result",
        commands=[
            rerun_command(verb, place, summary["options"]),
            report_command(folder, place),
        ],
    )
