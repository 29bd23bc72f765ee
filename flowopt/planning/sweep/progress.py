"""Progress of a comparison: state, value and bound of each row, and the time left."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from flowopt.planning.sweep.row import RowRequest, RowResult
from flowopt.planning.sweep.row_sources import RowSource
from flowopt.results.numbers import relative_gap

State = Literal["working", "done"]


@dataclass(frozen=True, slots=True)
class RowProgress:
    """Progress of one row: state, seconds so far, best value and bound, None where unknown."""

    network: str
    objective: str
    budget: float
    state: State
    seconds: float
    value: float | None = None
    bound: float | None = None

    @property
    def gap(self) -> float | None:
        """The gap between value and bound, as a share of the value."""
        if self.value is None or self.bound is None:
            return None
        return relative_gap(self.value, self.bound)


class SweepProgress:
    """Progress of the rows of a comparison.

    Parameters
    ----------
    folder
        Folder for the progress files of the workers; the caller deletes it.
    workers
        Number of rows solved at a time.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder = folder
        self._workers = workers
        self._rows: dict[str, RowProgress] = {}
        self._progress_files: dict[str, tuple[Path, float]] = {}
        self._expected: dict[int, int | None] = {}
        self._counts: dict[int, int] = {}

    def update(self, source: RowSource) -> None:
        """Record the finished rows of a source."""
        self._expected[id(source)] = source.expected
        results = source.results()
        self._counts[id(source)] = len(results)
        for result in results:
            key = source.first.at(result.budget).key
            if key not in self._rows:
                self._rows[key] = _finished(result)

    def begin(self, request: RowRequest) -> str:
        """Record the start of a row; return the path of its progress file."""
        path = self._folder / f"{len(self._progress_files)}.json"
        self._progress_files[request.key] = (path, time.perf_counter())
        row = (request.network.info.id, request.objective, request.budget)
        self._rows[request.key] = RowProgress(*row, "working", 0.0)
        return str(path)

    def end(self, request: RowRequest, result: RowResult) -> None:
        """Record the result of a row."""
        self._rows[request.key] = _finished(result)

    def rows(self) -> list[RowProgress]:
        """Return the rows in progress or done, by network, objective and budget."""
        rows = [self._current(key, row) for key, row in list(self._rows.items())]
        places = {(row.network, row.objective): n for n, row in reversed([*enumerate(rows)])}
        return sorted(rows, key=lambda row: (places[row.network, row.objective], row.budget))

    @property
    def total(self) -> int | None:
        """The number of rows of the whole comparison, None while it is open."""
        counts = list(self._expected.values())
        update = [count for count in counts if count is not None]
        return sum(update) if len(update) == len(counts) else None

    @property
    def done(self) -> int:
        """The number of rows done."""
        return sum(row.state == "done" for row in list(self._rows.values()))

    @property
    def left(self) -> float | None:
        """Estimate of the seconds left, from those of finished rows; None while there is none."""
        took = [row.seconds for row in list(self._rows.values()) if row.state == "done"]
        if self.total is None or not took:
            return None
        working = [row for row in self.rows() if row.state == "working"]
        mean = sum(took) / len(took)
        rest = (self.total - self.done) * mean - sum(min(row.seconds, mean) for row in working)
        return rest / max(1, min(self._workers, self.total - self.done))

    def _current(self, key: str, row: RowProgress) -> RowProgress:
        """Return a row with the last progress that its worker wrote."""
        if row.state == "done" or key not in self._progress_files:
            return row
        path, began = self._progress_files[key]
        row = replace(row, seconds=time.perf_counter() - began)
        try:
            _, value, bound = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return row
        return replace(row, value=value, bound=bound)


def _finished(result: RowResult) -> RowProgress:
    row = (result.network, result.objective, result.budget)
    return RowProgress(*row, "done", result.seconds, result.value, result.bound)
