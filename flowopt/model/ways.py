"""From an arc's entrance to the node where it ends: the lanes and gates that a plan leaves open."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from scipy import sparse

from flowopt.model.activities import ActivityModel

_INNER = ("free", "hit", "gate")


@dataclass(frozen=True, slots=True)
class Way:
    """Where a unit that an activity makes ends up: the real good, how much, what it passed.

    Attributes
    ----------
    good : int
        Index of the good at a node.
    share : float
        How much of it arrives there.
    takes : tuple of (int, float)
        What it takes of each capacity row on the way.
    """

    good: int
    share: float
    takes: tuple[tuple[int, float], ...]


class Ways:
    """The open ways under a plan.

    Parameters
    ----------
    model
        The trafficker's programme.
    plan
        Indices of the measures in force.
    """

    def __init__(self, model: ActivityModel, plan: Iterable[int]) -> None:
        self.model = model
        self.closed = model.closed_under(model.chosen(plan))
        self.used, self.made, self.takes = (
            columns(matrix) for matrix in (model.used, model.made, model.takes)
        )
        self.on_the_way = on_the_way(model)
        # A lane that keeps everything comes first in the programme where it is open.
        self._onward: dict[int, int] = {}
        for j, activity in enumerate(model.activities):
            if activity.kind in _INNER and not self.closed[j]:
                self._onward.setdefault(self.used[j][0][0], j)

    def follow(self, good: int, share: float) -> Way | None:
        """Return where a share of a good ends, or None where the plan leaves no way on."""
        passed: list[tuple[int, float]] = []
        while good in self.on_the_way:
            onward = self._onward.get(good)
            if onward is None:
                return None
            passed += [(row, share) for row, _ in self.takes[onward]]
            good, share = self.made[onward][0][0], share * self.made[onward][0][1]
        return Way(good, share, tuple(passed))


def arriving_shares(model: ActivityModel, plan: Iterable[int]) -> dict[tuple[int, str], float]:
    """Return what share of each (arc's row, commodity) that enters arrives at the head."""
    ways, shares = Ways(model, plan), {}
    for j, activity in enumerate(model.activities):
        if activity.kind == "ship":
            ends = [ways.follow(good, quantity) for good, quantity in ways.made[j]]
            shares[activity.row, activity.commodity] = sum(way.share for way in ends if way)
    return shares


def on_the_way(model: ActivityModel) -> frozenset[int]:
    """Return the goods that lanes and gates use up: points on the way."""
    inner = [j for j, a in enumerate(model.activities) if a.kind in _INNER]
    return frozenset(model.used[:, inner].nonzero()[0].tolist())


def columns(matrix: sparse.csc_array) -> list[list[tuple[int, float]]]:
    """Return the (row, value) entries of each column."""
    starts = matrix.indptr.tolist()
    rows, values = matrix.indices.tolist(), matrix.data.tolist()
    return [list(zip(rows[a:b], values[a:b], strict=True)) for a, b in itertools.pairwise(starts)]
