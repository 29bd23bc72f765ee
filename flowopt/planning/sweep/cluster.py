"""A Dask cluster as the crew of a comparison.

Before the first row it waits for a worker, and asks all that are there for their versions and
code. Pickles travel to the workers and back: they run what they are sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from typing import Any

from flowopt.errors import FlowoptError, OutOfTime, RequestError, SolverError
from flowopt.planning.sweep.environment import Environment, environment
from flowopt.planning.sweep.row import Answer, Question, solve_row

_PATIENCE = 20  # seconds for a cluster's scheduler to answer
_SILENCE = 3.0  # seconds without a worker after which it is said
_SHOWN = 5  # workers in a message


class Cluster:
    """Workers of a Dask cluster, reached through its scheduler.

    Parameters
    ----------
    address
        Of the scheduler, ``tcp://host:8786``.
    environment
        Versions and code that the workers must have.
    solver
        What they solve with.
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
    near = False
    pulse: float | None = 1.0

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
        self._alone_since: float | None = None
        self._told = False
        try:
            self._client: Any = Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise RequestError(f"no scheduler answers at {address}: {error}") from error
        try:
            self._wait()
            self._greet(solver)
        except BaseException:
            self._client.close(timeout=_PATIENCE)
            raise
        self._executor: Executor = self._client.get_executor(pure=False)

    def submit(self, question: Question, progress: str | None) -> Future[Answer]:
        """Hand over a question."""
        return self._executor.submit(solve_row, question, self._environment, progress)

    def renew(self) -> None:
        """Do nothing: the scheduler gives the rows of a worker that died to others."""

    def check(self) -> None:
        """Raise when the scheduler is lost, or no worker was there for as long as a row may take.

        Raises
        ------
        SolverError, OutOfTime
            Which of the two.
        """
        if self._client.status not in ("running", "newly-created"):
            raise SolverError(f"the scheduler at {self._address} was lost")
        if self._workers():
            self._alone_since, self._told = None, False
            return
        now = time.perf_counter()
        self._alone_since = self._alone_since or now
        alone = now - self._alone_since
        if alone >= _SILENCE and not self._told:
            self._told = True
            self._say(
                f"waiting: the cluster at {self._address} has no workers; start some with "
                f"`dask worker {self._address} --nthreads 1`"
            )
        if self._limit is not None and alone >= self._limit:
            raise OutOfTime(
                f"no worker of the cluster at {self._address} was there for {self._limit:g} s, the "
                "time limit"
            )

    def explain(self, error: BaseException) -> FlowoptError | None:
        """Return what a failure of the cluster means, None for a row's own."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return SolverError(
                f"a row was given up, because every worker that took it died ({error}); do the "
                "workers have enough memory?"
            )
        if isinstance(error, ImportError | AttributeError):
            return SolverError(f"the cluster's workers can't load what they need: {error}")
        if isinstance(error, CancelledError | OSError):
            why = str(error) or "the scheduler went away"
            return SolverError(f"the cluster at {self._address} was lost: {why}")
        return None

    def close(self, *, at_once: bool) -> None:
        """Take back what is not done, and part; workers finish the rows they are at."""
        self._executor.shutdown(wait=not at_once)
        self._client.close(timeout=_PATIENCE)

    # -- before the first row -------------------------------------------------------------------

    def _wait(self) -> None:
        """Wait until there is a worker."""
        while not self._workers():
            self.check()
            time.sleep(0.1)
        self.check()

    def _workers(self) -> list[str]:
        return list(self._client.scheduler_info(n_workers=-1)["workers"])

    def _greet(self, solver: str) -> None:
        """Refuse workers that would give other rows."""
        found = self._client.run(environment, solver, on_error="return")
        wrong = {}
        for worker, reply in found.items():
            if what := _obstacle(reply, self._environment):
                wrong[worker] = what
        if wrong:
            shown = "; ".join(f"{worker} {what}" for worker, what in list(wrong.items())[:_SHOWN])
            more = len(wrong) - _SHOWN
            raise RequestError(
                f"{len(wrong)} of {len(found)} workers of the cluster can't take part: {shown}"
                f"{f'; and {more} more' if more > 0 else ''}. Install the same on every machine"
            )

    def _say(self, line: str) -> None:
        if self._on_message is not None:
            self._on_message(line)


def _obstacle(reply: object, wanted: Environment) -> str:
    """Return why a worker can't take part, blank if it can.

    What it can't load comes back as a plain exception, of which only the text remains.
    """
    if isinstance(reply, Environment):
        unlike = reply.unlike(wanted)
        return f"has {', '.join(unlike)}" if unlike else ""
    text = str(reply)
    if "No module named 'flowopt'" in text:
        return "has no flowopt"
    if "flowopt" in text:
        return "has other code of flowopt, without what this one asks for"
    return f"can't work ({text})"
