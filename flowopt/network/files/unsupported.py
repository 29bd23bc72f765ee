"""Unsupported kinds of file in which networks stand, with a workaround for each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_GRAPH = (
    "write it as GraphML, networkx.write_graphml(networkx.read_{0}(...), 'net.graphml'), or give "
    "the graph to flowopt.Network.from_networkx"
)
_GMNS = (
    "write its arcs as link.csv with the columns link_id, from_node_id, to_node_id, directed, "
    "capacity, and its nodes as node.csv with node_id (a GMNS folder), or give a graph to "
    "flowopt.Network.from_networkx"
)
_LIST = "is a list of edges, which is not read by itself"
_UNPACK = "is packed; unpack it first"
_CYTOSCAPE = (
    "is a network of Cytoscape, which is not read; give networkx.cytoscape_graph(...) of it to "
    "flowopt.Network.from_networkx"
)
# By the end of the name.
_KINDS = {
    ".gml": f"is GML, which is not read; {_GRAPH.format('gml')}",
    ".gexf": f"is GEXF, which is not read; {_GRAPH.format('gexf')}",
    ".net": f"is a network of Pajek, which is not read; {_GRAPH.format('pajek')}",
    ".paj": f"is a project of Pajek, which is not read; {_GRAPH.format('pajek')}",
    ".dot": f"is of Graphviz, which is not read; {_GRAPH.format('dot')}",
    ".gv": f"is of Graphviz, which is not read; {_GRAPH.format('dot')}",
    ".cyjs": _CYTOSCAPE,
    ".tntp": f"is a network of TNTP, which is not read; {_GMNS}",
    ".csv": f"{_LIST}; {_GMNS}",
    ".tsv": f"{_LIST}; {_GMNS}",
    ".edgelist": f"{_LIST}; {_GMNS}",
    ".edges": f"{_LIST}; {_GMNS}",
    ".adjlist": f"{_LIST}; {_GMNS}",
    ".shp": f"is a map, which is not read; {_GMNS}",
    ".geojson": f"is a map, which is written and not read; {_GMNS}",
    ".gpkg": f"is a map, which is not read; {_GMNS}",
    ".xls": "is an old workbook, which is not read; save it as .xlsx",
    ".ods": "is a workbook of another kind, which is not read; save it as .xlsx",
    ".gz": _UNPACK,
    ".bz2": _UNPACK,
    ".xz": _UNPACK,
    ".zip": _UNPACK,
    ".7z": _UNPACK,
}


def workaround(path: Path) -> str:
    """Return what an unsupported file is, and the workaround; "" for any other file.

    >>> workaround(Path("net.max.gz"))
    'is packed; unpack it first'
    """
    return _KINDS.get(path.suffix.lower(), "")


def json_workaround(keys: Iterable[str]) -> str:
    """Return the workaround for a JSON file with these keys; "" if it is of no such kind.

    >>> json_workaround({"elements", "data"})[:31]
    'is a network of Cytoscape, whic'
    """
    return _CYTOSCAPE if "elements" in keys else ""
