"""Coefficients in which the balances of goods of two models of one network differ."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from flowopt.model.activities import ActivityModel, Floats, Indices

_NONE: Indices = np.array([], dtype=np.int64)


def changed_coefficients(
    before: ActivityModel, after: ActivityModel
) -> tuple[Indices, Indices, Floats]:
    """Return the places that differ, and what stands there afterwards.

    Parameters
    ----------
    before, after
        Models with the same goods, activities and places of numbers.

    Returns
    -------
    row, column : array of int
        The good and the activity of each.
    values : array
        What a unit of the activity uses of the good, less what it makes of it.
    """
    rows, columns = [], []
    for now, then in ((after.used, before.used), (after.made, before.made)):
        places = np.flatnonzero(now.data != then.data) if now is not then else _NONE
        rows.append(now.indices[places])
        columns.append(np.searchsorted(now.indptr, places, side="right") - 1)
    row, column = np.concatenate(rows).astype(np.int64), np.concatenate(columns)
    if not len(row):
        return row, column, np.array([])
    # A recipe may make of a good what it uses: both stand in one coefficient.
    return row, column, _at(after.used, row, column) - _at(after.made, row, column)


def _at(matrix: sparse.csc_array, row: Indices, column: Indices) -> Floats:
    """Return the numbers at places of a sparse array with sorted indices; 0 where it has none."""
    rows = matrix.shape[0]
    keys = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr)) * rows + matrix.indices
    wanted = column * rows + row
    found = np.zeros(len(row))
    if len(keys):
        places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        there = keys[places] == wanted
        found[there] = matrix.data[places[there]]
    return found
