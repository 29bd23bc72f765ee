"""Separation: points of the programme of cuts, and the cuts that say what they are truly worth.

Cuts from points half way between the relaxation's own and a centre, that runs after them, say more
of what lies between than those from its own points, which are corners (W. Ben-Ameur and J. Neto,
"Acceleration of cutting-plane and column generation algorithms", Networks 49, 2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from itertools import chain

import numpy as np

from flowopt.model.activities import Floats
from flowopt.model.cut_programme import BlockCut, Relaxed
from flowopt.model.luck_blocks import LuckBlock

_VIOLATED = 1e-6  # of the scale: what a cut has to say more than its point does
_OUTWARD = 0.7  # of the way from the centre to a node's point
_AT_PLANS = 2  # coins by which each cell is split at a whole plan
_SPLIT = 16  # cells that are split at a point


class Separation:
    """The blocks, and the centre that points are drawn to.

    Parameters
    ----------
    blocks
        What the thetas of the programme stand for, in their order.
    weights
        What each counts for in the objective at most.
    centre
        A vector of choices to begin with.
    scale
        Divides the values of blocks.
    pool
        Takes the programmes of different scenarios side by side; one after the other without it.
    """

    def __init__(
        self,
        blocks: Sequence[LuckBlock],
        weights: Floats,
        centre: Floats,
        *,
        scale: float,
        pool: Executor | None = None,
    ) -> None:
        self._blocks, self._weights, self._scale = tuple(blocks), weights, scale
        self._centre, self._pool = centre, pool
        self._of_scenario: dict[int, list[int]] = {}  # blocks that share a hot programme
        for place, block in enumerate(self._blocks):
            self._of_scenario.setdefault(block.scenario, []).append(place)

    @property
    def work(self) -> int:
        """Simplex steps of the blocks' programmes so far."""
        held = {id(block.held): block.held.iterations for block in self._blocks}
        return sum(held.values())

    def everywhere(self, choices: Floats) -> list[BlockCut]:
        """Return the cuts at a vector of choices."""

        def cuts(places: Sequence[int]) -> list[BlockCut]:
            return [(place, self._blocks[place].cut(choices)) for place in places]

        if self._pool is None:
            return cuts(range(len(self._blocks)))
        found = chain.from_iterable(self._pool.map(cuts, self._of_scenario.values()))
        return sorted(found, key=lambda each: each[0])

    def half_way(self, relaxed: Relaxed) -> list[BlockCut]:
        """Return the cuts half way to the centre, which follows there."""
        point = 0.5 * (relaxed.plan + self._centre)
        self._centre = 0.5 * (self._centre + point)
        return self.everywhere(point)

    def cutting_off(self, relaxed: Relaxed) -> list[BlockCut]:
        """Return the cuts at a point that say more of it than its thetas do."""
        return self._saying_more(self.everywhere(relaxed.plan), relaxed)

    def inside(self, relaxed: Relaxed, lower: Floats, upper: Floats) -> list[BlockCut]:
        """Return cuts that cut off a point of a node, from nearer to the centre if they do.

        Parameters
        ----------
        relaxed
            The point.
        lower, upper
            Of the node, on the measures.
        """
        centre = self._centre.copy()
        centre[: len(lower)] = np.clip(centre[: len(lower)], lower, upper)
        point = _OUTWARD * relaxed.plan + (1.0 - _OUTWARD) * centre
        found = self._saying_more(self.everywhere(point), relaxed)
        if 2 * len(found) < len(self._blocks):
            found += self.cutting_off(relaxed)
        return found

    def splitting(self, relaxed: Relaxed) -> list[BlockCut]:
        """Return cuts that cut off a point, from cells split once more where that tells most."""
        looks = []
        for place, (block, (_, cut)) in enumerate(
            zip(self._blocks, self.everywhere(relaxed.plan), strict=True)
        ):
            for moved, coin in block.uncertain(relaxed.plan, cut)[:1]:
                looks.append((-moved * self._weights[place], place, coin))
        found = [
            (place, self._blocks[place].cut(relaxed.plan, (coin,)))
            for _, place, coin in sorted(looks)[:_SPLIT]
        ]
        return self._saying_more(found, relaxed)

    def at_plan(self, choices: Floats) -> list[BlockCut]:
        """Return the cuts at a whole plan, from cells split by coins of the plan."""
        found = []
        for place, (block, (_, cut)) in enumerate(
            zip(self._blocks, self.everywhere(choices), strict=True)
        ):
            coins = [coin for _, coin in block.uncertain(choices, cut)[:_AT_PLANS]]
            found.append((place, block.cut(choices, coins) if coins else cut))
        return found

    def _saying_more(self, cuts: Sequence[BlockCut], relaxed: Relaxed) -> list[BlockCut]:
        found = []
        for place, cut in cuts:
            more = cut.at(relaxed.plan) / self._scale - relaxed.thetas[place]
            if self._weights[place] * more > _VIOLATED:
                found.append((place, cut))
        return found
