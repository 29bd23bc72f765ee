"""Scheduler of a comparison: submits rows as soon as they are ready, in any order of results."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import replace

from flowopt.errors import FlowoptError, SolverError
from flowopt.planning.sweep.executors import Executor
from flowopt.planning.sweep.progress import SweepProgress
from flowopt.planning.sweep.row import RowRequest, RowResult
from flowopt.planning.sweep.row_sources import RowSource
from flowopt.planning.sweep.store import Store

MAX_ATTEMPTS = 3  # of a row whose worker dies


class Scheduler:
    """Scheduler that runs sweeps to their end, or to a deadline.

    Parameters
    ----------
    sources
        Sources of the rows.
    executor
        Executor of the rows.
    store
        Store of finished rows, or None.
    watch
        Progress to update, or None.
    deadline
        `time.perf_counter` after which nothing more is submitted, or None; rows cut short by it
        are not kept.
    """

    def __init__(
        self,
        sources: Sequence[RowSource],
        executor: Executor,
        store: Store | None,
        watch: SweepProgress | None,
        deadline: float | None,
    ) -> None:
        self._sources = sources
        self._executor = executor
        self._store = store
        self._watch = watch
        self._deadline = deadline
        self._waiting: deque[tuple[RowSource, RowRequest]] = deque()
        self._running: dict[Future[RowResult], tuple[RowSource, RowRequest]] = {}
        self._attempts: Counter[str] = Counter()

    def run(self) -> None:
        """Submit rows until none is left.

        Raises
        ------
        FlowoptError
            When a row fails; finished rows are kept.
        """
        while True:
            self._enqueue()
            self._submit()
            if not self._running:
                break
            done, _ = wait(self._running, self._executor.poll_interval, return_when=FIRST_COMPLETED)
            if not done:
                self._executor.check()
            self._receive(done)

    def _enqueue(self) -> None:
        """Queue the rows that are ready; those in the store are not solved again."""
        if self._expired():
            self._waiting.clear()
            return
        for source in self._sources:
            fresh = source.ready()
            while fresh:
                known = False
                for request in fresh:
                    result = self._store.get(request.key) if self._store else None
                    if result is None:
                        self._waiting.append((source, request))
                    else:
                        source.receive(result)
                        known = True
                fresh = source.ready() if known else []
            if self._watch is not None:
                self._watch.update(source)

    def _submit(self) -> None:
        while self._waiting and len(self._running) < self._executor.width:
            source, request = self._waiting.popleft()
            note = self._watch.begin(request) if self._watch is not None else None
            try:
                future = self._executor.submit(
                    self._with_time_left(request), note if self._executor.local else None
                )
            except BrokenExecutor:  # a worker died since the last look
                self._replace([(source, request)])
                continue
            self._running[future] = (source, request)

    def _receive(self, done: set[Future[RowResult]]) -> None:
        lost = []
        for future in done:
            source, request = self._running.pop(future)
            try:
                result = future.result()
            except BrokenExecutor:
                lost.append((source, request))
                continue
            except SolverError as error:
                raise SolverError(f"{_label(request)}: {error}") from error
            except FlowoptError:
                raise
            except BaseException as error:
                explained = self._executor.explain(error)
                if explained is None:
                    raise
                raise explained from error
            if self._store is not None and self._worth_keeping(result):
                self._store.put(request.key, result)
            source.receive(result)
            if self._watch is not None:
                self._watch.end(request, result)
        if lost:
            self._replace(lost)

    def _worth_keeping(self, result: RowResult) -> bool:
        """Return whether a row is an answer, and not cut short by a limit that all share."""
        if result.limit is not None and result.value is None:
            return False
        return self._deadline is None or result.status != "limit"

    def _replace(self, lost: list[tuple[RowSource, RowRequest]]) -> None:
        """Retry all rows in progress when a worker died, since the one at fault is unknown."""
        lost += self._running.values()
        self._running.clear()
        for _, request in lost:
            self._attempts[request.key] += 1
            if self._attempts[request.key] >= MAX_ATTEMPTS:
                raise SolverError(
                    f"{_label(request)}: the process at work on it died {MAX_ATTEMPTS} times; was "
                    "there enough memory? Try fewer --workers"
                )
        self._executor.renew()
        self._waiting.extendleft(reversed(lost))

    def _with_time_left(self, request: RowRequest) -> RowRequest:
        """Return the row with the time left, where all rows share one limit."""
        if self._deadline is None:
            return request
        left = max(0.1, self._deadline - time.perf_counter())
        until = time.time() + left if self._executor.local else None  # clocks of others may differ
        return replace(request, options=replace(request.options, time_limit=left), until=until)

    def _expired(self) -> bool:
        return self._deadline is not None and time.perf_counter() >= self._deadline


def _label(request: RowRequest) -> str:
    return f"budget {request.budget:g} of {request.network.info.id}, {request.objective}"
