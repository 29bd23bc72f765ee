"""Asking and answering: rows go out as soon as they can be asked, and come back in any order."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import replace

from flowopt.errors import FlowoptError, SolverError
from flowopt.planning.sweep.executors import Crew
from flowopt.planning.sweep.progress import Watch
from flowopt.planning.sweep.row import Answer, Question
from flowopt.planning.sweep.row_sources import Sweep
from flowopt.planning.sweep.store import Store

_STRIKES = 3  # workers that may die over a row before it is given up


class Driver:
    """Runs sweeps to their end, or to a deadline.

    Parameters
    ----------
    sweeps
        What to ask.
    crew
        Who answers.
    store
        Where finished rows are kept, or None.
    watch
        Who looks on, or None.
    deadline
        `time.perf_counter` after which nothing more is asked, or None; rows cut short by it are
        not kept.
    """

    def __init__(
        self,
        sweeps: Sequence[Sweep],
        crew: Crew,
        store: Store | None,
        watch: Watch | None,
        deadline: float | None,
    ) -> None:
        self._sweeps = sweeps
        self._crew = crew
        self._store = store
        self._watch = watch
        self._deadline = deadline
        self._waiting: deque[tuple[Sweep, Question]] = deque()
        self._running: dict[Future[Answer], tuple[Sweep, Question]] = {}
        self._strikes: Counter[str] = Counter()

    def run(self) -> None:
        """Ask until there is nothing left to ask.

        Raises
        ------
        FlowoptError
            When a row fails; those that are done are kept.
        """
        while True:
            self._collect()
            self._hand_out()
            if not self._running:
                break
            done, _ = wait(self._running, self._crew.pulse, return_when=FIRST_COMPLETED)
            if not done:
                self._crew.check()
            self._take(done)

    def _collect(self) -> None:
        """Queue what can be asked now; what the store knows is not asked again."""
        if self._late():
            self._waiting.clear()
            return
        for sweep in self._sweeps:
            fresh = sweep.ready()
            while fresh:
                known = False
                for question in fresh:
                    answer = self._store.get(question.key) if self._store else None
                    if answer is None:
                        self._waiting.append((sweep, question))
                    else:
                        sweep.take(answer)
                        known = True
                fresh = sweep.ready() if known else []
            if self._watch is not None:
                self._watch.known(sweep)

    def _hand_out(self) -> None:
        while self._waiting and len(self._running) < self._crew.width:
            sweep, question = self._waiting.popleft()
            note = self._watch.begin(question) if self._watch is not None else None
            try:
                future = self._crew.submit(self._timed(question), note if self._crew.near else None)
            except BrokenExecutor:  # a worker died since the last look
                self._replace([(sweep, question)])
                continue
            self._running[future] = (sweep, question)

    def _take(self, done: set[Future[Answer]]) -> None:
        dead = []
        for future in done:
            sweep, question = self._running.pop(future)
            try:
                answer = future.result()
            except BrokenExecutor:
                dead.append((sweep, question))
                continue
            except SolverError as error:
                raise SolverError(f"{_named(question)}: {error}") from error
            except FlowoptError:
                raise
            except BaseException as error:
                explained = self._crew.explain(error)
                if explained is None:
                    raise
                raise explained from error
            if self._store is not None and (self._deadline is None or answer.status != "limit"):
                self._store.put(question.key, answer)
            sweep.take(answer)
            if self._watch is not None:
                self._watch.end(question, answer)
        if dead:
            self._replace(dead)

    def _replace(self, dead: list[tuple[Sweep, Question]]) -> None:
        """Begin anew with the rows that went down with a worker, whoever's fault it was."""
        dead += self._running.values()
        self._running.clear()
        for _, question in dead:
            self._strikes[question.key] += 1
            if self._strikes[question.key] >= _STRIKES:
                raise SolverError(
                    f"{_named(question)}: the process at work on it died {_STRIKES} times; was "
                    "there enough memory? Try fewer --workers"
                )
        self._crew.renew()
        self._waiting.extendleft(reversed(dead))

    def _timed(self, question: Question) -> Question:
        """Return the question with what is left of the time, where all share it."""
        if self._deadline is None:
            return question
        left = max(0.1, self._deadline - time.perf_counter())
        until = time.time() + left if self._crew.near else None  # clocks of others may differ
        return replace(question, time_limit=left, until=until)

    def _late(self) -> bool:
        return self._deadline is not None and time.perf_counter() >= self._deadline


def _named(question: Question) -> str:
    return f"budget {question.budget:g} of {question.network.info.id}, {question.objective}"
