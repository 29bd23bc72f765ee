"""The oracles are right: every rule of the format on an example done by hand."""

from __future__ import annotations

from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.network.schema import (
    Arc,
    Commodity,
    Demand,
    Effect,
    Info,
    Measure,
    Node,
    RecipeLine,
    Reform,
    Resource,
    Rule,
    Site,
    Supply,
    Use,
)
from tests.oracles.effects import effective, named
from tests.oracles.enumerate import best_plan, feasible_plans, optimal_plans
from tests.oracles.response import (
    best_response,
    bilevel_value,
)
from tests.oracles.validity import broken_rules


def effect(measure: str, on: str, target: str, **columns: Any) -> Effect:
    return Effect(measure=measure, on=on, target=target, **columns)  # type: ignore[arg-type]  # a literal


def line(**tables: Any) -> Network:
    """Return A -> T -> M for one commodity: arcs `a1` (10 t) and `a2` (unlimited), demand 20 t.

    The supply is unlimited and everything is free; measures m1..m5 cost 1 each.
    """
    plain: dict[str, Any] = {
        "commodities": [Commodity(commodity="c", name="C"), Commodity(commodity="d", name="D")],
        "nodes": [
            Node(node="A", name="A", kind="area"),
            Node(node="T", name="T", kind="transit"),
            Node(node="M", name="M", kind="market"),
        ],
        "arcs": [
            Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10),
            Arc(arc="a2", tail="T", head="M", commodities=("c",)),
        ],
        "supplies": [Supply(node="A", commodity="c")],
        "demands": [Demand(node="M", commodity="c", quantity=20, price=5)],
        "measures": [Measure(measure=f"m{i}", name=f"m{i}", cost=1) for i in range(1, 6)],
    }
    rows = {name: tuple(table) for name, table in (plain | tables).items()}
    network = Network(info=Info(id="line", title="A line"), **rows)
    assert not broken_rules(network)
    return network


def flow(network: Network, *plan: str) -> float:
    return best_response(network, plan).value


def profit(network: Network, *plan: str) -> float:
    """Return the best profit in thousand USD, so that t times USD/kg reads as is."""
    return 1000 * best_response(network, plan, "profit").value


# --------------------------------------------------------------------------------------------
# Capacities
# --------------------------------------------------------------------------------------------


def test_without_measures_the_arc_limits() -> None:
    assert flow(line()) == pytest.approx(10)


def test_a_cut_works_for_its_uptime_and_where_it_is_not_bought_off() -> None:
    network = line(effects=[effect("m1", "arc", "a1", cut=0.5, uptime=0.8, corruption=0.25)])
    assert flow(network, "m1") == pytest.approx(10 * (1 - 0.5 * 0.8 * 0.75))  # 7
    assert flow(network) == pytest.approx(10)


def test_cuts_of_several_measures_multiply() -> None:
    network = line(effects=[effect("m1", "arc", "a1", cut=0.5), effect("m2", "arc", "a1", cut=0.4)])
    assert flow(network, "m1", "m2") == pytest.approx(10 * 0.5 * 0.6)  # 3, and not 1


def test_rows_of_one_measure_on_one_target_multiply_too() -> None:
    network = line(
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10),
            Arc(arc="a2", tail="T", head="M", commodities=("c",), capacity=100),
        ],
        effects=[effect("m1", "arc", "a1", cut=0.5), effect("m1", "arc", "a*", cut=0.5)],
    )
    assert flow(network, "m1") == pytest.approx(10 * 0.5 * 0.5)


def test_globs_are_case_sensitive_and_an_id_names_itself() -> None:
    assert named("a*", ["a1", "A1", "b"]) == ["a1"]
    assert named("[!a]?", ["a1", "A1", "b1"]) == ["A1", "b1"]
    assert named("a[1]", ["a[1]", "a1"]) == ["a[1]"]
    assert named("a[1]", ["a1"]) == ["a1"]
    assert named("a", ["a1"]) == []


def test_a_working_cut_of_one_closes_the_unlimited() -> None:
    network = line(
        effects=[
            effect("m1", "arc", "a2", cut=1),
            effect("m2", "arc", "a2", cut=1, corruption=1),  # wholly bought off
            effect("m3", "supply", "A", cut=1),
            effect("m4", "node", "T", cut=1),
        ]
    )
    assert flow(network, "m1") == 0
    assert flow(network, "m2") == pytest.approx(10)
    assert flow(network, "m3") == 0
    assert flow(network, "m4") == 0


def test_a_closed_node_still_ships_what_it_supplies() -> None:
    network = line(effects=[effect("m1", "node", "A", cut=1)])
    assert flow(network, "m1") == pytest.approx(10)  # the capacity is on arrivals only


def test_an_arc_capacity_counts_what_enters_over_all_commodities() -> None:
    network = line(
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c", "d"), capacity=10, loss=0.5),
            Arc(arc="a2", tail="T", head="M", commodities=("c", "d")),
        ],
        supplies=[Supply(node="A", commodity="c", capacity=4), Supply(node="A", commodity="d")],
        demands=[
            Demand(node="M", commodity="c", quantity=20, weight=3),
            Demand(node="M", commodity="d", quantity=20),
        ],
    )
    # 4 t of c and 6 t of d enter, half arrives, c counts three times: 2 x 3 + 3
    assert flow(network) == pytest.approx(9)


def test_a_node_capacity_counts_what_arrives_after_every_loss() -> None:
    nodes = [
        Node(node="A", name="A", kind="area"),
        Node(node="T", name="T", kind="transit", capacity=3),
        Node(node="M", name="M", kind="market"),
    ]
    arcs = [
        Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10, loss=0.5, cost=1),
        Arc(arc="a2", tail="T", head="M", commodities=("c",)),
    ]
    network = line(
        nodes=nodes,
        arcs=arcs,
        effects=[
            effect("m1", "arc", "a1", loss=0.5),
            effect("m2", "node", "T", cut=0.5),
            effect("m3", "node", "T", loss=0.5),
        ],
    )
    assert flow(network) == pytest.approx(3)  # 10 x 0.5 = 5 could arrive, 3 may
    assert best_response(network).cost == pytest.approx(0.006)  # 6 t enter at 1 USD/kg
    assert flow(network, "m1") == pytest.approx(2.5)  # 10 x 0.5 x 0.5 arrives, below 3
    assert flow(network, "m2") == pytest.approx(1.5)
    assert best_response(network, ["m2"]).cost == pytest.approx(0.003)
    assert flow(network, "m2", "m3") == pytest.approx(1.5)  # 2.5 could arrive, 1.5 may
    assert flow(network, "m1", "m3") == pytest.approx(1.25)


# --------------------------------------------------------------------------------------------
# Losses and costs
# --------------------------------------------------------------------------------------------


def test_losses_multiply_on_an_arc_and_through_its_head() -> None:
    network = line(
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10, loss=0.1),
            Arc(arc="a2", tail="T", head="M", commodities=("c",)),
        ],
        effects=[
            effect("m1", "arc", "a1", loss=0.2),
            effect("m1", "node", "T", loss=0.5, uptime=0.5),
            effect("m2", "node", "?", loss=0.1),
        ],
    )
    assert flow(network) == pytest.approx(9)
    assert flow(network, "m1") == pytest.approx(10 * 0.9 * 0.8 * 0.75)  # 5.4
    # m2 takes a tenth on each of the two arcs that enter a node; nothing enters A
    assert flow(network, "m1", "m2") == pytest.approx(5.4 * 0.9 * 0.9)


def test_costs_add_up_everywhere_they_may_stand() -> None:
    network = line(
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10, loss=0.5, cost=0.1),
            Arc(arc="a2", tail="T", head="M", commodities=("c",), cost=0.2),
        ],
        supplies=[Supply(node="A", commodity="c", cost=0.3)],
        effects=[
            effect("m1", "arc", "a1", cost=0.1, uptime=0.5),
            effect("m1", "node", "T", cost=0.05),
            effect("m2", "supply", "A", cost=0.4, corruption=0.5),
            effect("m3", "demand", "M", cost=1, commodity="c"),
            effect("m4", "node", "M", cost=0.5),
            effect("m5", "demand", "M", cost=9),
        ],
    )
    # 10 t enter a1 and 5 t arrive: 5 x 5 earned, 10 x (0.1 + 0.3) + 5 x 0.2 paid
    assert profit(network) == pytest.approx(25 - 5)
    assert profit(network, "m1") == pytest.approx(20 - 10 * (0.05 + 0.05))
    assert profit(network, "m2") == pytest.approx(20 - 10 * 0.2)
    assert profit(network, "m3") == pytest.approx(20 - 5 * 1)
    assert profit(network, "m4") == pytest.approx(20 - 5 * 0.5)
    assert profit(network, "m1", "m2", "m3", "m4") == pytest.approx(20 - 1 - 2 - 5 - 2.5)
    assert profit(network, "m5") == 0  # each kg would lose money, so nothing moves
    assert flow(network, "m5") == pytest.approx(5)  # but the network still can carry it
    found = best_response(network, ["m5"])
    assert found.cost == pytest.approx(0.005 + 5 * 9 / 1000)
    assert found.profit == pytest.approx(-0.025)


def test_among_the_greatest_flows_the_cheapest_is_taken() -> None:
    network = line(
        arcs=[
            Arc(arc="a1", tail="A", head="M", commodities=("c",), capacity=15, cost=2),
            Arc(arc="a2", tail="A", head="M", commodities=("c",), capacity=15, cost=1),
        ],
    )
    found = best_response(network)
    assert found.value == pytest.approx(20)
    assert found.cost == pytest.approx((15 * 1 + 5 * 2) / 1000)
    assert found.ship["a1", "c"] == pytest.approx(5)


# --------------------------------------------------------------------------------------------
# Supplies, sites, demands and pools
# --------------------------------------------------------------------------------------------


def test_supplies_and_demands_are_cut_by_commodity_or_altogether() -> None:
    network = line(
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c", "d")),
            Arc(arc="a2", tail="T", head="M", commodities=("c", "d")),
        ],
        supplies=[
            Supply(node="A", commodity="c", capacity=8),
            Supply(node="A", commodity="d", capacity=4),
        ],
        demands=[
            Demand(node="M", commodity="c", quantity=6),
            Demand(node="M", commodity="d", quantity=6),
        ],
        effects=[
            effect("m1", "supply", "A", commodity="d", cut=0.5),
            effect("m2", "supply", "?", cut=0.5),
            effect("m3", "demand", "M", cut=0.5),
            effect("m4", "demand", "M", commodity="c", cut=1),
        ],
    )
    assert flow(network) == pytest.approx(6 + 4)
    assert flow(network, "m1") == pytest.approx(6 + 2)
    assert flow(network, "m2") == pytest.approx(4 + 2)
    assert flow(network, "m1", "m2") == pytest.approx(4 + 1)
    assert flow(network, "m3") == pytest.approx(3 + 3)
    assert flow(network, "m4") == pytest.approx(0 + 4)


def laboratory(**tables: Any) -> Network:
    """Return 3,250 t of leaf and 4 t of acid for two sites, 325 leaf and 0.5 acid to 1 base."""
    plain: dict[str, Any] = {
        "commodities": [Commodity(commodity=c, name=c) for c in ("leaf", "acid", "base")],
        "arcs": [
            Arc(arc="a1", tail="A", head="T", commodities=("leaf", "acid")),
            Arc(arc="a2", tail="T", head="M", commodities=("base",)),
            Arc(arc="a3", tail="A", head="M", commodities=("base",)),
        ],
        "supplies": [
            Supply(node="A", commodity="leaf", capacity=3250, cost=0.01),
            Supply(node="A", commodity="acid", capacity=4),
        ],
        "recipes": [
            RecipeLine(recipe="r", commodity="leaf", quantity=-325),
            RecipeLine(recipe="r", commodity="acid", quantity=-0.5),
            RecipeLine(recipe="r", commodity="base", quantity=1),
        ],
        "sites": [
            Site(site="s1", node="T", recipe="r", capacity=5, cost=1),
            Site(site="s2", node="A", recipe="r", capacity=1),
        ],
        "demands": [Demand(node="M", commodity="base", quantity=20, price=10)],
    }
    return line(**(plain | tables))


def test_a_recipe_consumes_and_produces_per_unit_of_activity() -> None:
    network = laboratory(
        effects=[
            effect("m1", "supply", "A", commodity="acid", cut=0.75),
            effect("m2", "site", "s*", cut=0.4),
            effect("m3", "site", "s1", cost=2),
            effect("m4", "supply", "A", commodity="leaf", cut=0.8),
        ]
    )
    assert flow(network) == pytest.approx(5 + 1)
    assert flow(network, "m1") == pytest.approx(4 * 0.25 / 0.5)
    assert flow(network, "m2") == pytest.approx(6 * 0.6)
    assert flow(network, "m4") == pytest.approx(3250 * 0.2 / 325)
    # a tonne of base: 10 - 3.25 for leaf, and 1 (then 3) more at s1
    assert profit(network) == pytest.approx(5 * 5.75 + 1 * 6.75)
    assert profit(network, "m3") == pytest.approx(5 * 3.75 + 1 * 6.75)


def test_sites_of_a_pool_share_a_capacity_over_nodes() -> None:
    network = laboratory(
        sites=[
            Site(site="s1", node="T", recipe="r", capacity=4, pool="p"),
            Site(site="s2", node="A", recipe="r", capacity=4, pool="p"),
        ],
        effects=[
            effect("m1", "pool", "p", cut=0.5),
            effect("m2", "pool", "*", cost=1),
            effect("m3", "site", "s2", cost=0.5),
        ],
    )
    assert flow(network) == pytest.approx(4)
    assert flow(network, "m1") == pytest.approx(2)
    assert profit(network) == pytest.approx(4 * 6.75)
    assert profit(network, "m2") == pytest.approx(4 * 5.75)  # on each row of the pool
    assert profit(network, "m3") == pytest.approx(4 * 6.75)  # s1 does it all
    assert effective(network, ["m2", "m3"]).site_cost == {"s1": 1, "s2": 1.5}


def test_an_unlimited_pool_can_be_closed() -> None:
    network = laboratory(
        sites=[Site(site="s1", node="T", recipe="r", pool="p")],
        effects=[effect("m1", "pool", "p", cut=1)],
    )
    assert flow(network) == pytest.approx(8)  # 4 t of acid
    assert flow(network, "m1") == 0


def test_demands_of_a_pool_share_a_quantity_over_nodes() -> None:
    network = line(
        demands=[
            Demand(node="M", commodity="c", quantity=6, price=5, weight=2, pool="p"),
            Demand(node="T", commodity="c", quantity=6, price=5, pool="p"),
        ],
        effects=[
            effect("m1", "pool", "p", cut=0.5),
            effect("m2", "demand", "M", cost=1),
            effect("m3", "pool", "p", cost=1),
        ],
    )
    assert flow(network) == pytest.approx(6 * 2)
    assert flow(network, "m1") == pytest.approx(3 * 2)
    assert profit(network) == pytest.approx(30)
    assert profit(network, "m2") == pytest.approx(30)  # T pays as much
    assert profit(network, "m2", "m3") == pytest.approx(24)
    assert bilevel_value(network, [], "pessimistic") == pytest.approx(12)
    assert bilevel_value(network, [], "optimistic") == pytest.approx(6)
    assert bilevel_value(network, ["m2"], "pessimistic") == pytest.approx(6)


def test_goods_may_be_abandoned() -> None:
    network = laboratory(
        recipes=[
            RecipeLine(recipe="r", commodity="leaf", quantity=-1),
            RecipeLine(recipe="r", commodity="acid", quantity=3),  # nobody wants it
            RecipeLine(recipe="r", commodity="base", quantity=1),
        ],
    )
    assert flow(network) == pytest.approx(6)


# --------------------------------------------------------------------------------------------
# Reforms
# --------------------------------------------------------------------------------------------


def test_a_reform_lowers_the_corruption_of_others_and_never_raises_it() -> None:
    network = line(
        effects=[
            effect("m1", "arc", "a1", cut=1, corruption=0.8),
            effect("m2", "arc", "a1", cut=0.5, corruption=0.1),
            effect("m3", "arc", "a1", cut=0.5, corruption=0.6),
        ],
        reforms=[Reform(measure="m3", target="*", corruption=0.2)],
    )
    assert flow(network, "m1") == pytest.approx(10 * 0.8)
    assert flow(network, "m3") == pytest.approx(10 * (1 - 0.5 * 0.4))
    # with m3: m1 counts with 0.2, m2 keeps its 0.1, and m3 does not reform itself
    assert flow(network, "m1", "m3") == pytest.approx(10 * 0.2 * 0.8)
    assert flow(network, "m2", "m3") == pytest.approx(10 * 0.55 * 0.8)


def test_a_reform_can_make_a_cut_of_something_unlimited_whole() -> None:
    network = line(
        effects=[effect("m1", "arc", "a2", cut=1, corruption=1)],
        reforms=[Reform(measure="m2", target="m1", corruption=0)],
    )
    assert [flow(network, *plan) for plan in ([], ["m1"], ["m2"])] == pytest.approx([10, 10, 10])
    assert flow(network, "m1", "m2") == 0


# --------------------------------------------------------------------------------------------
# Objectives
# --------------------------------------------------------------------------------------------


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


# --------------------------------------------------------------------------------------------
# Plans
# --------------------------------------------------------------------------------------------


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
