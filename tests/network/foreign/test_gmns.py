"""GMNS folders: nodes and links of the specification, with what it lacks from choices."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowopt.errors import InputError
from flowopt.network.formats import is_foreign
from flowopt.network.network import Network
from flowopt.network.read import read_foreign, read_network
from flowopt.planning.respond import respond

NODES = """node_id,name,x_coord,y_coord,node_type
1,North,-77.0,-12.0,
2,,-77.1,-12.1,intersection
3,South,-77.2,NaN,
"""
LINKS = """link_id,from_node_id,to_node_id,directed,length,capacity,lanes,facility_type,toll
10,1,2,true,2.5,600,2,arterial,
11,2,3,false,4,500,,freeway,3
12,1,3,1,9,,1,local,
"""
ENDS = {"sources": ("1",), "sinks": ("3",)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "node.csv").write_text(NODES, encoding="utf-8")
    (tmp_path / "town" / "link.csv").write_text(LINKS, encoding="utf-8")
    return tmp_path / "town"


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def read(folder: Path, **choices: object) -> Network:
    return read_foreign(folder, **(ENDS | choices))


def told(folder: Path, **choices: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, **choices)
    return [str(problem) for problem in caught.value.problems]


def test_links_become_arcs(folder: Path) -> None:
    assert is_foreign(folder)
    network = read(folder, quantity=5000.0, measures="every-arc", measure_cost="length")
    assert [(a.arc, a.tail, a.head, a.capacity, a.mode) for a in network.arcs] == [
        ("10", "1", "2", 1200.0, "arterial"),  # two lanes
        ("11", "2", "3", 500.0, "freeway"),
        ("11_back", "3", "2", 500.0, "freeway"),
        ("12", "1", "3", None, "local"),
    ]
    assert {arc.cost for arc in network.arcs} == {0.0}
    assert [(n.name, n.lon, n.lat) for n in network.nodes] == [
        ("North", -77.0, -12.0), ("2", -77.1, -12.1), ("South", -77.2, None),
    ]  # fmt: skip
    assert [m.cost for m in network.measures] == [2.5, 4.0, 9.0]
    assert [e.target for e in network.effects] == ["10", "11", "11_back", "12"]
    assert network.info.title == "town (a GMNS network)"
    assert respond(network).value == pytest.approx(5000.0)


def test_attributes_by_name(folder: Path) -> None:
    network = read(folder, quantity=1.0, arc_cost="length", capacity_factor=0.5, measures="toll")
    assert [arc.cost for arc in network.arcs] == [2.5, 4.0, 4.0, 9.0]
    assert network.arcs[0].capacity == 600.0
    assert [m.measure for m in network.measures] == ["close_11"]
    assert read(folder, quantity=1.0, capacity="length").arcs[0].capacity == 2.5


def test_projected_coordinates_are_left_out_and_told(folder: Path) -> None:
    change(folder, "node.csv", "-77.0,-12.0", "277438.26,8671132.5")
    network = read(folder, quantity=1.0)
    assert {node.lat for node in network.nodes} == {None}
    assert "node.csv: x_coord, y_coord: some lie beyond degrees" in "\n".join(network.warnings)


def test_mistakes_have_the_words_and_rows_of_the_files(folder: Path) -> None:
    change(folder, "link.csv", "10,1,2,true", "10,1,7,maybe")
    change(folder, "link.csv", ",500,,", ",5e,,")
    (text,) = told(folder, quantity=1.0)
    assert text == "link.csv:2: directed: 'maybe' is neither true nor false"
    change(folder, "link.csv", "maybe", "true")
    change(folder, "node.csv", "3,South,-77.2", "1,South,west")
    lines = told(folder, quantity=1.0, sinks=("2",))
    assert any(t.startswith("link.csv:2: to_node_id: '7' is no node of node.csv") for t in lines)
    assert any(t.startswith("link.csv:3: capacity: '5e'") for t in lines)
    assert any(t.startswith("node.csv:4: node_id: ") for t in lines)
    assert any(t.startswith("node.csv:4: x_coord: 'west'") for t in lines)


def test_what_would_be_lost_is_told_at_once(folder: Path) -> None:
    change(folder, "node.csv", "x_coord,y_coord", "x_coord,x_coord")
    text = (folder / "link.csv").read_text(encoding="utf-8")
    header, first, *rest = text.splitlines()
    lines = [header, f"{first},8", *rest, "", "13,1"]
    (folder / "link.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    width = len(header.split(","))
    assert told(folder, quantity=1.0) == [
        f"link.csv:2: the row has {width + 1} cells, the header {width}; put text that contains a "
        "comma in double quotes",
        f"link.csv:{len(lines)}: the row has 2 cells, the header {width}; write the commas of "
        "blank cells too",
        "node.csv:1: x_coord: the column is there twice; delete one",
    ]


def test_what_gmns_lacks_is_asked_for(folder: Path) -> None:
    lines = told(folder, sources=(), sinks=())
    assert any("town: no node supplies anything" in text for text in lines)
    (text,) = told(folder)
    assert text.startswith("node.csv:4: quantity: an arc into it has no capacity")


def test_a_folder_is_told_apart_from_ours(folder: Path) -> None:
    with pytest.raises(InputError, match="is a GMNS network; make it one of flowopt's: flowopt co"):
        read_network(folder)
    (folder / "link.csv").unlink()
    assert not is_foreign(folder)


def test_files_that_are_none(folder: Path) -> None:
    change(folder, "node.csv", "node_id", "id")
    assert told(folder) == [
        "node.csv:1: node_id: the column is missing; there are id, name, x_coord, y_coord, "
        "node_type"
    ]
