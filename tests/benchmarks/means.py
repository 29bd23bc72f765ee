"""Shifted geometric means of running times, and how variants compare.

    mean(t_1 .. t_n) = (prod_i (t_i + s)) ** (1 / n) - s,     s = 1 second

The shift keeps runs of a few milliseconds from deciding the mean, the product keeps those that ran
into the limit from doing so. Runs without a proof count as the limit.

Source: T. Achterberg, Constraint Integer Programming, doctoral thesis, TU Berlin, 2007, A.3.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.benchmarks.records import PROVED, Record

SHIFT = 1.0  # seconds
EVERY = "all"
BASE = "plain"


def shifted_geometric_mean(seconds: Sequence[float], shift: float = SHIFT) -> float:
    """Return the shifted geometric mean of times.

    >>> round(shifted_geometric_mean([0.0, 3.0]), 9)
    1.0

    Raises
    ------
    ValueError
        When there are none.
    """
    if not seconds:
        raise ValueError("no mean of nothing")
    return math.exp(math.fsum(math.log(t + shift) for t in seconds) / len(seconds)) - shift


def counted(record: Record) -> float:
    """Return the time a run counts with: all of it if it proved its plan, else the limit."""
    if record.status == PROVED and record.total_seconds is not None:
        return record.total_seconds
    return record.time_limit


@dataclass(frozen=True, slots=True)
class Mean:
    """How a variant did in a family.

    Attributes
    ----------
    family, variant : str
        `family` is ``all`` for all of them.
    runs, proved : int
        How many, and how many of them proved their plan.
    seconds : float
        Shifted geometric mean.
    beside : int
        How many of its cases the base ran too.
    ratio : float or None
        Its mean over those cases by the base's; below 1 is faster.
    """

    family: str
    variant: str
    runs: int
    proved: int
    seconds: float
    beside: int
    ratio: float | None


def means(records: Iterable[Record], base: str = BASE) -> list[Mean]:
    """Return the means of each family and of all, variants in the order in which they come up.

    Parameters
    ----------
    records
        The last of several rows for one case and variant counts.
    base
        The variant that ratios are to.
    """
    last = {(record.case, record.variant): record for record in records}
    variants = list(dict.fromkeys(variant for _, variant in last))
    families = list(dict.fromkeys(record.family for record in last.values()))
    found = []
    for family in [*families, *([EVERY] if len(families) > 1 else [])]:
        inside = {k: r for k, r in last.items() if family in (r.family, EVERY)}
        for variant in variants:
            mine = {case: r for (case, v), r in inside.items() if v == variant}
            if not mine:
                continue
            both = [case for case in mine if (case, base) in inside]
            found.append(
                Mean(
                    family=family,
                    variant=variant,
                    runs=len(mine),
                    proved=sum(r.status == PROVED for r in mine.values()),
                    seconds=shifted_geometric_mean([counted(r) for r in mine.values()]),
                    beside=len(both),
                    ratio=_ratio(
                        [counted(mine[case]) for case in both],
                        [counted(inside[case, base]) for case in both],
                    ),
                )
            )
    return found


def _ratio(mine: list[float], theirs: list[float]) -> float | None:
    if not mine:
        return None
    below = shifted_geometric_mean(theirs)
    return shifted_geometric_mean(mine) / below if below > 0.0 else None
