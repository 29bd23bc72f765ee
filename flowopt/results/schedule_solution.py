"""The best schedule, how good it is proved to be, and what the trafficker does under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from flowopt.clock import LimitReason
from flowopt.overview import Overview, amount, first_line, sizes
from flowopt.results.document import Option, listed, restored, state
from flowopt.results.folder_result import PageResult
from flowopt.results.numbers import relative_gap, rounded, share
from flowopt.results.over_time import ResponseOverTime, changes_by_period
from flowopt.results.over_time_rows import (
    OpeningChange,
    ScheduleAlternative,
    ScheduledMeasure,
    SchedulePeriodRow,
    ScheduleRow,
)
from flowopt.results.plan_result import SolverRun, displaced, flow_changes, market_changes, paid
from flowopt.results.proof_over_time import ProofOverTime
from flowopt.results.result_over_time import PlannedOverTime
from flowopt.results.rows import Rows
from flowopt.results.stacked import StackedTable, stacked_periods

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ScheduleSolution(PlannedOverTime, PageResult):
    """The best schedule for a network with periods.

    Attributes
    ----------
    network, input_sha256 : str
        Which network, and the hash of what its tables say.
    objective, ties : str
        What was asked.
    unit : str
        Unit of the totals, as ``t over 5 years``.
    status : str
        ``optimal`` within the gap, ``limit``, ``infeasible`` or ``no_solution``.
    limit : str or None
        With status ``limit``, what stopped the proof.
    reasons : tuple of str
        Why there is no schedule.
    budget : float, mapping or None
        M USD a year in every period, or in some by id, as it was given; None where each has its
        own.
    target : float or None
        The target over all periods, if that was asked.
    carry : bool
        Whether money that is left stays for later periods.
    resources : mapping
        The limits on schedules in every period, by resource.
    include, exclude : tuple of str
        What had to, or could not, be in force, as it was given.
    years, discount : float
        How long all periods last, and the trafficker's discount.
    baseline, baseline_without_openings : float
        The objective over all periods without measures, and that if nothing opened.
    value, bound, gap : float or None
        The objective over all periods under the schedule; what no schedule can go below; and how
        far the two are apart, relative to the value. None where there is none.
    spent : float or None
        M USD over all periods.
    used : mapping
        What it takes of each resource in each period, as ``crews@2015``.
    cost_bound : float or None
        With a target: what no cheaper schedule can undercut, M USD over all periods.
    value_without_openings, value_myopic : float or None
        The objective if nothing opened, and against a trafficker who expects what is in force now
        to stay, which is a simulation; the latter None under `bilevel`, or where time was short.
    schedule, plan, periods, openings : Rows
        A row for each measure that is bought or in force in a period; for each measure; for each
        period; and for each thing and period in which something opens, what the schedule adds most
        first.
    alternatives : Rows
        The best schedules, if several were asked for; none holds all of an earlier one.
    alternative_proofs : tuple of ProofOverTime
        Proof of the value of each of the alternatives.
    before, after : ResponseOverTime
        The trafficker without measures and under the schedule; `after` is None without one.
    dropped : mapping
        Proof of what the trafficker can do without a measure of the schedule: by ``m01@2015`` in
        one period, by ``m01`` in all.
    solver : SolverRun
        The solver, and how it ran.
    options : mapping
        Options of the run.
    seconds : float
        How long it took.
    warnings : tuple of str
        What is odd, or was left out for lack of time.
    """

    network: str
    input_sha256: str
    objective: str
    ties: str | None
    unit: str
    status: str
    limit: LimitReason | None = None
    reasons: tuple[str, ...]
    budget: float | Mapping[str, float] | None
    target: float | None
    carry: bool
    resources: Mapping[str, float]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    years: float
    discount: float
    baseline: float
    baseline_without_openings: float
    value: float | None = None
    bound: float | None = None
    gap: float | None = None
    spent: float | None = None
    used: Mapping[str, float] = field(default_factory=dict)
    cost_bound: float | None = None
    value_without_openings: float | None = None
    value_myopic: float | None = None
    schedule: Rows[ScheduleRow] = field(default_factory=lambda: Rows(ScheduleRow))
    plan: Rows[ScheduledMeasure] = field(default_factory=lambda: Rows(ScheduledMeasure))
    periods: Rows[SchedulePeriodRow] = field(default_factory=lambda: Rows(SchedulePeriodRow))
    openings: Rows[OpeningChange] = field(default_factory=lambda: Rows(OpeningChange))
    alternatives: Rows[ScheduleAlternative] = field(
        default_factory=lambda: Rows(ScheduleAlternative)
    )
    before: ResponseOverTime
    after: ResponseOverTime | None = None
    dropped: Mapping[str, ProofOverTime] = field(default_factory=dict)
    solver: SolverRun
    options: Mapping[str, Option]
    seconds: float
    warnings: tuple[str, ...] = ()
    alternative_proofs: tuple[ProofOverTime, ...] = ()

    __getstate__ = state
    __setstate__ = restored

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
                ("no plan", first_line(self.reasons)),
                ("tables", sizes(tables)),
                ("warnings", first_line(self.warnings)),
            ),
        )

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures in force, as ``m01@2015``."""
        return tuple(f"{row.measure}@{row.period}" for row in self.schedule if row.in_force)

    @property
    def bought(self) -> tuple[str, ...]:
        """The purchases, as ``m01@2015``."""
        return tuple(f"{row.measure}@{row.period}" for row in self.schedule if row.bought)

    @property
    def cut(self) -> float | None:
        """The part of the objective that the schedule takes off."""
        return None if self.value is None else rounded(self.baseline - self.value)

    @property
    def cut_share(self) -> float | None:
        """The cut as a share of the baseline; None where there was nothing to cut."""
        return None if self.cut is None else share(self.cut, self.baseline)

    @property
    def cost_gap(self) -> float | None:
        """With a target, ``(spent - cost_bound) / spent``; None without a schedule or a bound."""
        if self.spent is None or self.cost_bound is None:
            return None
        return relative_gap(self.spent, self.cost_bound)

    @property
    def flows(self) -> StackedTable:
        """Every commodity on every arc, before and after, by period."""
        return self._changes(flow_changes)

    @property
    def markets(self) -> StackedTable:
        """Every commodity at every market, before and after, by period."""
        return self._changes(market_changes)

    @property
    def displacement(self) -> StackedTable:
        """The flow by mode, kind, exit, country, region and continent, by period."""
        return self._changes(displaced)

    @property
    def organisations(self) -> StackedTable:
        """Gross receipts before and after, by period."""
        return self._changes(paid)

    @property
    def binding(self) -> StackedTable:
        """The capacities that hold the trafficker back under the schedule, by period."""
        by_period = {} if self.after is None else self.after.by_period
        return stacked_periods({p: each.binding for p, each in by_period.items()}, self._about)

    def _changes(self, change: Any) -> StackedTable:
        if self.after is None:
            return StackedTable((*self._about, "period"), ())
        return changes_by_period(self.before, self.after, change, self._about)

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        after = self.after
        return {
            **self._asked(),
            "carry": self.carry,
            "budget": listed(self.budget),
            **self._aimed(),
            "resources": dict(self.resources),
            "status": self.status,
            "limit": self.limit,
            "baseline": self.baseline,
            "value": self.value,
            "bound": self.bound,
            "gap": self.gap,
            "cut": self.cut,
            "cut_share": self.cut_share,
            "spent": self.spent,
            "used": dict(self.used),
            "measures": list(self.measures),
            "bought": list(self.bought),
            "delivered": after.delivered if after else None,
            "weighted": after.weighted if after else None,
            "profit": after.profit if after else None,
            "baseline_without_openings": self.baseline_without_openings,
            "value_without_openings": self.value_without_openings,
            "value_myopic": self.value_myopic,
            "periods": [asdict(row) for row in self.periods],
            "options": listed(self.options),
            "solver": asdict(self.solver),
            "seconds": self.seconds,
            "warnings": [*self.reasons, *self.warnings],
        }

    def _aimed(self) -> dict[str, float | None]:
        """Return the keys of `summary.json` that only a result for a target has."""
        if self.target is None:
            return {}
        return {"target": self.target, "cost_bound": self.cost_bound, "cost_gap": self.cost_gap}

    def to_frame(self) -> pandas.DataFrame:
        """Return the schedule as a frame, one row for each measure in each period."""
        return self.schedule.to_frame()
