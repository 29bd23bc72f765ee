"""Parser of GraphML to a graph; content that a graph can't keep is refused with its line.

The nodes and edges of the first graph, and of the groups of yEd in it. Defaults of keys count for
the kind in their `for`, and a key without one is for all. Labels of yEd become the attribute
`label`, where there is none. Keys without a type are texts.

Source: U. Brandes et al., "GraphML Progress Report", Graph Drawing 2001, and
http://graphml.graphdrawing.org/specification.html for `key`, `default` and `for`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from flowopt.errors import InputError, Problem
from flowopt.network.files.text import TOO_DEEP
from flowopt.plain_text import shown

if TYPE_CHECKING:
    import networkx

_OURS = ("", "http://graphml.graphdrawing.org/xmlns")
_LABELS = "http://www.yworks.com/xml/graphml NodeLabel"
_DEEPEST = 200  # elements in one another; groups of yEd take four each
_NUMBERS = ("int", "long", "float", "double")


@dataclass(slots=True)
class _Key:
    """Declaration of an attribute."""

    name: str
    type: str
    scope: str
    default: str | None = None


@dataclass(slots=True)
class _Element:
    """Open element: its kind, its attributes of XML, and its data."""

    kind: str
    attributes: dict[str, str]
    line: int
    data: dict[str, Any] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    text: list[str] | None = None


class GraphMLParser:
    """Parser of one file; used once.

    Attributes
    ----------
    graph_id : str
        Id of the graph.
    warnings : list of Problem
        Oddities that are no errors.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.warnings: list[Problem] = []
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
            message = f"is no GraphML that can be read: {why} at character {error.offset + 1}"
            raise InputError([Problem(self.file, error.lineno, None, message)]) from error
        if self._graph is None and not self._problems:
            message = 'is no GraphML that can be read: there is no <graph edgedefault="directed">'
            raise InputError([Problem(self.file, None, None, message)])
        made = self._graph_of_elements()
        if self._problems:
            raise InputError(self._problems)
        return made

    def _report(self, column: str | None, message: str, line: int | None = None) -> None:
        at = self._parser.CurrentLineNumber if line is None else line
        self._problems.append(Problem(self.file, at, column, message))

    # -- while it is parsed -----------------------------------------------------------------------

    def _entity(self, name: str, *_: Any) -> None:
        message = f"declares the entity {shown(name)}; write what it stands for in its place"
        line = self._parser.CurrentLineNumber
        raise InputError([Problem(self.file, line, None, message)])

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, kind = name.rpartition(" ")
        kind = kind if space in _OURS else "label" if name == _LABELS else ""
        line = self._parser.CurrentLineNumber
        element = _Element(kind, attributes, line)
        around = self._inside[-1] if self._inside else None
        if len(self._inside) == _DEEPEST:
            raise InputError([Problem(self.file, line, None, TOO_DEEP)])
        if around is None and kind != "graphml":
            message = f"is no GraphML that can be read: it begins with <{shown(name)[1:-1]}>"
            raise InputError([Problem(self.file, line, None, message)])
        match kind:
            case "key":
                self._keys.setdefault(attributes.get("id", ""), _key(attributes))
            case "graph":
                self._enter(around, element)
            case "node":
                self._node(element)
            case "edge":
                self._edges.append(element)
            case "hyperedge":
                self._report("hyperedge", "joins several nodes at once; write an edge for each two")
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
            self._keep_value(around, element.attributes.get("key", ""), text)
        elif element.kind == "default" and around.kind == "key":
            self._keys[around.attributes.get("id", "")].default = text
        elif element.kind == "label" and text:
            owner = next((e for e in reversed(self._inside) if e.kind in ("node", "edge")), None)
            if owner is not None and owner.kind == "node":
                owner.data.setdefault("label", text)

    def _enter(self, around: _Element | None, element: _Element) -> None:
        """Keep the graph, or refuse one in another element."""
        if around is not None and around.kind != "graphml":
            if around.attributes.get("yfiles.foldertype") != "group":
                message = (
                    f"the {around.kind} {around.attributes.get('id')!r} holds a graph of its own"
                )
                self._report(
                    None, f"{message}, which can't be kept; move its nodes and edges out of it"
                )
        elif self._graph is not None:
            message = f"is a second graph; the first begins in line {self._graph.line}"
            self._report(None, f"{message}: leave one, or join them")
        else:
            self._graph = element
            self.graph_id = element.attributes.get("id", "")
            if "edgedefault" not in element.attributes:
                message = "is not said, so each edge goes both ways; it is directed or undirected"
                self.warnings.append(Problem(self.file, element.line, "edgedefault", message))

    def _node(self, element: _Element) -> None:
        name = element.attributes.get("id", "")
        if not name.strip():
            self._report("node", 'there is no id; write <node id="...">')
        elif name in self._nodes:
            message = f"the id {name!r} is that of the node in line {self._nodes[name].line} too"
            self._report("node", f"{message}; rename or delete one")
        self._nodes.setdefault(name, element)

    def _keep_value(self, owner: _Element, key: str, text: str) -> None:
        """Keep a value of a graph, node or edge."""
        about = self._keys.get(key)
        if key in owner.keys:
            self._report("data", f"a second value of the key {key!r}; delete one")
        elif about is None:
            self._report("data", f"the key {key!r} is declared nowhere; add <key id={key!r} .../>")
        elif about.name and text:
            if about.name in owner.data and about.name != "label":
                self._report("data", f"a second value of the attribute {about.name!r}; delete one")
            owner.data[about.name] = _value(about, text)
        owner.keys.add(key)

    # -- after that -------------------------------------------------------------------------------

    def _graph_of_elements(self) -> networkx.MultiGraph[str]:
        """Return the graph of the elements."""
        import networkx as nx

        top = self._graph or _Element("graph", {}, 0)
        directed = top.attributes.get("edgedefault") == "directed"
        graph: networkx.MultiGraph[str] = nx.MultiDiGraph() if directed else nx.MultiGraph()
        graph.graph.update(self._defaults("graph") | top.data)
        usual = self._defaults("node")
        for name, node in self._nodes.items():
            graph.add_node(name)
            graph.nodes[name].update(usual | node.data)
        usual, seen = self._defaults("edge"), dict[Any, _Element]()
        for number, edge in enumerate(self._edges):
            ends = self._ends(edge)
            if self._is_mixed(edge, directed=directed) or len(ends) < 2:
                continue
            data = usual | edge.data
            key = edge.attributes.get("id") or data.pop("key", None)
            pair = tuple(ends) if directed else frozenset(ends)
            first = edge if key is None else seen.setdefault((pair, key), edge)
            if first is not edge:
                message = (
                    f"from {ends[0]!r} to {ends[1]!r} has the id {key!r} as in line {first.line}"
                )
                self._report(
                    "edge", f"{message}; give each an id of its own, or delete one", edge.line
                )
                continue
            mark: Any = number if key is None else str(key)
            graph.add_edge(ends[0], ends[1], key=mark)
            graph.edges[ends[0], ends[1], mark].update(data)
        return graph

    def _defaults(self, kind: str) -> dict[str, Any]:
        """Return the defaults of graphs, nodes or edges."""
        return {
            key.name: _value(key, key.default)
            for key in self._keys.values()
            if key.name and key.default and key.scope in (kind, "all")
        }

    def _ends(self, edge: _Element) -> list[str]:
        """Return the ends of an edge that are nodes; the others become problems."""
        ends = []
        for name in ("source", "target"):
            if name not in edge.attributes:
                self._report(f"edge: {name}", "there is none; give the id of a node", edge.line)
            elif edge.attributes[name] not in self._nodes:
                message = (
                    f"{edge.attributes[name]!r} is the id of no node; add the node, or mend or "
                    "delete the edge"
                )
                self._report(f"edge: {name}", message, edge.line)
            else:
                ends.append(edge.attributes[name])
        return ends

    def _is_mixed(self, edge: _Element, *, directed: bool) -> bool:
        """Return True, with a problem, for an edge that is not directed as its graph is."""
        direction = edge.attributes.get("directed", "true" if directed else "false").strip().lower()
        if direction == ("true" if directed else "false"):
            return False
        message = "goes both ways in a directed graph; write it as two edges, one for each way"
        if not directed:
            message = (
                'goes one way in an undirected graph; write edgedefault="directed", and each edge '
                "that goes both ways as two"
            )
        self._report("edge", message, edge.line)
        return True


def _key(attributes: dict[str, str]) -> _Key:
    return _Key(
        attributes.get("attr.name", ""),
        attributes.get("attr.type", "string"),
        attributes.get("for", "all"),
    )


def _value(key: _Key, text: str) -> Any:
    """Return a value of an attribute; a text that is no number is left to the checks."""
    if key.type not in _NUMBERS or "_" in text:
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    if math.isnan(number):
        return ""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
