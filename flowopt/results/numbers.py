"""Numbers of results: gaps, rounding, changes and shares."""

from __future__ import annotations

import math

EQUAL = 1e-7  # of the objective without measures: values closer than this are one to a planner
_DIGITS = 1e-9  # of the value itself: less is the rounding of the two numbers
_LEAST = 1e-9  # what a gap is at least a share of


def relative_gap(value: float, bound: float, scale: float = 0.0) -> float:
    """Return (value - bound) / max(1e-9, |value|), and 0 where the two differ by rounding.

    Parameters
    ----------
    value, bound
        Of a plan, and what no plan can go below.
    scale
        The objective without measures; a value and a bound within 1e-7 of it are one. A plan that
        leaves a millionth of it is worth no closer look: that is as far as solvers see.

    Examples
    --------
    >>> relative_gap(2.0, 1.0), relative_gap(5.000000001, 5.0), relative_gap(1e-6, 0.0, 20.0)
    (0.5, 0.0, 0.0)

    Of a plan of which nothing is known yet:

    >>> relative_gap(float("inf"), 1.0)
    inf
    """
    missing = value - bound
    if value == math.inf:  # any digits of it would be enough
        return math.inf
    if missing <= max(EQUAL * scale, _DIGITS * abs(value)):
        return 0.0
    return missing / max(_LEAST, abs(value))


def not_above(bound: float, value: float, scale: float) -> float:
    """Return a bound on all plans that is no rounding above the value of one of them.

    Parameters
    ----------
    bound, value
        What no plan can go below, and the value of a plan; more than a rounding below the bound it
        is a fault, which no other bound may hide.
    scale
        The objective without measures.

    Examples
    --------
    >>> not_above(2e-8, 1e-8, 1.0), not_above(2.0, 3.0, 10.0), not_above(2.0, 1.0, 10.0)
    (1e-08, 2.0, 2.0)
    """
    return value if 0.0 < bound - value <= EQUAL * scale else bound


def rounded(x: float) -> float:
    """Return a number without the last digits, which are the solver's rounding.

    >>> rounded(5.999999999999998)
    6.0
    """
    return float(f"{x:.12g}")


def change_of(before: float, after: float) -> float:
    """Return after - before, without the solver's rounding of equal numbers."""
    change = after - before
    return 0.0 if abs(change) <= 1e-9 * max(abs(before), abs(after)) else change


def share(part: float, whole: float) -> float | None:
    """Return a part as a share of the whole; None where the whole is nothing.

    >>> share(-1.0, 4.0), share(0.0, 0.0)
    (-0.25, None)
    """
    return part / whole if whole > 0.0 else None


def regret(value: float, best: float, baseline: float) -> tuple[float, float | None]:
    """Return value - best, and its share of what the best plan cuts.

    Parameters
    ----------
    value, best
        The objective under a plan, and under the best one.
    baseline
        The objective without measures; the share is None where the best plan takes nothing off it.

    Examples
    --------
    >>> regret(7.0, 6.0, 10.0), regret(10.0, 10.0, 10.0)
    ((1.0, 0.25), (0.0, None))
    """
    lost = change_of(best, value)
    cuts = change_of(best, baseline) > 0.0
    return lost, lost / (baseline - best) if cuts else None
