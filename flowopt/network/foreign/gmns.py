"""Folders of the General Modeling Network Specification (GMNS): ``node.csv`` and ``link.csv``.

Read are `node_id`, `name`, `x_coord` and `y_coord` of `node.csv` (longitude and latitude, left out
where they are projected), and of `link.csv` `link_id`, `from_node_id`, `to_node_id`, `directed` and
the attributes that `ImportOptions` name. A link that is not directed becomes two arcs, the second
one called ``<id>_back``, which one measure closes together.

GMNS knows capacity in cars an hour *and lane*: it is multiplied by `lanes` where there are any;
`ImportOptions.capacity_factor` brings it to t a year. Supplies and demands are no part of it, so
`ImportOptions.sources` and `sinks` are needed. Arcs are free unless `ImportOptions.arc_cost` names
an attribute, such as ``length`` or ``toll``.

Source: Zephyr Foundation and Volpe Center, https://github.com/zephyr-data-specs/GMNS, schemas of
`node` and `link` (version 0.97).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from flowopt.errors import InputError, Problem
from flowopt.network.files.csv_folder import csv_table
from flowopt.network.foreign.plain_graph import PlainArc, PlainGraph, PlainNode, ignored_message
from flowopt.network.raw_tables import COLUMN_TWICE, ragged_row, too_wide
from flowopt.network.schema import number_text

NODES, LINKS = "node.csv", "link.csv"
_WORDS = {
    "node": "node_id",
    "lon": "x_coord",
    "lat": "y_coord",
    "arc": "link_id",
    "tail": "from_node_id",
    "head": "to_node_id",
}
_READS = {
    NODES: frozenset({"node_id", "name", "x_coord", "y_coord"}),
    LINKS: frozenset(
        {"link_id", "from_node_id", "to_node_id", "directed", "facility_type", "capacity", "lanes"}
    ),
}
_YES = frozenset({"true", "1", "t", "yes", "y", "1.0"})
_NO = frozenset({"false", "0", "f", "no", "n", "0.0"})
_BLANK = frozenset({"", "nan"})
NumberedRow = tuple[int, dict[str, str]]


def is_gmns(path: Path) -> bool:
    """Return True for a folder that holds a network of this kind."""
    return (path / NODES).is_file() and (path / LINKS).is_file()


def read_gmns(folder: Path) -> PlainGraph:
    """Read a folder; its faults stand in `problems`."""
    graph = PlainGraph(
        file=folder.name,
        nodes_file=NODES,
        arcs_file=LINKS,
        name=folder.resolve().name,
        kind="a GMNS network",
        column_names=_WORDS,
        default_cost="none",
        attributes_read=_READS,
    )
    nodes = _lines(graph, folder / NODES, ("node_id",))
    links = _lines(graph, folder / LINKS, ("link_id", "from_node_id", "to_node_id"))
    on_globe = _on_globe(nodes)
    if not on_globe:
        message = "some lie beyond degrees, so all are left out; give longitude and latitude"
        graph.warnings.append(Problem(NODES, None, "x_coord, y_coord", message))
    for row, fields in nodes:
        cells = {"node": fields["node_id"], "name": fields.get("name", "")}
        if on_globe:
            cells |= {"lon": fields.get("x_coord", ""), "lat": fields.get("y_coord", "")}
        graph.nodes.append(PlainNode(row=row, cells=cells))
        graph.node_attributes.update(name for name, text in fields.items() if text)
    graph.arcs.extend(_arc(graph, row, cells) for row, cells in links)
    graph.warnings.extend(_defaults_used(links))
    others = sorted({p.name for p in folder.glob("*.csv")} - {NODES, LINKS})
    if others:
        graph.warnings.append(
            Problem(folder.name, None, None, ignored_message("the folder", others))
        )
    return graph


def _defaults_used(links: list[NumberedRow]) -> Iterator[Problem]:
    """Yield warnings of defaults that were read where links have blanks."""
    one_way = [line for line in links if not line[1].get("directed")]
    closed = [line for line in links if _number(line[1].get("lanes", "")) == 0.0]
    lanes = [line for line in links if line[1].get("capacity") and not line[1].get("lanes")]
    for lines, column, message in (
        (one_way, "directed", "is blank, which is read as one way"),
        ([line for line in closed if not line[1].get("capacity")], "lanes",
         "is 0 and there is no capacity, which is read as without limit; give a capacity of 0 to "
         "close the link, or delete it"),
        ([line for line in closed if line[1].get("capacity")], "lanes",
         "is 0, so the capacity is 0"),
        (lanes, "lanes", "is blank, so the capacity is read as that of the whole link"),
    ):  # fmt: skip
        if lines:
            several = f" ({len(lines):,} such links in all)" if len(lines) > 1 else ""
            yield Problem(LINKS, lines[0][0], column, f"{message}{several}")


def _lines(graph: PlainGraph, path: Path, needed: tuple[str, ...]) -> list[NumberedRow]:
    """Return the number and the cells of each row; faults go to the problems of the graph."""
    try:
        table = csv_table(path)
    except InputError as error:
        graph.problems.extend(error.problems)
        return []
    header = [name.strip() for name in table.header]
    if wide := too_wide(len(header)):
        graph.problems.append(Problem(path.name, table.header_row, None, wide))
        return []

    def report(row: int, column: str | None, message: str) -> None:
        graph.problems.append(Problem(path.name, row, column, message))

    missing = [name for name in needed if name not in header]
    for name in missing:
        message = f"the column is missing; there are {', '.join(header) or 'none'}"
        report(table.header_row, name, message)
    for name in dict.fromkeys(name for name in header if name and header.count(name) > 1):
        report(table.header_row, name, COLUMN_TWICE)
    found: list[NumberedRow] = []
    for row, cells in table.rows:
        texts = [text.strip() for text in cells]
        if not any(texts):
            continue
        if len(texts) != len(header):
            report(row, None, ragged_row(len(texts), len(header)))
        # GMNS takes `nan` as a blank too.
        fields = zip(header, ("" if t.lower() in _BLANK else t for t in texts), strict=False)
        found.append((row, dict.fromkeys(header, "") | dict(fields)))
    return [] if missing else found


def _on_globe(nodes: list[NumberedRow]) -> bool:
    """Return True if all coordinates may be degrees; the checks find those that are no number."""
    return not any(
        abs(_number(fields.get(name, ""))) > most
        for _, fields in nodes
        for name, most in (("x_coord", 180.0), ("y_coord", 90.0))
    )


def _arc(graph: PlainGraph, row: int, fields: dict[str, str]) -> PlainArc:
    cells = {"arc": fields["link_id"], "tail": fields["from_node_id"], "head": fields["to_node_id"]}
    cells["mode"] = fields.get("facility_type", "")
    capacity, lanes = fields.get("capacity", ""), fields.get("lanes", "")
    attributes = {**fields, "capacity": _times(capacity, lanes) if lanes else capacity}
    directed = fields.get("directed", "").lower()
    reverse_id = f"{fields['link_id']}_back" if directed in _NO else ""
    if directed not in _NO | _YES | _BLANK:
        message = f"{fields['directed']!r} is neither true nor false"
        graph.problems.append(Problem(LINKS, row, "directed", message))
    return PlainArc(row=row, cells=cells, reverse_id=reverse_id, attributes=attributes)


def _times(capacity: str, lanes: str) -> str:
    """Return the capacity of all lanes; a text that is no number is left to the checks."""
    amount = _number(capacity) * _number(lanes)
    return number_text(amount) if not math.isnan(amount) else capacity


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
