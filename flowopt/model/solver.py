"""Solving a `Milp`: the one file that knows PuLP, in both of its generations.

PuLP 3 (Python 3.11) and PuLP 4 (3.12 and later) differ in how expressions are made, which columns
the solver sees and what `solve` returns; `PULP_4` marks the places that know. HiGHS runs in
this process: PuLP builds its model, and this file runs it in a thread, so that Ctrl-C, the
deadline and progress are ours. Other solvers run as PuLP runs them.

What a solver says is mapped once, here: unknown is never taken for optimal, a bound that is not
given is None, and no values are read without a solution.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import highspy
import numpy as np
import pulp

from flowopt.errors import RequestError, SolverError
from flowopt.model.activities import Floats
from flowopt.model.milp import Milp

Status = Literal["optimal", "limit", "infeasible", "no_solution"]

PULP_4 = hasattr(pulp, "LpSolveStatus")
_ALIASES = {
    "highs": ("HiGHS",),
    "cbc": ("COIN_CMD",),
    "scip": ("SCIP_PY", "SCIP_CMD"),
    "gurobi": ("GUROBI", "GUROBI_CMD"),
    "cplex": ("CPLEX_PY", "CPLEX_CMD"),
    "xpress": ("XPRESS_PY", "XPRESS"),
    "glpk": ("GLPK_CMD",),
    "copt": ("COPT", "COPT_CMD"),
    "mosek": ("MOSEK",),
}
_EXTRAS = {"cbc": "cbc", "scip": "scip"}
# HiGHS settings that leave out its searches in smaller programmes of the same kind.
_WITHOUT_HEURISTICS = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
_POLL = 0.05  # seconds between looks at a running solver
_PATIENCE = 1.5  # seconds a solver has to stop at its limit
_SHORT_PATIENCE = 0.5  # seconds it has when the user asks
_LAST_PATIENCE = 60.0  # seconds one that did not has at the end of the program


@dataclass(frozen=True, slots=True)
class SolverOptions:
    """How to solve.

    Attributes
    ----------
    name : str
        ``highs``, ``cbc``, ``scip`` or any name PuLP knows.
    time_limit : float or None
        Seconds of the solver's own work; None for no limit.
    gap : float
        Relative gap at which a plan counts as optimal.
    threads : int
        Threads of the solver.
    nodes : int or None
        Most branch-and-bound nodes (HiGHS only), None for no limit.
    heuristics : bool
        Whether the solver looks for plans of its own between the nodes (HiGHS only); wasted work
        where the start is as good as they get.
    """

    name: str = "highs"
    time_limit: float | None = None
    gap: float = 1e-4
    threads: int = 1
    nodes: int | None = None
    heuristics: bool = True


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a running solve stands; None where the solver has nothing yet."""

    seconds: float
    incumbent: float | None
    bound: float | None


@dataclass(frozen=True, slots=True)
class MilpResult:
    """What a solver found: no solution means no values and no objective.

    Attributes
    ----------
    status : str
        ``optimal`` (within the gap), ``limit`` (stopped with a solution), ``no_solution``
        (stopped without), ``infeasible``.
    values : array or None
        One value per variable of the `Milp`.
    objective, bound : float or None
        The solution's objective, and the proved lower bound on every solution's.
    interrupted : bool
        Whether the user stopped it.
    solver, version : str
        Who solved it.
    nodes, iterations : int or None
        Branch-and-bound nodes and simplex iterations, where known.
    """

    status: Status
    values: Floats | None
    objective: float | None
    bound: float | None
    interrupted: bool
    solver: str
    version: str
    nodes: int | None = None
    iterations: int | None = None


OnProgress = Callable[[Progress], None]


def solve_milp(
    milp: Milp,
    options: SolverOptions,
    *,
    start: Floats | None = None,
    on_progress: OnProgress | None = None,
) -> MilpResult:
    """Solve a programme.

    Parameters
    ----------
    milp, options
        What, and how.
    start
        Values of the integer variables of a known solution, NaN elsewhere (HiGHS only).
    on_progress
        Called from this thread while HiGHS works.

    Raises
    ------
    RequestError
        When nobody knows the solver's name.
    SolverError
        When the solver is not installed, has no licence, or fails.
    """
    if options.name.lower() == "highs":
        return _solve_by_highs(milp, options, start, on_progress)
    return _solve_by_pulp(milp, options)


def solver_version(name: str) -> str:
    """Return the version of HiGHS, or for another solver that of the PuLP which calls it.

    Raises
    ------
    RequestError, SolverError
        When nobody knows the solver, or it is not installed: better now than after the search.
    """
    if name.lower() != "highs":
        _solver_maker(name)
    if name.lower() == "highs":
        return metadata.version("highspy")
    return f"PuLP {metadata.version('pulp')}"


def write_lp(milp: Milp, path: Path) -> None:
    """Write the PuLP model of a programme as an LP file."""
    _problem(milp)[0].writeLP(str(path))


# -- PuLP's model of a programme ----------------------------------------------------------------


def _problem(milp: Milp) -> tuple[Any, list[Any]]:
    """Return the PuLP problem and its variables, in the order of the programme."""
    problem = pulp.LpProblem("flowopt", pulp.LpMinimize)
    variables = [
        problem.add_variable(
            name,
            None if lower == -np.inf else lower,
            None if upper == np.inf else upper,
            pulp.LpInteger if integer else pulp.LpContinuous,
        )
        for name, lower, upper, integer in zip(
            milp.names,
            milp.lower.tolist(),
            milp.upper.tolist(),
            milp.integer.tolist(),
            strict=True,
        )
    ]
    costly = np.flatnonzero(milp.cost).tolist()
    problem.setObjective(_expression([(variables[j], float(milp.cost[j])) for j in costly]))
    indptr, indices, data = (
        a.tolist() for a in (milp.matrix.indptr, milp.matrix.indices, milp.matrix.data)
    )
    for row, name in enumerate(milp.row_names):
        terms = [
            (variables[indices[k]], data[k])
            for k in range(indptr[row], indptr[row + 1])
            if data[k] != 0.0
        ]
        _add_row(problem, terms, name, milp.row_lower[row], milp.row_upper[row])
    return problem, variables


def _expression(terms: list[tuple[Any, float]]) -> Any:
    return pulp.LpAffineExpression.from_list(terms) if PULP_4 else pulp.LpAffineExpression(terms)


def _add_row(
    problem: Any, terms: list[tuple[Any, float]], name: str, lower: float, upper: float
) -> None:
    if not terms:
        if lower > 0.0 or upper < 0.0:
            raise SolverError(f"row {name} of the model is empty and can't hold")
        return
    if lower == upper:
        sides = [(pulp.LpConstraintEQ, lower)]
    else:
        sides = [(pulp.LpConstraintGE, lower)] if np.isfinite(lower) else []
        sides += [(pulp.LpConstraintLE, upper)] if np.isfinite(upper) else []
    for sense, side in sides:
        label = name if len(sides) == 1 else f"{name}_{'le' if sense < 0 else 'ge'}"
        expression = _expression(terms)
        if sense == pulp.LpConstraintEQ:
            row = expression == float(side)
        else:
            row = expression >= float(side) if sense > 0 else expression <= float(side)
        problem.addConstraint(row, label)


# -- HiGHS, in this process ---------------------------------------------------------------------


def _solve_by_highs(
    milp: Milp, options: SolverOptions, start: Floats | None, on_progress: OnProgress | None
) -> MilpResult:
    began = time.perf_counter()
    problem, variables = _problem(milp)
    settings: dict[str, Any] = {"output_flag": False, "mip_feasibility_tolerance": 1e-9}
    if options.nodes is not None:
        settings["mip_max_nodes"] = options.nodes
    if not options.heuristics:
        settings |= _WITHOUT_HEURISTICS
    solver = pulp.HiGHS(
        msg=False, gapRel=options.gap, gapAbs=0.0, threads=options.threads, **settings
    )
    solver.createAndConfigureSolver(problem)
    solver.buildSolverModel(problem)
    highs: highspy.Highs = problem.solverModel
    columns = _columns(problem, variables)
    if options.time_limit is not None:
        left = max(0.01, options.time_limit - (time.perf_counter() - began))
        highs.setOptionValue("time_limit", left)
    if start is not None:
        known = np.flatnonzero(~np.isnan(start) & (columns >= 0))
        highs.setSolution(len(known), columns[known].astype(np.int32), start[known])
    run = _Run(highs)
    interrupted = run.wait(options.time_limit, began, on_progress)
    return _highs_result(milp, run, columns, interrupted)


def _columns(problem: Any, variables: list[Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the solver's column of each variable, -1 for one that PuLP left out as unused."""
    if PULP_4:
        at = {v.id: j for j, v in enumerate(problem.exported_variables())}
        return np.array([at.get(v.id, -1) for v in variables], dtype=np.int64)
    used = {id(v) for v in problem.variables()}
    return np.array([v.index if id(v) in used else -1 for v in variables], dtype=np.int64)


class _Run:
    """A HiGHS solve in a thread of its own, watched from the caller's."""

    def __init__(self, highs: highspy.Highs) -> None:
        self.highs = highs
        self.stop = threading.Event()
        # An event, because Python 3.11 takes a thread for dead once Ctrl-C interrupts its join.
        self.done = threading.Event()
        self.incumbent: tuple[float, list[float]] | None = None
        self.bound: float | None = None
        highs.cbMipImprovingSolution.subscribe(self._improved)
        highs.cbMipInterrupt.subscribe(self._look_at_bound)
        for event in (highs.cbSimplexInterrupt, highs.cbIpmInterrupt, highs.cbMipInterrupt):
            event.subscribe(self._interrupt)
        self._thread = threading.Thread(target=self._work, daemon=True)

    def wait(self, limit: float | None, began: float, on_progress: OnProgress | None) -> bool:
        """Run to the end or the limit; return whether the user interrupted."""
        interrupted = False
        asked: float | None = None
        self._thread.start()
        while not self.done.is_set():
            try:
                self.done.wait(_POLL)
                now = time.perf_counter() - began
                if on_progress is not None:
                    best = self.incumbent[0] if self.incumbent else None
                    on_progress(Progress(now, best, self.bound))
            except KeyboardInterrupt:
                interrupted = True
                now = time.perf_counter() - began
            if asked is None and (interrupted or (limit is not None and now > limit)):
                self.stop.set()
                asked = now
            patience = _SHORT_PATIENCE if interrupted else _PATIENCE
            if asked is not None and now - asked > patience:
                # Deep in a step that does not look up: leave it to end alone. Python must not
                # shut down under a thread that is about to call back.
                atexit.register(self.done.wait, _LAST_PATIENCE)
                break
        return interrupted

    def _work(self) -> None:
        try:
            self.highs.run()
        finally:
            self.done.set()

    def _interrupt(self, event: Any) -> None:
        if self.stop.is_set():
            event.interrupt()

    def _improved(self, event: Any) -> None:
        out = event.data_out
        self.incumbent = (float(out.objective_function_value), list(out.mip_solution))

    def _look_at_bound(self, event: Any) -> None:
        # HiGHS calls its logging callback only while it logs; this one it always calls.
        bound = float(event.data_out.mip_dual_bound)
        if np.isfinite(bound):
            self.bound = bound


def _highs_result(
    milp: Milp, run: _Run, columns: np.ndarray[Any, np.dtype[np.int64]], interrupted: bool
) -> MilpResult:
    highs, states = run.highs, highspy.HighsModelStatus
    solved = MilpResult(
        status="no_solution",
        values=None,
        objective=None,
        bound=run.bound,
        interrupted=interrupted,
        solver="highs",
        version=solver_version("highs"),
    )
    if not run.done.is_set():
        if run.incumbent is None:
            return solved
        objective, found = run.incumbent
        values = _expand(milp, np.array(found), columns)
        return replace(solved, status="limit", values=values, objective=objective)
    state = highs.getModelStatus()
    info = highs.getInfo()
    if state in (states.kInfeasible, states.kUnboundedOrInfeasible):
        return replace(solved, status="infeasible", bound=None)
    stopped = (
        states.kTimeLimit, states.kInterrupt, states.kIterationLimit, states.kSolutionLimit,
        states.kMemoryLimit, states.kObjectiveBound, states.kObjectiveTarget,
        getattr(states, "kHighsInterrupt", states.kInterrupt),
    )  # fmt: skip
    if state == states.kModelEmpty:  # nothing to choose: what the solver never saw stands
        nothing = float(milp.cost @ milp.lower)
        return replace(
            solved, status="optimal", values=milp.lower.copy(), objective=nothing, bound=nothing
        )
    if state != states.kOptimal and state not in stopped:
        raise SolverError(f"HiGHS failed: {highs.modelStatusToString(state)}")
    # PuLP leaves out what stands in no row: without whole numbers it is no MIP for the solver.
    mip = bool(milp.integer[columns >= 0].any())
    bound = info.mip_dual_bound if mip else info.objective_function_value
    solved = replace(
        solved,
        bound=float(bound) if np.isfinite(bound) else run.bound,
        nodes=int(info.mip_node_count) if mip else None,
        iterations=int(info.simplex_iteration_count),
    )
    if not np.isfinite(info.objective_function_value) or info.primal_solution_status != 2:
        if state == states.kOptimal:
            raise SolverError("HiGHS says optimal but has no solution")
        return solved
    return replace(
        solved,
        status="optimal" if state == states.kOptimal else "limit",
        values=_expand(milp, np.array(highs.getSolution().col_value), columns),
        objective=float(info.objective_function_value),
    )


def _expand(milp: Milp, found: Floats, columns: np.ndarray[Any, np.dtype[np.int64]]) -> Floats:
    """Return one value per variable; one the solver never saw stands at its lower bound."""
    values = milp.lower.copy()
    known = columns >= 0
    values[known] = found[columns[known]]
    return values


# -- every other solver, as PuLP runs it --------------------------------------------------------


def _solve_by_pulp(milp: Milp, options: SolverOptions) -> MilpResult:
    problem, variables = _problem(milp)
    make = _solver_maker(options.name)
    with TemporaryDirectory(prefix="flowopt-") as scratch:
        # Half the gap is asked for, so that the bound derived from it below is within the whole.
        asked = options.gap / 2.0
        arguments: dict[str, Any] = {"msg": False, "gapRel": asked}
        if options.time_limit is not None:
            arguments["timeLimit"] = max(1.0, options.time_limit)
        solver = make(**arguments)
        if hasattr(solver, "tmpDir"):
            solver.tmpDir = scratch
        version = solver_version(options.name)
        empty = MilpResult("no_solution", None, None, None, False, options.name.lower(), version)
        try:
            answer = problem.solve(solver)
        except KeyboardInterrupt:
            return replace(empty, interrupted=True)
        except pulp.PulpSolverError as error:
            raise SolverError(f"{options.name} failed: {error}") from error
        except Exception as error:  # a licence refused, a file the solver did not write
            raise SolverError(f"{options.name} failed: {type(error).__name__}: {error}") from error
    status = _status(problem, answer)
    solved = replace(empty, status=status)
    if status not in ("optimal", "limit"):
        return solved
    values = np.array([np.nan if v.varValue is None else v.varValue for v in variables])
    values = np.where(np.isnan(values), milp.lower, values)
    objective = float(milp.cost @ values)
    # An optimal plan is within the gap of the bound; where PuLP passes on no bound, that is all.
    bound = objective - asked * abs(objective) if status == "optimal" else None
    return replace(solved, values=values, objective=objective, bound=bound)


def _status(problem: Any, answer: Any) -> Status:
    """Map what PuLP says; PuLP 3 calls a stop at the limit optimal, only `sol_status` tells."""
    if PULP_4:
        state, found = answer.status, answer.has_solution
        if state == pulp.LpSolveStatus.Infeasible:
            return "infeasible"
        if state in (pulp.LpSolveStatus.Optimal, pulp.LpSolveStatus.GapLimit) and found:
            return "optimal"
        return "limit" if found else "no_solution"
    if problem.sol_status == pulp.LpSolutionOptimal:
        return "optimal"
    if problem.sol_status == pulp.LpSolutionIntegerFeasible:
        return "limit"
    if problem.sol_status == pulp.LpSolutionInfeasible:
        return "infeasible"
    return "no_solution"


def _solver_maker(name: str) -> Callable[..., Any]:
    """Return what makes the first available PuLP solver that goes by `name`."""
    known = {k.lower(): k for k in pulp.listSolvers()}
    candidates = [c for c in _ALIASES.get(name.lower(), (name,)) if c.lower() in known]
    if not candidates and name.lower() not in _ALIASES:
        names = ", ".join(sorted({*_ALIASES, *known.values()}))
        raise RequestError(f"solver '{name}' is not known; one of {names}")
    makers = [partial(pulp.getSolver, known[candidate.lower()]) for candidate in candidates]
    if name.lower() == "cbc" and not PULP_4:
        # PuLP 3 brings its own CBC along; naming its path avoids the class it deprecates.
        makers.append(partial(pulp.COIN_CMD, path=pulp.PULP_CBC_CMD.pulp_cbc_path))
    for make in makers:
        if make(msg=False).available():
            return make
    extra = _EXTRAS.get(name.lower())
    hint = f"install it with: pip install 'flowopt[{extra}]'" if extra else "install it first"
    raise SolverError(f"solver '{name}' is not installed or has no licence here; {hint}")
