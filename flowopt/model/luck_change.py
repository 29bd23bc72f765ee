"""Change of a plan's mean over what works from one plan to another, under the same luck for both.

Where the outcomes of both can be counted, it is the difference of their means. Else both are played
under common draws: what differs between them is all that the interval is about, so that few draws
tell it better than many tell the means.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from flowopt.model.incumbent import Plan
from flowopt.model.luck import COUNTED
from flowopt.model.luck_means import mean_and_half_width
from flowopt.model.plan_luck import SEED, LuckValues

DRAWN = 200  # draws of a change that is not counted
_FEW = 7  # coins of a grown plan up to which it may be counted
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


def mean_change(values: LuckValues, plan: Plan, other: Plan) -> MeanChange:
    """Return by how much the mean rises from a plan, which was valued, to another.

    Raises
    ------
    OutOfTime
        When the deadline is over before all values are known.
    """
    found = _counted(values, plan, other)
    return _drawn(values, plan, other) if found is None else found


def _counted(values: LuckValues, plan: Plan, other: Plan) -> MeanChange | None:
    """Return the difference of the means over all outcomes; None where there are too many."""
    luck, most = values.luck, COUNTED if other <= plan else _FEW
    if len(luck.coins_of(plan)) > COUNTED or len(luck.coins_of(other)) > most:
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
    coins = luck.coins_of(plan | other)
    falls = np.array([luck.falls(coin, draws=DRAWN, seed=SEED) for coin in coins])
    works = [dict(zip(coins, fallen, strict=True)) for fallen in falls.T.tolist()] or [{}] * 2
    both = Counter((luck.working(plan, each), luck.working(other, each)) for each in works)
    rises = [
        values.value_of(later) - values.value_of(first)
        for (first, later), times in both.items()
        for _ in range(times)
    ]
    amount, half_width = mean_and_half_width(rises)
    return MeanChange(amount, half_width, counted=False)
