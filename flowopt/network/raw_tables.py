"""Raw tables: the text of a network's tables as a file holds it, and the limits on their size."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowopt.errors import Problem
from flowopt.network import schema

MOST_CELLS = 100_000_000  # of a table; a million arcs have some 10 million
MOST_COLUMNS = 1_000
COLUMN_TWICE = "the column is there twice; delete one"


@dataclass(frozen=True, slots=True)
class RawTable:
    """Table as a file holds it: text, nothing checked.

    Attributes
    ----------
    file : str
        Name of the table in messages, as ``arcs.csv``.
    header : list of str
        The names of the columns; empty for an empty file.
    rows : list of (int, list of str)
        Each row's number as an editor shows it, and its cells.
    header_row : int
        Number of the header's row.
    """

    file: str
    header: list[str]
    rows: list[tuple[int, list[str]]]
    header_row: int = 1


@dataclass(slots=True)
class RawNetwork:
    """Raw tables of a network by name, with the problems of parsing them.

    Attributes
    ----------
    tables : dict
        Raw tables by name, unknown names included.
    info : mapping or None
        The keys of `network.toml`; None if there are none to judge.
    info_rows : dict
        Row of each key, where known.
    unread : set of str
        Tables that are there but could not be parsed, each with a problem.
    problems : list of Problem
        Errors so far.
    info_file : str
        Name of the place of `info` in messages.
    file_of : callable
        From a table's name to its name in messages.
    warnings : list of Problem
        Oddities that are no errors.
    """

    tables: dict[str, RawTable] = field(default_factory=dict)
    info: Mapping[str, object] | None = None
    info_rows: dict[str, int] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    info_file: str = "network.toml"
    file_of: Callable[[str], str] = "{}.csv".format
    warnings: list[Problem] = field(default_factory=list)


def mandatory_columns(row: type[Any]) -> list[str]:
    """Return the columns of a row model that have to be there."""
    return [name for name, about in schema.columns(row).items() if not about.blank]


def too_wide(columns: int) -> str:
    """Return the message that a table has more columns than are read; "" if it has not."""
    if columns <= MOST_COLUMNS:
        return ""
    return f"the table has {columns:,} columns, more than the {MOST_COLUMNS:,} that are read"


def too_large(cells: int) -> str:
    """Return the message that a table has more cells than are read; "" if it has not."""
    if cells <= MOST_CELLS:
        return ""
    return f"the table has more than {MOST_CELLS:,} cells, the most that is read"


def ragged_row(found: int, wanted: int) -> str:
    """Return the message that a row has too many or too few cells."""
    advice = (
        "put text that contains a comma in double quotes"
        if found > wanted
        else "write the commas of blank cells too"
    )
    return f"the row has {found} cell{'s' * (found != 1)}, the header {wanted}; {advice}"


def misread(value: object) -> tuple[str, str] | None:
    """Return the text and the fault of a cell whose type no column has; None for any other.

    Spreadsheets and pandas turn ids and names into truth values and moments without asking.
    """
    if isinstance(value, bool):
        text = str(value).upper()
        return text, f"{text} is a truth value here"
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        midnight = isinstance(value, datetime.datetime) and value.time() == datetime.time()
        text = str(value).partition(" ")[0] if midnight else str(value)
        return text, f"{text} is a date or time here"
    return None
