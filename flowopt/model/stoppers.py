"""The measures that stop an activity alone: by closing it, or all that it depends on.

Where one measure closes whatever takes a good away, what only makes that good stops as well, and
where it closes whatever makes a good, so does what needs it. A capacity of which nothing is left
that could use it is worth nothing to the trafficker any more, whatever its price was.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from flowopt.model.activities import ActivityModel, Indices

_NOBODY = -1
_ROUNDS = 20  # from good to good; what is farther away counts as untouched


def stoppers(model: ActivityModel) -> Indices:
    """Return of each activity a real measure that stops it alone, -1 where none is known.

    Of several that close it, the cheapest.
    """
    closures = model.closures
    whole = np.flatnonzero((closures.amount >= 1.0) & (closures.measure < len(model.measures)))
    dearest_first = whole[np.argsort(-model.measure_cost[closures.measure[whole]], kind="stable")]
    by = np.full(len(model.activities), _NOBODY, dtype=np.int64)
    by[closures.place[dearest_first]] = closures.measure[dearest_first]
    used, made = model.used.tocsr(), model.made.tocsr()
    uses, makes = model.used.T.tocsr(), model.made.T.tocsr()
    idle = (model.weight == 0.0) & (model.price == 0.0)  # brings nothing but what it makes
    for _ in range(_ROUNDS):
        unwanted = common(makes, common(used, by))
        missing = common(made, by)
        lacks = np.full(len(by), _NOBODY, dtype=np.int64)
        np.maximum.at(lacks, uses.nonzero()[0], missing[uses.indices])
        also = np.where(idle & (unwanted != _NOBODY), unwanted, lacks)
        more = (by == _NOBODY) & (also != _NOBODY)
        if not more.any():
            break
        by[more] = also[more]
    return by


def common(rows: sparse.csr_array, number: Indices) -> Indices:
    """Return the number that all entries of a row share, -1 where they differ or there are none."""
    shared = np.full(rows.shape[0], _NOBODY, dtype=np.int64)
    some = np.flatnonzero(np.diff(rows.indptr))
    if len(some):
        numbers = number[rows.indices]
        least = np.minimum.reduceat(numbers, rows.indptr[some])
        most = np.maximum.reduceat(numbers, rows.indptr[some])
        shared[some] = np.where(least == most, least, _NOBODY)
    return shared
