"""Column types: the values that cells may hold, read off the row models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal

from flowopt.network import schema


@dataclass(frozen=True, slots=True)
class ColumnType:
    """Type of a column: the values that its cells may hold.

    Attributes
    ----------
    kind : {"number", "text", "list"}
        A list is text with `;` between ids.
    needed : bool
        True where a blank is an error.
    least, most : float or None
        Bounds of a number.
    options : tuple of str
        The words that text is one of; empty if it is free.
    """

    kind: Literal["number", "text", "list"]
    needed: bool
    least: float | None = None
    most: float | None = None
    options: tuple[str, ...] = ()


_COLUMN_TYPES: dict[type[Any], dict[str, ColumnType]] = {}


def column_types(row: type[Any]) -> dict[str, ColumnType]:
    """Return the type of each column of a row model, in the order of the format.

    >>> column_types(schema.Arc)["loss"]
    ColumnType(kind='number', needed=False, least=0, most=1, options=())
    >>> column_types(schema.Rule)["relation"].options
    ('requires', 'excludes', 'after')
    """
    if row not in _COLUMN_TYPES:
        _COLUMN_TYPES[row] = dict(_column_types(row))
    return _COLUMN_TYPES[row]


def _column_types(row: type[Any]) -> Iterator[tuple[str, ColumnType]]:
    """Yield each column and its type."""
    kinds = schema.cell_types(row)
    needed = {schema.column_of(each.name): each.default is MISSING for each in fields(row)}
    for name in schema.columns(row):
        of = kinds[schema.field_of(name)]
        yield name, ColumnType(of.kind, needed[name], of.least, of.most, of.options)
