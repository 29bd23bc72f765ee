"""The tie-break: the cheapest of the equally good plans, then the first in file order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from flowopt.model.activities import Floats
from flowopt.model.feasible_plans import PlanConstraints, allowed
from flowopt.model.interdiction import cheapest
from flowopt.model.plan_effects import TRUSTED
from flowopt.model.search import Search
from flowopt.model.spread_tree import SpreadTree
from flowopt.planning.plan_branching import PlanBranching
from flowopt.planning.plan_constraints import forced_plan
from flowopt.planning.solver_session import SolverSession, plan_of, start_of
from flowopt.results.numbers import EQUAL

# The tie-break is proved by the solver where the proof of the value took at most so much work
# (simplex iterations times rows; some tenths of a second), and the order among equally cheap plans
# up to so many measures. Beyond that it would double the time, and dropping and swapping has to do.
_EFFORT = 500_000
_MEASURES = 60
# Seconds for each activity, to build that programme and to stop the solver in it: without them it
# would end long after the time limit.
_BUILDING = 1e-4
# Swaps may take so much of the search's work, and more where the proof took long: a tenth of it. Of
# what a tree of flows that spread took, a step in a row is ten times as quick as in a programme.
_SWAPS, _EFFORT_PER_SWAPS, _TREE_EFFORT_PER_SWAPS = 2_000, 1_200, 12_000
_NODES = 200
_GAP = 1e-9
_ROUNDING = 1e-12  # relative, of what a bound proves
_SURELY = 0.9  # of the smallest difference of two costs
_CENT = 1e-6  # M USD: costs that are no multiples of it have no such difference
_ROUNDS = 20  # plans that a programme which only bounds them may be wrong about


@dataclass(frozen=True, slots=True)
class TieBreak:
    """Move of a search to the first of its equally good plans.

    Attributes
    ----------
    session : SolverSession
        The session of the run.
    search : Search
        The search, with the best plan, proved, and its limits.
    bound : float
        On every plan's value, which proves the best one.
    branching : PlanBranching or None
        The branch over plans, where plans are tried before the programme.
    tree : SpreadTree or None
        The proof by flows that spread, where there is one.
    """

    session: SolverSession
    search: Search
    bound: float
    branching: PlanBranching | None = None
    tree: SpreadTree | None = None

    def settle(self) -> None:
        """Move to the cheapest of the equally good plans, then to the first in file order."""
        session, search = self.session, self.search
        worst = self._worst()
        if self.branching is not None and self.branching.settle_ties(search, worst):
            return
        self._narrow(worst)
        work = self._work()
        search.settle(worst, work)
        settled = search.best
        takes = _BUILDING * len(search.model.activities)
        if session.effort > _EFFORT or not session.proves or session.clock.left() < takes:
            return
        if search.key(search.best)[0] > search.key(forced_plan(search.model, search.limits))[0]:
            self._take_equal(worst, search.limits)
        if len(search.model.measures) <= _MEASURES:
            self._first_in_order(worst)
        if search.best != settled:
            # The solver's plan may hold what costs nothing and does nothing, and stands anywhere.
            search.settle(worst, work)

    def _work(self) -> float:
        """Return what swaps may take of the search's work."""
        in_tree = 0 if self.tree is None else self.tree.effort
        by_solver = self.session.effort - in_tree
        return _SWAPS + by_solver / _EFFORT_PER_SWAPS + in_tree / _TREE_EFFORT_PER_SWAPS

    def _narrow(self, worst: float) -> None:
        """Leave aside what no equally good plan holds, and keep what each of them holds."""
        session, search = self.session, self.search
        if self.tree is None:
            return
        limits = self.tree.limits_up_to(worst + TRUSTED * session.scale)
        if allowed(search.model, limits, search.best):
            search.narrow(limits)

    def _worst(self) -> float:
        """Return what an equally good plan may leave: no more than the bound proves as well."""
        session, value = self.session, self.search.value
        same = EQUAL * session.scale
        if session.is_proved(value + same, self.bound):
            return value + same
        proved = max(self.bound + same, session.most_proved(self.bound))
        return min(max(value, (1.0 - _ROUNDING) * proved), value + same)

    def _first_in_order(self, worst: float) -> None:
        """Prove, place by place, that no equally good and cheap plan stands before the best one.

        Plans are compared as tuples of file positions: an earlier one shares the first k measures
        and has an earlier next one.
        """
        search = self.search
        k = 0
        while k < len(search.best):
            members = sorted(search.best)
            after = members[k - 1] if k else -1
            earlier = [m for m in range(after + 1, members[k]) if m not in search.limits.exclude]
            limits = replace(
                search.limits,
                include=search.limits.include | frozenset(members[:k]),
                exclude=search.limits.exclude | (frozenset(range(after + 1)) - set(members[:k])),
            )
            if not earlier or not self._take_equal(worst, limits, some_of=earlier):
                k += 1

    def _take_equal(
        self, worst: float, limits: PlanConstraints, *, some_of: Iterable[int] | None = None
    ) -> bool:
        """Look for a plan no worse than `worst` that ranks before the best one, and take it."""
        session, search = self.session, self.search
        most = search.key(search.best)[0]
        limits = replace(limits, budget=min(limits.budget, most))
        # Once the bound is less than the smallest difference of two costs away, none is cheaper.
        gap = max(_GAP, _SURELY * _unit(search.model.measure_cost) / max(most, _GAP))
        options = replace(session.remaining(), name="highs", threads=1, gap=gap, nodes=_NODES)
        for _ in range(_ROUNDS):
            programme = session.build(limits)
            milp = cheapest(programme, search.model, worst, some_of=[some_of] if some_of else [])
            start = None if some_of else start_of(programme, search.best)
            plan = plan_of(programme, session.solve_aside(milp, options, start))
            if plan is None or not allowed(search.model, search.limits, plan):
                return False
            if search.key(plan) >= search.key(search.best):
                return False
            true = session.value(plan)
            if true <= worst or not session.programme.separate(plan, true, claimed=worst):
                return search.offer_equal(plan, worst)
        return False


def _unit(costs: Floats) -> float:
    """Return the largest amount of which all costs are multiples, 0 where it is too small to tell.

    Costs of two plans differ by at least as much, or not at all.
    """
    cents = np.round(costs / _CENT)
    if not np.allclose(cents * _CENT, costs, rtol=0.0, atol=_GAP):
        return 0.0
    return float(np.gcd.reduce(cents.astype(np.int64))) * _CENT
