"""Branching on purchases: a schedule makes a purchase, or does not.

The periods of each branch are solved by themselves again: those that pay for a purchase with less
money, those that it served without what it brought. Where nothing is in force for nothing any more,
their plans are a schedule. The branch with the least bound goes first, so that its bound is one on
every schedule at any time. Two branches go at once: the second one's bound is mostly below the best
schedule too, and processes have more to do side by side. How many there are changes nothing.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from itertools import count, islice
from typing import NamedTuple

from flowopt.planning.relaxed_periods import RelaxedPeriods, SolvePeriods

_AT_ONCE = 2  # branches


class _Branch(NamedTuple):
    """A branch in the order in which branches go on: by its bound, then the most purchases made."""

    bound: float
    unmade: int
    number: int
    periods: RelaxedPeriods


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
        self._open: list[_Branch] = []
        self._push(root, root.bound())

    def bound(self) -> float:
        """Return a bound on every schedule: the least of all branches."""
        return self._open[0].bound if self._open else math.inf

    def branch(self, enough: float = math.inf) -> list[RelaxedPeriods] | None:
        """Branch on the dearest purchase of the branches with the least bounds.

        Parameters
        ----------
        enough
            Bound at which nothing is left to look for.

        Returns
        -------
        list of RelaxedPeriods or None
            The branches that are left of them, solved; None where the plans of the least one need
            no other purchase.
        """
        if not self._open or not self._open[0].periods.unpaid():
            return None
        chosen = list(self._chosen(enough))
        asked = [
            (node.bound, each, each.requests(enough))
            for node in chosen
            for each in node.periods.branches(node.periods.unpaid()[0])
        ]
        found = iter(self._solve([request for *_, requests in asked for request in requests]))
        for node in chosen:  # only now: what solves may be broken off
            self._open.remove(node)
        heapq.heapify(self._open)
        branches = []
        for bound, each, requests in asked:
            if requests:
                each.note(list(islice(found, len(requests))))
                self._push(each, max(bound, each.bound()))
                branches.append(each)
        return branches

    def _chosen(self, enough: float) -> Iterator[_Branch]:
        """Yield the branches to go on with: the one with the least bound, and the next of use."""
        first, *others = heapq.nsmallest(_AT_ONCE, self._open)
        yield first
        yield from (each for each in others if each.bound < enough and each.periods.unpaid())

    def _push(self, node: RelaxedPeriods, bound: float) -> None:
        """Keep a branch; among equal bounds the one with the most purchases made goes first."""
        heapq.heappush(self._open, _Branch(bound, -len(node.made), next(self._count), node))
