"""The best schedules in the mean over what works, each proved like the first.

What is left once some were listed is one request, whose schedules hold all of none of them: the
periods of a schedule that may fail are not solved one by one, so it does not fall apart.
"""

from __future__ import annotations

from dataclasses import replace

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.plan_luck import Expectation
from flowopt.planning.alternative_schedules import next_best
from flowopt.planning.luck_schedule_search import best_beside_luck
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.lucky_worlds import as_counted
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_outcome import schedule_in
from flowopt.planning.schedule_problem import ScheduleProblem
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.planning.schedules import Schedule, spending
from flowopt.results.numbers import relative_gap, rounded
from flowopt.results.rows import Rows
from flowopt.results.schedules_under_luck import (
    LuckAlternativeProofs,
    LuckScheduleAlternative,
    LuckScheduleSolution,
)

_TOLD_SHARE = 0.5  # of the time left for each: its mean; the rest is for proofs


def listed_under_luck(
    lucky: LuckySchedules,
    problem: ScheduleProblem,
    first: FoundSchedule,
    count: int,
    options: RunOptions,
    clock: Clock,
) -> list[FoundSchedule]:
    """Return the best schedules from the first on, fewer where time is short or there are no more.

    Parameters
    ----------
    lucky, problem
        Values under luck, and the question where all works that can.
    first, count
        The best schedule, and how many are wanted with it.
    options, clock
        How they are looked for, and the time for all of them.
    """
    left = count - 1
    stopped = False

    def solve(following: ScheduleProblem) -> FoundSchedule:
        nonlocal left, stopped
        if stopped or clock.late():
            raise OutOfTime("no time is left for another schedule")
        part, left = clock.part(1.0 / max(1, left)), left - 1
        run = ScheduleRun(following, replace(options, on_progress=None), part)
        found = best_beside_luck(lucky, run, (), part)
        stopped = run.interrupted
        if found is None:
            raise OutOfTime("no time was left for another schedule")
        return found

    return next_best(problem, first, count, solve, by_period=False)


def with_alternatives(
    lucky: LuckySchedules,
    problem: ScheduleProblem,
    solution: LuckScheduleSolution,
    found: list[FoundSchedule],
    clock: Clock,
    *,
    gap: float,
) -> LuckScheduleSolution:
    """Return the result with the best schedules, each with its mean and what proves it.

    `gap` is within which of its bound a schedule is proved.
    """
    rows = [_first_row(solution)]
    told = [_first_proofs(solution)]
    for rank, each in enumerate(found[1:], start=2):
        part = clock.part(1.0 / (len(found) - rank + 1))
        schedule = schedule_in(problem, each.plan)
        plan, until = lucky.plan(schedule), part.part(_TOLD_SHARE).deadline
        mean = lucky.values.expected(plan, until=until)
        closed = lucky.closed.expected(plan, until=until)
        row = _row(lucky, rank, each, schedule, mean, solution.baseline)
        status, _ = as_counted(row.status, None, row.rank_gap, gap)
        rows.append(replace(row, status=status))
        asked = lucky.asked
        shut = asked.without_openings(schedule)
        told.append(
            LuckAlternativeProofs(
                asked.proof(schedule, asked.response(schedule, tidy=False)),
                asked.proof(schedule, shut, opens=False),
                tuple(lucky.outcomes(f"alternative {rank}", plan, mean, closed)),
                tuple(lucky.proofs(schedule, mean, part)),
            )
        )
    return replace(
        solution,
        alternatives=Rows(LuckScheduleAlternative, rows),
        alternative_luck=tuple(told),
    )


def _first_row(solution: LuckScheduleSolution) -> LuckScheduleAlternative:
    """Return the row of the best schedule, whose mean is known."""
    value = solution.value or 0.0
    bound = min(solution.bound or 0.0, value)
    return LuckScheduleAlternative(
        rank=1,
        value=value,
        rank_bound=bound,
        rank_gap=rounded(relative_gap(value, bound, solution.baseline)),
        status=solution.status,
        spent=solution.spent or 0.0,
        measures=";".join(solution.measures),
        bought=";".join(solution.bought),
        half_width=solution.half_width,
    )


def _first_proofs(solution: LuckScheduleSolution) -> LuckAlternativeProofs:
    """Return the proofs of the best schedule, which are known."""
    assert solution.after is not None  # there is a schedule
    return LuckAlternativeProofs(
        solution.after.proof, solution.after.closed, tuple(solution.outcomes), solution.proofs
    )


def _row(
    lucky: LuckySchedules,
    rank: int,
    found: FoundSchedule,
    schedule: Schedule,
    mean: Expectation,
    scale: float,
) -> LuckScheduleAlternative:
    value = rounded(mean.mean)
    bound = min(rounded(found.bound), value)
    periods = lucky.network.periods
    money = spending(lucky.asked.network, schedule)
    spent = sum(each.a_year * row.years for each, row in zip(money, periods, strict=True))
    bought = sorted(schedule.bought, key=lambda purchase: purchase[1])
    return LuckScheduleAlternative(
        rank=rank,
        value=value,
        rank_bound=bound,
        rank_gap=rounded(relative_gap(value, bound, scale)),
        status=found.status if mean.draws is None else "estimated",
        spent=rounded(spent),
        measures=";".join(map(lucky.asked.named, schedule.in_force)),
        bought=";".join(f"{m}@{periods[q].period}" for m, q in bought),
        half_width=rounded(mean.half_width),
    )
