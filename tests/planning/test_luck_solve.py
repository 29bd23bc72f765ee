"""The best plan where measures may fail: bounds against every plan, requests that no plan meets."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest

import flowopt
from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.network.chances import as_if_sure, may_fail
from flowopt.objectives import Objective
from flowopt.planning import luck_bilevel
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.luck_solve import solve_under_luck
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.verify import verify
from tests.command import run
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import SHIPPED, shipped
from tests.oracles.enumerate import feasible_plans
from tests.oracles.response import Aim
from tests.oracles.rounding import allowed, size
from tests.planning.lucky import in_scenarios, lucky_bridges, right, solved


def test_the_best_plan_for_the_two_bridges() -> None:
    network = shipped("two-bridges-luck")
    # The roadblock leaves 0.7 * 0.8 * 7 + 0.44 * 10 t; both bridges 0.49 * 2 + 0.51 * 10.
    least = {2.0: 8.32, 4.0: 6.08}
    for budget, value in least.items():
        found = solved(network, budget=budget)
        assert found.value == pytest.approx(value)
        assert found.bound is not None
        assert found.bound <= value
        assert found.gap == pytest.approx((value - found.bound) / value)
    sure = solved(network, budget=0)
    assert (sure.status, sure.value, sure.bound) == ("optimal", 10.0, 10.0)


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_is_below_the_bound(seed: int, tmp_path: Path) -> None:
    dice = Dice.seeded(f"lucky-best-{seed}")
    network = with_chances(dice, valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 4))
    if not may_fail(network):
        return
    objective: Aim = ("flow", "profit")[seed % 2]
    budget = 0.6 * sum(row.cost for row in network.measures)
    found = solved(network, budget=budget, objective=objective, gap=0.0)
    every = {plan: right(network, plan, objective) for plan in feasible_plans(network, budget)}
    least, room = (
        min(every.values()),
        4.0 * allowed(objective, found.baseline, size(network, objective)),
    )
    assert found.value == pytest.approx(every[found.measures], abs=room)
    assert found.bound is not None
    assert found.bound <= least + room
    if found.status == "optimal":
        assert found.value <= least + room
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_conditions_that_no_plan_keeps_are_told_as_without_luck(tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    found = flowopt.solve(network, budget=1, include=["m_north"])
    sure = flowopt.solve(as_if_sure(network), budget=1, include=["m_north"])
    assert isinstance(found, flowopt.Solution)
    assert (found.status, found.value, found.baseline) == ("infeasible", None, 10.0)
    assert found.reasons == sure.reasons
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))
    by = flowopt.solve(in_scenarios(), budget=1, include=["m_north"], criterion="expected")
    assert (by.status, by.reasons) == ("infeasible", sure.reasons)
    by.write(tmp_path / "by")
    assert verify(tmp_path / "by").passed


def test_the_command_ends_as_without_luck_where_no_plan_keeps_the_conditions() -> None:
    folder = str(SHIPPED / "two-bridges-luck")
    asked = [folder, "--budget", "1", "--include", "m_north"]
    found = run("solve", *asked)
    assert found.returncode == 3
    assert "m_north" in found.stderr


@pytest.mark.parametrize("criterion", ["expected", "worst", "cut", "cvar"])
def test_the_best_plan_over_scenarios(criterion: str, tmp_path: Path) -> None:
    found = solved(in_scenarios(), budget=2, criterion=criterion, include=["m_block"])
    assert (found.measures, found.include) == (("m_block",), ("m_block",))
    assert found.bound is not None
    assert found.bound <= found.value
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result")
    assert verdict.passed, list(verdict.lines(only_failures=True))


@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
def test_a_plan_that_there_was_no_time_to_value_is_not_proved(
    objective: Objective, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """For `bilevel` it may leave anything until then: any bound is far from that."""

    def late(*_: object) -> NoReturn:
        raise OutOfTime("late")

    monkeypatch.setattr(LuckRun, "mean", late)
    monkeypatch.setattr(luck_bilevel, "few_plans", lambda _: None)
    found = solved(lucky_bridges(), budget=4.0, objective=objective)
    assert found.status == "limit"
    assert found.bound is not None
    assert found.value is not None
    assert found.bound < found.value - 0.1
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result")
    assert verdict.passed, list(verdict.lines(only_failures=True))


@pytest.mark.parametrize("options", [{"alternatives": 2}, {"criterion": "cut"}], ids=str)
def test_an_estimate_that_was_too_low_proves_nothing(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A search that is short of time draws; what it finds may then be counted for the result."""
    judged = LuckRun.judged

    def drawn(self: LuckRun, value: float, bound: float | None = None) -> FoundForAll:
        return judged(self, value - 0.1, bound)

    monkeypatch.setattr(LuckRun, "judged", drawn)
    network = in_scenarios() if "criterion" in options else lucky_bridges()
    found = solved(network, budget=4.0, **options)
    assert found.gap is not None
    assert found.gap > 0.002
    assert (found.status, found.limit) == ("limit", "time")
    assert {row.status for row in found.alternatives} <= {"limit"}
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result")
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_without_time_the_answer_is_the_plan_to_begin_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So that a row of a comparison is no worse than the one for less money that it begins from."""

    def late(*_: object) -> NoReturn:
        raise OutOfTime("late")

    monkeypatch.setattr(LuckRun, "mean", late)
    request, options = PlanRequest(budget=4.0), RunOptions()
    given = frozenset({2})  # the roadblock, not the bridges that are best when all works
    found = solve_under_luck(lucky_bridges(), request, None, options, Clock(), hints=[given])
    assert found.measures == ("m_block",)
