"""Change of a plan's mean over what works from one plan to another, under the same luck for both.

Where the outcomes of both can be counted, it is the difference of their means. Else both are played
under common draws: what differs between them is all that the interval is about, so that few draws
tell it better than many tell the means.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flowopt.model.incumbent import Plan
from flowopt.model.luck import COUNTED
from flowopt.model.luck_means import mean_and_half_width
from flowopt.model.plan_luck import SEED, LuckValues, near_each_other

DRAWN = 200  # draws of a change that is not counted
_FEW = 7  # coins of a grown plan up to which it may be counted
_SEVERAL = 3  # plans from which on their values are looked at together
_NEW = 128  # values not known yet up to which it is


@dataclass(frozen=True, slots=True)
class MeanChange:
    """Change of the mean, and how it was found.

    Attributes
    ----------
    amount : float
        By how much the mean rises from the one plan to the other.
    half_width : float
        Of the interval around it, 95 of 100; 0 where outcomes were counted.
    counted : bool
        Whether they were.
    """

    amount: float
    half_width: float
    counted: bool


def mean_change(values: LuckValues, plan: Plan, other: Plan, *, drawn: bool = False) -> MeanChange:
    """Return by how much the mean rises from a plan, which was valued, to another.

    Parameters
    ----------
    values
        The trafficker's values by what acts.
    plan, other
        Indices of measures.
    drawn
        Whether the mean of the plan is an estimate: a difference that was counted would lead from
        another mean.

    Raises
    ------
    OutOfTime
        When the deadline is over before all values are known.
    """
    found = None if drawn else _counted(values, plan, other)
    return _drawn(values, plan, other) if found is None else found


def look_ahead(values: LuckValues, plan: Plan, others: Sequence[Plan]) -> None:
    """Value what drawn changes to several plans rest on, draw after draw.

    What acts differs by little from one plan to the next in a draw, and by half of the coins from a
    draw to another: the simplex goes on from near there. Nothing is looked at where changes may be
    counted, or where the time left is not enough for all: a part of every change would be none.

    Raises
    ------
    OutOfTime
        As `mean_change`.
    """
    luck = values.luck
    others = [other for other in others if _drawn_for_sure(values, plan, other)]
    if len(others) < _SEVERAL:
        return
    falls = _falls(values, frozenset().union(plan, *others))
    firsts: dict[frozenset[int], list[frozenset[int]]] = {}
    for each in falls:
        seen = firsts.setdefault(luck.working(plan, each), [])
        seen += [luck.working(other, each) for other in others]
    new = {acts for first, seen in firsts.items() for acts in (first, *seen)}
    new = {acts for acts in new if not values.knows(acts)}
    deadline = values.trafficker.deadline
    if deadline is not None and time.perf_counter() + len(new) * values.seconds > deadline:
        return
    for first in near_each_other(firsts):
        for acts in (first, *firsts[first]):
            values.value_of(acts)


def _drawn_for_sure(values: LuckValues, plan: Plan, other: Plan) -> bool:
    """Return whether a change is drawn whatever is known: for its coins."""
    luck, most = values.luck, COUNTED if other <= plan else _FEW
    return len(luck.coins_of(plan)) > COUNTED or len(luck.coins_of(other)) > most


def _falls(values: LuckValues, plan: Plan) -> list[dict[int, bool]]:
    """Return how the coins of plans fall in each draw, the same for all of them."""
    coins = values.luck.coins_of(plan)
    falls = np.array([values.luck.falls(coin, draws=DRAWN, seed=SEED) for coin in coins])
    return [dict(zip(coins, fallen, strict=True)) for fallen in falls.T.tolist()] or [{}] * 2


def _counted(values: LuckValues, plan: Plan, other: Plan) -> MeanChange | None:
    """Return the difference of the means over all outcomes; None where there are too many."""
    luck = values.luck
    if _drawn_for_sure(values, plan, other):
        return None
    if not all(values.knows(each.acts) for each in luck.outcomes(plan)):
        return None  # there was no time to count them
    outcomes = luck.outcomes(other)
    if sum(not values.knows(each.acts) for each in outcomes) > _NEW:
        return None
    before, after = (
        math.fsum(each.probability * values.value_of(each.acts) for each in some)
        for some in (luck.outcomes(plan), outcomes)
    )
    return MeanChange(after - before, 0.0, counted=True)


def _drawn(values: LuckValues, plan: Plan, other: Plan) -> MeanChange:
    """Return the mean of the differences in common draws."""
    luck = values.luck
    works = _falls(values, plan | other)
    both = Counter((luck.working(plan, each), luck.working(other, each)) for each in works)
    rises = [
        values.value_of(later) - values.value_of(first)
        for (first, later), times in both.items()
        for _ in range(times)
    ]
    amount, half_width = mean_and_half_width(rises)
    return MeanChange(amount, half_width, counted=False)
