"""Rows made of what cells hold, or the faults of the cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, NamedTuple

from flowopt.network import schema
from flowopt.network.columns import CellFault, CellType


class _Place(NamedTuple):
    """Field of a row model: its column, its type, its default, and what sets it in a new row."""

    column: str
    kind: CellType
    default: Any
    put: Callable[[Any, Any], None]


_PLACES: dict[type[Any], list[_Place]] = {}


def _places(model: type[Any]) -> list[_Place]:
    """Return the fields of a row model."""
    if model not in _PLACES:
        kinds = schema.cell_types(model)
        _PLACES[model] = [
            # The slot itself sets it, as rows are frozen.
            _Place(schema.column_of(f.name), kinds[f.name], f.default, _slot(model, f.name))
            for f in fields(model)
        ]
    return _PLACES[model]


def _slot(model: type[Any], field: str) -> Callable[[Any, Any], None]:
    found: Callable[[Any, Any], None] = getattr(model, field).__set__
    return found


def parsed(model: type[Any], cells: Mapping[str, object]) -> tuple[Any, dict[str, CellFault]]:
    """Return a row, and the faults of its cells by column: where there are any, no row.

    Parameters
    ----------
    model
        The row model, or `schema.Info`.
    cells
        What each column holds; one that is not there is blank.
    """
    row = object.__new__(model)
    faults: dict[str, CellFault] = {}
    for place in _places(model):
        if place.column not in cells:
            value = place.default
            if value is MISSING:
                faults[place.column] = CellFault("blank")
        else:
            try:
                value = place.kind.value(cells[place.column])
            except CellFault as fault:
                faults[place.column] = fault
                continue
        place.put(row, value)
    return (None if faults else row), faults
