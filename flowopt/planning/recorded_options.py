"""Options of a request on record in a result, so that it can be repeated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from flowopt.results.document import Option

Given = bool | float | str | Iterable[str] | Mapping[str, float] | None


def on_record(**options: Given) -> dict[str, Option]:
    """Return options as results hold them: plain values, and None for no limit of time.

    >>> on_record(budget=4.0, include=["m1"], resource={"crew": 3}, time_limit=math.inf)
    {'budget': 4.0, 'include': ('m1',), 'resource': {'crew': 3.0}, 'time_limit': None}
    """
    return {name: _plain(value) for name, value in options.items()}


def _plain(value: Given) -> Option:
    if value is None or isinstance(value, int | str):  # True is an int
        return value
    if isinstance(value, Mapping):
        return {name: float(amount) for name, amount in value.items()}
    if isinstance(value, Iterable):
        return tuple(value)
    return float(value) if math.isfinite(value) else None
