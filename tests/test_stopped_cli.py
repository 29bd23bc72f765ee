"""Commands that are stopped, by Ctrl-C or by their time limit, keep or print what they have."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flowopt.model import response_lp
from flowopt.model.best_response import BestResponseSolver
from flowopt.planning import solver_session
from tests.command import run
from tests.networks import ROOT, SHIPPED
from tests.peru import BASELINE


def start_long_solve(folder: Path, *extra: str | Path) -> subprocess.Popen[str]:
    """Start a solve that takes long, and give it time to be in the solver: it searches little."""
    hook, begun = folder / "hook", folder / "begun"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        "import flowopt.model.search as search\n"
        "import flowopt.planning.solver_session as session\n"
        "search._SHAKES = 0\n"
        "real = session.solve_milp\n"
        "def told(*args, **options):\n"
        f"    open({str(begun)!r}, 'w').close()\n"
        "    return real(*args, **options)\n"
        "session.solve_milp = told\n"
    )
    command = ["-m", "flowopt", "solve", SHIPPED / "peru-2014", "--budget", "80", "--gap", "1e-7"]
    process = subprocess.Popen(
        [sys.executable, *map(str, [*command, *extra])],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{hook}{os.pathsep}{ROOT}"},
    )
    deadline = time.monotonic() + 120
    while not begun.exists():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    time.sleep(1.0)
    assert process.poll() is None, process.communicate()
    return process


@pytest.mark.slow
def test_ctrl_c_with_out_keeps_the_best_plan(tmp_path: Path) -> None:
    process = start_long_solve(tmp_path, "--out", tmp_path / "out")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "Not proved, stopped by you" in out
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["status"] == "limit"
    assert summary["bound"] < summary["value"] < BASELINE
    assert (tmp_path / "out" / "plan.csv").exists()


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_without_out_prints_the_best_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver_session, "solve_milp", interrupt)
    done = run("solve", SHIPPED / "tiny", "--budget", 4, "--solver", "highs")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Not proved, stopped by you" in done.stdout
    assert "The plan: " in done.stdout
    assert "warning: you stopped it, so what" in done.stdout


def test_ctrl_c_before_anything_is_known_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BestResponseSolver, "respond", interrupt)
    for command in (["solve", "--budget", "4"], ["evaluate", "--measures", "m_strip"], ["flow"]):
        result = run(command[0], SHIPPED / "tiny", *command[1:])
        assert (result.returncode, result.stdout) == (130, "")
        assert result.stderr.strip() == "interrupted; nothing was written"


def test_flow_and_evaluate_have_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("flow", SHIPPED / "tiny", "--time-limit", "0")
    assert (result.returncode, "is not a positive number of seconds" in result.stderr) == (2, True)
    monkeypatch.setattr(response_lp, "_LARGE", 0)
    for command in (["flow"], ["evaluate", "--measures", "m_strip"], ["solve", "--budget", "4"]):
        result = run(command[0], SHIPPED / "tiny", *command[1:], "--time-limit", "1e-6")
        assert (result.returncode, result.stdout) == (3, "")
        assert "give it more time, such as 20 seconds" in result.stderr
