"""Limits that no plan can reach are told: amounts are in millions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowopt.planning.compare import compare
from flowopt.planning.evaluate import evaluate
from flowopt.planning.result_warnings import out_of_scale
from flowopt.planning.solve import solve
from tests.command import run
from tests.networks import SHIPPED, line, shipped

MONEY = (
    "the budget of 20,000,000 M USD a year is more than all measures cost together, 16 M USD: "
    "amounts are in millions"
)


def test_a_budget_in_dollars_is_told_everywhere() -> None:
    network = shipped("shared-crew")
    total = sum(row.cost for row in network.measures)
    said = MONEY.replace("16 M", f"{total:g} M")
    assert said in solve(network, budget=2e7).warnings
    assert said in evaluate(network, ["m_check"], budget=2e7, alone=True).warnings
    (sweep,) = compare(network, budgets=[0, 2e7]).sweeps
    assert said in sweep.warnings
    for budgets in ("0:100:50", "all"):
        (sweep,) = compare(network, budgets=budgets if budgets == "all" else "0,5,100").sweeps
        assert not [text for text in sweep.warnings if "millions" in text]


def test_what_some_plan_can_reach_is_no_fault() -> None:
    network = shipped("shared-crew")
    total = sum(row.cost for row in network.measures)
    taken = sum(row.amount for row in network.uses if row.resource == "crew")
    assert list(out_of_scale(network, total, {"crew": taken})) == []
    assert list(out_of_scale(network, None, {})) == []
    assert list(out_of_scale(network, 2.0 * total, {})) == []
    free = replace(network, measures=tuple(replace(row, cost=0.0) for row in network.measures))
    assert list(out_of_scale(free, 5.0, {})) == []
    assert list(out_of_scale(line(measures=[], effects=[]), 5.0, {})) == []
    (said,) = out_of_scale(network, 5.0, {"crew": taken + 0.5})
    assert said == (
        f"the limit of {taken + 0.5:g} of crew is more than all measures take together, "
        f"{taken:g}: it limits nothing"
    )


@pytest.mark.parametrize("command", [["solve"], ["evaluate", "--measures", "m_strip", "--alone"]])
def test_a_large_budget_is_printed_as_people_write_it(command: list[str]) -> None:
    verb, *options = command
    done = run(verb, SHIPPED / "tiny", "--budget", "20000000", *options)
    assert done.returncode == 0, done.stderr
    assert "e+0" not in done.stdout
    assert "20,000,000" in done.stdout
    assert "amounts are in millions" in " ".join(done.stdout.split())
