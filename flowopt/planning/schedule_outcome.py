"""Results of a schedule that was found: its tables, and what the trafficker does under it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from flowopt.clock import Clock
from flowopt.model.incumbent import Plan
from flowopt.model.response_types import BestResponse
from flowopt.model.solver import solver_threads, solver_version
from flowopt.network.checks.warning_groups import grouped_warnings
from flowopt.objectives import OBJECTIVES
from flowopt.planning.myopic import MyopicOutcome
from flowopt.planning.period_budgets import Budget, given_budget, request_warnings
from flowopt.planning.question_over_time import QuestionOverTime, opening_changes
from flowopt.planning.recorded_options import on_record
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_problem import ScheduleProblem
from flowopt.planning.schedule_run import FoundSchedule
from flowopt.planning.schedule_values import dropped_from, left_out, plan_rows, schedule_rows
from flowopt.planning.schedules import InForce, Schedule, spending
from flowopt.results.numbers import relative_gap, rounded
from flowopt.results.over_time import ResponseOverTime
from flowopt.results.over_time_rows import (
    OpeningChange,
    ScheduledMeasure,
    SchedulePeriodRow,
    ScheduleRow,
)
from flowopt.results.plan_result import SolverRun
from flowopt.results.rows import Rows
from flowopt.results.schedule_solution import ScheduleSolution

_BEST = "best"
_NOTHING = Schedule("", (), ())


def schedule_solution(
    asked: QuestionOverTime,
    problem: ScheduleProblem,
    found: FoundSchedule | None,
    reasons: tuple[str, ...],
    options: RunOptions,
    clock: Clock,
    budget: Budget,
    *,
    losses: bool = True,
) -> ScheduleSolution:
    """Return the result with its tables, which are empty where there is no schedule.

    Without `losses`, what each measure is worth is left out.
    """
    network, request = asked.network, problem.request
    before = asked.response(_NOTHING)
    tables = asked.tables(_NOTHING, before)
    nothing = ScheduleSolution(
        network=network.info.id,
        input_sha256=network.sha256,
        objective=request.objective,
        ties=request.ties if OBJECTIVES[request.objective].ties else None,
        unit=tables.unit,
        status="infeasible" if reasons else "no_solution",
        reasons=reasons,
        budget=given_budget(budget),
        target=request.target,
        carry=problem.carry,
        resources=problem.resources,
        include=request.include,
        exclude=request.exclude,
        years=tables.years,
        discount=tables.discount,
        baseline=tables.value,
        baseline_without_openings=tables.value_without_openings,
        before=tables,
        solver=SolverRun(
            options.solver.lower(),
            solver_version(options.solver),
            solver_threads(options.for_solver),
        ),
        options=on_record(
            **options.recorded(),
            budget=given_budget(budget),
            **request.recorded("target", "resource", "objective", "ties", "include", "exclude"),
            carry=problem.carry,
        ),
        seconds=round(clock.elapsed(), 3),
        warnings=(
            *grouped_warnings(network.warnings),
            *request_warnings(network, problem.money, request.objective, carry=problem.carry),
        ),
    )
    if found is None:
        return nothing
    return _with_schedule(asked, problem, found, nothing, before, clock, losses=losses)


def _with_schedule(
    asked: QuestionOverTime,
    problem: ScheduleProblem,
    found: FoundSchedule,
    nothing: ScheduleSolution,
    before: BestResponse,
    clock: Clock,
    *,
    losses: bool,
) -> ScheduleSolution:
    """Return a result with the schedule that was found."""
    schedule = schedule_in(problem, found.plan)
    response = asked.response(schedule)
    after = asked.tables(schedule, response)
    dropped = dropped_from(asked, problem, found.plan, clock) if losses else {}
    told = (asked.network, schedule, dropped, after.value, nothing.objective)
    bound = None if nothing.target is not None else min(rounded(found.bound), after.value)
    myopic = None if clock.late() else asked.myopic(schedule)
    periods = _period_rows(problem, schedule, nothing.before, after, myopic)
    return replace(
        nothing,
        status=found.status,
        limit=found.limit,
        value=after.value,
        bound=bound,
        gap=None if bound is None else relative_gap(after.value, bound, nothing.baseline),
        spent=rounded(math.fsum(row.spent * row.years for row in periods)),
        used=problem.used(schedule),
        cost_bound=found.cost_bound,
        value_without_openings=after.value_without_openings,
        value_myopic=None if myopic is None else myopic.value,
        schedule=Rows(ScheduleRow, schedule_rows(*told)),
        plan=Rows(ScheduledMeasure, plan_rows(*told)),
        periods=Rows(SchedulePeriodRow, periods),
        openings=Rows(OpeningChange, opening_changes(asked.whole, before, response, after.opening)),
        after=after,
        dropped=dropped,
        seconds=round(clock.elapsed(), 3),
        warnings=(*nothing.warnings, *(left_out(schedule, dropped) if losses else ())),
    )


def schedule_in(problem: ScheduleProblem, plan: Plan, name: str = _BEST) -> Schedule:
    """Return a plan of the programme over time as a schedule."""
    built = problem.built

    def those(place: Mapping[InForce, int]) -> tuple[InForce, ...]:
        return tuple(each for each, index in place.items() if index in plan)

    return Schedule(name, those(built.in_force), those(built.bought))


def _period_rows(
    problem: ScheduleProblem,
    schedule: Schedule,
    before: ResponseOverTime,
    after: ResponseOverTime,
    myopic: MyopicOutcome | None,
) -> list[SchedulePeriodRow]:
    """Return what a schedule does in a year of each period."""
    rows = zip(
        before.periods,
        after.periods,
        problem.budgets,
        spending(problem.network, schedule),
        [None] * len(problem.budgets) if myopic is None else myopic.years,
        strict=True,
    )
    found, saved = [], 0.0
    for old, new, budget, spent, simulated in rows:
        saved = saved + (budget - spent.a_year) * new.years if problem.carry else 0.0
        found.append(
            SchedulePeriodRow(
                period=new.period,
                years=new.years,
                tonne_weight=new.tonne_weight,
                budget=None if math.isinf(budget) else budget,
                spent=rounded(spent.a_year),
                setup=rounded(spent.setup),
                carried=rounded(max(0.0, saved)),
                baseline=old.value,
                value=new.value,
                delivered=new.delivered,
                weighted=new.weighted,
                profit=new.profit,
                opened_baseline=old.opened,
                opened=new.opened,
                value_myopic=simulated,
            )
        )
    return found
