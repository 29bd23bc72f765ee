"""Greedy plans: grown by what gains most for its cost, or trimmed by what is missed least.

Both look at a measure again only where it comes first by what was last known of it. From nothing
that is a bound, so that each is looked at once. In a hurry it is what the measure was worth when
last looked at, beside whichever plan: of a plan much like others few need a look.
"""

from __future__ import annotations

import heapq
import random

import numpy as np

from flowopt.model.activities import Floats
from flowopt.model.feasible_plans import allowed, closure, slack, with_others, without
from flowopt.model.incumbent import Incumbent, Plan

_MOST_LOOKS = 3  # a measure's share of the looks that trimming everything down takes


class GreedyPlans(Incumbent):
    """Plans that grow from the best one, and those that are left of everything."""

    def trimmed(self, plan: Plan, worst: float | None = None) -> Plan:
        """Leave out what is missed least for its cost until the rest keeps the limits.

        What was missed least when last looked at is looked at first, as in `_grown`; in a hurry,
        also what other plans have missed least.

        Parameters
        ----------
        plan
            What to leave out of.
        worst
            Of a plan that keeps the limits, go on as long as the rest keeps them too, and the
            objective is no worse than that.

        Raises
        ------
        SearchStopped
            When the work or the time is used up.
        """
        value = self._look_at(plan)
        known = self._worth if self._hasty else {}
        queue = [(known.get(m, -float("inf")), m) for m in sorted(plan - self.forced)]
        heapq.heapify(queue)
        fresh: dict[int, Plan] = {}
        while queue and (worst is not None or not allowed(self.model, self.limits, plan)):
            _, measure = heapq.heappop(queue)
            rest = without(self.model, plan, measure)
            if measure not in plan:
                continue
            lost = self._look_at(rest) - value
            if worst is not None and (
                value + lost > worst or not allowed(self.model, self.limits, rest)
            ):
                continue
            if fresh.get(measure) == plan:
                plan, value = rest, value + lost
                continue
            fresh[measure] = plan
            heapq.heappush(queue, (self._noted(measure, lost, plan - rest), measure))
        return plan

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
        everything = self._everything()
        if everything is None:
            return
        plan = self.trimmed(everything)
        for measure in sorted(plan - self.forced, reverse=True):
            rest = without(self.model, plan, measure)
            if self._look_at(rest) <= self._look_at(plan) + self._same:
                plan = rest  # within the limits it stood idle
        if allowed(self.model, self.limits, plan):
            self._take(self._grown(plan))

    def _everything(self) -> Plan | None:
        """Return all measures that may be chosen; None where looking at each is too much work."""
        optional = self._optional()
        if _MOST_LOOKS * len(optional) * self._visit > self._work:
            return None
        whole = [closure(self.model, {measure}) for measure in optional]
        return self.forced.union(*(each for each in whole if not each & self.limits.exclude))

    def _grown(
        self,
        plan: Plan,
        skip: float = 0.0,
        draw: random.Random | None = None,
        *,
        enough: float = -float("inf"),
    ) -> Plan:
        """Add the measure with the best cut per cost, looking again only where it may pay.

        With `draw`, the best one is passed over with the probability `skip`.
        """
        value = self._look_at(plan)
        self._stand_on(plan)
        # Of many measures it is known beforehand that they gain little.
        most = self._trafficker.most_lost() / np.maximum(self.model.measure_cost, 1e-9)
        most[with_others(self.model, plan)] = np.inf
        if self._hasty:
            for measure, worth in self._worth.items():
                most[measure] = min(most[measure], worth)
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
            fresh[measure] = plan
            heapq.heappush(queue, (-self._noted(measure, gain, grown - plan), measure))
        return plan

    def _noted(self, measure: int, gain: float, differ: Plan) -> float:
        """Note and return what a measure gains for the cost of all that comes or goes with it."""
        cost = float(self.model.measure_cost[sorted(differ)].sum())
        worth = self._worth[measure] = gain / max(cost, 1e-9)
        return worth

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
