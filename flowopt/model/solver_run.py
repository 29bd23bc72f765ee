"""Solvers at work on the planner's programme: the best that they have so far, and a limit."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace

from flowopt.errors import SolverError
from flowopt.model.activities import Floats
from flowopt.model.milp import Milp
from flowopt.model.solver_types import MilpResult, OnProgress, Progress, SolverOptions
from flowopt.model.watched_run import SHORT_PATIENCE, Job, watch

_PATIENCE = 1.5  # seconds a solver has to stop at its limit


class Run(Job):
    """One solver at work on one programme; its model is built in the run's thread.

    Parameters
    ----------
    milp, options, start
        What is solved, how, and a first solution if there is one.
    began
        `time.perf_counter` of the request.

    Attributes
    ----------
    incumbent : (float, array) or None
        The best solution so far: its objective, and a value per variable of the `Milp`.
    bound : float or None
        The bound so far.
    """

    label: str  # how messages call the solver

    def __init__(
        self, milp: Milp, options: SolverOptions, start: Floats | None, began: float
    ) -> None:
        super().__init__()
        self._milp = milp
        self._options = options
        self._given = start
        self._began = began
        self.incumbent: tuple[float, Floats] | None = None
        self.bound: float | None = None

    def result(self, *, interrupted: bool) -> MilpResult:
        """Return what it found, or had found so far when it would not stop.

        Raises
        ------
        SolverError
            When the solver failed.
        """
        if isinstance(self.failure, SolverError):
            raise self.failure
        if self.failure is not None:
            kind = type(self.failure).__name__
            raise SolverError(f"{self.label} failed: {kind}: {self.failure}") from self.failure
        return self._result(interrupted)

    @abstractmethod
    def _result(self, interrupted: bool) -> MilpResult:
        """Map the answer of the solver."""

    def _so_far(self, solved: MilpResult) -> MilpResult:
        """Fill in what is known of a solver that has not stopped."""
        if self.incumbent is None:
            return replace(solved, bound=self.bound)
        objective, values = self.incumbent
        return replace(solved, status="limit", values=values, objective=objective, bound=self.bound)


def watch_runs(
    runs: Sequence[Run],
    *,
    limit: float | None,
    began: float,
    on_progress: OnProgress | None,
    settled: Callable[[], bool] = lambda: False,
) -> bool:
    """Let solvers work until all are done, the limit is over or `settled`; return if interrupted.

    What `on_progress` raises stops them and is passed on.
    """

    def over() -> float | None:
        now = time.perf_counter() - began
        if on_progress is not None:
            on_progress(_progress(runs, now))
        if settled():
            return SHORT_PATIENCE
        return _PATIENCE if limit is not None and now > limit else None

    return watch(runs, over)


def _progress(runs: Sequence[Run], now: float) -> Progress:
    """Return the best that any of them has."""
    incumbents = [found[0] for run in runs if (found := run.incumbent) is not None]
    bounds = [bound for run in runs if (bound := run.bound) is not None]
    return Progress(now, min(incumbents, default=None), max(bounds, default=None))
