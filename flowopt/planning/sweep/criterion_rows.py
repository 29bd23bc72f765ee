"""Rows of a comparison by a criterion over scenarios: one budget each, and the order of them.

A plan within a budget is within a larger one, and a bound of a budget holds for a smaller one. So
rows begin from the plans of their neighbours, and a row that a smaller budget's plan beats is
solved again from that plan. Of `regret` neither holds: it is against the best plans for the same
money.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.solver import OnProgress
from flowopt.planning.all_scenarios import solve_scenarios
from flowopt.planning.plan_constraints import indices
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.sweep.row import RowRequest, RowResult
from flowopt.planning.sweep.row_sources import roots
from flowopt.results.numbers import EQUAL
from flowopt.results.scenario_solution import ScenarioSolution

_AGAIN_SHARE = 0.1  # of a row's time, at least, goes to solving it again


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRowRequest(RowRequest):
    """One row to solve over all scenarios.

    Attributes
    ----------
    wanted : CriterionRequest
        The criterion.
    known_bound : float or None
        Bound of a larger budget, which holds for this one too.
    again : bool
        Whether it was solved before, and a plan of a smaller budget is better.
    """

    wanted: CriterionRequest
    known_bound: float | None = None
    again: bool = False

    @property
    def key(self) -> str:
        """The key of the row, unique within a comparison."""
        wanted = f"{self.wanted.criterion} {self.wanted.tail!r}{' again' if self.again else ''}"
        return f"{self.network.info.id} {self.objective} {self.budget!r} {wanted}"

    def solve(self, on_progress: OnProgress | None) -> RowResult:
        """Return the best plan for the budget by the criterion."""
        clock = Clock(self.seconds_left)
        options = replace(self.options, on_progress=on_progress)
        names = tuple(row.measure for row in self.network.measures)
        hints = tuple(frozenset(indices(names, plan, what="measure")) for plan in self.starts)
        row = (self.network.info.id, self.objective, self.budget)
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
            return RowResult(*row, status="no_solution", limit="time", seconds=clock.elapsed())
        return RowResult(
            *row,
            status=found.status,
            plan=found.measures,
            spent=found.spent,
            value=found.value,
            bound=found.bound,
            seconds=clock.elapsed(),
            limit=found.limit,
            scenarios=found,
        )


class CriterionGrid:
    """Source of the rows of given budgets by a criterion, in rising order.

    A few that lie evenly come first, then what lies between, halved again and again.
    """

    def __init__(self, first: CriterionRowRequest, budgets: tuple[float, ...]) -> None:
        self.first: CriterionRowRequest = first
        self._budgets = budgets
        self._place = {budget: place for place, budget in enumerate(budgets)}
        self._results: dict[int, RowResult] = {}
        self._asked: set[int] = set()
        self._again: set[int] = set()

    @property
    def expected(self) -> int:
        """The number of rows."""
        return len(self._budgets)

    def ready(self) -> list[RowRequest]:
        """Return the rows that are ready to solve and were not returned before."""
        wanted = {
            place: self._request(place, *ends)
            for place, ends in self._open()
            if place not in self._asked
        }
        self._asked |= wanted.keys()
        if len(self._results) == len(self._budgets):
            for place, plan in self._beaten():
                self._again.add(place)
                wanted[place] = replace(
                    self._request(place), starts=(plan,), again=True, seconds=self._left(place)
                )
        return [*wanted.values()]

    def _left(self, place: int) -> float | None:
        """Return the seconds that a row left of its time, and enough to value a plan at least."""
        whole = self.first.seconds
        if whole is None:
            return None
        return max(_AGAIN_SHARE * whole, whole - self._results[place].seconds)

    def _open(self) -> list[tuple[int, tuple[RowResult, ...]]]:
        """Return the places whose neighbours are known, with these; the first need none."""
        ends = roots(len(self._budgets))
        found: list[tuple[int, tuple[RowResult, ...]]] = [(place, ()) for place in ends]
        halves = [*pairwise(ends)]
        while halves:
            low, high = halves.pop(0)
            middle = (low + high) // 2
            if middle == low:
                continue
            lower, upper = self._results.get(low), self._results.get(high)
            if lower is not None and upper is not None:
                found.append((middle, (lower, upper)))
                halves += [(low, middle), (middle, high)]
        return found

    def _request(self, place: int, *neighbours: RowResult) -> CriterionRowRequest:
        request = replace(
            self.first,
            plan_request=replace(self.first.plan_request, budget=self._budgets[place]),
        )
        plans = dict.fromkeys(known.plan for known in neighbours if known.value is not None)
        bound = neighbours[-1].bound if neighbours and self._comparable else None
        return replace(request, starts=tuple(plans), known_bound=bound)

    @property
    def _comparable(self) -> bool:
        """True where values of several budgets are of one kind."""
        return self.first.wanted.criterion != "regret"

    def _beaten(self) -> list[tuple[int, tuple[str, ...]]]:
        """Return the places that a smaller budget's plan beats, the first of them, with the plan.

        What follows is looked at once that is solved again.
        """
        best: RowResult | None = None
        for place in range(len(self._budgets)) if self._comparable else ():
            row = self._results[place]
            if _beats(best, row) and best is not None and place not in self._again:
                return [(place, best.plan)]
            if row.value is not None and not _beats(best, row):
                best = row
        return []

    def receive(self, result: RowResult) -> None:
        """Record the result of a row; one that was solved again counts if it is better."""
        place = self._place[result.budget]
        before = self._results.get(place)
        if before is None or before.value is None or result.value is not None:
            self._results[place] = result

    def results(self) -> list[RowResult]:
        """Return the results so far, budgets rising."""
        return [self._results[place] for place in sorted(self._results)]


def _beats(best: RowResult | None, row: RowResult) -> bool:
    """Return whether the best row of smaller budgets is better than one."""
    if best is None or best.value is None or best.scenarios is None:
        return False
    same = EQUAL * (best.scenarios.base or 1.0)
    return row.value is None or row.value > best.value + same


def with_bounds(solutions: Sequence[ScenarioSolution], gap: float) -> list[ScenarioSolution]:
    """Return the plans of rising budgets, each with the best bound that one of a larger has."""
    if any(each.criterion == "regret" for each in solutions):
        return [*solutions]
    found: list[ScenarioSolution] = []
    most = -math.inf
    for each in reversed(solutions):
        if each.bound is None or each.value is None:
            found.append(each)
            continue
        most = max(most, each.bound)
        better = replace(each, bound=min(most, each.value))
        left = better.gap
        if better.status == "limit" and left is not None and left <= gap:
            better = replace(better, status="optimal", limit=None)
        found.append(better)
    return found[::-1]
