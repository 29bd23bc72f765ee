"""Flows that use only what is there, from an optimum that the solver holds within a tolerance.

The solver's tolerance is a share of the whole objective. Where goods gain mass a thousandfold, what
it lets pass of a good that is worth next to nothing is more than rounding of that good's own row.
Who uses what is not there, or takes more of a capacity than there is, runs that much less, the same
share of it for all of them, and so on down the chain.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from flowopt.model.activities import ActivityModel, Floats

_OVER = 1e-8  # of what there is: more is not the rounding of its own row
_DUST = 1e-11  # of the largest activity: rounding in any row
_COUNTS = 1e-9  # of what all activities bring and cost: what is given up brings no more
_SWEEPS = 500  # a sweep goes one step down the chain


def without_shortfall(
    model: ActivityModel, activity: Floats, limit: Floats, *counted: Floats
) -> Floats:
    """Return a flow that uses and takes what is there, but for rounding of each row.

    Or the flow itself where the optimum would lose by it, so that it is no rounding.

    Parameters
    ----------
    model
        The trafficker's programme.
    activity
        An optimal flow within the solver's tolerances, t/yr.
    limit
        What the plan leaves of each capacity, t/yr.
    counted
        Objectives that may not change but by rounding: what a unit of each activity adds to them.
    """
    rounding = _DUST * float(activity.max(initial=0.0))
    found = activity
    for _ in range(_SWEEPS):
        goods = _over(model.used @ found, model.made @ found, rounding)
        capacities = _over(model.takes @ found, limit, rounding)
        if not (goods.any() or capacities.any()):
            break
        found = found * np.minimum(_shares(model.used, goods), _shares(model.takes, capacities))
    else:
        return activity
    lost = activity - found
    if any(abs(each @ lost) > _COUNTS * float(np.abs(each) @ activity) for each in counted):
        return activity
    return found


def _over(wanted: Floats, there: Floats, rounding: float) -> Floats:
    """Return which share of what is wanted in each row is not there, 0 for rounding."""
    short = wanted - there
    over = np.zeros(len(wanted))
    np.divide(short, wanted, out=over, where=short > np.maximum(rounding, _OVER * there))
    return over


def _shares(rows: sparse.csc_array, over: Floats) -> Floats:
    """Return the share of each activity that is left where its rows are short."""
    shares = np.ones(rows.shape[1])
    short = rows.tocoo()
    wants = np.flatnonzero((over[short.row] > 0.0) & (short.data > 0.0))
    np.minimum.at(shares, short.col[wants], 1.0 - over[short.row[wants]])
    return shares
