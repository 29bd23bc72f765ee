"""Factors that trends put on the numbers of a network, period by period.

Of rows with the same target the latest that gives a factor in a column counts for that column;
what different targets give for one number multiplies.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from flowopt.network import schema
from flowopt.network.checks.cells import Cell
from flowopt.network.checks.targets import Targets
from flowopt.network.timeline import Timeline

FACTORS = ("capacity", "cost", "price")
_Target = tuple[str, str, str]  # on, target, commodity


def latest(
    rows: Iterable[tuple[int, schema.Trend]], timeline: Timeline, period: int, column: str
) -> dict[_Target, int]:
    """Return the index of the row that counts in a period for each target, in one column."""
    found: dict[_Target, tuple[int, int]] = {}
    for index, row in rows:
        begins = timeline.index[row.from_]
        target = (row.on, row.target, row.commodity)
        if begins <= period and getattr(row, column) is not None:
            found[target] = max(found.get(target, (-1, -1)), (begins, index))
    return {target: index for target, (_, index) in found.items()}


def trend_cells(targets: Targets, row: schema.Trend, column: str) -> list[Cell]:
    """Return the numbers that a row multiplies by its factor in a column."""
    return [
        Cell(table, place, "quantity" if (table, column) == ("demands", "capacity") else column)
        for table, place in targets.rows(row)
    ]


def factors_of(
    targets: Targets, rows: list[tuple[int, schema.Trend]], timeline: Timeline, period: int
) -> dict[Cell, tuple[float, int]]:
    """Return the factor on each number in a period, with the last row that has part in it.

    Parameters
    ----------
    targets
        Index of what rows may name.
    rows
        Sound rows of `trends` with their index.
    timeline, period
        The periods, and which of them.
    """
    by_index = dict(rows)
    found: dict[Cell, list[tuple[float, int]]] = {}
    for column in FACTORS:
        for index in latest(rows, timeline, period, column).values():
            row = by_index[index]
            for cell in trend_cells(targets, row, column):
                found.setdefault(cell, []).append((getattr(row, column), index))
    # Sorted, so that the order of the rows does not show in the last digit.
    return {
        cell: (math.prod(sorted(factor for factor, _ in each)), max(index for _, index in each))
        for cell, each in found.items()
    }
