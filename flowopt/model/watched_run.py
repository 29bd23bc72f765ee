"""Solvers at work in threads of their own, watched from the caller's.

That way Ctrl-C, the deadline and progress are the caller's, also where a solver is deep in a step
that does not look up. One that does not stop when it is told to is left to end alone.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

SHORT_PATIENCE = 0.5  # seconds a solver has to stop when the user asks, or nobody needs it any more
_POLL = 0.05  # seconds between looks at a running solver
_LAST_PATIENCE = 60.0  # seconds that one left to itself has at the end of the program


class Job(ABC):
    """One solver at work in a thread of its own.

    Parameters
    ----------
    stop
        The event that the solver looks at; one of its own if not given.

    Attributes
    ----------
    stop : threading.Event
        Set to ask the solver to stop.
    done : threading.Event
        Set once it has. An event, because Python 3.11 takes a thread for dead once Ctrl-C
        interrupts its join.
    failure : Exception or None
        What ended it, but for the solver itself.
    """

    def __init__(self, stop: threading.Event | None = None) -> None:
        self.stop = threading.Event() if stop is None else stop
        self.done = threading.Event()
        self.failure: Exception | None = None
        self._bell = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self, bell: threading.Event) -> None:
        """Begin; `bell` is rung at the end."""
        self._bell = bell
        self._thread.start()

    def halt(self) -> None:
        """Ask the solver to stop; may be asked again."""
        self.stop.set()

    def check(self) -> None:
        """Raise what went wrong in the job's thread."""
        if self.failure is not None:
            raise self.failure

    @abstractmethod
    def _solve(self) -> None:
        """Solve, in the job's own thread."""

    def _work(self) -> None:
        try:
            self._solve()
        except Exception as error:  # for whoever watches
            self.failure = error
        finally:
            self.done.set()
            self._bell.set()


def watch(
    jobs: Sequence[Job],
    over: Callable[[], float | None],
    *,
    patience: float = SHORT_PATIENCE,
) -> bool:
    """Let solvers work until all are done or have been told to stop; return if interrupted.

    Whatever is raised on the way, by `over` or by Ctrl-C between two looks, stops the solvers
    before it is passed on: nobody would be left to listen to them.

    Parameters
    ----------
    jobs
        The solvers, not yet started.
    over
        Called now and then: None to go on, else the seconds that the solvers have to stop.
    patience
        Likewise, after Ctrl-C.
    """
    bell = threading.Event()
    begun: list[Job] = []
    try:
        for job in jobs:
            begun.append(job)
            job.start(bell)
        return _look(jobs, bell, over, patience)
    except BaseException:
        late = time.perf_counter() + SHORT_PATIENCE
        for job in begun:
            job.halt()
        for job in begun:
            job.done.wait(max(0.0, late - time.perf_counter()))
        raise
    finally:
        for job in begun:
            if not job.done.is_set():
                let_end(job.done)  # deep in a step that does not look up


def run_alone(job: Job, *, patience: float = SHORT_PATIENCE) -> None:
    """Let one solver work to its end.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, once the solver has stopped, or `patience` seconds later.
    """
    interrupted = watch([job], lambda: None, patience=patience)
    job.check()
    if interrupted:
        raise KeyboardInterrupt


def _look(
    jobs: Sequence[Job],
    bell: threading.Event,
    over: Callable[[], float | None],
    patience: float,
) -> bool:
    interrupted = False
    stopped_at: float | None = None
    least = float("inf")
    while not all(job.done.is_set() for job in jobs):
        try:
            bell.wait(_POLL)
            bell.clear()
            given = over()
        except KeyboardInterrupt:
            interrupted = True
        if interrupted:
            given = patience
        if given is not None:
            least = min(least, given)
            stopped_at = time.perf_counter() if stopped_at is None else stopped_at
        if stopped_at is not None:
            for job in jobs:
                job.halt()
            if time.perf_counter() - stopped_at > least:
                break
    return interrupted


def let_end(done: threading.Event) -> None:
    """Leave the thread that will set `done` to itself, but let it end before Python does.

    Python must not shut down under a thread that is about to call back. A process forked from this
    one has no such thread, and must not wait for it.
    """
    atexit.register(_wait, done, os.getpid())


def _wait(done: threading.Event, process: int) -> None:
    if os.getpid() == process:
        done.wait(_LAST_PATIENCE)
