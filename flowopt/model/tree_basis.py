"""The first basis of a large programme of long ways or narrow ends: a tree of best uses.

Every good goes through the activity that makes most of it, as netbacks have it (see `netback`),
and nothing runs yet: with these activities in the basis the prices are the netbacks, and the primal
simplex has a step to take for each source that pays, and for each capacity that then binds.
Interior point takes long on such programmes, as its equations fill up along the way.

It pays where few capacities bind, which no one knows beforehand. They are few where all that is
taken, or all that is delivered, passes few activities. Else it is left out where ways are short,
for which interior point is quick; and anywhere where an activity uses or makes several goods, with
which the tree is none. The steps are limited.
"""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from scipy import sparse

from flowopt.model.activities import ActivityModel, Indices
from flowopt.model.netback import best_uses
from flowopt.model.response_lp import ResponseLp
from flowopt.model.runnable_activities import reachable

_DOUBLINGS = 10  # of a step along a way: ways of more than 1,024 activities are long
_FEW = 16  # activities next to all supplies, or to all markets: then that end is narrow
_ONE_AFTER_THE_OTHER = 8  # activities in a row there that are looked through, such as gates


def tree_basis(lp: ResponseLp) -> Any:
    """Return the basis for the goal and the plan of a programme, None where it does not pay."""
    model = lp.model
    if max(_most(model.used.indptr), _most(model.made.indptr)) > 1 or not _may_be_long(model):
        return None
    brings = -np.array(lp.highs.getLp().col_cost_) / lp.of_activity
    runs = reachable(model, lp.limit, lp.shut())
    by = best_uses(model, np.where(runs, brings, -np.inf))
    if not (_narrow(model) or _long(model, by)):
        return None
    status = highspy.HighsBasisStatus
    columns, rows = [status.kLower] * len(brings), [status.kBasic] * lp.highs.getNumRow()
    for good, activity in enumerate(by.tolist()):
        if activity >= 0:
            columns[activity], rows[good] = status.kBasic, status.kUpper
    basis = highspy.HighsBasis()
    basis.col_status, basis.row_status = columns, rows
    basis.valid = True
    return basis


def _most(starts: Any) -> int:
    """Return the most entries that a column has."""
    return int(np.diff(starts).max(initial=0))


def _may_be_long(model: ActivityModel) -> bool:
    """Return whether there are goods enough for a long way."""
    return len(model.goods) > 1 << _DOUBLINGS


def _narrow(model: ActivityModel) -> bool:
    """Return whether few activities stand next to all that is taken, or that is delivered."""
    supplies, markets = _beside(model.used, model.made), _beside(model.made, model.used)
    return min(supplies, markets) <= _FEW


def _beside(used: sparse.csc_array, made: sparse.csc_array) -> int:
    """Return how many activities use what comes from nothing; with both swapped, lead to an end.

    Where no more of them use it than there are goods, those after them are counted.
    """
    by = np.flatnonzero(np.diff(used.indptr) == 0)
    for _ in range(_ONE_AFTER_THE_OTHER):
        goods = np.unique(made[:, by].indices)
        column = np.repeat(np.arange(used.shape[1]), np.diff(used.indptr))
        by = np.unique(column[np.isin(used.indices, goods)])
        if len(by) > len(goods) or not len(by):
            break
    return len(by)


def _long(model: ActivityModel, by: Indices) -> bool:
    """Return whether some good has a long way to go through the activities that use goods best."""
    made, end = model.made, len(by)
    following = np.full(end + 1, end, dtype=np.int64)
    goods = np.flatnonzero(by >= 0)
    goods = goods[made.indptr[by[goods] + 1] > made.indptr[by[goods]]]
    following[goods] = made.indices[made.indptr[by[goods]]]
    for _ in range(_DOUBLINGS):
        following = following[following]
    return bool((following != end).any())
