"""The frontier over time: the best schedule for each of many budgets, a year's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from flowopt.overview import Overview, amount
from flowopt.results.column_units import Money, MoneyInAll, Objective, PerMillion, Share
from flowopt.results.document import Option, listed, restored, state
from flowopt.results.folder_result import PageResult
from flowopt.results.result_over_time import ResultOverTime
from flowopt.results.rows import Rows
from flowopt.results.schedule_solution import ScheduleSolution
from flowopt.results.schedules_under_luck import LuckScheduleSolution
from flowopt.results.stacked import StackedTable, on_top

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class ScheduleAt:
    """The best schedule for one budget.

    Attributes
    ----------
    budget : float
        M USD a year, in every period.
    status : str
        ``optimal`` within the gap, ``limit``, ``infeasible`` or ``no_solution``.
    spent : float or None
        M USD over all periods; None without a schedule, as what follows.
    value, bound, gap : float or None
        The objective over all periods, what no schedule can go below, and how far they are apart.
    cut, cut_share : float or None
        How much lower the value is than without measures, and as a share of that.
    marginal : float or None
        What each further million a year takes off, from the budget before; None for the first.
    value_without_openings, value_myopic : float or None
        The objective if nothing opened, and against a trafficker without foresight, a simulation.
    measures, bought : str
        What is in force, and the purchases, as ``m01@2015``, joined by ``;``.
    """

    budget: Money
    status: str
    spent: MoneyInAll | None = None
    value: Objective | None = None
    bound: Objective | None = None
    gap: Share | None = None
    cut: Objective | None = None
    cut_share: Share | None = None
    marginal: PerMillion | None = None
    value_without_openings: Objective | None = None
    value_myopic: Objective | None = None
    measures: str = ""
    bought: str = ""


@dataclass(frozen=True, slots=True)
class LuckScheduleAt(ScheduleAt):
    """The best schedule for one budget in the mean over what works.

    Attributes
    ----------
    half_width : float or None
        Of the interval around a value that was estimated; 0 where all outcomes were counted, None
        without a schedule.
    all_works_value : float or None
        The objective when all of it works.
    """

    half_width: Objective | None = None
    all_works_value: Objective | None = None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ScheduleFrontier(ResultOverTime, PageResult):
    """The best schedules for many budgets on a network with periods.

    Attributes
    ----------
    network, input_sha256 : str
        Which network, and the hash of what its tables say.
    objective, ties : str
        What was asked.
    unit : str
        The unit of the totals.
    years, discount : float
        How long all periods last, and the trafficker's discount.
    carry : bool
        Whether money that is left stays for later periods.
    baseline : float
        The objective over all periods without measures.
    solutions : tuple of ScheduleSolution
        The schedule of each budget with its proofs, budgets rising.
    interrupted : bool
        Whether the user stopped it; the budgets that were not reached are left out.
    options : mapping
        Options of the run.
    seconds : float
        How long it took.
    """

    network: str
    input_sha256: str
    objective: str
    ties: str | None
    unit: str
    years: float
    discount: float
    carry: bool
    baseline: float
    solutions: tuple[LuckScheduleSolution | ScheduleSolution, ...]
    interrupted: bool = False
    options: Mapping[str, Option] = field(default_factory=dict)
    seconds: float = 0.0

    __getstate__ = state
    __setstate__ = restored

    def named(self) -> Iterator[tuple[str, ScheduleSolution]]:
        """Yield the schedules with the names of their folders."""
        for each in self.solutions:
            yield f"budget-{_budget(each):.10g}", each

    @property
    def frontier(self) -> Rows[ScheduleAt] | Rows[LuckScheduleAt]:
        """A row for each budget, rising."""
        rows = list(_rows(self.solutions))
        if not self.under_luck:
            return Rows(ScheduleAt, rows, self._about)
        found = [
            LuckScheduleAt(
                **asdict(row),
                half_width=each.half_width if isinstance(each, LuckScheduleSolution) else None,
                all_works_value=None if each.after is None else each.after.value,
            )
            for row, each in zip(rows, self.solutions, strict=True)
        ]
        return Rows(LuckScheduleAt, found, self._about)

    @property
    def under_luck(self) -> bool:
        """True where measures may fail, so that values are means over what works."""
        return any(isinstance(each, LuckScheduleSolution) for each in self.solutions)

    @property
    def frontier_periods(self) -> StackedTable:
        """Money and effect of each schedule in a year of each period, by budget."""
        found = [each for each in self.solutions if each.after is not None]
        return on_top(each.periods.of(self._about) for each in found or self.solutions)

    @property
    def schedule(self) -> StackedTable:
        """Measures that are bought and in force in each period, by budget."""
        return on_top(each.schedule for each in self.solutions)

    @property
    def plan(self) -> StackedTable:
        """The measures of each schedule over all periods, by budget."""
        return on_top(each.plan for each in self.solutions)

    @property
    def openings(self) -> StackedTable:
        """Openings with each schedule and without measures, by budget."""
        return on_top(each.openings for each in self.solutions)

    @property
    def markets(self) -> StackedTable:
        """Every commodity at every market, before and after, by budget and period."""
        return on_top(each.markets for each in self._found)

    @property
    def displacement(self) -> StackedTable:
        """The flow by mode, kind, exit, country, region and continent, by budget and period."""
        return on_top(each.displacement for each in self._found)

    @property
    def _found(self) -> Iterator[ScheduleSolution]:
        return (each for each in self.solutions if each.after is not None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings of the largest budget, which are true of less money as well."""
        return self.solutions[-1].warnings

    def _overview(self) -> Overview:
        return Overview(
            f"Schedules by budget on {self.network} over {self.years:g} years, {self.objective}",
            (
                ("without", amount(self.baseline)),
                *(
                    (f"{row.budget:g}", "none" if row.value is None else amount(row.value))
                    for row in self.frontier
                ),
            ),
        )

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        return {
            **self._asked(),
            "carry": self.carry,
            "baseline": self.baseline,
            "plans": [name for name, _ in self.named()],
            "frontier": [asdict(row) for row in self.frontier],
            "interrupted": self.interrupted,
            "options": listed(self.options),
            "seconds": self.seconds,
            "warnings": list(self.warnings),
        }

    def to_frame(self) -> pandas.DataFrame:
        """Return the frontier as a frame, one row for each budget."""
        return self.frontier.to_frame()


def _rows(solutions: Iterable[ScheduleSolution]) -> Iterator[ScheduleAt]:
    """Yield the rows of schedules, budgets rising."""
    before: ScheduleSolution | None = None
    for each in solutions:
        yield ScheduleAt(
            budget=_budget(each),
            status=each.status,
            spent=each.spent,
            value=each.value,
            bound=each.bound,
            gap=each.gap,
            cut=each.cut,
            cut_share=each.cut_share,
            marginal=None if before is None else _marginal(before, each),
            value_without_openings=each.value_without_openings,
            value_myopic=each.value_myopic,
            measures=";".join(each.measures),
            bought=";".join(each.bought),
        )
        before = each if each.value is not None else before


def _marginal(lower: ScheduleSolution, upper: ScheduleSolution) -> float | None:
    """Return what each further million takes off from one budget to the next."""
    if lower.value is None or upper.value is None:
        return None
    return max(0.0, lower.value - upper.value) / (_budget(upper) - _budget(lower))


def _budget(solution: ScheduleSolution) -> float:
    """Return the one budget of all periods of a schedule."""
    return solution.budget if isinstance(solution.budget, float) else 0.0
