"""Section of exits and modes over time, without measures and under schedules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowopt.network.network import Network
from flowopt.report.digits import amount
from flowopt.report.page_parts import (
    NO_CHOICE,
    Choice,
    Column,
    Row,
    Section,
    Table,
    name_cell,
    number_cell,
)
from flowopt.report.period_figures import Panel, period_name, stack_data
from flowopt.report.result_reader import Record, number

STACKS = {
    "exit": ("By exit", "Tonnes that leave a country with growing areas, by where they leave"),
    "mode": ("By mode", "Tonnes on legs of each mode; a tonne counts on every leg"),
}
_COLUMNS = ("before", "after")
_SHOWN = 15  # rows of a table before the reader asks for the others


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides of a comparison: titles of their panels, and heads of their columns."""

    titles: tuple[str, str]
    heads: tuple[str, str]


MEASURES = Sides(("without measures", "under the schedule"), ("without", "with"))
Displaced = Sequence[Sequence[Record]]  # rows of `displacement.csv`, period by period


def parts_section(
    network: Network,
    schedules: Sequence[Displaced],
    choice: Choice = NO_CHOICE,
    sides: Sides = MEASURES,
) -> Section | None:
    """Return the section; None where nothing moves.

    Parameters
    ----------
    network
        The network with the periods.
    schedules
        The rows of `displacement.csv` of each schedule, period by period.
    choice
        The schedules to choose among.
    sides
        What is before and after in them.
    """
    figures, shown = {}, []
    for by, (title, counted) in STACKS.items():
        data = parts_data(network, schedules, by, sides)
        if not data["parts"]:
            continue
        figures[f"by-{by}-bars"] = data
        tables = [
            parts_table(network, rows, by, "" if len(schedules) == 1 else f"-{place}", sides)
            for place, rows in enumerate(schedules)
        ]
        shown.append(
            {
                "id": f"by-{by}-bars",
                "look": "stack",
                "title": title,
                "heading": title,
                "caption": f"{counted}, {network.info.mass_unit} a year; a number stands where "
                "there is room for it.",
                "tables": tables,
            }
        )
    if not shown:
        return None
    values = {"shown": shown, "choice": choice}
    return Section("parts", "Exits and modes over time", "figures.html", values, figures)


def parts_data(
    network: Network, schedules: Iterable[Displaced], by: str, sides: Sides = MEASURES
) -> dict[str, Any]:
    """Return the bars of exits or modes over time, of each schedule."""
    return stack_data(
        network.periods,
        [
            [
                Panel(title, tuple(_parts(network, rows, by, column) for rows in displaced))
                for title, column in zip(sides.titles, _COLUMNS, strict=True)
            ]
            for displaced in schedules
        ],
        f"{network.info.mass_unit} a year",
    )


def _parts(network: Network, rows: Iterable[Record], by: str, column: str) -> dict[str, float]:
    names = {node.node: node.name for node in network.nodes} if by == "exit" else {}
    found: dict[str, float] = {}
    for row in rows:
        if row["by"] == by:
            name = names.get(row["key"], row["key"]) or "(no name)"
            found[name] = found.get(name, 0.0) + number(row[column])
    return found


def parts_table(
    network: Network, displaced: Displaced, by: str, tail: str, sides: Sides = MEASURES
) -> Table:
    """Return the numbers behind the bars, what carries most first."""
    bars: list[tuple[Mapping[str, float], Mapping[str, float]]] = [
        (_parts(network, rows, by, "before"), _parts(network, rows, by, "after"))
        for rows in displaced
    ]
    totals: dict[str, float] = {}
    for pair in bars:
        for bar in pair:
            for name, tonnes in bar.items():
                totals[name] = totals.get(name, 0.0) + tonnes
    columns = (
        Column(by),
        *(
            Column(f"{period_name(each)} {word}, {network.info.mass_unit}/yr", number=True)
            for each in network.periods
            for word in sides.heads
        ),
    )
    rows = tuple(
        Row((
            name_cell(name),
            *(
                number_cell(bar.get(name, 0.0), amount(bar.get(name, 0.0)))
                for pair in bars
                for bar in pair
            ),
        ))
        for name in sorted(totals, key=lambda name: -totals[name])
        if totals[name] > 0.0
    )  # fmt: skip
    label = f"{STACKS[by][0]}, over time"
    return Table(f"by-{by}-table{tail}", label, columns, rows, shown=_SHOWN)
