"""Plans in words: swaps against the best, free choices, and the command that follows."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.report.plan_words import MeasureNames
from flowopt.report.solution_text import response_report, solution_report
from flowopt.results.rows import Rows
from tests.command import run
from tests.networks import SHIPPED, shipped


@pytest.mark.parametrize(
    ("plan", "best", "words"),
    [
        (["m_gate"], ["m_block"], "instead of Roadblock in the valley (m_block): Gate on the "),
        (["m_gate", "m_north"], ["m_gate"], "besides: Close the north bridge (m_north)"),
        (["m_gate"], ["m_gate", "m_north"], "without Close the north bridge (m_north)"),
        (["m_gate"], ["m_gate"], "the same plan"),
    ],
)
def test_a_swap_names_what_goes_and_what_comes(
    plan: list[str], best: list[str], words: str
) -> None:
    assert MeasureNames(shipped("two-bridges")).swap(plan, best).startswith(words)


def test_names_are_parted_although_they_hold_commas() -> None:
    names = MeasureNames(shipped("peru-2014"))
    assert names.listed(["m01"]) == "Eradicate 1200 ha, Upper Huallaga (m01)"
    assert names.listed(["m01", "m03", "m02"]).count(";") == 1


@pytest.mark.parametrize(
    ("values", "question", "said"),
    [
        ((2.0, 2.001, 7.0), {"budget": 4}, "2 plans lie within 0.1% of the best"),
        ((2.0, 2.002, 2.0), {"budget": 4}, "3 plans lie within 0.1% of the best"),
        ((2.0, 2.003, 7.0), {"budget": 4}, ""),
        ((0.0, 0.0, 7.0), {"budget": 4}, "2 plans lie within 0.1% of the best"),
        ((7.0, 2.0, 2.0), {"target": 7}, "2 plans lie within 0.1% of the best"),  # equal costs
    ],
)
def test_plans_as_good_as_equal_are_a_free_choice(
    values: tuple[float, ...],
    question: dict[str, Any],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    network = shipped("two-bridges")
    found = solve(network, budget=4, alternatives=3)
    costs = (2.0, 2.0, 4.0) if "target" in question else (4.0, 2.0, 1.0)
    rows = [
        replace(row, value=value, spent=cost)
        for row, value, cost in zip(found.alternatives, values, costs, strict=True)
    ]
    changed: dict[str, Any] = {"target": 7.0, "cost_bound": 2.0} if "target" in question else {}
    solution_report(network, replace(found, alternatives=Rows(type(rows[0]), rows), **changed))
    text = " ".join(capsys.readouterr().out.split())
    assert ("plans lie within" in text) == bool(said)
    assert said in text
    assert "the plan above" in text


def test_commands_end_with_the_next_one(tmp_path: Path) -> None:
    network = SHIPPED / "two-bridges"
    questions: dict[str, list[str | float]] = {
        "solve": ["--budget", 4],
        "evaluate": ["--measures", "m_gate", "--alone"],
        "compare": ["--budgets", "0,4", "--workers", 1],
        "flow": [],
    }
    for name, question in questions.items():
        out = tmp_path / f"my {name}"
        done = run(name, network, *question, "--out", out)
        wrote, following = done.stdout.splitlines()[-1].split(" Next: flowopt ")
        assert wrote == f"Wrote {shlex.quote(str(out))}."
        followed = run(*shlex.split(following))
        assert followed.returncode == 0, followed.stderr
        assert "Wrote" not in run(name, network, *question).stdout


def test_capacities_are_named_by_their_places(capsys: pytest.CaptureFixture[str]) -> None:
    peru = shipped("peru-2014")
    response_report(peru, respond(peru, ["m01", "m11", "m12", "m13"]))
    text = capsys.readouterr().out
    assert "Peru, home market (pool M_PER_all)" in text
    tiny = shipped("tiny")
    solution_report(tiny, solve(tiny, budget=4))
    assert "Dirt strip to Eastland (arc flight)" in capsys.readouterr().out
