"""Reader of the folder of the best schedules for many budgets, for its page and its pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.plain_text import plain_number
from flowopt.report.result_kinds import OVER_TIME
from flowopt.report.result_reader import (
    Record,
    number,
    read_rows,
    read_summary,
    typed_row,
    typed_rows,
)
from flowopt.report.stored_parts import by_period, own_summary
from flowopt.report.summary_schema import SCHEDULE_FRONTIER
from flowopt.report.units import Units
from flowopt.results.displacement_rows import Displacement
from flowopt.results.over_time_rows import OpeningChange, SchedulePeriodRow, ScheduleRow
from flowopt.results.schedule_frontier import LuckScheduleAt, ScheduleAt
from flowopt.results.schedules_under_luck import LuckSchedulePeriodRow


@dataclass(frozen=True, slots=True)
class StoredScheduleFrontier:
    """Stored schedules of many budgets; those without a schedule are left out.

    Attributes
    ----------
    network : Network
        The network with the periods, by its hash.
    units : Units
        Labels.
    summary : mapping
        `summary.json`.
    rows : tuple of ScheduleAt
        The budgets, rising.
    names : tuple of str
        The same in words.
    periods, schedules, openings, displacement : mapping
        By name, the rows of each schedule; of what moves, in each period.
    """

    network: Network
    units: Units
    summary: Mapping[str, Any]
    rows: tuple[ScheduleAt, ...]
    names: tuple[str, ...]
    periods: Mapping[str, Sequence[SchedulePeriodRow]]
    schedules: Mapping[str, Sequence[ScheduleRow]]
    openings: Mapping[str, Sequence[OpeningChange]]
    displacement: Mapping[str, Mapping[str, list[Record]]]

    @property
    def baseline(self) -> tuple[float, ...]:
        """The objective a year without measures, in each period."""
        return tuple(row.baseline for row in self.periods[self.names[0]])

    @property
    def when(self) -> str:
        """Words on the objective of years where measures may fail, else ""."""
        if not self.lucky:
            return ""
        return "in the mean over what works" if self._means else "when all works that can"

    @property
    def lucky(self) -> bool:
        """True where measures may fail, so that values are means over what works."""
        return any(isinstance(row, LuckScheduleAt) for row in self.rows)

    @property
    def _means(self) -> bool:
        """True where the mean over what works is known of every year."""
        rows = [row for name in self.names for row in self.periods[name]]
        return all(isinstance(e, LuckSchedulePeriodRow) and e.value_mean is not None for e in rows)

    def schedule_of(self, name: str) -> Sequence[ScheduleRow]:
        """Return what one schedule buys and has in force."""
        return self.schedules[name]

    def left(self, name: str) -> tuple[float, ...]:
        """Return the objective a year under one schedule, in each period, as `when` says."""
        rows = self.periods[name]
        if self._means:
            return tuple(r.value_mean or 0.0 for r in rows if isinstance(r, LuckSchedulePeriodRow))
        return tuple(row.value for row in rows)

    def spent(self, name: str) -> tuple[float, ...]:
        """Return what one schedule spends a year in each period, M USD."""
        return tuple(row.spent for row in self.periods[name])

    def in_all(self, name: str) -> float:
        """Return the objective over all periods under one schedule."""
        return self.rows[self.names.index(name)].value or 0.0

    def note_on(self, name: str) -> str:
        """Return how far the schedule of one budget may be from the best."""
        row = self.rows[self.names.index(name)]
        return "" if row.status == "optimal" else f"not proved (gap {row.gap or 0.0:.2%})"


def is_of_schedule_frontier(folder: Path) -> bool:
    """Return whether a folder holds the schedules of many budgets."""
    return {OVER_TIME, "frontier", "plans"} <= set(read_summary(folder))


def read_schedule_frontier(folder: Path, network: Network) -> StoredScheduleFrontier:
    """Read the schedules of many budgets from their folder.

    Raises
    ------
    RequestError
        When there is no schedule, when a file can't be read, or when it is about other data than
        the network.
    """
    summary = own_summary(folder, network, SCHEDULE_FRONTIER)
    units = Units(network, summary["objective"])
    lucky = any("half_width" in row for row in summary["frontier"])
    kind = LuckScheduleAt if lucky else ScheduleAt
    rows: tuple[ScheduleAt, ...] = tuple(
        row for row in typed_rows(folder / "frontier.csv", kind) if row.value is not None
    )
    if not rows:
        raise RequestError(
            f"{folder} holds no schedule for any budget, so there is nothing to show"
        )
    names = tuple(f"{plain_number(row.budget)} {units.money} a year" for row in rows)
    if len(set(names)) < len(names):
        raise RequestError(f"{folder} can't be read: frontier.csv lists a budget twice")

    def records(file: str, row: type[Any]) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = {name: [] for name in names}
        for each in read_rows(folder / f"{file}.csv", row):
            name = f"{plain_number(number(each.get('budget', '')))} {units.money} a year"
            found.setdefault(name, []).append(each)
        return found

    of_period = LuckSchedulePeriodRow if lucky else SchedulePeriodRow
    periods = _typed(records("frontier_periods", of_period), of_period)
    order = [each.period for each in network.periods]
    if any([row.period for row in periods[name]] != order for name in names):
        raise RequestError(
            f"{folder} can't be read: frontier_periods.csv lists other periods; compare again"
        )
    displaced = records("displacement", Displacement)
    return StoredScheduleFrontier(
        network=network,
        units=units,
        summary=summary,
        rows=rows,
        names=names,
        periods=periods,
        schedules=_typed(records("schedule", ScheduleRow), ScheduleRow),
        openings=_typed(records("openings", OpeningChange), OpeningChange),
        displacement={name: by_period(displaced[name], network) for name in names},
    )


def _typed(records: Mapping[str, list[Record]], row: type[Any]) -> dict[str, list[Any]]:
    return {name: [typed_row(row, each) for each in found] for name, found in records.items()}
