"""The trafficker's programme over periods, against openings as plain variables, and by hand."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.model.activity_bounds import useful_activity
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.build_over_time import OverTime, build_over_time
from flowopt.model.runnable_activities import reachable
from flowopt.network.schema import Node, Opening, Period
from flowopt.objectives import Objective
from tests.drawn.dice import Dice
from tests.drawn.periods import schedule
from tests.draws import draws
from tests.networks import shipped
from tests.oracles.over_time import value_over_time
from tests.strategies import networks, networks_over_time, plans

ZERO_SUM: tuple[Literal["flow", "profit"], ...] = ("flow", "profit")
EVERY: tuple[Objective, ...] = (*ZERO_SUM, "bilevel")


def valued(built: OverTime, chosen: list[tuple[str, str]], objective: Objective) -> float:
    """Return the value of a schedule, purchases left aside: they do nothing by themselves."""
    plan = [built.in_force[m, built.timeline.index[p]] for m, p in chosen]
    return BestResponseSolver(built.model, objective).value(plan)


@settings(max_examples=draws(20))
@given(st.data())
def test_values_are_those_of_openings_as_plain_variables(data: st.DataObject) -> None:
    network = data.draw(networks_over_time())
    chosen = schedule(network, Dice.drawn(data.draw))
    whole, closed = build_over_time(network), build_over_time(network, openings=False)
    for objective in ZERO_SUM:
        for built, opens in ((whole, True), (closed, False), (whole.closed(), False)):
            expected = value_over_time(network, chosen, objective, openings=opens)
            found = valued(built, chosen, objective)
            assert found == pytest.approx(expected, rel=1e-7, abs=1e-7), (objective, opens)


@settings(max_examples=draws(15))
@given(st.data())
def test_equal_periods_are_one_period_as_often(data: st.DataObject) -> None:
    network = data.draw(networks())
    plan = data.draw(plans(network))
    periods = [Period(period=f"y{t}") for t in range(3)]
    built = build_over_time(network.replace(periods=periods))
    chosen = [(m, p.period) for m in plan for p in periods]
    model = activity_model(network)
    place = [model.measures.index(m) for m in plan]
    for objective in EVERY:
        once = BestResponseSolver(model, objective).value(place)
        assert valued(built, chosen, objective) == pytest.approx(3 * once, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("name", ["tiny", "two-bridges", "leaky-river", "shared-crew"])
def test_one_period_of_a_year_is_the_network_to_the_last_digit(name: str) -> None:
    network = shipped(name)
    model, built = (
        activity_model(network),
        build_over_time(network.replace(periods=[Period(period="now")])),
    )
    for objective in EVERY:
        for plan in ((), (0,), tuple(range(min(3, len(model.measures))))):
            assert BestResponseSolver(built.model, objective).value(plan) == (
                BestResponseSolver(model, objective).value(plan)
            )


def test_what_nothing_takes_of_opens_for_nothing() -> None:
    """A node that no arc enters has a capacity in the tables, and no row in the programme."""
    network = shipped("tiny")
    nodes = [*network.nodes, Node(node="far", name="Far", kind="transit", capacity=5.0)]
    built = build_over_time(
        network.replace(
            nodes=nodes,
            periods=[Period(period="a")],
            openings=[Opening(on="node", target="far", most=5.0)],
        )
    )
    assert built.opened == ()


def test_a_period_split_in_two_is_worth_the_same() -> None:
    network = shipped("tiny")
    once = build_over_time(network.replace(periods=[Period(period="a", years=2.0)]))
    twice = build_over_time(network.replace(periods=[Period(period="a"), Period(period="b")]))
    for objective in ZERO_SUM:
        for measures in ([], [network.measures[0].measure]):
            one = valued(once, [(m, "a") for m in measures], objective)
            two = valued(twice, [(m, p) for m in measures for p in "ab"], objective)
            assert two == pytest.approx(one, rel=1e-12)


def test_bounds_on_activities_hold_where_supplies_open() -> None:
    """A supply then uses slots, and is a source of its commodity all the same."""
    network = shipped("two-bridges")
    (supply,) = network.supplies
    opening = Opening(on="supply", target=supply.node, commodity=supply.commodity, most=2.0)
    periods = [Period(period="a"), Period(period="b")]
    model = build_over_time(network.replace(periods=periods, openings=[opening])).model
    most = useful_activity(model, reachable(model, model.limit))
    response = BestResponseSolver(model, "flow").respond(())
    assert response.value > 0.0
    assert (response.activity <= most * (1.0 + 1e-9) + 1e-9).all()
