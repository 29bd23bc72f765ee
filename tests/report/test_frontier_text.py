"""What people read of a frontier, and what they see while it is made."""

from __future__ import annotations

import dataclasses
import io
import json
import time
from pathlib import Path

import pytest
from rich.console import Console

from flowopt.model.solver import Progress
from flowopt.planning.compare import compare
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.sweep.progress import SweepProgress
from flowopt.planning.sweep.row import RowRequest, RowResult
from flowopt.planning.sweep.row_sources import GridSource
from flowopt.report.frontier_text import _live, _remaining, closed, frontier_report
from flowopt.report.progress_text import ProgressText
from flowopt.results.frontier import Frontier
from flowopt.results.rows import Rows
from tests.networks import shipped


def printed(frontier: Frontier, capsys: pytest.CaptureFixture[str]) -> str:
    names = dict.fromkeys(sweep.network for sweep in frontier.sweeps)
    frontier_report([shipped(name) for name in names], frontier)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    return " ".join(out.split())


def test_doubt_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    found = compare(shipped("tiny"), budgets="all")
    row = dataclasses.replace(found.frontier[2], bound=6.0, gap=0.25, status="limit", step="open")
    rungs = [dataclasses.replace(rung, step="open") for rung in found.ladder]
    doubtful = dataclasses.replace(
        found,
        frontier=Rows(type(row), [*found.frontier[:2], row, *found.frontier[3:]]),
        ladder=Rows(type(rungs[0]), rungs),
        sweeps=(dataclasses.replace(found.sweeps[0], proved=7, complete=False),),
    )
    words = printed(doubtful, capsys)
    assert "8 budgets, 7 of them proved to 0.01%; ? marks the others" in words
    assert "25.000% ?" in words
    assert "Further changes of the best plan may be missing. 1 of 8 are marked ~" in words


def test_budgets_without_a_plan_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    words = printed(compare(shipped("two-bridges"), budgets="0,2", include=["m_block"]), capsys)
    assert "0 - no plan" in words
    assert "In every plan that buys anything: Roadblock in the valley (m_block)." in words
    none = compare(shipped("two-bridges"), budgets="0,1", include=["m_block"])
    assert "There is no plan for any of these budgets." in printed(none, capsys)


def test_every_network_and_objective_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    found = compare(
        [shipped("tiny"), shipped("leaky-river")], budgets="0:2:1", objectives=["flow", "profit"]
    )
    words = printed(found, capsys)
    assert words.count("The best plan for each budget") == 4
    assert "the trafficker's profit" in words
    assert "(leaky-river, objective flow)" in words
    assert "(leaky-river, objective profit)" in words


def test_the_live_table(tmp_path: Path) -> None:
    question = RowRequest(shipped("tiny"), PlanRequest(budget=0.0), RunOptions(threads=1))
    sweep = GridSource(question, (0.0, 5.0))
    watch = SweepProgress(tmp_path, workers=1)
    watch.update(sweep)
    first, second = sweep.ready()
    note = watch.begin(first)
    assert (watch.total, watch.done, watch.left) == (2, 0, None)
    Path(note).write_text(json.dumps([3.0, 8.0, 7.92]))
    (row,) = watch.rows()
    assert (row.value, row.bound, row.gap) == (8.0, 7.92, pytest.approx(0.01))
    assert closed(row, 1e-4) == pytest.approx(0.5)
    answer = RowResult("tiny", "flow", 0.0, "optimal", (), 0.0, 10.0, 10.0, seconds=4.0)
    watch.end(first, answer)
    sweep.receive(answer)
    watch.begin(second)
    watch.update(sweep)
    assert watch.done == 1
    assert watch.left == pytest.approx(4.0, abs=0.5)
    assert [closed(row, 1e-4) for row in watch.rows()] == [1.0, 0.0]
    console = Console(file=io.StringIO(), width=100, record=True)
    console.print(_live(watch, 1e-4))
    text = console.export_text()
    assert "10.00" in text
    assert "1 of 2 rows done, about 4 s to go" in text
    watch._progress_files[second.key] = (Path(note), time.perf_counter() - 60.0)
    assert "1 of 2 rows done, longer than the rows before;" in _remaining(watch)
    watch.end(second, dataclasses.replace(answer, budget=5.0))
    sweep.receive(dataclasses.replace(answer, budget=5.0))
    watch.update(sweep)
    assert "2 of 2 rows done, the ladder and the files to go;" in _remaining(watch)
    assert "0 s to go" not in _remaining(watch)


def test_the_clock_goes_on_between_two_reports() -> None:
    seconds = iter([100.0, 100.5, 106.5, 107.0])
    progress = ProgressText(lambda: next(seconds))
    assert progress.line().plain == "   0.5 s   no plan yet   no bound yet"
    progress.update(Progress(0.2, 8.0, 6.0))
    assert progress.line().plain == "   6.5 s   best plan 8.00   bound 6.00   gap 25.00%"
    assert progress.line().plain.startswith("   7.0 s")
