"""Small networks of the oracles' own, and what the oracles say of them in few words."""

from __future__ import annotations

from typing import Any

from flowopt.network.network import Network
from flowopt.network.schema import Arc, Commodity, Demand, Effect, Info, Measure, Node, Supply
from tests.oracles.response import best_response
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
