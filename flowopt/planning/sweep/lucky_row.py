"""Rows of a comparison where measures may fail, one budget each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.feasible_plans import allowed
from flowopt.model.solver import OnProgress
from flowopt.network.chances import as_if_sure
from flowopt.planning.luck_solve import solve_under_luck
from flowopt.planning.plan_constraints import forced_plan, indices, problem_of
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.sweep.neighbour_grid import NeighbourRequest, best_bounds
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
    def key(self) -> str:
        """The key of the row, unique within a comparison."""
        asked = "" if self.wanted is None else f" {self.wanted.criterion} {self.wanted.tail!r}"
        again = " again" if self.again else ""
        return f"{self.network.info.id} {self.objective} {self.budget!r} luck{asked}{again}"

    def solve(self, on_progress: OnProgress | None) -> RowResult:
        """Return the best plan for the budget in the mean over what works of it."""
        clock = Clock(self.seconds_left)
        sure = as_if_sure(self.network)
        problem = problem_of(sure, shared_model(sure), self.plan_request)
        row = (self.network.info.id, self.objective, self.budget)
        forced = forced_plan(problem.model, problem.constraints)
        if not allowed(problem.model, problem.constraints, forced):  # part of every plan
            return RowResult(*row, status="infeasible", seconds=clock.elapsed())
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
            return RowResult(*row, status="no_solution", limit="time", seconds=clock.elapsed())
        if not isinstance(found, LuckSolution):
            return RowResult(*row, status="infeasible", seconds=clock.elapsed())
        return RowResult(
            *row,
            status=found.status,
            plan=found.measures,
            spent=found.spent,
            value=found.value,
            bound=found.bound,
            seconds=clock.elapsed(),
            limit=found.limit,
            luck=found,
        )


def with_luck_bounds(solutions: Sequence[LuckSolution], gap: float) -> list[LuckSolution]:
    """Return the plans of rising budgets, each with the best bound that one of a larger has.

    An estimate stays one, however near its bound is.
    """
    if any(each.criterion == "regret" for each in solutions):
        return [*solutions]
    bounds = best_bounds((each.value, each.bound) for each in solutions)
    found: list[LuckSolution] = []
    for each, bound in zip(solutions, bounds, strict=True):
        better = replace(each, bound=bound)
        left = better.gap
        if better.status == "limit" and left is not None and left <= gap:
            better = replace(better, status="optimal", limit=None)
        found.append(better)
    return found
