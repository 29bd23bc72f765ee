"""Flows without what is brought in vain, from an optimum that may abandon goods.

Whoever makes a good of which less is used makes that much less, the same share of it for all of
them, and so on up the chain. No limit is passed, nothing is missing where it is used, and what is
delivered stays. By-products of what is needed may be left over. A lane that loses a share, beside
one that is open and keeps everything, is a way to abandon goods too: what passes it goes by the
other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from flowopt.model.activities import ActivityModel, Flags, Floats, Indices
from flowopt.model.netback import entries

_SWEEPS = 500  # a sweep goes one step up the chain
_WHOLE = 1.0 - 1e-12  # share of a good from which all of it is used


def stripped(model: ActivityModel, activity: Floats, closed: Flags) -> Floats | None:
    """Return a flow without what it brings in vain, None where loops keep on falling.

    Parameters
    ----------
    model
        The trafficker's programme.
    activity
        A possible flow, t/yr.
    closed
        The activities that the plan closes.
    """
    whole = _by_open_lanes(model, activity, closed)
    works = np.flatnonzero(whole)  # of a large programme mostly few
    made, used = _Entries.of(model.made, works), _Entries.of(model.used, works)
    needed_anyway = model.delivers[works].astype(float)
    found = whole[works]
    for _ in range(_SWEEPS):
        arriving, wanted = made.added_up(found), used.added_up(found)
        share = np.ones(len(wanted))
        np.divide(wanted, arriving, out=share, where=wanted < _WHOLE * arriving)
        needed = needed_anyway.copy()
        if len(made.makes):
            needed[made.makes] = np.maximum.reduceat(share[made.good], made.start)
        if (needed[found > 0.0] == 1.0).all():
            whole[works] = found
            return whole
        found = found * needed
    return None


@dataclass(frozen=True, slots=True)
class _Entries:
    """Entries of some columns of a sparse array, as vectors in the order of the columns.

    Attributes
    ----------
    goods : int
        Number of rows.
    good, column, amount : arrays
        Of each entry: its row, the place of its column among the columns, and its number.
    makes, start : arrays of int
        Places of the columns that have entries, and where these begin.
    """

    goods: int
    good: Indices
    column: Indices
    amount: Floats
    makes: Indices
    start: Indices

    @staticmethod
    def of(matrix: sparse.csc_array, columns: Indices) -> _Entries:
        """Return the entries of some columns."""
        counts = matrix.indptr[columns + 1] - matrix.indptr[columns]
        place = entries(matrix, columns)
        makes = np.flatnonzero(counts)
        return _Entries(
            goods=matrix.shape[0],
            good=matrix.indices[place].astype(np.int64),
            column=np.repeat(np.arange(len(columns)), counts),
            amount=matrix.data[place],
            makes=makes,
            start=(np.cumsum(counts) - counts)[makes],
        )

    def added_up(self, activity: Floats) -> Floats:
        """Return the sum of each row over activities of the columns."""
        amounts = self.amount * activity[self.column]
        return np.bincount(self.good, amounts, self.goods).astype(np.float64)


def _by_open_lanes(model: ActivityModel, activity: Floats, closed: Flags) -> Floats:
    """Return a flow of which as much as before comes through stages, by the lanes left open."""
    used, made, found = model.used, model.made, activity.copy()
    running = np.flatnonzero(model.inner & ~closed & (found > 0.0)).tolist()
    losing = [j for j in running if model.activities[j].kind == "seized"]
    if not losing:
        return found
    before = used.indices[used.indptr[losing]]
    staged = np.zeros(len(model.goods), dtype=np.bool_)
    staged[before] = True
    lanes = np.flatnonzero(model.inner & ~closed)
    lanes = lanes[staged[used.indices[used.indptr[lanes]]]]
    keeps = {
        int(used.indices[used.indptr[j]]): j
        for j in lanes.tolist()
        if model.activities[j].kind == "pass"
    }
    for j, good in zip(losing, before.tolist(), strict=True):
        beside = keeps.get(good)
        if beside is not None:
            found[beside] += found[j] * made.data[made.indptr[j] : made.indptr[j + 1]].sum()
            found[j] = 0.0
    return found
