"""Branch and cut for the cheapest plan whose criterion is brought to a target or below.

The same cuts say what plans are worth at least (`plan_cuts`); here a row holds the criterion over
them at the target, and the cost is the objective:

    minimise cost'x   subject to   R(theta) <= target,   theta_b >= every cut of block b.

A plan whose cuts, or whose own value, are above the target is taken out of the tree with all plans
within it, which are worth no less. One that reaches it is taken out alone, as a plan within it may
reach it, too, and costs less; what it costs is kept as a bound. So is the cost of one of which it
is not known for certain whether it does.
"""

from __future__ import annotations

import numpy as np

from flowopt.model.branch_and_cut import BranchAndCut
from flowopt.model.feasible_plans import allowed
from flowopt.model.incumbent import Plan


class CheapestTree(BranchAndCut):
    """One branch and cut over costs; parameters as of `BranchAndCut`, whose goal counts costs.

    What its goal returns for a plan is a bound on the cost: infinity where the plan is known for
    certain to miss the target.
    """

    def _take(self, plan: Plan) -> None:
        """Take a whole plan out of the tree, and all within it where it misses the target."""
        self._taken.add(plan)
        flags = self._flags(plan)
        if not allowed(self._rules, self._limits, plan):
            self.programme.rule_out(flags)
            return
        self.programme.add(self.separation.at_plan(self._choices(plan)), self._scale)
        point, found = flags.astype(float), np.inf
        if self.programme.solve(point, point) is not None:
            cost = self._goal.offer(plan)
            found = -np.inf if cost is None else cost / self._unit
        self._left = min(self._left, found)
        if np.isinf(found):
            self.programme.ask_for_more_than(flags)
        else:
            self.programme.rule_out(flags)
