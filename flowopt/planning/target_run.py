"""The reverse question: the cheapest plan that brings the objective to a target or below."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import SolverError
from flowopt.model.feasible_plans import allowed
from flowopt.model.incumbent import Plan
from flowopt.model.interdiction import cheapest
from flowopt.model.lexicographic import TOLERANCE
from flowopt.model.tightening import far_apart
from flowopt.planning.plan_constraints import PlanProblem, forced_plan
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve_run import FoundPlan, SolveRun
from flowopt.planning.solver_session import claimed_bound, plan_of, start_of
from flowopt.planning.target_budgets import TargetBudgets
from flowopt.results.numbers import EQUAL, relative_gap
from flowopt.results.plan_result import Status

# Nodes of the solver on the programme of the least cost before budgets are searched, and before
# they are proved to be too low: easy questions are answered by then.
_LOOKS = (20, 600)


class Unreachable(Exception):
    """No allowed plan reaches the target."""


def run_of(problem: PlanProblem, options: RunOptions, clock: Clock) -> SolveRun:
    """Return the run that answers a request: for a target if it has one, else for a budget."""
    kind = SolveRun if problem.request.target is None else TargetRun
    return kind(problem, options, clock)


class TargetRun(SolveRun):
    """One solve for a target; the budget, if any, is only a limit."""

    shaken_reaching: int = 0  # draws in vain after which shaking of a cheap plan ends

    def answer(self, baseline: float) -> FoundPlan | None:
        """Return the cheapest plan that reaches the target of the request, as `reach`."""
        target = self.problem.request.target
        return self.reach(baseline, math.inf if target is None else target)

    def reach(self, baseline: float, target: float, *, any_plan: bool = False) -> FoundPlan | None:
        """Search and prove; None if the time ran out before any plan reached the target.

        Parameters
        ----------
        baseline
            The objective without measures.
        target
            What it has to be brought to, or below.
        any_plan
            Be content with the first plan that does it, whatever it costs.

        Raises
        ------
        Unreachable
            When it is proved that no allowed plan reaches the target.
        """
        self._set_scale(baseline)
        self.programme.loosen()
        worst = target + EQUAL * self.scale
        least = 0.0
        with self.stoppable():
            least = self._least()
        if least > worst:
            raise Unreachable
        search = self._search = self._first_plan()
        bound, tried = self._try_plans_reaching(worst, any_plan=any_plan)
        if not tried and not (any_plan and search.value <= worst):
            with self.stoppable():
                search.reach(worst)
            search.take_known_reaching(worst)
            if search.value <= worst and self.shaken_reaching and not self.interrupted:
                with self.stoppable():
                    search.shake_reaching(worst, self.shaken_reaching)
        if any_plan and search.value <= worst:
            return FoundPlan(
                search.best, search.value, least, "limit", bound, self.limit_of("limit")
            )
        if not tried:
            bound = self._proved_from(bound, baseline, worst)
        if search.value > worst:
            return None
        spent = search.key(search.best)[0]
        status: Status = "optimal" if self._is_cheapest(bound, worst) else "limit"
        limit = self.limit_of(status)
        return FoundPlan(search.best, search.value, least, status, min(bound, spent), limit)

    def _try_plans_reaching(self, worst: float, *, any_plan: bool) -> tuple[float, bool]:
        """Try all plans for the cheapest that reaches `worst`, where few can be of use.

        Return a bound on what it costs, and whether all of them were tried.
        """
        bound = self._search.key(forced_plan(self.model, self.limits))[0]
        if self.branching is None:
            return bound, False
        tried = False
        with self.stoppable():
            tried = self.branching.least_cost(self._search, worst, any_plan=any_plan)
        if tried and self._search.value > worst:
            raise Unreachable
        return max(bound, self.branching.cost_bound), tried

    def _least(self) -> float:
        """Return a bound on every plan's value: all measures at once, where they never do harm."""
        if not self.programme.monotone:
            return 0.0
        everything = frozenset(range(len(self.model.measures))) - self.limits.exclude
        least = self._known[everything] = self.value(everything)
        return least

    def _proved_from(self, bound: float, baseline: float, worst: float) -> float:
        """Return a bound on costs raised as far as it goes, and let the search take cheaper plans.

        Where few nodes of the solver leave the cheapest plan open, budgets are asked before more.
        """
        steps: list[Callable[[float], float]] = [partial(self._cheapest, worst, None)]
        if self._asks_budgets():
            budgets = TargetBudgets(self, self._search, baseline, worst, self.known)
            looks = [partial(self._cheapest, worst, nodes) for nodes in _LOOKS]
            steps[:0] = [looks[0], budgets.descend, looks[1], budgets.climb]
        for step in steps:
            if not self.proves or self.ended() or self._is_cheapest(bound, worst):
                break
            with self.stoppable():
                bound = max(bound, step(bound))
        return bound

    def _asks_budgets(self) -> bool:
        """Return whether budgets are quicker than the programme of the least cost.

        Where measures close things outright, and where prices can be tightened up to the target, it
        is quick by itself. Only HiGHS counts nodes.
        """
        objective = self.problem.request.objective
        return (
            self.programme.monotone
            and not self.model.outright
            and not far_apart(self.model, objective)
            and self.solver_options.name.lower() == "highs"
        )

    def _is_cheapest(self, bound: float, worst: float) -> bool:
        """Return whether a bound on costs proves a plan that reaches the target, within the gap."""
        spent = self._search.key(self._search.best)[0]
        return self._search.value <= worst and relative_gap(spent, bound) <= self.options.gap

    def _needed_sets(self, worst: float) -> Iterable[Plan]:  # noqa: ARG002  # a kind of run may
        """Yield sets of measures of each of which a plan has to hold one, known beforehand."""
        return ()

    def _cheapest(self, worst: float, nodes: int | None = None, bound: float = 0.0) -> float:
        """Solve the programme, take its plan, and return its bound on the cost.

        With `nodes`, by no more of the solver's, without its own searches for plans.
        """
        search, every = self._search, frozenset(range(len(self.model.measures)))
        missing: list[Plan] = []
        if not self.ended():
            with self.stoppable():
                missing.extend(self._needed_sets(worst))
        limits, careful = self.limits, False
        if search.value <= worst and not self.ended():
            spent = search.key(search.best)[0]
            self.tighten(replace(self.limits, budget=min(self.limits.budget, spent)), worst)
        while True:
            programme = self.build(limits)
            milp = cheapest(programme, self.model, worst, some_of=missing)
            start = start_of(programme, search.best) if search.value <= worst else None
            good_start = nodes is not None or (start is not None and self.well_searched(search))
            options = replace(self.remaining(), good_start=good_start, nodes=nodes)
            result = self.solve(milp, options, start, careful=careful)
            claimed = claimed_bound(result, bound, 1.0)
            known = search.key(search.best)[0] if search.value <= worst else np.inf
            if np.isinf(claimed) and np.isinf(known):
                raise Unreachable
            if claimed > known + TOLERANCE * max(1.0, known):
                if careful:
                    raise SolverError(
                        f"the solver claims that no plan costs less than {claimed:.9g}, but one "
                        f"for {known:.9g} is known; please report the network"
                    )
                if self.ended():
                    return bound
                careful = True
                self.programme.loosen()
                continue
            bound = claimed
            plan = plan_of(programme, result)
            if plan is None:
                return bound
            keeps = allowed(self.model, self.limits, plan)
            if keeps and self.value(plan) <= worst:
                cheaper = search.value > worst or search.key(plan) < search.key(search.best)
                if cheaper:
                    search.offer_equal(plan, worst)
                return bound
            if self.ended():
                return bound
            if not keeps:  # by the solver's tolerance: what it holds may keep them, and reach it
                limits = replace(limits, covers=(*limits.covers, plan))
            elif self.programme.monotone:
                # Within the solver's tolerance but not ours: fewer measures will not do either.
                missing.append(every - plan)
            elif not self.programme.separate(plan, self.value(plan), claimed=worst):
                return bound
