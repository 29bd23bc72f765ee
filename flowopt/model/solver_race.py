"""HiGHS and SCIP side by side on one programme, on two cores.

Which of them is the faster on a network can't be told beforehand. The first to prove its plan
stops the other, and so does a plan of one that the bound of the other proves. Otherwise the answer
is the best plan of both with the better of their bounds: each bounds every plan.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from flowopt.errors import SolverError
from flowopt.model.activities import Floats
from flowopt.model.milp import Milp
from flowopt.model.solver_highs import HighsRun, highs_version
from flowopt.model.solver_run import Run, watch_runs
from flowopt.model.solver_scip import ScipRun, scip_version
from flowopt.model.solver_types import MilpResult, OnProgress, SolverOptions, Status


def solve_by_race(
    milp: Milp, options: SolverOptions, start: Floats | None, on_progress: OnProgress | None
) -> MilpResult:
    """Solve a programme with both solvers; if one fails, the other's answer counts.

    Which plan is returned among those within the gap may depend on which solver was faster.

    Raises
    ------
    SolverError
        When both fail.
    """
    began = time.perf_counter()
    options = replace(options, threads=1)
    runs = (HighsRun(milp, options, start, began), ScipRun(milp, options, start, began))
    interrupted = watch_runs(
        runs,
        limit=options.time_limit,
        began=began,
        on_progress=on_progress,
        settled=lambda: _settled(runs, options.gap),
    )
    results, failures = [], []
    for run in runs:
        try:
            results.append(run.result(interrupted=interrupted))
        except SolverError as error:
            failures.append(str(error))
    if not results:
        raise SolverError("; ".join(failures))
    return _together(results, options.gap)


def race_version() -> str:
    """Return the versions of both."""
    return f"HiGHS {highs_version()}, SCIP {scip_version()}"


def _settled(runs: Sequence[Run], gap: float) -> bool:
    """Return whether one has the answer, or both have it together."""
    objectives = [run.incumbent[0] for run in runs if run.incumbent is not None]
    for run in runs:
        if run.done.is_set():
            try:
                result = run.result(interrupted=False)
            except SolverError:
                continue  # the other's answer counts
            if result.status == "optimal" or (result.status == "infeasible" and not objectives):
                return True
    return _within(objectives, [run.bound for run in runs], gap)


def _within(objectives: Sequence[float], bounds: Sequence[float | None], gap: float) -> bool:
    low = max((bound for bound in bounds if bound is not None), default=None)
    if low is None or not objectives:
        return False
    best = min(objectives)
    return best - low <= gap * abs(best)


def _together(results: Sequence[MilpResult], gap: float) -> MilpResult:
    """Return the best plan and the best bound of both; a solution refutes that there is none."""
    if any(each.objective is not None for each in results):
        results = [each for each in results if each.status != "infeasible"]
    # The one that proved its plan comes first: of equal plans, its own is taken.
    results = sorted(results, key=lambda each: each.status not in ("optimal", "infeasible"))
    named = replace(results[0], solver="race", version=race_version())
    solved = [each for each in results if each.objective is not None]
    if named.status == "infeasible":
        return named
    objectives = [each.objective for each in solved if each.objective is not None]
    bounds = [each.bound for each in results if each.bound is not None]
    bound = max(bounds, default=None)
    if not solved:
        return replace(named, bound=bound)
    best = solved[objectives.index(min(objectives))]
    proved = named.status == "optimal" or _within(objectives, bounds, gap)
    status: Status = "optimal" if proved else "limit"
    return replace(
        named,
        status=status,
        values=best.values,
        objective=best.objective,
        bound=bound,
        limit=None if proved and not named.interrupted else named.limit,
    )
