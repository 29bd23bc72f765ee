"""GraphML to graphs; what networkx would drop without a word is refused with its line.

networkx reads the first graph of a file, and in it the nodes and edges that stand there or in the
groups of yEd. It keeps the last of two nodes that are called alike, of two edges of the same ends
and id, and of two values of one attribute, and makes up the ends of edges.

Source: U. Brandes et al., "GraphML Progress Report", Graph Drawing 2001.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.parsers import expat

from flowopt.errors import InputError, Problem
from flowopt.network.foreign.graphs import pure_of
from flowopt.network.foreign.pure import Pure
from flowopt.network.read import text_of

_OURS = ("", "http://graphml.graphdrawing.org/xmlns")


def read_graphml(path: Path) -> Pure:
    """Read a GraphML file.

    Raises
    ------
    InputError
        When it can't be read, is no GraphML, or holds more than a graph can.
    """
    import networkx as nx

    text = text_of(path)
    look = _Look(path.name)
    look.over(text)
    try:
        # The keys are the ids of the edges, and texts.
        graph = nx.parse_graphml(text, edge_key_type=str, force_multigraph=True)
    except Exception as error:  # networkx lets through what the parser and its own code raise
        what = f"is no GraphML that networkx can read: {error}"
        raise InputError([Problem(path.name, None, None, what)]) from error
    if graph.number_of_edges() < look.edges:
        what = "has edges of the same ends and the same key; give each an id of its own"
        raise InputError([Problem(path.name, None, None, what)])
    _fill_in(graph)
    # Most programs call every graph G; one that has a title is called on purpose.
    if look.graph_id and "title" in graph.graph:
        graph.graph.setdefault("id", look.graph_id)
    return pure_of(graph, file=path.name, name=path.stem, kind="a GraphML file")


def _fill_in(graph: Any) -> None:
    """Give nodes and edges what the file says of those that say nothing, which networkx leaves."""
    usual = graph.graph.get("node_default", {}), graph.graph.get("edge_default", {})
    several = (d for _, d in graph.nodes(data=True)), (d for *_, d in graph.edges(data=True))
    for defaults, rows in zip(usual, several, strict=True):
        for said in rows if defaults else ():
            said.update({name: v for name, v in defaults.items() if name not in said})


class _Look:
    """Looks over the elements of one file for what can't be kept; used once.

    Attributes
    ----------
    edges : int
        How many edges there are.
    graph_id : str
        What the graph calls itself.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.edges = 0
        self.graph_id = ""
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._inside: list[tuple[str, dict[str, str], set[str]]] = []  # kind, said, keys of data
        self._graph_line = 0
        self._directed = False
        self._nodes: dict[str, int] = {}  # lines
        self._ids: dict[Any, int] = {}
        self._ends: list[tuple[int, str, str]] = []  # line, source or target, node

    def over(self, text: str) -> None:
        """Look over the text of a file.

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
        for line, name, node in self._ends:
            if node not in self._nodes:
                what = f"{node!r} is the id of no node; add the node, or mend or delete the edge"
                self.problems.append(Problem(self.file, line, name, what))
        if self.problems:
            raise InputError(self.problems)

    def _say(self, column: str | None, what: str) -> None:
        line = self._parser.CurrentLineNumber
        self.problems.append(Problem(self.file, line, column, what))

    def _start(self, name: str, said: dict[str, str]) -> None:
        space, _, kind = name.rpartition(" ")
        kind = kind if space in _OURS else ""
        around, outer, keys = self._inside[-1] if self._inside else ("", {}, set())
        if kind == "graph":
            self._graph(around, outer, said)
        elif kind == "node":
            self._node(said)
        elif kind == "edge":
            self._edge(said)
        elif kind == "data" and around in ("graph", "node", "edge"):
            key = said.get("key", "")
            if key in keys:
                self._say("data", f"a second value of the key {key!r}; delete one")
            keys.add(key)
        self._inside.append((kind, said, set()))

    def _end(self, _: str) -> None:
        self._inside.pop()

    def _graph(self, around: str, outer: dict[str, str], said: dict[str, str]) -> None:
        if around != "graphml":
            if outer.get("yfiles.foldertype") != "group":
                what = f"the {around} {outer.get('id')!r} holds a graph of its own, which can't be"
                self._say(None, f"{what} kept; move its nodes and edges out of it")
        elif self._graph_line:
            what = f"is a second graph; the first begins in line {self._graph_line}"
            self._say(None, f"{what}: leave one, or join them")
        else:
            self._graph_line = self._parser.CurrentLineNumber
            self._directed = said.get("edgedefault") == "directed"
            self.graph_id = said.get("id", "")

    def _node(self, said: dict[str, str]) -> None:
        name = said.get("id", "")
        if not name.strip():
            self._say("node", 'there is no id; write <node id="...">')
        elif name in self._nodes:
            what = f"the id {name!r} is that of the node in line {self._nodes[name]} too"
            self._say("node", f"{what}; rename or delete one")
        self._nodes.setdefault(name, self._parser.CurrentLineNumber)

    def _edge(self, said: dict[str, str]) -> None:
        self.edges += 1
        line, ends = self._parser.CurrentLineNumber, []
        for name in ("source", "target"):
            if name in said:
                ends.append(said[name])
                self._ends.append((line, f"edge: {name}", said[name]))
            else:
                self._say(f"edge: {name}", "there is none; give the id of a node")
        if not said.get("id") or len(ends) < 2:
            return
        pair = tuple(ends) if self._directed else frozenset(ends)
        first = self._ids.setdefault((pair, said["id"]), line)
        if first != line:
            what = f"from {ends[0]!r} to {ends[1]!r} has the id {said['id']!r} as in line {first}"
            self._say("edge", f"{what}; give each an id of its own, or delete one")
