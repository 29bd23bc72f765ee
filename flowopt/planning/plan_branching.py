"""The branch over plans on behalf of a session: its limit of work, its plans and bounds.

On a small network, trying plans with the trafficker's hot programme proves the best one before a
mixed-integer programme is built. Work is counted, never time, so the same question takes the same
way everywhere; what is not proved within the limit is left to the programme, with the best plan and
the bound so far.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from flowopt.defaults import AUTO
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.plan_tree import LeastCost, LeastValue, PlanTree
from flowopt.model.plan_values import PlanValues, plan_values
from flowopt.model.search import Search
from flowopt.planning.solver_session import SolverSession
from flowopt.results.numbers import EQUAL

# Work of one tree: simplex iterations, and a fiftieth of rows and columns for each plan. On one
# core 10,000 take about half a second. The programme of `bilevel` takes far longer than the others,
# whose ties it settles in a few nodes; where measures close arcs outright it takes least.
_WORK, _OUTRIGHT_WORK, _BILEVEL_WORK, _TIE_WORK = 1_500, 400, 10_000, 250
_LEAST_NODES = 75  # plans for which there must be work, or the tree is left out
_REPORT = 20  # plans from one report of progress to the next


class PlanBranching:
    """Searches through all allowed plans, each with a limit of work.

    Parameters
    ----------
    session
        The session of the run.

    Attributes
    ----------
    bound : float
        On the planner's objective under every plan, from the last search for the least value.
    cost_bound : float
        On the cost of every plan that does it, from the last search for the least cost; infinity
        where there is none.
    most_nodes : float
        Plans that can be looked at within the limit of work, at most.
    """

    def __init__(self, session: SolverSession) -> None:
        self.bound = self.cost_bound = 0.0
        self._session = session
        self._most = _OUTRIGHT_WORK if session.model.outright else _WORK
        if not session.programme.monotone:
            self._most = _BILEVEL_WORK
        self._tree: PlanTree | None = None
        self._limits: PlanConstraints | None = None  # of that tree
        self.most_nodes = self._most / session.trafficker.visit

    @cached_property
    def _values(self) -> PlanValues:
        session = self._session
        return plan_values(session.model, session.trafficker, session.problem.request.ties)

    def least_value(self, search: Search) -> None:
        """Look for a better plan than the best one of a search, which takes it; set `bound`."""
        goal = LeastValue(search.limits, search.value, search.best, EQUAL * self._session.scale)
        tree = PlanTree(self._session.model, self._values, goal)
        reported = -_REPORT

        def stop() -> bool:
            nonlocal reported
            if tree.nodes >= reported + _REPORT:
                reported = tree.nodes
                self._session.report(goal.value, min(tree.bound, goal.value))
            return self._ended(tree)

        self.bound, self._tree, self._limits = 0.0, tree, search.limits
        try:
            tree.run(stop)
        finally:
            self.bound = min(tree.bound, goal.value)
            search.offer(goal.plan)

    def settle_ties(self, search: Search, worst: float) -> bool:
        """Move a search to the first, by cost and file order, of the plans worth `worst` or less.

        Only from the best plan of a search for the least value which has tried all; return whether
        that has been so.
        """
        if self._tree is None or not self._tree.done or search.limits is not self._limits:
            return False
        goal = LeastCost(self._session.model, search.limits, worst, search.best)
        tree = self._tree.following(goal)
        most = _TIE_WORK if self._session.programme.monotone else _BILEVEL_WORK
        return self._first(tree, goal, search, worst, lambda: tree.work >= most)

    def least_cost(self, search: Search, worst: float, *, any_plan: bool = False) -> bool:
        """Look for the first of the plans, by cost and file order, worth `worst` or less.

        The search takes it; `cost_bound` is set. Return whether none comes before it.

        Parameters
        ----------
        search
            The search, with what plans may be.
        worst
            In the objective's unit.
        any_plan
            Be content with any.
        """
        known = search.best if search.value <= worst else None
        goal = LeastCost(self._session.model, search.limits, worst, known)
        tree = PlanTree(self._session.model, self._values, goal)
        return self._first(tree, goal, search, worst, lambda: any_plan and goal.plan is not None)

    def _first(
        self,
        tree: PlanTree,
        goal: LeastCost,
        search: Search,
        worst: float,
        enough: Callable[[], bool],
    ) -> bool:
        """Let a tree look for the first plan, which a search takes; return whether it is done."""
        try:
            tree.run(lambda: self._ended(tree) or enough())
        finally:
            self.cost_bound = min(tree.cost_bound, goal.cost)
            if goal.plan is not None:
                search.offer_equal(goal.plan, worst)
        return tree.done

    def _ended(self, tree: PlanTree) -> bool:
        return tree.work >= self._most or self._session.late()


def branching_of(session: SolverSession) -> PlanBranching | None:
    """Return the branch over plans of a session; None where the programme is asked at once.

    So it is where a solver was named, on networks so large that few plans could be tried, and where
    a measure needs one of several others: a node holds all that its measures require, which is then
    not one plan.
    """
    if session.model.needs:
        return None
    branching = PlanBranching(session)
    few = branching.most_nodes < _LEAST_NODES or session.trafficker.large
    return None if session.options.solver.lower() != AUTO or few else branching
