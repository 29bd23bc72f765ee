"""Who solves the rows: this process, processes of this machine, or a cluster.

All three take the same tasks and give the same answers. Processes are spawned, so nothing of this
one leaks into them; they leave Ctrl-C to this one, and end when it does, even by `kill -9`.
"""

from __future__ import annotations

from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Protocol

from flowopt.errors import FlowoptError
from flowopt.planning.sweep.environment import Environment
from flowopt.planning.sweep.row import Answer, Question, solve_row
from flowopt.planning.workers import begin_work, quiet_start


class Crew(Protocol):
    """Workers.

    Attributes
    ----------
    width : int
        How many rows to hand over at a time.
    near : bool
        Whether they can note their progress in files of this machine.
    pulse : float or None
        Seconds after which to look whether they are still there; None for workers that cannot go
        without a failure of their rows.
    """

    width: int
    near: bool
    pulse: float | None

    def submit(self, question: Question, progress: str | None) -> Future[Answer]:
        """Hand over a question."""

    def renew(self) -> None:
        """Replace the workers after one has died."""

    def check(self) -> None:
        """Raise what keeps the workers from answering, if anything does."""

    def explain(self, error: BaseException) -> FlowoptError | None:
        """Return what a failure that is not a row's own means, None if it is one."""

    def close(self, *, at_once: bool) -> None:
        """Let the workers go; `at_once` also while they work."""


class Alone:
    """The own process, one row after the other."""

    width = 1
    near = True
    pulse: float | None = None

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def submit(self, question: Question, progress: str | None) -> Future[Answer]:
        """Answer a question."""
        future: Future[Answer] = Future()
        try:
            future.set_result(solve_row(question, self._environment, progress))
        except Exception as error:
            future.set_exception(error)
        return future

    def renew(self) -> None:
        """Do nothing: there is nobody else."""

    def check(self) -> None:
        """Do nothing: there is nobody else."""

    def explain(self, error: BaseException) -> FlowoptError | None:
        """Return None: every failure is a row's own."""

    def close(self, *, at_once: bool) -> None:
        """Do nothing."""


class Processes:
    """Processes of this machine, each with one thread for its solver."""

    near = True
    pulse: float | None = None

    def __init__(self, count: int, environment: Environment) -> None:
        self.width = count
        self._environment = environment
        self._pool: ProcessPoolExecutor | None = self._start()

    def submit(self, question: Question, progress: str | None) -> Future[Answer]:
        """Hand over a question."""
        if self._pool is None:
            self._pool = self._start()
        with quiet_start():  # the first question starts the processes
            return self._pool.submit(solve_row, question, self._environment, progress)

    def renew(self) -> None:
        """Replace the workers after one has died."""
        self.close(at_once=True)

    def check(self) -> None:
        """Do nothing: the death of a worker is a failure of its row."""

    def explain(self, error: BaseException) -> FlowoptError | None:
        """Return None: every failure but a death is a row's own."""

    def close(self, *, at_once: bool) -> None:
        """Let the workers go; `at_once` also while they work."""
        if self._pool is None:
            return
        for worker in list((self._pool._processes or {}).values()) if at_once else ():
            worker.kill()
        # Waiting for the threads that look after them, and letting go of the queues, hands their
        # semaphores back: at exit it would be too late, and Python would complain.
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.width, mp_context=get_context("spawn"), initializer=begin_work
        )
