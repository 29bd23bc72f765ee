"""The activity model with the activities of each series as one: the same value under every plan.

A good that one activity alone makes and one alone uses ties the two together (see `series`): the
first, which makes nothing else and earns nothing, runs as far as the second needs it. One activity
does what both do, takes what both take, costs what both cost, and is closed by what closes either.
So the trafficker's optimum is the same, whatever the plan, and the programme of the planner needs
one row for all of a series and no price in between. Where each arc has a gate of its own, two of
three rows go, and so does most of the time that the first relaxation takes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from flowopt.model.activities import ActivityModel, Indices, Terms
from flowopt.model.series import WORTHWHILE, Links, Series, only


def in_series(model: ActivityModel) -> ActivityModel:
    """Return the model with series of activities as one each, itself where few are in any.

    Goods, activities and capacities keep their order; an activity has the label of the first of its
    series. Measures are those of the model.
    """
    links = _links(model)
    if len(links.row) < WORTHWHILE * len(model.activities):
        return model
    series = Series(len(model.activities), links)
    kept = np.ones(len(model.goods), dtype=np.bool_)
    kept[series.links.row] = False
    goods, heads, joined = np.flatnonzero(kept), series.heads, series.joined
    return replace(
        model,
        goods=tuple(model.goods[good] for good in goods.tolist()),
        activities=tuple(model.activities[head] for head in heads.tolist()),
        used=_sorted(model.used.tocsr()[goods] @ joined),
        made=_sorted(model.made.tocsr()[goods] @ joined),
        takes=_sorted(model.takes @ joined),
        weight=joined.T @ model.weight,
        whole_weight=None if model.whole_weight is None else joined.T @ model.whole_weight,
        price=joined.T @ model.price,
        cost=joined.T @ model.cost,
        closures=_closures(model.closures, series.place),
        cost_increases=_increases(model.cost_increases, series),
    )


def _links(model: ActivityModel) -> Links:
    """Return the goods that tie two activities together."""
    goods, activities = len(model.goods), len(model.activities)
    makes, uses = model.made.tocoo(), model.used.tocoo()
    maker, made = only(makes.row, makes.col, makes.data, goods)
    user, used = only(uses.row, uses.col, uses.data, goods)
    joins = np.ones(activities, dtype=np.bool_)
    joins[model.closures.place[model.closures.amount < 1.0]] = False  # a lane beside another
    first = joins & (np.bincount(makes.col, minlength=activities) == 1)
    first &= (model.price == 0.0) & (model.weight == 0.0) & (model.cost >= 0.0)
    tied = (maker >= 0) & (user >= 0) & (maker != user)
    tied &= (made > 0.0) & (used > 0.0) & first[maker] & joins[user]
    return Links.following(np.flatnonzero(tied), maker, user, made, used)


def _closures(closures: Terms, place: Indices) -> Terms:
    """Return each closure of an activity in a series as one of the whole, once."""
    most: dict[tuple[int, int], float] = {}
    for at, measure, amount in zip(
        place[closures.place].tolist(), closures.measure.tolist(), closures.amount.tolist(),
        strict=True,
    ):  # fmt: skip
        most[at, measure] = max(amount, most.get((at, measure), 0.0))
    return Terms.of((at, measure, amount) for (at, measure), amount in most.items())


def _increases(increases: Terms, series: Series) -> Terms:
    """Return cost increases of activities in a series as those of a unit of the whole."""
    total: dict[tuple[int, int], float] = {}
    for at, measure, amount in increases:
        key = int(series.place[at]), measure
        total[key] = total.get(key, 0.0) + amount * float(series.times[at])
    return Terms.of((at, measure, amount) for (at, measure), amount in total.items())


def _sorted(matrix: Any) -> sparse.csc_array:
    """Return a matrix by columns, rows in order."""
    found = sparse.csc_array(matrix)
    found.sum_duplicates()
    return found
