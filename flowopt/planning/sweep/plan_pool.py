"""Every plan that a comparison valued, by whatever part, as far as a row may be better for it.

The rows of a sweep agree on the best of these plans for each budget. The ladder is built beside
them, the plans of the other objectives are valued too, and whatever beats a row becomes its plan:
so no plan that the comparison knows is better than the one it reports.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from flowopt.errors import OutOfTime
from flowopt.model.build import activity_model
from flowopt.model.search import Plan
from flowopt.model.trafficker import Trafficker
from flowopt.planning.plan_constraints import core, plan_limits
from flowopt.planning.respond import indices
from flowopt.planning.sweep.consistency import Agreed, agree
from flowopt.planning.sweep.ladder import Ladders, Rung
from flowopt.planning.sweep.row import Answer, Offer, cold_response, described, undominated
from flowopt.planning.sweep.row_sources import Sweep
from flowopt.results.numbers import EQUAL

_DESCRIBING = 1.0  # seconds beyond the deadline for what is known already
LEFT_OUT = (
    "no time was left for the ladder of what to buy first, and for better plans that were seen "
    "while other budgets were solved: they are left out"
)
NO_LADDER = "no time was left for the ladder of what to buy first: it is left out"
NO_CROSS = "no time was left for what the plans do at other budgets (plans.csv): it is left out"


@dataclass(frozen=True, slots=True)
class RungAt:
    """The ladder at a row: what is bought for its budget, and what all bought so far does."""

    budget: float
    buy: tuple[int, ...]
    plan: Plan
    value: float


class Pool:
    """The plans of one network and objective, and the rows and the ladder made of them.

    Parameters
    ----------
    sweep
        The rows as they were answered.
    until
        Gives the `time.perf_counter` after which nothing more is valued, or None, once it is known
        what the trafficker does without measures.

    Attributes
    ----------
    sweep
        As given.
    before : Response
        What the trafficker does without measures.
    agreed : Agreed
        The rows.
    warnings : tuple of str
        What was left out for lack of time.
    """

    def __init__(self, sweep: Sweep, until: Callable[[], float | None]) -> None:
        question = sweep.first
        network, asked = question.network, question.conditions
        self.sweep = sweep
        self.model = activity_model(network)
        self.before = cold_response(network, self.model, question.objective, (), asked.ties)
        self.warnings: tuple[str, ...] = ()
        limits = plan_limits(
            network, self.model, 0.0, asked.resources, asked.include, asked.exclude
        )
        self._limits = limits[0]
        self._trafficker = Trafficker(self.model, question.objective, ties=asked.ties)
        self.until(until())
        self._same = EQUAL * (self.before.value if self.before.value > 0.0 else 1.0)
        self._known: dict[Plan, float] = {frozenset(): self.before.value}
        self._rungs: list[Rung] = []
        nothing = Answer(network.info.id, question.objective, 0.0, "limit")
        self._described: dict[tuple[str, ...], Answer] = {(): described(nothing, self.before)}
        found = [offer for answer in sweep.answers() for offer in answer.offers]
        self.agreed = Agreed((), (), None, (), None)
        self._offers: list[Offer] = _front(found, self._same)
        self.value_all([core(self.model, self._limits)])  # what can be had whatever else is known

    def until(self, deadline: float | None) -> None:
        """Set the `time.perf_counter` after which nothing more is valued, None for none."""
        self._deadline = self._trafficker.deadline = deadline

    @property
    def last(self) -> float | None:
        """The `time.perf_counter` up to which what is known already is described."""
        return None if self._deadline is None else self._deadline + _DESCRIBING

    @property
    def plans(self) -> set[Plan]:
        """The plans of the rows."""
        rows = [row for row in self.agreed.rows if row.value is not None]
        return {self._indices(row.plan) for row in rows}

    def near(self, other: Pool) -> bool:
        """Return whether another pool is of the same network."""
        return self.sweep.first.network.info.id == other.sweep.first.network.info.id

    def build_ladder(self) -> None:
        """Build the ladder, and take what was valued for it into the rows."""
        rows = [row for row in self.agreed.rows if row.value is not None]
        if not rows or self.warnings:
            return
        if self._late():
            self.warnings = (NO_LADDER,)
            return
        first, scale = core(self.model, self._limits), self.before.value
        ladders = Ladders(
            self.model, self._trafficker, self._limits, first, scale=scale, deadline=self._deadline
        )
        plans = [self._indices(row.plan) for row in rows]
        try:
            self._rungs = ladders.best(
                [row.budget for row in rows], plans, [row.value or 0.0 for row in rows]
            )
        except OutOfTime:
            self._leave_out()
        self._known.update(ladders.known)
        self._take()

    def value_all(self, plans: Iterable[Plan]) -> bool:
        """Value plans that were made for another objective; return whether a row is better for it.

        Without time, the rest is left out.
        """
        for plan in sorted(plans, key=sorted):
            if self._late():
                break
            if plan not in self._known:
                try:
                    self._known[plan] = self._trafficker.value(plan)
                except OutOfTime:
                    break
        return self._take()

    def ladder(self) -> list[RungAt]:
        """Return the ladder for the rows with a plan, empty if there was no time for one."""
        if not self._rungs:
            return []
        found, waiting = [], self._rungs[::-1]
        rung: Rung | None = None
        for row in (row for row in self.agreed.rows if row.value is not None):
            buy: list[int] = []
            while waiting and waiting[-1].budget <= row.budget:
                rung = waiting.pop()
                buy += rung.buy
            if rung is not None:
                found.append(RungAt(row.budget, tuple(buy), rung.plan, rung.value))
        return found

    # -- how ----------------------------------------------------------------------------------

    def _take(self) -> bool:
        """Let the rows agree again, with all that was valued here; return whether one changed."""
        fresh = undominated(self.model, self._limits, self._known, same=self._same)
        self._offers = _front([*self._offers, *fresh], self._same)
        before = self.agreed.rows
        self._agree()
        return self.agreed.rows != before

    def _agree(self) -> None:
        try:
            self.agreed = agree(self.sweep, self.before.value, self._offers, self._describe)
        except OutOfTime:
            self._leave_out()
            offers = [offer for offer in self._offers if offer.plan in self._described]
            self.agreed = agree(self.sweep, self.before.value, offers, self._describe)

    def _leave_out(self) -> None:
        self.warnings, self._rungs = (LEFT_OUT,), []

    def _describe(self, row: Answer) -> Answer:
        """Add what the trafficker does to a row that has another's plan."""
        if row.value is None or row.delivered or row.totals:
            return row
        known = self._described.get(row.plan)
        if known is None:
            if self.last is not None and time.perf_counter() > self.last:
                raise OutOfTime(LEFT_OUT)
            question = self.sweep.first
            plan, ties = self._indices(row.plan), question.conditions.ties
            after = cold_response(question.network, self.model, question.objective, plan, ties)
            known = self._described[row.plan] = described(row, after)
        return replace(
            known, budget=row.budget, spent=row.spent, bound=row.bound, seconds=row.seconds
        )

    def _indices(self, plan: Sequence[str]) -> Plan:
        return frozenset(indices(self.model.measures, plan, what="measure"))

    def _late(self) -> bool:
        return self._deadline is not None and time.perf_counter() >= self._deadline


def settled(
    sweeps: Sequence[Sweep], *, deadline: float | None = None, each: float | None = None
) -> list[Pool]:
    """Return the rows of sweeps, with the best plans that anything valued, and their ladders.

    Parameters
    ----------
    sweeps
        The rows as they were answered.
    deadline
        `time.perf_counter` after which nothing more is valued, or None.
    each
        Or: seconds for every ladder, and for valuing the plans of other objectives.
    """

    def until() -> float | None:
        return deadline if each is None else time.perf_counter() + each

    pools = []
    for sweep in sweeps:
        pool = Pool(sweep, until)
        pool.build_ladder()
        pools.append(pool)
    for pool in pools:
        pool.until(until())
    changed = len(pools) > 1
    while changed:  # each time a row gets better, so this ends
        changed = False
        for pool in pools:
            plans = [other.plans for other in pools if other is not pool and other.near(pool)]
            changed = pool.value_all(set().union(*plans)) or changed
    for pool in pools:
        pool.until(until())
    return pools


def _front(offers: Iterable[Offer], same: float) -> list[Offer]:
    """Return the offers that no cheaper one is as good as, costs rising."""
    best, found = math.inf, []
    for offer in sorted(offers, key=lambda offer: (offer.spent, offer.value, offer.plan)):
        if offer.value < best - same:
            best = offer.value
            found.append(offer)
    return found
