"""The best split of money among periods, where what is left stays for later ones.

A period has steps: whoever spends at least so much in it is left with at least so much. The least
sum of one step of each, such that no periods up to one spend more than there is by then, bounds
every schedule. The states after each period are ways to have spent money so far, of which one that
spends more and leaves no less is of no use.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flowopt.model.activities import Floats
from flowopt.model.feasible_plans import slack

_Places = NDArray[np.intp]


class Step(NamedTuple):
    """A step of a period: the least money that it takes, M USD, and what it leaves at least."""

    spent: float
    left: float


class Split(NamedTuple):
    """The best split: what all periods leave at least, and the place of the step of each."""

    left: float
    steps: tuple[int, ...]


def best_split(periods: Sequence[Sequence[Step]], most: Sequence[float]) -> Split | None:
    """Return the best split of money; None where there is none.

    Parameters
    ----------
    periods
        The steps of each period.
    most
        What all periods up to each may spend together, M USD.
    """
    spent, left = np.zeros(1), np.zeros(1)
    back: list[tuple[_Places, _Places]] = []
    for steps, limit in zip(periods, most, strict=True):
        costs = np.array([step.spent for step in steps])
        bounds = np.array([step.left for step in steps])
        total = (spent[:, None] + costs).ravel()
        value = (left[:, None] + bounds).ravel()
        useful = _useful(total, value, limit + slack(limit))
        if not len(useful):
            return None
        back.append((useful // len(steps), useful % len(steps)))
        spent, left = total[useful], value[useful]
    return Split(float(left[-1]), _steps(back))


def _useful(spent: Floats, left: Floats, most: float) -> _Places:
    """Return the places of states that keep the money, with less left than all cheaper ones."""
    order = np.lexsort((left, spent))
    order = order[(spent[order] <= most) & np.isfinite(left[order])]
    before = np.minimum.accumulate(np.concatenate([[math.inf], left[order]]))[:-1]
    found: _Places = order[left[order] < before]
    return found


def _steps(back: list[tuple[_Places, _Places]]) -> tuple[int, ...]:
    """Return the step of each period on the way to the last state, the one with the least left."""
    state, found = len(back[-1][0]) - 1, []
    for states, steps in reversed(back):
        found.append(int(steps[state]))
        state = int(states[state])
    return tuple(reversed(found))
