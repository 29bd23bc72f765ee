"""`flowopt compare`: words for planners, JSON, quiet, and exit codes."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
from pathlib import Path

import pytest

from flowopt.network.network import Network
from flowopt.planning.compare import compare
from flowopt.report.frontier_text import frontier_report
from flowopt.results.budget_rows import FrontierRow, LadderRow
from flowopt.results.frontier import Frontier
from flowopt.results.rows import Rows
from tests.command import run
from tests.networks import SHIPPED, shipped

NORTH_AND_SOUTH = (
    "Once in, in every plan for more: Close the north bridge (m_north) and Close the south bridge "
    "(m_south)."
)
COME_AND_GO = (
    "Come and go: Roadblock in the valley (m_block) at 2 to 3; Gate on the avenue (m_gate) at 1."
)


def test_words_for_planners() -> None:
    done = run("compare", SHIPPED / "two-bridges", "--budgets", "0:6:1", "--workers", 1)
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 80
    words = " ".join(done.stdout.split())
    assert "7 budgets, each proved to 0.01% or closer." in words
    assert "Knees at 4 M USD" in words
    assert NORTH_AND_SOUTH in words
    assert COME_AND_GO in words
    assert "loses at most 3.00 t against the best plan" in words
    every = run("compare", SHIPPED / "two-bridges", "--budgets", "all", "--workers", 1).stdout
    assert "for 4 of 4 no cheaper plan does the same, proved" in " ".join(every.split())
    for budgets, knee in (("0:2:1", True), ("0,1", True), ("1", False)):
        said = run("compare", SHIPPED / "two-bridges", "--budgets", budgets, "--workers", 1).stdout
        assert ("No knee in this range" in said, "about as much" in said) == (knee, False)


def test_words_never_boast() -> None:
    """Rows cut short, and steps that may be missing, are told as such; a missing plan is none."""
    network = shipped("two-bridges")
    found = compare(network, budgets="all")
    (sweep,) = found.sweeps
    rows = [
        dataclasses.replace(row, status="limit" if k else "optimal", step="open" if k else "proved")
        for k, row in enumerate(found.frontier)
    ]
    cut = dataclasses.replace(
        found,
        frontier=Rows(FrontierRow, rows),
        ladder=Rows(LadderRow, (dataclasses.replace(row, regret=0.0) for row in found.ladder)),
        sweeps=(dataclasses.replace(sweep, complete=False, proved=1),),
        limit="time",
    )
    words = printed(network, cut)
    assert (
        "1 of them proved to 0.01%; ? marks the others, stopped by the time limit, whose" in words
    )
    assert "Time ran out: further changes of the best plan may be missing. 3 of 4 are" in words
    assert "The best plan found for each budget" in words
    assert words.count("?~") == 3
    assert "Of the budgets found so far: No knee in this range" in words
    assert "each step is the best plan known for its budget" in words
    torn = printed(network, compare(network, budgets="0,2", include=["m_block"]))
    assert "1 budget, each proved to 0.01% or closer. For 1 there is no plan." in torn
    assert "?" not in torn


def printed(network: Network, frontier: Frontier) -> str:
    """Return what is printed of a comparison, its lines joined."""
    with io.StringIO() as out, contextlib.redirect_stdout(out):
        frontier_report([network], frontier)
        return " ".join(out.getvalue().split())


def test_json_and_quiet(tmp_path: Path) -> None:
    out = tmp_path / "out"
    networks = (SHIPPED / "tiny", SHIPPED / "two-bridges")
    question = ("compare", *networks, "--budgets", "0,4", "--workers", 1)
    done = run(*question, "--json", "--out", out)
    assert done.stdout == (out / "summary.json").read_text()
    assert [f["network"] for f in json.loads(done.stdout)["frontiers"]] == ["tiny", "two-bridges"]
    quiet = run(*question, "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--budgets", "5:1:1"], 2, "do not rise"),
        (["--budgets", "1", "--resume"], 2, "give --out as well"),
        (["--budgets", "0,1", "--include", "m_uproot"], 3, "no plan"),
    ],
)
def test_exit_codes(arguments: list[str], code: int, message: str) -> None:
    done = run("compare", SHIPPED / "tiny", *arguments, "--workers", 1)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
