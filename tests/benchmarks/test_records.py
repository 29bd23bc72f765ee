"""The CSV file: nothing is lost, nothing half-written is believed, wrong answers are named."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks.records import (
    COLUMNS,
    Record,
    append,
    contradictions,
    mend,
    read,
    together,
    verdict,
)

ROW = Record(
    case="net-flow-10",
    family="net",
    network="net",
    objective="flow",
    budget=10.0,
    variant="plain",
    status="limit",
    rows=12,
    columns=34,
    build_seconds=0.25,
    value=100.0,
    bound=90.0,
    gap=0.1,
    time_limit=60.0,
    asked_gap=1e-4,
    note='says "no",\nthen ends',
)


def test_rows_come_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "runs.csv"
    other = replace(ROW, variant="raw", rows=None, value=None, nodes=0, note="")
    append(path, ROW)
    append(path, other)
    # A row is one line, whatever a solver complains of.
    assert read(path) == [replace(ROW, note='says "no", then ends'), other]


def test_tidy(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    for _ in range(3):
        append(path, ROW)
    lines = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert tuple(lines[0]) == COLUMNS
    assert [len(line) for line in lines] == [len(COLUMNS)] * 4


@pytest.mark.parametrize("kept", [1, 20, 60])
def test_a_row_cut_short_by_a_crash_is_dropped(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "runs.csv"
    append(path, ROW)
    whole = path.read_bytes()
    append(path, ROW)
    path.write_bytes(path.read_bytes()[: len(whole) + kept])
    assert read(path) == [replace(ROW, note='says "no", then ends')]
    mend(path)
    assert path.read_bytes() == whole
    mend(path)
    assert path.read_bytes() == whole


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("case,variant\na,plain\n", encoding="utf-8")
    with pytest.raises(ValueError, match="other columns"):
        read(path)


@pytest.mark.parametrize(
    ("status", "value", "bound", "right"),
    [
        ("optimal", 50.0, 50.0, "yes"),
        ("optimal", 50.004, 49.999, "yes"),  # within the gap
        ("optimal", 50.2, 50.2, "no"),  # a plan that is not the best
        ("optimal", 49.0, 49.0, "no"),  # better than the best
        ("limit", 60.0, 40.0, "yes"),
        ("limit", 60.0, 51.0, "no"),  # a bound above the best
        ("limit", 60.0, None, "yes"),
        ("no_solution", None, 40.0, ""),
    ],
)
def test_verdicts(status: str, value: float | None, bound: float | None, right: str) -> None:
    row = replace(ROW, status=status, value=value, bound=bound, known=50.0)
    assert verdict(row) == right
    assert verdict(replace(row, known=None)) == ""


def test_a_bound_above_anothers_plan_is_a_contradiction() -> None:
    better = replace(ROW, variant="raw", value=80.0, bound=70.0)
    [line] = contradictions([ROW, better])
    assert line.startswith("net-flow-10: plain says no plan is below 90")
    assert "by raw is worth 80" in line
    assert contradictions([ROW, replace(better, value=95.0)]) == []
    assert contradictions([ROW, replace(better, case="other")]) == []
    assert contradictions([replace(ROW, bound=None)]) == []


def test_only_what_was_measured_alike_stands_together() -> None:
    fresh = replace(ROW, revision="b")
    others = [ROW, replace(fresh, time_limit=5.0), replace(fresh, asked_gap=0.0)]
    assert together([*others, fresh, replace(fresh, variant="raw")]) == [
        fresh,
        replace(fresh, variant="raw"),
    ]
    assert together([]) == []
