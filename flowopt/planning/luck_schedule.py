"""The best schedule where measures may fail, in the mean over what works of it.

The programme over all periods is one of plans as that of one year is (`luck_search`), with the
coins of `luck_over_time`; it begins from the schedule that is best when all works. No schedule's
mean is below what that one's bound says, as the trafficker is worth no less when something fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import RequestError
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import without
from flowopt.model.incumbent import Plan
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.lucky_worlds import LuckyWorld
from flowopt.planning.period_budgets import Budget
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import World
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.schedule_outcome import schedule_in, schedule_solution
from flowopt.planning.schedule_problem import ScheduleProblem, schedule_problem_of
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.planning.schedules import Schedule
from flowopt.results.numbers import relative_gap, rounded
from flowopt.results.over_time_rows import ScheduledMeasure, ScheduleRow
from flowopt.results.plan_result import Status
from flowopt.results.rows import Rows
from flowopt.results.schedule_solution import ScheduleSolution
from flowopt.results.schedules_under_luck import CampaignOutcome, LuckScheduleSolution

_TELLING, _SURE_SHARE = 0.2, 0.3  # of the time: kept for tables; of the rest, for the sure schedule
_WORTH_SHARE = 0.1  # of the time left, for what each measure is worth


def best_under_luck(
    network: Network,
    request: PlanRequest,
    options: RunOptions,
    clock: Clock,
    *,
    budget: Budget,
    carry: bool,
) -> ScheduleSolution:
    """Return the best schedule in the mean over what works, as far as is known.

    Parameters
    ----------
    network, request, options, clock
        A network with periods whose measures may fail, the request but for its money, and how and
        how long it is solved.
    budget, carry
        As in `solve_over_time`.

    Raises
    ------
    RequestError
        When the question is one for measures that always work.
    """
    if request.target is not None:
        raise RequestError("a target is for networks whose measures always work; give a budget")
    if not OBJECTIVES[request.objective].monotone:
        raise RequestError(
            f"the best schedule for {request.objective} is looked for where measures always work; "
            "evaluate values a schedule of yours"
        )
    # What is told of the schedule found is told however late it is.
    lucky = LuckySchedules(network, request.objective, request.ties, Clock())
    asked = lucky.asked
    problem = schedule_problem_of(asked.network, asked.whole, request, budget=budget, carry=carry)
    within = clock.before(_TELLING * (clock.limit or 0.0))
    sure = ScheduleRun(problem, options, within.part(_SURE_SHARE))
    reasons = tuple(sure.conflicts())
    first = None if reasons else sure.run()
    if first is None:
        nothing = schedule_solution(asked, problem, None, reasons, options, clock, budget)
        return replace(nothing, input_sha256=network.sha256)
    found = _searched(network, lucky, problem, first, options, within)
    status: Status = "optimal" if found.status == "optimal" else "limit"
    told = FoundSchedule(found.plan, found.value, found.bound, status, limit=found.limit)
    solution = schedule_solution(
        asked, problem, told, (), options, clock, budget, losses=False
    )  # they are those of measures that always work
    return _in_the_mean(network, lucky, problem, found, solution, clock)


def _searched(
    network: Network,
    lucky: LuckySchedules,
    problem: ScheduleProblem,
    first: FoundSchedule,
    options: RunOptions,
    clock: Clock,
) -> FoundForAll:
    """Return the best schedule, from the one on that is best when all works."""
    whole = problem.whole
    world = LuckyWorld(
        World("", "as it stands", 1.0, network),
        whole,
        replace(whole, model=lucky.luck.model),
        lucky.values,
    )
    nothing = np.array([lucky.values.value_of(frozenset())])
    criterion = Criterion("expected", np.ones(1), np.zeros(1))
    lucky.values.trafficker.deadline = clock.deadline
    try:
        run = LuckRun([world], criterion, options, clock, nothing, first.bound)
        return run.best([first.plan])
    finally:
        lucky.values.trafficker.deadline = None


def _in_the_mean(
    network: Network,
    lucky: LuckySchedules,
    problem: ScheduleProblem,
    found: FoundForAll,
    sure: ScheduleSolution,
    clock: Clock,
) -> LuckScheduleSolution:
    """Return the result with means in place of what is left when all works."""
    schedule = schedule_in(problem, found.plan)
    plan = lucky.plan(schedule)
    mean = lucky.values.expected(plan, until=clock.deadline)
    closed = lucky.closed.expected(plan, until=clock.deadline)
    drawn = mean.draws is not None
    value = rounded(mean.mean)
    bound = rounded(found.bound) if drawn else min(rounded(found.bound), value)
    worths = {} if drawn else _without_each(lucky, problem, found.plan, clock)
    simulated = None if sure.value_myopic is None else lucky.myopic(mean, clock)
    told = {
        **{each.name: getattr(sure, each.name) for each in fields(sure)},
        "input_sha256": network.sha256,
        "status": "estimated" if drawn else sure.status,
        "value": value,
        "bound": bound,
        "gap": relative_gap(value, min(bound, value), sure.baseline),
        "value_without_openings": rounded(closed.mean),
        "value_myopic": None if simulated is None else rounded(simulated),
        "schedule": Rows(ScheduleRow, [_worth(row, worths, value) for row in sure.schedule]),
        "plan": Rows(ScheduledMeasure, _ranked(sure.plan, worths, value)),
        "dropped": {},
        "warnings": (*sure.warnings, *_unlooked(schedule, worths, drawn=drawn)),
    }
    return LuckScheduleSolution(
        **told,
        half_width=rounded(mean.half_width),
        how="sampled" if drawn else "counted",
        coins=mean.coins,
        all_works=lucky.all_works(plan),
        all_works_value=sure.value,
        outcomes=Rows(CampaignOutcome, lucky.outcomes("best", plan, mean)),
    )


def _without_each(
    lucky: LuckySchedules, problem: ScheduleProblem, plan: Plan, clock: Clock
) -> dict[str, float]:
    """Return the means without each measure: by ``m01@2015`` in a period, by ``m01`` in all.

    Each time without what cannot be in force without it either; as long as there is time.
    """
    built, found = problem.built, {}
    gone: dict[str, list[int]] = {}
    for each, index in built.in_force.items():
        if index in plan:
            gone[lucky.asked.named(each)] = [index]
            gone.setdefault(each[0], []).append(index)
    until = clock.part(_WORTH_SHARE).deadline
    for name, indices in gone.items():
        if clock.limit is not None and clock.late():
            break
        left = plan
        for index in indices:
            left = without(problem.whole.model, left, index)
        mean = lucky.values.expected(left & lucky.in_force_indices, until=until)
        if mean.draws is not None:
            break
        found[name] = mean.mean
    return found


def _unlooked(schedule: Schedule, worths: dict[str, float], *, drawn: bool) -> Iterator[str]:
    """Yield a warning where what some measures are worth is not known."""
    missing = len(schedule.in_force) - sum("@" in name for name in worths)
    if missing > 0:
        why = "the mean is an estimate" if drawn else "the time limit came first"
        yield (
            f"{why}: what {missing} of the schedule's {len(schedule.in_force)} measures in force "
            "are worth was not looked at"
        )


def _worth(row: ScheduleRow, means: dict[str, float], value: float) -> ScheduleRow:
    mean = means.get(f"{row.measure}@{row.period}") if row.in_force else None
    return replace(row, lost_if_dropped=None if mean is None else max(0.0, rounded(mean - value)))


def _ranked(
    rows: Rows[ScheduledMeasure], means: dict[str, float], value: float
) -> list[ScheduledMeasure]:
    """Return the measures, the one that would be missed most in the mean first."""
    told = [
        replace(
            row,
            lost_if_dropped=None
            if row.measure not in means
            else max(0.0, rounded(means[row.measure] - value)),
        )
        for row in rows
    ]
    told.sort(key=lambda row: np.inf if row.lost_if_dropped is None else -row.lost_if_dropped)
    return [replace(row, rank=rank) for rank, row in enumerate(told, start=1)]
