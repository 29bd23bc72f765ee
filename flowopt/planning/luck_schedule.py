"""The best schedule where measures may fail, in the mean over what works of it.

The programme over all periods is one of plans as that of one year is (`luck_search`), with the
coins of `luck_over_time`; it begins from the schedule that is best when all works. No schedule's
mean is below what that one's bound says, as the trafficker is worth no less when something fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import RequestError
from flowopt.model.criterion import Criterion
from flowopt.model.incumbent import Plan
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.luck_schedule_outcome import in_the_mean
from flowopt.planning.luck_schedule_target import Reached, cheapest_schedule
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.lucky_worlds import LuckyWorld
from flowopt.planning.period_budgets import Budget
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import World
from flowopt.planning.schedule_outcome import schedule_solution
from flowopt.planning.schedule_problem import schedule_problem_of, with_purchases
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.planning.schedules import named_in_force
from flowopt.results.plan_result import Status
from flowopt.results.schedule_solution import ScheduleSolution

_TELLING, _SURE_SHARE = 0.2, 0.3  # of the time: kept for tables; of the rest, for the sure schedule


def best_under_luck(
    network: Network,
    request: PlanRequest,
    options: RunOptions,
    clock: Clock,
    *,
    budget: Budget,
    carry: bool,
    starts: Iterable[Iterable[str]] = (),
    floor: float = 0.0,
) -> ScheduleSolution:
    """Return the best schedule in the mean over what works, as far as is known.

    Parameters
    ----------
    network, request, options, clock
        A network with periods whose measures may fail, the request but for its money, and how and
        how long it is solved.
    budget, carry
        As in `solve_over_time`.
    starts
        Schedules to begin with, as ``m01@2015``.
    floor
        A known bound on the mean of every schedule.

    Raises
    ------
    RequestError
        When the question is one for measures that always work.
    """
    check_objective_under_luck(request.objective)
    # What is told of the schedule found is told however late it is.
    lucky = LuckySchedules(network, request.objective, request.ties, Clock())
    asked = lucky.asked
    problem = schedule_problem_of(asked.network, asked.whole, request, budget=budget, carry=carry)
    within = clock.before(_TELLING * (clock.limit or 0.0))
    plans = [
        frozenset(asked.whole.in_force[each] for each in named_in_force(asked.network, words))
        for words in starts
    ]
    sure = ScheduleRun(problem, options, within.part(_SURE_SHARE), starts=plans)
    reached = Reached(None, tuple(sure.conflicts()))
    if not reached.reasons:
        reached = _searched(network, lucky, sure, plans, floor, within)
    found = reached.found
    if found is None:
        nothing = schedule_solution(asked, problem, None, reached.reasons, options, clock, budget)
        return replace(nothing, input_sha256=network.sha256, limit=reached.limit)
    status: Status = "optimal" if found.status == "optimal" else "limit"
    told = FoundSchedule(
        found.plan, found.value, found.bound, status, found.cost_bound, found.limit
    )
    solution = schedule_solution(
        asked, problem, told, (), options, clock, budget, losses=False
    )  # they are those of measures that always work
    return in_the_mean(lucky, problem, found, solution, clock)


def check_objective_under_luck(objective: Objective) -> None:
    """Refuse an objective whose best schedule under luck is not looked for.

    Raises
    ------
    RequestError
        For `bilevel`.
    """
    if not OBJECTIVES[objective].monotone:
        raise RequestError(
            f"the best schedule for {objective} is looked for where measures always work; "
            "evaluate values a schedule of yours"
        )


def _searched(
    network: Network,
    lucky: LuckySchedules,
    sure: ScheduleRun,
    starts: Sequence[Plan],
    floor: float,
    clock: Clock,
) -> Reached:
    """Return the best schedule, or the cheapest for a target.

    The best is looked for from the one on that is best when all works, and from `starts`.
    """
    whole, options = sure.problem.whole, sure.options
    world = LuckyWorld(
        World("", "as it stands", 1.0, network),
        whole,
        replace(whole, model=lucky.luck.model),
        lucky.values,
    )
    lucky.values.trafficker.deadline = clock.deadline
    try:
        if whole.request.target is not None:
            return cheapest_schedule(lucky, world, whole.request.target, options, clock)
        first = sure.run()
        if first is None:
            return Reached(None)
        nothing = np.array([lucky.values.value_of(frozenset())])
        criterion = Criterion("expected", np.ones(1), np.zeros(1))
        run = LuckRun([world], criterion, options, clock, nothing, max(first.bound, floor))
        hints = [with_purchases(sure.problem, plan) for plan in starts]
        return Reached(run.best([first.plan, *hints]))
    finally:
        lucky.values.trafficker.deadline = None
