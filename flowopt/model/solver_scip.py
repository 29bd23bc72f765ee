"""SCIP, in this process: PuLP builds its model, and this file runs it.

The model is made, solved, read and dropped in the run's own thread; what others see of it
meanwhile is told by an event handler, which SCIP calls in that thread as well. The one call that
comes from outside, `interruptSolve`, only sets a flag that SCIP looks
at.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib import util
from typing import Any

import numpy as np

from flowopt.clock import LimitReason
from flowopt.errors import SolverError
from flowopt.model.activities import Floats
from flowopt.model.milp import Milp
from flowopt.model.open_nodes import Path
from flowopt.model.solver_run import Run
from flowopt.model.solver_types import MilpResult, SolverOptions, Status, wanted

_SETTINGS = {
    "misc/catchctrlc": False,  # Ctrl-C is the caller's
    "timing/clocktype": 2,  # the clock on the wall: other threads of the process work as well
    "lp/threads": 1,
    # A whole number that is off by 1e-6 may be worth that much of a bound: plans are valued again.
    "numerics/feastol": 1e-9,
    "limits/absgap": 0.0,
    # A start names the measures only, a small part of the variables; SCIP finds the prices.
    "heuristics/completesol/maxunknownrate": 1.0,
}
# Where a solution that is enough is looked for, and valued again whatever it claims. A doubtful
# programme is solved again within a thousandth of it, and within less than 1e-10 SoPlex can't: it
# would say so on stderr.
_ROUGH = 1e-7
# Without them presolve may drop a solution because another one is as good.
_KEEP_ALL = {
    "misc/allowstrongdualreds": False,
    "misc/allowweakdualreds": False,
    "misc/usesymmetry": 0,
}
_PROVED = ("optimal", "gaplimit")
_INFEASIBLE = ("infeasible", "inforunbd")  # costs are bounded below, as for HiGHS
_STOPPED = (
    "timelimit", "userinterrupt", "terminate", "nodelimit", "totalnodelimit", "stallnodelimit",
    "memlimit", "sollimit", "bestsollimit", "restartlimit", "primallimit", "duallimit",
)  # fmt: skip
# What stopped it; only the clock, or the user, interrupts.
_LIMITS: dict[str, LimitReason] = {
    "timelimit": "time",
    "userinterrupt": "time",
    "nodelimit": "nodes",
    "totalnodelimit": "nodes",
    "stallnodelimit": "nodes",
}


def scip_installed() -> bool:
    """Return whether the extra `scip` is there."""
    return util.find_spec("pyscipopt") is not None


@cache
def scip_version() -> str:
    """Return the version of SCIP itself, not of its Python package."""
    import pyscipopt

    model = pyscipopt.Model()
    parts = (model.getMajorVersion(), model.getMinorVersion(), model.getTechVersion())
    return ".".join(str(part) for part in parts)


@dataclass(frozen=True, slots=True)
class _End:
    """Result of SCIP, as read at its end."""

    state: str
    objective: float | None
    values: Floats | None
    nodes: int
    iterations: int
    open_nodes: tuple[Path, ...] | None = None


_GAVE_UP = _End(state="numerical trouble", objective=None, values=None, nodes=0, iterations=0)
_LP_TROUBLE = "SCIP: error in LP solver!"  # PySCIPOpt raises it as a plain `Exception`


class ScipRun(Run):
    """SCIP at work; its model is built in the run's thread."""

    label = "SCIP"

    def __init__(
        self, milp: Milp, options: SolverOptions, start: Floats | None, began: float
    ) -> None:
        super().__init__(milp, options, start, began)
        self._model: Any = None
        self._end: _End | None = None

    def halt(self) -> None:
        """Ask SCIP to stop; it forgets requests from before it began, so ask again."""
        super().halt()
        model = self._model
        if model is not None:
            _interrupt(model)

    def look(self, model: Any, variables: list[Any], *, improved: bool) -> None:
        """Note where the solve stands; SCIP calls it, in the run's thread."""
        if self.stop.is_set():
            _interrupt(model)
        self._note_bound(model)
        if improved and (best := model.getBestSol()) is not None:
            self.incumbent = (float(model.getSolObjVal(best)), self._values(model, variables, best))

    def _solve(self) -> None:
        from flowopt.model.solver_pulp import scip_model

        built = scip_model(self._milp, self.stop.is_set)
        if built is None:
            return
        model, variables = built
        self._configure(model)
        self._hand_over_start(model, variables)
        teller = _teller()(self, variables)
        model.includeEventhdlr(teller, "flowopt", "tells where the solve stands")
        # SCIP keeps the teller, and the teller the run: a run that kept the model would never die.
        self._model = model
        try:
            if not self.stop.is_set():
                self._end = self._optimized(model, variables)
        finally:
            self._model = None
            if self._options.log is not None:
                model.setLogfile(None)  # which writes the rest of it

    def _optimized(self, model: Any, variables: list[Any]) -> _End:
        """Run SCIP to its end, or to where it can't tell what a linear programme of a node is."""
        try:
            model.optimizeNogil()
        except Exception as error:
            if str(error) != _LP_TROUBLE:
                raise
            return _GAVE_UP  # its model is not to be asked any more: what was noted stands
        return self._read(model, variables)

    def _configure(self, model: Any) -> None:
        if self._options.log is not None:
            model.setLogfile(str(self._options.log))
        from pyscipopt import SCIP_PARAMSETTING as EMPHASIS

        if self._options.good_start:
            model.setSeparating(EMPHASIS.FAST if self._options.cuts else EMPHASIS.OFF)
            model.setHeuristics(EMPHASIS.OFF)
            model.setParam("heuristics/completesol/freq", 0)  # off with the others
        for name, value in (_SETTINGS | (_KEEP_ALL if self._options.tell_open else {})).items():
            model.setParam(name, value)
        model.setParam("limits/gap", self._options.gap)
        if self._options.enough is not None:
            model.setObjlimit(self._options.enough)
            model.setParam("limits/solutions", 1)
            model.setParam("numerics/feastol", _ROUGH)
        if self._options.nodes is not None:
            model.setParam("limits/nodes", self._options.nodes)
        if self._options.time_limit is not None:
            left = self._options.time_limit - (time.perf_counter() - self._began)
            model.setParam("limits/time", max(0.01, left))

    def _hand_over_start(self, model: Any, variables: list[Any]) -> None:
        if self._given is None:
            return
        solution = model.createPartialSol()
        for j in np.flatnonzero(~np.isnan(self._given)).tolist():
            if variables[j] is not None:
                model.setSolVal(solution, variables[j], float(self._given[j]))
        model.addSol(solution)

    def _read(self, model: Any, variables: list[Any]) -> _End:
        self._note_bound(model)
        best = model.getBestSol() if model.getNSols() > 0 else None
        return _End(
            state=model.getStatus(),
            objective=None if best is None else float(model.getSolObjVal(best)),
            values=None if best is None else self._values(model, variables, best),
            nodes=int(model.getNTotalNodes()),
            iterations=int(model.getNLPIterations()),
            open_nodes=self._open_nodes(model) if self._options.tell_open else None,
        )

    def _open_nodes(self, model: Any) -> tuple[Path, ...] | None:
        """Return the decisions that lead to each open node, None where SCIP has no tree.

        A decision about what only SCIP's presolve knows is left out: the node is then larger.
        """
        from pyscipopt import SCIP_STAGE

        if model.getStage() != SCIP_STAGE.SOLVING:
            return None
        place = {f"t_{name}": j for j, name in enumerate(self._milp.names)}
        leaves, children, siblings = model.getOpenNodes()
        # The node at work when SCIP was stopped is in none of the lists.
        nodes = [*leaves, *children, *siblings, model.getCurrentNode()]
        known: dict[int, Path] = {}
        return tuple(sorted({_path(node, place, known) for node in nodes if node is not None}))

    def _note_bound(self, model: Any) -> None:
        bound = float(model.getDualbound())
        if abs(bound) < model.infinity():
            self.bound = bound if self.bound is None else max(bound, self.bound)

    def _values(self, model: Any, variables: list[Any], solution: Any) -> Floats:
        """Return one value per variable; one the solver never saw stands at its lower bound."""
        values = self._milp.lower.copy()
        for j, variable in enumerate(variables):
            if variable is not None:
                values[j] = model.getSolVal(solution, variable)
        return values

    def _result(self, interrupted: bool) -> MilpResult:
        return wanted(self._mapped(interrupted), self._options.enough)

    def _mapped(self, interrupted: bool) -> MilpResult:
        reason: LimitReason | None = "interrupted" if interrupted else None
        solved = MilpResult(
            status="no_solution",
            values=None,
            objective=None,
            bound=self.bound,
            limit=reason or "time",
            solver="scip",
            version=scip_version(),
        )
        end = self._end
        if end is None:  # still at work, or stopped before it began
            return self._so_far(solved)
        if end is _GAVE_UP:
            return self._so_far(replace(solved, limit=reason))
        if end.state in _INFEASIBLE:
            return replace(solved, status="infeasible", bound=None, limit=reason)
        if end.state not in _PROVED and end.state not in _STOPPED:
            raise SolverError(f"SCIP failed: {end.state}")
        solved = replace(
            solved,
            limit=reason or _LIMITS.get(end.state),
            nodes=end.nodes,
            iterations=end.iterations,
            open_nodes=end.open_nodes,
        )
        if end.values is None:
            if end.state in _PROVED:
                raise SolverError(f"SCIP says {end.state} but has no solution")
            return solved
        status: Status = "optimal" if end.state in _PROVED else "limit"
        return replace(solved, status=status, values=end.values, objective=end.objective)


def _path(node: Any, place: Mapping[str, int], known: dict[int, Path]) -> Path:
    """Return the decisions that lead to a node, by the places of their variables.

    `known` takes those of every node on the way, by its number: open nodes share most of theirs.
    """
    below: list[tuple[int, Path]] = []
    path: Path = ()
    while node is not None:
        if (number := node.getNumber()) in known:
            path = known[number]
            break
        below.append((number, _decisions(node, place)))
        node = node.getParent()
    for number, decisions in reversed(below):
        path = known[number] = (*path, *decisions)
    return path


def _decisions(node: Any, place: Mapping[str, int]) -> Path:
    """Return the decisions that made a node of its parent."""
    branched = node.getParentBranchings()
    if branched is None:
        return ()
    return tuple(
        (place[variable.name], float(bound), bool(upper))
        for variable, bound, upper in zip(*branched, strict=True)
        if variable.name in place
    )


def _interrupt(model: Any) -> None:
    """Ask SCIP to stop, if it is where it can be asked: in between it complains on stderr."""
    from pyscipopt import SCIP_STAGE

    if model.getStage() in (SCIP_STAGE.PRESOLVING, SCIP_STAGE.SOLVING):
        # Should it have left that stage just now, the next look asks again.
        with suppress(Exception):
            model.interruptSolve()


@cache
def _teller() -> Any:
    """Return the class of SCIP's event handler, which can't be named before SCIP is loaded."""
    from pyscipopt import SCIP_EVENTTYPE, Eventhdlr

    events = (SCIP_EVENTTYPE.BESTSOLFOUND, SCIP_EVENTTYPE.LPSOLVED, SCIP_EVENTTYPE.PRESOLVEROUND)

    class Teller(Eventhdlr):  # type: ignore[misc]  # Any, whether it is there or not
        """Event handler that hands the progress of a solve to its run."""

        def __init__(self, run: ScipRun, variables: list[Any]) -> None:
            self.run = run
            self.variables = variables

        def eventinit(self) -> None:
            for event in events:
                self.model.catchEvent(event, self)

        def eventexit(self) -> None:
            for event in events:
                self.model.dropEvent(event, self)

        def eventexec(self, event: Any) -> None:
            improved = event.getType() == SCIP_EVENTTYPE.BESTSOLFOUND
            self.run.look(self.model, self.variables, improved=improved)

    return Teller
