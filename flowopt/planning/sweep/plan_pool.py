"""Solution pool of a sweep: every plan that a comparison valued, in any of its parts.

Each row gets the best plan of the pool within its budget. Plans met while the ladder is built, and
those of the other objectives, are in the pool as well: no plan that the comparison valued is better
than the one it reports.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from flowopt.errors import OutOfTime
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.incumbent import Plan
from flowopt.planning.plan_constraints import forced_plan, indices, problem_of
from flowopt.planning.sweep.consistency import ConsistentRows, make_consistent
from flowopt.planning.sweep.ladder import LadderBuilder, Rung
from flowopt.planning.sweep.row import Offer, RowResult, fresh_response, nondominated, with_response
from flowopt.planning.sweep.row_sources import RowSource
from flowopt.planning.sweep.shared_model import shared_model
from flowopt.results.numbers import EQUAL
from flowopt.results.response import Response

_RESPONDING = 2e-5  # seconds of a response for each activity, from loading to its tables
_DESCRIBING = 1.0  # seconds beyond the deadline for the responses to plans that are valued already
LEFT_OUT = (
    "no time was left for the ladder of what to buy first, and for better plans that were seen "
    "while other budgets were solved: they are left out"
)
NO_LADDER = "no time was left for the ladder of what to buy first: it is left out"
NO_CROSS = "no time was left for what the plans do at other budgets (plans.csv): it is left out"


@dataclass(frozen=True, slots=True)
class RungAt:
    """The ladder at a row: purchases for its budget, all purchases so far and their value."""

    budget: float
    buy: tuple[int, ...]
    plan: Plan
    value: float


class PlanPool:
    """Pool of the plans of one network and objective, with the rows and the ladder made of them.

    Parameters
    ----------
    source
        The rows as they were solved.
    deadline
        `time.perf_counter` after which nothing more is valued, None for none.

    Raises
    ------
    OutOfTime
        When no row has a plan, and there is no time for the response without measures either.

    Attributes
    ----------
    source
        As given.
    problem : PlanProblem
        The network, activities and request of the rows, for no money.
    before : Response
        The best response without measures.
    consistent : ConsistentRows
        The rows.
    warnings : tuple of str
        One for each part left out for lack of time.
    """

    def __init__(self, source: RowSource, deadline: float | None) -> None:
        request = source.first
        network = request.network
        self.source = source
        bare = replace(request.plan_request, budget=0.0)
        self.problem = problem_of(network, shared_model(network), bare)
        self.model = self.problem.model
        self.before = self._before(deadline)
        self.warnings: tuple[str, ...] = ()
        self._limits = self.problem.constraints
        self._deadline = deadline
        self._same = EQUAL * (self.before.value if self.before.value > 0.0 else 1.0)
        self._values: dict[Plan, float] = {frozenset(): self.before.value}
        self._rungs: list[Rung] = []
        nothing = RowResult(network.info.id, request.objective, 0.0, "limit")
        self._described: dict[tuple[str, ...], RowResult] = {
            (): with_response(nothing, self.before)
        }
        selected = [offer for result in source.results() for offer in result.offers]
        self.consistent = ConsistentRows((), (), None, (), None)
        self._offers: list[Offer] = _front(selected, self._same)
        self.value_all(
            [forced_plan(self.model, self._limits)]
        )  # the least plan, whatever else is known

    def until(self, deadline: float | None) -> None:
        """Set the `time.perf_counter` after which nothing more is valued, None for none."""
        self._deadline = deadline
        if "_trafficker" in vars(self):
            self._trafficker.deadline = deadline

    @cached_property
    def _trafficker(self) -> BestResponseSolver:
        """The trafficker that values plans, loaded for the first of them."""
        request = self.problem.request
        found = BestResponseSolver(self.model, request.objective, ties=request.ties)
        found.deadline = self._deadline
        return found

    @property
    def last(self) -> float | None:
        """The `time.perf_counter` up to which responses to plans valued already are worked out."""
        return None if self._deadline is None else self._deadline + _DESCRIBING

    @property
    def plans(self) -> set[Plan]:
        """The plans of the rows."""
        rows = [row for row in self.consistent.rows if row.value is not None]
        return {self._indices(row.plan) for row in rows}

    def same_network(self, other: PlanPool) -> bool:
        """Return whether another pool is of the same network."""
        return self.source.first.network.info.id == other.source.first.network.info.id

    def build_ladder(self) -> None:
        """Build the ladder, and improve the rows by the plans valued for it."""
        rows = [row for row in self.consistent.rows if row.value is not None]
        if not rows or self.warnings:
            return
        if self._expired():
            self.warnings = (NO_LADDER,)
            return
        first, scale = forced_plan(self.model, self._limits), self.before.value
        builder = LadderBuilder(
            self.model, self._trafficker, self._limits, first, scale=scale, deadline=self._deadline
        )
        plans = [self._indices(row.plan) for row in rows]
        try:
            self._rungs = builder.best(
                [row.budget for row in rows], plans, [row.value or 0.0 for row in rows]
            )
        except OutOfTime:
            self._leave_out()
        self._values.update(builder.known)
        self._update()

    def value_all(self, plans: Iterable[Plan]) -> bool:
        """Value plans of another objective; return whether that improved a row.

        Without time, the rest is left out.
        """
        for plan in sorted(plans, key=sorted):
            if self._expired():
                break
            if plan not in self._values:
                try:
                    self._values[plan] = self._trafficker.value(plan)
                except OutOfTime:
                    break
        return self._update()

    def ladder(self) -> list[RungAt]:
        """Return the ladder for the rows with a plan, empty if there was no time for one."""
        if not self._rungs:
            return []
        selected, waiting = [], self._rungs[::-1]
        rung: Rung | None = None
        for row in (row for row in self.consistent.rows if row.value is not None):
            buy: list[int] = []
            while waiting and waiting[-1].budget <= row.budget:
                rung = waiting.pop()
                buy += rung.buy
            if rung is not None:
                selected.append(RungAt(row.budget, tuple(buy), rung.plan, rung.value))
        return selected

    # -- parts ----------------------------------------------------------------------------------

    def _before(self, deadline: float | None) -> Response:
        """Return the response without measures; as a row valued it, where time is over.

        Without that, the first row that has a plan had time for it, and so it has for the tables.
        """
        rows = self.source.results()
        known = next((row.before for row in rows if row.before is not None), None)
        if known is None:
            solved = any(row.value is not None for row in rows)
            return fresh_response(self.problem, (), deadline=None if solved else deadline)
        takes = _RESPONDING * len(self.model.activities)
        if deadline is not None and time.perf_counter() + takes >= deadline:
            return known  # loading and tables heed no deadline
        try:
            return fresh_response(self.problem, (), deadline=deadline)
        except OutOfTime:
            return known

    def _update(self) -> bool:
        """Make the rows consistent with all plans of the pool; return whether one changed."""
        fresh = nondominated(self.model, self._limits, self._values, same=self._same)
        self._offers = _front([*self._offers, *fresh], self._same)
        before = self.consistent.rows
        self._agree()
        return self.consistent.rows != before

    def _agree(self) -> None:
        try:
            self.consistent = make_consistent(
                self.source, self.before.value, self._offers, self._describe
            )
        except OutOfTime:
            self._leave_out()
            offers = [offer for offer in self._offers if offer.plan in self._described]
            self.consistent = make_consistent(
                self.source, self.before.value, offers, self._describe
            )

    def _leave_out(self) -> None:
        self.warnings, self._rungs = (LEFT_OUT,), []

    def _describe(self, row: RowResult) -> RowResult:
        """Add the best response to a row that got the plan of another."""
        if row.value is None or row.delivered or row.totals:
            return row
        known = self._described.get(row.plan)
        if known is None:
            if self.last is not None and time.perf_counter() > self.last:
                raise OutOfTime(LEFT_OUT)
            after = fresh_response(self.problem, self._indices(row.plan))
            known = self._described[row.plan] = with_response(row, after)
        return replace(
            known, budget=row.budget, spent=row.spent, bound=row.bound, seconds=row.seconds
        )

    def _indices(self, plan: Sequence[str]) -> Plan:
        return frozenset(indices(self.model.measures, plan, what="measure"))

    def _expired(self) -> bool:
        return self._deadline is not None and time.perf_counter() >= self._deadline


def completed_pools(
    sources: Sequence[RowSource], *, deadline: float | None = None
) -> list[PlanPool]:
    """Return the completed pool of each sweep: consistent rows and a ladder.

    Parameters
    ----------
    sources
        The rows as they were solved.
    deadline
        `time.perf_counter` after which nothing more is valued, or None.
    """
    pools = []
    for place, source in enumerate(sources):
        parts = len(sources) - place + (len(sources) > 1)  # one for the plans of one another
        pool = PlanPool(source, _part(deadline, parts))
        pool.build_ladder()
        pools.append(pool)
    for pool in pools:
        pool.until(deadline)
    changed = len(pools) > 1
    while changed:  # each time a row gets better, so this ends
        changed = False
        for pool in pools:
            plans = [
                other.plans for other in pools if other is not pool and other.same_network(pool)
            ]
            changed = pool.value_all(set().union(*plans)) or changed
    return pools


def _part(deadline: float | None, parts: int) -> float | None:
    """Return the end of the first of several equal parts of the time up to a deadline."""
    if deadline is None:
        return None
    now = time.perf_counter()
    return now + (deadline - now) / parts


def _front(offers: Iterable[Offer], same: float) -> list[Offer]:
    """Return the nondominated offers, costs rising."""
    best, selected = math.inf, []
    for offer in sorted(offers, key=lambda offer: (offer.spent, offer.value, offer.plan)):
        if offer.value < best - same:
            best = offer.value
            selected.append(offer)
    return selected
