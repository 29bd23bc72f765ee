"""The frontier that the pools of one comparison make, and the options of it on record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from flowopt.clock import LimitReason
from flowopt.model.solver import solver_threads, solver_version
from flowopt.objectives import OBJECTIVES
from flowopt.planning.recorded_options import on_record
from flowopt.planning.sweep.plan_pool import PlanPool
from flowopt.planning.sweep.proved_bounds import with_lowered_bounds
from flowopt.planning.sweep.result_tables import cross, evidence, sweep_tables
from flowopt.planning.sweep.sweep_request import SweepRequest
from flowopt.results.budget_rows import (
    DisplacementAt,
    FrontierRow,
    LadderRow,
    MarketAt,
    MeasureAt,
    PlanAt,
)
from flowopt.results.document import Option
from flowopt.results.frontier import Frontier
from flowopt.results.plan_result import SolverRun
from flowopt.results.rows import Rows


def frontier_of(
    sweep: SweepRequest, pools: Sequence[PlanPool], budgets: str, *, interrupted: bool
) -> Frontier:
    """Return the frontier that tells the rows of all pools."""
    options, request = sweep.options, sweep.requests[0]
    limit = options.time_limit
    plans, tables = cross([sweep_tables(pool) for pool in pools])
    tables = [with_lowered_bounds(*each) for each in zip(tables, pools, strict=True)]
    objectives = [each.objective for each in sweep.requests]
    return Frontier(
        budgets=sweep.budgets,
        resources=request.resources,
        include=request.include,
        exclude=request.exclude,
        allowed_gap=float(options.gap),
        time_limit=None if limit is None or limit == math.inf else float(limit),
        frontier=Rows(FrontierRow, (row for each in tables for row in each.frontier)),
        measures=Rows(MeasureAt, (row for each in tables for row in each.measures)),
        markets=Rows(MarketAt, (row for each in tables for row in each.markets)),
        displacement=Rows(DisplacementAt, (row for each in tables for row in each.displacement)),
        ladder=Rows(LadderRow, (row for each in tables for row in each.ladder)),
        sweeps=tuple(each.sweep for each in tables),
        solver=SolverRun(
            options.solver.lower(),
            solver_version(options.solver),
            solver_threads(options.for_solver),
        ),
        plans=Rows(PlanAt, plans),
        of=request.of,
        ties=request.ties if any(OBJECTIVES[each].ties for each in objectives) else None,
        evidence=tuple(evidence(each) for each in tables),
        limit="interrupted" if interrupted else _limit(pools, limit),
        seconds=sweep.clock.elapsed(),
        options=options_of(sweep, budgets),
    )


def options_of(sweep: SweepRequest, budgets: str) -> Mapping[str, Option]:
    """Return every option of a comparison but where it ran; `budgets` as they were asked for."""
    return on_record(
        budgets=budgets,
        objective=[each.objective for each in sweep.requests],
        **sweep.requests[0].recorded("ties", "resource", "include", "exclude", "of"),
        **sweep.options.recorded("solver", "time_limit", "gap"),
    )


def _limit(pools: Sequence[PlanPool], time_limit: float | None) -> LimitReason | None:
    """Return the limit that stopped rows before they were proved, or before all were found."""
    for pool in pools:
        states = {row.status for row in pool.consistent.rows}
        reasons = [result.limit for result in pool.source.results() if result.limit is not None]
        if reasons and not states <= {"optimal", "infeasible"}:
            return reasons[0]
        if (
            time_limit is not None
            and pool.consistent.complete is False
            and states != {"infeasible"}
        ):
            return "time"
    return None
