"""The next best schedules, each proved like the first: none holds all of an earlier one.

A schedule that does not hold all that is in force in another one lacks some of it in some period.
So those that are left fall into as many sets as there are periods, and the best of each set is a
request like the first, in which one period may not hold all that it held: the other periods are
known. The best of the sets is listed next, and its set falls apart likewise. `bilevel` is for one
programme over all periods in any case: its sets do not fall apart.

Source: E. L. Lawler, "A procedure for computing the K best solutions to discrete optimization
problems and its application to the shortest path problem", Management Science 18, 1972.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from flowopt.errors import OutOfTime
from flowopt.model.feasible_plans import closure, plan_key
from flowopt.model.incumbent import Plan
from flowopt.objectives import OBJECTIVES
from flowopt.planning.schedule_problem import ScheduleProblem
from flowopt.planning.schedule_run import FoundSchedule

Solve = Callable[[ScheduleProblem], FoundSchedule]


@dataclass(frozen=True, slots=True)
class _Set:
    """Schedules that lack something of some others, and the best of them."""

    problem: ScheduleProblem
    best: FoundSchedule


def next_best(
    problem: ScheduleProblem,
    first: FoundSchedule,
    count: int,
    solve: Solve,
    *,
    by_period: bool = True,
) -> list[FoundSchedule]:
    """Return the best schedules from `first` on, up to a number; fewer where there are no more.

    Parameters
    ----------
    problem, first
        The request, and its best schedule.
    count
        How many are wanted, the first included.
    solve
        Returns the best schedule of a request; raises `OutOfTime` where no time is left for one.
    by_period
        Whether requests fall apart by period; else one is solved at a time.
    """
    listed = [first]
    with suppress(OutOfTime):
        _list_more(problem, listed, count, solve, apart=by_period)
    return listed


def _list_more(
    problem: ScheduleProblem,
    listed: list[FoundSchedule],
    count: int,
    solve: Solve,
    *,
    apart: bool,
) -> None:
    """Append the next best schedules to a list with the first, up to a number."""
    sets = list(_parted(problem, listed[0].plan, solve, apart=apart)) if count > 1 else []
    while len(listed) < count and sets:
        sets.sort(key=lambda each: _rank(problem, each))
        following = sets.pop(0)
        plan = _in_force(problem, following.best.plan)
        known = next((e for e in listed if _in_force(problem, e.plan) <= plan), None)
        if known is None:
            # Whatever is left is in a set that is still there, or in this one.
            bound = min([following.best.bound, *(each.best.bound for each in sets)])
            listed.append(replace(following.best, bound=min(bound, following.best.value)))
        without = following.best.plan if known is None else known.plan
        if len(listed) < count:
            sets += _parted(following.problem, without, solve, apart=apart)


def _parted(
    problem: ScheduleProblem, without: Plan, solve: Solve, *, apart: bool
) -> Iterator[_Set]:
    """Yield the sets of schedules of a request that do not hold all of one that it allows."""
    forced = closure(problem.whole.model, problem.whole.constraints.include)
    for part in _parts(problem, without, apart=apart):
        if part <= forced:
            continue
        request = problem.without_all_of(part)
        yield _Set(request, solve(request))


def _parts(problem: ScheduleProblem, plan: Plan, *, apart: bool) -> list[Plan]:
    """Return what a schedule has in force, by period where the request falls apart by period."""
    traits = OBJECTIVES[problem.request.objective]
    in_force = _in_force(problem, plan)
    if not apart or traits.planner != traits.trafficker:
        return [in_force] if in_force else []
    parts = [
        frozenset(i for (_, t), i in problem.built.in_force.items() if t == period and i in plan)
        for period in range(len(problem.built.timeline))
    ]
    return [part for part in parts if part]


def _in_force(problem: ScheduleProblem, plan: Plan) -> Plan:
    return plan & frozenset(problem.built.in_force.values())


def _rank(problem: ScheduleProblem, each: _Set) -> tuple[float, tuple[float, tuple[int, ...]]]:
    return each.best.value, plan_key(problem.whole.model, each.best.plan)
