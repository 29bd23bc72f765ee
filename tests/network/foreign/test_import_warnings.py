"""Nothing of a foreign file is dropped, guessed or defaulted without a line that says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from flowopt.errors import InputError, RequestError
from flowopt.network.network import Network
from flowopt.network.read import read_foreign, read_network
from flowopt.planning.respond import respond
from tests.command import run

HEAD = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
KEY = '<key id="c" {0} attr.name="capacity" attr.type="double"><default>2</default></key>'
GRAPH = """<graph edgedefault="directed">
<node id="pit"/><node id="ford"/><node id="pier"/>
<edge source="pit" target="ford"/>
<edge source="ford" target="pier"><data key="c">9</data></edge></graph></graphml>
"""
ENDS: dict[str, Any] = {"sources": ["pit"], "sinks": ["pier"]}


def graphml(folder: Path, text: str) -> Path:
    path = folder / "net.graphml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def node_link(folder: Path, **more: Any) -> Path:
    said: dict[str, Any] = {
        "directed": True,
        "nodes": [{"id": "pit", "supply": 5}, {"id": "ford"}, {"id": "pier", "demand": 5}],
        "links": [
            {"source": "pit", "target": "ford", "Capacity": 2},
            {"source": "ford", "target": "pier", "Capacity": 3},
        ],
    } | more
    path = folder / "net.json"
    path.write_text(json.dumps(said), encoding="utf-8")
    return path


def told(path: Path, **choices: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_foreign(path, **choices)
    return [str(problem) for problem in caught.value.problems]


# -- GraphML --------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["", 'for="all"', 'for="edge"'])
def test_defaults_count_for_what_their_key_is_for(tmp_path: Path, scope: str) -> None:
    network = read_foreign(graphml(tmp_path, KEY.format(scope) + GRAPH), **ENDS)
    assert [arc.capacity for arc in network.arcs] == [2.0, 9.0]
    assert respond(network).value == pytest.approx(2.0)


def test_defaults_of_other_elements_do_not_count(tmp_path: Path) -> None:
    network = read_foreign(graphml(tmp_path, KEY.format('for="node"') + GRAPH), **ENDS, quantity=1)
    assert [arc.capacity for arc in network.arcs] == [None, 9.0]
    assert {node.capacity for node in network.nodes} == {2.0}


def test_a_default_demand_is_that_of_every_node_without_its_own(tmp_path: Path) -> None:
    key = '<key id="d" for="all" attr.name="demand" attr.type="double"><default>3</default></key>'
    text = KEY.format("") + key + GRAPH.replace(
        '<node id="pit"/>', '<node id="pit"><data key="d">-9</data></node>'
    )  # fmt: skip
    network = read_foreign(graphml(tmp_path, text))
    assert {row.node: row.quantity for row in network.demands} == {"ford": 3.0, "pier": 3.0}
    assert [(row.node, row.capacity) for row in network.supplies] == [("pit", 9.0)]


@pytest.mark.filterwarnings("error")
def test_keys_without_a_type_are_texts_in_silence(tmp_path: Path) -> None:
    key = '<key id="c" for="edge" attr.name="capacity"/>'
    network = read_foreign(graphml(tmp_path, key + GRAPH), **ENDS, quantity=1)
    assert network.arcs[1].capacity == 9.0


@pytest.mark.parametrize(
    ("default", "said", "expected"),
    [
        ("undirected", "true", "edge: goes one way in an undirected graph; write edgedefault="),
        ("directed", "false", "edge: goes both ways in a directed graph; write it as two edges"),
    ],
)
def test_mixed_graphs_are_refused_with_their_line(
    tmp_path: Path, default: str, said: str, expected: str
) -> None:
    text = GRAPH.replace('edgedefault="directed"', f'edgedefault="{default}"')
    text = text.replace('source="ford"', f'directed="{said}" source="ford"')
    (line,) = told(graphml(tmp_path, KEY.format("") + text), **ENDS)
    assert line.startswith(f"net.graphml:4: {expected}")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('key="c"', 'key="x"', "4: data: the key 'x' is declared nowhere; add <key id='x' .../>"),
        ("</graph>", "<hyperedge/></graph>", "4: hyperedge: joins several nodes at once; write an "
         "edge for each two"),
    ],
)  # fmt: skip
def test_what_a_graph_cannot_keep_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    lines = told(graphml(tmp_path, KEY.format("") + GRAPH.replace(old, new, 1)), **ENDS)
    assert lines[0].startswith(f"net.graphml:{said}"), lines


def test_edges_without_a_direction_said_go_both_ways_and_it_is_told(tmp_path: Path) -> None:
    text = KEY.format("") + GRAPH.replace(' edgedefault="directed"', "")
    network = read_foreign(graphml(tmp_path, text), **ENDS)
    assert len(network.arcs) == 4
    assert (
        "net.graphml:1: edgedefault: is not said, so each edge goes both ways; it is directed or "
        "undirected"
    ) in network.warnings


def test_entities_are_refused(tmp_path: Path) -> None:
    lol = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
    path = tmp_path / "net.graphml"
    path.write_text(f'<!DOCTYPE graphml [<!ENTITY l0 "lol">{lol}]>{HEAD}&l9;', encoding="utf-8")
    assert told(path) == [
        "net.graphml:1: declares the entity 'l0'; write what it stands for in its place"
    ]
    path.write_text(
        f'<!DOCTYPE graphml [<!ENTITY x SYSTEM "/etc/passwd">]>{HEAD}&x;', encoding="utf-8"
    )
    assert "declares the entity 'x'" in told(path)[0]


def test_groups_without_end_are_refused(tmp_path: Path) -> None:
    group = '<node id="g{0}" yfiles.foldertype="group"><graph>'
    text = '<graph edgedefault="directed">' + "".join(map(group.format, range(50_000)))
    assert told(graphml(tmp_path, text)) == ["net.graphml:1: is nested too deeply for a network"]


LABEL = """<key for="node" id="g" yfiles.type="nodegraphics"/>
<graph edgedefault="directed">
<node id="n0"><data key="g"><y:ShapeNode xmlns:y="http://www.yworks.com/xml/graphml">
<y:NodeLabel>Quarry<y:LabelModel/></y:NodeLabel></y:ShapeNode></data></node>
<node id="n1"><data key="g"><y:ShapeNode xmlns:y="http://www.yworks.com/xml/graphml">
<y:NodeLabel>Harbour</y:NodeLabel></y:ShapeNode></data></node>
<edge source="n0" target="n1"/></graph></graphml>
"""


def test_labels_of_yed_are_names(tmp_path: Path) -> None:
    path = graphml(tmp_path, LABEL)
    network = read_foreign(path, sources=["Quarry"], sinks=["n1"], quantity=1)
    assert [(n.node, n.name) for n in network.nodes] == [("n0", "Quarry"), ("n1", "Harbour")]
    assert [s.node for s in network.supplies] == ["n0"]


# -- names ----------------------------------------------------------------------------------------


def test_labels_are_names_and_may_name_a_node(tmp_path: Path) -> None:
    nodes = [{"id": 1, "label": "Quarry"}, {"id": 2, "label": "Ford"}, {"id": 3, "label": "Ford"}]
    links = [{"source": 1, "target": 2, "capacity": 1}, {"source": 2, "target": 3, "capacity": 1}]
    path = node_link(tmp_path, nodes=nodes, links=links)
    network = read_foreign(path, sources=["Quarry"], sinks=["3"])
    assert [node.name for node in network.nodes] == ["Quarry", "Ford", "Ford"]
    assert [supply.node for supply in network.supplies] == ["1"]
    with pytest.raises(RequestError, match="sink 'Ford' is the name of 2, 3; give one of the ids"):
        read_foreign(path, sources=["1"], sinks=["Ford"])
    said = r"source 'Quary' is no node of net.json; did you mean 'Quarry'\? There are 1 \(Quarry\),"
    with pytest.raises(RequestError, match=said):
        read_foreign(path, sources=["Quary"], sinks=["3"])


def test_a_refusal_lists_the_first_ids_alone() -> None:
    graph = nx.path_graph(100, create_using=nx.DiGraph)
    with pytest.raises(
        RequestError, match=r"'x' is no node of graph; there are 0, 1, 2, .* and 88"
    ):
        Network.from_networkx(graph, sources=["x"], sinks=["3"])


@pytest.mark.parametrize("choices", [{"sources": ["pit"], "sinks": ["pit"]}, {"sinks": ["pit"]}])
def test_a_node_that_is_source_and_sink_is_refused(tmp_path: Path, choices: Any) -> None:
    with pytest.raises(RequestError, match="node 'pit' is source and sink; they must differ"):
        read_foreign(node_link(tmp_path), **choices, quantity=1)


# -- attributes -----------------------------------------------------------------------------------


def test_a_near_miss_is_named_and_can_be_meant(tmp_path: Path) -> None:
    path = node_link(tmp_path)
    network = read_foreign(path)
    assert respond(network).value == pytest.approx(5.0)
    assert set(network.warnings) == {
        "net.json: Capacity: is not read (2 values); did you mean 'capacity'? Rename it, or name "
        "it (--capacity Capacity)",
        "net.json: capacity: no arc has a 'capacity', which is read as without limit",
    }
    meant = read_foreign(path, capacity="Capacity")
    assert respond(meant).value == pytest.approx(2.0)
    assert not [text for text in meant.warnings if text.startswith("net.json")]


@pytest.mark.parametrize("choice", ["capacity", "arc_cost"])
def test_an_attribute_that_somebody_names_has_to_be_there(tmp_path: Path, choice: str) -> None:
    usual = {"capacity": "capacity", "arc_cost": "cost"}[choice]
    with pytest.raises(RequestError, match=f"has an attribute '{usual}'; those there are: Capacit"):
        read_foreign(node_link(tmp_path), **{choice: usual})


def test_near_misses_at_nodes_and_all_else_that_is_not_read(tmp_path: Path) -> None:
    nodes = [{"id": "pit", "Supply": 5, "elevation": 3}, {"id": "ford"}, {"id": "pier", "x": 1}]
    path = node_link(tmp_path, nodes=nodes, viz={}, version=3)
    warnings = read_foreign(path, **ENDS, quantity=1).warnings
    assert "net.json: Supply: is not read (1 values); did you mean 'supply'? Rename it" in warnings
    assert "net.json: of nodes is not read: elevation, x" in warnings
    assert "net.json: of the file is not read: viz, version" in warnings


def test_a_direction_that_is_not_said_is_told(tmp_path: Path) -> None:
    said = json.loads(node_link(tmp_path).read_text(encoding="utf-8"))
    del said["directed"]
    path = tmp_path / "net.json"
    path.write_text(json.dumps(said), encoding="utf-8")
    assert (
        'net.json: directed: is not said, so each edge goes both ways; write "directed": true or '
        "false"
    ) in read_foreign(path).warnings


def test_two_lists_of_edges_are_refused(tmp_path: Path) -> None:
    assert told(node_link(tmp_path, edges=[])) == [
        "net.json: links: stands beside edges; join the two lists"
    ]


def test_the_cost_of_networkx_is_named() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node("mine", demand=-5)
    graph.add_node("quay", demand=5)
    graph.add_edge("mine", "quay", capacity=4, weight=3)
    assert any(
        text.startswith("graph: weight: is not read, so the arcs are free; networkx takes it for")
        for text in Network.from_networkx(graph).warnings
    )
    meant = Network.from_networkx(graph, arc_cost="weight")
    assert not [text for text in meant.warnings if "weight" in text]


# -- GMNS -----------------------------------------------------------------------------------------


def test_what_links_leave_open_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "node.csv").write_text("node_id\n1\n2\n", encoding="utf-8")
    (folder / "link.csv").write_text(
        "link_id,from_node_id,to_node_id,directed,capacity,lanes,speed\n"
        "a,1,2,true,5,2,9\nb,1,2,,5,0,9\nc,1,2,true,,0,9\nd,1,2,true,5,,9\ne,1,2,,7,1,9\n",
        encoding="utf-8",
    )
    (folder / "zone.csv").write_text("zone_id\n", encoding="utf-8")
    network = read_foreign(folder, sources=["1"], sinks=["2"], quantity=1)
    assert [arc.capacity for arc in network.arcs] == [10.0, 0.0, None, 5.0, 7.0]
    assert sorted(text for text in network.warnings if not text.startswith("demands")) == [
        "link.csv:3: directed: is blank, which is read as one way (2 such links in all)",
        "link.csv:3: lanes: is 0, so the capacity is 0",
        "link.csv:4: lanes: is 0 and there is no capacity, which is read as without limit; give a "
        "capacity of 0 to close the link, or delete it",
        "link.csv:5: lanes: is blank, so the capacity is read as that of the whole link",
        "town: capacity: 1 of 5 arcs have no 'capacity', which is read as without limit",
        "town: of link.csv is not read: speed",
        "town: of the folder is not read: zone.csv",
    ]


# -- kinds that are not read ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("edges.csv", "source,target\na,b\n", "is a list of edges, which is not read by itself; "),
        ("net.gml", "", "is GML, which is not read; write it as GraphML"),
        ("net.gexf", "", "is GEXF, which is not read; write it as GraphML"),
        ("net.tntp", "", "is a network of TNTP, which is not read; write its arcs as link.csv"),
        ("net.max.gz", "", "is packed; unpack it first"),
        ("net.json", '{"data": {}, "elements": {"nodes": []}}', "is a network of Cytoscape, which"),
    ],
)
def test_files_of_other_kinds_have_a_way_round(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_network(path)
    (line,) = str(caught.value).splitlines()
    assert f"{name}: {said}" in line
    done = run("convert", path, tmp_path / "out", "--source", "a")
    assert (done.returncode, line in done.stderr) == (1, True)
