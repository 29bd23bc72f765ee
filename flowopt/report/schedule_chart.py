"""Chart of a schedule: for each measure and period, whether it is bought, on order, or in force.

The page, the pictures and the terminal draw the same cells.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.network.timeline import Timeline

STATES = {
    "force": "in force",
    "order": "bought, not yet ready",
    "idle": "ready, not used",
    "over": "has lapsed",
    "": "",
}


class Scheduled(Protocol):
    """A row of a schedule, as every result over time has it."""

    @property
    def period(self) -> str:
        """The period."""

    @property
    def measure(self) -> str:
        """The measure."""

    @property
    def bought(self) -> str:
        """Where it is bought in the period, `yes`; else blank."""

    @property
    def in_force(self) -> str:
        """Where it is in force in the period, `yes`; else blank."""

    @property
    def setup(self) -> float:
        """M USD once, where it is bought."""

    @property
    def cost(self) -> float:
        """M USD a year, where it is in force."""


@dataclass(frozen=True, slots=True)
class ChartCell:
    """State of a measure in one period.

    Attributes
    ----------
    state : str
        A key of `STATES`; "" for a period in which nothing is said of it.
    bought : bool
        Whether it is bought in the period.
    """

    state: str = ""
    bought: bool = False

    @property
    def words(self) -> str:
        """The cell in words, for those who do not see it."""
        if self.bought and self.state == "order":
            return "bought"
        return ", ".join(filter(None, ("bought" if self.bought else "", STATES[self.state])))


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A measure with its state in each period, and what it costs over all of them, M USD."""

    measure: str
    name: str
    cells: tuple[ChartCell, ...]
    spent: float


def chart_rows(network: Network, rows: Iterable[Scheduled]) -> list[ChartRow]:
    """Return the rows of the chart, what begins first on top.

    Parameters
    ----------
    network
        The network with the periods.
    rows
        Rows of one schedule.
    """
    timeline = Timeline(network.periods)
    force: dict[str, set[int]] = {}
    bought: dict[str, set[int]] = {}
    spent: dict[str, float] = {}
    for row in rows:
        place = timeline.index[row.period]
        force.setdefault(row.measure, set()).update([place] if row.in_force else [])
        bought.setdefault(row.measure, set()).update([place] if row.bought else [])
        years = network.periods[place].years
        spent[row.measure] = spent.get(row.measure, 0.0) + row.setup + years * row.cost
    found = [
        ChartRow(
            each.measure,
            each.name,
            _cells(timeline, each, force[each.measure], bought[each.measure]),
            spent[each.measure],
        )
        for each in network.measures
        if each.measure in force
    ]
    found.sort(key=lambda row: _begins(row.cells))
    return found


def _begins(cells: tuple[ChartCell, ...]) -> int:
    return next(place for place, cell in enumerate(cells) if cell.state or cell.bought)


def _cells(
    timeline: Timeline, measure: schema.Measure, force: set[int], bought: set[int]
) -> tuple[ChartCell, ...]:
    """Return the cells of a measure, period by period."""
    serves = {q: set(timeline.serves(measure, q)) for q in bought}
    served = set[int]().union(*serves.values())
    first = min(bought, default=len(timeline))
    found = []
    for place in range(len(timeline)):
        if place in force:
            state = "force"
        elif place in served:
            state = "idle"
        elif any(q <= place < min(serves[q], default=len(timeline)) for q in bought):
            state = "order"
        else:
            state = "over" if place > first else ""
        found.append(ChartCell(state, place in bought))
    return tuple(found)
