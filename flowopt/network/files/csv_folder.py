"""Folder of a network: a CSV file per table, `network.toml`, and a data package descriptor."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flowopt.errors import InputError, Problem
from flowopt.network import schema
from flowopt.network.files.datapackage import descriptor
from flowopt.network.files.text import TOO_DEEP, utf8_text
from flowopt.network.raw_tables import RawNetwork, RawTable, mandatory_columns, too_large
from flowopt.network.tables import Tables
from flowopt.plain_text import cut, shown

DESCRIPTOR = "datapackage.json"
FACTS = "network.toml"
_MOST_TOML = 2**20  # bytes
_LONGEST_CELL = 131_072  # what Python's csv reads unless told otherwise
_TOO_LONG = (
    f"a cell has more than {_LONGEST_CELL:,} signs, the most that is read; close the double quote "
    "that swallows the rows after it, or shorten the cell"
)
# A key of many parts, for which the parser of the standard library takes quadratic time.
_DEEP_KEY = re.compile(r"(?<![\w-])(?:(?:[\w-]++|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){20}")


# -- reading --------------------------------------------------------------------------------------


def parse_folder(folder: Path) -> RawNetwork:
    """Parse a folder of CSV tables and `network.toml`; other files are left alone."""
    raw = RawNetwork()
    files = sorted(folder.iterdir())
    for path in files:
        if path.suffix.lower() != ".csv" or path.name.startswith((".", "~$")):
            continue
        try:
            if path.suffix != ".csv":
                message = "is left out of the network by its name; end it in .csv or move it away"
                raise InputError([Problem(path.name, None, None, message)])
            known = path.stem in schema.TABLES
            raw.tables[path.stem] = csv_table(path) if known else RawTable(path.name, [], [])
        except InputError as error:
            raw.unread.add(path.stem)
            raw.problems.extend(error.problems)
    facts = folder / FACTS
    if facts not in files:
        message = 'is missing; it needs at least id = "..." and title = "..."'
        raw.problems.append(Problem(facts.name, None, None, message))
        return raw
    try:
        raw.info, raw.info_rows = facts_of(facts)
    except InputError as error:
        raw.problems.extend(error.problems)
    return raw


def csv_table(path: Path) -> RawTable:
    """Parse a CSV file; rows are numbered by the line on which they start.

    Raises
    ------
    InputError
        When the file is no text, its double quotes do not match, or it is too large.
    """
    text = utf8_text(path)
    rows = _csv_rows(path.name, text)
    if re.search(r",[ \t]+\"", text):
        for row, cells in rows:
            if any(cell.lstrip(" \t").startswith('"') and cell[0] in " \t" for cell in cells):
                message = "a blank stands before a double quote; delete the blank"
                raise InputError([Problem(path.name, row, None, message)])
    blank = 0
    while blank < len(rows) and not any(map(str.strip, rows[blank][1])):
        blank += 1
    if blank == len(rows):
        return RawTable(path.name, [], [])
    (header_row, header), *rest = rows[blank:]
    if header[0].strip().casefold().startswith("sep="):
        mark = ",".join(header).strip()
        message = f"{shown(mark)} is a line for one spreadsheet alone; delete it"
        raise InputError([Problem(path.name, header_row, None, message)])
    return RawTable(path.name, header, rest, header_row)


def _csv_rows(file: str, text: str) -> list[tuple[int, list[str]]]:
    """Return the cells of each line of a CSV text that has any, with the line's number."""
    if (plain := _plain_rows(text)) is not None:
        return plain
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    start, count = 1, 0
    try:
        for cells in reader:
            if cells:
                # The module's own limit is one for the whole process, and others may lift it.
                if max(map(len, cells)) > _LONGEST_CELL:
                    raise InputError([Problem(file, start, None, _TOO_LONG)])
                rows.append((start, cells))
                count += len(cells)
            if large := too_large(count):
                raise InputError([Problem(file, start, None, large)])
            start = reader.line_num + 1
    except csv.Error as error:
        message = f"the double quotes do not match ({error}); write a quote inside a cell twice"
        if "field limit" in str(error):
            message = _TOO_LONG
        raise InputError([Problem(file, start, None, message)]) from error
    return rows


def _plain_rows(text: str) -> list[tuple[int, list[str]]] | None:
    """Return what `_csv_rows` does, at once; None where cells span lines or too much is there."""
    if '"' in text or too_large(text.count(",") + text.count("\n") + text.count("\r") + 1):
        return None
    lines = io.StringIO(text, newline="").readlines()
    if max(map(len, lines), default=0) > _LONGEST_CELL:
        return None
    try:
        rows = enumerate(csv.reader(lines, strict=True), start=1)
        return [(number, cells) for number, cells in rows if cells]
    except csv.Error:
        return None


def facts_of(path: Path) -> tuple[dict[str, object], dict[str, int]]:
    """Return the keys of `network.toml` and the row of each.

    Raises
    ------
    InputError
        When it can't be read.
    """
    text = utf8_text(path, _MOST_TOML)
    if deep := _DEEP_KEY.search(text):
        row = text.count("\n", 0, deep.start()) + 1
        raise InputError([Problem(path.name, row, None, TOO_DEEP)])
    try:
        keys: dict[str, object] = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError([_no_toml(path.name, text, error)]) from error
    rows: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if found := re.match(r"[ \t]*+\[*+[ \t]*+[\"']?([\w-]+)", line):
            rows.setdefault(found[1], number)
    return keys, rows


def _no_toml(file: str, text: str, error: Exception) -> Problem:
    """Return the problem that the parser of TOML found, in the words of the format."""
    row = None
    if place := re.search(r" \(at line (\d+), column (\d+)\)", str(error)):
        row = int(place[1])
        reason = str(error).replace(place[0], f" at character {place[2]}")
    elif isinstance(error, RecursionError):
        return Problem(file, None, None, TOO_DEEP)
    elif long := re.search(r"\d{400}", text):
        row = text.count("\n", 0, long.start()) + 1
        message = f"{cut(long[0], 24)} has too many digits; write text in quotes"
        return Problem(file, row, None, message)
    else:
        reason = str(error)
    return Problem(file, row, None, f'is no TOML: {reason}; lines read key = "text"')


# -- writing --------------------------------------------------------------------------------------


def folder_files(network: Tables) -> Mapping[str, bytes]:
    """Return the files of a network's folder, with their descriptor, by name."""
    files = {FACTS: _toml(network.info)}
    columns = {}
    for table, rows in network.tables().items():
        if rows or table in schema.MANDATORY:
            text = table_text(schema.TABLES[table], rows)
            files[f"{table}.csv"] = text
            columns[table] = text.partition("\n")[0].split(",")  # no name needs quotes
    files[DESCRIPTOR] = (
        f"{json.dumps(descriptor(network, columns), ensure_ascii=False, indent=1)}\n"
    )
    return {name: _encoded(name, text) for name, text in files.items()}


def _encoded(name: str, text: str) -> bytes:
    """Return the bytes of a file, or refuse a text that no reader takes."""
    if "\0" in text:
        raise InputError([Problem(name, None, None, "a text holds a NUL character; delete it")])
    return text.encode()


def _toml(info: schema.Info) -> str:
    """Return the keys that are no default; JSON's strings are TOML's but for the delete sign."""
    lines = []
    for key, default in schema.defaults(schema.Info).items():
        value = getattr(info, key)
        if value != default:
            text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
            lines.append(f"{key} = {text}\n")
    return "".join(lines)


def table_text(row: type[schema.Row], rows: tuple[Any, ...], *, every_column: bool = False) -> str:
    """Return a table as CSV.

    Parameters
    ----------
    row, rows
        The row model and the rows.
    every_column
        Keep columns that are blank in every row too.
    """
    blanks = schema.defaults(row)
    must = set(mandatory_columns(row))
    cells = {name: list(_cells(name, blanks[name], rows)) for name in schema.columns(row)}
    kept = [n for n, column in cells.items() if every_column or n in must or any(column)]
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(kept)
    writer.writerows(zip(*(cells[name] for name in kept), strict=True))
    return "".join(lines.written)


class _Lines:
    """Lines with the shorter end; written with the longer, both of whose signs cells quote."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, line: str) -> None:
        """Keep a line."""
        self.written.append(line.removesuffix("\r\n") + "\n")


def _cells(column: str, default: object, rows: tuple[Any, ...]) -> Iterator[str]:
    """Yield a column's cells as text, blank where the value is the default."""
    for row in rows:
        value = getattr(row, column)
        if value == default:
            yield ""
        elif isinstance(value, tuple):
            yield ";".join(value)
        elif isinstance(value, float):
            yield schema.number_text(value)
        else:
            yield value
