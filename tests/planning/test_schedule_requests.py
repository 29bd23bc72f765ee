"""What may be asked of schedules: what is forced and barred, targets, limits, refusals."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flowopt.errors import RequestError
from flowopt.model.build_over_time import build_over_time
from flowopt.model.feasible_plans import allowed, closure, with_others, without
from flowopt.model.opened_capacity import most_open_in_each, open_in_each
from flowopt.network.schema import Opening, Period, Rule
from flowopt.objectives import Objective
from flowopt.planning import period_solver
from flowopt.planning.period_solver import PeriodSolver
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.schedule_problem import schedule_problem_of
from flowopt.planning.schedule_run import ScheduleRun
from flowopt.planning.solve_over_time import solve_over_time
from tests.networks import shipped
from tests.planning.bridges_over_time import ALMOST_EXACT, bridges, found, named, run


def test_what_comes_after_another_is_not_in_force_before_it() -> None:
    first, second = (row.measure for row in shipped("two-bridges").measures[:2])
    network = bridges(rules=[Rule(measure=second, relation="after", other=first)])
    best = found(network, budget=100.0)
    chosen = named(network, best)
    assert f"{second}@2015" not in chosen
    assert f"{first}@2015" in chosen


def test_measures_are_forced_and_barred_by_period() -> None:
    first = shipped("two-bridges").measures[0].measure
    network = bridges()
    assert f"{first}@2016" in named(network, found(network, budget=4.0, include=(f"{first}@2016",)))
    barred = named(network, found(network, budget=100.0, exclude=(f"{first}@2016",)))
    assert f"{first}@2016" not in barred
    assert f"{first}@2015" in barred


def test_an_infinite_limit_leaves_all_the_time() -> None:
    said = solve_over_time(shipped("tiny-years"), budget=3, time_limit=math.inf)
    assert (said.status, said.value) == ("optimal", 15.0)


def test_the_cheapest_schedule_reaches_a_target_over_all_periods() -> None:
    network = bridges()
    best = found(network, target=26.0)
    assert best.value <= 26.0
    assert best.status == "optimal"
    assert len(best.plan) < len(found(network, budget=100.0).plan)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"budget": 1.0, "include": ("nothing@2015",)}, "measure 'nothing' is not in the network"),
        ({"budget": 1.0, "exclude": ("m_north@2105",)}, "did you mean '2015'"),
        ({}, "no budget for 2015, 2016, 2017"),
        ({"budget": {"2015": 1.0, "2017": 1.0}}, "no budget for 2016"),
        ({"budget": {"2105": 1.0}}, "budget of '2105': .* did you mean '2015'"),
        ({"budget": {"2015": -1.0}}, "budget of '2015' -1.0 is not a number of at least 0"),
        ({"budget": float("nan")}, "budget nan is not a number of at least 0"),
        ({"target": 20.0, "carry": True}, "no budget for 2015, 2016, 2017"),
    ],
)
def test_requests_that_name_nothing_are_refused(request_: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        run(bridges(), **request_)


def test_a_budget_of_some_periods_leaves_the_others_their_own() -> None:
    years = [Period(period=f"{year}", budget=4.0) for year in (2015, 2016)]
    network = shipped("two-bridges").replace(periods=years)
    asked = run(network, budget={"2016": 0.0})
    assert asked.problem.budgets == (4.0, 0.0)
    best = asked.run()
    assert best is not None
    assert {name.partition("@")[2] for name in named(network, best)} == {"2015"}


@pytest.mark.slow
def test_any_number_of_workers_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(period_solver, "_WORTH_A_PROCESS", 0)
    first = replace(shipped("two-bridges").measures[0], setup=1.0, cost=0.5)
    arc = shipped("two-bridges").arcs[0].arc
    network = bridges(first, openings=[Opening(on="arc", target=arc, most=2.0, cost=1.0)])
    with PeriodSolver(ALMOST_EXACT, workers=2) as several:
        for objective in ("flow", "profit"):
            alone = found(network, budget=3.0, objective=objective)
            assert found(network, budget=3.0, objective=objective, solver=several) == alone


@pytest.mark.parametrize(("objective", "bounds"), [("flow", 1), ("profit", 1), ("bilevel", 0)])
def test_periods_bound_what_planner_and_trafficker_count_alike(
    objective: Objective, bounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who counts otherwise may bring more under more measures."""
    asked: list[bool] = []
    by_periods = ScheduleRun._by_periods

    def noted(self: ScheduleRun, *, for_money: bool) -> None:
        asked.append(for_money)
        by_periods(self, for_money=for_money)

    monkeypatch.setattr(ScheduleRun, "_by_periods", noted)
    found(bridges(), budget=4.0, objective=objective)
    assert len(asked) == bounds


def test_what_is_odd_about_a_request_is_said() -> None:
    first = replace(shipped("two-bridges").measures[0], setup=9.0)
    years = [Period(period=f"{year}", weight=year - 2014.0) for year in (2015, 2016)]
    network = bridges(first, periods=years)
    dear = solve_over_time(network, budget=5.0).warnings
    assert any("setup of" in line and "only by money that is carried over" in line for line in dear)
    assert not any(
        "setup of" in w for w in solve_over_time(network, budget=5.0, carry=True).warnings
    )
    never = solve_over_time(network, budget=4.0, carry=True).warnings
    assert any("paid by no budget: all of them until then come to 8" in line for line in never)
    money = solve_over_time(network, budget=9.0, objective="profit").warnings
    assert any("weights of periods do not touch money" in line for line in money)


def test_what_cannot_be_in_force_cannot_be_forced() -> None:
    first = replace(shipped("two-bridges").measures[0], lead=1.0)
    with pytest.raises(RequestError, match="cannot be in force in 2015"):
        run(bridges(first), budget=4.0, include=(f"{first.measure}@2015",))


def test_the_most_that_can_open_is_open_at_any_time() -> None:
    arc = shipped("two-bridges").arcs[0].arc
    opening = Opening(on="arc", target=arc, most=2.0, limit=3.0, lead=1.0)
    network = bridges(openings=[opening])
    built = build_over_time(network)
    most = [max(each) for each in most_open_in_each(built, network.openings)]
    assert most == [0.0, 2.0, 3.0]
    raised = [max(each) for each in open_in_each(built, np.array([2.0, 1.0]))]
    assert raised == [0.0, 2.0, 3.0]


def test_one_of_several_is_enough_for_what_needs_it() -> None:
    network = bridges(replace(shipped("two-bridges").measures[0], setup=1.0))
    built = build_over_time(network)
    model, first = built.model, network.measures[0].measure
    place = {name: i for i, name in enumerate(model.measures)}
    late, early = place[f"{first}@2017"], place[f"{first}!2015"]
    limits = schedule_problem_of(network, built, PlanRequest(), budget=100.0).whole.constraints
    assert not allowed(model, limits, {late})
    assert allowed(model, limits, {late, early})
    assert closure(model, [late]) == {late, place[f"{first}!2017"]}
    assert late in with_others(model, frozenset())
    assert late not in with_others(model, frozenset({early}))
    assert without(model, frozenset({late, early}), early) == frozenset()
    both = frozenset({late, early, place[f"{first}!2017"]})
    assert without(model, both, early) == both - {early}


@pytest.mark.parametrize("limit", [1e-3, pytest.param(3.0, marks=pytest.mark.slow)])
def test_however_short_the_limit_there_is_a_schedule(limit: float) -> None:
    network = shipped("peru-2015-2019")
    said = solve_over_time(network, budget=20, time_limit=limit, gap=0.0)
    assert (said.status, said.limit) == ("limit", "time")
    assert said.value is not None
    assert said.bound is not None
    assert said.bound <= said.value <= said.baseline
    assert all(row.spent <= 20.0 + 1e-6 for row in said.periods)
