"""GraphML to graphs; what a graph can't keep is refused with its line.

The nodes and edges of the first graph, and of the groups of yEd in it. Defaults of keys count for
what their `for` names, and a key without one is for all. Labels of yEd become the attribute
`label`, where there is none. Keys without a type are texts.

Source: U. Brandes et al., "GraphML Progress Report", Graph Drawing 2001, and
http://graphml.graphdrawing.org/specification.html for `key`, `default` and `for`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from flowopt.errors import InputError, Problem
from flowopt.network.files.text import TOO_DEEP, text_of
from flowopt.network.foreign.networkx_graph import network_to_networkx, pure_of
from flowopt.network.foreign.plain_graph import Pure
from flowopt.network.tables import Tables
from flowopt.plain_text import shown

if TYPE_CHECKING:
    import networkx

_OURS = ("", "http://graphml.graphdrawing.org/xmlns")
_LABELS = "http://www.yworks.com/xml/graphml NodeLabel"
_DEEPEST = 200  # elements in one another; groups of yEd take four each
_NUMBERS = ("int", "long", "float", "double")


def read_graphml(path: Path) -> Pure:
    """Read a GraphML file.

    Raises
    ------
    InputError
        When it can't be read, is no GraphML, or holds more than a graph can.
    """
    reader = _Reader(path.name)
    graph = reader.graph(text_of(path))
    # Most programs call every graph G; one that has a title is called on purpose.
    if reader.graph_id and "title" in graph.graph:
        graph.graph.setdefault("id", reader.graph_id)
    pure = pure_of(graph, file=path.name, name=path.stem, kind="a GraphML file")
    pure.odd.extend(reader.odd)
    return pure


@dataclass(slots=True)
class _Key:
    """What a file says of an attribute."""

    name: str
    type: str
    scope: str
    default: str | None = None


@dataclass(slots=True)
class _Element:
    """An element that is open: its kind, attributes of XML, and what its data say."""

    kind: str
    said: dict[str, str]
    line: int
    data: dict[str, Any] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    text: list[str] | None = None


class _Reader:
    """Reads one file; used once.

    Attributes
    ----------
    graph_id : str
        What the graph calls itself.
    odd : list of Problem
        What is odd but not wrong.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.odd: list[Problem] = []
        self.graph_id = ""
        self._problems: list[Problem] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._entity
        self._inside: list[_Element] = []
        self._keys: dict[str, _Key] = {}
        self._graph: _Element | None = None
        self._nodes: dict[str, _Element] = {}
        self._edges: list[_Element] = []

    def graph(self, text: str) -> networkx.MultiGraph[str]:
        """Return the graph of a text.

        Raises
        ------
        InputError
            With everything found.
        """
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            what = f"is no GraphML that can be read: {why} at character {error.offset + 1}"
            raise InputError([Problem(self.file, error.lineno, None, what)]) from error
        if self._graph is None and not self._problems:
            what = 'is no GraphML that can be read: there is no <graph edgedefault="directed">'
            raise InputError([Problem(self.file, None, None, what)])
        made = self._made()
        if self._problems:
            raise InputError(self._problems)
        return made

    def _say(self, column: str | None, what: str, line: int | None = None) -> None:
        at = self._parser.CurrentLineNumber if line is None else line
        self._problems.append(Problem(self.file, at, column, what))

    # -- while it is parsed -----------------------------------------------------------------------

    def _entity(self, name: str, *_: Any) -> None:
        what = f"declares the entity {shown(name)}; write what it stands for in its place"
        line = self._parser.CurrentLineNumber
        raise InputError([Problem(self.file, line, None, what)])

    def _start(self, name: str, said: dict[str, str]) -> None:
        space, _, kind = name.rpartition(" ")
        kind = kind if space in _OURS else "label" if name == _LABELS else ""
        line = self._parser.CurrentLineNumber
        element = _Element(kind, said, line)
        around = self._inside[-1] if self._inside else None
        if len(self._inside) == _DEEPEST:
            raise InputError([Problem(self.file, line, None, TOO_DEEP)])
        if around is None and kind != "graphml":
            what = f"is no GraphML that can be read: it begins with <{shown(name)[1:-1]}>"
            raise InputError([Problem(self.file, line, None, what)])
        match kind:
            case "key":
                self._keys.setdefault(said.get("id", ""), _key(said))
            case "graph":
                self._enter(around, element)
            case "node":
                self._node(element)
            case "edge":
                self._edges.append(element)
            case "hyperedge":
                self._say("hyperedge", "joins several nodes at once; write an edge for each two")
            case "data" | "default" | "label":
                element.text = []
        self._inside.append(element)

    def _characters(self, text: str) -> None:
        found = self._inside[-1].text if self._inside else None
        if found is not None:
            found.append(text)

    def _end(self, _: str) -> None:
        element = self._inside.pop()
        text = "".join(element.text or ()).strip()
        around = self._inside[-1] if self._inside else element
        if element.kind == "data" and around.kind in ("graph", "node", "edge"):
            self._take(around, element.said.get("key", ""), text)
        elif element.kind == "default" and around.kind == "key":
            self._keys[around.said.get("id", "")].default = text
        elif element.kind == "label" and text:
            owner = next((e for e in reversed(self._inside) if e.kind in ("node", "edge")), None)
            if owner is not None and owner.kind == "node":
                owner.data.setdefault("label", text)

    def _enter(self, around: _Element | None, element: _Element) -> None:
        """Note the graph, or look at one in another element."""
        if around is not None and around.kind != "graphml":
            if around.said.get("yfiles.foldertype") != "group":
                what = f"the {around.kind} {around.said.get('id')!r} holds a graph of its own"
                self._say(None, f"{what}, which can't be kept; move its nodes and edges out of it")
        elif self._graph is not None:
            what = f"is a second graph; the first begins in line {self._graph.line}"
            self._say(None, f"{what}: leave one, or join them")
        else:
            self._graph = element
            self.graph_id = element.said.get("id", "")
            if "edgedefault" not in element.said:
                what = "is not said, so each edge goes both ways; it is directed or undirected"
                self.odd.append(Problem(self.file, element.line, "edgedefault", what))

    def _node(self, element: _Element) -> None:
        name = element.said.get("id", "")
        if not name.strip():
            self._say("node", 'there is no id; write <node id="...">')
        elif name in self._nodes:
            what = f"the id {name!r} is that of the node in line {self._nodes[name].line} too"
            self._say("node", f"{what}; rename or delete one")
        self._nodes.setdefault(name, element)

    def _take(self, owner: _Element, key: str, text: str) -> None:
        """Take a value of a graph, node or edge."""
        about = self._keys.get(key)
        if key in owner.keys:
            self._say("data", f"a second value of the key {key!r}; delete one")
        elif about is None:
            self._say("data", f"the key {key!r} is declared nowhere; add <key id={key!r} .../>")
        elif about.name and text:
            if about.name in owner.data and about.name != "label":
                self._say("data", f"a second value of the attribute {about.name!r}; delete one")
            owner.data[about.name] = _value(about, text)
        owner.keys.add(key)

    # -- after that -------------------------------------------------------------------------------

    def _made(self) -> networkx.MultiGraph[str]:
        """Return the graph of what was found."""
        import networkx as nx

        top = self._graph or _Element("graph", {}, 0)
        directed = top.said.get("edgedefault") == "directed"
        graph: networkx.MultiGraph[str] = nx.MultiDiGraph() if directed else nx.MultiGraph()
        graph.graph.update(self._usual("graph") | top.data)
        usual = self._usual("node")
        for name, node in self._nodes.items():
            graph.add_node(name)
            graph.nodes[name].update(usual | node.data)
        usual, seen = self._usual("edge"), dict[Any, _Element]()
        for number, edge in enumerate(self._edges):
            ends = self._ends(edge)
            if self._is_mixed(edge, directed=directed) or len(ends) < 2:
                continue
            data = usual | edge.data
            key = edge.said.get("id") or data.pop("key", None)
            pair = tuple(ends) if directed else frozenset(ends)
            first = edge if key is None else seen.setdefault((pair, key), edge)
            if first is not edge:
                what = f"from {ends[0]!r} to {ends[1]!r} has the id {key!r} as in line {first.line}"
                self._say("edge", f"{what}; give each an id of its own, or delete one", edge.line)
                continue
            mark: Any = number if key is None else str(key)
            graph.add_edge(ends[0], ends[1], key=mark)
            graph.edges[ends[0], ends[1], mark].update(data)
        return graph

    def _usual(self, kind: str) -> dict[str, Any]:
        """Return the defaults of graphs, nodes or edges."""
        return {
            key.name: _value(key, key.default)
            for key in self._keys.values()
            if key.name and key.default and key.scope in (kind, "all")
        }

    def _ends(self, edge: _Element) -> list[str]:
        """Return the ends of an edge that are nodes; say what is wrong with the others."""
        ends = []
        for name in ("source", "target"):
            if name not in edge.said:
                self._say(f"edge: {name}", "there is none; give the id of a node", edge.line)
            elif edge.said[name] not in self._nodes:
                what = f"{edge.said[name]!r} is the id of no node; add the node, or mend or delete"
                self._say(f"edge: {name}", f"{what} the edge", edge.line)
            else:
                ends.append(edge.said[name])
        return ends

    def _is_mixed(self, edge: _Element, *, directed: bool) -> bool:
        """Return whether an edge is directed in a graph that is not, or the other way; say so."""
        said = edge.said.get("directed", "true" if directed else "false").strip().lower()
        if said == ("true" if directed else "false"):
            return False
        what = "goes both ways in a directed graph; write it as two edges, one for each way"
        if not directed:
            what = (
                'goes one way in an undirected graph; write edgedefault="directed", and each edge '
                "that goes both ways as two"
            )
        self._say("edge", what, edge.line)
        return True


def _key(said: dict[str, str]) -> _Key:
    return _Key(said.get("attr.name", ""), said.get("attr.type", "string"), said.get("for", "all"))


def _value(key: _Key, text: str) -> Any:
    """Return a value of an attribute; a number that is none is left for the checks to tell."""
    if key.type not in _NUMBERS or "_" in text:
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    if math.isnan(number):
        return ""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def graphml_bytes(network: Tables) -> bytes:
    """Return `network_to_networkx` as GraphML; ids of commodities are joined by `;`."""
    import networkx as nx

    graph = network_to_networkx(network)
    for said in (*(d for _, d in graph.nodes(data=True)), *(d for *_, d in graph.edges(data=True))):
        said.update({k: ";".join(v) for k, v in said.items() if isinstance(v, tuple)})
        if strange := next((v for v in map(str, said.values()) if _NO_XML.search(v)), None):
            what = f"{strange!r} holds a sign that XML has no word for; delete it"
            raise InputError([Problem("network", None, None, what)])
    return ("\n".join(nx.generate_graphml(graph)) + "\n").encode()


_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
