"""Consistent rows of a sweep: values and bounds never rise with the budget.

A row cut short by a time limit, or proved within the gap only, may be beaten by a plan that costs
no more than its budget and was valued anywhere else: as the plan of another row, on the way to it,
for the ladder or for another objective. Its bound may be beaten by that of a larger budget. All
hold for it, so the best ones are taken.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from flowopt.model.feasible_plans import slack
from flowopt.planning.sweep.row import Offer, RowResult
from flowopt.planning.sweep.row_sources import BreakpointSource, RowSource
from flowopt.results.budget_rows import Step
from flowopt.results.numbers import EQUAL, relative_gap


@dataclass(frozen=True, slots=True)
class ConsistentRows:
    """Consistent rows of a sweep, budgets rising.

    Attributes
    ----------
    rows : tuple of RowResult
        Infeasible rows come first, if any.
    steps : tuple of str
        For each row, ``proved`` where no cheaper plan brings the objective as low and none does
        better than the row before by more than the gap, else ``open``; blank for a grid.
    complete : bool or None
        Whether no change larger than the gap is missing; None for a grid.
    below : tuple of float or None
        For each row, the dual bound over all plans that cost less; None for a grid.
    beyond : float or None
        The dual bound over all plans; None for a grid.
    """

    rows: tuple[RowResult, ...]
    steps: tuple[Step, ...]
    complete: bool | None
    below: tuple[float | None, ...]
    beyond: float | None


def make_consistent(
    source: RowSource,
    baseline: float,
    offers: Sequence[Offer],
    describe: Callable[[RowResult], RowResult],
) -> ConsistentRows:
    """Return the rows of a sweep, each with the best plan and bound known for its budget.

    Parameters
    ----------
    source
        The rows as they were solved.
    baseline
        The objective without measures.
    offers
        Plans that were valued elsewhere.
    describe
        Adds the best response to a row with such a plan.
    """
    results = source.results()
    same = EQUAL * (baseline if baseline > 0.0 else 1.0)
    gap = source.first.options.gap
    lower_bounds = LowerBounds(results)
    # Of equal plans that cost the same, the one of a row wins: it comes first.
    others = [_as_row(source, offer) for offer in offers]
    plans = [*(result for result in results if result.value is not None), *others]
    if not isinstance(source, BreakpointSource):
        rows = [describe(row) for row in _best_plans(results, plans, same)]
        blank: Step = ""
        none = (None,) * len(rows)
        known = tuple(_with_bounds(rows, lower_bounds, gap, baseline))
        return ConsistentRows(known, (blank,) * len(rows), None, none, None)
    if results and all(result.status == "infeasible" for result in results):
        unsolved: Step = "open"
        none = (None,) * len(results)
        return ConsistentRows(tuple(results), (unsolved,) * len(results), False, none, None)
    if not plans:  # the time was over before there was one
        return ConsistentRows((), (), False, (), None)
    places = [
        _empty_row(source, spent, seconds)
        for spent, seconds in _breakpoints(results, plans, same, gap)
    ]
    held = _best_plans(places, plans, same)
    steps = [row for k, row in enumerate(held) if k == 0 or row.plan != held[k - 1].plan]
    rows = list(
        _with_bounds([describe(row) for row in _at_own_cost(steps)], lower_bounds, gap, baseline)
    )
    below = [lower_bounds.of(source.below(row.plan)) for row in rows]
    beyond = lower_bounds.of(source.largest)
    return ConsistentRows(
        tuple(rows),
        tuple(_steps(rows, below, same, gap)),
        bool(rows) and _complete(rows, [*below[1:], beyond], gap, baseline),
        tuple(below),
        beyond,
    )


def _as_row(source: RowSource, offer: Offer) -> RowResult:
    """Return an offer as a row without a budget."""
    row = _empty_row(source, math.inf, 0.0)
    return replace(row, plan=offer.plan, spent=offer.spent, value=offer.value)


def _empty_row(source: RowSource, budget: float, seconds: float) -> RowResult:
    """Return a row without a plan."""
    first = source.first
    return RowResult(
        first.network.info.id, first.objective, budget, status="limit", seconds=seconds
    )


def _breakpoints(
    results: Sequence[RowResult], plans: Sequence[RowResult], same: float, gap: float
) -> list[tuple[float, float]]:
    """Return each budget at which the best plan may change, and the seconds of its rows.

    These are the costs of all plans that rows found, and of any other plan that is better than all
    cheaper ones by more than the gap.
    """
    seconds_at: dict[float, float] = {}
    for result in results:
        if result.spent is not None:
            seconds_at[result.spent] = seconds_at.get(result.spent, 0.0) + result.seconds
    best, at = math.inf, set(seconds_at)
    for plan in sorted(plans, key=_by_cost):
        value = _value(plan)
        if value < best - max(same, gap * abs(value)):
            at.add(plan.spent or 0.0)
        best = min(best, value)
    return [(spent, seconds_at.get(spent, 0.0)) for spent in sorted(at)]


def _at_own_cost(steps: Sequence[RowResult]) -> list[RowResult]:
    """Return the rows, each at the budget that its plan costs."""
    consistent: list[RowResult] = []
    for row in steps:
        spent = row.spent or 0.0
        rises = not consistent or spent > consistent[-1].budget
        consistent.append(replace(row, budget=spent) if rises else row)
    return consistent


def _steps(
    rows: Sequence[RowResult], below: Sequence[float], same: float, gap: float
) -> Iterator[Step]:
    """Yield whether each row is ``proved`` to be where the best plan changes, else ``open``."""
    for k, (row, floor) in enumerate(zip(rows, below, strict=True)):
        alone = floor > _value(row) + same / 2.0
        whole = k == 0 or relative_gap(_value(rows[k - 1]), floor, same / EQUAL) <= gap
        yield "proved" if k == 0 or (alone and whole) else "open"


def _best_plans(
    rows: Sequence[RowResult], plans: Sequence[RowResult], same: float
) -> list[RowResult]:
    """Return the rows, budgets rising, each with the best of all plans within its budget.

    A plan gives way only to one that is better by more than `same`; among those as good as the
    best one, the cheapest counts, then the one found for the smallest budget.
    """
    known = {plan.plan: plan for plan in reversed(plans) if plan.value is not None}
    pending = sorted(known.values(), key=_by_cost, reverse=True)
    fitting: list[RowResult] = []
    best = float("inf")
    held: RowResult | None = None
    consistent = []
    for row in rows:
        while pending and _by_cost(pending[-1])[0] <= row.budget + slack(row.budget):
            fitting.append(pending.pop())
            best = min(best, _value(fitting[-1]))
        if fitting and (held is None or best < _value(held) - same):
            held = min((p for p in fitting if _value(p) <= best + same), key=_by_cost)
        consistent.append(
            row
            if held is None
            else replace(held, budget=row.budget, seconds=row.seconds, bound=row.bound)
        )
    return consistent


def _with_bounds(
    rows: Sequence[RowResult], lower_bounds: LowerBounds, gap: float, baseline: float
) -> list[RowResult]:
    """Return the rows with the best bound for their budgets, and the status that follows."""
    consistent = []
    for row in rows:
        if row.value is None:
            consistent.append(row)
            continue
        bound = min(row.value, lower_bounds.of(row.budget))
        proved = relative_gap(row.value, bound, baseline) <= gap
        consistent.append(replace(row, bound=bound, status="optimal" if proved else "limit"))
    return consistent


def _complete(
    rows: Sequence[RowResult], lower_bounds: Sequence[float], gap: float, baseline: float
) -> bool:
    """Return whether, up to where the next row begins, no plan does better than each row's."""
    return all(
        row.value is not None and relative_gap(row.value, floor, baseline) <= gap
        for row, floor in zip(rows, lower_bounds, strict=True)
    )


class LowerBounds:
    """Dual bounds by budget, from all rows for that budget or a larger one."""

    def __init__(self, rows: Sequence[RowResult]) -> None:
        self._budgets = [row.budget for row in rows]
        falling = accumulate((row.bound or 0.0 for row in reversed(rows)), max)
        self._bounds = [*falling][::-1]

    def of(self, budget: float) -> float:
        """Return the bound of a budget, 0 beyond the largest."""
        place = bisect_left(self._budgets, budget)
        return self._bounds[place] if place < len(self._bounds) else 0.0


def _by_cost(plan: RowResult) -> tuple[float, float]:
    return (plan.spent or 0.0, plan.budget)


def _value(row: RowResult) -> float:
    return float("inf") if row.value is None else row.value
