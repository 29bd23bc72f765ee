"""Warnings of an import: attributes that are not read, and defaults read for blanks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from flowopt.errors import Problem
from flowopt.network.foreign.plain_graph import (
    NOTHING,
    ImportOptions,
    PlainGraph,
    cell_text,
    ignored_message,
)
from flowopt.similar_names import closest

_ALIKE = 0.8  # ratio from which a name is a near miss
_COMPARED = 40  # letters of it


def import_warnings(graph: PlainGraph, options: ImportOptions) -> Iterator[Problem]:
    """Yield warnings of attributes that are not read, and of defaults read for blanks.

    Parameters
    ----------
    graph
        The graph, with the names of attributes that its reader takes in `attributes_read`.
    options
        Options that name other attributes.
    """
    arcs = Counter(
        str(name) for arc in graph.arcs for name, v in arc.attributes.items() if cell_text(v)
    )
    capacity = options.capacity or "capacity"
    cost = options.arc_cost or graph.default_cost
    named = {capacity, cost, options.measures, options.measure_cost}
    yield from _unread(graph, graph.nodes_file, graph.node_attributes, set())
    yield from _unread(graph, graph.arcs_file, arcs, {str(name) for name in named})
    count, total = arcs[capacity], len(graph.arcs)
    if capacity != NOTHING and count < total:
        some = f"{total - count:,} of {total:,} arcs have" if count else "no arc has"
        none = "no " if count else "a "
        yield _warning(
            graph, capacity, f"{some} {none}{capacity!r}, which is read as without limit"
        )
    if arcs["weight"] and "weight" not in named and not arcs[cost]:
        message = (
            "is not read, so the arcs are free; networkx takes it for the cost: name it if it is "
            "(--arc-cost weight)"
        )
        yield _warning(graph, "weight", message)


def _warning(graph: PlainGraph, column: str, message: str) -> Problem:
    return Problem(graph.file, None, column, message)


def _unread(
    graph: PlainGraph, part: str, there: Counter[str], named: set[str]
) -> Iterator[Problem]:
    """Yield attributes that are not read: near misses of one that is, and the rest."""
    reads = graph.attributes_read.get(part, frozenset())
    rest = []
    for name, count in there.items():
        if name in named or name.partition(".")[0] in reads:
            continue
        near = near_miss(name, (word for word in (*reads, *named) if word not in there))
        if near is None:
            rest.append(name)
            continue
        option = {"capacity": "--capacity", "cost": "--arc-cost"}.get(near, "")
        how = f", or name it ({option} {name})" if option and part == graph.arcs_file else ""
        message = f"is not read ({count:,} values); did you mean {near!r}? Rename it{how}"
        yield Problem(graph.file, None, name, message)
    rest = [name for name in rest if name != "weight" or part == graph.nodes_file]
    if rest:
        yield Problem(graph.file, None, None, ignored_message(part, rest))


def near_miss(name: str, words: Iterable[str]) -> str | None:
    """Return the word of which a name is a near miss, or None.

    >>> near_miss("Capacity", ["cost", "capacity"]), near_miss("length", ["cost", "loss"])
    ('capacity', None)
    """
    return closest(name, words, alike=_ALIKE, fold=_folded)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()[:_COMPARED]
