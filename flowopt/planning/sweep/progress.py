"""What somebody who waits may look at: each row, how far it is, and how long it may still take."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from flowopt.planning.sweep.row import Answer, Question
from flowopt.planning.sweep.row_sources import Sweep
from flowopt.results.numbers import relative_gap

State = Literal["working", "done"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One row: its state, seconds so far, best value and bound, None where unknown."""

    network: str
    objective: str
    budget: float
    state: State
    seconds: float
    value: float | None = None
    bound: float | None = None

    @property
    def gap(self) -> float | None:
        """How far the plan may still be from the best one, as a share of its value."""
        if self.value is None or self.bound is None:
            return None
        return relative_gap(self.value, self.bound)


class Watch:
    """Keeps what is known of the rows of a comparison.

    Parameters
    ----------
    folder
        Where workers note their progress; the caller's to delete.
    workers
        How many rows are solved at a time.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder = folder
        self._workers = workers
        self._seen: dict[str, Seen] = {}
        self._notes: dict[str, tuple[Path, float]] = {}
        self._expected: dict[int, int | None] = {}
        self._found: dict[int, int] = {}

    def known(self, sweep: Sweep) -> None:
        """Note what a sweep knows by now."""
        self._expected[id(sweep)] = sweep.expected
        answers = sweep.answers()
        self._found[id(sweep)] = len(answers)
        for answer in answers:
            key = replace(sweep.first, budget=answer.budget).key
            if key not in self._seen:
                self._seen[key] = _seen(answer)

    def begin(self, question: Question) -> str:
        """Note that a row is begun; return the file for its progress."""
        path = self._folder / f"{len(self._notes)}.json"
        self._notes[question.key] = (path, time.perf_counter())
        row = (question.network.info.id, question.objective, question.budget)
        self._seen[question.key] = Seen(*row, "working", 0.0)
        return str(path)

    def end(self, question: Question, answer: Answer) -> None:
        """Note that a row is done."""
        self._seen[question.key] = _seen(answer)

    def rows(self) -> list[Seen]:
        """Return the rows begun or done, in the order of networks, objectives and budgets."""
        rows = [self._now(key, row) for key, row in list(self._seen.items())]
        places = {(row.network, row.objective): n for n, row in reversed([*enumerate(rows)])}
        return sorted(rows, key=lambda row: (places[row.network, row.objective], row.budget))

    @property
    def total(self) -> int | None:
        """How many rows there will be, None where that turns out on the way."""
        counts = list(self._expected.values())
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    @property
    def done(self) -> int:
        """How many rows are known."""
        return sum(row.state == "done" for row in list(self._seen.values()))

    @property
    def left(self) -> float | None:
        """Seconds it may still take, by what rows took so far; None while nobody can tell."""
        took = [row.seconds for row in list(self._seen.values()) if row.state == "done"]
        if self.total is None or not took:
            return None
        working = [row for row in self.rows() if row.state == "working"]
        mean = sum(took) / len(took)
        rest = (self.total - self.done) * mean - sum(min(row.seconds, mean) for row in working)
        return rest / max(1, min(self._workers, self.total - self.done))

    def _now(self, key: str, row: Seen) -> Seen:
        """Return a working row with what its worker noted last."""
        if row.state == "done" or key not in self._notes:
            return row
        path, began = self._notes[key]
        row = replace(row, seconds=time.perf_counter() - began)
        try:
            _, value, bound = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return row
        return replace(row, value=value, bound=bound)


def _seen(answer: Answer) -> Seen:
    row = (answer.network, answer.objective, answer.budget)
    return Seen(*row, "done", answer.seconds, answer.value, answer.bound)
