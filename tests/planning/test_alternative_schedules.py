"""The next best schedules, and the best beside schedules made by hand, against all tried."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.clock import Clock
from flowopt.errors import OutOfTime, RequestError
from flowopt.model.build_over_time import build_over_time
from flowopt.planning.alternative_schedules import next_best
from flowopt.planning.evaluate_over_time import evaluate_over_time
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_problem import ScheduleProblem, schedule_problem_of
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.planning.solve_over_time import solve_over_time
from tests.drawn.dice import Dice
from tests.drawn.periods import schedule
from tests.draws import draws
from tests.networks import shipped
from tests.oracles.over_time import value_over_time
from tests.oracles.schedules import best_schedule, feasible
from tests.strategies import networks_over_time

BUDGETS = (1.0, 2.0, 4.0, 8.0)


@settings(max_examples=draws(8))
@given(st.data())
def test_each_is_the_best_that_holds_all_of_no_earlier_one(data: st.DataObject) -> None:
    network = data.draw(networks_over_time(max_measures=2))
    budget, carry = data.draw(st.sampled_from(BUDGETS)), data.draw(st.booleans())
    objective: Literal["flow", "profit"] = data.draw(st.sampled_from(("flow", "profit")))
    found = solve_over_time(
        network, budget=budget, carry=carry, objective=objective, gap=1e-7, alternatives=4
    )
    money = [budget] * len(network.periods)
    plans = [plan for plan, _ in feasible(network, money, carry=carry)]
    values = {plan: value_over_time(network, plan, objective) for plan in plans}
    left = plans
    near = 1e-6 * max(1.0, found.baseline)
    for row in found.alternatives:
        held = {tuple(each.split("@")) for each in row.measures.split(";") if each}
        least = min(values[plan] for plan in left)
        assert frozenset(held) in values
        assert row.value == pytest.approx(least, abs=near)
        assert row.rank_bound <= least + near
        assert row.status == "optimal"
        left = [plan for plan in left if not held <= plan]
    assert len(found.alternatives) == 4 or not left


def test_a_bilevel_list_is_that_of_one_programme() -> None:
    found = solve_over_time(
        "networks/tiny-years", budget=3, objective="bilevel", alternatives=3, gap=1e-6
    )
    assert [row.value for row in found.alternatives] == sorted(
        row.value for row in found.alternatives
    )
    assert len({row.measures for row in found.alternatives}) == 3


def test_the_list_ends_where_the_time_does() -> None:
    found = solve_over_time("networks/tiny-years", budget=3, alternatives=4)
    assert len(found.alternatives) == 4

    def late(_: ScheduleProblem) -> FoundSchedule:
        raise OutOfTime("no time")

    problem = ScheduleProblem.__new__(ScheduleProblem)
    first = FoundSchedule(frozenset(), 1.0, 1.0, "optimal")
    assert next_best(problem, first, 1, late) == [first]


def test_a_list_is_for_a_budget() -> None:
    with pytest.raises(RequestError, match="alternatives are for a budget"):
        solve_over_time("networks/tiny-years", target=16.0, alternatives=2)


@settings(max_examples=draws(6))
@given(st.data())
def test_the_best_beside_a_schedule_costs_no_more(data: st.DataObject) -> None:
    network = data.draw(networks_over_time(max_measures=2))
    network = network.replace(rules=(), resources=(), uses=())
    chosen = [f"{m}@{p}" for m, p in schedule(network, Dice.drawn(data.draw))]
    if not chosen:
        return
    found = evaluate_over_time(network, measures=chosen, best=True, gap=1e-7)
    mine, best = found.campaigns
    money = [row.spent for row in found.campaign_periods if row.campaign == mine.campaign]
    right = best_schedule(network, "flow", money)
    assert best.campaign == "best for yours"
    assert best.value == pytest.approx(right.value, rel=1e-6, abs=1e-6)
    assert best.bound is not None
    assert best.bound <= best.value <= mine.value + 1e-6


def test_a_best_schedule_has_a_name_of_its_own() -> None:
    found = evaluate_over_time(
        "networks/tiny-years", schedules={"best": ["m_boats@y1"]}, best=True, budget=3
    )
    assert [row.campaign for row in found.campaigns] == ["best", "best*"]


def test_a_schedule_to_begin_with_is_never_lost() -> None:
    network = shipped("tiny-years")
    built = build_over_time(network)
    problem = schedule_problem_of(network, built, PlanRequest(), budget=3.0)
    radar = frozenset(built.in_force[each] for each in (("m_boats", 1), ("m_radar", 1)))
    found = ScheduleRun(problem, RunOptions(), Clock(1e-9), starts=[radar]).run()
    assert found is not None
    assert (found.value, found.status, found.limit) == (15.0, "limit", "time")


def test_sets_of_schedules_keep_their_measures_apart() -> None:
    network = shipped("tiny-years")
    built = build_over_time(network)
    problem = schedule_problem_of(network, built, PlanRequest(), budget=9.0)
    both = frozenset(built.in_force[each] for each in (("m_boats", 1), ("m_radar", 1)))
    narrowed = problem.without_all_of(both)
    nothing = np.zeros(len(built.yearly[1].limit))
    assert narrowed.of_period(0, nothing).constraints.covers == ()
    (cover,) = narrowed.of_period(1, nothing).constraints.covers
    assert {built.yearly[1].measures[i] for i in cover} == {"m_boats", "m_radar"}
    best = ScheduleRun(narrowed, RunOptions(), Clock()).run()
    assert best is not None
    assert not both <= best.plan
