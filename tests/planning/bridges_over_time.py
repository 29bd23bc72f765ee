"""Runs for the best schedule, and the two bridges over three years."""

from __future__ import annotations

from typing import Any

from flowopt.clock import Clock
from flowopt.model.build_over_time import build_over_time
from flowopt.network.network import Network
from flowopt.network.schema import Measure, Period
from flowopt.planning.period_budgets import Budget
from flowopt.planning.period_solver import PeriodSolver
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_problem import schedule_problem_of
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from tests.networks import shipped

ALMOST_EXACT = RunOptions(gap=1e-7)


def run(
    network: Network,
    *,
    budget: Budget = None,
    carry: bool = False,
    solver: PeriodSolver | None = None,
    **request: Any,
) -> ScheduleRun:
    """Return a run for the best schedule."""
    problem = schedule_problem_of(
        network, build_over_time(network), PlanRequest(**request), budget=budget, carry=carry
    )
    return ScheduleRun(problem, ALMOST_EXACT, Clock(), solver=solver)


def found(network: Network, **request: Any) -> FoundSchedule:
    """Return the best schedule."""
    best = run(network, **request).run()
    assert best is not None
    return best


def named(network: Network, best: FoundSchedule) -> set[str]:
    """Return the names of what a schedule has in force and buys."""
    measures = build_over_time(network).model.measures
    return {measures[i] for i in best.plan}


def bridges(*measures: Measure, **tables: Any) -> Network:
    """Return the two bridges over three years, with some measures changed."""
    network = shipped("two-bridges")
    changed = {row.measure: row for row in measures}
    years = [Period(period=f"{year}") for year in (2015, 2016, 2017)]
    rows = [changed.get(row.measure, row) for row in network.measures]
    return network.replace(**{"periods": years, "measures": rows} | tables)
