"""Workbook of a network, read: a sheet per table, and a sheet `network` of key and value."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from flowopt.errors import InputError, Problem, RequestError
from flowopt.network import schema
from flowopt.network.column_types import column_types
from flowopt.network.files.workbook_limits import exceeded_limit
from flowopt.network.raw_tables import RawNetwork, RawTable, misread, too_large, too_wide
from flowopt.plain_text import cut
from flowopt.reading import input_bytes
from flowopt.similar_names import closest

INFO_SHEET = "network"
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what .xls files and encrypted workbooks begin with
# Signs that XML can't hold stand in workbooks as their number, and `_` before what looks like one.
# A shared string loses that `_x005F` in openpyxl, so text that spells out the number of a control
# sign, as _x000D_, comes back as the sign once another program has saved it.
_ESCAPED = re.compile(r"_x(00(?:0[1-8B-F]|1[0-9A-F])|FFF[EF]|005F)_", re.IGNORECASE)
_TO_ESCAPE = re.compile(r"[\x01-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def load_openpyxl() -> Any:
    """Return the library that reads and writes workbooks.

    Raises
    ------
    RequestError
        When it is not installed.
    """
    try:
        import openpyxl
    except ImportError as error:
        message = "a workbook needs openpyxl, which is not installed: pip install 'flowopt[excel]'"
        raise RequestError(message) from error
    return openpyxl


def xml_escaped(text: str) -> str:
    """Return text as a workbook holds it."""
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def sheet_label(table: str) -> str:
    """Return the name of a table's sheet in messages."""
    return f"sheet {table}"


def parse_workbook(path: Path) -> RawNetwork:
    """Parse a workbook into raw tables; rows are numbered as the spreadsheet numbers them.

    Raises
    ------
    InputError
        When the file is no workbook.
    RequestError
        When the extra `excel` is not installed.
    """
    book = _Book(path)
    raw = RawNetwork(file_of=sheet_label, info_file=sheet_label(INFO_SHEET))
    names = {sheet.title for sheet in book.sheets}
    for sheet in book.sheets:
        name = sheet.title
        if name == INFO_SHEET:
            _add_facts(raw, _Grid(book, sheet))
        elif name in schema.TABLES:
            grid = _Grid(book, sheet)
            raw.tables[name] = grid.table(schema.TABLES[name])
            raw.problems += grid.problems
        elif not name.startswith("_") and any(c.value is not None for c in _cells(sheet)):
            _add_unknown_sheet(raw, name, names)
        if sheet.sheet_state != "visible" and (name in raw.tables or name == INFO_SHEET):
            message = "is hidden, and read all the same"
            raw.warnings.append(Problem(sheet_label(name), None, None, message))
    if raw.info is None and INFO_SHEET not in names | raw.unread:
        message = "is missing; it needs the columns key and value, and the rows id and title"
        raw.problems.append(Problem(raw.info_file, None, None, message))
    return raw


def _add_unknown_sheet(raw: RawNetwork, name: str, names: set[str]) -> None:
    """Refuse a sheet that may be a table with a typing error, and warn of any other."""
    file = sheet_label(name)
    if closest(name, schema.TABLES.keys() - names):
        raw.tables[name] = RawTable(file, [], [])  # `assemble` suggests the table that is meant
    elif INFO_SHEET not in names and closest(name, [INFO_SHEET]):
        message = f"is no sheet of the format; did you mean {INFO_SHEET!r}?"
        raw.problems.append(Problem(file, None, None, message))
        raw.unread.add(INFO_SHEET)
    else:
        message = (
            "is no table of the format and is not read; a leading _ hides it from this warning"
        )
        raw.warnings.append(Problem(file, None, None, message))


def _add_facts(raw: RawNetwork, grid: _Grid) -> None:
    """Add the network's own facts from the sheet of keys and values."""
    table = grid.table(None)
    raw.problems += grid.problems
    names = [name.strip() for name in table.header]

    def report(row: int | None, column: str | None, message: str) -> None:
        raw.problems.append(Problem(raw.info_file, row, column, message))

    for name in names:
        if name and name not in ("key", "value") and not name.startswith("_"):
            report(table.header_row, name, "is no column of the sheet (a leading _ hides one)")
    if not {"key", "value"} <= set(names):
        report(table.header_row if names else None, None, "its first row has to name key and value")
        return
    facts: dict[str, object] = {}
    for number, cells in table.rows:
        key, value = (cells[names.index(name)].strip() for name in ("key", "value"))
        if not key and value:
            report(number, "key", f"is blank, beside the value {value!r}; give the key")
        elif key in facts:
            report(number, "key", f"{key!r} stands in row {raw.info_rows[key]} too; delete one")
        elif key:
            facts[key] = value
            raw.info_rows[key] = number
    raw.info = facts


class _Book:
    """Workbook as the file holds it; loaded once more for the values of its formulas."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._openpyxl = load_openpyxl()
        self._data = input_bytes(path)
        if self._data.startswith(_OLD):
            message = "is an old .xls or has a password; save it as .xlsx without one"
            raise InputError([Problem(path.name, None, None, message)])
        if message := self._tried(lambda: exceeded_limit(self._data)):
            message = f"{message}; give the tables as CSV files in a folder"
            raise InputError([Problem(path.name, None, None, message)])
        self.sheets: list[Any] = self._load(data_only=False).worksheets

    def _load(self, *, data_only: bool) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of drop-downs and the like, which are not read here
            load, file = self._openpyxl.load_workbook, io.BytesIO(self._data)
            return self._tried(lambda: load(file, data_only=data_only))

    def _tried(self, read: Callable[[], Any]) -> Any:
        """Return the result of reading, or refuse the file."""
        try:
            return read()
        except Exception as error:  # openpyxl and the parsers below it raise many kinds
            reason = cut(str(error) or type(error).__name__)
            message = f"is no workbook that can be read ({reason}); save it as .xlsx again"
            raise InputError([Problem(self._path.name, None, None, message)]) from error

    @cached_property
    def _values(self) -> Any:
        return self._load(data_only=True)

    def value(self, sheet: Any, cell: Any) -> Any:
        """Return the cell with the value that a formula had when the workbook was saved."""
        return self._values[sheet.title].cell(cell.row, cell.column)


def _cells(sheet: Any) -> Iterator[Any]:
    """Yield the filled cells; the public functions make up all blank ones between them."""
    return iter(sheet._cells.values())


@dataclass(frozen=True, slots=True)
class _Column:
    """Column of a sheet: its name, with flags for one that is read and one of numbers."""

    name: str
    read: bool
    number: bool


class _Grid:
    """Filled cells of a sheet, and the problems of their types."""

    def __init__(self, book: _Book, sheet: Any) -> None:
        self.file = sheet_label(sheet.title)
        self.problems: list[Problem] = []
        self._book, self._sheet = book, sheet
        self._rows: dict[int, dict[int, Any]] = {}
        for cell in _cells(sheet):
            if cell.value is not None and str(cell.value).strip():
                self._rows.setdefault(cell.row, {})[cell.column] = cell

    def table(self, row: type[schema.Row] | None) -> RawTable:
        """Return the raw table; columns of numbers are those of the row model."""
        if not self._rows:
            return RawTable(self.file, [], [])
        head, *numbers = sorted(self._rows)
        used = sorted({column for cells in self._rows.values() for column in cells})
        if message := too_wide(len(used)) or too_large(len(used) * len(self._rows)):
            self.problems.append(Problem(self.file, head, None, message))
            return RawTable(self.file, [], [])
        known = column_types(row) if row is not None else {}
        columns = {}
        for at in used:
            name = self._name(self._rows[head].get(at))
            is_number = name in known and known[name].kind == "number"
            columns[at] = _Column(name, read=not name.startswith("_"), number=is_number)
        self._refuse_merged(head, columns)
        rows = []
        for number in numbers:
            cells = self._rows[number]
            texts = [
                self._text(cells[at], about) if at in cells and about.read else ""
                for at, about in columns.items()
            ]
            rows.append((number, texts))
        return RawTable(self.file, [each.name for each in columns.values()], rows, head)

    def _name(self, cell: Any) -> str:
        """Return the name of a column, "" where none stands."""
        if cell is None:
            return ""
        found = self._book.value(self._sheet, cell) if cell.data_type == "f" else cell
        return "" if found.value is None else str(found.value).strip()

    def _refuse_merged(self, head: int, columns: dict[int, _Column]) -> None:
        """Report merged cells, which are blank but for one."""
        last = max(self._rows)
        for area in self._sheet.merged_cells.ranges:
            touched = [columns[at] for at in range(area.min_col, area.max_col + 1)
                       if at in columns and columns[at].read]  # fmt: skip
            if touched and area.max_row >= head and area.min_row <= last:
                message = f"the cells {area.coord} are merged; unmerge them and fill in each one"
                name = touched[0].name or None
                self.problems.append(Problem(self.file, area.min_row, name, message))

    def _text(self, cell: Any, column: _Column) -> str:
        """Return a cell as text, with a problem if it is of a type that no column has."""
        formula = cell.data_type == "f"
        found = self._book.value(self._sheet, cell) if formula else cell
        value, advice = found.value, _advice(column)
        if isinstance(value, str) and found.data_type != "e":
            return _unescaped(value)
        if value is None and found.data_type == "str":
            return ""  # the formula gave a text without any sign
        if not column.name:
            return str(cell.value)  # the reader refuses it for want of a name
        if isinstance(value, float):
            return schema.number_text(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is None:
            text = str(getattr(cell.value, "text", cell.value))
            message = (
                f"the formula {text!r} has no value yet; open the workbook in a spreadsheet, save "
                "it there, or type the value"
            )
        elif seen := misread(value):
            text, message = seen[0], f"{seen[1]}; {advice}"
        else:
            text = str(value)
            message = f"{text} is an error of the spreadsheet; mend the formula or type the value"
        self.problems.append(Problem(self.file, cell.row, column.name or None, message))
        return text


def _advice(column: _Column) -> str:
    kind = "a number" if column.number else "text"
    return f"format the cell as {kind} and type it again"
