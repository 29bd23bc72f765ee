"""One group at a time: what the plan cuts at the ends of its ranges, and where another is better.

Every group is moved over a few places of its ranges, all others as they stand. Between two places
where the plan is the best on one side only, the factor at which that changes is found by bisection.
An order that changes and changes back between two places is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from flowopt.model.activities import Floats
from flowopt.planning.stress.moving import MovingNumbers
from flowopt.planning.stress.sample import factors_of_ends, group_means

PLACES = (-1.0, -0.8, -0.6, -0.4, -0.2, 0.2, 0.4, 0.6, 0.8, 1.0)
_HALVINGS = 7  # of a fifth of a range: to 0.2 % of the range in the logarithm

Values = Sequence[float]  # of doing nothing, and of the plans


@dataclass(frozen=True, slots=True)
class GroupEnds:
    """Effects of one group alone: cuts of the plan at its ends, and flips below and above 1."""

    cut_low: float
    cut_high: float
    flips: tuple[float | None, float | None]
    rivals: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Flips:
    """Finder of the factors at which another plan becomes the best.

    Attributes
    ----------
    moving
        The numbers that move.
    names
        Of the plans.
    base
        Values as things stand.
    value
        Returns the values under factors.
    tolerance
        Within which plans are tied.
    """

    moving: MovingNumbers
    names: Sequence[str]
    base: Values
    value: Callable[[Floats], Values]
    tolerance: float

    def of_group(self, group: int, at_places: Sequence[Values]) -> GroupEnds:
        """Return what a group does alone, given the values at its `PLACES`."""
        low, high = at_places[0], at_places[-1]
        below = list(zip(PLACES, at_places, strict=True))[: len(PLACES) // 2][::-1]
        above = list(zip(PLACES, at_places, strict=True))[len(PLACES) // 2 :]
        found = [self._flip(group, side) for side in (below, above)]
        return GroupEnds(
            self._cut(low),
            self._cut(high),
            (found[0][0], found[1][0]),
            (found[0][1], found[1][1]),
        )

    def _flip(self, group: int, places: Sequence[tuple[float, Values]]) -> tuple[float | None, str]:
        """Return the factor of the first flip outwards from 1, and the other plan there."""
        best, kept, values_kept = self._is_best(self.base), 0.0, self.base
        for place, values in places:
            if self._is_best(values) == best:
                kept, values_kept = place, values
                continue
            for _ in range(_HALVINGS):
                middle = (kept + place) / 2.0
                there = self.value(factors_of_ends(self.moving, group, middle))
                if self._is_best(there) == best:
                    kept, values_kept = middle, there
                else:
                    place, values = middle, there
            factors = factors_of_ends(self.moving, group, place)
            factor = float(group_means(self.moving, factors[None, :])[0, group])
            return factor, self._best_other(values if best else values_kept)
        return None, ""

    def _cut(self, values: Values) -> float:
        cut = values[0] - values[1]
        return 0.0 if abs(cut) <= self.tolerance else cut

    def _is_best(self, values: Values) -> bool:
        return values[1] <= min(values[1:]) + self.tolerance

    def _best_other(self, values: Values) -> str:
        others = values[2:]
        return self.names[1 + int(np.argmin(others))]


def joined(rivals: tuple[str, str]) -> str:
    """Return the other plans at the low and the high flip as one text."""
    return ";".join(dict.fromkeys(filter(None, rivals)))
