"""Options of a run: the solver, its gap and threads, the time limit, progress and interrupts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flowopt.defaults import GAP, SOLVER, THREADS
from flowopt.errors import RequestError
from flowopt.model.solver import OnProgress, SolverOptions
from flowopt.planning.recorded_options import Given

_RECORDED = ("solver", "time_limit", "gap", "threads")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Solver, tolerances and limits of a run, whatever the request.

    Attributes
    ----------
    solver : str
        ``auto``, ``highs``, ``scip``, ``race``, ``cbc`` or any name PuLP knows.
    time_limit : float or None
        Seconds for all of it; None for no limit.
    gap : float
        Relative gap at which a plan counts as optimal.
    threads : int
        Threads of HiGHS, and of the parts of `bilevel` that SCIP proves.
    on_progress : callable or None
        Takes a `Progress` now and then, in the objective's unit.
    keep_on_interrupt : bool
        Whether Ctrl-C ends the run with the best plan so far, instead of `KeyboardInterrupt`.
    solver_log : Path or None
        The file that takes what the solvers print.
    """

    solver: str = SOLVER
    time_limit: float | None = None
    gap: float = GAP
    threads: int = THREADS
    on_progress: OnProgress | None = None
    keep_on_interrupt: bool = False
    solver_log: Path | None = None

    def check(self) -> None:
        """Refuse options out of range with a `RequestError`."""
        if self.time_limit is not None and not self.time_limit > 0.0:
            raise RequestError(f"time limit {self.time_limit} is not a positive number of seconds")
        if self.threads < 1:
            raise RequestError(f"threads {self.threads} is not a whole number of at least 1")
        if not 0.0 <= self.gap < 1.0:
            raise RequestError(f"gap {self.gap} is not a share from 0 to below 1, such as 1e-4")

    @property
    def for_solver(self) -> SolverOptions:
        """The options that go to a solver, without a limit of time."""
        return SolverOptions(
            name=self.solver, gap=self.gap, threads=self.threads, log=self.solver_log
        )

    def recorded(self, *names: str) -> dict[str, Given]:
        """Return the options of a result that repeat this run: all, or those named."""
        return {name: getattr(self, name) for name in names or _RECORDED}
