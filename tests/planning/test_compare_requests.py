"""What is asked of a comparison, of whom, and what becomes of rows that are there already."""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from flowopt import atomic
from flowopt.clock import Clock
from flowopt.errors import OutOfTime, RequestError, SolverError
from flowopt.network import schema
from flowopt.planning.compare import compare
from flowopt.planning.plan_constraints import seconds_to_write
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.sweep import environment as env
from flowopt.planning.sweep import plan_pool, sweep_request
from flowopt.planning.sweep import row as rows
from flowopt.planning.sweep.budgets import parse_budgets
from flowopt.planning.sweep.executors import Serial
from flowopt.planning.sweep.row_sources import GridSource
from flowopt.planning.sweep.scheduler import MAX_ATTEMPTS, Scheduler
from flowopt.planning.sweep.shared_model import forget_models, shared_model
from flowopt.planning.sweep.sweep_request import SweepRequest
from flowopt.results.frontier import Frontier
from tests.networks import shipped
from tests.planning.frontier_checks import number, without_seconds


@pytest.mark.slow
def test_the_same_for_any_number_of_workers() -> None:
    networks_ = [shipped("shared-crew"), shipped("tiny")]
    found = [
        compare(networks_, budgets="0:9:3", objectives=["flow", "profit"], workers=workers)
        for workers in (1, 2)
    ]
    assert without_seconds(found[0]) == without_seconds(found[1])


@pytest.mark.parametrize(
    ("asked", "budgets"),
    [
        ("0:100:50", (0.0, 50.0, 100.0)),
        ("0:1:0.3", (0.0, 0.3, 0.6, 0.9)),
        ("1:1:1", (1.0,)),
        ("5, 0,12.5,5", (0.0, 5.0, 12.5)),
        ("0:0.3:0.1,7", (0.0, 0.1, 0.2, 0.3, 7.0)),
        (3, (3.0,)),
        ([2, 1.5, "0:1:1"], (0.0, 1.0, 1.5, 2.0)),
        ("all", "all"),
    ],
)
def test_budgets_in_words(asked: Any, budgets: Any) -> None:
    assert parse_budgets(asked) == budgets


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"budgets": "0:10"}, "no range"),
        ({"budgets": "0:10:0"}, "do not rise"),
        ({"budgets": "10:0:1"}, "do not rise"),
        ({"budgets": "0:1e9:0.001"}, "larger steps"),
        ({"budgets": "-1,2"}, "at least 0"),
        ({"budgets": "nan"}, "at least 0"),
        ({"budgets": "ten"}, "is not a plain number: write digits"),
        ({"budgets": "all,5"}, "is not a plain number: write digits"),
        ({"budgets": ""}, "no budget"),
        ({"objectives": "tonnes"}, "not one of"),
        ({"objectives": ["flow", "flow"]}, "twice"),
        ({"objectives": []}, "at least one"),
        ({"include": ["m_stripe"]}, "did you mean"),
        ({"resources": {"x": 1}}, "not in the network"),
        ({"workers": 0}, "workers 0"),
        ({"time_limit": 0}, "time limit"),
        ({"gap": 2}, "gap"),
        ({"solver": "nosuch"}, "not known"),
        ({"networks": [shipped("tiny"), shipped("tiny")]}, "the id 'tiny'"),
        ({"networks": []}, "at least one"),
    ],
)
def test_a_wrong_request_is_refused(request_: dict[str, Any], message: str) -> None:
    whole = {"networks": shipped("tiny"), "budgets": "0,1", **request_}
    with pytest.raises(RequestError, match=message):
        compare(whole.pop("networks"), **whole)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"gap": 0.01}, "gap"),
        ({"exclude": ["m_strip"]}, "exclude"),
        ({"include": ["m_strip"]}, "include"),
        ({"budgets": "0,2"}, "budgets"),
        ({"budgets": "all"}, "budgets"),
        ({"objectives": "profit"}, "objectives"),
        ({"time_limit": 7.0}, "time limit"),
        ({"solver": "cbc"}, "solver auto"),
        ({"networks": shipped("two-bridges")}, "networks or what their files say"),
        ({"networks": shipped("tiny").replace(info=schema.Info(id="tiny", title="T"))}, "networks"),
    ],
)
def test_rows_of_another_question_do_not_count(
    other: dict[str, Any], what: str, tmp_path: Path
) -> None:
    first: dict[str, Any] = {"networks": shipped("tiny"), "budgets": "0,1"}
    compare(**first, keep=tmp_path / "rows")
    with pytest.raises(RequestError, match=f"what differs: {what}"):
        compare(**{**first, **other}, keep=tmp_path / "rows", resume=True)


def test_rows_made_by_other_code_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, keep = shipped("tiny"), tmp_path / "rows"
    monkeypatch.setattr(env, "code_sha256", lambda: "0" * 64)
    compare(network, budgets="0,1", keep=keep)
    monkeypatch.undo()
    with pytest.raises(RequestError, match="what differs: other code of flowopt"):
        compare(network, budgets="0,1", keep=keep, resume=True)
    question = json.loads((keep / "question.json").read_text())
    del question["environment"]  # as an earlier version wrote it
    (keep / "question.json").write_text(json.dumps(question))
    with pytest.raises(RequestError, match="version of flowopt"):
        compare(network, budgets="0,1", keep=keep, resume=True)


def test_a_row_that_begins_late_ends_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that takes a while to start has less time, not the same time later."""
    monkeypatch.setattr("time.time", lambda: 1000.0)
    limited = RunOptions(time_limit=20.0, threads=1)
    question = rows.RowRequest(shipped("tiny"), PlanRequest(budget=1.0), limited)
    assert question.seconds_left == 20.0
    assert dataclasses.replace(question, until=1005.0).seconds_left == 5.0
    assert dataclasses.replace(question, until=900.0).seconds_left == 0.05
    assert dataclasses.replace(question, until=1050.0).seconds_left == 20.0
    assert dataclasses.replace(question, options=RunOptions()).seconds_left is None
    assert dataclasses.replace(question, seconds=17.0).seconds_left == 17.0


@pytest.mark.parametrize(("workers", "turns"), [(1, 6), (4, 2)])
def test_rows_and_what_is_made_of_them_share_the_time(
    monkeypatch: pytest.MonkeyPatch, workers: int, turns: int
) -> None:
    """All in all it is the limit of a row for as many rows as are solved one after another."""
    now = [1000.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    sweep = SweepRequest(
        networks=(shipped("tiny"),),
        requests=(PlanRequest(budget=0.0), PlanRequest(budget=0.0, objective="profit")),
        budgets=(0.0, 1.0, 2.0),
        options=RunOptions(time_limit=20.0),
        clock=Clock(20.0, 994.0),  # starting up and reading took 6 s
    )
    row, writing = sweep.row_limit(workers), seconds_to_write(sweep.networks)
    assert 0.0 < writing < 0.01
    assert row == pytest.approx(0.9 * 20.0 - (6.0 + writing) / turns)
    assert [source.first.seconds for source in sweep.sources(workers)] == [row, row]
    now[0] += turns * number(row)
    last = number(sweep.tables_deadline(workers))
    assert now[0] + 0.1 * 20.0 <= last <= 994.0 + turns * 20.0 + 1e-9
    now[0] = 1000.0  # no row took any time: the ladder takes no longer than a row
    assert sweep.tables_deadline(workers) == 1000.0 + 20.0
    now[0] += 1000.0  # rows that were late leave it a share
    assert sweep.tables_deadline(workers) == now[0] + 0.1 * 20.0
    monkeypatch.setattr(sweep_request, "seconds_to_write", lambda _: 100.0)
    assert sweep.row_limit(workers) == pytest.approx(0.9 * 20.0 - (1006.0 + 2.0) / turns)


def test_without_time_for_any_answer_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def too_late(request: rows.RowRequest, *_: object) -> rows.RowResult:
        asked = (request.network.info.id, request.objective, request.budget)
        return rows.RowResult(*asked, status="no_solution", limit="time")

    def no_time(*_: object, deadline: float | None) -> None:
        assert deadline is not None
        raise OutOfTime("too large")

    monkeypatch.setattr(rows, "_solve", too_late)
    monkeypatch.setattr(plan_pool, "fresh_response", no_time)
    with pytest.raises(OutOfTime, match="too large"):
        compare(shipped("tiny"), budgets="0,4", time_limit=5.0, keep=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_programme_is_built_once_for_a_network() -> None:
    one, other = shipped("tiny"), shipped("tiny").replace(arcs=shipped("tiny").arcs)
    built = shared_model(one)
    assert shared_model(one) is built
    assert shared_model(other) is not built  # another object, whatever is in it
    forget_models()
    assert shared_model(one) is not built
    forget_models()


def test_every_change_has_one_limit_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.perf_counter", lambda: 1000.0)
    sweep = SweepRequest(
        networks=(shipped("tiny"),),
        requests=(PlanRequest(budget=0.0),),
        budgets="all",
        options=RunOptions(time_limit=20.0),
        clock=Clock(20.0, 994.0),
    )
    assert sweep.row_limit(1) is None
    assert sweep.last_row == 994.0 + 18.0
    assert sweep.tables_deadline(1) == 994.0 + 20.0


class Losing(Serial):
    """Executor in this process that seems to lose its worker over the row of a budget."""

    def __init__(self, budget: float, times: int) -> None:
        super().__init__(env.environment("auto"))
        self.budget, self.times, self.renewed = budget, times, 0

    def submit(self, request: rows.RowRequest, progress: str | None) -> Future[rows.RowResult]:
        if request.budget != self.budget or self.renewed >= self.times:
            return super().submit(request, progress)
        lost: Future[rows.RowResult] = Future()
        lost.set_exception(BrokenProcessPool())
        return lost

    def renew(self) -> None:
        self.renewed += 1


@pytest.mark.parametrize("times", [2, MAX_ATTEMPTS])
def test_a_row_whose_worker_is_lost_is_tried_again_and_in_the_end_given_up(times: int) -> None:
    first = rows.RowRequest(shipped("tiny"), PlanRequest(budget=0.0), RunOptions(threads=1))
    source, executor = GridSource(first, (0.0, 4.0, 6.0)), Losing(4.0, times)
    scheduler = Scheduler([source], executor, None, None, None)
    if times < MAX_ATTEMPTS:
        scheduler.run()
        assert [row.value for row in source.results()] == [10.0, 6.0, 5.0]
    else:
        with pytest.raises(SolverError, match=r"budget 4 of tiny, flow: .* died 3 times"):
            scheduler.run()
        assert [row.budget for row in source.results()] == [0.0, 6.0]
    assert executor.renewed == min(times, MAX_ATTEMPTS - 1)


def test_workers_with_other_code_or_versions_are_refused() -> None:
    here = env.environment("auto")
    question = rows.RowRequest(shipped("tiny"), PlanRequest(budget=1.0), RunOptions(threads=1))
    for other, message in (
        ({"code": "0" * 64}, "other code of flowopt"),
        ({"flowopt": "0.0.1"}, "flowopt .*, not 0.0.1"),
        ({"highs": "1.0"}, "HiGHS .*, not 1.0"),
        ({"python": "3.99", "pulp": "2"}, "Python .*, not 3.99, PuLP .*, not 2"),
    ):
        with pytest.raises(RequestError, match=message):
            rows.solve_row(question, dataclasses.replace(here, **other))
    assert rows.solve_row(question, here).status == "optimal"


def test_sources_that_can_not_be_read_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nothing.txt").write_text("no source")
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)
    env.code_sha256.cache_clear()
    try:
        assert env.code_sha256() is None
        messages: list[str] = []
        network, keep = shipped("tiny"), tmp_path / "rows"
        compare(network, budgets="0", keep=keep, on_message=messages.append)
        compare(network, budgets="0", on_message=messages.append)
        assert messages == [env.UNREADABLE]
        (tmp_path / "a.py").write_bytes(b"x = 1\r\n")
        env.code_sha256.cache_clear()
        dos = env.code_sha256()
        (tmp_path / "a.py").write_bytes(b"x = 1\n")
        env.code_sha256.cache_clear()
        assert dos == env.code_sha256()
    finally:
        env.code_sha256.cache_clear()


def test_rows_so_far_after_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    network, real = shipped("tiny"), rows._solve
    done: list[float] = []

    def stopping(question: rows.RowRequest, note: Any) -> rows.RowResult:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(question.budget)
        return real(question, note)

    monkeypatch.setattr(rows, "_solve", stopping)
    found = compare(network, budgets="0:9:1", keep_on_interrupt=True)
    assert [row.budget for row in found.frontier] == sorted(done)
    assert (found.limit, found.summary()["limit"]) == ("interrupted", "interrupted")
    assert plan_pool.NO_LADDER in found.sweeps[0].warnings
    assert Frontier.from_json(found.to_json()) == found
    with pytest.raises(KeyboardInterrupt):
        compare(network, budgets="0:9:1")
    with pytest.raises(KeyboardInterrupt):  # there is nothing to give
        compare(network, budgets="10,11", keep_on_interrupt=True)


def test_finished_rows_are_taken_as_they_are(tmp_path: Path) -> None:
    keep = tmp_path / "rows"
    first = compare(shipped("tiny"), budgets="0:9:1", keep=keep)
    kept = sorted(keep.glob("row-*.json"))
    assert kept
    kept[0].write_text(kept[0].read_text()[:-20])  # half a row is no row
    again = compare(shipped("tiny"), budgets="0:9:1", keep=keep, resume=True)
    assert without_seconds(again) == without_seconds(first)
    took = [[row.seconds for row in found.frontier] for found in (first, again)]
    assert sum(a != b for a, b in zip(*took, strict=True)) >= 1
    assert sum(a == b and a > 0.0 for a, b in zip(*took, strict=True)) >= len(kept) - 2
    with pytest.raises(RequestError, match="--resume"):
        compare(shipped("tiny"), budgets="0:9:1", keep=keep)
    (tmp_path / "file").write_text("")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("")
    for name, message in (("file", "is a file"), ("other", "holds other files")):
        with pytest.raises(RequestError, match=message):
            compare(shipped("tiny"), budgets="0", keep=tmp_path / name, restart=True)
    compare(shipped("tiny"), budgets="0", keep=keep, restart=True)
    assert len(list(keep.glob("row-*.json"))) == 1


def test_an_interrupt_while_the_question_is_flushed_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic, "flush_folder", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compare(shipped("tiny"), budgets="0", keep=tmp_path / "rows")
    assert list(tmp_path.iterdir()) == []
