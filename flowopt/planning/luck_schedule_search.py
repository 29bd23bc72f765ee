"""Search for the best schedule in the mean over what works, or the cheapest for a target.

The programme over all periods is one of plans as that of one year is (`luck_search`), with the
coins of `luck_over_time`; it begins from the schedule that is best when all works. No schedule's
mean is below what that one's bound says, as the trafficker is worth no less when something fails;
under `bilevel`, where that may be, the bound is one on all outcomes (`luck_bilevel`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import RequestError
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import closure
from flowopt.model.incumbent import Plan
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.luck_bilevel import LuckBilevelRun, bounds_of_outcomes
from flowopt.planning.luck_schedule_target import Reached, cheapest_schedule
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.lucky_worlds import LuckyWorld
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.scenario_problem import World
from flowopt.planning.schedule_problem import with_purchases
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.results.plan_result import Status

SURE_SHARE = 0.3  # of the time, for the schedule that is best when all works


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
        first = sure.run()
        if first is None:
            return Reached(None)
        nothing = np.array([lucky.values.value_of(frozenset())])
        criterion = Criterion("expected", np.ones(1), np.zeros(1))
        bound, kind = first.bound, LuckRun
        if not OBJECTIVES[whole.request.objective].monotone:  # what works may do harm
            bound = float(bounds_of_outcomes([world], options, clock.part(SURE_SHARE))[0])
            kind = LuckBilevelRun
        run = kind([world], criterion, options, clock, nothing, max(bound, floor))
        forced = closure(whole.model, whole.constraints.include)
        hints = [with_purchases(sure.problem, plan) for plan in (*starts, forced)]
        found = run.best([first.plan, *hints])
        sure.interrupted = sure.interrupted or run.interrupted
        return Reached(found)
    finally:
        lucky.values.trafficker.deadline = before


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
