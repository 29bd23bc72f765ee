"""Separation: points of the programme of cuts, and the cuts that say what they are truly worth.

Cuts from points half way between the relaxation's own and a centre, that runs after them, say more
of what lies between than those from its own points, which are corners (W. Ben-Ameur and J. Neto,
"Acceleration of cutting-plane and column generation algorithms", Networks 49, 2007).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from operator import itemgetter

import numpy as np

from flowopt.model.activities import Floats
from flowopt.model.cut_programme import BlockCut, Relaxed
from flowopt.model.luck_blocks import LuckBlock

_VIOLATED = 1e-6  # of the scale: what a cut has to say more than its point does
_OUTWARD = 0.7  # of the way from the centre to a node's point
_AT_PLANS = 2  # coins by which each cell is split at a whole plan
_SPLIT = 16  # cells that are split at a point


@contextmanager
def threads_for_cuts(count: int) -> Iterator[Executor | None]:
    """Provide so many threads for cuts; None where they are made one after the other."""
    with ThreadPoolExecutor(count) as pool:
        yield pool if count > 1 else None


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
        Takes the hot programmes side by side; one after the other without it. That changes no cut:
        what each programme solves, and in which order, is the same.
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
        self.blocks, self._weights, self._scale = tuple(blocks), weights, scale
        self._centre, self._pool = centre, pool

    @property
    def work(self) -> int:
        """Simplex steps of the blocks' programmes so far."""
        held = {id(block.held): block.held.iterations for block in self.blocks}
        return sum(held.values())

    def everywhere(self, choices: Floats) -> list[BlockCut]:
        """Return the cuts at a vector of choices."""
        return self._cuts_at(choices, [(place, ()) for place in range(len(self.blocks))])

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
        if 2 * len(found) < len(self.blocks):
            found += self.cutting_off(relaxed)
        return found

    def splitting(self, relaxed: Relaxed) -> list[BlockCut]:
        """Return cuts that cut off a point, from cells split once more where that tells most."""
        looks = []
        for place, (block, (_, cut)) in enumerate(
            zip(self.blocks, self.everywhere(relaxed.plan), strict=True)
        ):
            for moved, coin in block.uncertain(relaxed.plan, cut)[:1]:
                looks.append((-moved * self._weights[place], place, coin))
        wanted = [(place, (coin,)) for _, place, coin in sorted(looks)[:_SPLIT]]
        return self._saying_more(self._cuts_at(relaxed.plan, wanted), relaxed)

    def at_plan(self, choices: Floats) -> list[BlockCut]:
        """Return the cuts at a whole plan, from cells split by coins of the plan."""
        cuts = self.everywhere(choices)
        wanted = []
        for place, cut in cuts:
            coins = [coin for _, coin in self.blocks[place].uncertain(choices, cut)[:_AT_PLANS]]
            if coins:
                wanted.append((place, coins))
        return list({**dict(cuts), **dict(self._cuts_at(choices, wanted))}.items())

    def _cuts_at(
        self, choices: Floats, wanted: Sequence[tuple[int, Sequence[int]]]
    ) -> list[BlockCut]:
        """Return the cuts of some blocks, by place, each averaged over how some coins fall."""
        strands: dict[int, list[tuple[int, Sequence[int]]]] = {}  # of one hot programme each
        for place, coins in wanted:
            strands.setdefault(id(self.blocks[place].held), []).append((place, coins))

        def cuts(strand: Sequence[tuple[int, Sequence[int]]]) -> list[BlockCut]:
            return [(place, self.blocks[place].cut(choices, coins)) for place, coins in strand]

        each = map if self._pool is None else self._pool.map
        return sorted(chain.from_iterable(each(cuts, strands.values())), key=itemgetter(0))

    def _saying_more(self, cuts: Sequence[BlockCut], relaxed: Relaxed) -> list[BlockCut]:
        found = []
        for place, cut in cuts:
            more = cut.at(relaxed.plan) / self._scale - relaxed.thetas[place]
            if self._weights[place] * more > _VIOLATED:
                found.append((place, cut))
        return found
