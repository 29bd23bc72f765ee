"""Summary of a sweep: roles of measures, and knees of the frontier."""

from __future__ import annotations

from collections.abc import Sequence

from flowopt.results.budget_rows import Role

KNEE = 0.75  # a knee is where a million buys at most this share of what it bought before


def role(chosen: Sequence[bool], buying: Sequence[bool]) -> Role:
    """Return the role of a measure in plans for rising budgets.

    Parameters
    ----------
    chosen
        For each budget, whether the plan holds it.
    buying
        For each budget, whether the plan holds anything.

    Examples
    --------
    >>> everything = [False, True, True, True]
    >>> role([False, True, True, True], everything), role([False, False, True, True], everything)
    ('core', 'stays')
    >>> role([False, True, False, True], everything), role([False] * 4, everything)
    ('switch', 'never')
    """
    if not any(chosen):
        return "never"
    if list(chosen) == list(buying):
        return "core"
    return "stays" if all(chosen[list(chosen).index(True) :]) else "switch"


def knees(budgets: Sequence[float], values: Sequence[float]) -> list[int]:
    """Return the knees: places beyond which further money buys much less.

    The frontier's values are bent into the lowest curve on which a million never buys more than
    the million before (the lower convex hull of value over budget). A knee is a corner of it at
    which what a million buys falls to `KNEE` of what it bought on the stretch before, or below.

    Examples
    --------
    >>> knees([0, 10, 20, 30], [100, 80, 75, 71])
    [1]
    """
    corners: list[int] = []
    for place in range(len(budgets)):
        while len(corners) > 1 and _rate(budgets, values, corners[-2], corners[-1]) <= _rate(
            budgets, values, corners[-2], place
        ):
            corners.pop()
        corners.append(place)
    places = []
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        until = _rate(budgets, values, before, corner)
        if _rate(budgets, values, corner, after) <= KNEE * until and until > 0.0:
            places.append(corner)
    return places


def _rate(budgets: Sequence[float], values: Sequence[float], i: int, j: int) -> float:
    """Return the cut per M USD between two places, in the objective's unit."""
    return (values[i] - values[j]) / (budgets[j] - budgets[i])
