"""Searches for best plans beside a page: what becomes of them, and what is said of that."""

from __future__ import annotations

import io
import json
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from flowopt.errors import RequestError
from flowopt.report.units import Units
from flowopt.serve import best_plan_process
from flowopt.serve.best_plan_jobs import BestPlanJob, BestPlanJobs
from flowopt.serve.guard import Guard
from flowopt.serve.live_network import LiveNetwork
from flowopt.serve.live_requests import BestRequested, NoRequest, Question
from flowopt.serve.live_server import LiveServer
from flowopt.serve.open_pages import LivePage
from flowopt.serve.search_words import search_words
from tests.networks import SHIPPED, shipped


def test_a_search_that_waits_is_stopped_at_once() -> None:
    """The one before it may take hours."""
    jobs = BestPlanJobs()
    jobs._free.acquire()  # as that one has it
    job = jobs.start("page", {})
    assert job.said == {"state": "waiting"}
    job.stop()
    assert job.over
    assert "stopped before it began" in job.said["words"]
    jobs._free.release()
    jobs._free.acquire(timeout=60.0)  # its turn is over
    assert job.over


class Ended(Exception):
    """End of a process."""


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Run what a search runs, with so much said by the server."""

    def end(_: int) -> NoReturn:
        raise Ended

    def run(said: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(said)))
        try:
            with pytest.raises(Ended):
                best_plan_process.main()
        except KeyboardInterrupt:
            pytest.fail("it ended without a word")

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return run


def test_a_server_that_is_gone_before_it_asked_is_no_fault(
    process: Callable[[bytes], None], capsys: pytest.CaptureFixture[str]
) -> None:
    process(pickle.dumps({"budget": 4.0})[:-5])
    assert capsys.readouterr() == ("", "")


def test_a_stop_at_once_ends_in_words(
    process: Callable[[bytes], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopped(_: threading.Thread) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", stopped)
    process(pickle.dumps({"budget": 4.0}))
    words = "it was stopped before there was a plan"
    assert json.loads(capsys.readouterr().out) == {"state": "failed", "words": words}


def test_no_search_goes_on_for_a_page_that_was_closed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A page says that it closes while its search is about to begin."""
    monkeypatch.setattr(BestPlanJob, "run", lambda _: None)
    server = LiveServer(LiveNetwork(SHIPPED / "tiny"), Guard("t", frozenset()), tmp_path)
    asked = BestRequested(question=Question(), budget=4.0)
    with pytest.raises(RequestError, match="closed before its search began"):
        server._start(asked, "gone")
    with pytest.raises(RequestError, match="no search"):
        server._jobs.of("gone")
    server._jobs.start("late", {})
    with pytest.raises(RequestError, match="no search"):
        server._state(NoRequest(), "late")
    server._pages["here"] = LivePage()
    assert server._start(asked, "here") == {"state": "waiting"}
    assert "waits until another one ends" in str(server._state(NoRequest(), "here"))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"state": "failed", "words": "x"}, "No plan was found: x."),
        ({"status": "infeasible"}, "There is no plan that fits."),
        ({"status": "no_solution"}, "No plan was found before the end."),
        ({"state": "running", "value": 5.0}, "0 s, for 4 M USD: best plan so far 5.00 t."),
    ],
)
def test_only_a_proof_says_that_there_is_no_plan(said: dict[str, Any], words: str) -> None:
    job = BestPlanJob({})
    job.said = {"state": "done", "value": None, "measures": None, **said}
    assert search_words(job, 4.0, Units(shipped("tiny"), "flow")) == words
