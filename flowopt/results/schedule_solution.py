"""The best schedule, how good it is proved to be, and what the trafficker does under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowopt.overview import Overview, Overviewed, amount, sizes
from flowopt.results.column_units import Money, Objective
from flowopt.results.over_time import summary_of
from flowopt.results.over_time_rows import OpenedRow, ScheduledRow
from flowopt.results.rows import Rows

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class SchedulePeriodRow:
    """Effect of the best schedule in a year of one period.

    Attributes
    ----------
    period : str
        The period.
    years, weight : float
        How long it lasts, and what a tonne counts in it.
    budget : float or None
        M USD a year; None for no limit.
    spent : float
        M USD a year, purchases spread over the years of the period.
    baseline, value : float
        The planner's objective a year without measures and under the schedule, without what opening
        costs.
    """

    period: str
    years: float
    weight: float
    budget: float | None
    spent: Money
    baseline: Objective
    value: Objective


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ScheduleSolution(Overviewed):
    """The best schedule for a network with periods.

    Attributes
    ----------
    network, input_sha256 : str
        Which network, and the hash of what its tables say.
    objective, ties : str
        What was asked.
    status : str
        ``optimal`` within the gap, ``limit``, ``infeasible`` or ``no_solution``.
    limit : str or None
        With status ``limit``, what stopped the proof.
    reasons : tuple of str
        Why there is no schedule.
    target : float or None
        The target over all periods, if that was asked.
    carry : bool
        Whether money that is left stays for later periods.
    years, discount : float
        How long all periods last, and the trafficker's discount.
    baseline, baseline_without_openings : float
        The objective over all periods without measures, and that if nothing opened.
    value, bound, gap : float or None
        The objective over all periods under the schedule; what no schedule can go below; and how
        far the two are apart, relative to the value. None where there is none.
    spent : float or None
        M USD over all periods.
    cost_bound : float or None
        With a target: what no cheaper schedule can undercut, M USD over all periods.
    value_without_openings, value_myopic : float or None
        The objective if nothing opened, and against a trafficker who expects what is in force now
        to stay, which is a simulation; the latter None under `bilevel`, or where time was short.
    schedule, periods, openings : Rows
        A row for each measure that is bought or in force in a period; for each period; and for each
        thing and period in which something opens, what opens most first.
    options : mapping
        Options of the run.
    seconds : float
        How long it took.
    warnings : tuple of str
        What is odd.
    """

    network: str
    input_sha256: str
    objective: str
    ties: str | None
    status: str
    limit: str | None = None
    reasons: tuple[str, ...]
    target: float | None
    carry: bool
    years: float
    discount: float
    baseline: float
    baseline_without_openings: float
    value: float | None = None
    bound: float | None = None
    gap: float | None = None
    spent: float | None = None
    cost_bound: float | None = None
    value_without_openings: float | None = None
    value_myopic: float | None = None
    schedule: Rows[ScheduledRow] = field(default_factory=lambda: Rows(ScheduledRow, ()))
    periods: Rows[SchedulePeriodRow] = field(default_factory=lambda: Rows(SchedulePeriodRow, ()))
    openings: Rows[OpenedRow] = field(default_factory=lambda: Rows(OpenedRow, ()))
    options: Mapping[str, Any]
    seconds: float
    warnings: tuple[str, ...] = ()

    def _overview(self) -> Overview:
        value = "none" if self.value is None else f"{amount(self.value)} ({self.status})"
        tables = (
            ("schedule", self.schedule),
            ("periods", self.periods),
            ("openings", self.openings),
        )
        return Overview(
            f"Schedule on {self.network} over {self.years:g} years, {self.objective}",
            (
                ("without", amount(self.baseline)),
                ("value", value),
                ("bound", "none" if self.bound is None else amount(self.bound)),
                ("tables", sizes(tables)),
            ),
        )

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures in force, as ``m01@2015``."""
        return tuple(f"{row.measure}@{row.period}" for row in self.schedule if row.in_force)

    def summary(self) -> dict[str, Any]:
        """Return the scalars and the tables by name, as they are printed as JSON."""
        return summary_of(self)

    def to_frame(self) -> pandas.DataFrame:
        """Return the schedule as a frame, one row for each measure in each period."""
        return self.schedule.to_frame()
