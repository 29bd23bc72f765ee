"""The table of runs: one row per run, added to a CSV file as soon as the run is over."""

from __future__ import annotations

import csv
import io
import os
import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

PROVED = "optimal"
_ROUNDING = 1e-6  # relative: what solvers may differ by beside the gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One run; the README says what the columns mean. None stands for a blank."""

    case: str
    family: str
    network: str
    objective: str
    budget: float
    variant: str
    status: str
    rows: int | None = None
    columns: int | None = None
    build_seconds: float | None = None
    first_seconds: float | None = None
    proof_seconds: float | None = None
    total_seconds: float | None = None
    cpu_seconds: float | None = None
    nodes: int | None = None
    value: float | None = None
    claimed: float | None = None
    bound: float | None = None
    gap: float | None = None
    known: float | None = None
    right: str = ""
    memory_mib: float | None = None
    load: float | None = None
    time_limit: float
    asked_gap: float
    revision: str = ""
    python: str = ""
    highs: str = ""
    pulp: str = ""
    note: str = ""

    @property
    def setting(self) -> tuple[float, float, str]:
        """What rows that are compared have in common."""
        return (self.time_limit, self.asked_gap, self.revision)

    @property
    def key(self) -> tuple[str | float, ...]:
        """What makes two rows the same run, done again."""
        return (self.case, self.variant, *self.setting)


COLUMNS = tuple(field.name for field in fields(Record))
_NUMBERS = {
    field.name: int if "int" in str(field.type) else float
    for field in fields(Record)
    if "str" not in str(field.type)
}
_BLANK = {field.name for field in fields(Record) if "None" in str(field.type)}


def verdict(record: Record) -> str:
    """Return whether a run agrees with the known optimum: ``yes``, ``no``, or blank."""
    if record.known is None or record.value is None:
        return ""
    slack = _slack(record, record.known)
    right = record.value >= record.known - slack
    if record.status == PROVED:
        right = right and record.value <= record.known + slack
    if record.bound is not None:
        right = right and record.bound <= record.known + slack
    return "yes" if right else "no"


def contradictions(records: Iterable[Record]) -> list[str]:
    """Return where one run's bound stands above another's plan for the same question."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.case, []).append(record)
    found = []
    for case, runs in groups.items():
        values = [(r.value, r.variant) for r in runs if r.value is not None]
        bounds = [(r.bound, r.variant) for r in runs if r.bound is not None]
        if not values or not bounds:
            continue
        value, by = min(values)
        bound, said_by = max(bounds)
        if bound > value + _slack(runs[0], value):
            found.append(
                f"{case}: {said_by} says no plan is below {bound:.9g}, but one by {by} is worth "
                f"{value:.9g}"
            )
    return found


def _slack(record: Record, value: float) -> float:
    return (record.asked_gap + _ROUNDING) * abs(value) + _ROUNDING


def append(path: Path, record: Record) -> None:
    """Add a row to a file, whole, and make it stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists() or path.stat().st_size == 0
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if fresh:
        writer.writerow(COLUMNS)
    writer.writerow(_text(getattr(record, name)) for name in COLUMNS)
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
        file.flush()
        os.fsync(file.fileno())


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.9g}" if isinstance(value, float) else " ".join(str(value).split())


def read(path: Path) -> list[Record]:
    """Return the rows of a file; one that a crash left unfinished is no row.

    Raises
    ------
    ValueError
        When the columns are others.
    """
    rows = csv.DictReader(io.StringIO(_whole(path.read_bytes()).decode()))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise ValueError(f"{path} has other columns than this version writes; name a new file")
    return [Record(**dict(_cells(row))) for row in rows]


def _cells(row: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for name, text in row.items():
        if not text and name in _BLANK:
            yield name, None
        else:
            yield name, _NUMBERS[name](text) if name in _NUMBERS else text


def peak_mib(usage: resource.struct_rusage) -> float:
    """Return the largest resident set of a process, MiB; macOS counts bytes, Linux KiB."""
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def mend(path: Path) -> None:
    """Cut off a last row that a crash left unfinished."""
    data = path.read_bytes()
    if data != _whole(data):
        path.write_bytes(_whole(data))


def _whole(data: bytes) -> bytes:
    return data[: data.rfind(b"\n") + 1]


def together(records: list[Record]) -> list[Record]:
    """Return the rows that were measured like the last one: same revision, limit and gap."""
    return [row for row in records if row.setting == records[-1].setting]
