"""The oracles are right about supplies, sites, demands and pools, by examples done by hand."""

from __future__ import annotations

from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.network.schema import Arc, Commodity, Demand, RecipeLine, Site, Supply
from tests.oracles.by_hand import effect, flow, line, profit
from tests.oracles.effects import effective
from tests.oracles.response import bilevel_value


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
