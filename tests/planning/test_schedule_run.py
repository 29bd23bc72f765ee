"""The best schedule, against all tried one after the other, and what ties periods."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowopt.clock import Clock
from flowopt.errors import OutOfTime, RequestError
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build_over_time import build_over_time
from flowopt.model.feasible_plans import allowed, closure, with_others, without
from flowopt.model.opened_capacity import most_open_in_each, open_in_each
from flowopt.network.network import Network
from flowopt.network.schema import Measure, Opening, Period, Rule
from flowopt.objectives import Objective
from flowopt.planning import period_solver
from flowopt.planning.period_budgets import Budget
from flowopt.planning.period_solver import PeriodSolver
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.purchase_branching import PurchaseBranching
from flowopt.planning.relaxed_periods import RelaxedPeriods
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_problem import schedule_problem_of
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.planning.solve import solve
from flowopt.planning.solve_over_time import solve_over_time
from flowopt.planning.target_run import Unreachable
from tests.drawn.dice import Dice
from tests.drawn.periods import schedule
from tests.draws import draws
from tests.networks import shipped
from tests.oracles.over_time import value_over_time
from tests.oracles.schedules import best_schedule, feasible
from tests.strategies import closing, networks_over_time

BUDGETS = (0.0, 1.0, 2.0, 3.0, 4.0, 8.0)
ALMOST_EXACT = RunOptions(gap=1e-7)


def run(
    network: Network,
    *,
    budget: Budget = None,
    carry: bool = False,
    solver: PeriodSolver | None = None,
    **request: Any,
) -> ScheduleRun:
    """Return a run for the best schedule."""
    problem = schedule_problem_of(
        network, build_over_time(network), PlanRequest(**request), budget=budget, carry=carry
    )
    return ScheduleRun(problem, ALMOST_EXACT, Clock(), solver=solver)


def found(network: Network, **request: Any) -> FoundSchedule:
    """Return the best schedule."""
    best = run(network, **request).run()
    assert best is not None
    return best


def named(network: Network, best: FoundSchedule) -> set[str]:
    """Return the names of what a schedule has in force and buys."""
    measures = build_over_time(network).model.measures
    return {measures[i] for i in best.plan}


@settings(max_examples=draws(15))
@given(st.data())
def test_schedules_are_the_best_of_all(data: st.DataObject) -> None:
    network = data.draw(networks_over_time(max_measures=2))
    if data.draw(st.booleans()):
        network = closing(network)
    carry, budget = data.draw(st.booleans()), data.draw(st.sampled_from(BUDGETS))
    objective: Literal["flow", "profit"] = data.draw(st.sampled_from(("flow", "profit")))
    asked = run(network, carry=carry, budget=budget, objective=objective)
    best = asked.run()
    right = best_schedule(network, objective, [budget] * len(network.periods), carry=carry)
    assert best is not None
    assert best.status == "optimal"
    assert best.value == pytest.approx(right.value, rel=1e-6, abs=1e-6)
    assert best.bound <= right.value + 1e-6 * max(1.0, abs(right.value))
    spent = asked.model.measure_cost[sorted(best.plan)].sum()
    assert spent == pytest.approx(right.spent, abs=1e-6)


@settings(max_examples=draws(8))
@given(st.data())
def test_bilevel_schedules_are_the_best_of_all(data: st.DataObject) -> None:
    """Each valued by the trafficker, whose values over time are held against the tables."""
    network = data.draw(networks_over_time(max_measures=2))
    budget = data.draw(st.sampled_from(BUDGETS))
    asked = run(network, budget=budget, objective="bilevel")
    built, order = asked.built, [period.period for period in network.periods]
    least = min(
        asked.trafficker.value([built.in_force[m, order.index(p)] for m, p in plan])
        for plan, _ in feasible(network, [budget] * len(order))
    )
    best = asked.run()
    assert best is not None
    assert best.value == pytest.approx(least, rel=1e-5, abs=1e-5)
    assert best.bound <= least + 1e-5 * max(1.0, least)


@settings(max_examples=draws(8))
@given(st.data())
def test_the_cheapest_schedules_reach_the_target(data: st.DataObject) -> None:
    network = data.draw(networks_over_time(max_measures=2))
    budget, share = (
        data.draw(st.sampled_from(BUDGETS)),
        data.draw(st.sampled_from((0.3, 0.7, 0.95))),
    )
    objective: Literal["flow", "profit"] = data.draw(st.sampled_from(("flow", "profit")))
    spent = dict(feasible(network, [budget] * len(network.periods)))
    values = {plan: value_over_time(network, plan, objective) for plan in spent}
    target = share * values[frozenset()]
    near = 1e-5 * max(1.0, target)
    assume(all(abs(value - target) > near for value in values.values()))
    reaching = [spent[plan] for plan, value in values.items() if value < target]
    asked = run(network, budget=budget, target=target, objective=objective)
    if not reaching:
        with pytest.raises(Unreachable):
            asked.run()
        return
    best = asked.run()
    assert best is not None
    assert best.status == "optimal"
    assert best.value <= target
    assert asked.model.measure_cost[sorted(best.plan)].sum() == pytest.approx(min(reaching))
    assert best.cost_bound == pytest.approx(min(reaching))


@settings(max_examples=draws(10))
@given(st.data())
def test_under_flow_the_programme_falls_apart_by_period(data: st.DataObject) -> None:
    network = data.draw(networks_over_time())
    chosen = schedule(network, Dice.drawn(data.draw))
    built = build_over_time(network)
    raised = most_open_in_each(built, network.openings)
    parts = 0.0
    for t, (year, period) in enumerate(zip(built.yearly, network.periods, strict=True)):
        plan = [year.measures.index(m) for m, p in chosen if p == period.period]
        model = replace(year, limit=year.limit + raised[t])
        parts += built.rates[t][0] * BestResponseSolver(model, "flow").value(plan)
    assert parts == pytest.approx(value_over_time(network, chosen, "flow"), rel=1e-7, abs=1e-7)


def bridges(*measures: Measure, **tables: Any) -> Network:
    """Return the two bridges over three years, with some measures changed."""
    network = shipped("two-bridges")
    changed = {row.measure: row for row in measures}
    years = [Period(period=f"{year}") for year in (2015, 2016, 2017)]
    rows = [changed.get(row.measure, row) for row in network.measures]
    return network.replace(**{"periods": years, "measures": rows} | tables)


def test_equal_years_are_as_good_as_the_best_of_one() -> None:
    one = solve(shipped("two-bridges"), budget=4)
    best = found(bridges(), budget=4.0)
    assert one.value is not None
    assert best.value == pytest.approx(3.0 * one.value)
    assert named(bridges(), best) == {
        f"{row.measure}@{year}" for row in one.plan for year in (2015, 2016, 2017)
    }


def test_what_no_period_pays_alone_is_bought_with_money_carried_over() -> None:
    first = shipped("two-bridges").measures[2]
    network = bridges(replace(first, cost=0.0, setup=6.0))
    rest = [row.measure for row in network.measures if row.measure != first.measure]
    apart = found(network, budget=2.0, exclude=tuple(rest))
    saved = found(network, budget=2.0, exclude=tuple(rest), carry=True)
    assert not apart.plan
    assert named(network, saved) == {f"{first.measure}@2017", f"{first.measure}!2017"}
    assert saved.value < apart.value


@pytest.mark.parametrize(("first", "second", "setup"), [(1, 2, 1), (2, 3, 2), (3, 3, 3)])
def test_what_is_bought_early_pays_where_the_latest_purchase_is_too_dear(
    first: float, second: float, setup: float
) -> None:
    """Measures close outright here, so that plans could be proved by flows that spread."""
    network = shipped("two-bridges")
    both = ("m_north", "m_south")
    network = network.replace(
        periods=[
            Period(period="2015", budget=first),
            Period(period="2016", budget=second),
        ],
        measures=[
            replace(row, cost=1.0, setup=setup if row.measure == both[0] else 0.0)
            for row in network.measures
            if row.measure in both
        ],
        effects=[row for row in network.effects if row.measure in both],
    )
    best = found(network)
    right = best_schedule(network, "flow", [first, second])
    assert (best.status, best.value, best.bound) == ("optimal", right.value, right.value)
    assert "m_north!2015" in named(network, best)


def bridges_to_buy(setup: float, cost: float, lead: float) -> Network:
    """Return the two bridges, each of them closed by a measure that has to be bought."""
    both = ("m_north", "m_south")
    network = bridges()
    return network.replace(
        measures=[
            replace(row, setup=setup, cost=cost, lead=lead)
            for row in network.measures
            if row.measure in both
        ],
        effects=[row for row in network.effects if row.measure in both],
    )


def without_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no run go on by the whole programme."""

    def whole(_: ScheduleRun) -> None:
        raise AssertionError("purchases were left to the whole programme")

    monkeypatch.setattr(ScheduleRun, "_whole", whole)


@pytest.mark.parametrize(
    ("setup", "cost", "lead", "budget"),
    [(1, 0, 0, 1), (1, 0.5, 1, 1), (1, 1, 0, 2), (2, 0.5, 0, 3), (3, 1, 0, 4)],
)
def test_purchases_that_pay_are_branched_on(
    setup: float, cost: float, lead: float, budget: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both bridges would be closed at once, were they not to be paid for one after the other."""
    without_the_whole(monkeypatch)
    network = bridges_to_buy(setup, cost, lead)
    best = found(network, budget=budget)
    right = best_schedule(network, "flow", [budget] * 3)
    assert best.status == "optimal"
    assert best.value == pytest.approx(right.value)
    assert best.bound == pytest.approx(right.value)


@settings(max_examples=draws(10))
@given(st.data())
def test_branching_alone_proves_the_best_schedule(data: st.DataObject) -> None:
    """All purchases that are used are branched on, and nothing is left to the whole programme."""
    network = data.draw(networks_over_time(max_measures=2))
    if data.draw(st.booleans()):
        network = closing(network)
    network = network.replace(rules=[r for r in network.rules if r.relation != "after"])
    budget = data.draw(st.sampled_from(BUDGETS))
    with pytest.MonkeyPatch.context() as patch:
        without_the_whole(patch)
        best = found(network, budget=budget, objective="flow")
    right = best_schedule(network, "flow", [budget] * len(network.periods))
    assert best.status == "optimal"
    assert best.value == pytest.approx(right.value, rel=1e-6, abs=1e-6)
    assert best.bound <= right.value + 1e-6 * max(1.0, abs(right.value))


def test_two_branches_go_at_once_and_none_that_is_of_no_use() -> None:
    network = bridges_to_buy(1, 0.5, 0)
    problem = schedule_problem_of(
        network, build_over_time(network), PlanRequest(), budget=1.0, carry=False
    )
    solver = PeriodSolver(ALMOST_EXACT)
    raised = most_open_in_each(problem.built, network.openings)

    def branched(enough: float) -> list[int]:
        """Return how many branches each of the first two steps makes."""
        relaxed = RelaxedPeriods(problem, raised, 0.0, lambda r: solver.solve(r, Clock()))
        relaxed.solved()
        tree = PurchaseBranching(relaxed, lambda r: solver.solve(r, Clock()))
        return [len(tree.branch(enough) or []) for _ in range(2)]

    assert branched(math.inf) == [2, 4]
    assert branched(0.0) == [2, 2]


def test_all_is_bought_in_one_period_before_anything_is_branched_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One bridge stays open in the year in which the measures for both are bought."""
    monkeypatch.setattr(ScheduleRun, "_whole", lambda _: None)
    monkeypatch.setattr(PurchaseBranching, "branch", lambda *_: None)
    network = bridges_to_buy(0.5, 0.5, 0)
    best = found(network, budget=1.5)
    assert best.value == pytest.approx(best_schedule(network, "flow", [1.5] * 3).value)
    assert len([name for name in named(network, best) if "!2015" in name]) == 2


@pytest.mark.parametrize("after", range(1, 6))
def test_what_branching_leaves_open_is_in_the_bound(
    after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time is over in the midst of it, and nothing goes on from there."""
    monkeypatch.setattr(ScheduleRun, "_whole", lambda _: None)
    branch, times = PurchaseBranching.branch, iter(range(after))

    def broken_off(self: PurchaseBranching, enough: float) -> list[RelaxedPeriods] | None:
        if next(times, None) is None:
            raise OutOfTime("no time is left for a period")
        return branch(self, enough)

    monkeypatch.setattr(PurchaseBranching, "branch", broken_off)
    network = bridges_to_buy(1, 0.5, 0)
    best = found(network, budget=1.0)
    right = best_schedule(network, "flow", [1.0] * 3)
    assert best.bound <= right.value + 1e-6
    assert best.value >= right.value - 1e-6
    assert (best.status == "optimal") == (best.value == pytest.approx(best.bound))


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
