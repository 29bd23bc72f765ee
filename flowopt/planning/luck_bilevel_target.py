"""The cheapest plan for a target of `bilevel` where measures may fail.

A plan whose mean reaches the target has an outcome that does. What acts there costs no more than
the plan. So what no set of measures that reaches the target when it acts can undercut is a bound on
costs; and where no such set is, no plan reaches the target. Where plans are few they are tried in
every outcome of their luck, the cheapest first, up to one that reaches the target.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

from flowopt.model.feasible_plans import allowed, plan_key
from flowopt.model.incumbent import Plan
from flowopt.planning.luck_bilevel import few_plans, of_sets
from flowopt.planning.luck_target import LuckTargetRun
from flowopt.planning.target_run import TargetRun

_SETS_SHARE = 0.3  # of the time left, for the sets that reach the target when they act


class LuckBilevelTargetRun(LuckTargetRun):
    """Run for the cheapest plan for a target where a measure that works may do harm."""

    @property
    def _unknown(self) -> float:
        """Infinity: a plan may leave more than no measures."""
        return math.inf

    def _hopeless(self) -> bool:
        """Return False: all measures together bound no plan."""
        return False

    def _when_all_works(self) -> None:
        """Take the bound on costs of sets that reach the target when they act."""
        if len(self.worlds) > 1 or self.criterion.name == "regret":
            return
        limits = replace(self.limits, include=frozenset())
        problem = replace(of_sets(self.worlds[0]), constraints=limits)
        quiet = replace(self.options, on_progress=None)
        sets = TargetRun(problem, quiet, self.clock.part(_SETS_SHARE))
        nothing, target = float(self.nothing[0]), self.level.most
        if self.criterion.name == "cut":
            target += nothing
        found = sets.reach(nothing, target)
        self.interrupted = self.interrupted or sets.interrupted
        if found is None:
            return
        self.cost_bound = max(self.cost_bound, found.cost_bound or 0.0)
        plan = frozenset(m for m in found.plan if m < len(self.model.measures))
        if allowed(self.model, self.limits, plan):
            self.offer(plan)

    def _grow(self, plan: Plan) -> None:
        """Take the best plan that a search finds: no order of measures is one of means."""
        search = self._search
        search.offer(plan)
        search.run()
        self.offer(search.best)

    def _prove_cheapest(self) -> None:
        """Try every plan in every outcome of its luck, the cheapest first, where they are few."""
        plans = few_plans(self)
        if plans is None:
            return
        for plan in sorted(plans, key=partial(plan_key, self.model)):
            self.insist_on_time()
            self._note(plan, [each.values.searched(plan) for each in self.worlds])
            self._exact.add(plan)
            self.cost_bound = max(self.cost_bound, self._cost(plan))  # those before it miss
            if self.level.reached_by(self._means[plan]):
                self.cheap = plan
                return
        self.cheap, self.cost_bound = None, math.inf
