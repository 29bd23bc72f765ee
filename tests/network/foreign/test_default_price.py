"""The price that nobody gave is above what any way to a delivered kg costs."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowopt.errors import InputError
from flowopt.network.network import Network
from flowopt.planning.respond import respond


def dearest_way(graph: nx.DiGraph[str], source: str, sink: str) -> float:
    """Return the most that a kg delivered over any single way costs, by trying all of them."""
    dearest = 0.0
    for path in nx.all_simple_paths(graph, source, sink):
        left, spent = 1.0, graph.nodes[source].get("supply_cost", 0.0)
        for edge in pairwise(path):
            spent += left * graph.edges[edge].get("cost", 0.0)
            left *= 1.0 - graph.edges[edge].get("loss", 0.0)
        if left > 0.0:
            dearest = max(dearest, spent / left)
    return dearest


@given(st.integers(0, 10**6))
def test_no_way_costs_as_much(seed: int) -> None:
    dice = random.Random(seed)
    graph = nx.gnp_random_graph(5, 0.6, seed=seed, directed=True)
    graph = nx.relabel_nodes(graph, str)
    graph.add_node("0", supply=9, supply_cost=dice.choice((0, 0, 12)))
    graph.add_node("4", demand=9)
    for *_, said in graph.edges(data=True):
        said |= {"cost": dice.choice((0, 3, 50)), "loss": dice.choice((0, 0, 0.5, 0.6, 1))}
    if not graph.edges:
        return
    dear = dearest_way(graph, "0", "4")
    price = Network.from_networkx(graph).demands[0].price
    assert price > dear or price == 1.0 > dear


def test_a_dear_supply_is_still_sold() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node("s", supply=5, supply_cost=100)
    graph.add_node("t", demand=5)
    graph.add_edge("s", "t", cost=1)
    network = Network.from_networkx(graph)
    assert respond(network, objective="profit").delivered == pytest.approx(5.0)
    assert respond(network, objective="profit").value > 0.0


def test_what_is_lost_on_the_way_is_paid_for() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node("s", supply=8)
    graph.add_node("t", demand=5)
    graph.add_edge("s", "m", cost=1, loss=0.9)
    graph.add_edge("m", "t", cost=1, loss=0.9)
    assert respond(Network.from_networkx(graph), objective="profit").delivered > 0.0


def test_losses_that_multiply_too_far_ask_for_a_price() -> None:
    graph = nx.path_graph(30, create_using=nx.DiGraph)
    nx.set_edge_attributes(graph, {edge: {"cost": 1.0, "loss": 0.5} for edge in graph.edges})
    graph.nodes[0]["supply"], graph.nodes[29]["demand"] = math.inf, 1.0
    with pytest.raises(InputError, match=r"give the price \(--price USD_PER_KG\)"):
        Network.from_networkx(graph)
    assert Network.from_networkx(graph, price=7.0).demands[0].price == 7.0
    graph.nodes[29]["price"] = 9.0  # the file says it, so nothing has to be asked
    network = Network.from_networkx(graph)
    assert network.demands[0].price == 9.0
    for edge in graph.edges:
        del graph.edges[edge]["cost"]
    del graph.nodes[29]["price"]
    assert Network.from_networkx(graph).demands[0].price == 1.0  # nothing costs anything
