"""Digits of the numbers on a page: as many as the data carry, and never so few that two look alike.

What stands in sentences and key figures has three digits, more only where a smaller number beside
it, such as a cut, would keep less than two. Tables keep decimals, so that plans can be told apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

_CARRIED = 3  # digits of the largest number
_LEAST = 2  # digits of the smallest one, such as a cut
_MOST_DECIMALS = 4
_NONE = 1e-9


def decimals(largest: float, smallest: Iterable[float] = ()) -> int:
    """Return how many decimals numbers that are shown together have.

    Parameters
    ----------
    largest
        The largest of them, which has three digits.
    smallest
        Others, each of which keeps two digits at least.

    >>> decimals(215.0), decimals(215.0, [13.5]), decimals(215.0, [0.35]), decimals(10.0, [4.0])
    (0, 0, 2, 1)
    """
    wanted = [_CARRIED - 1 - _magnitude(largest)] if abs(largest) > _NONE else [0]
    wanted += [_LEAST - 1 - _magnitude(each) for each in smallest if abs(each) > _NONE]
    return max(0, min(_MOST_DECIMALS, max(wanted)))


def _magnitude(number: float) -> int:
    return math.floor(math.log10(abs(number)))


def fixed(number: float, places: int) -> str:
    """Return a number with so many decimals.

    >>> fixed(1234.56, 0), fixed(-0.001, 1)
    ('1,235', '0.0')
    """
    rounded = round(number, places) + 0.0  # never a negative nought
    return f"{rounded:,.{places}f}"


def percent(share: float) -> str:
    """Return a share in two digits; one that is not whole never looks so.

    >>> percent(0.0628), percent(0.4), percent(0.9996), percent(0.00004), percent(0.0)
    ('6.3%', '40%', 'over 99%', 'under 0.1%', '0%')
    """
    if share <= 0.0:
        return "0%"
    if share < 0.001:
        return "under 0.1%"
    if 0.995 <= share < 1.0:
        return "over 99%"
    return f"{share:.0%}" if share >= 0.0995 else f"{share:.1%}"


def amount(value: float) -> str:
    """Return a number for a table.

    >>> amount(1234.56), amount(0.04), amount(0.0)
    ('1,234.6', '0.04', '0.0')
    """
    return f"{value:,.2f}" if 0.0 < abs(value) < 0.1 else f"{value + 0.0:,.1f}"


def signed(value: float) -> str:
    """Return a change for a table, a dash for none.

    >>> signed(12.34), signed(-12.34) == chr(0x2212) + "12.3"
    ('+12.3', True)
    """
    if abs(value) < 0.005:
        return "\u2013"
    return ("+" if value > 0.0 else "\u2212") + amount(abs(value))
