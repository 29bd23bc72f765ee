"""Rows of a comparison where measures may fail, one budget each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.feasible_plans import allowed
from flowopt.model.solver import OnProgress
from flowopt.network.chances import as_if_sure
from flowopt.planning.luck_solve import solve_under_luck
from flowopt.planning.plan_constraints import forced_plan, indices, problem_of
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.sweep.neighbour_grid import NeighbourRequest
from flowopt.planning.sweep.row import RowResult
from flowopt.planning.sweep.shared_model import shared_model
from flowopt.results.luck_solution import LuckSolution


@dataclass(frozen=True, slots=True, kw_only=True)
class LuckyRowRequest(NeighbourRequest):
    """One row to solve in the mean over what works.

    Attributes
    ----------
    wanted : CriterionRequest or None
        The criterion over scenarios; None for the network as it stands.
    """

    wanted: CriterionRequest | None

    @property
    def comparable(self) -> bool:
        """True where values of several budgets are of one kind."""
        return self.wanted is None or self.wanted.criterion != "regret"

    @property
    def asked(self) -> str:
        """Luck, and the criterion if there is one."""
        wanted = self.wanted
        return "luck" if wanted is None else f"luck {wanted.criterion} {wanted.tail!r}"

    def solve(self, on_progress: OnProgress | None) -> RowResult:
        """Return the best plan for the budget in the mean over what works of it."""
        clock = Clock(self.seconds_left)
        sure = as_if_sure(self.network)
        problem = problem_of(sure, shared_model(sure), self.plan_request)
        forced = forced_plan(problem.model, problem.constraints)
        if not allowed(problem.model, problem.constraints, forced):  # part of every plan
            return self.without_plan("infeasible", clock)
        names = problem.model.measures
        try:
            found = solve_under_luck(
                self.network,
                self.plan_request,
                self.wanted,
                replace(self.options, on_progress=on_progress),
                clock,
                hints=[frozenset(indices(names, p, what="measure")) for p in self.starts],
                known_bound=self.known_bound,
            )
        except OutOfTime:
            return self.without_plan("no_solution", clock, "time")
        if not isinstance(found, LuckSolution):
            return self.without_plan("infeasible", clock)
        return self.solved(found, clock, luck=found)
