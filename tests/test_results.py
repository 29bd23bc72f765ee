"""The reference results are what the documented command makes of the shipped network today."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from flowopt.planning import solve as solving
from flowopt.planning.respond import respond
from flowopt.planning.verify import verify
from flowopt.report.result_reader import read_rows
from flowopt.report.result_writer import write_solution
from flowopt.result_names import summary_now
from flowopt.results.displacement_rows import OrganisationChange
from flowopt.results.solution import Solution
from tests.command import run
from tests.networks import ROOT, SHIPPED, shipped
from tests.oracles.response import plan_value
from tests.peru import BASELINE, RESULT

FOLDER = RESULT
UNLIKE = ("solver", "seconds", "flowopt", "certificate")


def summary(folder: Path) -> dict[str, Any]:
    text = (folder / "summary.json").read_text(encoding="utf-8")
    now = summary_now(json.loads(text))
    return {key: value for key, value in now.items() if key not in UNLIKE}


def test_the_value_is_what_the_plan_leaves() -> None:
    said, network = summary(FOLDER), shipped("peru-2014")
    assert said["input_sha256"] == network.sha256
    assert said["value"] == pytest.approx(respond(network, said["measures"]).value, rel=1e-9)
    assert said["baseline"] == pytest.approx(BASELINE)


@pytest.mark.slow  # quick: its verification below, which proves the value by arithmetic
def test_the_value_is_that_of_an_oracle() -> None:
    said = summary(FOLDER)
    value = plan_value(shipped("peru-2014"), said["measures"])
    assert said["value"] == pytest.approx(value, rel=1e-6)


def test_the_reference_result_passes_its_verification() -> None:
    for network in (None, shipped("peru-2014")):
        verdict = verify(FOLDER, network)
        assert verdict.passed, list(verdict.lines(only_failures=True))


def test_the_readme_of_the_network_says_who_earns_as_the_result_does() -> None:
    text = (ROOT / "networks" / "peru-2014" / "README.md").read_text(encoding="utf-8")
    rows = read_rows(FOLDER / "organisations.csv", OrganisationChange)
    assert len(rows) == 6
    for row in rows:
        before, after = (f"{float(row[name]):,.2f}" for name in ("earned_before", "earned_after"))
        assert f"| {row['organisation']} | {before} | {after} |\n" in text


@pytest.fixture(scope="module")
def found() -> Solution:
    """The best plan for 20 today, found once."""
    return solving.solve(shipped("peru-2014"), budget=20)


@pytest.mark.slow
def test_the_command_makes_the_same_result(found: Solution, tmp_path: Path) -> None:
    write_solution(found, shipped("peru-2014"), tmp_path / "again")
    said, again = summary(FOLDER), summary(tmp_path / "again")
    assert again.keys() == said.keys()
    # The command has a limit of time where the library has none.
    assert again.pop("options") | {"time_limit": 300.0} == said.pop("options")
    for key, value in said.items():
        exact = not isinstance(value, float)
        # The bound depends on how far the solver had to go; its claim does not.
        tolerance = 1e-4 if key in ("bound", "gap") else 1e-9
        assert again[key] == (value if exact else pytest.approx(value, rel=tolerance, abs=1e-4))
    plans = []
    for folder in (FOLDER, tmp_path / "again"):
        with (folder / "plan.csv").open(encoding="utf-8", newline="") as file:
            plans.append([row["measure"] for row in csv.DictReader(file)])
    assert plans[0] == plans[1]


@pytest.mark.slow
def test_the_first_screen_of_solve_is_short_and_full_has_the_rest(
    found: Solution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solving, "solve", lambda *_, **__: found)
    short = run("solve", SHIPPED / "peru-2014", "--budget", 20).stdout
    full = run("solve", SHIPPED / "peru-2014", "--budget", 20, "--full").stdout
    assert len(short.splitlines()) <= 31  # the line on scenarios, which names criteria, takes two
    assert max(map(len, short.partition("\nwarning: ")[0].splitlines())) <= 80
    rest = ["What holds the trafficker back", "Deliveries by market", "On legs of each mode"]
    assert [(title in short, title in full) for title in rest] == [(False, True)] * 3
    shifts = short.partition("\nThe largest shifts\n")[2].partition("\n\n")[0].splitlines()[1:]
    changes = [abs(float(line.split()[-1].replace(",", ""))) for line in shifts]
    assert changes == sorted(changes, reverse=True)
    assert len(changes) == 3
    for title in ("The plan: ", "What comes next"):
        assert title in short
        assert title in full
    assert "--full prints the rest" in short
    assert "--full prints the rest" not in full
    assert short.partition("\nThe plan")[0] == full.partition("\nThe plan")[0]
