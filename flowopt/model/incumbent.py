"""The best plan of a search so far: plans valued once each, within a budget of work and of time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from flowopt.errors import OutOfTime
from flowopt.model.activities import ActivityModel
from flowopt.model.feasible_plans import PlanConstraints, allowed, closure, plan_key
from flowopt.model.plan_valuer import PlanValuer
from flowopt.results.numbers import EQUAL

Plan = frozenset[int]
WORK = 60_000  # simplex iterations, of a search in one network


class SearchStopped(OutOfTime):
    """End of a search whose work or time is used up; the best plan so far counts."""


class Incumbent:
    """Best plan so far, and the values of all plans that a search has looked at.

    Parameters
    ----------
    model, trafficker
        The rules of plans, and what values them: the hot solver, or several of them.
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
    least
        Work that is spent after the deadline too, so that there is a plan however early it is. A
        large programme keeps to the deadline all the same.
    """

    def __init__(
        self,
        model: ActivityModel,
        trafficker: PlanValuer,
        limits: PlanConstraints,
        first: Iterable[int],
        *,
        scale: float,
        work: float = WORK,
        deadline: float | None = None,
        known: dict[Plan, float] | None = None,
        least: float = 0.0,
    ) -> None:
        self.model = model
        self._trafficker = trafficker
        self._scale = scale
        self._same = EQUAL * scale
        self._work: float = work
        self._left: float = work
        self._visit = trafficker.visit
        self._deadline = deadline
        self._owed: float = least
        self.narrow(limits)
        self._known: dict[Plan, float] = {} if known is None else known
        self.shaken = False  # whether a plan was shaken until that no longer helped
        self._worth: dict[int, float] = {}  # per cost, of each measure when last looked at
        self._hasty = False  # whether looks begin with the measures whose worth that was
        self._least = float("inf")  # of the allowed plans valued here
        self.best: Plan = frozenset(first)
        self.value = self.value_of(self.best)

    def narrow(self, limits: PlanConstraints) -> None:
        """Let plans be less from now on; the best one keeps the limits."""
        self.limits = limits
        self.forced: Plan = closure(self.model, limits.include)

    def offer(self, plan: Iterable[int]) -> bool:
        """Take a plan from elsewhere (the solver, say) if it is allowed and better."""
        candidate = frozenset(plan)
        if not allowed(self.model, self.limits, candidate):
            return False
        return self._better(candidate, self.value_of(candidate))

    def offer_equal(self, plan: Plan, worst: float) -> bool:
        """Take a plan that is no worse than `worst`, whatever the best one is worth."""
        return self._no_worse(plan, self.value_of(plan), worst)

    def key(self, plan: Plan) -> tuple[float, tuple[int, ...]]:
        """Return what ranks equally good plans: cost, then file order."""
        return plan_key(self.model, plan)

    def _take(self, plan: Plan) -> None:
        self._better(plan, self._look_at(plan))

    def _optional(self) -> list[int]:
        return [m for m in range(len(self.model.measures)) if m not in self.limits.exclude]

    def value_of(self, plan: Plan, valued: Callable[[Plan], float] | None = None) -> float:
        """Return the objective under a plan, computed once, by the trafficker if not `valued`."""
        if plan not in self._known:
            before = self._trafficker.iterations
            value = self._known[plan] = (valued or self._trafficker.value)(plan)
            work = self._trafficker.iterations - before + self._visit
            self._left -= work
            self._owed -= work
            if value <= self._least + self._same and allowed(self.model, self.limits, plan):
                self._least = min(self._least, value)
                self._trafficker.keep(plan)  # an equal one may come out of the tie-break
        return self._known[plan]

    def take_known(self) -> None:
        """Take the best of all plans that were ever valued, should it be better."""
        better = [plan for plan, value in self._known.items() if value < self.value - self._same]
        for plan in sorted(better, key=lambda plan: (self._known[plan], self.key(plan))):
            if self.offer(plan):
                return

    def take_known_reaching(self, worst: float) -> None:
        """Take the cheapest of all plans that were ever valued at `worst` or below."""
        reaching = [plan for plan, value in self._known.items() if value <= worst]
        for plan in sorted(reaching, key=self.key):
            if self.value <= worst and self.key(plan) >= self.key(self.best):
                return
            if allowed(self.model, self.limits, plan) and self.offer_equal(plan, worst):
                return

    def _stand_on(self, plan: Plan) -> None:
        """Prepare for looks at plans that hold this one."""
        if self._left < 0:
            raise SearchStopped
        before = self._trafficker.iterations
        with self._until_deadline():
            self._trafficker.remember(plan)
        self._left -= self._trafficker.iterations - before + self._visit

    def _look_at(self, plan: Plan, valued: Callable[[Plan], float] | None = None) -> float:
        late = self._deadline is not None and time.perf_counter() > self._deadline
        late = late and self._owed <= 0.0
        if plan not in self._known and (late or self._left < 0):
            raise SearchStopped
        with self._until_deadline():
            return self.value_of(plan, valued)

    @contextmanager
    def _until_deadline(self) -> Iterator[None]:
        """Hold the trafficker to the deadline of the search."""
        whole = self._trafficker.deadline
        if self._deadline is not None:
            self._trafficker.deadline = self._deadline
        try:
            yield
        except OutOfTime as late:
            raise SearchStopped from late
        finally:
            self._trafficker.deadline = whole

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
