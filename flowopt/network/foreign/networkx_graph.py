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
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from flowopt.errors import InputError, Problem
from flowopt.network import schema
from flowopt.network.assemble import given_facts, info_of
from flowopt.network.foreign.graph_to_tables import network_of
from flowopt.network.foreign.plain_graph import Choices, Leg, Place, Pure, cell_text
from flowopt.network.raw_tables import RawNetwork
from flowopt.network.tables import Tables, TablesT

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


def network_from_networkx(
    kind: type[TablesT],
    graph: object,
    choices: Choices,
    info: Mapping[str, Any] | schema.Info | None = None,
) -> TablesT:
    """Return the network that a graph describes.

    Parameters
    ----------
    kind
        The class of the network.
    graph : networkx.Graph
        Of any of the four classes of networkx.
    choices
        What the graph leaves open.
    info
        The keys of `network.toml`; without, the graph's own `id` and `title` or ``graph``. The
        choices `id` and `title` count before them.

    Raises
    ------
    InputError, RequestError
        As `flowopt.network.read.read_foreign`; messages name nodes and arcs.
    """
    import networkx as nx

    if not isinstance(graph, nx.Graph):  # the mother of all four
        what = f"a {type(graph).__name__} stands where a graph of networkx belongs"
        raise InputError([Problem("graph", None, None, what)])
    own = {key: value for key in ("id", "title") if (value := graph.graph.get(key)) is not None}
    told = {"id": "graph", "title": "A graph"} | own if info is None else given_facts(info)
    named = {"id": choices.id, "title": choices.title}
    told |= {key: value for key, value in named.items() if value is not None}
    found = network_of(kind, pure_of(graph), choices)
    return replace(found, info=info_of(RawNetwork(info=told)))


def network_to_networkx(network: Tables) -> networkx.MultiDiGraph[str]:
    """Return nodes and arcs as a networkx graph, arcs keyed by their ids.

    Nodes and arcs carry the columns of their rows. What is blank and has no default is left out,
    so that an unlimited arc has no `capacity`, which networkx takes as unlimited. What nodes supply
    and take stands at the nodes, by commodity behind a dot: `supply.leaf` (t/yr, infinite where
    unlimited) and `supply_cost.leaf`; `demand.hcl`, `price.hcl`, `weight.hcl` and, where there is
    one, `pool.hcl`.
    """
    import networkx as nx

    graph: networkx.MultiDiGraph[str] = nx.MultiDiGraph(
        id=network.info.id, title=network.info.title
    )
    for node in network.nodes:
        graph.add_node(node.node, **_said(node, "node"))
    for supply in network.supplies:
        amount = math.inf if supply.capacity is None else supply.capacity
        gives = {"supply": amount, "supply_cost": supply.cost}
        graph.nodes[supply.node].update(_dotted(gives, supply.commodity))
    for demand in network.demands:
        takes = {"demand": demand.quantity, "price": demand.price, "weight": demand.weight}
        graph.nodes[demand.node].update(_dotted(takes, demand.commodity))
        if demand.pool:
            graph.nodes[demand.node][f"pool.{demand.commodity}"] = demand.pool
    for arc in network.arcs:
        graph.add_edge(arc.tail, arc.head, key=arc.arc, **_said(arc, "arc", "tail", "head"))
    return graph


def _dotted(told: Mapping[str, float], commodity: str) -> dict[str, float]:
    return {f"{name}.{commodity}": value for name, value in told.items()}


def _said(row: schema.Row, *but: str) -> dict[str, Any]:
    """Return the columns of a row that hold something, but for some."""
    values = {each.name: getattr(row, each.name) for each in fields(row) if each.name not in but}
    return {name: value for name, value in values.items() if value is not None}
