"""Sections of a schedule: its chart, the periods, what opens, where the flow goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flowopt.network.network import Network
from flowopt.plain_text import plain_number
from flowopt.report.digits import amount
from flowopt.report.opened_things import (
    OpenedThing,
    opened_sentences,
    opened_things,
    when_opened,
)
from flowopt.report.page_parts import (
    NO_CHOICE,
    Cell,
    Choice,
    Column,
    Row,
    Section,
    Table,
    change_cell,
    name_cell,
    number_cell,
    text_cell,
)
from flowopt.report.period_figures import (
    Line,
    lines_data,
    period_name,
    periods_of,
)
from flowopt.report.schedule_chart import STATES, ChartRow, chart_rows
from flowopt.report.stored_schedule import PeriodValues, StoredSchedule
from flowopt.report.units import Units

KEY = (
    ("force", STATES["force"]),
    ("order bought", "bought in this period"),
    ("order", STATES["order"]),
    ("idle", STATES["idle"]),
    ("over", STATES["over"]),
)
LINES = "A year of each period"
_OPENINGS = 15  # rows before the reader asks for the others


def schedule_section(result: StoredSchedule) -> Section:
    """Return the section of the schedule as a chart, with the money of each period below it."""
    rows = chart_rows(result.network, result.schedule)
    chart = {
        **chart_of(rows, "schedule-chart", "The schedule: which measure is in force when"),
        "anchors": True,
        "foot": list(_foot(result)),
    }
    return chart_section(result.network, result.units, [chart])


def chart_of(rows: Sequence[ChartRow], key: str, label: str) -> dict[str, Any]:
    """Return a chart for the template, without anchors, sums and notes."""
    return {
        "id": key,
        "label": label,
        "rows": rows,
        "anchors": False,
        "foot": [],
        "below": [],
        "words": "",
    }


def chart_section(
    network: Network,
    units: Units,
    charts: Sequence[Mapping[str, Any]],
    choice: Choice = NO_CHOICE,
) -> Section:
    """Return the section of charts, of which one is shown at a time."""
    seen = {
        " ".join(filter(None, (cell.state, "bought" if cell.bought else "")))
        for chart in charts
        for row in chart["rows"]
        for cell in row.cells
    }
    bought = any("bought" in each for each in seen)
    return Section(
        "schedule",
        "The schedule",
        "schedule.html",
        {
            "choice": choice,
            "key": [
                (state, words)
                for state, words in KEY
                if state in seen or state == "force" or (bought and state == "order bought")
            ],
            "periods": periods_of(network.periods),
            "money": units.money,
            "shown": charts,
            "nothing": "Nothing is bought, and no measure is in force.",
        },
    )


def _foot(result: StoredSchedule) -> Iterator[tuple[str, list[str], str]]:
    """Yield the sums below the chart: money, and what is left with and without the schedule."""
    rows, units = result.periods, result.units
    years = [row.years for row in rows]

    def over(values: Iterable[float]) -> float:
        return sum(v * y for v, y in zip(values, years, strict=True))

    spent = [row.spent for row in rows]
    yield f"spent, {units.money} a year", [amount(v) for v in spent], f"{over(spent):,.2f}"
    if any(row.budget is not None for row in rows):
        texts = ["" if row.budget is None else plain_number(row.budget) for row in rows]
        yield f"budget, {units.money} a year", texts, ""


def periods_section(result: StoredSchedule) -> Section:
    """Return the section of the periods: lines, and the table behind them."""
    units, rows = result.units, result.periods
    caption = (
        f"{first_up(units.quantity)} a year of each period, {units.unit}, against a trafficker "
        "who foresees the whole schedule."
    )
    if result.lucky:
        caption += " All but the mean over what works are those when all works that can."
    figure = lines_data(
        result.network.periods, lines_of(rows), units.quantity, f"{units.unit} a year"
    )
    return Section(
        "periods",
        "Period by period",
        "figures.html",
        {
            "shown": [
                {"id": "lines", "look": "lines", "title": LINES, "caption": caption,
                 "heading": ""}
            ],
            "table": periods_table(result),
        },
        {"lines": figure},
    )  # fmt: skip


def first_up(text: str) -> str:
    """Return a text with its first letter large."""
    return text[:1].upper() + text[1:]


def lines_of(rows: Sequence[PeriodValues]) -> list[Line]:
    """Return the lines of a schedule over its periods, the schedule's own on top."""
    found = [Line("baseline", "without measures", tuple(row.baseline for row in rows))]
    if all(row.closed is not None for row in rows):
        found.append(
            Line("closed", "under the schedule, if nothing opened",
                 tuple(row.closed or 0.0 for row in rows))
        )  # fmt: skip
    plan = Line("plan", "under the schedule", tuple(row.value for row in rows))
    if all(row.mean is not None for row in rows):
        means = tuple(row.mean or 0.0 for row in rows)
        found.append(Line("series-3", "in the mean over what works", means))
        plan = replace(plan, text="under the schedule, when all works")
    if all(row.myopic is not None for row in rows):
        myopic = tuple(row.myopic or 0.0 for row in rows)
        return [*found, plan, Line("myopic", "without foresight (simulated)", myopic)]
    return [*found, plan]


def periods_table(result: StoredSchedule) -> Table:
    """Return the table of the periods."""
    units, rows = result.units, result.periods
    budgets = any(row.budget is not None for row in rows)
    closed = all(row.closed is not None for row in rows)
    myopic = all(row.myopic is not None for row in rows)
    mean = all(row.mean is not None for row in rows)
    columns = (
        Column("period"),
        Column("years", number=True, minor=True),
        Column(f"spent, {units.money}/yr", number=True),
        *([Column("of", number=True)] if budgets else []),
        Column(f"without measures, {units.unit}/yr", number=True),
        Column("under the schedule" + (", all works" if result.lucky else ""), number=True),
        Column("change", number=True),
        *([Column("in the mean over what works", number=True)] if mean else []),
        *([Column("if nothing opened", number=True, minor=True)] if closed else []),
        *([Column("without foresight", number=True, minor=True)] if myopic else []),
    )
    names = {each.period: period_name(each) for each in result.network.periods}
    cells = (
        (
            name_cell(names[row.period], "" if names[row.period] == row.period else row.period),
            number_cell(row.years, plain_number(row.years)),
            number_cell(row.spent),
            *([number_cell(row.budget)] if budgets else []),
            number_cell(row.baseline),
            number_cell(row.value),
            change_cell(row.value - row.baseline),
            *([number_cell(row.mean)] if mean else []),
            *([number_cell(row.closed)] if closed else []),
            *([number_cell(row.myopic)] if myopic else []),
        )
        for row in rows
    )
    label = "The periods as a table"
    return Table("by-period", label, columns, tuple(map(Row, cells)), shown=30)


# -- what opens -----------------------------------------------------------------------------------


def openings_section(result: StoredSchedule) -> Section | None:
    """Return the section of what opens and what the schedule prevents; None where nothing would."""
    if not result.openings:
        return None
    things = opened_things(result.network, result.openings)
    shown = {
        "above": list(opened_sentences(things, result.units.money)),
        "table": openings_table(result.network, things, result.units),
    }
    return Section(
        "openings",
        "What opens, and what the schedule prevents",
        "openings.html",
        {"shown": [shown], "choice": NO_CHOICE},
    )


def openings_table(
    network: Network, things: Iterable[OpenedThing], units: Units, key: str = "opened"
) -> Table:
    """Return the table of what opens, thing by thing."""
    columns = (
        Column("capacity"),
        Column("when it opens under the schedule"),
        Column(f"added, {units.mass}/yr", number=True),
        Column("added without measures", number=True),
        Column("capacity before", number=True, minor=True),
        Column(f"cost, {units.money}", number=True),
        Column("against no measures"),
    )
    cells: Iterator[tuple[Cell, ...]] = (
        (
            name_cell(each.label, each.target),
            text_cell(when_opened(network, each.opened)),
            number_cell(each.added, amount(each.added)),
            number_cell(each.added_baseline, amount(each.added_baseline)),
            number_cell(each.capacity, amount(each.capacity)),
            number_cell(each.cost),
            text_cell(each.effect),
        )
        for each in things
    )
    label = "What opens, and what the schedule prevents"
    return Table(key, label, columns, tuple(map(Row, cells)), shown=_OPENINGS)
