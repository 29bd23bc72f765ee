"""Bounds by arithmetic from multipliers of whatever quality.

For multipliers y of rows, with y_r >= 0 on a lower side and y_r <= 0 on an upper one, every z in a
box that keeps the rows has

    c'z  >=  sum_r y_r (side of r)  +  sum_k min over the box of d_k z_k,      d = c - A'y

(weak duality; A. Neumaier and O. Shcherbina, "Safe bounds in linear and mixed-integer linear
programming", Mathematical Programming 99, 2004). What the simplex returns keeps rows to a tolerance
only; no tolerance enters this.
"""

from __future__ import annotations

import numpy as np

from flowopt.model.activities import Floats

ROUNDING = 1e-13  # of the terms of a sum


def usable(multipliers: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return multipliers of rows, 0 where they stand on a side that a row does not have."""
    wrong = (multipliers > 0.0) & ~np.isfinite(lower)
    wrong |= (multipliers < 0.0) & ~np.isfinite(upper)
    return np.where(wrong, 0.0, multipliers)


def least_terms(weight: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return the least of each weight times what lies between its bounds; 0 for a weight of 0."""
    some = weight != 0.0
    terms = np.zeros(len(weight))
    terms[some] = weight[some] * np.where(weight > 0.0, lower, upper)[some]
    return terms
