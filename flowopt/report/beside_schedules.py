"""Sections of several schedules: a year of each period, each one's chart, and what opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from flowopt.network.network import Network
from flowopt.report.opened_things import opened_sentences, opened_things
from flowopt.report.page_parts import (
    Choice,
    Column,
    Row,
    Section,
    Table,
    name_cell,
    number_cell,
)
from flowopt.report.parts_sections import parts_section
from flowopt.report.period_figures import Line, lines_data, period_name
from flowopt.report.result_reader import Record
from flowopt.report.schedule_chart import Scheduled, chart_rows
from flowopt.report.schedule_sections import chart_of, chart_section, openings_table
from flowopt.report.units import Units
from flowopt.results.over_time_rows import OpeningChange

LINES = "A year of each period under each"
_SERIES = 8  # lines that an eye tells apart: of more schedules, those that leave least


class Schedules(Protocol):
    """Several stored schedules on one network, by name."""

    @property
    def network(self) -> Network:
        """The network with the periods."""

    @property
    def units(self) -> Units:
        """Labels."""

    @property
    def names(self) -> tuple[str, ...]:
        """The schedules, in order."""

    @property
    def baseline(self) -> tuple[float, ...] | None:
        """The objective a year without measures, in each period; None where it is not known."""

    @property
    def openings(self) -> Mapping[str, Sequence[OpeningChange]]:
        """Openings under each schedule."""

    @property
    def displacement(self) -> Mapping[str, Mapping[str, list[Record]]]:
        """Of each schedule, the rows of `displacement.csv` in each period, in their order."""

    @property
    def when(self) -> str:
        """Words on the objective of years where measures may fail, else ""."""

    def schedule_of(self, name: str) -> Sequence[Scheduled]:
        """Return what one schedule buys and has in force."""

    def left(self, name: str) -> tuple[float, ...]:
        """Return the objective a year under one schedule, in each period."""

    def spent(self, name: str) -> tuple[float, ...]:
        """Return what one schedule spends a year in each period, M USD."""

    def in_all(self, name: str) -> float:
        """Return the objective over all periods under one schedule."""

    def note_on(self, name: str) -> str:
        """Return a remark at the chart of one schedule, "" for none."""


def schedules_sections(
    result: Schedules, choice: Choice, *, each: str = "campaign"
) -> Iterator[Section | None]:
    """Yield the sections of several schedules; None for one without content.

    Parameters
    ----------
    result, choice
        The schedules, and how to choose among them.
    each
        What tells them apart.
    """
    displaced = [list(result.displacement[name].values()) for name in result.names]
    yield _periods_section(result, each)
    yield _charts_section(result, choice)
    yield _openings_section(result, choice)
    yield parts_section(result.network, displaced, choice)


def _periods_section(result: Schedules, each: str) -> Section:
    units = result.units
    when = f", {result.when}" if result.when else ""
    caption = f"What is left a year of each period{when}: {units.quantity}, {units.unit}."
    if len(result.names) > _SERIES:
        caption += f" The {_SERIES} schedules that leave least."
    shown = [{"id": "lines", "look": "lines", "title": LINES, "heading": "", "caption": caption}]
    return Section(
        "periods",
        "Period by period",
        "figures.html",
        {"shown": shown, "table": periods_table(result, each)},
        {"lines": schedules_lines(result)},
    )


def schedules_lines(result: Schedules) -> dict[str, Any]:
    """Return a line for each schedule, and one without measures."""
    names = sorted(result.names, key=result.in_all)[:_SERIES]
    lines = []
    if result.baseline is not None:
        lines.append(Line("baseline", "without measures", result.baseline))
    for place, name in enumerate(names):
        lines.append(Line(f"series-{place}", name, result.left(name)))
    units = result.units
    return lines_data(result.network.periods, lines, units.quantity, f"{units.unit} a year")


def periods_table(result: Schedules, each: str) -> Table:
    """Return what each schedule spends and leaves in a year of each period."""
    units, periods = result.units, result.network.periods
    columns = (
        Column(each),
        *(Column(f"{period_name(row)}: left, {units.unit}/yr", number=True) for row in periods),
        *(
            Column(f"{period_name(row)}: spent, {units.money}/yr", number=True, minor=True)
            for row in periods
        ),
    )
    none = result.baseline
    rows = [
        *([] if none is None else [
            Row((
                name_cell("without measures"),
                *map(number_cell, none),
                *(number_cell(0.0) for _ in periods),
            )),
        ]),
        *(
            Row((
                name_cell(name),
                *map(number_cell, result.left(name)),
                *map(number_cell, result.spent(name)),
            ))
            for name in result.names
        ),
    ]  # fmt: skip
    return Table("by-period", "The schedules period by period", columns, tuple(rows), shown=30)


def _charts_section(result: Schedules, choice: Choice) -> Section:
    charts = []
    for place, name in enumerate(result.names):
        rows = chart_rows(result.network, result.schedule_of(name))
        chart = chart_of(rows, f"chart-{place}", f"{name}: which measure is in force when")
        charts.append({**chart, "below": list(filter(None, [result.note_on(name)]))})
    return chart_section(result.network, result.units, charts, choice)


def _openings_section(result: Schedules, choice: Choice) -> Section | None:
    network, units = result.network, result.units
    every = [opened_things(network, result.openings[name]) for name in result.names]
    if not any(every):
        return None
    shown = [
        {
            "above": list(opened_sentences(things, units.money)),
            "table": openings_table(network, things, units, f"opened-{place}"),
        }
        for place, things in enumerate(every)
    ]
    return Section(
        "openings",
        "What opens, and what the schedule prevents",
        "openings.html",
        {"shown": shown, "choice": choice},
    )
