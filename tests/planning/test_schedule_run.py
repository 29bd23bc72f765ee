"""The best schedule, against all tried one after the other, and what ties periods."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build_over_time import build_over_time
from flowopt.model.opened_capacity import most_open_in_each
from flowopt.network.network import Network
from flowopt.network.schema import Period
from flowopt.planning.period_solver import PeriodSolver
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.purchase_branching import PurchaseBranching
from flowopt.planning.relaxed_periods import RelaxedPeriods
from flowopt.planning.schedule_problem import schedule_problem_of
from flowopt.planning.schedule_run import ScheduleRun
from flowopt.planning.solve import solve
from flowopt.planning.target_run import Unreachable
from tests.drawn.dice import Dice
from tests.drawn.periods import schedule
from tests.draws import draws
from tests.networks import shipped
from tests.oracles.over_time import value_over_time
from tests.oracles.schedules import best_schedule, feasible
from tests.planning.bridges_over_time import ALMOST_EXACT, bridges, found, named, run
from tests.strategies import closing, networks_over_time

BUDGETS = (0.0, 1.0, 2.0, 3.0, 4.0, 8.0)


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
    """Purchases, orders and carried money: nothing is left to the whole programme."""
    network = data.draw(networks_over_time(max_measures=2))
    if data.draw(st.booleans()):
        network = closing(network)
    budget, carry = data.draw(st.sampled_from(BUDGETS)), data.draw(st.booleans())
    with pytest.MonkeyPatch.context() as patch:
        without_the_whole(patch)
        best = found(network, budget=budget, objective="flow", carry=carry)
    right = best_schedule(network, "flow", [budget] * len(network.periods), carry=carry)
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
