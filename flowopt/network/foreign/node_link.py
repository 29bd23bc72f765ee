"""Node-link JSON, to and from graphs; content that a graph can't keep is refused with its line.

An object with a list `nodes`, each with an `id`, and a list `edges` (or `links`), each with the ids
of its ends as `source` and `target` and, in a multigraph, a `key`; every other key is an attribute.
`directed` and `multigraph` are true or false, and `graph` holds the attributes of the graph: an
object, or a list of pairs as older programs write it.

Source: networkx, `networkx.readwrite.json_graph.node_link_data`, whose defaults these are. Its
reader keeps the last of two nodes, edges or keys that are called alike, and makes up nodes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowopt.errors import InputError, Problem
from flowopt.network.files.json_text import RepeatedKey, decoder, members
from flowopt.network.files.text import utf8_text
from flowopt.network.foreign.networkx_graph import network_to_networkx, plain_graph_of
from flowopt.network.foreign.plain_graph import PlainGraph, ignored_message
from flowopt.network.tables import Tables
from flowopt.plain_text import shown
from flowopt.reading import input_json

if TYPE_CHECKING:
    import networkx

NODES, EDGES, LINKS = "nodes", "edges", "links"
_DECODER = decoder(float)
_MEMBERS = (NODES, EDGES, LINKS, "directed", "multigraph", "graph")
_LONGEST = 40  # signs of a value that a message shows


def is_node_link(data: object) -> bool:
    """Return True for JSON of this kind, False for a network of our own."""
    if not isinstance(data, dict) or not isinstance(data.get(NODES), list):
        return False
    return any(isinstance(data.get(key), list) for key in (EDGES, LINKS))


def sniff_node_link(path: Path) -> bool:
    """Return True for a file of this kind, False also for what can't be read."""
    try:
        return is_node_link(input_json(path))
    except (OSError, ValueError):
        return False  # reading it as a network reports the fault


def read_node_link(path: Path) -> PlainGraph:
    """Read node-link JSON; the arcs stand under `edges` or `links`.

    Raises
    ------
    InputError
        When it can't be read, is no node-link JSON, or has duplicates.
    """
    reader = _Parser(path.name)
    graph = reader.graph(utf8_text(path))
    plain = plain_graph_of(graph, file=path.name, name=path.stem, kind="a node-link file")
    plain.warnings.extend(reader.warnings)
    return plain


class _Parser:
    """Parser of one file; used once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.one_line = False

    def graph(self, text: str) -> Any:
        """Return the graph, a multigraph with the keys of the file where they are texts."""
        import networkx as nx

        self.one_line = "\n" not in text.rstrip()
        document = self._document(text)
        directed = self._flag(document, "directed", usual=False)
        if "directed" not in document:
            message = 'is not said, so each edge goes both ways; write "directed": true or false'
            self.warnings.append(Problem(self.file, None, "directed", message))
        if EDGES in document and LINKS in document:
            self._report(None, LINKS, f"stands beside {EDGES}; join the two lists")
        if unread := [key for key in document if key not in _MEMBERS]:
            self.warnings.append(
                Problem(self.file, None, None, ignored_message("the file", unread))
            )
        graph: networkx.MultiGraph[Any] = nx.MultiDiGraph() if directed else nx.MultiGraph()
        graph.graph.update(self._graph_attributes(document.get("graph")))
        items = self._add_nodes(graph, document[NODES])
        edges = EDGES if EDGES in document else LINKS
        many = self._flag(document, "multigraph", usual=True)
        self._add_edges(graph, edges, document[edges], items, many=many)
        if self.problems:
            raise InputError(self.problems)
        return graph

    def _report(self, line: int | None, place: str, message: str) -> None:
        self.problems.append(Problem(self.file, None if self.one_line else line, place, message))

    def _document(self, text: str) -> dict[str, Any]:
        """Return the members of the file's object."""
        document: dict[str, Any] = {}
        for key, value, line in members(self.file, text, _DECODER):
            if key in document:
                self._report(line, key, "is there twice; join the two")
            document.setdefault(key, value)
        if not is_node_link(document):
            message = "is no node-link JSON: it needs a list of nodes, and one of edges (or links)"
            raise InputError([Problem(self.file, None, None, message)])
        return document

    def _flag(self, document: dict[str, Any], name: str, *, usual: bool) -> bool:
        value = document.get(name, usual)
        if not isinstance(value, bool):
            self._report(None, name, f"{_shown(value)} is neither true nor false")
        return bool(value)

    def _graph_attributes(self, value: Any) -> dict[str, Any]:
        """Return the attributes of the graph."""
        if isinstance(value, RepeatedKey):
            self._report(None, "graph", f"{value.key!r} is there twice; delete one")
        if isinstance(value, dict):
            return value
        pairs = [each for _, each in value] if isinstance(value, list) else []
        names = [p[0] for p in pairs if isinstance(p, list) and len(p) == 2]
        sound = len(names) == len(pairs) and all(isinstance(name, str) for name in names)
        if sound and len({*names}) == len(names) and isinstance(value, list | None):
            return dict(pairs)
        if isinstance(value, list):
            value = pairs
        message = f'{_shown(value)} is no object; write {{"title": "..."}} or delete it'
        self._report(None, "graph", message)
        return {}

    def _objects(self, kind: str, items: list[tuple[int, Any]]) -> Iterator[tuple[int, str, Any]]:
        """Yield line, place and content of the items of a list that are objects."""
        for number, (line, item) in enumerate(items, start=1):
            place = f"{kind}, item {number}"
            if not isinstance(item, dict):
                self._report(line, place, f"{_shown(item)} is no object; write {{...}}")
                continue
            if isinstance(item, RepeatedKey):
                self._report(line, place, f"the key {item.key!r} is there twice; delete one")
            yield line, place, dict(item)

    def _add_nodes(self, graph: Any, items: list[tuple[int, Any]]) -> dict[Any, str]:
        """Add the nodes; return the place of each id."""
        places: dict[Any, str] = {}
        for line, place, attributes in self._objects(NODES, items):
            name = _id(attributes.pop("id", None))
            if name is None:
                message = 'there is no id, a text or a number; write {"id": "...", ...}'
                self._report(line, place, message)
            elif name in places:
                message = (
                    f"the id {_shown(name)} is that of {places[name]} too; rename or delete one"
                )
                self._report(line, place, message)
            else:
                places[name] = place
                graph.add_node(name)
                graph.nodes[name].update(attributes)
        return places

    def _add_edges(
        self, graph: Any, kind: str, items: list[tuple[int, Any]], nodes: dict[Any, str], *,
        many: bool,
    ) -> None:  # fmt: skip
        """Add the edges; those of the same ends need keys of their own, if they may be at all."""
        seen: dict[Any, str] = {}
        for number, (line, place, attributes) in enumerate(self._objects(kind, items)):
            ends = [
                self._end(line, place, attributes, name, nodes) for name in ("source", "target")
            ]
            if None in ends:
                continue
            key = _id(attributes.pop("key", None)) if many else None
            pair = tuple(ends) if graph.is_directed() else frozenset(ends)
            first = seen.setdefault((pair, key), place)
            if first != place and (key is not None or not many):
                self._report(line, place, _duplicate_message(first, ends, key))
                continue
            # A number of our own where the key is none: `plain_graph_of` calls arcs by texts only.
            mark = key if isinstance(key, str) else number
            graph.add_edge(*ends, key=mark)
            graph.edges[*ends, mark].update(attributes)

    def _end(
        self, line: int, place: str, attributes: dict[str, Any], name: str, nodes: dict[Any, str]
    ) -> Any:
        """Return an end of an edge, None if it is no node."""
        seen = attributes.pop(name, None)
        end = _id(seen)
        if end in nodes:
            return end
        if self.problems and end is not None and not nodes:
            return None  # no node could be read, which is reported
        known = "there is none" if seen is None else f"{_shown(seen)} is the id of no node"
        self._report(
            line, f"{place}: {name}", f"{known}; give the id of a node in the list of nodes"
        )
        return None


def _duplicate_message(first: str, ends: list[Any], key: Any) -> str:
    """Return the message that an edge would replace another one."""
    message = f"goes from {_shown(ends[0])} to {_shown(ends[1])}"
    if key is not None:
        return f"{message} with the key {_shown(key)}, as {first} does; give each a key of its own"
    return f'{message}, as {first} does; delete one, or write "multigraph": true'


def _id(value: Any) -> Any:
    """Return a value that a graph may hold as a node or a key, None for any other."""
    if isinstance(value, list):  # tuples, as JSON has them
        inner = [_id(each) for each in value]
        return None if None in inner else tuple(inner)
    sound = isinstance(value, str | int | float) and not isinstance(value, bool)
    return value if sound and str(value).strip() else None


def _shown(value: object) -> str:
    return "null" if value is None else shown(value, _LONGEST)


def node_link_bytes(network: Tables) -> bytes:
    """Return `network_to_networkx` as node-link JSON; infinity is the text ``inf``."""
    import networkx as nx

    graph = network_to_networkx(network)
    for *_, attributes in graph.edges(data=True):
        attributes["sources"] = attributes.pop("source")  # `source` is the tail there
    data = nx.node_link_data(graph, edges="edges")
    for row in (*data["nodes"], *data["edges"]):
        row.update({k: "inf" for k, v in row.items() if v == math.inf})
    return (json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()
