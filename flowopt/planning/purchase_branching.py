"""Branching on purchases: a schedule makes a purchase, or does not.

The periods of each branch are solved by themselves again: those that pay for a purchase with less
money, those that it served without what it brought. Where nothing is in force for nothing any more,
their plans are a schedule. The branch with the least bound goes first, so that its bound is one on
every schedule at any time.
"""

from __future__ import annotations

import heapq
import math
from itertools import count, islice

from flowopt.planning.relaxed_periods import RelaxedPeriods, SolvePeriods


class PurchaseBranching:
    """Branches of purchases made and ruled out, of which each schedule of use is on one.

    Parameters
    ----------
    root
        The periods, solved, of all schedules of use.
    solve
        Solves requests on single periods.
    """

    def __init__(self, root: RelaxedPeriods, solve: SolvePeriods) -> None:
        self._solve, self._count = solve, count()
        self._open: list[tuple[float, int, int, RelaxedPeriods]] = []
        self._push(root, root.bound())

    def bound(self) -> float:
        """Return a bound on every schedule: the least of all branches."""
        return self._open[0][0] if self._open else math.inf

    def branch(self) -> list[RelaxedPeriods] | None:
        """Branch on the dearest purchase of the branch with the least bound.

        Returns
        -------
        list of RelaxedPeriods or None
            The branches that are left of it, solved; None where its plans need no other purchase.
        """
        if not self._open:
            return None
        bound, _, _, node = self._open[0]
        unpaid = node.unpaid()
        if not unpaid:
            return None
        asked = [(each, each.requests()) for each in node.branches(unpaid[0])]
        found = iter(self._solve([request for _, requests in asked for request in requests]))
        heapq.heappop(self._open)  # only now: what solves may be broken off
        branches = []
        for each, requests in asked:
            if requests:
                each.note(list(islice(found, len(requests))))
                self._push(each, max(bound, each.bound()))
                branches.append(each)
        return branches

    def _push(self, node: RelaxedPeriods, bound: float) -> None:
        """Keep a branch; among equal bounds the one with the most purchases made goes first."""
        heapq.heappush(self._open, (bound, -len(node.made), next(self._count), node))
