"""`--enumerate` where measures may fail: bounds and values against every plan and outcome."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flowopt.errors import RequestError
from flowopt.network.chances import may_fail
from flowopt.network.write import write_network
from flowopt.planning.enumerate import prove_by_enumeration
from flowopt.planning.every_plan import Plans
from flowopt.planning.recheck.condition_checks import RowConditions
from tests.command import run
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import shipped
from tests.oracles.enumerate import feasible_plans
from tests.oracles.response import Aim
from tests.oracles.rounding import allowed, size
from tests.planning.lucky import in_scenarios, many, of_luck, right, solved
from tests.planning.tampering import edit


@pytest.mark.parametrize("seed", range(6))
def test_every_plan_is_that_of_brute_force(seed: int) -> None:
    dice = Dice.seeded(f"lucky-every-{seed}")
    network = with_chances(dice, valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 4))
    if not may_fail(network):
        return
    objective: Aim = ("flow", "profit", "bilevel")[seed % 3]
    budget = 0.6 * sum(row.cost for row in network.measures)
    plans = Plans(network, RowConditions(budget, {}, (), ()), objective, None)
    least = min(right(network, plan, objective) for plan in feasible_plans(network, budget))
    nothing = right(network, (), objective)
    room = 8.0 * allowed(objective, abs(nothing), size(network, objective))
    assert plans.best(plans.allowed)[0] == pytest.approx(least, abs=room)


@pytest.mark.parametrize("budget", [2.0, 4.0])
def test_a_result_passes_and_a_bound_too_high_does_not(budget: float, tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    found = solved(network, budget=budget)
    found.write(tmp_path / "result")
    (check,) = prove_by_enumeration(tmp_path / "result")
    assert check.passed, check.faults
    assert "none does better" in check.seen
    edit(tmp_path / "result", "certificate.json", (("claim", "bound"), found.value + 0.1))
    (check,) = prove_by_enumeration(tmp_path / "result")
    assert not check.passed


def test_a_plan_made_by_hand_is_told_of_a_better_one(tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    of_luck(network, ["m_block", "m_gate"]).write(tmp_path / "result")
    (check,) = prove_by_enumeration(tmp_path / "result")
    assert check.passed
    assert "none does better than" in check.seen
    of_luck(network, ["m_north"]).write(tmp_path / "other")
    (check,) = prove_by_enumeration(tmp_path / "other")
    assert "m_block does better: 8.32" in check.seen
    edit(tmp_path / "other", "certificate.json", (("value",), 9.0))
    (check,) = prove_by_enumeration(tmp_path / "other")
    assert not check.passed


@pytest.mark.parametrize("criterion", ["expected", "worst", "cut", "cvar"])
def test_over_scenarios(criterion: str, tmp_path: Path) -> None:
    found = solved(in_scenarios(), budget=4, criterion=criterion)
    found.write(tmp_path / "result")
    (check,) = prove_by_enumeration(tmp_path / "result")
    assert check.passed, check.faults


def test_too_many_chances_are_refused(tmp_path: Path) -> None:
    network = many()
    of_luck(network, ["m0", "m1"]).write(tmp_path / "result")
    with pytest.raises(RequestError, match="hang on 14"):
        prove_by_enumeration(tmp_path / "result")


def test_on_the_command_line(tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    one = replace(network.measures[0], success=1.0)
    write_network(network.replace(measures=[one, *network.measures[1:]]), tmp_path / "network")
    done = run("solve", tmp_path / "network", "--budget", "4", "--out", tmp_path / "result")
    assert done.returncode == 0, done.stderr
    done = run("verify", tmp_path / "result", "--enumerate")
    assert done.returncode == 0, done.stdout
    assert "in every outcome of its luck" in done.stdout
