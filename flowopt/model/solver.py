"""Solution of a `Milp` by the solver of the options.

HiGHS and SCIP run in this process, each in a thread, so that Ctrl-C, the deadline and progress are
ours; other solvers run as PuLP runs them. What a solver says is mapped once, in its own file:
unknown is never taken for optimal, a bound that is not given is None, and no values are read
without a solution. That there is none is never believed at once: presolve takes slivers that the
tolerances allow for nothing, so HiGHS looks again without it.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from importlib import import_module

from flowopt.clock import LimitReason
from flowopt.defaults import AUTO
from flowopt.errors import SolverError
from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.milp import Milp
from flowopt.model.solver_highs import HighsRun, highs_version
from flowopt.model.solver_log import log_run
from flowopt.model.solver_race import race_version, solve_by_race
from flowopt.model.solver_run import watch_runs
from flowopt.model.solver_scip import ScipRun, scip_installed, scip_version
from flowopt.model.solver_types import MilpResult, OnProgress, Progress, SolverOptions, Status
from flowopt.objectives import OBJECTIVES, Objective

__all__ = [
    "MilpResult",
    "OnProgress",
    "Progress",
    "SolverOptions",
    "Status",
    "chosen_solver",
    "nothing_found",
    "second_look",
    "solve_milp",
    "solve_once",
    "solver_threads",
    "solver_version",
    "tells_open",
    "version_in_use",
]

_TITLES = {"highs": "HiGHS", "scip": "SCIP"}
_LEAST_TIME = 0.05  # seconds for a second look when the time is up
# Nodes of a second look at what lies above a cutoff: all of a small tree, and the top of a large
# one, where presolve and the root do what could be wrong.
_SECOND_NODES = 150


def solve_milp(
    milp: Milp,
    options: SolverOptions,
    *,
    start: Floats | None = None,
    on_progress: OnProgress | None = None,
) -> MilpResult:
    """Solve a programme; `infeasible` is what two looks agree on.

    Parameters
    ----------
    milp, options
        What, and how.
    start
        Values of the integer variables of a known solution, NaN elsewhere (HiGHS and SCIP only).
    on_progress
        Called from this thread while HiGHS or SCIP works.

    Raises
    ------
    RequestError
        When nobody knows the solver's name.
    SolverError
        When the solver is not installed, has no licence, or fails.
    """
    began = time.perf_counter()
    first = solve_once(milp, options, start, on_progress)
    careful = options.careful and options.name.lower() == "highs"
    if first.status != "infeasible" or first.interrupted or careful:
        return first
    if options.time_limit is not None:
        left = options.time_limit - (time.perf_counter() - began)
        options = replace(options, time_limit=max(_LEAST_TIME, left))
    return second_look(milp, options, first, on_progress)


def second_look(
    milp: Milp, options: SolverOptions, first: MilpResult, on_progress: OnProgress | None = None
) -> MilpResult:
    """Return what was claimed of a programme, that it has no solution, or one that HiGHS finds."""
    again = replace(options, name="highs", careful=True)
    if options.enough is not None:
        again = replace(again, nodes=_SECOND_NODES)
    second = solve_once(milp, again, None, on_progress)
    iterations = (first.iterations or 0) + (second.iterations or 0)
    agreed = second.status == "infeasible" or (second.values is None and second.limit == "nodes")
    return replace(first if agreed else second, iterations=iterations)


def solve_once(
    milp: Milp, options: SolverOptions, start: Floats | None, on_progress: OnProgress | None
) -> MilpResult:
    """Solve a programme without a second look; else as `solve_milp`."""
    _load_pulp()
    name = options.name.lower()
    nodes = "" if options.nodes is None else f", {options.nodes:,} nodes at most"
    log_run(options.log, options.name, milp, f"gap {options.gap:g}{nodes}")
    if name == "race":
        _need_scip()
        return solve_by_race(milp, options, start, on_progress)
    if name == "highs" or (name == "scip" and scip_installed()):
        began = time.perf_counter()
        kind = HighsRun if name == "highs" else ScipRun
        run = kind(milp, options, start, began)
        interrupted = watch_runs(
            [run], limit=options.time_limit, began=began, on_progress=on_progress
        )
        return run.result(interrupted=interrupted)
    from flowopt.model.solver_pulp import solve_by_pulp

    return solve_by_pulp(milp, options)


def nothing_found(options: SolverOptions, *, interrupted: bool, open_: bool) -> MilpResult:
    """Return the result of a solver that looked for one in parts, and found none.

    Parameters
    ----------
    options
        Those of the parts.
    interrupted, open_
        Whether the user stopped it, and whether some part is not finished.
    """
    reason: LimitReason | None = "interrupted" if interrupted else None
    return MilpResult(
        status="no_solution" if open_ or interrupted else "infeasible",
        values=None,
        objective=None,
        bound=None,
        limit=reason or ("time" if open_ else None),
        solver=options.name,
        version=solver_version(options.name),
    )


def _load_pulp() -> None:
    """Load PuLP, once, in a thread that has nothing else on its stack.

    It keeps the exceptions of solver libraries that are not there. They keep the frames that led to
    the import, with all that stands in them: a model of SCIP would outlive Python's shutdown.
    """
    if "flowopt.model.solver_pulp" in sys.modules:
        return
    loading = threading.Thread(target=_import_pulp)
    loading.start()
    loading.join()


def _import_pulp() -> None:
    with suppress(Exception):  # the import of whoever needs it fails in the same words
        import_module("flowopt.model.solver_pulp")


def chosen_solver(name: str, model: ActivityModel, objective: Objective) -> str:
    """Return the solver of a model's programmes; ``auto`` leaves the choice to us.

    Where measures act in part, SCIP is the quicker prover of profits once prices are tightened, and
    of a rung of `bilevel`; of tonnes it is not. Where measures close arcs outright, HiGHS proves at
    the first nodes what SCIP does not in a minute.
    Both at once would be as quick as the faster one, but which plan within the gap is found would
    hang on the clock.
    """
    if name.lower() != AUTO:
        return name
    for_money = OBJECTIVES[objective].for_money
    return "scip" if for_money and not model.outright and scip_installed() else "highs"


def solver_version(name: str) -> str:
    """Return the version of HiGHS or SCIP, or for another solver that of the PuLP which calls it.

    Raises
    ------
    RequestError, SolverError
        When nobody knows the solver, or it is not installed: better now than after the search.
    """
    match name.lower():
        case "highs":
            return highs_version()
        case "auto":
            return race_version() if scip_installed() else f"HiGHS {highs_version()}"
        case "race":
            _need_scip()
            return race_version()
        case "scip" if scip_installed():
            return scip_version()
    _load_pulp()
    from flowopt.model.solver_pulp import pulp_version, solver_maker

    solver_maker(name)
    return pulp_version()


def version_in_use(name: str, chosen: str) -> str:
    """Return the version of the solver that was chosen for ``auto``, or that of the one named.

    The other one is not loaded for it, which takes as long as a small network.

    Raises
    ------
    RequestError, SolverError
        As `solver_version`.
    """
    if name.lower() != AUTO:
        return solver_version(name)
    return f"{_TITLES[chosen]} {solver_version(chosen)}"


def solver_threads(options: SolverOptions, *, in_parts: bool = False) -> int:
    """Return how many threads the solver has: HiGHS those asked for, a race two, others one.

    SCIP has those asked for as well where it is given a programme in parts.
    """
    scip = options.threads if in_parts and tells_open(options.name) else 1
    return {"highs": options.threads, "race": 2, "scip": scip}.get(options.name.lower(), 1)


def tells_open(name: str) -> bool:
    """Return whether a solver tells which nodes it leaves open (`SolverOptions.tell_open`)."""
    return name.lower() == "scip" and scip_installed()


def _need_scip() -> None:
    if not scip_installed():
        raise SolverError(
            "solver 'race' is HiGHS and SCIP side by side, and SCIP is not installed here; "
            "install it with: pip install 'flowopt[scip]'"
        )
