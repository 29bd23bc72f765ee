"""Draft of a network: tables whose rows may still be faulty, with the place of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.similar_names import closest

_COMPARISONS = 500_000  # how many names a draft compares for suggestions, about two seconds


class StandIn(SimpleNamespace):
    """Stand-in for a row with a faulty cell: its sound ids count as known, its amounts do not.

    With `ragged`, its cells may stand under the wrong columns, so that only its key counts.
    """

    ragged: bool


@dataclass
class Draft:
    """Tables under the checks; rows are models, or stand-ins where a cell is faulty.

    Attributes
    ----------
    tables : mapping
        Rows by table name; every table of the format is there.
    numbers : mapping
        Row numbers by table name as an editor counts; index + 2 where a table is not listed.
    files : mapping
        Name of a table in messages; ``<table>.csv`` where it is not listed.
    unread : collection of str
        Tables that could not be read: references to them are not checked.
    memo : dict
        What one check found and another needs again.
    """

    tables: Mapping[str, Sequence[Any]]
    numbers: Mapping[str, Sequence[int]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    unread: Collection[str] = ()
    memo: dict[str, Any] = field(default_factory=dict)
    _ids: dict[str, dict[str, int]] = field(default_factory=dict)
    _comparisons: int = _COMPARISONS

    def file(self, table: str) -> str:
        """Return the name of a table in messages."""
        return self.files.get(table, f"{table}.csv")

    def row(self, table: str, index: int) -> int:
        """Return the row number of a row, as an editor counts."""
        return self.numbers[table][index] if table in self.numbers else index + 2

    def place(self, table: str, index: int, seen_from: str = "") -> str:
        """Return a row's place in words, without the file where that is the one seen from."""
        row = f"row {self.row(table, index)}"
        return row if table == seen_from else f"{row} of {self.file(table)}"

    def problem(self, table: str, index: int | None, column: str | None, message: str) -> Problem:
        """Return a problem with the place of a row, or of the table for index None."""
        row = None if index is None else self.row(table, index)
        return Problem(self.file(table), row, column, message)

    def whole(self, table: str) -> Iterator[tuple[int, Any]]:
        """Yield the rows whose every cell could be read, with their index."""
        return ((i, r) for i, r in enumerate(self.tables[table]) if not isinstance(r, StandIn))

    def legible(self, table: str) -> bool:
        """Return True if a table's ids are known, so that references to it can be checked."""
        empty = not self.tables[table] and table in schema.MANDATORY
        return table not in self.unread and not empty

    def all_whole(self, table: str) -> bool:
        """Return True if every cell of a table could be read."""
        found = any(isinstance(row, StandIn) for row in self.tables[table])
        return self.legible(table) and not found

    def ids(self, table: str) -> dict[str, int] | None:
        """Return the first index of each id of a table, or None if the ids are not known."""
        if not self.legible(table):
            return None
        if table not in self._ids:
            found: dict[str, int] = {}
            column = schema.TABLES[table].key[0]
            for index, row in enumerate(self.tables[table]):
                found.setdefault(getattr(row, column), index)
            self._ids[table] = found
        return self._ids[table]

    def hint(self, name: str, known: Collection[str], otherwise: str) -> str:
        """Return "did you mean ...?" for an unknown name, or other advice when none is close.

        Comparing stops after a while, so that a file full of faults is judged in linear time.
        """
        if len(known) > self._comparisons:
            return otherwise
        self._comparisons -= len(known)
        near = closest(name, known)
        return otherwise if near is None else f"did you mean {near!r}?"


def id_column(row: type[schema.Row]) -> str | None:
    """Return the column that gives a table's rows their id, or None if they have none.

    >>> id_column(schema.Arc), id_column(schema.Supply), id_column(schema.Opening)
    ('arc', None, None)
    """
    first = row.key[0] if row.key else "on"
    return None if first == "on" or schema.columns(row)[first].refers else first
