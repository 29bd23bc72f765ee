"""Every budget at which the best plan changes, where measures may fail.

Rows are solved as where all works: a few that lie evenly, then, from the upper end of each stretch
on, one for less than the last plan costs, until the bound of a row proves the one below it. Each
plan then stands at the budget that it costs. What no plan for less than the next one costs goes
below is a bound of the rows from there on, so it is certain, also where means are estimates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flowopt.planning.recorded_options import on_record
from flowopt.planning.run_options import RunOptions
from flowopt.planning.sweep.consistency import LowerBounds
from flowopt.planning.sweep.lucky_row import LuckyRowRequest
from flowopt.planning.sweep.row import RowRequest, RowResult
from flowopt.planning.sweep.row_sources import BreakpointSource
from flowopt.results.evaluation import Evaluation
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.numbers import EQUAL, relative_gap


class LuckyStepSource(BreakpointSource):
    """Source of a row for every budget at which the best plan in the mean changes."""

    def __init__(self, first: LuckyRowRequest) -> None:
        super().__init__(first)

    def _walk(self, low: float) -> RowRequest | None:
        """Return the next row of a stretch, which knows the bound of the row above it."""
        following = super()._walk(low)
        if not isinstance(following, LuckyRowRequest):
            return following
        upper = self._results.get(self._reached[low])
        return replace(following, known_bound=None if upper is None else upper.bound)


@dataclass(frozen=True, slots=True)
class LuckySteps:
    """Plans at the budgets that they cost.

    Attributes
    ----------
    solutions : list of LuckSolution
        Each is better than those for less.
    beyond : tuple of float
        For each, what no plan goes below that costs less than the next one; for the last, what no
        plan at all does.
    complete : bool
        Whether no change larger than the gap is missing.
    """

    solutions: list[LuckSolution]
    beyond: tuple[float, ...]
    complete: bool


def steps_of(source: LuckyStepSource, rows: Sequence[RowResult], asked: RunOptions) -> LuckySteps:
    """Return the steps that rows of rising budgets, one of them with a plan, make.

    Parameters
    ----------
    source, rows
        The source, and the rows as they were solved.
    asked
        The options of the comparison: the time limit is for all of it.
    """
    gap = asked.gap
    steps: list[LuckSolution] = []
    for row in rows:
        if (found := row.luck) is None:
            continue
        same = EQUAL * found.baseline
        if steps and found.value >= steps[-1].value - same:
            continue
        while steps and steps[-1].spent >= found.spent:  # not proved, and beaten for no more
            steps.pop()
        steps.append(found)
    bounds = LowerBounds([row for row in rows if row.bound is not None])
    told = [_at_own_cost(each, bounds.of(each.spent), asked) for each in steps]
    ends = [*(source.below(each.measures) for each in told[1:]), source.largest]
    beyond = tuple(min(bounds.of(end), each.value) for each, end in zip(told, ends, strict=True))
    complete = all(
        each.status != "estimated" and relative_gap(each.value, floor, each.baseline) <= gap
        for each, floor in zip(told, beyond, strict=True)
    )
    return LuckySteps(told, beyond, complete)


def _at_own_cost(found: LuckSolution, bound: float, asked: RunOptions) -> LuckSolution:
    """Return a plan at the budget that it costs: it is the best for that, too."""
    budget, bound = found.spent, min(bound, found.value)
    whole = {"budget": budget, "time_limit": asked.recorded()["time_limit"]}
    step = replace(
        found,
        budget=budget,
        bound=bound,
        options={**found.options, **on_record(**whole)},
        worlds={name: _for_budget(each, budget) for name, each in found.worlds.items()},
    )
    if step.status in ("optimal", "limit"):
        proved = relative_gap(step.value, bound, step.baseline) <= asked.gap
        limit = None if proved else step.limit or "time"
        return replace(step, status="optimal" if proved else "limit", limit=limit)
    return step


def _for_budget(world: Evaluation, budget: float) -> Evaluation:
    return replace(world, budget=budget, options={**world.options, "budget": budget})
