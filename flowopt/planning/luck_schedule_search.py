"""Search for the best schedule in the mean over what works, or the cheapest for a target.

The programme over all periods is one of plans as that of one year is (`luck_search`), with the
coins of `luck_over_time`; it begins from the schedule that is best when all works. No schedule's
mean is below what that one's bound says, as the trafficker is worth no less when something fails;
under `bilevel`, where that may be, the bound is one on all outcomes (`luck_bilevel`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import OutOfTime, RequestError
from flowopt.model.activities import Floats
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import allowed, closure
from flowopt.model.incumbent import Plan
from flowopt.model.plan_luck import LuckValues
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.luck_bilevel import LuckBilevelRun, bounds_of_outcomes, few_plans
from flowopt.planning.luck_periods import LuckyPeriods
from flowopt.planning.luck_schedule_target import Reached, cheapest_schedule
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.lucky_worlds import LuckyWorld
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import World
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.schedule_problem import with_purchases
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.results.numbers import EQUAL
from flowopt.results.plan_result import Status

SURE_SHARE = 0.3  # of the time, for the schedule that is best when all works
_FEW = 8  # coins of schedules that are compared over all outcomes
_WHOLE_SHARE = 0.3  # of the time left then, for all periods in one; the rest is for each by itself


def check_target_under_luck(objective: Objective, target: float | None) -> None:
    """Refuse a target whose cheapest schedule under luck is not looked for.

    Raises
    ------
    RequestError
        For `bilevel`.
    """
    if target is not None and not OBJECTIVES[objective].monotone:
        raise RequestError(
            f"the cheapest schedule for a target of {objective} is looked for where measures "
            "always work; give a budget, or a target of flow"
        )


def searched_under_luck(
    lucky: LuckySchedules,
    sure: ScheduleRun,
    starts: Sequence[Plan],
    floor: float,
    clock: Clock,
) -> Reached:
    """Return the best schedule, or the cheapest for a target.

    Parameters
    ----------
    lucky, sure
        Values under luck, and a run for the schedule that is best when all works: the search begins
        from that one.
    starts, floor
        Further schedules to begin with, and a known bound on the mean of every schedule.
    clock
        The time for it.
    """
    whole, options = sure.problem.whole, sure.options
    world = _world(lucky, whole)
    before = lucky.values.trafficker.deadline
    lucky.values.trafficker.deadline = clock.deadline
    try:
        if whole.request.target is not None:
            return cheapest_schedule(lucky, world, whole.request.target, options, clock)
        nothing = np.array([lucky.values.value_of(frozenset())])
        criterion = Criterion("expected", np.ones(1), np.zeros(1))
        harm = not OBJECTIVES[whole.request.objective].monotone  # by what works
        every = _every_schedule(world, criterion, options, clock, nothing) if harm else None
        if every is not None:
            sure.interrupted = every.limit == "interrupted"
            return Reached(every)
        first = sure.run()
        if first is None:
            return Reached(None)
        bound, kind, share = first.bound, LuckRun, _WHOLE_SHARE
        if harm:
            bound = float(bounds_of_outcomes([world], options, clock.part(SURE_SHARE))[0])
            kind, share = LuckBilevelRun, 1.0
        part = clock.part(share)
        lucky.values.trafficker.deadline = part.deadline
        run = kind([world], criterion, options, part, nothing, max(bound, floor))
        run.tells = False  # time is kept for that already
        forced = closure(whole.model, whole.constraints.include)
        hints = [with_purchases(sure.problem, plan) for plan in (*starts, forced)]
        found = run.best([first.plan, *hints])
        sure.interrupted = sure.interrupted or run.interrupted
        if found.status == "optimal" or sure.interrupted or kind is LuckBilevelRun:
            return Reached(found)
        lucky.values.trafficker.deadline = clock.deadline
        return Reached(_by_periods(lucky, sure, run, found, clock))
    finally:
        lucky.values.trafficker.deadline = before


def _every_schedule(
    world: LuckyWorld, criterion: Criterion, options: RunOptions, clock: Clock, nothing: Floats
) -> FoundForAll | None:
    """Return the best of all schedules in all outcomes; None where they are not few, or time ends.

    No schedule that is best when all works is needed for that, nor a bound, and both may take long.
    """
    run = LuckBilevelRun([world], criterion, options, clock, nothing, 0.0)
    run.tells = False  # time is kept for that already
    plans = few_plans(run)
    if not plans:
        return None
    found = run.best(plans[:1])
    return found if found.status == "optimal" or run.interrupted else None


def _by_periods(
    lucky: LuckySchedules, sure: ScheduleRun, run: LuckRun, found: FoundForAll, clock: Clock
) -> FoundForAll:
    """Return the schedule with what its years bound by themselves, or that of the best years."""
    periods = LuckyPeriods(lucky, sure.problem, found.plan)
    try:
        bound, in_force = periods.found(sure.options, clock)
    except OutOfTime:
        return found
    sure.interrupted = sure.interrupted or periods.interrupted
    plan, value = with_purchases(sure.problem, in_force), found.value
    if allowed(run.model, run.limits, plan) and plan != found.plan:
        with suppress(OutOfTime):
            change = _change(lucky.values, found.plan, plan)
            if change < -EQUAL * run.scale:
                found, value = replace(found, plan=plan), value + change
    bound = min(value, max(found.bound, bound))
    proved = run.is_proved(value, bound)
    status: Status = "optimal" if proved else "limit"
    limit = None if proved else found.limit
    return replace(found, value=value, bound=bound, status=status, limit=limit)


def _change(values: LuckValues, plan: Plan, other: Plan) -> float:
    """Return how much more another schedule leaves in the mean, by few draws where coins are many.

    Raises
    ------
    OutOfTime
        When there is no time to look.
    """
    few = all(len(values.luck.coins_of(each)) <= _FEW for each in (plan, other))
    of = values.searched if few else values.sketched
    return of(other) - of(plan)


def _world(lucky: LuckySchedules, whole: PlanProblem) -> LuckyWorld:
    """Return the question over all periods as a world; what acts costs what is in force."""
    sure, acting = whole.model, lucky.luck.model
    parts = len(acting.measures) - len(sure.measures)
    acting = replace(
        acting,
        measure_cost=np.concatenate([sure.measure_cost, np.zeros(parts)]),
        resources=sure.resources,
        uses=np.hstack([sure.uses, np.zeros((len(sure.resources), parts))]),
    )
    return LuckyWorld(
        World("", "as it stands", 1.0, lucky.network),
        whole,
        replace(whole, model=acting),
        lucky.values,
    )


def best_beside_luck(
    lucky: LuckySchedules, sure: ScheduleRun, starts: Sequence[Plan], clock: Clock
) -> FoundSchedule | None:
    """Return the best schedule in the mean, beside others; None where none keeps the conditions.

    Parameters
    ----------
    lucky, sure, starts
        As in `searched_under_luck`; the run has its part of the time itself.
    clock
        The time for it.
    """
    sure.clock = clock.part(SURE_SHARE)
    found = searched_under_luck(lucky, sure, starts, 0.0, clock).found
    if found is None:
        return None
    status: Status = "optimal" if found.status == "optimal" else "limit"
    return FoundSchedule(found.plan, found.value, found.bound, status, limit=found.limit)
