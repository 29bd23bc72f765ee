"""Words of results, and the register that gives each of them one meaning."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from flowopt.results.column_units import unit_of


class Word(NamedTuple):
    """Name of a column or key, its meaning, and the type of its number, which has the unit.

    `in_all` is the type where the number is about all periods and not about a year.
    """

    name: str
    meaning: str
    type: Any = None
    in_all: Any = None

    @property
    def unit(self) -> str:
        """The unit; "" for a text, a count or a list."""
        return unit_of(self.type)

    @property
    def unit_in_all(self) -> str:
        """The unit of a number about all periods."""
        return unit_of(self.in_all) or self.unit


def register(*words: Word) -> Mapping[str, Word]:
    """Return words by name.

    Raises
    ------
    ValueError
        When a name stands twice: one word has one meaning.
    """
    known: dict[str, Word] = {}
    for word in words:
        if word.name in known:
            raise ValueError(f"{word.name} has two meanings: give one of them another name")
        known[word.name] = word
    return MappingProxyType(known)
