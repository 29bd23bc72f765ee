"""Cells that rows of `changes` and `ranges` name, and the numbers that a scenario puts there.

Rows of a scenario that name one cell combine: factors multiply, in whatever order they stand; a
value stands alone.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flowopt.network import schema
from flowopt.network.checks.draft import StandIn
from flowopt.network.checks.targets import Targets
from flowopt.network.columns import CellFault

Naming = schema.Change | schema.Range  # rows that name cells


class Cell(NamedTuple):
    """Place of a number in a network's tables."""

    table: str
    row: int
    column: str


def named_cells(targets: Targets, naming: Naming) -> Iterator[Cell]:
    """Yield the cells that a row names; the capacity of a pool of demands is their quantity."""
    for table, row in targets.rows(naming):
        if not isinstance(targets.row((table, row)), StandIn):
            pooled = naming.on == "pool" and table == "demands"
            yield Cell(table, row, "quantity" if pooled else naming.column)


def named_by(targets: Targets, rows: Iterable[tuple[int, Naming]]) -> dict[Cell, list[int]]:
    """Return the indices of the rows that name each cell, in the order of the rows.

    Parameters
    ----------
    targets
        Index of what they may name.
    rows
        Rows with their index in their table.
    """
    found: dict[Cell, list[int]] = {}
    for index, row in rows:
        for cell in named_cells(targets, row):
            found.setdefault(cell, []).append(index)
    return found


def combined(number: float | None, changes: Sequence[schema.Change]) -> float | None:
    """Return what a scenario puts in place of a number; None is unlimited.

    Parameters
    ----------
    number
        What the tables say.
    changes
        The scenario's rows on that cell: one value, or factors.
    """
    if changes[0].value is not None:
        return changes[0].value
    factors = [change.factor for change in changes if change.factor is not None]
    # Sorted, so that the order of the rows does not show in the last digit.
    return None if number is None else number * math.prod(sorted(factors))


def scenario_numbers(
    tables: Mapping[str, Sequence[Any]], targets: Targets, changes: Sequence[tuple[int, Any]]
) -> dict[Cell, float | None]:
    """Return the numbers that rows of one scenario put in place of others, by cell.

    Parameters
    ----------
    tables
        Rows by table name.
    targets
        Index of the same tables.
    changes
        The scenario's rows of `changes`, none of them faulty, with their index.
    """
    rows = dict(changes)
    return {
        cell: combined(
            getattr(tables[cell.table][cell.row], cell.column), [rows[index] for index in named]
        )
        for cell, named in named_by(targets, changes).items()
    }


def with_numbers(
    tables: Mapping[str, Sequence[Any]], numbers: Mapping[Cell, float | None]
) -> dict[str, tuple[Any, ...]]:
    """Return the tables that differ, with numbers put in their cells."""
    by_row: dict[str, dict[int, dict[str, float | None]]] = {}
    for cell, number in numbers.items():
        if getattr(tables[cell.table][cell.row], cell.column) != number:
            by_row.setdefault(cell.table, {}).setdefault(cell.row, {})[cell.column] = number
    found = {}
    for table, changed in by_row.items():
        rows = list(tables[table])
        for row, columns in changed.items():
            rows[row] = _with_columns(rows[row], columns)
        found[table] = tuple(rows)
    return found


def _with_columns(row: Any, columns: Mapping[str, float | None]) -> Any:
    """Return a row with other numbers in some columns: these alone are looked at once more.

    Two hundred scenarios of a thousand rows each are made several times, and a row is mostly text.

    Raises
    ------
    InputError
        With all faults of the row.
    """
    kind, kinds = type(row), schema.cell_types(type(row))
    try:
        new = {name: kinds[name].value(number) for name, number in columns.items()}
    except CellFault:
        return dataclasses.replace(row, **columns)  # which says what is wrong
    made = object.__new__(kind)
    for name in kinds:
        value = new[name] if name in new else getattr(row, name)
        object.__setattr__(made, name, value)
    return made


def of_scenario(changes: Iterable[tuple[int, Any]], scenario: str) -> list[tuple[int, Any]]:
    """Return the rows of one scenario, with their index."""
    return [(index, change) for index, change in changes if change.scenario == scenario]
