"""Rows of a comparison by a criterion over scenarios, one budget each.

Of `regret` values and bounds of several budgets are not comparable: it is against the best plans
for the same money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.solver import OnProgress
from flowopt.planning.all_scenarios import solve_scenarios
from flowopt.planning.plan_constraints import indices
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.sweep.neighbour_grid import NeighbourRequest, best_bounds
from flowopt.planning.sweep.row import RowResult
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.scenario_solution import ScenarioSolution

SolutionT = TypeVar("SolutionT", ScenarioSolution, LuckSolution)


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRowRequest(NeighbourRequest):
    """One row to solve over all scenarios.

    Attributes
    ----------
    wanted : CriterionRequest
        The criterion.
    """

    wanted: CriterionRequest

    @property
    def comparable(self) -> bool:
        """True where values of several budgets are of one kind."""
        return self.wanted.criterion != "regret"

    @property
    def asked(self) -> str:
        """The criterion."""
        return f"{self.wanted.criterion} {self.wanted.tail!r}"

    def solve(self, on_progress: OnProgress | None) -> RowResult:
        """Return the best plan for the budget by the criterion."""
        clock = Clock(self.seconds_left)
        options = replace(self.options, on_progress=on_progress)
        names = tuple(row.measure for row in self.network.measures)
        hints = tuple(frozenset(indices(names, plan, what="measure")) for plan in self.starts)
        try:
            found = solve_scenarios(
                self.network,
                self.plan_request,
                self.wanted,
                options,
                clock,
                hints=hints,
                known_bound=self.known_bound,
            )
        except OutOfTime:  # not even today's responses are known
            return self.without_plan("no_solution", clock, "time")
        return self.solved(found, clock, scenarios=found)


def with_bounds(solutions: Sequence[SolutionT], gap: float) -> list[SolutionT]:
    """Return the plans of rising budgets, each with the best bound that one of a larger has.

    An estimate stays one, however near its bound is.
    """
    if any(each.criterion == "regret" for each in solutions):
        return list(solutions)
    bounds = best_bounds((each.value, each.bound) for each in solutions)
    found: list[SolutionT] = []
    for each, bound in zip(solutions, bounds, strict=True):
        better = replace(each, bound=bound)
        left = better.gap
        if better.status == "limit" and left is not None and left <= gap:
            better = replace(better, status="optimal", limit=None)
        found.append(better)
    return found
