"""JSON file of a network: an object with a list of rows for each table, rows as objects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

from flowopt.errors import InputError, Problem
from flowopt.network import schema
from flowopt.network.files.json_text import RepeatedKey, decoder, has_nul, members
from flowopt.network.files.text import utf8_text
from flowopt.network.files.unsupported import json_workaround
from flowopt.network.raw_tables import (
    COLUMN_TWICE,
    RawNetwork,
    RawTable,
    mandatory_columns,
    too_large,
    too_wide,
)
from flowopt.network.tables import Tables
from flowopt.plain_text import row_by_row, shown

_INFO = "network"
_SHORT = 40  # letters of a value in a message
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)  # made once, not for every row
_EXACT = 2**53  # from here on, not every whole number is a float


# -- writing --------------------------------------------------------------------------------------


def json_bytes(network: Tables) -> bytes:
    """Return a network as JSON, a line for each row; what is left out is the default.

    Raises
    ------
    InputError
        When a text holds a NUL character, which only a program can bring about.
    """
    parts = [f'  "{_INFO}": {_JSON.encode(_stated([network.info], _blanks(schema.Info))[0])}']
    for table, rows in network.tables().items():
        if rows or table in schema.MANDATORY:
            blanks = _blanks(schema.TABLES[table])
            lines = row_by_row(_JSON.encode, _stated(rows, blanks), "{}", ",\n    ")
            parts.append(f'  "{table}": [\n    {lines}\n  ]')
    text = "{\n" + ",\n".join(parts) + "\n}\n"
    if has_nul(text) is not None:
        raise InputError([Problem("network", None, None, "a text holds a NUL; delete it")])
    return text.encode()


def _blanks(row: type[Any]) -> dict[str, Any]:
    """Return the columns of a row model in the order of the format, with their defaults."""
    defaults = schema.defaults(row)
    return {name: defaults[name] for name in schema.columns(row)}


def _stated(rows: Sequence[Any], blanks: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the columns of each row that are no default."""
    cells = attrgetter(*map(schema.field_of, blanks), "__class__")  # never one: always a tuple
    columns = tuple(blanks.items())
    return [
        {
            name: _plain(value) if isinstance(value, float) else value
            for (name, blank), value in zip(columns, cells(row), strict=False)  # but its class
            if value != blank
        }
        for row in rows
    ]


def _plain(value: float) -> float:
    """Return a whole number without a decimal point, and others as they are."""
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


# -- reading --------------------------------------------------------------------------------------


def parse_json(path: Path) -> RawNetwork:
    """Parse a JSON file into raw tables.

    Rows are numbered by the line on which they start, as an editor counts, but in a file of one
    line like those of a CSV file: the first is row 2.

    Raises
    ------
    InputError
        When the file is no JSON, or not one object.
    """
    text = utf8_text(path)
    one_line = "\n" not in text.rstrip()
    raw = RawNetwork(file_of=lambda table: f"{path.name}/{table}", info_file=f"{path.name}/{_INFO}")
    for key, value, row in members(path.name, text, _DECODER):
        if one_line and isinstance(value, list):
            value = [(number, item) for number, (_, item) in enumerate(value, start=2)]
        _add_member(raw, key, value, row)
    if not schema.TABLES.keys() & raw.tables.keys() and (way := json_workaround(raw.tables)):
        raise InputError([Problem(path.name, None, None, way)])
    if raw.info is None and not any(p.file == raw.info_file for p in raw.problems):
        message = 'is missing; it needs at least "id" and "title"'
        raw.problems.append(Problem(raw.info_file, None, None, message))
    return raw


class _Constant:
    """NaN or Infinity, which no JSON holds and Python's parser lets pass."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


# Whole numbers as they are written: an id of digits, or a number's text.
_DECODER = decoder(schema.number_text, whole=str, constant=_Constant)


def _add_member(raw: RawNetwork, key: str, value: Any, row: int) -> None:
    """Add one member of the file's object to the raw tables."""
    file = raw.file_of(key)

    def report(message: str) -> None:
        raw.problems.append(Problem(file, row, None, message))
        raw.unread.add(key)

    if key.startswith("_") or value is None:
        return
    if key in raw.tables or (key == _INFO and raw.info is not None):
        report("is there twice; join the two")
    elif key == _INFO:
        if isinstance(value, dict):
            _facts(raw, value, row)
        else:
            report('is no object; write {"id": "...", "title": "..."}')
    elif key not in schema.TABLES:
        raw.tables[key] = RawTable(file, [], [])
    elif not isinstance(value, list):
        report('is no list of rows; write [{"column": value, ...}, ...]')
    else:
        raw.tables[key] = _table(raw, key, value, row)


def _facts(raw: RawNetwork, value: dict[str, Any], row: int) -> None:
    """Take the network's own facts; a number there is its digits."""
    if isinstance(value, RepeatedKey):
        raw.problems.append(Problem(raw.info_file, row, value.key, "is there twice; delete one"))
    raw.info = {key: fact for key, fact in value.items() if fact is not None and key[:1] != "_"}
    raw.info_rows = dict.fromkeys(value, row)


def _table(raw: RawNetwork, name: str, items: list[tuple[int, Any]], row: int) -> RawTable:
    """Return the raw table of a list of objects; a key that an object lacks is a blank."""
    file = raw.file_of(name)
    header: dict[str, None] = {}  # in the order in which the rows bring them up
    objects: list[tuple[int, dict[str, Any]]] = []
    for number, item in items:
        if not isinstance(item, dict):
            message = f'{_short(item)} is no row; write {{"column": value, ...}}'
            raw.problems.append(Problem(file, number, None, message))
            raw.unread.add(name)
            continue
        if isinstance(item, RepeatedKey):
            raw.problems.append(Problem(file, number, item.key, COLUMN_TWICE))
        objects.append((number, item))
        header.update(dict.fromkeys(item))
    names = [column for column in header if not column.startswith("_")]
    names = names or mandatory_columns(schema.TABLES[name])
    if wide := too_wide(len(names)) or too_large(len(names) * len(objects)):
        raw.problems.append(Problem(file, row, None, wide))
        raw.unread.add(name)
        return RawTable(file, mandatory_columns(schema.TABLES[name]), [], row)
    rows = []
    for number, each in objects:
        cells = []
        for column in names:
            value = each.get(column)
            if value is not None and not isinstance(value, str):
                value = _cell(raw, Problem(file, number, column, ""), value)
            cells.append(value or "")
        rows.append((number, cells))
    return RawTable(file, names, rows, row)


def _cell(raw: RawNetwork, place: Problem, value: Any) -> str:
    """Return the text of a list of ids; anything else is no cell."""
    if isinstance(value, list):
        listing = place.column in ("commodities", "source")
        if listing and all(isinstance(v, str) and ";" not in v for v in value):
            return ";".join(value)
        message = f"{_short(value)} is a list; give {'ids in it' if listing else 'one value'}"
    elif isinstance(value, bool):
        message = f"{str(value).lower()} is a truth value; give text in quotes, or a number"
    else:
        message = f"{_short(value)} is no value for a cell; give text in quotes, a number, or null"
    raw.problems.append(Problem(place.file, place.row, place.column, message))
    return _short(value)


def _short(value: object) -> str:
    return "null" if value is None else shown(value, _SHORT)
