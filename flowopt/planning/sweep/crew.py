"""Who solves the rows: this process, processes of this machine, or a cluster.

All three take the same tasks and give the same answers. Processes are spawned, so nothing of this
one leaks into them; they leave Ctrl-C to this one, and end when it does, even by `kill -9`.
"""

from __future__ import annotations

from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Protocol

from flowopt._version import __version__
from flowopt.errors import RequestError, SolverError
from flowopt.planning.sweep.row import Answer, Question, solve_row
from flowopt.planning.workers import begin_work

_PATIENCE = 20  # seconds for a cluster's scheduler to answer


class Crew(Protocol):
    """Workers.

    Attributes
    ----------
    width : int
        How many rows to hand over at a time.
    near : bool
        Whether they can note their progress in files of this machine.
    """

    width: int
    near: bool

    def submit(self, question: Question, progress: str | None) -> Future[Answer]:
        """Hand over a question."""

    def renew(self) -> None:
        """Replace the workers after one has died."""

    def explain(self, error: BaseException) -> SolverError | None:
        """Return what a failure that is not a row's own means, None if it is one."""

    def close(self, *, at_once: bool) -> None:
        """Let the workers go; `at_once` also while they work."""


class Alone:
    """The own process, one row after the other."""

    width = 1
    near = True

    def submit(self, question: Question, progress: str | None) -> Future[Answer]:
        """Answer a question."""
        future: Future[Answer] = Future()
        try:
            future.set_result(solve_row(question, __version__, progress))
        except Exception as error:
            future.set_exception(error)
        return future

    def renew(self) -> None:
        """Do nothing: there is nobody else."""

    def explain(self, error: BaseException) -> SolverError | None:
        """Return None: every failure is a row's own."""

    def close(self, *, at_once: bool) -> None:
        """Do nothing."""


class Processes:
    """Processes of this machine, each with one thread for its solver."""

    near = True

    def __init__(self, count: int) -> None:
        self.width = count
        self._pool = self._start()

    def submit(self, question: Question, progress: str | None) -> Future[Answer]:
        """Hand over a question."""
        return self._pool.submit(solve_row, question, __version__, progress)

    def renew(self) -> None:
        """Replace the workers after one has died."""
        self.close(at_once=True)
        self._pool = self._start()

    def explain(self, error: BaseException) -> SolverError | None:
        """Return None: every failure but a death is a row's own."""

    def close(self, *, at_once: bool) -> None:
        """Let the workers go; `at_once` also while they work."""
        workers = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=not at_once, cancel_futures=True)
        for worker in workers if at_once else ():
            worker.kill()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.width, mp_context=get_context("spawn"), initializer=begin_work
        )


class Cluster:
    """A Dask cluster, reached through its scheduler."""

    width = 1_000_000
    near = False

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise RequestError(
                "a cluster needs the package distributed: pip install 'flowopt[cluster]'"
            ) from None
        self._address = address
        try:
            self._client: Any = Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise RequestError(f"no scheduler answers at {address}: {error}") from error
        self._executor: Executor = self._client.get_executor(pure=False)

    def submit(self, question: Question, progress: str | None) -> Future[Answer]:
        """Hand over a question."""
        return self._executor.submit(solve_row, question, __version__, progress)

    def renew(self) -> None:
        """Do nothing: the scheduler gives the rows of a worker that died to others."""

    def explain(self, error: BaseException) -> SolverError | None:
        """Return what a failure of the cluster means, None for a row's own."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return SolverError(
                f"a row was given up, because every worker that took it died ({error}); do the "
                "workers have enough memory?"
            )
        if isinstance(error, ImportError):
            return SolverError(f"the cluster's workers can't load what they need: {error}")
        if isinstance(error, CancelledError | OSError):
            return SolverError(f"the cluster at {self._address} was lost: {error}")
        return None

    def close(self, *, at_once: bool) -> None:
        """Take back what is not done, and say goodbye; workers finish the rows they are at."""
        self._executor.shutdown(wait=not at_once)
        self._client.close(timeout=_PATIENCE)
