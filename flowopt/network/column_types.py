"""What a cell of each column may hold, read off the row models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from flowopt.network import schema


@dataclass(frozen=True, slots=True)
class Limits:
    """What a cell of a column may hold.

    Attributes
    ----------
    kind : {"number", "text", "list"}
        A list is text with `;` between ids.
    needed : bool
        Whether a blank is an error.
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


_LIMITS: dict[type[Any], dict[str, Limits]] = {}


def limits(row: type[Any]) -> dict[str, Limits]:
    """Return the limits of each column of a row model, in the order of the format.

    >>> limits(schema.Arc)["loss"]
    Limits(kind='number', needed=False, least=0, most=1, options=())
    >>> limits(schema.Rule)["relation"].options
    ('requires', 'excludes')
    """
    if row not in _LIMITS:
        _LIMITS[row] = dict(_limits(row))
    return _LIMITS[row]


def _limits(row: type[Any]) -> Iterator[tuple[str, Limits]]:
    """Yield each column and its limits, from what pydantic makes of the annotations."""
    described = TypeAdapter(row).json_schema()
    for name in schema.columns(row):
        about = described["properties"][name]
        about = next((p for p in about.get("anyOf", ()) if p["type"] != "null"), about)
        kind = {"array": "list", "number": "number", "string": "text"}[about["type"]]
        yield (
            name,
            Limits(
                kind=kind,  # type: ignore[arg-type]  # one of the three
                needed=name in described["required"],
                least=_bound(about.get("minimum")),
                most=_bound(about.get("maximum")),
                options=tuple(about.get("enum", ())),
            ),
        )


def _bound(number: float | None) -> float | None:
    """Return a bound as people write it: some releases of pydantic say 0.0, others 0."""
    return int(number) if number is not None and number == int(number) else number
