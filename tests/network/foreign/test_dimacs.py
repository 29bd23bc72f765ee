"""DIMACS files: networkx finds the same flows, and each mistake is told with its line."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.errors import InputError, RequestError
from flowopt.network.network import Network
from flowopt.network.read import read_foreign, read_network
from flowopt.network.write import write_network
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from tests.draws import draws

MAX = """c the example of the challenge
p max 6 8
n 1 s
n 6 t
a 1 2 5
a 1 3 15
a 2 4 5
a 2 5 5
a 3 4 5
a 3 5 5
a 4 6 15
a 5 6 5
"""
MIN = """c another one
p min 4 5
n 1 4
n 4 -4
a 1 2 0 4 2
a 1 3 0 2 2
a 2 3 0 2 1
a 2 4 0 3 3
a 3 4 0 5 1
"""


def read(folder: Path, text: str, name: str = "net.max", **choices: object) -> Network:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_foreign(path, **choices)


def told(folder: Path, text: str, name: str = "net.max", **choices: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, text, name, **choices)
    return [str(problem) for problem in caught.value.problems]


def test_the_example_of_the_challenge(tmp_path: Path) -> None:
    network = read(tmp_path, MAX)
    assert respond(network).value == pytest.approx(15.0)
    assert [node.kind for node in network.nodes] == ["area", *["transit"] * 4, "market"]
    assert network.info.id == "net"
    assert [arc.arc for arc in network.arcs] == [f"a{i}" for i in range(1, 9)]
    assert network.arcs[1].capacity == 15.0
    assert network.demands[0].quantity == 20.0  # what the arcs into the sink carry
    assert network.supplies[0].capacity is None
    assert network.measures == ()
    assert network.warnings == ()


@pytest.mark.parametrize("sign", ["\x0b", "\x1c", "\x85", "\u2028"])
def test_a_comment_ends_where_an_editor_ends_its_line(tmp_path: Path, sign: str) -> None:
    network = read(tmp_path, MAX.replace("c the", f"c the{sign}"))
    assert respond(network).value == pytest.approx(15.0)
    text = MAX.replace("c the", f"c the{sign}").replace("a 1 2 5", "a 1 2 x")
    assert told(tmp_path, text)[0].startswith("net.max:5: CAPACITY: 'x' is no number")


def test_cutting_one_arc_is_the_classical_question(tmp_path: Path) -> None:
    network = read(tmp_path, MAX, measures="every-arc", measure_cost=2.0)
    assert len(network.measures) == 8
    found = solve(network, budget=2)
    graph: nx.DiGraph[str] = nx.DiGraph()
    for arc in network.arcs:
        graph.add_edge(arc.tail, arc.head, capacity=arc.capacity)
    best = min(
        nx.maximum_flow_value(nx.restricted_view(graph, [], [edge]), "1", "6")
        for edge in graph.edges
    )
    assert found.value == pytest.approx(best)


@settings(max_examples=draws(15))
@given(st.integers(0, 10**6))
def test_max_flow_is_that_of_networkx(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    dice = random.Random(seed)
    nodes = dice.randint(2, 9)
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    lines = []
    for _ in range(dice.randint(1, 20)):
        tail, head = dice.sample(range(1, nodes + 1), 2)
        capacity = dice.choice((0, 1, 3, 7, 2.5, 40))
        graph.add_edge(tail, head, capacity=capacity)
        lines.append(f"a {tail} {head} {capacity}")
    simple: nx.DiGraph[int] = nx.DiGraph()
    simple.add_nodes_from((1, nodes))
    for tail, head, capacity in graph.edges(data="capacity"):
        before = simple.get_edge_data(tail, head, {"capacity": 0})["capacity"]
        simple.add_edge(tail, head, capacity=before + capacity)
    text = "\n".join([f"p max {nodes} {len(lines)}", "n 1 s", f"n {nodes} t", *lines])
    network = read(tmp_path_factory.mktemp("drawn"), text)
    assert respond(network).value == pytest.approx(nx.maximum_flow_value(simple, 1, nodes))


@settings(max_examples=draws(15))
@given(st.integers(0, 10**6))
def test_least_cost_is_that_of_networkx(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    dice = random.Random(seed)
    nodes = dice.randint(2, 8)
    flows = [0] * (nodes + 1)
    for _ in range(dice.randint(1, 3)):
        giver, taker = dice.sample(range(1, nodes + 1), 2)
        amount = dice.randint(1, 9)
        flows[giver] += amount
        flows[taker] -= amount
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from((node, {"demand": -flows[node]}) for node in range(1, nodes + 1))
    for tail in range(1, nodes + 1):
        for head in range(1, nodes + 1):
            if tail != head and dice.random() < 0.6:
                graph.add_edge(tail, head, capacity=dice.randint(0, 12), weight=dice.randint(0, 9))
    arcs = [f"a {u} {v} 0 {d['capacity']} {d['weight']}" for u, v, d in graph.edges(data=True)]
    given_ = [f"n {node} {flows[node]}" for node in range(1, nodes + 1) if flows[node]]
    if not given_ or not arcs:
        return
    text = "\n".join([f"p min {nodes} {len(arcs)}", *given_, *arcs])
    network = read(tmp_path_factory.mktemp("drawn"), text, "net.min")
    response = respond(network, objective="profit")
    total = sum(flow for flow in flows if flow > 0)
    try:
        least = nx.min_cost_flow_cost(graph)
    except nx.NetworkXUnfeasible:
        assert response.delivered < total - 1e-6
        assert respond(network).value == pytest.approx(response.delivered)
        return
    assert response.delivered == pytest.approx(total)
    price = network.demands[0].price
    assert price * total - 1000.0 * response.value == pytest.approx(least, abs=1e-6)


def test_the_formula_of_the_docs(tmp_path: Path) -> None:
    network = read(tmp_path, MIN, "net.min")
    assert network.demands[0].price == 4 * 3  # nodes times the dearest arc
    response = respond(network, objective="profit")
    assert 12 * response.delivered - 1000 * response.value == pytest.approx(14.0)


def test_what_is_read_can_be_written_and_read(tmp_path: Path) -> None:
    network = read(tmp_path, MIN, "net.min", measures="every-arc", commodity="hcl", price=50.0)
    assert network.demands[0].price == 50.0
    assert network.commodities[0].commodity == "hcl"
    write_network(network, tmp_path / "folder")
    assert read_network(tmp_path / "folder") == network
    assert read_network(tmp_path / "net.min").replace(measures=[], effects=[]) == read_foreign(
        tmp_path / "net.min"
    )


def test_a_cost_from_the_arcs(tmp_path: Path) -> None:
    network = read(tmp_path, MAX, measures="every-arc", measure_cost="capacity")
    assert [m.cost for m in network.measures] == [arc.capacity for arc in network.arcs]
    for choices in ({"measures": "width"}, {"measures": "every-arc", "measure_cost": "width"}):
        with pytest.raises(RequestError, match="an attribute 'width'; those there are: capacity"):
            read(tmp_path, MAX, **choices)


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"price": -1.0}, "price -1.0 is not a number of at least 0"),
        ({"capacity_factor": 0.0}, "capacity factor 0.0 is not above 0"),
        ({"measure_cost": float("nan")}, "cost nan of a measure is not at least 0"),
        ({"commodity": " "}, "commodity ' ' is no name"),
        ({"price": "5"}, "price '5' is not a number of at least 0"),
        ({"measures": None}, "measures None is no name"),
        ({"sources": ("7",)}, "source '7' is no node of net.max"),
    ],
)
def test_choices_that_cannot_be_meant(tmp_path: Path, choices: dict[str, Any], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        read(tmp_path, MAX, **choices)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("p max 6 8", "p max 6 9", ["2: ARCS: 9 arcs were announced, the file has 8"]),
        ("p max 6 8", "p sp 6 8", ["2: 'p sp 6 8' is no problem line"]),
        ("p max 6 8", "p max six 8", ["2: NODES: 'six' is no whole number of at least 1"]),
        ("p max 6 8\n", "", ["2: stands before the problem line"]),
        ("n 6 t", "p max 6 8", ["2: there is no sink", "4: is a second problem line; the first"]),
        ("n 6 t", "n 5 s", ["4: node 5 is a second source, the first is 1"]),
        ("n 6 t", "n 6 x", ["4: 'x' is neither s (source) nor t (sink)"]),
        ("n 6 t", "n 1 t", ["4: ID: node 1 is source and sink"]),
        ("n 6 t", "n 7 t", ["4: ID: '7' is no whole number from 1 to 6"]),
        ("n 6 t", "e 6 t", ["2: there is no sink", "4: begins with 'e'; lines begin with c, p"]),
        ("a 1 2 5", "a 1 2", ["5: has 2 words after a; it reads a TAIL HEAD CAPACITY"]),
        ("a 1 2 5", "a 1 9 5", ["5: HEAD: '9' is no whole number from 1 to 6"]),
        ("a 1 2 5", "a 1 2 -5", ["5: CAPACITY: -5 is below 0"]),
        ("a 1 2 5", "a 1 2 inf", ["5: CAPACITY: 'inf' is no number"]),
        ("a 1 2 5", "a 2 2 5", ["5: goes from node 2 to itself"]),
        ("a 1 2 5", "a 0 2 5,5", ["5: CAPACITY: '5,5' is no number", "5: TAIL: '0' is no whole"]),
    ],
)
def test_mistakes_in_a_maximum_flow(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    lines = told(tmp_path, MAX.replace(old, new))
    assert len(lines) == len(said)
    for line, start in zip(lines, said, strict=True):
        assert line.startswith(f"net.max:{start}")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("n 1 4", "n 1 5", "2: FLOW: supplies add up to 5 and demands to 4"),
        ("n 4 -4", "n 1 -4", "4: ID: node 1 has a flow in line 3 already"),
        ("n 4 -4", "n 4", "4: has 1 words after n; it reads n ID FLOW"),
        (
            "a 1 2 0 4 2",
            "a 1 2 1 4 2",
            "5: LOW: 1: the format has no least flow, so it can't",
        ),
        (
            "a 1 2 0 4 2",
            "a 1 2 0 4 -2",
            "5: COST: -2 is below 0: the format has no arcs that pay, so it can't hold",
        ),
        ("a 1 2 0 4 2", "a 1 2 4 2", "5: has 4 words after a; it reads a TAIL HEAD LOW CAPACITY"),
    ],
)
def test_mistakes_in_a_least_cost(tmp_path: Path, old: str, new: str, said: str) -> None:
    (line,) = told(tmp_path, MIN.replace(old, new), "net.min")
    assert line.startswith(f"net.min:{said}")


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    text = MAX.replace("a 1 2 5", "a 1 2 x").replace("a 5 6 5", "a 5 8 5").replace("n 6 t\n", "")
    assert [line[:11] for line in told(tmp_path, text)] == [
        "net.max:2: ",
        "net.max:4: ",
        "net.max:11:",
    ]


def test_files_that_are_none(tmp_path: Path) -> None:
    assert told(tmp_path, "c nothing\n") == [
        "net.max: has no problem line; begin with a line such as p max 6 8"
    ]
    (tmp_path / "bytes.max").write_bytes(b"p max 2 1\xff")
    with pytest.raises(InputError, match=r"bytes\.max:1: byte 0xFF"):
        read_foreign(tmp_path / "bytes.max")
    with pytest.raises(InputError, match="there is no such folder or file"):
        read_foreign(tmp_path / "nowhere.max")
    (tmp_path / "notes.txt").touch()
    with pytest.raises(RequestError, match="no network of another program; give a node-link"):
        read_foreign(tmp_path / "notes.txt")
