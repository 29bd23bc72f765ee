"""Bounds of schedules that may fail by their years, against every schedule and every fall."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from flowopt.clock import Clock
from flowopt.model.incumbent import Plan
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning.luck_periods import LuckyPeriods
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_problem import schedule_problem_of
from flowopt.planning.solve_over_time import solve_over_time
from tests.drawn.luck import with_chances
from tests.hunt.periods import drawn
from tests.networks import shipped
from tests.oracles.luck import expected_over_time
from tests.oracles.schedules import feasible


def tiny() -> Network:
    """Return the network of two years, each of whose measures works in 7 of 10 cases."""
    network = shipped("tiny-years")
    return network.replace(measures=[replace(row, success=0.7) for row in network.measures])


def by_years(
    network: Network, objective: Objective, budget: float, *, carry: bool, exclude: str = ""
) -> tuple[float, Plan]:
    """Return the bound of the years, from the schedule that does nothing on."""
    lucky = LuckySchedules(network, objective, "pessimistic", Clock())
    request = PlanRequest(objective=objective, exclude=(exclude,) if exclude else ())
    problem = schedule_problem_of(
        lucky.asked.network, lucky.asked.whole, request, budget=budget, carry=carry
    )
    return LuckyPeriods(lucky, problem, frozenset()).found(RunOptions(threads=1), Clock())


@pytest.mark.parametrize(("objective", "right"), [("flow", 19.0), ("profit", 18.4)])
def test_years_that_nothing_ties_are_worth_what_the_schedule_is(
    objective: Objective, right: float
) -> None:
    bound, in_force = by_years(tiny(), objective, 3.0, carry=False, exclude="m_radar")
    found = solve_over_time(tiny(), budget=3, exclude=["m_radar"], objective=objective)
    assert found.measures == ("m_boats@y1", "m_boats@y2")
    assert bound == pytest.approx(right)
    assert found.value == pytest.approx(right)
    assert len(in_force) == 2


@pytest.mark.parametrize("number", range(6))
def test_no_schedule_goes_below_what_its_years_do(number: int) -> None:
    network, dice = drawn(11, number)
    network = with_chances(dice, network)
    objective: Literal["flow", "profit"] = "profit" if number % 2 else "flow"
    carry = number % 3 == 2
    if not may_fail(network):
        pytest.skip("nothing drawn may fail")
    bound, _ = by_years(network, objective, 3.0, carry=carry)
    money = [3.0] * len(network.periods)
    means = [
        expected_over_time(network, sorted(plan), objective)
        for plan, _ in feasible(network, money, carry=carry)
    ]
    assert bound <= min(means) + 1e-6 * max(1.0, abs(means[0]))


def test_years_go_on_where_the_whole_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LuckRun, "_prove_by_cuts", lambda _: None)
    alone = solve_over_time(tiny(), budget=3, exclude=["m_radar"])
    asked = []
    by_all = LuckyPeriods.found

    def seen(self: LuckyPeriods, options: RunOptions, clock: Clock) -> tuple[float, Plan]:
        asked.append(by_all(self, options, clock))
        return 18.9, asked[0][1]

    monkeypatch.setattr(LuckyPeriods, "found", seen)
    found = solve_over_time(tiny(), budget=3, exclude=["m_radar"])
    assert asked
    assert (alone.bound, found.bound) == (pytest.approx(16.0), 18.9)
    assert found.status == "limit"
