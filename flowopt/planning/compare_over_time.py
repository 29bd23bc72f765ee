"""The frontier over time: the best schedule for each of many budgets, each bounding smaller ones.

Budgets are solved from the largest down. What no schedule goes below with more money, none does
with less; a schedule that keeps the smaller budget, too, is then the best for it; and periods that
were solved with more money than their plans take are not solved again. In the end each budget takes
the best schedule of any smaller one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flowopt.clock import Clock
from flowopt.defaults import GAP, OBJECTIVE, SOLVER, THREADS, TIE_RULE
from flowopt.errors import RequestError
from flowopt.keywords import naming_keywords
from flowopt.model.solver import OnProgress
from flowopt.network.checks.warning_groups import grouped_warnings
from flowopt.network.read import NetworkOrPath, network_of
from flowopt.objectives import Objective, Ties
from flowopt.planning.period_budgets import request_warnings
from flowopt.planning.period_solver import PeriodSolver
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.question_over_time import QuestionOverTime, unit_over_time
from flowopt.planning.recorded_options import on_record
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_problem import ScheduleProblem, schedule_problem_of
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.planning.sweep.budgets import ALL, parse_budgets
from flowopt.planning.workers import check_workers
from flowopt.results.numbers import EQUAL, relative_gap, rounded, share
from flowopt.results.rows import Rows
from flowopt.results.schedule_frontier import ScheduleAt, ScheduleFrontier


@dataclass(frozen=True, slots=True)
class _Solved:
    """One budget, with its request, and the best schedule; None where there is none."""

    budget: float
    problem: ScheduleProblem
    found: FoundSchedule | None
    possible: bool
    baseline: float


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
    threads: int = THREADS,
    workers: int = 1,
    on_progress: OnProgress | None = None,
    keep_on_interrupt: bool = False,
) -> ScheduleFrontier:
    """Find the best schedule for each of many budgets, and prove how good each is.

    Parameters
    ----------
    network
        A checked network with periods, or the path of one.
    budgets
        Numbers, or texts such as ``0:40:10`` and ``0,5,12.5``: M USD a year, the same in every
        period.
    carry, resources, objective, ties, include, exclude
        As in `solve_over_time`, for every budget.
    solver, gap, threads, on_progress
        Likewise.
    time_limit
        Seconds for each budget; None for no limit.
    workers
        Processes that solve periods side by side; the answer is the same for any number.
    keep_on_interrupt
        Return the budgets solved so far on Ctrl-C, in place of `KeyboardInterrupt`.

    Returns
    -------
    ScheduleFrontier
        Values fall and bounds fall as budgets rise.

    Raises
    ------
    RequestError
        When an option is out of range, a name is unknown, or the network has no periods.
    SolverError
        As in `solve_over_time`.

    Examples
    --------
    >>> import flowopt
    >>> found = flowopt.compare_over_time("networks/tiny-years", budgets="0:3:1")
    >>> [(row.budget, row.value, row.measures) for row in found.frontier][1:]
    [(1.0, 26.0, ''), (2.0, 16.0, 'm_boats@y1;m_boats@y2'), (3.0, 15.0, 'm_boats@y2;m_radar@y2')]
    """
    began = time.perf_counter()
    amounts = parse_budgets(budgets)
    if amounts == ALL:
        raise RequestError(
            "budgets 'all' are for one year: over time give numbers, such as 0:40:10"
        )
    request = PlanRequest(
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
    asked = QuestionOverTime(network_of(network), objective, ties, Clock())
    problems = {
        budget: schedule_problem_of(asked.network, asked.whole, request, budget=budget, carry=carry)
        for budget in amounts
    }
    solved, interrupted = _solved(problems, options, workers)
    baseline = solved[0].baseline
    return ScheduleFrontier(
        network=asked.network.info.id,
        input_sha256=asked.network.sha256,
        objective=objective,
        unit=unit_over_time(asked.network, objective),
        years=asked.whole.timeline.years,
        discount=asked.network.info.discount,
        carry=carry,
        baseline=rounded(baseline),
        frontier=Rows(ScheduleAt, _rows(solved, gap)),
        interrupted=interrupted,
        options=on_record(
            budgets=budgets if isinstance(budgets, str) else ",".join(map(str, amounts)),
            carry=carry,
            **request.recorded("resource", "objective", "ties", "include", "exclude"),
            **options.recorded(),
        ),
        seconds=round(time.perf_counter() - began, 3),
        warnings=(
            *grouped_warnings(asked.network.warnings),
            *request_warnings(asked.network, problems[max(amounts)].money, objective, carry=carry),
        ),
    )


def _solved(
    problems: Mapping[float, ScheduleProblem], options: RunOptions, workers: int
) -> tuple[list[_Solved], bool]:
    """Return the best schedule of each budget, rising, and whether the user stopped it."""
    done: list[_Solved] = []
    with PeriodSolver(options, workers=workers) as periods:
        for budget in sorted(problems, reverse=True):
            larger = done[-1].found if done else None
            run = ScheduleRun(
                problems[budget],
                options,
                Clock(options.time_limit),
                solver=periods,
                starts=[] if larger is None else [larger.plan],
                floor=0.0 if larger is None else larger.bound,
            )
            possible = not run.conflicts()
            done.append(
                _Solved(
                    budget,
                    problems[budget],
                    run.run() if possible else None,
                    possible,
                    run.baseline,
                )
            )
            if run.interrupted:
                return done[::-1], True
    return done[::-1], False


def _rows(solved: list[_Solved], gap: float) -> list[ScheduleAt]:
    """Return the rows, budgets rising, each with the best schedule of it or a smaller one."""
    rows: list[ScheduleAt] = []
    best: FoundSchedule | None = None
    for each in solved:
        found = each.found
        if found is None:
            status = "no_solution" if each.possible else "infeasible"
            rows.append(ScheduleAt(each.budget, status))
            continue
        if best is None or found.value < best.value - EQUAL * each.baseline:
            best = found
        rows.append(_row(each, best, min(found.bound, best.value), gap))
    return rows


def _row(solved: _Solved, best: FoundSchedule, bound: float, gap: float) -> ScheduleAt:
    """Return the row of a budget with a schedule."""
    model, built, baseline = solved.problem.whole.model, solved.problem.built, solved.baseline
    missing = relative_gap(best.value, bound, baseline)
    plan = sorted(best.plan)
    bought = frozenset(built.bought.values())
    periods = built.timeline.periods
    bought_names = [f"{m}@{periods[q].period}" for (m, q), i in built.bought.items() if i in plan]
    cut = rounded(baseline - best.value)
    return ScheduleAt(
        budget=solved.budget,
        status="optimal" if missing <= gap else "limit",
        spent=rounded(float(model.measure_cost[plan].sum())),
        value=rounded(best.value),
        bound=rounded(bound),
        gap=missing,
        cut=cut,
        cut_share=share(cut, baseline),
        measures=";".join(model.measures[i] for i in plan if i not in bought),
        bought=";".join(bought_names),
    )
