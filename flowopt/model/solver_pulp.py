"""The one file that knows PuLP, in both of its generations.

PuLP 3 (Python 3.11) and PuLP 4 (3.12 and later) differ in how expressions are made, which columns
the solver sees and what `solve` returns; `PULP_4` marks the places that know. HiGHS and SCIP run in
this process: PuLP makes their problems, and `solver_highs` and `solver_scip` run them. Other
solvers run as PuLP runs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pulp

from flowopt.errors import RequestError, SolverError
from flowopt.model.activities import Indices
from flowopt.model.milp import Milp
from flowopt.model.solver_log import log_output
from flowopt.model.solver_types import MilpResult, SolverOptions, Status, wanted

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


def _never() -> bool:
    return False


class _Stopped(Exception):
    """End of the conversion of a model that no run needs any more."""


def _problem(milp: Milp, stop: Callable[[], bool] = _never) -> tuple[Any, list[Any]]:
    """Return the PuLP problem and its variables, in the order of the programme.

    Raises
    ------
    _Stopped
        As soon as `stop` says so: a large model takes seconds.
    """
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
        if stop():
            raise _Stopped
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


# -- models for the solvers that run in this process ----------------------------------------------


def highs_model(
    milp: Milp, settings: Mapping[str, Any], stop: Callable[[], bool] = _never
) -> tuple[Any, Indices] | None:
    """Return PuLP's `highspy.Highs` with the settings, and its column of each variable.

    It is still empty: PuLP hands over a column and a row at a time, which takes as long as solving
    an easy programme. The column is -1 for a variable that PuLP leaves out, because it is in no row
    and costs nothing. None where `stop` says meanwhile that nobody needs it any more.
    """
    try:
        problem, variables = _problem(milp, stop)
    except _Stopped:
        return None
    pulp.HiGHS(msg=False, **settings).createAndConfigureSolver(problem)
    if PULP_4:
        at = {v.id: j for j, v in enumerate(problem.exported_variables())}
        return problem.solverModel, np.array([at.get(v.id, -1) for v in variables], dtype=np.int64)
    at = {id(v): j for j, v in enumerate(problem.variables())}
    return problem.solverModel, np.array([at.get(id(v), -1) for v in variables], dtype=np.int64)


def scip_model(milp: Milp, stop: Callable[[], bool] = _never) -> tuple[Any, list[Any]] | None:
    """Return a `pyscipopt.Model` that holds the programme, and its variable for each of ours.

    The variable is None for one that PuLP left out, because it is in no row and costs nothing.
    None instead of both where `stop` says meanwhile that nobody needs them any more.
    """
    try:
        problem, variables = _problem(milp, stop)
    except _Stopped:
        return None
    built = pulp.SCIP_PY(msg=False).buildSolverModel(problem)
    if PULP_4:
        handles, _, exported = built
        at = {v.id: handle for v, handle in zip(exported, handles, strict=True)}
        return problem.solverModel, [at.get(v.id) for v in variables]
    used = {id(v) for v in problem.variables()}
    return problem.solverModel, [v.solverVar if id(v) in used else None for v in variables]


# -- every other solver, as PuLP runs it ---------------------------------------------------------


def solve_by_pulp(milp: Milp, options: SolverOptions) -> MilpResult:
    """Solve a programme with a solver that PuLP knows, and PuLP's way of running it.

    Raises
    ------
    RequestError
        When nobody knows the solver's name.
    SolverError
        When the solver is not installed, has no licence, or fails.
    """
    problem, variables = _problem(milp)
    make = solver_maker(options.name)
    with TemporaryDirectory(prefix="flowopt-") as scratch:
        # Half the gap is asked for, so that the bound derived from it below is within the whole.
        gap = options.gap / 2.0
        arguments: dict[str, Any] = {"msg": False, "gapRel": gap}
        if options.time_limit is not None:
            arguments["timeLimit"] = max(1.0, options.time_limit)
        if options.log is not None:
            arguments["logPath"] = str(output := Path(scratch) / "output")
        solver = make(**arguments)
        if hasattr(solver, "tmpDir"):
            solver.tmpDir = scratch
        version = pulp_version()
        empty = MilpResult("no_solution", None, None, None, None, options.name.lower(), version)
        try:
            answer = problem.solve(solver)
        except KeyboardInterrupt:
            return replace(empty, limit="interrupted")
        except pulp.PulpSolverError as error:
            raise SolverError(f"{options.name} failed: {error}") from error
        except Exception as error:  # a licence refused, a file the solver did not write
            raise SolverError(f"{options.name} failed: {type(error).__name__}: {error}") from error
        finally:
            if options.log is not None:
                log_output(options.log, output)
    status = _status(problem, answer)
    # PuLP does not say what stopped a solver; it was given no other limit.
    short = status in ("limit", "no_solution") and options.time_limit is not None
    solved = replace(empty, status=status, limit="time" if short else None)
    if status not in ("optimal", "limit"):
        return solved
    values = np.array([np.nan if v.varValue is None else v.varValue for v in variables])
    values = np.where(np.isnan(values), milp.lower, values)
    objective = float(milp.cost @ values)
    # An optimal plan is within the gap of the bound; where PuLP passes on no bound, that is all.
    bound = objective - gap * abs(objective) if status == "optimal" else None
    solved = replace(solved, values=values, objective=objective, bound=bound)
    return wanted(solved, options.enough)


def pulp_version() -> str:
    """Return the version of PuLP, which stands for that of a solver it runs."""
    return f"PuLP {metadata.version('pulp')}"


def _status(problem: Any, answer: Any) -> Status:
    """Map the status of PuLP; PuLP 3 calls a stop at the limit optimal, unlike `sol_status`."""
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


def solver_maker(name: str) -> Callable[..., Any]:
    """Return what makes the first available PuLP solver that goes by `name`.

    Raises
    ------
    RequestError, SolverError
        When nobody knows the solver, or it is not installed or has no licence.
    """
    known = {k.lower(): k for k in pulp.listSolvers()}
    candidates = [c for c in _ALIASES.get(name.lower(), (name,)) if c.lower() in known]
    if not candidates and name.lower() not in _ALIASES:
        names = ", ".join(sorted({"race", *_ALIASES, *known.values()}))
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
