"""Good plans without proof, and the tie-break: local search on the trafficker's programme.

The search gives the solver a first plan and a planner in a hurry something to hold. It knows no
clock but a deadline; without one, the same input gives the same plan, because work is counted in
simplex iterations.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterable, Iterator

from flowopt.model.activities import ActivityModel
from flowopt.model.interdiction import Limits, allowed, closure, without
from flowopt.model.trafficker import Trafficker

EQUAL = 1e-7  # relative: values closer than this are the same to a planner
Plan = frozenset[int]


class OutOfTime(Exception):
    """The search has used up its work or its time; the best plan so far stands."""


class Search:
    """Evaluates plans once each and keeps the best.

    Parameters
    ----------
    model, trafficker
        The programme and its hot solver.
    limits
        What a plan may be.
    first
        A plan that keeps the limits.
    scale
        The value without measures: what "equal" is relative to.
    work
        Most work to spend, in simplex iterations; a plan's evaluation also counts for the size
        of the programme.
    deadline
        `time.perf_counter` at which to stop, or None.
    known
        Values of plans found earlier; those found here are added.
    """

    def __init__(
        self,
        model: ActivityModel,
        trafficker: Trafficker,
        limits: Limits,
        first: Iterable[int],
        *,
        scale: float,
        work: int = 60_000,
        deadline: float | None = None,
        known: dict[Plan, float] | None = None,
    ) -> None:
        self.model = model
        self.limits = limits
        self._trafficker = trafficker
        self._same = EQUAL * scale
        self._work: float = work
        self._left: float = work
        self._visit = (len(model.goods) + len(model.activities) + len(model.limit)) / 50
        self._deadline = deadline
        self._known: dict[Plan, float] = {} if known is None else known
        self.best: Plan = frozenset(first)
        self.value = self.value_of(self.best)

    def offer(self, plan: Iterable[int]) -> bool:
        """Take a plan from elsewhere (the solver, say) if it is allowed and better."""
        candidate = frozenset(plan)
        if not allowed(self.model, self.limits, candidate):
            return False
        return self._better(candidate, self.value_of(candidate))

    def offer_equal(self, plan: Plan, worst: float) -> bool:
        """Take a plan that is no worse than `worst`, whatever the best one is worth."""
        return self._no_worse(plan, self.value_of(plan), worst)

    def run(self) -> None:
        """Grow the best plan greedily, then swap until nothing improves or the work is used up."""
        self._left = self._work
        try:
            self._grow()
            while any(self._better(plan, self._look_at(plan)) for plan in self._neighbours()):
                self._grow()
        except OutOfTime:
            return

    def reach(self, worst: float) -> None:
        """Look for a cheap plan that brings the objective to `worst` or below."""
        self._left = self._work
        try:
            self._grow(enough=worst)
            if self.value <= worst:
                self._left = self._work
                while any(
                    self._no_worse(plan, self._look_at(plan), worst) for plan in self._simpler()
                ):
                    pass
        except OutOfTime:
            return

    def settle(self) -> None:
        """Among plans as good as the best one, move to cheaper ones, then to earlier ones.

        Drops what does nothing and tries every swap; the exact tie-break is the solver's.
        """
        worst = self.value + self._same
        self._left = self._work
        try:
            while any(self._no_worse(plan, self._look_at(plan), worst) for plan in self._simpler()):
                pass
        except OutOfTime:
            return

    def key(self, plan: Plan) -> tuple[float, tuple[int, ...]]:
        """Return what ranks equally good plans: cost, then file order."""
        members = sorted(plan)
        return (round(float(self.model.measure_cost[members].sum()), 9), tuple(members))

    # -- moves --------------------------------------------------------------------------------

    def _grow(self, enough: float = -float("inf")) -> None:
        """Add the measure with the best cut per cost, looking again only where it may pay."""
        queue = [(-float("inf"), m) for m in self._optional() if m not in self.best]
        heapq.heapify(queue)
        fresh: dict[int, Plan] = {}
        while queue and self.value > enough:
            _, measure = heapq.heappop(queue)
            grown = closure(self.model, self.best | {measure})
            if measure in self.best or not allowed(self.model, self.limits, grown):
                continue
            if fresh.get(measure) == self.best:
                if not self._better(grown, self._look_at(grown)):
                    return
                continue
            added = self.model.measure_cost[sorted(grown - self.best)].sum()
            gain = self.value - self._look_at(grown)
            fresh[measure] = self.best
            heapq.heappush(queue, (-gain / max(float(added), 1e-9), measure))

    def _neighbours(self) -> Iterator[Plan]:
        """Yield allowed plans that trade one measure for one or two others."""
        optional = self._optional()
        for dropped in sorted(self.best - self.limits.include):
            base = without(self.model, self.best, dropped)
            for added in optional:
                if added in base or added == dropped:
                    continue
                grown = closure(self.model, base | {added})
                if allowed(self.model, self.limits, grown):
                    yield grown

    def _simpler(self) -> Iterator[Plan]:
        """Yield allowed plans that rank before the best one if equally good."""
        mine = self.key(self.best)
        optional = self._optional()
        for dropped in sorted(self.best - self.limits.include, reverse=True):
            base = without(self.model, self.best, dropped)
            candidates = [
                base,
                *(closure(self.model, base | {m}) for m in optional if m not in base),
            ]
            for plan in candidates:
                if self.key(plan) < mine and allowed(self.model, self.limits, plan):
                    yield plan

    def _optional(self) -> list[int]:
        return [m for m in range(len(self.model.measures)) if m not in self.limits.exclude]

    # -- values -------------------------------------------------------------------------------

    def value_of(self, plan: Plan) -> float:
        """Return the objective under a plan, computed once."""
        if plan not in self._known:
            before = self._trafficker.iterations
            self._known[plan] = self._trafficker.value(plan)
            self._left -= self._trafficker.iterations - before + self._visit
        return self._known[plan]

    def _look_at(self, plan: Plan) -> float:
        late = self._deadline is not None and time.perf_counter() > self._deadline
        if plan not in self._known and (late or self._left < 0):
            raise OutOfTime
        return self.value_of(plan)

    def _better(self, plan: Plan, value: float) -> bool:
        if value < self.value - self._same:
            self.best, self.value = plan, value
            return True
        return False

    def _no_worse(self, plan: Plan, value: float, worst: float) -> bool:
        if value <= worst:
            self.best, self.value = plan, value
            return True
        return False
