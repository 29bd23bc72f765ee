"""HiGHS, in this process: of PuLP's problem, which this file hands over whole and runs."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from flowopt.clock import LimitReason
from flowopt.errors import SolverError
from flowopt.model.activities import Floats, Indices
from flowopt.model.highs_arrays import pass_arrays
from flowopt.model.milp import Milp
from flowopt.model.solver_run import Run
from flowopt.model.solver_types import MilpResult, SolverOptions, wanted

# HiGHS's bit for probing, a rule of its presolve: it takes a sliver that the tolerance allows for
# an empty set, fixes measures for good, and cuts off the best plan.
_PROBING = 1 << 15
# Settings that leave out its searches in smaller programmes of the same kind, and trust what it has
# seen of a measure after two branchings instead of eight.
_FOR_THE_BOUND = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_pscost_minreliable": 2,
}
# What stopped it: HiGHS counts nodes among its limits of solutions; else only the clock interrupts.
_LIMITS: dict[Any, LimitReason] = {
    highspy.HighsModelStatus.kTimeLimit: "time",
    highspy.HighsModelStatus.kInterrupt: "time",
    highspy.HighsModelStatus.kSolutionLimit: "nodes",
}

_LARGEST = 1e30  # coefficient: HiGHS refuses 1e15, and a row with it

# A second look shares as little with the first as one solver can.
_CAREFUL = {"presolve": "off", "random_seed": 1}


@cache
def highs_version() -> str:
    """Return the version of HiGHS, by its own word: `importlib.metadata` takes longer to load."""
    return str(highspy.Highs().version())


class HighsRun(Run):
    """HiGHS at work; its model is built in the run's thread: that may take seconds."""

    label = "HiGHS"

    def __init__(
        self, milp: Milp, options: SolverOptions, start: Floats | None, began: float
    ) -> None:
        super().__init__(milp, options, start, began)
        self._highs: Any = None
        self._columns: Indices

    def _solve(self) -> None:
        highs = self._model()
        if highs is None:
            return
        for event in (highs.cbSimplexInterrupt, highs.cbIpmInterrupt, highs.cbMipInterrupt):
            event.subscribe(self._interrupt)
        highs.cbMipImprovingSolution.subscribe(self._improved)
        highs.cbMipInterrupt.subscribe(self._look_at_bound)
        self._highs = highs
        highs.run()

    def _model(self) -> Any:
        """Return the model with its settings and its start, None if asked to stop meanwhile."""
        from flowopt.model.solver_pulp import highs_model

        options, start = self._options, self._given
        settings: dict[str, Any] = {
            "output_flag": False,
            "mip_feasibility_tolerance": 1e-9,
            "presolve_rule_off": _PROBING,
        }
        if options.nodes is not None:
            settings["mip_max_nodes"] = options.nodes
        if options.good_start:
            settings |= _FOR_THE_BOUND
        if options.careful:
            settings |= _CAREFUL
        settings |= {"gapRel": options.gap, "gapAbs": 0.0, "threads": options.threads}
        if options.enough is not None:
            settings |= {"objective_bound": options.enough, "objective_target": options.enough}
        if options.log is not None:  # in this order: nothing is printed meanwhile
            del settings["output_flag"]
            settings |= {"log_to_console": False, "log_file": str(options.log)}
            settings["output_flag"] = True
        if options.threads > 1:
            settings["parallel"] = "on"  # else it searches with one
        built = highs_model(self._milp, settings, self.stop.is_set)
        if built is None:
            return None
        highs, self._columns = built
        if not self._is_mixed():  # of a linear programme it would not say how far that is proved
            highs.setOptionValue("objective_bound", np.inf)
        _load(highs, self._milp, self._columns)
        if options.time_limit is not None:
            left = max(0.01, options.time_limit - (time.perf_counter() - self._began))
            highs.setOptionValue("time_limit", left)
        if start is not None:
            known = np.flatnonzero(~np.isnan(start) & (self._columns >= 0))
            columns = self._columns[known].astype(np.int32)
            highs.setSolution(len(known), columns, start[known])
        return highs

    def _is_mixed(self) -> bool:
        """Return whether the programme has whole numbers: PuLP leaves out what is in no row."""
        return bool(self._milp.integer[self._columns >= 0].any())

    def _interrupt(self, event: Any) -> None:
        if self.stop.is_set():
            event.interrupt()

    def _improved(self, event: Any) -> None:
        out = event.data_out
        enough = self._options.enough
        if enough is not None and out.objective_function_value > enough:
            return
        values = self._expand(np.array(out.mip_solution))
        self.incumbent = (float(out.objective_function_value), values)

    def _look_at_bound(self, event: Any) -> None:
        # HiGHS calls its logging callback only while it logs; this one it always calls.
        bound = float(event.data_out.mip_dual_bound)
        if np.isfinite(bound):
            self.bound = bound

    def _result(self, interrupted: bool) -> MilpResult:
        return wanted(self._mapped(interrupted), self._options.enough)

    def _mapped(self, interrupted: bool) -> MilpResult:
        milp, highs, states = self._milp, self._highs, highspy.HighsModelStatus
        reason: LimitReason | None = "interrupted" if interrupted else None
        solved = MilpResult(
            status="no_solution",
            values=None,
            objective=None,
            bound=self.bound,
            limit=reason or "time",
            solver="highs",
            version=highs_version(),
        )
        if not self.done.is_set() or highs is None:  # still at work, or stopped before it began
            return self._so_far(solved)
        state = highs.getModelStatus()
        info = highs.getInfo()
        if state in (states.kInfeasible, states.kUnboundedOrInfeasible):
            return replace(solved, status="infeasible", bound=None, limit=reason)
        stopped = (
            states.kTimeLimit, states.kInterrupt, states.kIterationLimit, states.kSolutionLimit,
            states.kMemoryLimit, states.kObjectiveBound, states.kObjectiveTarget,
            getattr(states, "kHighsInterrupt", states.kInterrupt),
        )  # fmt: skip
        if state == states.kModelEmpty:  # nothing to choose: what the solver never saw stands
            nothing = float(milp.cost @ milp.lower)
            return replace(
                solved,
                status="optimal",
                values=milp.lower.copy(),
                objective=nothing,
                bound=nothing,
                limit=reason,
            )
        if state != states.kOptimal and state not in stopped:
            raise SolverError(f"HiGHS failed: {highs.modelStatusToString(state)}")
        mip = self._is_mixed()
        # Of a linear programme that is not solved to its end, nothing is known.
        at_end = info.objective_function_value if state == states.kOptimal else -np.inf
        bound = info.mip_dual_bound if mip else at_end
        solved = replace(
            solved,
            bound=float(bound) if np.isfinite(bound) else self.bound,
            limit=reason or _LIMITS.get(state),
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
            limit=reason if state == states.kOptimal else solved.limit,
            values=self._expand(np.array(highs.getSolution().col_value)),
            objective=float(info.objective_function_value),
        )

    def _expand(self, found: Floats) -> Floats:
        """Return one value per variable; one the solver never saw stands at its lower bound."""
        values = self._milp.lower.copy()
        known = self._columns >= 0
        values[known] = found[self._columns[known]]
        return values


def _load(highs: Any, milp: Milp, columns: Indices) -> None:
    """Hand a programme to HiGHS whole, its variables in the columns that PuLP gave them."""
    at = np.full(int(columns.max(initial=-1)) + 1, -1, dtype=np.int64)
    at[columns[columns >= 0]] = np.flatnonzero(columns >= 0)
    matrix = milp.matrix.copy()
    matrix.eliminate_zeros()
    # A row that is empty, or free, holds whatever is chosen: PuLP has not seen what only it names.
    holds = np.isfinite(milp.row_lower) | np.isfinite(milp.row_upper)
    rows = np.flatnonzero(holds & (np.diff(matrix.indptr) > 0))
    matrix = matrix[rows]
    places = columns[matrix.indices].astype(np.int32)
    # A demand of 1e9 stands for whatever there is, and weighs as much in the row of a target.
    highs.setOptionValue("large_matrix_value", _LARGEST)
    pass_arrays(
        highs,
        sparse.csr_array((matrix.data, places, matrix.indptr), shape=(len(rows), len(at))),
        cost=milp.cost[at],
        columns=(milp.lower[at], milp.upper[at]),
        rows=(milp.row_lower[rows], milp.row_upper[rows]),
        name="the planner's programme",
        integer=milp.integer[at],
    )
