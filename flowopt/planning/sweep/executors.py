"""Executors of rows: this process, processes of this machine, or a cluster.

All three run the same tasks with the same results. Worker processes are spawned, so they inherit
no state of this one; they ignore Ctrl-C, and end when this process does, even by `kill -9`.
"""

from __future__ import annotations

from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Protocol

from flowopt.errors import FlowoptError
from flowopt.planning.sweep.environment import Environment
from flowopt.planning.sweep.row import RowRequest, RowResult, solve_row
from flowopt.planning.workers import begin_work, started_quietly


class Executor(Protocol):
    """Interface of an executor of rows.

    Attributes
    ----------
    width : int
        Number of rows in progress at a time.
    local : bool
        Whether workers can write their progress to files of this machine.
    poll_interval : float or None
        Seconds between checks of the workers; None where the loss of one shows as a failure of its
        row.
    """

    width: int
    local: bool
    poll_interval: float | None

    def submit(self, request: RowRequest, progress: str | None) -> Future[RowResult]:
        """Submit a row."""

    def renew(self) -> None:
        """Replace the workers after one has died."""

    def check(self) -> None:
        """Raise an error if no worker can be reached."""

    def explain(self, error: BaseException) -> FlowoptError | None:
        """Return the error for a failure of a worker, None for a failure of the row itself."""

    def close(self, *, at_once: bool) -> None:
        """Shut the workers down; `at_once` also while they work."""


class Serial:
    """Executor in this process, one row after the other."""

    width = 1
    local = True
    poll_interval: float | None = None

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def submit(self, request: RowRequest, progress: str | None) -> Future[RowResult]:
        """Solve a row; the future is done on return."""
        future: Future[RowResult] = Future()
        try:
            future.set_result(solve_row(request, self._environment, progress))
        except Exception as error:
            future.set_exception(error)
        return future

    def renew(self) -> None:
        """Do nothing: there are no workers."""

    def check(self) -> None:
        """Do nothing: there are no workers."""

    def explain(self, error: BaseException) -> FlowoptError | None:
        """Return None: every failure is one of the row itself."""

    def close(self, *, at_once: bool) -> None:
        """Do nothing."""


class Processes:
    """Executor on processes of this machine, each with one thread for its solver."""

    local = True
    poll_interval: float | None = None

    def __init__(self, count: int, environment: Environment) -> None:
        self.width = count
        self._environment = environment
        self._pool: ProcessPoolExecutor | None = self._start()

    def submit(self, request: RowRequest, progress: str | None) -> Future[RowResult]:
        """Submit a row to the process pool."""
        if self._pool is None:
            self._pool = self._start()
        # The first row starts the processes.
        submit = partial(self._pool.submit, solve_row, request, self._environment, progress)
        return started_quietly(submit)

    def renew(self) -> None:
        """Replace the workers after one has died."""
        self.close(at_once=True)

    def check(self) -> None:
        """Do nothing: the death of a worker is a failure of its row."""

    def explain(self, error: BaseException) -> FlowoptError | None:
        """Return None: every failure but the death of a worker is one of the row itself."""

    def close(self, *, at_once: bool) -> None:
        """Shut the workers down; `at_once` also while they work."""
        if self._pool is None:
            return
        for worker in list((self._pool._processes or {}).values()) if at_once else ():
            worker.kill()
        # Joining the management threads and dropping the queues releases their semaphores; at exit
        # it would be too late, and Python would warn.
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.width, mp_context=get_context("spawn"), initializer=begin_work
        )
