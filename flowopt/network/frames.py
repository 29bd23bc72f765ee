"""Networks to and from pandas frames, networkx, and the files of graphs."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from flowopt.errors import InputError, Problem
from flowopt.network import schema
from flowopt.network.assemble import RawNetwork, assemble, info_of
from flowopt.network.checks.cell_messages import misread
from flowopt.network.checks.table_rows import RawTable
from flowopt.network.foreign.plain_graph import Choices
from flowopt.network.network import Network

_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

if TYPE_CHECKING:
    import networkx
    import pandas


def network_from_frames(
    frames: Mapping[Any, object], info: Mapping[str, Any] | schema.Info
) -> Network:
    """Return the network that a frame per table describes, checked like a file.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame
        Frames by table name with the columns of the format. Missing values are blanks, whole
        numbers in columns of ids are read as the digits, and lists of ids are text with `;`.
    info
        The keys of `network.toml`, None being a key left out; or another network's `info`.

    Raises
    ------
    InputError
        When the frames break the format; row numbers count as if the frame were a file.
    """
    import pandas as pd

    raw = RawNetwork(info=_facts(info))
    for name, frame in frames.items():
        if not isinstance(name, str):
            what = f"{name!r} is no name of a table; those are texts, as 'arcs'"
            raise InputError([Problem("frames", None, None, what)])
        if not isinstance(frame, pd.DataFrame):
            what = f"a {type(frame).__name__} stands where a pandas.DataFrame belongs"
            raise InputError([Problem(f"{name}.csv", None, None, what)])
        if frame.shape[1]:  # a frame without columns says nothing, like a table that is not there
            raw.tables[name] = _raw_table(raw, name, frame)
    return assemble(raw)


def _facts(info: object) -> dict[str, Any]:
    """Return the keys of `network.toml` that somebody gives, None being a key left out."""
    if isinstance(info, schema.Info):
        info = asdict(info)
    if not isinstance(info, Mapping):
        what = f"a {type(info).__name__} stands where a mapping with id and title belongs"
        raise InputError([Problem("network.toml", None, None, what)])
    return {str(key): value for key, value in info.items() if value is not None}


def _raw_table(raw: RawNetwork, name: str, frame: pandas.DataFrame) -> RawTable:
    """Return the text that a file of the frame would hold."""
    file, header = raw.called(name), [str(column) for column in frame.columns]
    columns = []
    for i, title in enumerate(header):
        column = frame.iloc[:, i]
        judged = column.dtype.kind not in "iuf" and not title.startswith("_")
        pairs = zip(column.tolist(), column.isna().tolist(), strict=True)
        texts = []
        for row, (value, blank) in enumerate(pairs, start=2):
            seen = misread(value) if judged and not blank else None
            if seen:
                what = f"{seen[1]}; give text or a number"
                raw.problems.append(Problem(file, row, title, what))
            texts.append("" if blank else seen[0] if seen else _text(value))
        columns.append(texts)
    rows = [(n, list(cells)) for n, cells in enumerate(zip(*columns, strict=True), start=2)]
    return RawTable(file, header, rows)


def _text(value: object) -> str:
    """Return what a file would say for a cell; 1.0 is "1", as ids of digits need it."""
    return schema.number_text(value) if isinstance(value, float) else str(value)


def network_to_frames(network: Network) -> dict[str, pandas.DataFrame]:
    """Return one frame per table, with all columns of the format and rows in file order.

    Numbers are floats, with NaN for a blank that has no number (unlimited, off the map); the
    rest is text, "" for a blank, with `;` between ids.
    """
    import pandas as pd

    frames = {}
    for table, rows in network.tables().items():
        model = schema.TABLES[table]
        columns = {}
        for name, about in schema.columns(model).items():
            values = [getattr(row, name) for row in rows]
            if about.unit:
                columns[name] = pd.Series(values, dtype="float64")
            else:
                columns[name] = pd.Series([_joined(value) for value in values], dtype="str")
        frames[table] = pd.DataFrame(columns)
    return frames


def _joined(value: tuple[str, ...] | str | None) -> str:
    return ";".join(value) if isinstance(value, tuple) else value or ""


def network_to_networkx(network: Network) -> networkx.MultiDiGraph[str]:
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


def network_from_networkx(
    graph: object,
    choices: Choices,
    info: Mapping[str, Any] | schema.Info | None = None,
) -> Network:
    """Return the network that a graph describes, see `flowopt.network.foreign.networkx_graph`.

    Parameters
    ----------
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
        As `flowopt.network.foreign.read.read_foreign`; messages name nodes and arcs.
    """
    import networkx as nx

    from flowopt.network.foreign.graph_to_tables import network_of
    from flowopt.network.foreign.networkx_graph import pure_of

    if not isinstance(graph, nx.Graph):  # the mother of all four
        what = f"a {type(graph).__name__} stands where a graph of networkx belongs"
        raise InputError([Problem("graph", None, None, what)])
    own = {key: value for key in ("id", "title") if (value := graph.graph.get(key)) is not None}
    told = {"id": "graph", "title": "A graph"} | own if info is None else _facts(info)
    named = {"id": choices.id, "title": choices.title}
    told |= {key: value for key, value in named.items() if value is not None}
    found = network_of(pure_of(graph), choices)
    return replace(found, info=info_of(RawNetwork(info=told)))


def graphml_bytes(network: Network) -> bytes:
    """Return `network_to_networkx` as GraphML; ids of commodities are joined by `;`."""
    import networkx as nx

    graph = network_to_networkx(network)
    for said in (*(d for _, d in graph.nodes(data=True)), *(d for *_, d in graph.edges(data=True))):
        said.update({k: ";".join(v) for k, v in said.items() if isinstance(v, tuple)})
        if strange := next((v for v in map(str, said.values()) if _NO_XML.search(v)), None):
            what = f"{strange!r} holds a sign that XML has no word for; delete it"
            raise InputError([Problem("network", None, None, what)])
    return ("\n".join(nx.generate_graphml(graph)) + "\n").encode()


def node_link_bytes(network: Network) -> bytes:
    """Return `network_to_networkx` as node-link JSON; infinity is the text ``inf``."""
    import networkx as nx

    graph = network_to_networkx(network)
    for *_, said in graph.edges(data=True):
        said["sources"] = said.pop("source")  # `source` is the tail there
    data = nx.node_link_data(graph, edges="edges")
    for row in (*data["nodes"], *data["edges"]):
        row.update({k: "inf" for k, v in row.items() if v == math.inf})
    return (json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _said(row: schema.Row, *but: str) -> dict[str, Any]:
    """Return the columns of a row that hold something, but for some."""
    values = {each.name: getattr(row, each.name) for each in fields(row) if each.name not in but}
    return {name: value for name, value in values.items() if value is not None}
