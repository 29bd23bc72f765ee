"""Networks to and from pandas frames, and to networkx."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from flowopt.errors import InputError, Problem
from flowopt.network import schema
from flowopt.network.assemble import RawNetwork, assemble
from flowopt.network.network import Network
from flowopt.network.sheet import RawTable

if TYPE_CHECKING:
    import networkx
    import pandas


def network_from_frames(frames: Mapping[str, object], info: Mapping[str, Any]) -> Network:
    """Return the network that a frame per table describes, checked like a file.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame
        Frames by table name with the columns of the format. Missing values are blanks, whole
        numbers in columns of ids are read as the digits, and lists of ids are text with `;`.
    info
        The keys of `network.toml`; None is a key left out.

    Raises
    ------
    InputError
        When the frames break the format; row numbers count as if the frame were a file.
    """
    import pandas as pd

    raw = RawNetwork(info={key: value for key, value in info.items() if value is not None})
    for name, frame in frames.items():
        if not isinstance(frame, pd.DataFrame):
            what = f"a {type(frame).__name__} stands where a pandas.DataFrame belongs"
            raise InputError([Problem(f"{name}.csv", None, None, what)])
        if frame.shape[1]:  # a frame without columns says nothing, like a table that is not there
            raw.tables[name] = _raw_table(name, frame)
    return assemble(raw)


def _raw_table(name: str, frame: pandas.DataFrame) -> RawTable:
    """Return the text that a file of the frame would hold."""
    columns = []
    for i in range(frame.shape[1]):
        column = frame.iloc[:, i]
        pairs = zip(column.tolist(), column.isna().tolist(), strict=True)
        columns.append(["" if blank else _text(value) for value, blank in pairs])
    rows = [(n, list(cells)) for n, cells in enumerate(zip(*columns, strict=True), start=2)]
    return RawTable(f"{name}.csv", [str(column) for column in frame.columns], rows)


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
    so that an unlimited arc has no `capacity`, which networkx takes as unlimited.
    """
    import networkx as nx

    graph: networkx.MultiDiGraph[str] = nx.MultiDiGraph(
        id=network.info.id, title=network.info.title
    )
    for node in network.nodes:
        graph.add_node(node.node, **_said(node, "node"))
    for arc in network.arcs:
        graph.add_edge(arc.tail, arc.head, key=arc.arc, **_said(arc, "arc", "tail", "head"))
    return graph


def _said(row: schema.Row, *but: str) -> dict[str, Any]:
    """Return the columns of a row that hold something, but for some."""
    values = {each.name: getattr(row, each.name) for each in fields(row) if each.name not in but}
    return {name: value for name, value in values.items() if value is not None}
