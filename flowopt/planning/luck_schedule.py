"""The best schedule where measures may fail, in the mean over what works of it, as a result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flowopt.clock import Clock
from flowopt.network.network import Network
from flowopt.planning.luck_alternative_schedules import listed_under_luck, with_alternatives
from flowopt.planning.luck_schedule_outcome import in_the_mean
from flowopt.planning.luck_schedule_search import (
    SURE_SHARE,
    check_target_under_luck,
    searched_under_luck,
)
from flowopt.planning.luck_schedule_target import Reached
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.period_budgets import Budget
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_outcome import schedule_solution
from flowopt.planning.schedule_problem import schedule_problem_of
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.planning.schedules import named_in_force
from flowopt.results.plan_result import Status
from flowopt.results.schedule_solution import ScheduleSolution

# Of the time, kept for tables; of that, for those of the best, where there are alternatives.
_TELLING, _FIRST_SHARE = 0.2, 0.5


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
    alternatives: int = 1,
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
    alternatives
        How many of the best schedules to list.

    Raises
    ------
    RequestError
        When the question is one for measures that always work.
    """
    check_target_under_luck(request.objective, request.target)
    # What is told of the schedule found is told however late it is.
    lucky = LuckySchedules(network, request.objective, request.ties, Clock())
    asked = lucky.asked
    problem = schedule_problem_of(asked.network, asked.whole, request, budget=budget, carry=carry)
    within = clock.before(_TELLING * (clock.limit or 0.0))
    own = within.part(1.0 / alternatives)
    plans = [
        frozenset(asked.whole.in_force[each] for each in named_in_force(asked.network, words))
        for words in starts
    ]
    sure = ScheduleRun(problem, options, own.part(SURE_SHARE), starts=plans)
    reached = Reached(None, tuple(sure.conflicts()))
    if not reached.reasons:
        reached = searched_under_luck(lucky, sure, plans, floor, own)
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
    if alternatives == 1:
        return in_the_mean(lucky, problem, found, solution, clock, gap=options.gap)
    listed = listed_under_luck(lucky, problem, told, alternatives, options, within)
    part, gap = clock.part(_FIRST_SHARE), options.gap
    mean = in_the_mean(lucky, problem, found, solution, part, gap=gap)
    return with_alternatives(lucky, problem, mean, listed, clock, gap=gap)
