"""The least of a linear objective in the nodes that a stopped branch and bound has left open.

What a solver had closed holds no point that counts; so every one that does lies in an open node,
and keeps the decisions on the path to it. A relaxation of its own for each node gives a bound in
any objective, also in one that the solver did not look at: such as the tonnes, where it looked for
the least regret.

Open nodes are many, and few decide. Paths share their first decisions, and a relaxation with these
alone bounds all that keep them. So the lowest of such groups is split where its paths part, until
it is a single node, or the time is over: the lowest is a bound at any moment.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from itertools import count

Decision = tuple[int, float, bool]  # a variable, a bound on it, and whether that is an upper one
Path = tuple[Decision, ...]  # from the root to a node


def least_left(
    paths: Sequence[Path],
    least: Callable[[Path], float | None],
    ended: Callable[[], bool],
) -> float:
    """Return a bound on the objective in all open nodes; infinity where there is none.

    Parameters
    ----------
    paths
        One for each open node.
    least
        Returns a bound on the objective of what keeps some decisions, None where none is known.
    ended
        Whether the time for closer looks is over.
    """
    if not paths:
        return float("inf")
    number = count()  # of groups alike, the first one is split first
    groups: list[tuple[float, int, int, list[Path]]] = []

    def add(members: list[Path], known: float) -> None:
        shared = _shared(members)
        bound = least(members[0][:shared])
        value = known if bound is None else max(known, bound)
        heapq.heappush(groups, (value, next(number), shared, members))

    add(list(paths), -float("inf"))
    while not ended():
        value, _, shared, members = groups[0]
        if any(len(path) == shared for path in members):
            break  # a node of its own, and nothing lies lower
        heapq.heappop(groups)
        parts: dict[Decision, list[Path]] = {}
        for path in members:
            parts.setdefault(path[shared], []).append(path)
        for part in parts.values():
            add(part, value)
    return groups[0][0]


def _shared(paths: Sequence[Path]) -> int:
    """Return how many decisions all paths begin with."""
    first, last = min(paths), max(paths)  # whatever lies between begins as both do
    shared = 0
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    return shared
