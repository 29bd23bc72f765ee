"""What of a foreign network is not read, and what its blanks were taken for: a line for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from flowopt.errors import Problem
from flowopt.network.foreign.plain_graph import NOTHING, Choices, Pure, cell_text, not_read
from flowopt.similar_names import closest

_ALIKE = 0.8  # ratio from which a name is a near miss
_COMPARED = 40  # letters of it


def left_open(pure: Pure, choices: Choices) -> Iterator[Problem]:
    """Yield what was not read, and what was read where nothing stands.

    Parameters
    ----------
    pure
        The network, with the names of attributes that its reader takes in `reads`.
    choices
        What names others.
    """
    arcs = Counter(
        str(name) for leg in pure.legs for name, v in leg.attributes.items() if cell_text(v)
    )
    capacity = choices.capacity or "capacity"
    cost = choices.arc_cost or pure.usual_cost
    named = {capacity, cost, choices.measures, choices.measure_cost}
    yield from _missed(pure, pure.nodes_file, pure.node_attributes, set())
    yield from _missed(pure, pure.arcs_file, arcs, {str(name) for name in named})
    count, total = arcs[capacity], len(pure.legs)
    if capacity != NOTHING and count < total:
        some = f"{total - count:,} of {total:,} arcs have" if count else "no arc has"
        none = "no " if count else "a "
        yield _told(pure, capacity, f"{some} {none}{capacity!r}, which is read as without limit")
    if arcs["weight"] and "weight" not in named and not arcs[cost]:
        what = (
            "is not read, so the arcs are free; networkx takes it for the cost: name it if it is "
            "(--arc-cost weight)"
        )
        yield _told(pure, "weight", what)


def _told(pure: Pure, column: str, what: str) -> Problem:
    return Problem(pure.file, None, column, what)


def _missed(pure: Pure, part: str, there: Counter[str], named: set[str]) -> Iterator[Problem]:
    """Yield what is not read: attributes nearly called like one that is, and the rest."""
    reads = pure.reads.get(part, frozenset())
    rest = []
    for name, count in there.items():
        if name in named or name.partition(".")[0] in reads:
            continue
        near = near_miss(name, (word for word in (*reads, *named) if word not in there))
        if near is None:
            rest.append(name)
            continue
        option = {"capacity": "--capacity", "cost": "--arc-cost"}.get(near, "")
        how = f", or name it ({option} {name})" if option and part == pure.arcs_file else ""
        what = f"is not read ({count:,} values); did you mean {near!r}? Rename it{how}"
        yield Problem(pure.file, None, name, what)
    rest = [name for name in rest if name != "weight" or part == pure.nodes_file]
    if rest:
        yield Problem(pure.file, None, None, not_read(part, rest))


def near_miss(name: str, words: Iterable[str]) -> str | None:
    """Return the word that a name nearly is, or None.

    >>> near_miss("Capacity", ["cost", "capacity"]), near_miss("length", ["cost", "loss"])
    ('capacity', None)
    """
    return closest(name, words, alike=_ALIKE, fold=_folded)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()[:_COMPARED]
