"""Run of a comparison: its rows solved by processes, kept on disk, up to an end or Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flowopt.errors import RequestError
from flowopt.planning.sweep.cluster import Cluster
from flowopt.planning.sweep.environment import UNREADABLE, Environment, environment
from flowopt.planning.sweep.executors import Executor, Processes, Serial
from flowopt.planning.sweep.progress import SweepProgress
from flowopt.planning.sweep.row_sources import RowSource
from flowopt.planning.sweep.scheduler import Scheduler
from flowopt.planning.sweep.store import Store
from flowopt.planning.sweep.sweep_request import SweepRequest


@dataclass(frozen=True, slots=True)
class SolvedRows:
    """Rows of a comparison as they were solved.

    Attributes
    ----------
    sources : sequence of RowSource
        The rows, by network and objective.
    width : int
        How many were solved at a time.
    store : Store or None
        Where they are kept.
    interrupted : bool
        Whether the user stopped it.
    """

    sources: Sequence[RowSource]
    width: int
    store: Store | None
    interrupted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRun:
    """Run of the rows of a comparison, with workers and a place to keep them, as in `compare`."""

    workers: int
    cluster: str | None
    keep: Path | str | None
    resume: bool
    restart: bool
    keep_on_interrupt: bool
    watch: SweepProgress | None
    on_message: Callable[[str], None] | None

    def solve(self, sweep: SweepRequest) -> SolvedRows:
        """Return the rows of a request, which has been checked.

        Raises
        ------
        RequestError, SolverError, OutOfTime, KeyboardInterrupt
            As `compare`.
        """
        versions = environment(sweep.options.solver)
        kept = self.keep is not None or self.cluster is not None
        if versions.code is None and self.on_message and kept:
            self.on_message(UNREADABLE)
        # How many a cluster has is not known yet.
        sources = sweep.sources(self.workers if self.cluster is None else 1)
        # Workers come first: nothing is left behind if there are none.
        executor = self._executor(sweep, versions)
        interrupted, store = False, None
        try:
            store = self._solve_rows(sweep, sources, executor, versions)
        except KeyboardInterrupt:
            interrupted = any(source.results() for source in sources)
            if not (interrupted and self.keep_on_interrupt):
                raise
        else:
            executor.close(at_once=False)
        return SolvedRows(sources, executor.width, store, interrupted)

    def _solve_rows(
        self,
        sweep: SweepRequest,
        sources: Sequence[RowSource],
        executor: Executor,
        versions: Environment,
    ) -> Store | None:
        """Solve the rows of all sources; where that fails, leave no worker and no empty store."""
        store = None
        try:
            if self.keep is not None:
                store = Store(
                    Path(self.keep),
                    sweep.stored(),
                    versions,
                    resume=self.resume,
                    restart=self.restart,
                    on_message=self.on_message,
                )
            Scheduler(sources, executor, store, self.watch, sweep.last_row).run()
        except BaseException:
            executor.close(at_once=True)
            remove_if_empty(store)
            raise
        return store

    def _executor(self, sweep: SweepRequest, versions: Environment) -> Executor:
        if self.cluster is not None:
            options = sweep.options
            return Cluster(
                self.cluster,
                versions,
                options.solver,
                limit=options.time_limit,
                on_message=self.on_message,
            )
        return Serial(versions) if self.workers == 1 else Processes(self.workers, versions)


def remove_if_empty(store: Store | None) -> None:
    """Remove a store that has kept no row."""
    if store is not None and not store.count:
        with suppress(RequestError):
            store.remove()
