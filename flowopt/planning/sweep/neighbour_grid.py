"""Rows of given budgets that begin from the plans of their neighbours, and the order of them.

A plan within a budget is within a larger one, and a bound of a budget holds for a smaller one. So
a row that a smaller budget's plan beats is solved again from that plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from flowopt.clock import Clock, LimitReason
from flowopt.planning.sweep.row import RowRequest, RowResult
from flowopt.planning.sweep.row_sources import roots
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.numbers import EQUAL
from flowopt.results.scenario_solution import ScenarioSolution
from flowopt.results.schedule_solution import ScheduleSolution

_AGAIN_SHARE = 0.1  # of a row's time, at least, goes to solving it again


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourRequest(RowRequest):
    """One row to solve that begins from the plans of its neighbours.

    Attributes
    ----------
    known_bound : float or None
        Bound of a larger budget, which holds for this one too.
    again : bool
        Whether it was solved before, and a plan of a smaller budget is better.
    """

    known_bound: float | None = None
    again: bool = False

    @property
    def comparable(self) -> bool:
        """True where values of several budgets are of one kind."""
        return True

    @property
    def asked(self) -> str:
        """Request of this kind of rows beside objective and budget, as their key has it."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """The key of the row, unique within a comparison."""
        again = " again" if self.again else ""
        return f"{self.network.info.id} {self.objective} {self.budget!r} {self.asked}{again}"

    def solved(
        self, found: ScenarioSolution | LuckSolution | ScheduleSolution, clock: Clock, **whole: Any
    ) -> RowResult:
        """Return the result of the row; `whole` keeps what was found in the field of its kind."""
        return RowResult(
            self.network.info.id,
            self.objective,
            self.budget,
            status=found.status,
            plan=found.measures,
            spent=found.spent,
            value=found.value,
            bound=found.bound,
            seconds=clock.elapsed(),
            limit=found.limit,
            **whole,
        )

    def without_plan(
        self, status: str, clock: Clock, limit: LimitReason | None = None
    ) -> RowResult:
        """Return the result of a row for which nothing was found."""
        row = (self.network.info.id, self.objective, self.budget)
        return RowResult(*row, status=status, limit=limit, seconds=clock.elapsed())


class NeighbourGrid:
    """Source of the rows of given budgets, in rising order.

    A few that lie evenly come first, then what lies between, halved again and again.
    """

    def __init__(self, first: NeighbourRequest, budgets: tuple[float, ...]) -> None:
        self.first: NeighbourRequest = first
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
                    self._request(place),
                    starts=(plan,),
                    known_bound=self._results[place].bound if self.first.comparable else None,
                    again=True,
                    seconds=self._left(place),
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

    def _request(self, place: int, *neighbours: RowResult) -> NeighbourRequest:
        request = replace(
            self.first,
            plan_request=replace(self.first.plan_request, budget=self._budgets[place]),
        )
        plans = dict.fromkeys(known.plan for known in neighbours if known.value is not None)
        bound = neighbours[-1].bound if neighbours and self.first.comparable else None
        return replace(request, starts=tuple(plans), known_bound=bound)

    def _beaten(self) -> list[tuple[int, tuple[str, ...]]]:
        """Return the places that a smaller budget's plan beats, the first of them, with the plan.

        What follows is looked at once that is solved again.
        """
        best: RowResult | None = None
        for place in range(len(self._budgets)) if self.first.comparable else ():
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
        known = before is not None and before.value is not None
        worse = result.value is None or (place in self._again and _beats(before, result))
        if not (known and worse):
            self._results[place] = result

    def results(self) -> list[RowResult]:
        """Return the results so far, budgets rising."""
        return [self._results[place] for place in sorted(self._results)]


def _beats(best: RowResult | None, row: RowResult) -> bool:
    """Return whether the best row of smaller budgets is better than one."""
    if best is None or best.value is None:
        return False
    return row.value is None or row.value > best.value + EQUAL * best.scale


def best_bounds(rows: Iterable[tuple[float | None, float | None]]) -> list[float | None]:
    """Return the best bound that each of rising budgets or a larger one has, None for none.

    Parameters
    ----------
    rows
        Value and bound of each; a bound does not rise above the value.
    """
    found: list[float | None] = []
    most: float | None = None
    for value, bound in reversed([*rows]):
        if value is None or bound is None:
            found.append(bound)
            continue
        most = bound if most is None else max(most, bound)
        found.append(min(most, value))
    return found[::-1]
