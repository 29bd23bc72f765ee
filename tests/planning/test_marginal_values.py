"""Why a plan is what it is: what binds and what comes next, by other means than the product's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowopt.clock import Clock
from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning import marginal_values
from flowopt.planning.evaluate import evaluate
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.results.rows import Binding
from tests.draws import draws
from tests.networks import effect, line, measure, shipped
from tests.oracles.effects import Amount, effective
from tests.oracles.enumerate import plan_cost
from tests.oracles.response import plan_value
from tests.strategies import budgets, networks, plans

Scale = Callable[[float], float]


def resized(network: Network, place: tuple[str, str, str], scale: Scale) -> Network:
    """Return the network with the capacity of one place changed."""
    on, target, commodity = place

    def changed(rows: Iterable[Any], column: str, here: Callable[[Any], bool]) -> tuple[Any, ...]:
        return tuple(
            replace(row, **{column: scale(getattr(row, column))})
            if here(row) and getattr(row, column) is not None
            else row
            for row in rows
        )

    if on == "pool":
        sites = changed(network.sites, "capacity", lambda s: s.pool == target)
        demands = changed(network.demands, "quantity", lambda d: d.pool == target)
        return replace(network, sites=sites, demands=demands)
    if on == "demand":
        pair = (target, commodity)
        rows = changed(network.demands, "quantity", lambda d: (d.node, d.commodity) == pair)
        return replace(network, demands=rows)
    if on == "supply":
        pair = (target, commodity)
        rows = changed(network.supplies, "capacity", lambda u: (u.node, u.commodity) == pair)
        return replace(network, supplies=rows)
    table = {"arc": "arcs", "node": "nodes", "site": "sites"}[on]
    rows = changed(getattr(network, table), "capacity", lambda row: getattr(row, on) == target)
    other: dict[str, Any] = {table: rows}
    return replace(network, **other)


def places(network: Network) -> list[tuple[str, str, str]]:
    """Return everything that can have a capacity."""
    return [
        *(("arc", row.arc, "") for row in network.arcs),
        *(("node", row.node, "") for row in network.nodes),
        *(("supply", row.node, row.commodity) for row in network.supplies),
        *(("site", row.site, "") for row in network.sites if not row.pool),
        *(("demand", row.node, row.commodity) for row in network.demands if not row.pool),
        *(("pool", pool, "") for pool in network.pools),
    ]


def left(network: Network, plan: Iterable[str], place: tuple[str, str, str]) -> Amount:
    """Return a capacity under a plan, from the oracle."""
    on, target, commodity = place
    rest = effective(network, plan)
    if on in ("supply", "demand"):
        table = rest.supply_capacity if on == "supply" else rest.demand_quantity
        return table[target, commodity]
    return {
        "arc": rest.arc_capacity, "node": rest.node_capacity, "site": rest.site_capacity,
        "pool": rest.pool_capacity,
    }[on][target]  # fmt: skip


def at(row: Binding) -> tuple[str, str, str]:
    return (row.on, row.id, row.commodity)


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["flow", "profit"])
@settings(max_examples=draws(12))
@given(data=st.data(), factor=st.sampled_from([0.0, 0.5, 0.9, 1.1, 2.0]))
def test_no_change_of_a_capacity_brings_more_than_its_price(
    objective: Any, data: st.DataObject, factor: float
) -> None:
    """f(U') <= f(U) + price (U' - U), for more and for less: what a shadow price is."""
    network = data.draw(networks())
    plan = data.draw(plans(network))
    found = respond(network, plan, objective=objective)
    slack = 1e-6 * max(1.0, found.value)
    for row in found.binding:
        before = left(network, plan, at(row))
        assert row.capacity == pytest.approx(before)
        other = resized(network, at(row), lambda u: u * factor)
        change = left(other, plan, at(row)) - before
        most = found.value + row.shadow_price * change
        assert plan_value(other, plan, objective) <= most + slack


@settings(max_examples=draws(12))
@given(data=st.data())
def test_more_of_what_is_not_listed_brings_nothing(data: st.DataObject) -> None:
    network = data.draw(networks())
    plan = data.draw(plans(network))
    found = respond(network, plan)
    listed = {at(row) for row in found.binding}
    other = network
    for place in places(network):
        if place not in listed:
            other = resized(other, place, lambda u: 2.0 * u + 1.0)
    assert plan_value(other, plan) == pytest.approx(found.value, rel=1e-6, abs=1e-6)


def test_what_binds_is_ranked_by_what_it_is_worth() -> None:
    found = respond(shipped("leaky-river"), ["m_patrol"])
    assert [(row.rank, *at(row), row.capacity) for row in found.binding] == [
        (1, "arc", "road", "", 5.0),
        (2, "supply", "F_PLOTS", "leaf", 1250.0),
    ]
    assert found.binding[0].shadow_price == pytest.approx(0.6)


@pytest.mark.slow
@settings(max_examples=draws(7))
@given(data=st.data())
def test_what_comes_next_by_trying_each(data: st.DataObject) -> None:
    """For any plan, also one that breaks rules; by the oracle, measure by measure."""
    network = data.draw(networks(min_measures=2))
    plan = set(data.draw(plans(network)))
    found = evaluate(network, plan, alone=True)
    value, size = plan_value(network, sorted(plan)), max(1.0, found.baseline)
    gains = {}
    for row in network.measures:
        bought = needed(network, row.measure) - plan
        if row.measure not in plan and may_join(network, plan, bought):
            gains[row.measure] = (value - plan_value(network, sorted(plan | bought)), bought)
    said = {row.measure: row for row in found.next}
    assert set(said) <= set(gains)
    assert [row.rank for row in found.next] == list(range(1, len(said) + 1))
    for name, (gain, bought) in gains.items():
        if name not in said:
            assert gain <= 1e-6 * size
            continue
        assert math.isclose(said[name].adds, gain, rel_tol=1e-6, abs_tol=1e-6 * size)
        cost = plan_cost(network, bought)
        assert said[name].added_cost == pytest.approx(cost)
        per_million = said[name].per_million
        assert (per_million is None) == (cost == 0.0)
        assert per_million is None or per_million == pytest.approx(said[name].adds / cost)
    adds = [row.adds for row in found.next]
    assert all(more >= less - 1e-8 * size for more, less in pairwise(adds))


@pytest.mark.parametrize("objective", ["flow", "profit"])
@settings(
    max_examples=draws(8), suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # the fixture is the same for all draws
@given(data=st.data())
def test_an_even_response_leaves_out_nothing_that_comes_next(
    objective: Objective, data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether one is looked for after each look, or never; and the best few are the same."""
    network = data.draw(networks(min_measures=3, max_measures=6))
    budget = data.draw(budgets(network))
    monkeypatch.setattr(marginal_values, "MAX_LISTED", data.draw(st.integers(1, 3)))
    rows = []
    for many, again in ((0, 0), (1_000, 0)):
        monkeypatch.setattr(marginal_values, "_MANY", many)
        monkeypatch.setattr(marginal_values, "_AGAIN", again)
        rows.append(solve(network, budget=budget, objective=objective).next)
    evenly, one_by_one = rows
    size = max(1.0, solve(network, budget=0, objective=objective).baseline)
    assert len(evenly) == len(one_by_one)
    for found, other in zip(evenly, one_by_one, strict=True):
        assert math.isclose(found.adds, other.adds, rel_tol=1e-6, abs_tol=1e-6 * size)


def needed(network: Network, name: str) -> set[str]:
    found = {name}
    while True:
        more = {r.other for r in network.rules if r.relation == "requires" and r.measure in found}
        if more <= found:
            return found
        found |= more


def may_join(network: Network, plan: set[str], bought: set[str]) -> bool:
    pairs = [{r.measure, r.other} for r in network.rules if r.relation == "excludes"]
    return not any(pair <= plan | bought and pair & bought for pair in pairs)


@settings(max_examples=draws(8))
@given(data=st.data())
def test_what_comes_after_the_best_plan_is_not_excluded(data: st.DataObject) -> None:
    network = data.draw(networks(min_measures=2))
    barred = data.draw(st.sampled_from([row.measure for row in network.measures]))
    found = solve(network, budget=data.draw(budgets(network)), exclude=[barred])
    for row in found.next:
        assert barred not in needed(network, row.measure) - set(found.measures)
        assert row.measure not in found.measures


def test_what_a_measure_requires_is_bought_with_it() -> None:
    network = line(
        measures=[measure("radar", 2.0), measure("chase", 1.0), measure("free", 0.0)],
        effects=[
            effect("chase", "arc", "a1", cut=0.8),
            effect("free", "demand", "M", cut=0.1),
        ],
        rules=[schema.Rule(measure="chase", relation="requires", other="radar")],
    )
    rows = evaluate(network, [], alone=True).next
    assert [(r.measure, r.added_cost, r.adds, r.per_million) for r in rows] == [
        ("chase", 3.0, pytest.approx(6.0), pytest.approx(2.0)),
        ("free", 0.0, pytest.approx(1.0), None),
    ]
    # The radar is of no use by itself, with the plan that lacks it broken or not.
    rows = evaluate(network, ["chase"], alone=True).next
    assert [row.measure for row in rows] == []


def test_a_measure_that_only_works_through_what_it_requires_is_listed() -> None:
    network = line(
        measures=[measure("chase"), measure("desk")],
        effects=[effect("chase", "arc", "a1", cut=0.8)],
        rules=[schema.Rule(measure="desk", relation="requires", other="chase")],
    )
    rows = evaluate(network, [], alone=True).next
    assert [(r.measure, r.added_cost, r.adds) for r in rows] == [
        ("chase", 1.0, pytest.approx(6.0)),
        ("desk", 2.0, pytest.approx(6.0)),
    ]


def test_only_the_best_are_listed_and_proved() -> None:
    measures = [measure(f"m{i:02}") for i in range(14)]
    effects = [effect(f"m{i:02}", "demand", "M", cut=0.01 * (1 + i)) for i in range(14)]
    found = solve(line(measures=measures, effects=effects), budget=0)
    names = [f"m{i:02}" for i in range(13, 3, -1)]
    assert [row.measure for row in found.next] == names
    assert list(found.added) == names


@pytest.mark.parametrize(("work", "listed"), [(1.0, ["m13"]), (1.5, ["m13", "m12"])])
def test_in_a_large_network_only_the_likeliest_are_looked_at(
    work: float, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    measures = [measure(f"m{i:02}") for i in range(14)]
    effects = [effect(f"m{i:02}", "demand", "M", cut=0.01 * (1 + i)) for i in range(14)]
    network = line(measures=measures, effects=effects)
    visit = BestResponseSolver(activity_model(network)).visit
    monkeypatch.setattr(marginal_values, "_WORK", work * visit)
    found = solve(network, budget=0)
    assert [row.measure for row in found.next] == listed
    assert found.warnings == (marginal_values.SOME_ONLY,)


def test_what_there_is_no_time_for_is_left_out_and_named() -> None:
    network = shipped("tiny")
    found = solve(network, budget=4, time_limit=1e-3)
    assert found.measures
    assert (found.next, found.dropped) == ((), {})
    assert [row.lost_if_dropped for row in found.plan] == [None] * len(found.measures)
    count = len(found.measures)
    assert found.warnings == (
        f"the time limit came first: {marginal_values.NO_WORTH.format(count, count)}",
        f"the time limit came first: {marginal_values.TOO_LATE}",
    )
    assert solve(network, budget=4).next != ()


def test_what_the_user_does_not_wait_for_is_left_out_and_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(marginal_values, "next_measures", interrupt)
    with pytest.raises(KeyboardInterrupt):
        solve(shipped("tiny"), budget=4)
    found = solve(shipped("tiny"), budget=4, keep_on_interrupt=True)
    assert (found.status, found.limit, found.interrupted) == ("optimal", None, True)
    assert set(found.dropped) == set(found.measures)
    assert found.warnings == (f"you stopped it, so {marginal_values.TOO_LATE}",)


@pytest.mark.parametrize(
    ("loose", "listed"), [(1.0, ["m13", "m12", "m11"]), (1.1, ["m13", "m12"]), (9.0, [])]
)
def test_when_time_is_short_only_those_that_surely_come_next_are_listed(
    loose: float, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With loose bounds the fourth might add more than the three that were looked at."""
    measures = [measure(f"m{i:02}") for i in range(14)]
    effects = [effect(f"m{i:02}", "demand", "M", cut=0.01 * (1 + i)) for i in range(14)]
    network = line(measures=measures, effects=effects)
    every = solve(network, budget=0)
    model = activity_model(network)
    asked: list[int] = []
    # Half of the time goes into looking, and is over with the third answer; the proofs have theirs.
    monkeypatch.setattr(Clock, "late", lambda self: len(asked) >= 3 and self.limit < 60.0)

    class Slow(BestResponseSolver):
        """Its third answer comes at the deadline."""

        def most_lost(self, *, together: bool = False) -> Floats:
            return loose * super().most_lost(together=together)

        def value_and_losses(self, plan: Iterable[int]) -> tuple[float, Floats]:
            asked.append(len(asked))
            value, losses = super().value_and_losses(plan)
            return value, loose * losses

    found = marginal_values.next_measures(
        problem_of(network, model, PlanRequest()), frozenset(), every.value or 0.0,
        scale=every.baseline, trafficker=Slow(model), clock=Clock(60.0),
        prove=lambda plan, _known: every.added[model.measures[min(plan)]],
    )  # fmt: skip
    assert [row.measure for row in found.rows] == listed
    assert found.warnings == (marginal_values.TOO_LATE,)


def test_dropping_from_a_plan_that_lacks_what_it_requires_drops_only_the_measure() -> None:
    network = shipped("shared-crew")
    found = evaluate(network, ["m_chase", "m_boats"], alone=True)
    assert found.dropped["m_boats"].measures == ("m_chase",)
    full = evaluate(network, ["m_radar", "m_chase", "m_boats"], alone=True)
    assert full.dropped["m_radar"].measures == ("m_boats",)
