"""Graphs: of networkx, in GraphML and in node-link JSON; out and back in."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings

from flowopt.errors import InputError, RequestError
from flowopt.network.formats import is_foreign
from flowopt.network.network import Network
from flowopt.network.read import read_foreign, read_network
from flowopt.network.schema import Info
from flowopt.network.write import write_network
from flowopt.planning.respond import respond
from tests.draws import draws
from tests.network.checks.test_validation import drawn
from tests.network.overlays import BASE
from tests.networks import line, shipped


def told(graph: Any, **choices: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        Network.from_networkx(graph, **choices)
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def small() -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node("s", supply=9.0)
    graph.add_node("t", demand=5.0)
    graph.add_edge("s", "m", capacity=4.0, cost=1.0)
    graph.add_edge("m", "t", capacity=3.0, cost=2.0, open=True)
    graph.add_edge("s", "t", capacity=1.0, open=False)
    return graph


def test_attributes_say_what_is_supplied_and_taken(small: nx.DiGraph[str]) -> None:
    network = Network.from_networkx(small)
    assert respond(network).value == pytest.approx(nx.maximum_flow_value(small, "s", "t"))
    assert network.supplies[0].capacity == 9.0
    assert network.demands[0].quantity == 5.0
    assert network.demands[0].price == 3 * 2.0  # nodes times the dearest arc
    assert [arc.arc for arc in network.arcs] == ["a1", "a2", "a3"]
    assert network.info == Info(id="graph", title="A graph")
    assert {node.node: node.kind for node in network.nodes} == {
        "s": "area", "t": "market", "m": "transit",
    }  # fmt: skip


def test_choices_stand_in_for_attributes(small: nx.DiGraph[str]) -> None:
    network = Network.from_networkx(
        small,
        {"id": "x", "title": "X"},
        sources=["m"],
        sinks=["t"],
        commodity="hcl",
        measures="open",
        measure_cost=3,
        capacity_factor=10.0,
        arc_cost="none",
        price=7.0,
    )
    assert network.info == Info(id="x", title="X")
    again = Network.from_networkx(small, {"id": "x", "title": "X", "period": "2014"}, title="Y")
    assert again.info == Info(id="x", title="Y", period="2014")
    assert Network.from_networkx(small, network.info, id="z").info == Info(id="z", title="X")
    named = Network.from_networkx(small, id="z", title="Z").info
    assert (named.id, named.title) == ("z", "Z")
    assert [s.node for s in network.supplies] == ["m"]
    assert network.supplies[0].capacity is None
    assert network.demands[0].quantity == 40.0  # all that can come in
    assert network.demands[0].price == 7.0
    assert [arc.capacity for arc in network.arcs] == [40.0, 10.0, 30.0]
    assert [arc.cost for arc in network.arcs] == [0.0, 0.0, 0.0]
    assert [(m.measure, m.cost) for m in network.measures] == [("close_a3", 3.0)]
    assert [(e.target, e.cut) for e in network.effects] == [("a3", 1.0)]
    least = Network.from_networkx(small, sinks=["t"], quantity=2.5, capacity="none")
    assert least.demands[0].quantity == 2.5
    assert {arc.capacity for arc in least.arcs} == {None}


def test_demands_below_zero_are_supplies_as_networkx_has_them() -> None:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_node(1, demand=-5)
    graph.add_node(4, demand=5)
    graph.add_edge(1, 2, weight=3, capacity=4)
    graph.add_edge(1, 3, weight=6, capacity=10)
    graph.add_edge(2, 4, weight=1, capacity=9)
    graph.add_edge(3, 4, weight=2, capacity=5)
    network = Network.from_networkx(graph, arc_cost="weight")
    response = respond(network, objective="profit")
    cost = network.demands[0].price * response.delivered - 1000 * response.value
    assert cost == pytest.approx(nx.min_cost_flow_cost(graph))


def test_an_undirected_graph_has_both_ways_and_one_measure_for_them() -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edge("a", "b", capacity=3.0)
    graph.add_edge("c", "b", capacity=2.0)
    network = Network.from_networkx(graph, sources=["a"], sinks=["c"], measures="every-arc")
    assert respond(network).value == pytest.approx(nx.maximum_flow_value(graph, "a", "c"))
    assert [(a.arc, a.tail, a.head) for a in network.arcs] == [
        ("a1", "a", "b"), ("a1_back", "b", "a"), ("a2", "b", "c"), ("a2_back", "c", "b"),
    ]  # fmt: skip
    assert [e.target for e in network.effects if e.measure == "close_a2"] == ["a2", "a2_back"]
    assert network.demands[0].quantity == 2.0


def test_parallel_arcs_keep_their_keys() -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("s", supply=math.inf)
    graph.add_node("t", demand=9)
    graph.add_edge("s", "t", key="road", capacity=1)
    graph.add_edge("s", "t", key="river", capacity=math.inf)
    network = Network.from_networkx(graph)
    assert {a.arc: a.capacity for a in network.arcs} == {"road": 1.0, "river": None}
    assert network.supplies[0].capacity is None
    graph.add_edge("t", "s", key="road")
    assert [a.arc for a in Network.from_networkx(graph).arcs] == ["a1", "a2", "a3"]


def test_places_of_osmnx() -> None:
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(1, x=-77.0, y=-12.0, supply=1)
    graph.add_node(2, x=-76.0, y=-11.5, demand=1)
    graph.add_edge(1, 2, length=120.5)
    network = Network.from_networkx(graph, arc_cost="length")
    assert [(n.lon, n.lat) for n in network.nodes] == [(-77.0, -12.0), (-76.0, -11.5)]
    assert network.arcs[0].cost == 120.5
    graph.graph["crs"] = "epsg:32718"
    assert Network.from_networkx(graph).nodes[0].lat is None


def test_mistakes_name_their_node_or_arc(small: nx.DiGraph[str]) -> None:
    small.nodes["s"]["kind"] = "castle"
    small.nodes["t"]["demand"] = "much"
    small.edges["s", "m"]["capacity"] = -4.0
    small.edges["m", "t"]["loss"] = 1.5
    lines = told(small)
    assert any("graph: arc 'a1' from 's' to 'm': capacity: -4 is negative" in s for s in lines)
    assert any("graph: arc 'a3' from 'm' to 't': loss: 1.5 is above 1" in s for s in lines)
    assert any("graph: node 's': kind: 'castle'" in s for s in lines)
    assert any("graph: node 't': quantity: 'much'" in s for s in lines)
    assert len(lines) == 4


def test_what_is_lacking_is_asked_for(small: nx.DiGraph[str]) -> None:
    del small.nodes["s"]["supply"]
    del small.nodes["t"]["demand"]
    supply, demand = sorted(told(small), reverse=True)[::-1]
    assert "no node supplies anything: give nodes a number `supply`" in supply
    assert "no node takes anything: give nodes a number `demand`" in demand
    del small.edges["s", "t"]["capacity"]
    (text,) = told(small, sources=["s"], sinks=["t"])
    assert text.startswith("graph: node 't': quantity: an arc into it has no capacity")
    ends: dict[str, Any] = {"sources": ["s"], "sinks": ["t"], "quantity": 1}
    first, second, _ = told(small, **ends, measures="every-arc", measure_cost="open")
    assert first.startswith("graph: arc 'a1' from 's' to 'm': open: is not there, and a measure's")
    assert second.startswith("graph: arc 'a2' from 's' to 't': open: 'False' is no number of at l")
    for wrong, said in (
        ({"sources": "s"}, "sources 's' is a text; give a list of nodes"),
        ({"demand": 3}, "'demand' is no choice; there are commodity, sources"),
        ({"sources": ["x"]}, "source 'x' is no node of graph"),
        ({"sources": 5}, "sources 5 is no list; give a list of nodes"),
        ({"price": 10**400}, "is not a number of at least 0"),
        ({"title": " "}, "title ' ' is no name"),
        ({"arc_cost": "toll"}, "no arc of graph has an attribute 'toll'; those there are: capaci"),
    ):
        with pytest.raises(RequestError, match=said):
            Network.from_networkx(small, **wrong)


def test_a_supply_said_twice_and_nodes_of_one_name() -> None:
    graph: nx.DiGraph[str | int] = nx.DiGraph()
    graph.add_node("s", supply=1, demand=-2)
    graph.add_node(1, demand=3)
    graph.add_node("1")
    graph.add_edge("s", 1)
    assert told(graph) == [
        "graph: node '1': has the same text as node 1; rename one",
        "graph: node 's': demand: has a supply and a demand below 0, which is one too; delete one",
    ]


# -- out and back in ------------------------------------------------------------------------------


def bare(network: Network) -> tuple[Any, ...]:
    """Return what a graph holds of a network: nodes and arcs, what is supplied and taken."""
    plain: dict[str, Any] = {"source": (), "grade": None, "note": ""}
    nodes = sorted((dataclasses.replace(n, source=()) for n in network.nodes), key=repr)
    arcs = sorted((dataclasses.replace(a, source=()) for a in network.arcs), key=repr)
    supplies = sorted((dataclasses.replace(s, **plain) for s in network.supplies), key=repr)
    demands = sorted((dataclasses.replace(d, **plain) for d in network.demands), key=repr)
    return nodes, arcs, supplies, demands


def has_something(network: Network) -> bool:
    """Zero supplies and demands are none in a graph; without any there is no network."""
    return all(s.capacity != 0.0 for s in network.supplies) and all(
        d.quantity != 0.0 for d in network.demands
    )


@pytest.fixture
def base() -> Network:
    return read_network(BASE)


def test_the_graph_has_the_rows_with_their_columns(base: Network) -> None:
    graph = base.to_networkx()
    assert graph.graph == {"id": "base", "title": "A chain with one of everything"}
    assert list(graph.nodes) == [node.node for node in base.nodes]
    assert graph.nodes["Port"]["kind"] == "port"
    assert graph.nodes["Port"]["capacity"] == 100.0
    assert "capacity" not in graph.nodes["Lab"]
    assert graph.number_of_edges() == len(base.arcs)
    assert graph.edges["Lab", "Port", "a3"]["commodities"] == ("paste", "powder")
    assert graph.edges["Lab", "Port", "a3"]["loss"] == 0.1
    assert "capacity" not in graph.edges["Mine", "Lab", "a2"]
    assert nx.shortest_path_length(graph, "Farm", "City", weight="cost") == pytest.approx(14.1)


def test_nodes_say_what_they_supply_and_take(base: Network) -> None:
    graph = base.to_networkx()
    for supply in base.supplies:
        node = graph.nodes[supply.node]
        most = math.inf if supply.capacity is None else supply.capacity
        assert node[f"supply.{supply.commodity}"] == most
        assert node[f"supply_cost.{supply.commodity}"] == supply.cost
    for demand in base.demands:
        node = graph.nodes[demand.node]
        assert node[f"demand.{demand.commodity}"] == demand.quantity
        assert node[f"price.{demand.commodity}"] == demand.price
        assert node.get(f"pool.{demand.commodity}", "") == demand.pool


def test_parallel_arcs_stay_apart(base: Network) -> None:
    twin = dataclasses.replace(base.arcs[3], arc="a4b", mode="air")
    graph = base.replace(arcs=[*base.arcs, twin]).to_networkx()
    assert {k: d["mode"] for k, d in graph["Port"]["City"].items()} == {"a4": "ship", "a4b": "air"}


@settings(max_examples=draws(30))
@given(drawn())
def test_drawn_networks_come_back_from_their_graph(network: Network) -> None:
    if not has_something(network):
        return
    assert bare(Network.from_networkx(network.to_networkx(), network.info)) == bare(network)


@pytest.mark.parametrize("name", ["net.graphml", "net.nodelink.json"])
@pytest.mark.parametrize("network", ["tiny", "peru-2014"])
def test_files_come_back(name: str, network: str, tmp_path: Path) -> None:
    before = shipped(network)
    write_network(before, tmp_path / name)
    assert is_foreign(tmp_path / name)
    after = read_foreign(tmp_path / name)
    assert bare(after) == bare(before)
    assert (after.info.id, after.info.title) == (before.info.id, before.info.title)
    assert bare(read_network(tmp_path / name)) == bare(before)


def test_networkx_reads_what_is_written(tmp_path: Path) -> None:
    network = line()
    write_network(network, tmp_path / "net.graphml")
    write_network(network, tmp_path / "net.nodelink.json")
    graph: Any = nx.read_graphml(tmp_path / "net.graphml", force_multigraph=True)
    keys = re.findall(r'<key id="(.*?)"', (tmp_path / "net.graphml").read_text(encoding="utf-8"))
    assert len({*keys}) == len(keys) > 0
    assert graph.edges["A", "T", "a1"]["capacity"] == 20.0
    assert graph.nodes["M"]["demand.c"] == 10.0
    data = json.loads((tmp_path / "net.nodelink.json").read_text(encoding="utf-8"))
    other: Any = nx.node_link_graph(data, edges="edges")
    assert other.edges["A", "T", "a1"]["commodities"] == ["c"]
    assert other.nodes["M"]["demand.c"] == 10.0
    assert list(other.edges(keys=True)) == list(graph.edges(keys=True))


def test_graphml_of_other_tools(tmp_path: Path) -> None:
    """Without names, keys or an own namespace of attributes: as yEd and Gephi write it."""
    text = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="edge" attr.name="bandwidth" attr.type="int"/>
  <graph id="G" edgedefault="directed">
    <node id="n0"/><node id="n1"/><node id="n2"/>
    <edge source="n0" target="n1"><data key="d0">8</data></edge>
    <edge source="n1" target="n2"><data key="d0">6</data></edge>
  </graph>
</graphml>
"""
    path = tmp_path / "gephi.graphml"
    path.write_text(text, encoding="utf-8")
    network = read_foreign(path, sources=["n0"], sinks=["n2"], capacity="bandwidth")
    assert respond(network).value == pytest.approx(6.0)
    assert network.info.title == "gephi (a GraphML file)"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.graphml", "<graphml", "a.graphml:1: is no GraphML that can be read: unclosed token"),
        (
            "a.graphml",
            "<graphml/>",
            "a.graphml: is no GraphML that can be read: there is no <graph edgedefault=",
        ),
        ("a.json", "{", "a.json:1: is no JSON: Expecting a key in double quotes"),
        ("a.json", '{"nodes": []}', "a.json: is no node-link JSON: it needs a list of nodes"),
        ("a.json", '{"nodes": [], "links": 3}', "a.json: is no node-link JSON: it needs a list"),
    ],
)
def test_files_that_are_no_graphs(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_foreign(tmp_path / name)
    assert str(caught.value).startswith(said)


def test_an_empty_graph_says_what_it_lacks() -> None:
    assert told(nx.DiGraph()) == ["graph: has no nodes and no arcs; a network needs both"]
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node("s", supply=1)
    assert told(graph) == ["graph: has no arcs; a network needs both"]


@pytest.mark.parametrize("graph", [None, "graph", {"s": ["t"]}])
def test_what_is_no_graph_is_refused(graph: Any) -> None:
    (text,) = told(graph)
    assert text == f"graph: a {type(graph).__name__} stands where a graph of networkx belongs"


def test_signs_that_xml_cannot_say_are_refused(tmp_path: Path) -> None:
    network = line()
    nodes = [dataclasses.replace(n, name="a\x01b") for n in network.nodes]
    with pytest.raises(InputError, match="holds a sign that XML has no word for"):
        write_network(network.replace(nodes=nodes), tmp_path / "net.graphml")
