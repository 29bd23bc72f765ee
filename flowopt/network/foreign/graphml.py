"""GraphML files, to and from graphs."""

from __future__ import annotations

import re
from pathlib import Path

from flowopt.errors import InputError, Problem
from flowopt.network.files.text import utf8_text
from flowopt.network.foreign.graphml_parser import GraphMLParser
from flowopt.network.foreign.networkx_graph import network_to_networkx, plain_graph_of
from flowopt.network.foreign.plain_graph import PlainGraph
from flowopt.network.tables import Tables

_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_graphml(path: Path) -> PlainGraph:
    """Read a GraphML file.

    Raises
    ------
    InputError
        When it can't be read, is no GraphML, or holds more than a graph can.
    """
    reader = GraphMLParser(path.name)
    graph = reader.graph(utf8_text(path))
    # Most programs call every graph G; one that has a title is called on purpose.
    if reader.graph_id and "title" in graph.graph:
        graph.graph.setdefault("id", reader.graph_id)
    plain = plain_graph_of(graph, file=path.name, name=path.stem, kind="a GraphML file")
    plain.warnings.extend(reader.warnings)
    return plain


def graphml_bytes(network: Tables) -> bytes:
    """Return `network_to_networkx` as GraphML; ids of commodities are joined by `;`."""
    import networkx as nx

    graph = network_to_networkx(network)
    for attributes in (
        *(d for _, d in graph.nodes(data=True)),
        *(d for *_, d in graph.edges(data=True)),
    ):
        attributes.update({k: ";".join(v) for k, v in attributes.items() if isinstance(v, tuple)})
        if strange := next((v for v in map(str, attributes.values()) if _NO_XML.search(v)), None):
            message = f"{strange!r} holds a sign that XML has no word for; delete it"
            raise InputError([Problem("network", None, None, message)])
    return ("\n".join(nx.generate_graphml(graph)) + "\n").encode()
