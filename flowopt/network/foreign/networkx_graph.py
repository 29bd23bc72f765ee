"""Graphs of networkx, to and from networks; GraphML and node-link JSON are read through them.

Attributes of nodes and arcs have the names of the columns of `nodes` and `arcs` (a node's `name`,
`kind`, `lat`, `lon`, ...; an arc's `capacity`, `cost`, `loss`, `mode`, `commodities`, ...).
Supplies and demands of nodes are:

- `supply` and `demand`, t a year, of the commodity that `ImportOptions` name; a demand below 0 is a
  supply, as networkx has it for its flows of least cost. Beside them `supply_cost`, `price`,
  `weight` and `pool`;
- the same with a commodity behind a dot, as `supply.leaf`, `demand.hcl`, `price.hcl`: what
  `Network.to_networkx` writes.

An amount of infinity (in files also the words ``inf`` and ``unlimited``) has no limit. An arc is
called by its attribute `arc`, or by its key in a multigraph (its id in GraphML) if all are texts
that differ, or else ``a1``, ``a2``, ... An undirected graph has an arc for each way; the second one
is called ``<id>_back``, and one measure closes both. Places by `x` and `y` count where the graph
has EPSG:4326 as its `crs`, as those of osmnx do. Other attributes are left alone; `ImportOptions`
may name them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flowopt.errors import InputError, Problem
from flowopt.network import schema
from flowopt.network.assemble import given_facts, info_of
from flowopt.network.foreign.graph_to_tables import checked_network
from flowopt.network.foreign.plain_graph import (
    ImportOptions,
    PlainArc,
    PlainGraph,
    PlainNode,
    cell_text,
)
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


def plain_graph_of(
    graph: networkx.Graph[Any],
    *,
    file: str = "graph",
    name: str = "graph",
    kind: str = "a graph",
) -> PlainGraph:
    """Return a graph of networkx as a plain graph; its faults stand in `problems`.

    Parameters
    ----------
    graph
        Of any of the four classes of networkx.
    file, name, kind
        For messages and the title; an `id` and a `title` of its own count before the name.
    """
    attributes = graph.graph
    plain = PlainGraph(
        file=file,
        nodes_file=NODES,
        arcs_file=ARCS,
        name=_text(attributes.get("id")) or name,
        title=_text(attributes.get("title")),
        kind=kind,
        attributes_read=_READS,
    )
    on_globe = "4326" in str(attributes.get("crs", ""))
    if on_globe:
        plain.attributes_read = {**_READS, NODES: _READS[NODES] | _PLACED}
    _add_nodes(plain, graph, on_globe=on_globe)
    _add_arcs(plain, graph)
    return plain


def _add_nodes(plain: PlainGraph, graph: networkx.Graph[Any], *, on_globe: bool) -> None:
    """Add the nodes; with `on_globe`, `x` and `y` are longitude and latitude."""
    ids: dict[str, object] = {}
    for row, (node, attributes) in enumerate(graph.nodes(data=True), start=1):
        label = cell_text(node)
        plain.row_labels[NODES, row] = f"node {node!r}"
        if label in ids:
            message = f"has the same text as node {ids[label]!r}; rename one"
            plain.problems.append(Problem(NODES, row, None, message))
        ids[label] = node
        cells = _cells(schema.Node, attributes) | {"node": label}
        cells["name"] = cells.get("name") or _text(attributes.get("label"))
        plain.node_attributes.update(str(key) for key in attributes)
        if on_globe and "x" in attributes and "y" in attributes:
            cells = {"lon": cell_text(attributes["x"]), "lat": cell_text(attributes["y"])} | cells
        plain_node = PlainNode(row=row, cells=cells)
        _add_trade(plain, plain_node, attributes)
        plain.nodes.append(plain_node)


def _add_arcs(plain: PlainGraph, graph: networkx.Graph[Any]) -> None:
    """Add the arcs, each with its reverse where the graph is undirected."""
    edges = _edges(graph)
    names = _names(edges)
    for row, ((tail, head, _, attributes), arc) in enumerate(
        zip(edges, names, strict=True), start=1
    ):
        plain.row_labels[ARCS, row] = f"arc {arc!r} from {tail!r} to {head!r}"
        cells = _cells(schema.Arc, attributes) | {"arc": arc, "tail": cell_text(tail)}
        cells["head"] = cell_text(head)
        reverse_id = "" if graph.is_directed() else f"{arc}_back"
        plain.arcs.append(
            PlainArc(row=row, cells=cells, reverse_id=reverse_id, attributes=attributes)
        )


def _cells(model: type[schema.Row], attributes: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes that are columns, but for `source`, whose table is not there."""
    names = [name for name in schema.columns(model) if name != "source"]
    return {name: _text(attributes[name]) for name in names if name in attributes}


def _text(value: object) -> str:
    """Return the text of a value; a missing value of pandas is a blank."""
    missing = isinstance(value, float) and math.isnan(value)
    return "" if missing else cell_text(value)


def _add_trade(plain: PlainGraph, plain_node: PlainNode, attributes: Mapping[str, Any]) -> None:
    """Add a node's supplies and demands, of the one commodity and of those behind a dot."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for name, value in attributes.items():
        word, dot, commodity = str(name).partition(".")
        text = _text(value)
        for side, columns in (("supply", SUPPLY), ("demand", DEMAND)):
            if word in columns and text and (commodity or not dot):
                rows.setdefault((side, commodity), {})[columns[word]] = text
    for (side, commodity), cells in rows.items():
        goods = {"commodity": commodity} if commodity else {}
        amount = "capacity" if side == "supply" else "quantity"
        number = _number(cells.get(amount, "0"))
        if side == "demand" and number < 0.0:
            if ("supply", commodity) in rows:
                message = "has a supply and a demand below 0, which is one too; delete one"
                plain.problems.append(Problem(NODES, plain_node.row, "demand", message))
            plain_node.supplies.append(goods | {"capacity": schema.number_text(-number)})
        elif number != 0.0 and side == "supply":
            plain_node.supplies.append(goods | cells)
        elif number != 0.0:
            plain_node.demands.append(goods | cells)


def _number(text: str) -> float:
    """Return a number; NaN for a text that is none, which the checks report."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _edges(graph: Any) -> list[tuple[Any, Any, Any, dict[str, Any]]]:
    """Return tail, head, key (None in a simple graph) and attributes of each edge."""
    if graph.is_multigraph():
        return list(graph.edges(keys=True, data=True))
    return [(u, v, None, attributes) for u, v, attributes in graph.edges(data=True)]


def _names(edges: list[tuple[Any, Any, Any, dict[str, Any]]]) -> list[str]:
    """Return the ids of the arcs."""
    attributes = [_text(attributes.get("arc")) for *_, attributes in edges]
    if all(attributes):
        return attributes
    keys = [key for _, _, key, _ in edges]
    if all(isinstance(key, str) and key.strip() for key in keys) and len({*keys}) == len(keys):
        return [key.strip() for key in keys]
    return [f"a{number}" for number in range(1, len(edges) + 1)]


def network_from_networkx(
    kind: type[TablesT],
    graph: object,
    options: ImportOptions,
    info: Mapping[str, Any] | schema.Info | None = None,
) -> TablesT:
    """Return the network that a graph describes.

    Parameters
    ----------
    kind
        The class of the network.
    graph : networkx.Graph
        Of any of the four classes of networkx.
    options
        Import options, for all that the graph leaves open.
    info
        The keys of `network.toml`; without, the graph's own `id` and `title` or ``graph``. The
        options `id` and `title` count before them.

    Raises
    ------
    InputError, RequestError
        As `flowopt.network.read.read_foreign`; messages name nodes and arcs.
    """
    import networkx as nx

    if not isinstance(graph, nx.Graph):  # the base class of all four
        message = f"a {type(graph).__name__} stands where a graph of networkx belongs"
        raise InputError([Problem("graph", None, None, message)])
    own = {key: value for key in ("id", "title") if (value := graph.graph.get(key)) is not None}
    info_keys = {"id": "graph", "title": "A graph"} | own if info is None else given_facts(info)
    named = {"id": options.id, "title": options.title}
    info_keys |= {key: value for key, value in named.items() if value is not None}
    found = checked_network(kind, plain_graph_of(graph), options)
    return replace(found, info=info_of(RawNetwork(info=info_keys)))


def network_to_networkx(network: Tables) -> networkx.MultiDiGraph[str]:
    """Return nodes and arcs as a networkx graph, arcs keyed by their ids.

    Nodes and arcs carry the columns of their rows. What is blank and has no default is left out,
    so that an unlimited arc has no `capacity`, which networkx takes as unlimited. Supplies and
    demands stand at the nodes, by commodity behind a dot: `supply.leaf` (t/yr, infinite where
    unlimited) and `supply_cost.leaf`; `demand.hcl`, `price.hcl`, `weight.hcl` and, where there is
    one, `pool.hcl`.
    """
    import networkx as nx

    graph: networkx.MultiDiGraph[str] = nx.MultiDiGraph(
        id=network.info.id, title=network.info.title
    )
    for node in network.nodes:
        graph.add_node(node.node, **_attributes_of(node, "node"))
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
        graph.add_edge(
            arc.tail, arc.head, key=arc.arc, **_attributes_of(arc, "arc", "tail", "head")
        )
    return graph


def _dotted(info_keys: Mapping[str, float], commodity: str) -> dict[str, float]:
    return {f"{name}.{commodity}": value for name, value in info_keys.items()}


def _attributes_of(row: schema.Row, *but: str) -> dict[str, Any]:
    """Return the columns of a row that are not blank, but for some."""
    values = {n: getattr(row, n) for n in schema.columns(type(row)) if n not in but}
    return {name: value for name, value in values.items() if value is not None}
