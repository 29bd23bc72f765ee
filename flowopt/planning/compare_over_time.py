"""The frontier over time: the best schedule for each of many budgets, each warm starting others.

Every budget is that of a year, the same in all periods. What no schedule goes below with more
money, none does with less; and a schedule for less money is within more. In the end each budget has
the best schedule that is known for it or a smaller one, and the best bound of it or a larger one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from flowopt.clock import Clock
from flowopt.defaults import GAP, OBJECTIVE, SOLVER, TIE_RULE
from flowopt.keywords import naming_keywords
from flowopt.network.read import NetworkOrPath, network_of
from flowopt.objectives import Objective, Ties
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.recorded_options import on_record
from flowopt.planning.run_options import RunOptions
from flowopt.planning.sweep.budgets import parse_budgets
from flowopt.planning.sweep.neighbour_grid import best_bounds
from flowopt.planning.sweep.progress import SweepProgress
from flowopt.planning.sweep.shared_model import forget_models
from flowopt.planning.sweep.sweep_request import SweepRequest
from flowopt.planning.sweep.sweep_run import SweepRun
from flowopt.results.folder_result import of_networks
from flowopt.results.numbers import relative_gap
from flowopt.results.schedule_frontier import ScheduleFrontier
from flowopt.results.schedule_solution import ScheduleSolution


@naming_keywords
def compare_over_time(
    network: NetworkOrPath,
    *,
    budgets: str | float | Iterable[float | str],
    carry: bool = False,
    resources: Mapping[str, float] | None = None,
    objective: Objective = OBJECTIVE,
    ties: Ties = TIE_RULE,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    solver: str = SOLVER,
    time_limit: float | None = None,
    gap: float = GAP,
    workers: int = 1,
    cluster: str | None = None,
    keep: Path | str | None = None,
    resume: bool = False,
    restart: bool = False,
    keep_on_interrupt: bool = False,
    watch: SweepProgress | None = None,
    on_message: Callable[[str], None] | None = None,
    seconds_reading: float = 0.0,
) -> ScheduleFrontier:
    """Find the best schedule for each of many budgets, and prove how good each is.

    Parameters
    ----------
    network
        A checked network with periods, or the path of one.
    budgets
        Numbers, or texts such as ``0:40:10`` and ``0,5,12.5``: M USD a year, the same in every
        period.
    carry, resources, objective, ties, include, exclude, solver, gap
        As in `solve_over_time`, for every budget.
    time_limit
        Seconds for each budget, with its part of what goes before the first; None for no limit.
    workers, cluster, keep, resume, restart, keep_on_interrupt, watch, on_message, seconds_reading
        As in `compare`: budgets are solved side by side and kept.

    Returns
    -------
    ScheduleFrontier
        Values fall and bounds fall as budgets rise. The same for any number of workers, unless a
        time limit cut a budget short.

    Raises
    ------
    RequestError
        When an option is out of range, a name is unknown, the network has no periods, or `keep`
        holds the rows of another question.
    SolverError, OutOfTime
        As in `compare`.

    Examples
    --------
    >>> import flowopt
    >>> found = flowopt.compare_over_time("networks/tiny-years", budgets="0:3:1")
    >>> [(row.budget, row.value, row.measures) for row in found.frontier][1:]
    [(1.0, 26.0, ''), (2.0, 16.0, 'm_boats@y1;m_boats@y2'), (3.0, 15.0, 'm_boats@y2;m_radar@y2')]
    """
    clock = Clock(time_limit, time.perf_counter() - seconds_reading)
    request = PlanRequest(
        budget=0.0,
        resources=dict(resources or {}),
        objective=objective,
        ties=ties,
        include=tuple(include),
        exclude=tuple(exclude),
    )
    sweep = SweepRequest(
        networks=(network_of(network),),
        requests=(request,),
        budgets=parse_budgets(budgets),
        options=RunOptions(solver=solver, time_limit=time_limit, gap=gap, threads=1),
        clock=clock,
        carry=carry,
    )
    run = SweepRun(
        workers=workers,
        cluster=cluster,
        keep=keep,
        resume=resume,
        restart=restart,
        keep_on_interrupt=keep_on_interrupt,
        watch=watch,
        on_message=on_message,
    )
    try:
        sweep.check(workers)
        swept = run.solve(sweep)
    finally:
        forget_models()
    solved = [row.schedule for row in swept.sources[0].results() if row.schedule is not None]
    text = budgets if isinstance(budgets, str) else ",".join(map(str, sweep.budgets))
    return _frontier(sweep, _with_bounds(solved, gap), text, interrupted=swept.interrupted)


def _with_bounds(solutions: Sequence[ScheduleSolution], gap: float) -> list[ScheduleSolution]:
    """Return the schedules of rising budgets, each with the best bound that is known for it."""
    found = []
    bounds = best_bounds((each.value, each.bound) for each in solutions)
    for each, bound in zip(solutions, bounds, strict=True):
        if each.value is None or bound is None:
            found.append(each)
            continue
        left = relative_gap(each.value, bound, each.baseline)
        better = replace(each, bound=bound, gap=left)
        if each.status == "limit" and left <= gap:
            better = replace(better, status="optimal", limit=None)
        found.append(better)
    return found


def _frontier(
    sweep: SweepRequest, solutions: Sequence[ScheduleSolution], budgets: str, *, interrupted: bool
) -> ScheduleFrontier:
    """Return the result of schedules, budgets rising."""
    network, request, first = sweep.networks[0], sweep.requests[0], solutions[0]
    result = ScheduleFrontier(
        network=network.info.id,
        input_sha256=network.sha256,
        objective=request.objective,
        ties=first.ties,
        unit=first.unit,
        years=first.years,
        discount=first.discount,
        carry=first.carry,
        baseline=first.baseline,
        solutions=tuple(solutions),
        interrupted=interrupted,
        options=on_record(
            budgets=budgets,
            carry=first.carry,
            **request.recorded("resource", "objective", "ties", "include", "exclude"),
            **sweep.options.recorded("solver", "time_limit", "gap"),
        ),
        seconds=sweep.clock.elapsed(),
    )
    return of_networks(result, network)
