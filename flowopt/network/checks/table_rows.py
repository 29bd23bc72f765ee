"""Rows of one table, parsed from text to row models cell by cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING
from typing import Any

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.checks.cell_messages import cell_message
from flowopt.network.checks.draft import StandIn, id_column
from flowopt.network.checks.plain_rows import plain_rows
from flowopt.network.raw_tables import (
    COLUMN_TWICE,
    RawTable,
    mandatory_columns,
    ragged_row,
    too_wide,
)
from flowopt.network.row_parser import parsed
from flowopt.plain_text import shown
from flowopt.similar_names import closest

MOST_PROBLEMS = 1_000  # of a table, beyond which its further rows are not judged
_PANDAS_INDEX = re.compile(r"Unnamed: \d+")  # an index that was written and read again
_BLOCK = 10_000  # rows whose cells are held at a time, beside the rows made of them


class TableParser:
    """Parser of the rows of one table; a faulty row leaves a stand-in.

    Attributes
    ----------
    rows, numbers : lists
        The rows and their numbers, wholly blank ones left out.
    missing : set of str
        Mandatory columns that are not there.
    problems, warnings : lists of Problem
        Errors and warnings found.
    truncated : bool
        True where so many rows are faulty that the rest was not parsed.
    """

    def __init__(self, row: type[schema.Row], raw: RawTable) -> None:
        self.row, self.raw = row, raw
        self.rows: list[Any] = []
        self.numbers: list[int] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.missing: set[str] = set()
        self.truncated = False
        self._parse_rows(self._parse_header())

    def _report(self, row: int | None, column: str | None, message: str) -> None:
        self.problems.append(Problem(self.raw.file, row, column, message))

    def _parse_header(self) -> list[str]:
        """Return the column of the model for each cell, "" for those to leave out."""
        known = schema.columns(self.row)
        header = [name.strip() for name in self.raw.header]
        at = self.raw.header_row
        if wide := too_wide(len(header)):
            self.missing = set(known)
            self._report(at, None, wide)
            return []
        if not any(header):
            self.missing = set(known)
            least = ", ".join(mandatory_columns(self.row))
            self._report(None, None, f"is empty; its first row names the columns, at least {least}")
            return []
        if len(header) == 1 and (mark := next((m for m in ";\t|" if m in header[0]), None)):
            self.missing = set(known)
            self._report(at, None, f"the columns are separated by {mark!r}; save it with commas")
            return []
        names: list[str] = []
        meant = set()
        for name in header:
            if name and name in names:
                self._report(at, name, COLUMN_TWICE)
            elif name and name not in known and not name.startswith("_"):
                near = closest(name, known.keys() - set(header))
                meant.add(near)
                hint = f"did you mean {near!r}?" if near else f"the columns are {', '.join(known)}"
                if _PANDAS_INDEX.fullmatch(name):
                    hint = "delete it (pandas: index=False)"
                self._report(at, name, f"is no column of the table; {hint} (a leading _ hides one)")
            names.append(name if name in known and name not in names else "")
        self.missing = set(mandatory_columns(self.row)) - set(names)
        for name in sorted(self.missing - meant):
            self._report(at, name, f"the column is missing ({known[name].meaning})")
        return names

    def _parse_rows(self, names: list[str]) -> None:
        """Parse the text into rows of the model, or into stand-ins with a problem."""
        if not names:
            return
        sure = not self.problems  # a column with the wrong name is not a column of blanks
        nameless = _UnnamedColumns(self.raw.header)
        if sure and not nameless and (rows := plain_rows(self.row, names, self.raw.rows)):
            self.rows, self.numbers = rows, [number for number, _ in self.raw.rows]
            return
        cells: list[dict[str, str]] = []
        ragged: set[int] = set()  # indices into `cells`
        strays = _StrayBlanks(self.row, names)
        for number, texts in self.raw.rows:
            if len(cells) == _BLOCK:
                self._add_rows(cells, ragged, sure)
                cells, ragged = [], set()
                if len(self.problems) >= MOST_PROBLEMS:
                    self.truncated = True
                    self._report(
                        number, None, "the rows from here on are not judged: mend those above"
                    )
                    break
            trimmed = [text.strip() for text in texts]
            if not any(trimmed):
                continue
            if trimmed != texts:
                strays.add(number, texts, trimmed)
            self.numbers.append(number)
            cells.append({n: v for n, v in zip(names, trimmed, strict=False) if v and n})
            if len(texts) != len(names):
                ragged.add(len(cells) - 1)
                self._report(number, None, ragged_row(len(texts), len(names)))
            else:
                nameless.add(number, trimmed)
        self._add_rows(cells, ragged, sure)
        for message in nameless.messages():
            self._report(self.raw.header_row, None, message)
        self.warnings = strays.problems(self.raw.file)

    def _add_rows(self, cells: list[dict[str, str]], ragged: set[int], sure: bool) -> None:
        """Parse the cells of the next rows, and keep the rows."""
        sound = self._validated(cells, ragged)
        if sure and len(sound) == len(cells):
            self.rows.extend(sound.values())
            return
        self.rows.extend(
            sound[i] if i in sound and sure else _stand_in(self.row, each, ragged=i in ragged)
            for i, each in enumerate(cells)
        )

    def _validated(self, cells: list[dict[str, str]], ragged: set[int]) -> dict[int, Any]:
        """Return the sound rows by index; the others become problems."""
        first = len(self.rows)
        sound: dict[int, Any] = {}
        for i, each in enumerate(cells):
            if i in ragged:
                continue
            row, faults = parsed(self.row, each)
            if not faults:
                sound[i] = row
            for column, fault in faults.items():
                if column not in self.missing:
                    message = cell_message(self.row, column, each.get(column), fault)
                    self._report(self.numbers[first + i], column, message)
        return sound


class _UnnamedColumns:
    """Filled columns whose name is blank, such as the index that pandas writes."""

    def __init__(self, header: list[str]) -> None:
        self._header = [name.strip() for name in header]
        self._columns = [i for i, name in enumerate(self._header) if not name]
        self._found: dict[int, tuple[int, int, str]] = {}  # cells, row and text of the first

    def __bool__(self) -> bool:
        return bool(self._columns)

    def add(self, number: int, trimmed: list[str]) -> None:
        for i in self._columns:
            if trimmed[i]:
                count, row, text = self._found.get(i, (0, number, trimmed[i]))
                self._found[i] = (count + 1, row, text)

    def messages(self) -> Iterator[str]:
        for i, (count, row, text) in sorted(self._found.items()):
            before = self._header[i - 1] if i else ""
            where = f"the column after {before!r}" if before else "a column"
            where = where if i else "the first column"
            cells = f"{count:,} cells, the first" if count > 1 else "one cell,"
            yield (
                f"{where} has no name and {cells} {shown(text)} in row {row}; name it, or delete "
                "it (pandas: index=False)"
            )


class _StrayBlanks:
    """Ids with blanks around them, which are left out; one warning per column."""

    def __init__(self, row: type[schema.Row], names: list[str]) -> None:
        known = schema.columns(row)
        ids = {id_column(row), "pool", *(name for name in known if known[name].refers)}
        self._columns = [(i, name) for i, name in enumerate(names) if name in ids]
        self._found: dict[str, list[tuple[int, str]]] = {}

    def add(self, number: int, texts: list[str], trimmed: list[str]) -> None:
        for i, name in self._columns:
            if i < len(texts) and texts[i] != trimmed[i] and trimmed[i]:
                self._found.setdefault(name, []).append((number, texts[i]))

    def problems(self, file: str) -> list[Problem]:
        warnings = []
        for name, found in self._found.items():
            number, text = found[0]
            more = f" ({len(found)} such cells in all)" if len(found) > 1 else ""
            message = f"{text!r} has blanks around it, which are left out{more}"
            warnings.append(Problem(file, number, name, message))
        return warnings


def _stand_in(row: type[schema.Row], cells: dict[str, str], *, ragged: bool) -> StandIn:
    """Return the stand-in of a faulty row: its text, and no amounts."""
    values: dict[str, Any] = {}
    for name, default in schema.defaults(row).items():
        text = cells.get(name, "")
        blank = "" if default is MISSING else default
        if name in ("commodities", "source") and name not in row.key:
            values[name] = tuple(p for p in map(str.strip, text.split(";")) if p)
        else:
            values[name] = text or blank
    return StandIn(**values, ragged=ragged)
