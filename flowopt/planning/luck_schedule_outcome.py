"""Result of a schedule that was found under luck: its means, outcomes, worths and proofs.

It is made of the result of the same schedule when all works that can, whose flows it shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from flowopt.clock import Clock
from flowopt.model.feasible_plans import without
from flowopt.model.incumbent import Plan
from flowopt.model.plan_luck import Expectation
from flowopt.objectives import OBJECTIVES
from flowopt.planning.lucky_schedules import LuckySchedules, yearly_means
from flowopt.planning.lucky_worlds import PROVED, as_counted
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.schedule_outcome import schedule_in
from flowopt.planning.schedule_problem import ScheduleProblem
from flowopt.planning.schedules import Schedule
from flowopt.results.numbers import relative_gap, rounded
from flowopt.results.over_time_rows import ScheduledMeasure, SchedulePeriodRow, ScheduleRow
from flowopt.results.proof_over_time import ProofOverTime
from flowopt.results.rows import Rows
from flowopt.results.schedule_solution import ScheduleSolution
from flowopt.results.schedules_under_luck import (
    CampaignOutcome,
    DroppedOutcome,
    LuckScheduleAlternative,
    LuckSchedulePeriodRow,
    LuckScheduleSolution,
    OutcomeProof,
)

NAME = "best"  # of the schedule, in the table of its outcomes
# Of the time left each: the mean, that if nothing opened, worths, then proofs of outcomes.
_MEAN_SHARE, _CLOSED_SHARE, _WORTH_SHARE, _PROOF_SHARE = 0.5, 0.4, 0.3, 0.6


@dataclass(frozen=True, slots=True)
class _Left:
    """Schedule without one of its measures, and its mean."""

    schedule: Schedule
    plan: Plan
    mean: Expectation


def in_the_mean(
    lucky: LuckySchedules,
    problem: ScheduleProblem,
    found: FoundForAll,
    sure: ScheduleSolution,
    clock: Clock,
    *,
    gap: float,
) -> LuckScheduleSolution:
    """Return the result with means in place of what is left when all works.

    Parameters
    ----------
    lucky, problem
        The values under luck, and the question where all works that can.
    found
        The schedule, and the bound on all.
    sure
        What the schedule does when all works.
    clock
        The time of all; what comes after it is left out, but for the mean.
    gap
        Within which of its bound the schedule is proved.
    """
    schedule = schedule_in(problem, found.plan)
    plan = lucky.plan(schedule)
    mean = lucky.values.expected(plan, until=clock.part(_MEAN_SHARE).deadline)
    closed = lucky.closed.expected(plan, until=clock.part(_CLOSED_SHARE).deadline)
    simulated = None if sure.value_myopic is None else lucky.myopic(mean, clock)
    drawn = mean.draws is not None
    left = {} if drawn else _without_each(lucky, problem, found.plan, clock)
    proofs = tuple(lucky.proofs(schedule, mean, clock.part(_PROOF_SHARE)))
    told: dict[str, Any] = {
        **{each.name: getattr(sure, each.name) for each in fields(sure)},
        **_values(found, sure, mean, gap),
        "input_sha256": lucky.network.sha256,
        "value_without_openings": rounded(closed.mean),
        "value_myopic": None if simulated is None else rounded(simulated),
        **_tables(sure, mean, left),
        "periods": _periods(sure.periods, yearly_means(lucky.asked.objective, mean, proofs)),
        "dropped": {},
        "alternatives": Rows(LuckScheduleAlternative),
        "warnings": (*sure.warnings, *_unlooked(schedule, left, drawn=drawn),
                     *_unproved(mean, proofs)),
    }  # fmt: skip
    return LuckScheduleSolution(
        **told,
        half_width=rounded(mean.half_width),
        how="sampled" if drawn else "counted",
        coins=mean.coins,
        all_works=lucky.all_works(plan),
        all_works_value=sure.value,
        outcomes=Rows(CampaignOutcome, lucky.outcomes(NAME, plan, mean, closed)),
        proofs=proofs,
        dropped_outcomes=_dropped(lucky, mean, left, clock),
    )


def _values(
    found: FoundForAll, sure: ScheduleSolution, mean: Expectation, allowed: float
) -> dict[str, object]:
    """Return the mean, the bound, the status and what stopped the proof."""
    drawn, value = mean.draws is not None, rounded(mean.mean)
    status = "estimated" if drawn else sure.status
    if sure.target is not None:
        return {"status": status, "value": value, "bound": None, "gap": None}
    bound = rounded(found.bound) if drawn else min(rounded(found.bound), value)
    gap = relative_gap(value, min(bound, value), sure.baseline)
    status, limit = as_counted(status, sure.limit, gap, allowed)
    return {"status": status, "limit": limit, "value": value, "bound": bound, "gap": gap}


def _tables(
    sure: ScheduleSolution, mean: Expectation, left: Mapping[str, _Left]
) -> dict[str, object]:
    """Return the tables of measures, with what is lost in the mean without each."""
    value, monotone = rounded(mean.mean), OBJECTIVES[sure.objective].monotone
    lost = {name: rounded(each.mean.mean - value) for name, each in left.items()}
    if monotone:
        lost = {name: max(0.0, each) for name, each in lost.items()}
    schedule = [
        replace(row, lost_if_dropped=lost.get(f"{row.measure}@{row.period}"))
        for row in sure.schedule
    ]
    return {
        "schedule": Rows(ScheduleRow, schedule),
        "plan": Rows(ScheduledMeasure, _ranked(sure.plan, lost)),
    }


def _periods(
    rows: Iterable[SchedulePeriodRow], means: Sequence[float] | None
) -> Rows[LuckSchedulePeriodRow]:
    known = iter(means or ())
    found = [LuckSchedulePeriodRow(**asdict(row), value_mean=next(known, None)) for row in rows]
    return Rows(LuckSchedulePeriodRow, found)


# -- what is lost ---------------------------------------------------------------------------------


def _without_each(
    lucky: LuckySchedules, problem: ScheduleProblem, plan: Plan, clock: Clock
) -> dict[str, _Left]:
    """Return what is left without each measure: by ``m01@2015`` in a period, by ``m01`` in all.

    Each time without what cannot be in force without it either; as long as there is time.
    """
    built, found = problem.built, {}
    single: dict[str, list[int]] = {}
    several: dict[str, list[int]] = {}
    for each, index in built.in_force.items():
        if index in plan:
            single[lucky.asked.named(each)] = [index]
            several.setdefault(each[0], []).append(index)
    gone = single | {name: indices for name, indices in several.items() if len(indices) > 1}
    until = clock.part(_WORTH_SHARE).deadline
    for name, indices in gone.items():
        if clock.limit is not None and clock.late():
            break
        left = plan
        for index in indices:
            left = without(problem.whole.model, left, index)
        schedule = schedule_in(problem, left & lucky.in_force_indices, name)
        mean = lucky.values.expected(lucky.plan(schedule), until=until)
        if mean.draws is not None:
            break
        found[name] = _Left(schedule, lucky.plan(schedule), mean)
    return found


def _dropped(
    lucky: LuckySchedules, mean: Expectation, left: Mapping[str, _Left], clock: Clock
) -> dict[str, tuple[DroppedOutcome, ...]]:
    """Return the outcomes of what is left without each measure, the likeliest with proofs.

    What also is an outcome of the whole schedule has its value there.
    """
    whole = {each.outcome.acts for each in mean.outcomes}
    new = [
        (valued.outcome.probability, name, valued.outcome.acts)
        for name, each in left.items()
        for valued in each.mean.outcomes
        if valued.outcome.acts not in whole
    ]
    new.sort(key=lambda each: -each[0])
    proofs: dict[tuple[str, Plan], ProofOverTime] = {}
    for _, name, acts in new[:PROVED]:
        if clock.late():
            break
        proofs[name, acts] = lucky.proof(left[name].schedule, acts)
    return {
        name: tuple(
            DroppedOutcome(
                *lucky.works(each.plan, valued.outcome.acts),
                probability=valued.outcome.probability,
                value=rounded(valued.value),
                proof=proofs.get((name, valued.outcome.acts)),
            )
            for valued in each.mean.outcomes
        )
        for name, each in left.items()
    }


def _unlooked(schedule: Schedule, worths: Mapping[str, object], *, drawn: bool) -> Iterator[str]:
    """Yield a warning where what some measures are worth is not known."""
    missing = len(schedule.in_force) - sum("@" in name for name in worths)
    if missing > 0:
        why = "the mean is an estimate" if drawn else "the time limit came first"
        yield (
            f"{why}: what {missing} of the schedule's {len(schedule.in_force)} measures in force "
            "are worth was not looked at"
        )


def _unproved(mean: Expectation, proofs: Sequence[OutcomeProof]) -> Iterator[str]:
    wanted = min(PROVED, len(mean.outcomes))
    if len(proofs) < wanted:
        yield (
            f"the time limit came first: {len(proofs)} of the {wanted} likeliest outcomes have a "
            "proof of their values"
        )


def _ranked(rows: Iterable[ScheduledMeasure], lost: Mapping[str, float]) -> list[ScheduledMeasure]:
    """Return the measures, the one that would be missed most in the mean first."""
    told = []
    for row in rows:
        name = row.measure if ";" in row.in_force else f"{row.measure}@{row.in_force}"
        told.append(replace(row, lost_if_dropped=lost.get(name)))
    told.sort(
        key=lambda row: math.inf if row.lost_if_dropped is None else -round(row.lost_if_dropped, 9)
    )
    return [replace(row, rank=rank) for rank, row in enumerate(told, start=1)]
