"""Solvers at work in threads of their own, watched from the caller's.

That way Ctrl-C, the deadline and progress are the caller's, also where a solver is deep in a step
that does not look up.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace

from flowopt.errors import SolverError
from flowopt.model.activities import Floats
from flowopt.model.leaving import let_end
from flowopt.model.solver_terms import MilpResult, OnProgress, Progress

_POLL = 0.05  # seconds between looks at a running solver
_PATIENCE = 1.5  # seconds a solver has to stop at its limit
_SHORT_PATIENCE = 0.5  # seconds it has when the user asks, or when nobody needs it any more


class Run(ABC):
    """One solver at work on one programme.

    Attributes
    ----------
    incumbent : (float, array) or None
        The best solution so far: its objective, and a value per variable of the `Milp`.
    bound : float or None
        The bound so far.
    stop : threading.Event
        Set to ask the solver to stop.
    done : threading.Event
        Set once it has. An event, because Python 3.11 takes a thread for dead once Ctrl-C
        interrupts its join.
    """

    label: str  # how messages call the solver

    def __init__(self) -> None:
        self.incumbent: tuple[float, Floats] | None = None
        self.bound: float | None = None
        self.stop = threading.Event()
        self.done = threading.Event()
        self._bell = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self, bell: threading.Event) -> None:
        """Begin; `bell` is rung at the end."""
        self._bell = bell
        self._thread.start()

    def halt(self) -> None:
        """Ask the solver to stop; may be asked again."""
        self.stop.set()

    def result(self, *, interrupted: bool) -> MilpResult:
        """Return what it found, or had found so far when it would not stop.

        Raises
        ------
        SolverError
            When the solver failed.
        """
        if isinstance(self._failure, SolverError):
            raise self._failure
        if self._failure is not None:
            kind = type(self._failure).__name__
            raise SolverError(f"{self.label} failed: {kind}: {self._failure}") from self._failure
        return self._result(interrupted)

    @abstractmethod
    def _solve(self) -> None:
        """Solve, in the run's own thread."""

    @abstractmethod
    def _result(self, interrupted: bool) -> MilpResult:
        """Map what the solver says."""

    def _work(self) -> None:
        try:
            self._solve()
        except Exception as error:  # told by `result`
            self._failure = error
        finally:
            self.done.set()
            self._bell.set()

    def _so_far(self, solved: MilpResult) -> MilpResult:
        """Fill in what is known of a solver that has not stopped."""
        if self.incumbent is None:
            return replace(solved, bound=self.bound)
        objective, values = self.incumbent
        return replace(solved, status="limit", values=values, objective=objective, bound=self.bound)


def watch(
    runs: Sequence[Run],
    *,
    limit: float | None,
    began: float,
    on_progress: OnProgress | None,
    settled: Callable[[], bool] = lambda: False,
) -> bool:
    """Let solvers work until all are done, the limit is over or `settled`; return if interrupted.

    Whatever is raised on the way, by `on_progress` or by Ctrl-C between two looks, stops the
    solvers before it is passed on: nobody would be left to listen to them.
    """
    bell = threading.Event()
    begun: list[Run] = []
    try:
        for run in runs:
            begun.append(run)
            run.start(bell)
        return _look(runs, bell, limit, began, on_progress, settled)
    except BaseException:
        late = time.perf_counter() + _SHORT_PATIENCE
        for run in begun:
            run.halt()
        for run in begun:
            run.done.wait(max(0.0, late - time.perf_counter()))
        raise
    finally:
        for run in begun:
            if not run.done.is_set():
                let_end(run.done)  # deep in a step that does not look up


def _look(
    runs: Sequence[Run],
    bell: threading.Event,
    limit: float | None,
    began: float,
    on_progress: OnProgress | None,
    settled: Callable[[], bool],
) -> bool:
    interrupted = False
    asked: float | None = None
    patience = _PATIENCE
    while not all(run.done.is_set() for run in runs):
        try:
            bell.wait(_POLL)
            bell.clear()
            now = time.perf_counter() - began
            if on_progress is not None:
                on_progress(_progress(runs, now))
            over = settled()
        except KeyboardInterrupt:
            interrupted = True
            now = time.perf_counter() - began
        if interrupted or over:
            patience = _SHORT_PATIENCE
        if asked is None and (interrupted or over or (limit is not None and now > limit)):
            asked = now
        if asked is not None:
            for run in runs:
                run.halt()
            if now - asked > patience:
                break
    return interrupted


def _progress(runs: Sequence[Run], now: float) -> Progress:
    """Return the best that any of them has."""
    incumbents = [found[0] for run in runs if (found := run.incumbent) is not None]
    bounds = [bound for run in runs if (bound := run.bound) is not None]
    return Progress(now, min(incumbents, default=None), max(bounds, default=None))
