"""The solvers' own output in a file: run after run, and never on the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowopt.errors import RequestError
from flowopt.planning.solve import solve
from tests.command import run
from tests.networks import SHIPPED, shipped

_SIGNS = {"highs": "Running HiGHS", "scip": "SCIP Status", "cbc": "Welcome to the CBC"}


@pytest.mark.parametrize("solver", _SIGNS)
def test_what_a_solver_prints_goes_to_the_file_alone(
    solver: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    if solver == "scip":
        pytest.importorskip("pyscipopt", reason="SCIP is an extra")
    network, log = shipped("tiny"), tmp_path / "solver.log"
    plain = solve(network, budget=4, solver=solver)
    found = solve(network, budget=4, solver=solver, solver_log=log)
    assert (found.plan, found.value, found.bound) == (plain.plan, plain.value, plain.bound)
    assert found.options == plain.options
    assert capfd.readouterr() == ("", "")
    text = log.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    assert first.startswith("# Solver log of flowopt")
    assert first.endswith(f": tiny, flow, solver {solver}")
    assert text.count("\n## ") >= text.count(_SIGNS[solver]) >= 1
    solve(network, budget=2, solver=solver, solver_log=str(log))
    assert log.read_text(encoding="utf-8").startswith(text)


def test_a_log_of_no_run_says_so(tmp_path: Path) -> None:
    solve(shipped("tiny"), budget=4, solver_log=tmp_path / "log")
    lines = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == ["", "No programme went to a solver: the plans were tried one by one."]


def test_a_file_of_others_is_left_as_it_is(tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("a,b\n")
    for place, message in ((mine, "no solver log of flowopt"), (tmp_path, "is no file")):
        with pytest.raises(RequestError, match=message):
            solve(shipped("tiny"), budget=4, solver_log=place)
    with pytest.raises(RequestError, match="can't be written"):
        solve(shipped("tiny"), budget=4, solver_log=tmp_path / "nowhere" / "log")
    assert mine.read_text() == "a,b\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_the_command_prints_what_it_prints_without(tmp_path: Path) -> None:
    asked: list[str | Path | float] = [
        "solve",
        SHIPPED / "tiny",
        "--budget",
        4,
        "--solver",
        "highs",
    ]
    plain, logged = run(*asked), run(*asked, "--solver-log", tmp_path / "log")
    assert (logged.returncode, logged.stderr) == (0, plain.stderr)
    assert "Running HiGHS" not in logged.stdout
    assert "Running HiGHS" in (tmp_path / "log").read_text(encoding="utf-8")
