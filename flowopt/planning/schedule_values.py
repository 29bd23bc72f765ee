"""Rows of a schedule, with the loss without each of its measures in one period, and in all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.feasible_plans import without
from flowopt.model.incumbent import Plan
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.planning.question_over_time import QuestionOverTime, scheduled_rows
from flowopt.planning.schedule_problem import ScheduleProblem
from flowopt.planning.schedules import Schedule
from flowopt.results.over_time_rows import ScheduledMeasure, ScheduleRow
from flowopt.results.proof_over_time import ProofOverTime

Dropped = Mapping[str, ProofOverTime]


def dropped_from(
    asked: QuestionOverTime, problem: ScheduleProblem, plan: Plan, clock: Clock
) -> dict[str, ProofOverTime]:
    """Return proofs of what the trafficker can do without each measure of a schedule.

    By ``m01@2015`` without it in that period alone, and by ``m01`` in all, where there are several;
    each time without what cannot be in force without it either. What comes after the time limit is
    left out.
    """
    built, found = problem.built, {}
    places = {index: each for each, index in built.in_force.items() if index in plan}
    single = {asked.named(each): [index] for index, each in places.items()}
    several: dict[str, list[int]] = {}
    for index, (measure, _) in places.items():
        several.setdefault(measure, []).append(index)
    whole = {measure: gone for measure, gone in several.items() if len(gone) > 1}
    for name, gone in (single | whole).items():
        if clock.late():
            break
        left = plan
        for index in gone:
            left = without(problem.whole.model, left, index)
        schedule = Schedule(name, tuple(places[i] for i in sorted(left & places.keys())), ())
        try:
            found[name] = asked.proof(schedule, asked.response(schedule, tidy=False))
        except OutOfTime:
            break
    return found


def left_out(schedule: Schedule, dropped: Dropped) -> Iterator[str]:
    """Yield a warning where there was no time for all losses."""
    missing = len(schedule.in_force) - sum("@" in name for name in dropped)
    if missing > 0:
        yield (
            f"the time limit came first: what {missing} of the schedule's {len(schedule.in_force)} "
            "measures in force are worth was not looked at"
        )


def schedule_rows(
    network: Network, schedule: Schedule, dropped: Dropped, value: float, objective: str
) -> list[ScheduleRow]:
    """Return the measures that are bought or in force, period by period."""
    found = []
    for row in scheduled_rows(network, schedule):
        told = {name: cell for name, cell in asdict(row).items() if name != "campaign"}
        lost = _lost(dropped.get(f"{row.measure}@{row.period}"), value, objective)
        found.append(ScheduleRow(**told, lost_if_dropped=lost))
    return found


def plan_rows(
    network: Network, schedule: Schedule, dropped: Dropped, value: float, objective: str
) -> list[ScheduledMeasure]:
    """Return the measures of a schedule, the largest loss first.

    Measures whose loss is not known come last, in file order.
    """
    found = []
    for row in network.measures:
        running = [t for measure, t in schedule.in_force if measure == row.measure]
        bought = [t for measure, t in schedule.bought if measure == row.measure]
        if not running and not bought:
            continue
        names = [network.periods[t].period for t in running]
        proof = dropped.get(row.measure if len(names) > 1 else f"{row.measure}@{''.join(names)}")
        found.append(
            ScheduledMeasure(
                rank=0,
                measure=row.measure,
                name=row.name,
                kind=row.kind,
                cost=math.fsum(row.cost * network.periods[t].years for t in running)
                + row.setup * len(bought),
                bought=";".join(network.periods[t].period for t in bought),
                in_force=";".join(names),
                lost_if_dropped=_lost(proof, value, objective),
            )
        )
    found.sort(
        key=lambda row: math.inf if row.lost_if_dropped is None else -round(row.lost_if_dropped, 9)
    )
    return [replace(row, rank=rank) for rank, row in enumerate(found, start=1)]


def _lost(proof: ProofOverTime | None, value: float, objective: str) -> float | None:
    """Return what the objective regains; below 0 it is rounding, where measures do no harm."""
    if proof is None:
        return None
    lost = proof.value - value
    return max(0.0, lost) if OBJECTIVES[objective].monotone else lost
