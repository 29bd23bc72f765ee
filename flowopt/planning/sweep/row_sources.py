"""Sources of rows: the order of a sweep, fixed by the request and never by the clock.

Three facts let a row use those of other budgets: a plan within a budget is within a larger one; a
dual bound of a budget holds for a smaller one; and a best plan that costs no more than a smaller
budget is the best one for that as well. A row is warm started by its two neighbours in a fixed
order, whichever is solved first: so any number of workers finds the same.

A *grid* of given budgets begins with a few that lie evenly, then halves what lies between. To find
*every* change of the best plan, a few even stretches are walked from above: the best plan for a
budget, then the best one for a little less than that plan costs, until nothing is left to change.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Protocol

from flowopt.model.feasible_plans import slack
from flowopt.network.chances import as_if_sure, may_fail
from flowopt.planning.plan_constraints import forced_plan, indices, problem_of
from flowopt.planning.sweep.budgets import PlanCosts
from flowopt.planning.sweep.row import RowRequest, RowResult
from flowopt.planning.sweep.shared_model import shared_model
from flowopt.results.numbers import relative_gap

_MOST_ROOTS = 5
_ROOT_SHARE = 4  # one root for so many budgets, until there are enough


class RowSource(Protocol):
    """Interface of a source of rows, for one network and objective."""

    @property
    def first(self) -> RowRequest:
        """A row of the sweep: its network, objective and options."""

    @property
    def expected(self) -> int | None:
        """The number of rows, None where that is open."""

    def ready(self) -> list[RowRequest]:
        """Return the rows that are ready to solve and were not returned before."""

    def receive(self, result: RowResult) -> None:
        """Record the result of a row."""

    def results(self) -> list[RowResult]:
        """Return the results so far, budgets rising."""


class GridSource:
    """Source of the rows of given budgets, in rising order.

    `first` is a row of the sweep, whatever its budget.
    """

    def __init__(self, first: RowRequest, budgets: tuple[float, ...]) -> None:
        self.first = first
        self._budgets = budgets
        self._place = {budget: place for place, budget in enumerate(budgets)}
        self._results: dict[int, RowResult] = {}
        self._started = False
        self._open = [*pairwise(roots(len(budgets)))]

    @property
    def expected(self) -> int:
        """The number of rows."""
        return len(self._budgets)

    def ready(self) -> list[RowRequest]:
        """Return the rows that are ready to solve and were not returned before."""
        requests = []
        if not self._started:
            self._started = True
            ends = roots(len(self._budgets))
            requests = [self.first.at(self._budgets[place]) for place in ends]
        waiting = []
        while self._open:
            low, high = self._open.pop()
            middle = (low + high) // 2
            if middle == low:
                continue
            halves = [(middle, high), (low, middle)]
            lower, upper = self._results.get(low), self._results.get(high)
            if lower is None or upper is None:
                waiting.append((low, high))
                continue
            budget = self._budgets[middle]
            known = implied(budget, lower, upper, self.first.options.gap)
            if known is None:
                requests.append(warm_started(self.first.at(budget), lower, upper))
                waiting += halves
            else:
                self._results[middle] = known
                self._open += halves
        self._open = waiting[::-1]
        return requests

    def receive(self, result: RowResult) -> None:
        """Record the result of a row."""
        self._results[self._place[result.budget]] = result

    def results(self) -> list[RowResult]:
        """Return the results so far, budgets rising."""
        return [self._results[place] for place in sorted(self._results)]


class BreakpointSource:
    """Source of a row for every budget at which the best plan changes.

    The first budgets lie evenly between the cheapest plan and all measures.

    Attributes
    ----------
    largest : float
        The budget of all measures: a dual bound there holds for every plan.
    """

    expected = None  # the number of rows is open

    def __init__(self, first: RowRequest) -> None:
        self.first = first
        network = first.network
        network = as_if_sure(network) if may_fail(network) else network
        model = shared_model(network)
        limits = problem_of(network, model, first.plan_request).constraints
        self._plan_costs, self._ids = PlanCosts(model), model.measures
        least = self._plan_costs.of(forced_plan(model, limits))
        most = self._plan_costs.of(set(range(len(model.measures))) - limits.exclude)
        steps = _MOST_ROOTS - 1
        self._roots = sorted({least + (most - least) * k / steps for k in range(steps)} | {most})
        self.largest = most
        self._results: dict[float, RowResult] = {}
        self._requested: set[float] = set()
        self._reached = dict(pairwise(self._roots))  # by a stretch's lower end, the row above

    def ready(self) -> list[RowRequest]:
        """Return the rows that are ready to solve and were not returned before."""
        requests = [self.first.at(budget) for budget in self._roots]
        for low in self._roots[:-1]:
            following = self._walk(low)
            requests += [] if following is None else [following]
        fresh = [each for each in requests if each.budget not in self._requested]
        self._requested |= {each.budget for each in fresh}
        return fresh

    def receive(self, result: RowResult) -> None:
        """Record the result of a row."""
        self._results[result.budget] = result

    def results(self) -> list[RowResult]:
        """Return the results so far, budgets rising."""
        return [self._results[budget] for budget in sorted(self._results)]

    def below(self, plan: tuple[str, ...]) -> float:
        """Return a budget for every plan that costs less than this one."""
        return self._plan_costs.below(indices(self._ids, plan, what="measure"))

    def _walk(self, low: float) -> RowRequest | None:
        """Return the next row of a stretch, None if it is complete or waits for a result."""
        lower, upper = self._results.get(low), self._results.get(self._reached[low])
        while lower is not None and upper is not None and upper.status != "infeasible":
            budget = self.below(upper.plan)
            if budget <= low or implied(budget, lower, upper, self.first.options.gap):
                return None
            if budget not in self._results:
                return warm_started(self.first.at(budget), lower, upper)
            self._reached[low] = budget
            upper = self._results[budget]
        return None


def roots(count: int) -> list[int]:
    """Return the places of `count` budgets to begin with: the ends, and some evenly between.

    >>> roots(1), roots(3), roots(17)
    ([0], [0, 2], [0, 4, 8, 12, 16])
    """
    steps = max(1, min(_MOST_ROOTS - 1, count // _ROOT_SHARE))
    return sorted({(count - 1) * k // steps for k in range(steps + 1)})


def warm_started(request: RowRequest, lower: RowResult, upper: RowResult) -> RowRequest:
    """Return a row warm started by its neighbours."""
    plans = dict.fromkeys(known.plan for known in (lower, upper) if known.value is not None)
    floor = 0.0 if upper.bound is None else upper.bound
    return replace(request, starts=tuple(plans), floor=floor)


def implied(budget: float, lower: RowResult, upper: RowResult, gap: float) -> RowResult | None:
    """Return the result of a row between two others where these imply it, else None."""
    if (
        upper.status == "infeasible"
    ):  # infeasible for a larger budget is infeasible for a smaller one
        return replace(upper, budget=budget, seconds=0.0)
    if upper.spent is None or upper.bound is None:
        return None
    if upper.status == "optimal" and upper.spent <= budget + slack(budget):
        return replace(upper, budget=budget, seconds=0.0)
    if lower.value is not None and relative_gap(lower.value, upper.bound) <= gap:
        bound = min(lower.value, upper.bound)
        return replace(lower, budget=budget, bound=bound, status="optimal", seconds=0.0)
    return None
