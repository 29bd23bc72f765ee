"""Step of costs: the amount of which the cost of every plan is a multiple."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

_LEAST = 1e-6  # M USD a year: steps below it tell nothing


def step_of(costs: Sequence[float]) -> float:
    """Return the largest amount of which all costs, as they are written, are multiples.

    Returns
    -------
    float
        0 where there is none that is worth knowing.

    Examples
    --------
    >>> step_of([0.5, 2.0, 1.25])
    0.25
    """
    parts = [Fraction(repr(cost)) for cost in costs if cost > 0.0]
    if not parts:
        return 0.0
    whole = math.lcm(*(part.denominator for part in parts))
    step = Fraction(math.gcd(*(int(part * whole) for part in parts)), whole)
    return float(step) if step >= _LEAST else 0.0
