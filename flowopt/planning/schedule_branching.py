"""Branching on what ties periods: purchases, what comes after what, and carried money.

The branch with the least bound goes first, so that its bound is one on every schedule at any time.
Its periods are solved for the money that the bound rests on, as far as they are not known; where
its plans use something for nothing, it falls into the schedules that have that and those that do
not; where they cost more than there is, they are solved for less. Where none of it is so, they are
a schedule. Two branches go at once: processes have more to do side by side.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from flowopt.planning.period_solver import PeriodRequest
from flowopt.planning.relaxed_periods import SolvePeriods
from flowopt.planning.schedule_branch import Branch
from flowopt.planning.solve_run import FoundPlan

_AT_ONCE = 2  # branches


class _Open(NamedTuple):
    """A branch in the order in which branches go on: by its bound, then the most that is made."""

    bound: float
    unmade: int
    number: int
    branch: Branch


class ScheduleBranching:
    """Branches, of which each schedule of use is on one.

    Parameters
    ----------
    root
        All schedules.
    solve
        Solves requests on single periods.

    Attributes
    ----------
    complete : bool
        Whether nothing is left to branch on: there is no schedule of use, or the plans of the
        least branch are one.
    """

    def __init__(self, root: Branch, solve: SolvePeriods) -> None:
        self._solve, self._count = solve, count()
        self._open: list[_Open] = []
        self.complete = False
        self._push(root, root.bound())

    def bound(self) -> float:
        """Return a bound on every schedule: the least of all branches."""
        return self._open[0].bound if self._open else math.inf

    def step(self, enough: float = math.inf) -> list[Branch]:
        """Solve what the branches with the least bounds wait for, or branch on them.

        Parameters
        ----------
        enough
            Bound at which nothing is left to look for.

        Returns
        -------
        list of Branch
            Those of which more is known; of a least one that is a schedule itself, `complete`.
        """
        chosen = heapq.nsmallest(_AT_ONCE, self._open)
        self.complete = not chosen
        asked: list[tuple[_Open, list[PeriodRequest]]] = []
        for place, each in enumerate(chosen):
            if place and each.bound >= enough:
                break
            requests = each.branch.requests(enough)
            self.complete = not (place or requests or self._moves(each))
            if self.complete:
                return [each.branch]
            asked.append((each, requests))
        found = iter(self._solve([request for _, requests in asked for request in requests]))
        return [part for each, requests in asked for part in self._moved(each, requests, found)]

    def _moves(self, each: _Open) -> bool:
        """Return whether a branch that waits for nothing has parts, or another bound by now."""
        return bool(each.branch.unpaid()) or each.branch.bound() > each.bound

    def _moved(
        self, each: _Open, requests: list[PeriodRequest], found: Iterator[FoundPlan]
    ) -> list[Branch]:
        """Put a branch, or its parts, in its place once its requests are solved; return them."""
        branch = each.branch
        if not requests and not self._moves(each):
            return []
        unpaid = [] if requests else branch.unpaid()
        branch.note([next(found) for _ in requests])
        self._open.remove(each)
        heapq.heapify(self._open)
        parts = branch.branches(unpaid[0]) if unpaid else [branch]
        for part in parts:
            self._push(part, max(each.bound, part.bound()))
        return parts

    def _push(self, branch: Branch, bound: float) -> None:
        """Keep a branch that has schedules; of equal bounds the one with the most made first."""
        if math.isfinite(bound):
            number = next(self._count)
            heapq.heappush(self._open, _Open(bound, -len(branch.made), number, branch))
