"""Executor of rows, or of other work, on a Dask cluster.

Before the first row it waits for a worker and compares the versions and code of all workers with
its own. Requests and results are pickled, and workers run any pickle they are sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import Executor as FutureExecutor
from typing import Any, TypeVar

from flowopt.errors import FlowoptError, OutOfTime, RequestError, SolverError
from flowopt.planning.sweep.environment import Environment, environment
from flowopt.planning.sweep.row import RowRequest, RowResult, solve_row

Result = TypeVar("Result")
_REPLY_SECONDS = 20  # seconds for a cluster's scheduler to answer
_IDLE_SECONDS = 3.0  # seconds without a worker before a message
_MOST_LISTED = 5  # workers in a message


class Cluster:
    """Executor on the workers of a Dask cluster, reached through its scheduler.

    Parameters
    ----------
    address
        Of the scheduler, ``tcp://host:8786``.
    environment
        Versions and code that the workers must have.
    solver
        Name of the solver that the workers use.
    limit
        Seconds to wait for a worker; None to go on waiting.
    on_message
        Called with a line while there is no worker.

    Raises
    ------
    RequestError
        When no scheduler answers, or a worker lacks flowopt or has other code.
    OutOfTime
        When no worker comes within the limit.
    """

    width = 1_000_000
    local = False
    poll_interval: float | None = 1.0

    def __init__(
        self,
        address: str,
        environment: Environment,
        solver: str,
        *,
        limit: float | None = None,
        on_message: Callable[[str], None] | None = None,
    ) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise RequestError(
                "a cluster needs the package distributed: pip install 'flowopt[cluster]'"
            ) from None
        self._address, self._environment = address, environment
        self._limit, self._on_message = limit, on_message
        self._idle_since: float | None = None
        self._reported = False
        patience = _REPLY_SECONDS if limit is None else min(_REPLY_SECONDS, limit)
        try:
            self._client: Any = Client(address, timeout=patience, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise RequestError(f"no scheduler answers at {address}: {error}") from error
        try:
            self._wait()
            self._check_workers(solver)
        except BaseException:
            self._client.close(timeout=_REPLY_SECONDS)
            raise
        self._executor: FutureExecutor = self._client.get_executor(pure=False)

    def submit(self, request: RowRequest, progress: str | None) -> Future[RowResult]:
        """Submit a row to the scheduler."""
        return self.hand_over(solve_row, request, self._environment, progress)

    def hand_over(self, work: Callable[..., Result], *given: Any) -> Future[Result]:
        """Submit a call of a function of flowopt to the scheduler."""
        return self._executor.submit(work, *given)

    def renew(self) -> None:
        """Do nothing: the scheduler resubmits the rows of a worker that died."""

    def check(self) -> None:
        """Raise when the scheduler is lost, or no worker was there for as long as a row may take.

        Raises
        ------
        SolverError
            When the scheduler is lost.
        OutOfTime
            When there was no worker for the time limit of a row.
        """
        if self._client.status not in ("running", "newly-created"):
            raise SolverError(f"the scheduler at {self._address} was lost")
        if self._workers():
            self._idle_since, self._reported = None, False
            return
        now = time.perf_counter()
        self._idle_since = self._idle_since or now
        idle = now - self._idle_since
        if idle >= _IDLE_SECONDS and not self._reported:
            self._reported = True
            self._report(
                f"waiting: the cluster at {self._address} has no workers; start some with "
                f"`dask worker {self._address} --nthreads 1`"
            )
        if self._limit is not None and idle >= self._limit:
            raise OutOfTime(
                f"no worker of the cluster at {self._address} was there for {self._limit:g} s, the "
                "time limit"
            )

    def explain(self, error: BaseException) -> FlowoptError | None:
        """Return the error for a failure of the cluster, None for a failure of the row itself."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return SolverError(
                f"work was given up, because every worker that took it died ({error}); do the "
                "workers have enough memory?"
            )
        if isinstance(error, ImportError | AttributeError):
            return SolverError(f"the cluster's workers can't load what they need: {error}")
        if isinstance(error, CancelledError | OSError):
            reason = str(error) or "the scheduler went away"
            return SolverError(f"the cluster at {self._address} was lost: {reason}")
        return None

    def close(self, *, at_once: bool) -> None:
        """Cancel pending rows and disconnect; workers finish the rows in progress."""
        self._executor.shutdown(wait=not at_once)
        self._client.close(timeout=_REPLY_SECONDS)

    # -- before the first row -------------------------------------------------------------------

    def _wait(self) -> None:
        """Wait until there is a worker."""
        while not self._workers():
            self.check()
            time.sleep(0.1)
        self.check()

    def _workers(self) -> list[str]:
        return list(self._client.scheduler_info(n_workers=-1)["workers"])

    def _check_workers(self, solver: str) -> None:
        """Refuse workers whose versions or code differ, since their rows could."""
        replies = self._client.run(environment, solver, on_error="return")
        mismatches = {}
        for worker, reply in replies.items():
            if mismatch := _mismatch(reply, self._environment):
                mismatches[worker] = mismatch
        if mismatches:
            shown = "; ".join(
                f"{worker} {mismatch}"
                for worker, mismatch in list(mismatches.items())[:_MOST_LISTED]
            )
            more = len(mismatches) - _MOST_LISTED
            raise RequestError(
                f"{len(mismatches)} of {len(replies)} workers of the cluster can't take part: "
                f"{shown}"
                f"{f'; and {more} more' if more > 0 else ''}. Install the same on every machine"
            )

    def _report(self, line: str) -> None:
        if self._on_message is not None:
            self._on_message(line)


def _mismatch(reply: object, expected: Environment) -> str:
    """Return the reason why a worker can't take part, blank if it can.

    An import that fails there arrives as a plain exception, of which only the text remains.
    """
    if isinstance(reply, Environment):
        differences = reply.differences(expected)
        return f"has {', '.join(differences)}" if differences else ""
    text = str(reply)
    if "No module named 'flowopt'" in text:
        return "has no flowopt"
    if "flowopt" in text:
        return "has other code of flowopt, without what this one asks for"
    return f"can't work ({text})"
