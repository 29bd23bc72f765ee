"""The oracles are right about objectives and plans, by examples done by hand."""

from __future__ import annotations

import pytest

from flowopt.network.network import Network
from flowopt.network.schema import Arc, Demand, Measure, Node, Resource, Rule, Supply, Use
from tests.oracles.by_hand import effect, flow, line, profit
from tests.oracles.enumerate import best_plan, feasible_plans, optimal_plans
from tests.oracles.response import best_response, bilevel_value
from tests.oracles.rounding import value_range

# -- objectives ------------------------------------------------------------------------------------


def two_markets() -> Network:
    """Return 10 t for M (weight 1, 5 USD/kg) or N (weight 3, 4 USD/kg)."""
    return line(
        nodes=[Node(node=n, name=n, kind="market") for n in "ATMN"],
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10),
            Arc(arc="a2", tail="T", head="M", commodities=("c",)),
            Arc(arc="a3", tail="T", head="N", commodities=("c",)),
        ],
        demands=[
            Demand(node="M", commodity="c", quantity=8, price=5),
            Demand(node="N", commodity="c", quantity=8, price=4, weight=3),
        ],
        effects=[
            effect("m1", "arc", "a2", cost=1),
            effect("m2", "arc", "a2", cost=2),
            effect("m3", "arc", "a1", cost=6),
        ],
    )


def test_each_objective_has_its_own_trafficker() -> None:
    network = two_markets()
    assert flow(network) == pytest.approx(8 * 3 + 2)
    assert best_response(network).profit == pytest.approx((8 * 4 + 2 * 5) / 1000)
    assert profit(network) == pytest.approx(8 * 5 + 2 * 4)
    assert best_response(network, (), "profit").weighted == pytest.approx(8 + 2 * 3)
    assert bilevel_value(network) == pytest.approx(14)
    assert bilevel_value(network, (), "optimistic") == pytest.approx(14)


def test_equal_profits_are_settled_for_or_against_the_planner() -> None:
    network = two_markets()
    assert bilevel_value(network, ["m1"], "pessimistic") == pytest.approx(8 * 3 + 2)
    assert bilevel_value(network, ["m1"], "optimistic") == pytest.approx(2 * 3 + 8)
    assert bilevel_value(network, ["m2"]) == pytest.approx(26)  # a measure can do harm here
    assert bilevel_value(network, ["m3"]) == pytest.approx(0, abs=1e-6)  # nothing pays


# -- plans -----------------------------------------------------------------------------------------


def test_plans_come_in_file_order_a_plan_before_what_it_begins() -> None:
    network = line(measures=[Measure(measure=m, name=m, cost=1) for m in ("z", "b", "a")])
    assert list(feasible_plans(network, 2)) == [
        (), ("z",), ("z", "b"), ("z", "a"), ("b",), ("b", "a"), ("a",)
    ]  # fmt: skip


def test_sums_are_compared_with_a_slack() -> None:
    network = line(measures=[Measure(measure=m, name=m, cost=0.1) for m in "xyz"])
    assert ("x", "y", "z") in set(feasible_plans(network, 0.3))
    assert ("x", "y", "z") in set(feasible_plans(network, 0.3 - 9e-10))
    assert ("x", "y", "z") not in set(feasible_plans(network, 0.3 - 2e-9))


def test_rules_resources_and_choices_bind_plans() -> None:
    network = line(
        measures=[Measure(measure=m, name=m, cost=1) for m in "wxyz"],
        rules=[
            Rule(measure="w", relation="requires", other="x"),
            Rule(measure="w", relation="requires", other="z"),
            Rule(measure="z", relation="excludes", other="y"),
        ],
        resources=[Resource(resource="h", name="h", limit=2), Resource(resource="t", name="t")],
        uses=[Use(measure="x", resource="h", amount=2), Use(measure="z", resource="h", amount=1)],
    )
    ruled = [(), ("x",), ("x", "y"), ("y",), ("z",)]
    assert list(feasible_plans(network, 9)) == ruled
    more = list(feasible_plans(network, 9, {"h": 3}))
    assert more == [(), ("w", "x", "z"), ("x",), ("x", "y"), ("x", "z"), ("y",), ("z",)]
    assert list(feasible_plans(network, 9, {"h": 0})) == [(), ("y",)]
    assert list(feasible_plans(network, 9, include=["x"])) == [("x",), ("x", "y")]
    assert list(feasible_plans(network, 9, exclude=["x"])) == [(), ("y",), ("z",)]
    assert list(feasible_plans(network, 0, include=["x"])) == []
    with pytest.raises(ValueError, match="no plan"):
        best_plan(network, 0, include=["x"])
    with pytest.raises(KeyError):
        list(feasible_plans(network, 1, {"unknown": 1}))


def test_the_best_plan_is_the_cheapest_then_the_first() -> None:
    network = line(
        measures=[Measure(measure=f"m{i}", name=f"m{i}", cost=c) for i, c in enumerate((2, 1, 1))],
        effects=[effect(f"m{i}", "arc", "a1", cut=0.5) for i in range(3)],
    )
    assert best_plan(network, 1) == (pytest.approx(5), ("m1",))
    assert optimal_plans(network, 1).plans == [("m1",), ("m2",)]
    assert best_plan(network, 2) == (pytest.approx(2.5), ("m1", "m2"))
    assert best_plan(network, 3, exclude=["m2"]) == (pytest.approx(2.5), ("m0", "m1"))
    assert best_plan(network, 2, objective="profit") == (pytest.approx(0.0125), ("m1", "m2"))


def test_a_loss_by_the_last_digit_of_a_number_may_be_no_loss() -> None:
    network = line(
        supplies=[Supply(node="A", commodity="c", capacity=15.0, cost=0.1)],
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c",), cost=0.2),
            Arc(arc="a2", tail="T", head="M", commodities=("c",)),
        ],
        demands=[Demand(node="M", commodity="c", quantity=10.0, price=0.2999999999999999)],
    )
    assert value_range(network, (), "bilevel", "pessimistic") == (0.0, 10.0)
