"""Nodes by name: by their ids, or by a name that only one of them has."""

from __future__ import annotations

from collections.abc import Sequence

from flowopt.errors import RequestError
from flowopt.network.foreign.plain_graph import PlainGraph
from flowopt.similar_names import closest

_SHOWN = 12  # nodes that a refusal lists
_COMPARED = 10_000  # nodes up to which a name is compared with theirs


def named_nodes(graph: PlainGraph, names: Sequence[str], noun: str) -> set[str]:
    """Return the ids of the nodes with these ids or names.

    Parameters
    ----------
    graph
        The graph.
    names
        Ids, or names; an id that is written out wins over a name.
    noun
        The word for one of them, as ``source``.

    Raises
    ------
    RequestError
        When there is no such node, or several have the name.
    """
    called = {node.cells["node"]: node.cells.get("name") or "" for node in graph.nodes}
    ids: dict[str, list[str]] = {}
    for node, name in called.items():
        ids.setdefault(name, []).append(node)
    chosen = set()
    for name in names:
        found = [name] if name in called else ids.get(name, [])
        if len(found) > 1:
            raise RequestError(
                f"{noun} {name!r} is the name of {_listed(found)}; give one of the ids"
            )
        if not found:
            near = closest(name, [*called, *ids]) if len(called) <= _COMPARED else None
            hint = f"did you mean {near!r}? There are" if near else "there are"
            nodes = [f"{node} ({name})" if name else node for node, name in called.items()]
            raise RequestError(
                f"{noun} {name!r} is no node of {graph.file}; {hint} {_listed(nodes)}"
            )
        chosen.update(found)
    return chosen


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
