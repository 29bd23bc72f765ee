"""The best schedule over periods: search, proof, and what the trafficker does under it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

from flowopt.clock import Clock
from flowopt.defaults import ALTERNATIVES, GAP, OBJECTIVE, SOLVER, THREADS, TIE_RULE
from flowopt.errors import OutOfTime
from flowopt.keywords import naming_keywords
from flowopt.model.build_over_time import OverTime
from flowopt.model.solver import OnProgress
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.network.read import NetworkOrPath, network_of
from flowopt.objectives import Objective, Ties
from flowopt.planning.alternative_schedules import next_best
from flowopt.planning.luck_schedule import best_under_luck
from flowopt.planning.period_budgets import Budget
from flowopt.planning.period_solver import PeriodSolver
from flowopt.planning.plan_request import AlternativesRequest, PlanRequest
from flowopt.planning.question_over_time import QuestionOverTime
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_outcome import schedule_in, schedule_solution
from flowopt.planning.schedule_problem import ScheduleProblem, schedule_problem_of
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.planning.schedules import named_in_force
from flowopt.planning.target_run import Unreachable
from flowopt.planning.workers import check_workers
from flowopt.results.folder_result import of_networks
from flowopt.results.numbers import relative_gap, rounded
from flowopt.results.over_time_rows import (
    ScheduleAlternative,
)
from flowopt.results.rows import Rows
from flowopt.results.schedule_solution import ScheduleSolution

_TELLING = 0.1  # of the time limit, kept for what the trafficker does under the schedule


@naming_keywords
def solve_over_time(
    network: NetworkOrPath,
    *,
    budget: Budget = None,
    target: float | None = None,
    carry: bool = False,
    resources: Mapping[str, float] | None = None,
    objective: Objective = OBJECTIVE,
    ties: Ties = TIE_RULE,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    alternatives: int = ALTERNATIVES,
    solver: str = SOLVER,
    time_limit: float | None = None,
    gap: float = GAP,
    threads: int = THREADS,
    workers: int = 1,
    on_progress: OnProgress | None = None,
    keep_on_interrupt: bool = False,
    seconds_reading: float = 0.0,
) -> ScheduleSolution:
    """Find the schedule that cuts the most within the money of each period, with a bound on all.

    Under `flow` and `profit` periods are solved one by one, and what ties them (purchases, rules
    `after`, carried money) is branched on, which proves most. A target, and `bilevel`, are for one
    programme over all periods, whose bound may stay far from its schedule on a large network.

    Parameters
    ----------
    network
        A checked network with periods, or the path of one.
    budget
        M USD a year in every period, or in some by id; a period that it leaves out has its own.
    target
        Ask the reverse: the schedule that costs least in all and brings the objective over all
        periods to this or below; budgets are then only limits.
    carry
        Let money that is left over stay for later periods.
    resources
        Limits of resources in every period; they count instead of those in the network.
    objective, ties
        As in `solve`; totals are over all periods.
    include, exclude
        Measures that must, or may not, be in force: ``m01@2016`` in that period, ``m01`` in every
        period in which it can be.
    alternatives
        How many of the best schedules to list, each proved like the first; none holds all that is
        in force in an earlier one.
    solver, gap, threads, on_progress, keep_on_interrupt
        As in `solve`.
    workers
        Processes that solve periods side by side; the answer is the same for any number. With more
        than one, a script of yours needs the usual ``if __name__ == "__main__":``.
    time_limit
        Seconds for all of it; None for no limit. At the limit the best schedule so far is returned
        with its bound, and what one without foresight does is left out.
    seconds_reading
        Time already spent, on starting up and reading the network; it counts against the limit.

    Returns
    -------
    ScheduleSolution
        With status ``infeasible`` and its reasons when no schedule keeps the conditions. Among
        equally good ones it is the cheapest that was found. A `LuckScheduleSolution` where measures
        may fail: the best in the mean over what works.

    Raises
    ------
    RequestError
        When an option is out of range, a name is unknown, or the network has no periods.
    SolverError, OutOfTime
        As in `solve`.

    Examples
    --------
    >>> import flowopt
    >>> found = flowopt.solve_over_time("networks/tiny-years", budget=3)
    >>> found.status, found.value, found.measures
    ('optimal', 15.0, ('m_boats@y2', 'm_radar@y2'))
    """
    clock = Clock(time_limit, time.perf_counter() - seconds_reading)
    request = PlanRequest(
        target=target,
        resources=dict(resources or {}),
        objective=objective,
        ties=ties,
        include=tuple(include),
        exclude=tuple(exclude),
    )
    options = RunOptions(
        solver=solver,
        time_limit=time_limit,
        gap=gap,
        threads=threads,
        on_progress=on_progress,
        keep_on_interrupt=keep_on_interrupt,
    )
    request.check()
    options.check()
    check_workers(workers)
    AlternativesRequest(alternatives).check(request)
    loaded = network_of(network)
    if may_fail(loaded):
        lucky = best_under_luck(
            loaded, request, options, clock, budget=budget, carry=carry, alternatives=alternatives
        )
        return of_networks(lucky, loaded)
    found = best_schedule(
        loaded,
        request,
        options,
        clock,
        budget=budget,
        carry=carry,
        alternatives=alternatives,
        workers=workers,
    )
    return of_networks(found, loaded)


def best_schedule(
    network: Network,
    request: PlanRequest,
    options: RunOptions,
    clock: Clock,
    *,
    budget: Budget,
    carry: bool,
    alternatives: int = 1,
    workers: int = 1,
    starts: Iterable[Iterable[str]] = (),
    floor: float = 0.0,
    built: OverTime | None = None,
) -> ScheduleSolution:
    """Return the best schedule for a request that has been checked, with its tables and proofs.

    Parameters
    ----------
    network, request, options, clock
        The network with periods, the request but for its money, and how and how long it is solved.
    budget, carry, alternatives, workers
        As in `solve_over_time`.
    starts
        Schedules to begin with, as ``m01@2015``; none is better than the result.
    floor
        A known bound on every schedule.
    built
        The network's programme, where it is known.
    """
    # What the trafficker does under the schedule found is told however late it is.
    asked = QuestionOverTime(network, request.objective, request.ties, Clock(), built=built)
    problem = schedule_problem_of(network, asked.whole, request, budget=budget, carry=carry)
    within = clock.before(_TELLING * (clock.limit or 0.0))
    plans = [
        frozenset(asked.whole.in_force[each] for each in named_in_force(network, words))
        for words in starts
    ]
    with PeriodSolver(options, workers=workers) as periods:
        run = ScheduleRun(problem, options, within, solver=periods, starts=plans, floor=floor)
        found, reasons = _found(run)
        listed = [] if found is None else _listed(run, found, alternatives, periods)
    result = schedule_solution(asked, problem, found, reasons, options, clock, budget)
    proofs, rows = [], []
    for rank, each in enumerate(listed, start=1):
        schedule = schedule_in(problem, each.plan)
        proofs.append(asked.proof(schedule, asked.response(schedule, tidy=False)))
        rows.append(_alternative(problem, rank, each, proofs[-1].value, result.baseline))
    return replace(
        result,
        alternatives=Rows(ScheduleAlternative, rows),
        alternative_proofs=tuple(proofs),
    )


def _listed(
    run: ScheduleRun, first: FoundSchedule, count: int, periods: PeriodSolver
) -> list[FoundSchedule]:
    """Return the best schedules from the first on; none if one is enough."""

    def solve(problem: ScheduleProblem) -> FoundSchedule:
        if run.ended():
            raise OutOfTime("no time is left for another schedule")
        following = ScheduleRun(problem, run.options, run.clock, solver=periods)
        found = following.run()
        run.interrupted = following.interrupted
        if found is None:
            raise OutOfTime("no time was left for another schedule")
        return found

    return next_best(run.problem, first, count, solve) if count > 1 else []


def _found(run: ScheduleRun) -> tuple[FoundSchedule | None, tuple[str, ...]]:
    """Return the best schedule, or the reasons why there is none."""
    if conflicts := run.conflicts():
        return None, tuple(conflicts)
    try:
        return run.run(), ()
    except Unreachable:
        return None, ("no schedule within the conditions brings the objective to the target",)


def _alternative(
    problem: ScheduleProblem, rank: int, found: FoundSchedule, value: float, scale: float
) -> ScheduleAlternative:
    """Return the row of one of the best schedules."""
    model, built = problem.whole.model, problem.built
    in_force = sorted(found.plan & frozenset(built.in_force.values()))
    periods = built.timeline.periods
    bought = [each for each, index in built.bought.items() if index in found.plan]
    bought.sort(key=lambda each: each[1])
    bound = min(found.bound, value)
    return ScheduleAlternative(
        rank=rank,
        value=rounded(value),
        rank_bound=rounded(bound),
        rank_gap=rounded(relative_gap(value, bound, scale)),
        status=found.status,
        spent=rounded(float(model.measure_cost[sorted(found.plan)].sum())),
        measures=";".join(model.measures[index] for index in in_force),
        bought=";".join(f"{m}@{periods[q].period}" for m, q in bought),
    )
