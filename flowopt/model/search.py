"""Good plans without proof, and the tie-break: local search on the trafficker's programme.

The search gives the solver a first plan and a planner in a hurry something to hold. It knows no
clock but a deadline; without one, the same input gives the same plan, because work is counted in
simplex iterations.
"""

from __future__ import annotations

import heapq
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import numpy as np

from flowopt.errors import OutOfTime
from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.feasible_plans import (
    PlanConstraints,
    allowed,
    closure,
    plan_key,
    slack,
    with_others,
    without,
)
from flowopt.model.plan_effects import TRUSTED
from flowopt.model.plan_valuer import PlanValuer
from flowopt.results.numbers import EQUAL

Plan = frozenset[int]
WORK = 60_000  # simplex iterations, of a search in one network

_SHAKES = 8  # times the work of a climb that goes into shaking a plan
_STALE = 45  # draws in a row without a better plan after which it is left alone
_MOST_LOOKS = 3  # a measure's share of the looks that trimming everything down takes
_NEAR = 2e-3  # relative: a plan so close to the best one may be what is torn next
_WANDER = 0.1  # how often it is


class SearchStopped(OutOfTime):
    """End of a search whose work or time is used up; the best plan so far counts."""


class Search:
    """Evaluates plans once each and keeps the best.

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
        self.limits = limits
        self._trafficker = trafficker
        self._scale = scale
        self._same = EQUAL * scale
        self._work: float = work
        self._left: float = work
        self._visit = trafficker.visit
        self._deadline = deadline
        self._owed: float = least
        self.forced: Plan = closure(model, limits.include)
        self._known: dict[Plan, float] = {} if known is None else known
        self.shaken = False  # whether a plan was shaken until that no longer helped
        self._least = float("inf")  # of the allowed plans valued here
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
        """Grow a plan, trim everything down to another, then swap until nothing improves.

        Growing looks at one measure at a time. Measures that only work together are all there in
        everything at once, and stay there as long as they are missed.
        """
        for stage in (self._from_below, self._from_above, self._climb):
            self._left = self._work
            try:
                stage()
            except SearchStopped:
                continue

    def shake(self) -> None:
        """Change several measures of a good plan at once, until that has not helped for long.

        Swaps see one measure at a time. Here some are torn out and the rest is grown again, or
        some are put in and the whole is trimmed. Which ones is drawn from a seed of its own, so the
        same input gives the same plan.
        """
        draw = random.Random(0)  # no secret hangs on it
        self._left = _SHAKES * self._work
        draws = 0
        home, home_value, stale = self.best, self.value, 0
        try:
            while stale < _STALE:
                stale, draws = stale + 1, draws + 1
                self.shaken = draws > _STALE  # should the work be used up now
                known = self.value
                plan = self._shaken(home, draw)
                if not allowed(self.model, self.limits, plan):
                    continue
                value = self._look_at(plan)
                self._better(plan, value)
                if self.value < known:
                    stale = 0
                near = value <= self.value * (1.0 + _NEAR) and draw.random() < _WANDER
                if value < home_value - self._same or near:
                    home, home_value = plan, value
            self.shaken = True
            self._climb()
        except SearchStopped:
            return

    def climb(self, plan: Plan, deadline: float | None) -> bool:
        """Swap from a plan until nothing improves, and take what comes of it if that is better.

        Parameters
        ----------
        plan
            Of the solver, say.
        deadline
            `time.perf_counter` at which to stop, or None: that of the search may be over.

        Returns
        -------
        bool
            Whether the best plan has changed.
        """
        if not allowed(self.model, self.limits, plan):
            return False
        best, value = self.best, self.value
        self._left, self._deadline = self._work, deadline
        with suppress(SearchStopped):
            self.best, self.value = plan, self._look_at(plan)
            self._climb()
        if self.value < value - self._same:
            return True
        self.best, self.value = best, value
        return False

    def reach(self, worst: float) -> None:
        """Look for a cheap plan that brings the objective to `worst` or below."""
        self._left = self._work
        try:
            self._take(self._grown(self.best, enough=worst))
            if self.value <= worst:
                self._left = self._work
                self._descend(partial(self._simpler, worst), worst)
        except SearchStopped:
            return

    def settle(self, worst: float, work: float) -> None:
        """Among plans no worse than `worst`, move to cheaper ones, then to earlier ones.

        Drops what does nothing, whatever it takes, and tries every swap as far as `work` goes; the
        exact tie-break is the solver's.
        """
        self._left = self._work
        try:
            self._descend(self._smaller, worst)
            self._left = min(self._left, work)
            self._descend(partial(self._simpler, worst), worst)
        except SearchStopped:
            return

    def key(self, plan: Plan) -> tuple[float, tuple[int, ...]]:
        """Return what ranks equally good plans: cost, then file order."""
        return plan_key(self.model, plan)

    def trimmed(self, plan: Plan) -> Plan:
        """Leave out what is missed least for its cost until the rest keeps the limits.

        What was missed least when last looked at is looked at first, as in `_grown`.

        Raises
        ------
        SearchStopped
            When the work or the time is used up.
        """
        value = self._look_at(plan)
        queue = [(-float("inf"), m) for m in sorted(plan - self.forced)]
        heapq.heapify(queue)
        fresh: dict[int, Plan] = {}
        while queue and not allowed(self.model, self.limits, plan):
            _, measure = heapq.heappop(queue)
            rest = without(self.model, plan, measure)
            if measure not in plan:
                continue
            lost = self._look_at(rest) - value
            if fresh.get(measure) == plan:
                plan, value = rest, value + lost
                continue
            saved = self.model.measure_cost[sorted(plan - rest)].sum()
            fresh[measure] = plan
            heapq.heappush(queue, (lost / max(float(saved), 1e-9), measure))
        return plan

    # -- moves --------------------------------------------------------------------------------

    def _from_below(self) -> None:
        self._take(self._covering())
        self._take(self._grown(self.best))

    def _covering(self) -> Plan:
        """Return the plan that hits most of what the trafficker does under the best one.

        It does not foresee that the trafficker goes round, but takes a single look.
        """
        self._stand_on(self.best)
        return self._filled(self.best, self._trafficker.most_lost(together=True))

    def _priced(self) -> Plan:
        """Return the plan that by the prices of the response to the best one surely takes most.

        Where that is not all, what is left of the budget hits most of what the trafficker does.
        """
        sure = self._trafficker.surely_lost()
        plan = self._filled(self.best, sure, enough=self.value)
        taken = float(sure[sorted(plan)].sum())
        if not 0.0 < taken < self.value - self._same:
            return plan
        return self._filled(plan, self._trafficker.most_lost(together=True))

    def _filled(self, plan: Plan, gains: Floats, *, enough: float = float("inf")) -> Plan:
        """Add what gains most per cost to a plan, as far as it is allowed, until it is enough."""
        cost = self.model.measure_cost
        optional = np.array(self._optional(), dtype=np.int64)
        per_cost = gains[optional] / np.maximum(cost[optional], 1e-9)
        some = (per_cost > 0.0) & (per_cost < np.inf)
        left = optional[some][np.argsort(-per_cost[some], kind="stable")]
        step = 1  # as many at a time as are allowed together
        while len(left):
            missing = enough - float(gains[sorted(plan)].sum())
            if missing <= self._same:
                break
            step = min(step, int(np.searchsorted(np.cumsum(gains[left[:step]]), missing)) + 1)
            grown = closure(self.model, plan.union(left[:step].tolist()))
            if allowed(self.model, self.limits, grown):
                plan, left, step = grown, left[step:], 2 * step
            elif step > 1:
                step //= 2
            else:
                budget = self.limits.budget
                rest = budget + slack(budget) - cost[sorted(plan)].sum()
                left = left[1:][cost[left[1:]] <= rest]
        return plan

    def _from_above(self) -> None:
        """Trim everything, unless just looking at each measure is too much work."""
        optional = self._optional()
        if _MOST_LOOKS * len(optional) * self._visit > self._work:
            return
        whole = [closure(self.model, {measure}) for measure in optional]
        possible = [each for each in whole if not each & self.limits.exclude]
        plan = self.trimmed(self.forced.union(*possible))
        for measure in sorted(plan - self.forced, reverse=True):
            rest = without(self.model, plan, measure)
            if self._look_at(rest) <= self._look_at(plan) + self._same:
                plan = rest  # within the limits it stood idle
        if allowed(self.model, self.limits, plan):
            self._take(self._grown(plan))

    def _climb(self) -> None:
        self._take(self._grown(self.best))
        while any(self._better(plan, self._look_at(plan)) for plan in self._neighbours()):
            self._take(self._grown(self.best))

    def _take(self, plan: Plan) -> None:
        self._better(plan, self._look_at(plan))

    def _shaken(self, plan: Plan, draw: random.Random) -> Plan:
        if draw.random() < 0.5:
            return self._grown(self._torn(plan, draw), skip=0.3, draw=draw)
        others = [m for m in self._optional() if m not in plan]
        added = draw.sample(others, min(draw.randint(2, 6), len(others)))
        fuller = closure(self.model, plan.union(added))
        return plan if fuller & self.limits.exclude else self._grown(self.trimmed(fuller))

    def _torn(self, plan: Plan, draw: random.Random) -> Plan:
        """Return a plan without a few of its measures, and with up to two others."""
        for measure in draw.sample(sorted(plan), min(draw.randint(2, 6), len(plan))):
            rest = without(self.model, plan, measure)
            if self.forced <= rest:
                plan = rest
        optional = self._optional()
        for measure in draw.sample(optional, min(draw.choice((0, 1, 1, 2)), len(optional))):
            grown = closure(self.model, plan | {measure})
            if allowed(self.model, self.limits, grown):
                plan = grown
        return plan

    def _grown(
        self,
        plan: Plan,
        enough: float = -float("inf"),
        *,
        skip: float = 0.0,
        draw: random.Random | None = None,
    ) -> Plan:
        """Add the measure with the best cut per cost, looking again only where it may pay.

        With `skip`, the best one is passed over with this probability.
        """
        value = self._look_at(plan)
        self._stand_on(plan)
        # Of many measures it is known beforehand that they gain little.
        most = self._trafficker.most_lost() / np.maximum(self.model.measure_cost, 1e-9)
        most[with_others(self.model, plan)] = np.inf
        queue = [(-float(most[m]), m) for m in self._optional() if m not in plan]
        heapq.heapify(queue)
        fresh: dict[int, Plan] = {}
        while queue and value > enough:
            _, measure = heapq.heappop(queue)
            grown = closure(self.model, plan | {measure})
            if measure in plan or not allowed(self.model, self.limits, grown):
                continue
            gain = value - self._look_at(grown)
            if fresh.get(measure) == plan:
                if gain <= self._same:
                    return plan
                if draw is not None and draw.random() < skip:
                    continue
                plan, value = grown, value - gain
                self._better(plan, value)  # kept should the time be over now
                self._stand_on(plan)
                continue
            added = self.model.measure_cost[sorted(grown - plan)].sum()
            fresh[measure] = plan
            heapq.heappush(queue, (-gain / max(float(added), 1e-9), measure))
        return plan

    def _neighbours(self) -> Iterator[Plan]:
        """Yield allowed plans that trade one measure for one or two others."""
        optional = self._optional()
        for dropped in sorted(self.best - self.forced):
            base = without(self.model, self.best, dropped)
            self._stand_on(base)
            for added in optional:
                if added in base or added == dropped:
                    continue
                grown = closure(self.model, base | {added})
                if allowed(self.model, self.limits, grown):
                    yield grown

    def _descend(self, candidates: Callable[[], Iterator[Plan]], worst: float) -> None:
        """Move on to whichever candidate is no worse than `worst`, until none is."""
        while any(self._no_worse(plan, self._look_at(plan), worst) for plan in candidates()):
            pass

    def _smaller(self) -> Iterator[Plan]:
        """Yield the best plan without each of its measures, where that ranks before it."""
        mine = self.key(self.best)
        for dropped in sorted(self.best - self.forced, reverse=True):
            plan = without(self.model, self.best, dropped)
            if self.key(plan) < mine and allowed(self.model, self.limits, plan):
                yield plan

    def _simpler(self, worst: float) -> Iterator[Plan]:
        """Yield allowed plans that rank before the best one if they are no worse than `worst`.

        Those of which a bound says that they are worse are left out.
        """
        mine = self.key(self.best)
        for dropped in sorted(self.best - self.forced, reverse=True):
            base = without(self.model, self.best, dropped)
            least = self._look_at(base) - self._most_lost(base)
            if self.key(base) < mine and allowed(self.model, self.limits, base):
                yield base
            for measure in self._optional():
                if measure in base or least[measure] > worst + TRUSTED * self._scale:
                    continue
                plan = closure(self.model, base | {measure})
                if self.key(plan) < mine and allowed(self.model, self.limits, plan):
                    # The trafficker can do as under it, but for what another measure hits.
                    least = np.maximum(least, self._least_with_one_more(plan, base))
                    yield plan

    def _most_lost(self, base: Plan) -> Floats:
        """Return what each measure more can take of the objective under a plan, at most."""
        self._stand_on(base)
        most = self._trafficker.most_lost()
        most[with_others(self.model, base)] = np.inf
        return most

    def _least_with_one_more(self, plan: Plan, base: Plan) -> Floats:
        """Return the least that each measure can leave on top of `base`, by one that holds it."""
        losses = np.full(len(self.model.measures), np.inf)

        def valued(plan: Plan) -> float:
            nonlocal losses
            value, losses = self._trafficker.value_and_losses(plan)
            return value

        value = self._look_at(plan, valued)
        losses[with_others(self.model, base)] = np.inf
        return value - losses

    def _optional(self) -> list[int]:
        return [m for m in range(len(self.model.measures)) if m not in self.limits.exclude]

    # -- values -------------------------------------------------------------------------------

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

    def covering(self) -> float:
        """Return the objective under the plans that cost least to find: the better one's.

        They take most by the trafficker's prices, and hit most of what it does. Values are known
        from then on, and no more: what the search itself does first is the same with it or without.
        """
        self._trafficker.remember(self.best)  # whatever it takes of the time: all else builds on it
        priced = self.value_of(self._priced())
        return min(priced, self.value_of(self._covering()))

    def first_value(self) -> float:
        """Return the objective under the plan that by prices surely takes most, known from then on.

        It takes a single response more than the best one's.
        """
        self._trafficker.remember(self.best)
        return self.value_of(self._priced())

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
