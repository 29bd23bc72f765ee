"""GraphML and node-link JSON: what a graph can't hold is refused, each with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowopt.errors import InputError
from flowopt.network.formats import is_foreign
from flowopt.network.network import Network
from flowopt.network.read import read_foreign

ENDS: dict[str, Any] = {"sources": ["s"], "sinks": ["t"]}
NODES = [{"id": "s"}, {"id": "m"}, {"id": "t"}]
EDGES = [
    {"source": "s", "target": "m", "capacity": 5},
    {"source": "m", "target": "t", "capacity": 3},
]


def write(folder: Path, said: object, *, indent: int | None = None) -> Path:
    path = folder / "net.json"
    text = said if isinstance(said, str) else json.dumps(said, indent=indent)
    path.write_text(text, encoding="utf-8")
    return path


def told(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_foreign(path, **ENDS)
    return [str(problem) for problem in caught.value.problems]


def net(**more: Any) -> dict[str, Any]:
    return {"directed": True, "multigraph": False, "nodes": NODES, "edges": EDGES, **more}


# -- node-link ------------------------------------------------------------------------------------


@pytest.mark.parametrize("graph", [{}, None, [], [["title", "A river"]], {"title": "A river"}])
def test_what_the_graph_says_of_itself_may_be_pairs(tmp_path: Path, graph: Any) -> None:
    """d3 and older releases of networkx write a list of pairs."""
    network = read_foreign(write(tmp_path, net(graph=graph)), **ENDS)
    titles = {"A river", "net (a node-link file)"}
    assert network.info.title in titles
    assert (network.info.title == "A river") == bool(graph)


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (7, "7 is no object"),
        ("x", "'x' is no object"),
        (["ab"], "['ab'] is no object"),
        ([[1, 2]], "[[1, 2]] is no object"),
        ([["id", "a"], ["id", "b"]], "[['id', 'a'], ['id', 'b']] is no object"),
    ],
)
def test_a_graph_that_says_nothing_legible_is_refused(
    tmp_path: Path, graph: Any, said: str
) -> None:
    (text,) = told(write(tmp_path, net(graph=graph)))
    assert text == f'net.json: graph: {said}; write {{"title": "..."}} or delete it'


def test_what_would_be_lost_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = """{
 "directed": true, "multigraph": false,
 "nodes": [
  {"id": "s"},
  {"id": "t"},
  {"id": "s", "capacity": 7},
  {"name": "nameless"},
  {"id": "m", "kind": "transit", "kind": "depot"},
  5
 ],
 "edges": [
  {"source": "s", "target": "m", "capacity": 5},
  {"source": "m", "target": "t", "capacity": 3},
  {"source": "s", "target": "m", "capacity": 50},
  {"source": "s", "target": "x"},
  {"target": "t"}
 ],
 "directed": false
}"""
    assert told(write(tmp_path, text)) == [
        "net.json:6: nodes, item 3: the id 's' is that of nodes, item 1 too; rename or delete one",
        'net.json:7: nodes, item 4: there is no id, a text or a number; write {"id": "...", ...}',
        "net.json:8: nodes, item 5: the key 'kind' is there twice; delete one",
        "net.json:9: nodes, item 6: 5 is no object; write {...}",
        "net.json:14: edges, item 3: goes from 's' to 'm', as edges, item 1 does; delete one, or "
        'write "multigraph": true',
        "net.json:15: edges, item 4: target: 'x' is the id of no node; give the id of a node in "
        "the list of nodes",
        "net.json:16: edges, item 5: source: there is none; give the id of a node in the list of "
        "nodes",
        "net.json:18: directed: is there twice; join the two",
    ]


def test_a_file_of_one_line_has_items_and_no_lines(tmp_path: Path) -> None:
    (text,) = told(write(tmp_path, net(nodes=[*NODES, {"id": "t"}])))
    assert text.startswith("net.json: nodes, item 4: the id 't' is that of nodes, item 3 too")


@pytest.mark.parametrize("directed", [True, False])
def test_equal_keys_are_refused_and_other_parallels_kept(tmp_path: Path, directed: bool) -> None:
    road = {"source": "s", "target": "m", "key": "road", "capacity": 5}
    back = {"source": "m", "target": "s", "key": "road", "capacity": 1}
    more: dict[str, Any] = {"directed": directed, "multigraph": True}
    edges = [{**EDGES[1], "key": "river"}, road, {**road, "key": "rail"}]
    network = read_foreign(write(tmp_path, net(edges=edges, **more)), **ENDS)
    assert {a.arc for a in network.arcs if a.capacity == 5.0 and a.tail == "s"} == {"road", "rail"}
    path = write(tmp_path, net(edges=[*edges, road], **more))
    (text,) = told(path)
    assert text.startswith("net.json: edges, item 4: goes from 's' to 'm' with the key 'road', as ")
    path = write(tmp_path, net(edges=[*edges, back], **more))
    if directed:
        assert len(read_foreign(path, **ENDS).arcs) == 4
    else:
        (text,) = told(path)
        assert "edges, item 4: goes from 'm' to 's' with the key 'road'" in text


def test_edges_without_keys_never_replace_one_another(tmp_path: Path) -> None:
    """networkx calls a first edge 0, and a later one with the key 0 would take its place."""
    edges = [*EDGES, {**EDGES[0], "key": 0, "capacity": 2}, {**EDGES[0], "capacity": 1}]
    network = read_foreign(write(tmp_path, net(edges=edges, multigraph=True)), **ENDS)
    assert sorted(a.capacity or 0.0 for a in network.arcs) == [1.0, 2.0, 3.0, 5.0]


@pytest.mark.parametrize("name", ["directed", "multigraph"])
def test_a_flag_is_true_or_false(tmp_path: Path, name: str) -> None:
    (text,) = told(write(tmp_path, net(**{name: "false"})))
    assert text == f"net.json: {name}: 'false' is neither true nor false"


def test_deep_nesting_is_told(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    path = write(tmp_path, f'{{"nodes": [], "edges": [], "graph": {deep}}}')
    is_foreign(path)
    assert told(path) == ["net.json: is nested too deeply for a network"]
    assert not is_foreign(write(tmp_path, deep))


def test_a_number_too_large_is_no_way_to_say_unlimited(tmp_path: Path) -> None:
    edges = [EDGES[0] | {"capacity": "@"}, EDGES[1]]
    text = json.dumps(net(edges=edges))
    (said,) = told(write(tmp_path, text.replace('"@"', "1e999")))
    assert "1e999 is too large" in said
    network = read_foreign(write(tmp_path, text.replace('"@"', "Infinity")), **ENDS)
    assert network.arcs[0].capacity is None
    (said,) = told(write(tmp_path, text.replace('"@"', "9" * 5000)))
    assert said.startswith("net.json: arc 'a1' from 's' to 'm': capacity: '99999")
    assert said.endswith("99... is not a number; give a number (t/yr), or leave it blank for "
                         "unlimited")  # fmt: skip


def test_a_graph_calls_itself(tmp_path: Path) -> None:
    path = write(tmp_path, net(graph={"id": "r1", "title": "A river"}))
    info = read_foreign(path, **ENDS).info
    assert (info.id, info.title) == ("r1", "A river")
    info = read_foreign(path, **ENDS, id="r2", title="Another").info
    assert (info.id, info.title) == ("r2", "Another")
    info = read_foreign(write(tmp_path, net(graph={"id": "r1"})), **ENDS).info
    assert (info.id, info.title) == ("r1", "r1 (a node-link file)")


# -- GraphML --------------------------------------------------------------------------------------

HEAD = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="c" for="edge" attr.name="capacity" attr.type="double"/>
"""
GRAPH = """<graph id="G" edgedefault="directed">
<node id="s"/><node id="m"/>
<node id="t"/>
<edge id="up" source="s" target="m"><data key="c">5</data></edge>
<edge id="down" source="m" target="t"><data key="c">3</data></edge>
</graph>
"""


def graphml(folder: Path, text: str = GRAPH, *, head: str = HEAD) -> Path:
    path = folder / "net.graphml"
    path.write_text(f"{head}{text}</graphml>\n", encoding="utf-8")
    return path


def test_graphml_keeps_the_ids_of_its_edges(tmp_path: Path) -> None:
    network = read_foreign(graphml(tmp_path), **ENDS)
    assert {a.arc: a.capacity for a in network.arcs} == {"up": 5.0, "down": 3.0}
    numbered = GRAPH.replace('"up"', '"7"').replace('"down"', '"8"')
    assert [a.arc for a in read_foreign(graphml(tmp_path, numbered), **ENDS).arcs] == ["7", "8"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('<node id="t"/>', '<node id="t"/><node id="s"/>',
         "5: node: the id 's' is that of the node in line 4 too; rename or delete one"),
        ('<node id="t"/>', '<node id="t"/><node/>', "5: node: there is no id; write <node id="),
        ("</graph>", '</graph>\n<graph edgedefault="directed"/>',
         "9: is a second graph; the first begins in line 3: leave one, or join them"),
        ('<node id="t"/>', '<node id="t"><graph id="H"/></node>',
         "5: the node 't' holds a graph of its own, which can't be kept"),
        ('target="m"', 'target="x"',
         "6: edge: target: 'x' is the id of no node; add the node, or mend or delete the edge"),
        (' target="m"', "", "6: edge: target: there is none; give the id of a node"),
        ("</graph>", '<edge id="up" source="s" target="m"/>\n</graph>',
         "8: edge: from 's' to 'm' has the id 'up' as in line 6; give each an id of its own"),
        ("5</data>", '5</data><data key="c">50</data>',
         "6: data: a second value of the key 'c'; delete one"),
        ("</graph>", "<graph>", "9: is no GraphML that can be read: mismatched tag at character"),
    ],
)  # fmt: skip
def test_what_graphml_would_lose_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    lines = told(graphml(tmp_path, GRAPH.replace(old, new, 1)))
    assert [text.startswith(f"net.graphml:{said}") for text in lines] == [True], lines


def test_edges_of_the_same_ends_and_key_are_told(tmp_path: Path) -> None:
    head = HEAD + '<key id="k" for="edge" attr.name="key" attr.type="string"/>\n'
    edge = '<edge source="s" target="m"><data key="k">a</data></edge>\n'
    lines = told(graphml(tmp_path, GRAPH.replace("</graph>", edge * 2 + "</graph>"), head=head))
    assert lines == [
        "net.graphml:10: edge: from 's' to 'm' has the id 'a' as in line 9; give each an id of its "
        "own, or delete one"
    ]


def test_ids_that_networkx_repeats_for_other_ends_are_no_mistake(tmp_path: Path) -> None:
    """It numbers the edges of each pair of nodes from 0."""
    text = GRAPH.replace('"up"', '"0"').replace('"down"', '"0"')
    assert [a.arc for a in read_foreign(graphml(tmp_path, text), **ENDS).arcs] == ["a1", "a2"]


def test_groups_of_yed_are_read(tmp_path: Path) -> None:
    group = '<node id="g" yfiles.foldertype="group"><graph edgedefault="directed">'
    text = GRAPH.replace('<node id="t"/>', f'{group}<node id="t"/></graph></node>')
    assert {n.node for n in read_foreign(graphml(tmp_path, text), **ENDS).nodes} == {*"smtg"}


def test_defaults_of_graphml_count(tmp_path: Path) -> None:
    """Without its default the capacity of an edge would be unlimited."""
    head = HEAD.replace('"double"/>', '"double"><default>4</default></key>')
    text = GRAPH.replace('<data key="c">5</data>', "")
    network: Network = read_foreign(graphml(tmp_path, text, head=head), **ENDS)
    assert {a.arc: a.capacity for a in network.arcs} == {"up": 4.0, "down": 3.0}
