"""Graphs to networks: those of networkx, and those read from GraphML and node-link JSON.

Nodes and arcs say what they are by attributes with the names of the columns of `nodes` and `arcs`
(a node's `name`, `kind`, `lat`, `lon`, ...; an arc's `capacity`, `cost`, `loss`, `mode`,
`commodities`, ...). What nodes supply and take:

- `supply` and `demand`, t a year, of the commodity that `Choices` names; a demand below 0 is a
  supply, as networkx has it for its flows of least cost. Beside them `supply_cost`, `price`,
  `weight` and `pool`;
- the same with a commodity behind a dot, as `supply.leaf`, `demand.hcl`, `price.hcl`: what
  `Network.to_networkx` writes.

An amount of infinity (in files also the words ``inf`` and ``unlimited``) has no limit. An arc is
called by its attribute `arc`, or by its key in a multigraph (its id in GraphML) if all are texts
that differ, or else ``a1``, ``a2``, ... An undirected graph has an arc for each way; the second one
is called ``<id>_back``, and one measure closes both. Places by `x` and `y` count where the graph
says that its `crs` is EPSG:4326, as osmnx does. Other attributes are left alone; `Choices` may name
them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.foreign.plain_graph import Leg, Place, Pure, cell_text

if TYPE_CHECKING:
    import networkx

NODES, ARCS = "nodes", "arcs"
_PLACED = frozenset({"x", "y"})
SUPPLY = {"supply": "capacity", "supply_cost": "cost"}
DEMAND = {"demand": "quantity", "price": "price", "weight": "weight", "pool": "pool"}
_READS = {
    NODES: frozenset({*schema.columns(schema.Node), *SUPPLY, *DEMAND, "label"}) - {"source"},
    ARCS: frozenset({*schema.columns(schema.Arc), "id"}) - {"source"},
}


def pure_of(
    graph: networkx.Graph[Any],
    *,
    file: str = "graph",
    name: str = "graph",
    kind: str = "a graph",
) -> Pure:
    """Return a graph as a pure network; what is wrong with it stands in `problems`.

    Parameters
    ----------
    graph
        Of any of the four classes of networkx.
    file, name, kind
        What messages and the title call it; an `id` and a `title` of its own count before the name.
    """
    said = graph.graph
    pure = Pure(
        file=file,
        nodes_file=NODES,
        arcs_file=ARCS,
        name=_text(said.get("id")) or name,
        title=_text(said.get("title")),
        kind=kind,
        reads=_READS,
    )
    on_globe = "4326" in str(said.get("crs", ""))
    if on_globe:
        pure.reads = {**_READS, NODES: _READS[NODES] | _PLACED}
    ids: dict[str, object] = {}
    for row, (node, said) in enumerate(graph.nodes(data=True), start=1):
        label = cell_text(node)
        pure.rows[NODES, row] = f"node {node!r}"
        if label in ids:
            what = f"has the same text as node {ids[label]!r}; rename one"
            pure.problems.append(Problem(NODES, row, None, what))
        ids[label] = node
        cells = _cells(schema.Node, said) | {"node": label}
        cells["name"] = cells.get("name") or _text(said.get("label"))
        pure.node_attributes.update(str(key) for key in said)
        if on_globe and "x" in said and "y" in said:
            cells = {"lon": cell_text(said["x"]), "lat": cell_text(said["y"])} | cells
        place = Place(row=row, cells=cells)
        _trade(pure, place, said)
        pure.places.append(place)
    edges = list(_edges(graph))
    names = _names(edges)
    for row, ((tail, head, _, said), arc) in enumerate(zip(edges, names, strict=True), start=1):
        pure.rows[ARCS, row] = f"arc {arc!r} from {tail!r} to {head!r}"
        cells = _cells(schema.Arc, said) | {"arc": arc, "tail": cell_text(tail)}
        cells["head"] = cell_text(head)
        back = "" if graph.is_directed() else f"{arc}_back"
        pure.legs.append(Leg(row=row, cells=cells, back=back, attributes=said))
    return pure


def _cells(model: type[schema.Row], said: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes that are columns, but for `source`, whose table is not there."""
    names = [each.name for each in fields(model) if each.name != "source"]
    return {name: _text(said[name]) for name in names if name in said}


def _text(value: object) -> str:
    """Return the text of a value; what pandas takes as missing is a blank."""
    missing = isinstance(value, float) and math.isnan(value)
    return "" if missing else cell_text(value)


def _trade(pure: Pure, place: Place, said: Mapping[str, Any]) -> None:
    """Note what a node supplies and takes, of the one commodity and of those behind a dot."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for name, value in said.items():
        word, dot, commodity = str(name).partition(".")
        text = _text(value)
        for what, columns in (("supply", SUPPLY), ("demand", DEMAND)):
            if word in columns and text and (commodity or not dot):
                rows.setdefault((what, commodity), {})[columns[word]] = text
    for (what, commodity), cells in rows.items():
        goods = {"commodity": commodity} if commodity else {}
        amount = "capacity" if what == "supply" else "quantity"
        number = _number(cells.get(amount, "0"))
        if what == "demand" and number < 0.0:
            if ("supply", commodity) in rows:
                row = "has a supply and a demand below 0, which is one too; delete one"
                pure.problems.append(Problem(NODES, place.row, "demand", row))
            place.supplies.append(goods | {"capacity": schema.number_text(-number)})
        elif number != 0.0 and what == "supply":
            place.supplies.append(goods | cells)
        elif number != 0.0:
            place.demands.append(goods | cells)


def _number(text: str) -> float:
    """Return a number; what is none is not 0, and is left for the checks to tell."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _edges(graph: Any) -> list[tuple[Any, Any, Any, dict[str, Any]]]:
    """Return tail, head, key (None in a simple graph) and attributes of each edge."""
    if graph.is_multigraph():
        return list(graph.edges(keys=True, data=True))
    return [(u, v, None, said) for u, v, said in graph.edges(data=True)]


def _names(edges: list[tuple[Any, Any, Any, dict[str, Any]]]) -> list[str]:
    """Return the ids of the arcs."""
    said = [_text(attributes.get("arc")) for *_, attributes in edges]
    if all(said):
        return said
    keys = [key for _, _, key, _ in edges]
    if all(isinstance(key, str) and key.strip() for key in keys) and len({*keys}) == len(keys):
        return [key.strip() for key in keys]
    return [f"a{number}" for number in range(1, len(edges) + 1)]
