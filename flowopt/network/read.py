"""Reading a network: parse the files into raw tables, then assemble and check them."""

from __future__ import annotations

import csv
import io
import os
import re
import tomllib
from pathlib import Path

from flowopt.errors import InputError, Problem
from flowopt.garbage import no_collection
from flowopt.network import schema
from flowopt.network.assemble import RawNetwork, assemble
from flowopt.network.checks.table_rows import RawTable, too_large
from flowopt.network.files.unsupported import way_round
from flowopt.network.formats import format_of, readable
from flowopt.network.network import Network
from flowopt.plain_text import cut, shown
from flowopt.reading import MOST_BYTES, input_bytes

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MOST_TOML = 2**20  # bytes
_LONGEST_CELL = 131_072  # what Python's csv reads unless told otherwise
_TOO_LONG = (
    f"a cell has more than {_LONGEST_CELL:,} signs, the most that is read; close the double quote "
    "that swallows the rows after it, or shorten the cell"
)
# A key of many parts, for which the parser of the standard library takes quadratic time.
_DEEP_KEY = re.compile(r"(?<![\w-])(?:(?:[\w-]++|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){20}")
_TOO_DEEP = "is nested too deeply for a network"


def read_network(path: str | os.PathLike[str]) -> Network:
    """Read a network and check it.

    Parameters
    ----------
    path
        A folder of CSV tables with a `network.toml`, or one file: a workbook (``.xlsx``, which
        needs the extra `excel`) or ``.json``.

    Returns
    -------
    Network
        With what looks odd in `warnings`.

    Raises
    ------
    InputError
        With everything that is wrong in the files, each with its file (or sheet) and row.
    """
    with no_collection():
        return assemble(_parsed(Path(path)), spend=True)


def _parsed(path: Path) -> RawNetwork:
    """Return the raw tables, by the kind of file."""
    try:
        if path.is_dir():
            return _folder(path)
        there = path.exists()
        found = format_of(path)
        if there and found is not None and found.parse is not None:
            return found.parse(path)
    except RecursionError as error:
        raise InputError([Problem(path.name, None, None, _TOO_DEEP)]) from error
    except OSError as error:
        raise InputError([_unreadable(path, error)]) from error
    if not there:
        what = "there is no such folder or file"
    elif path.name == "network.toml" or (path.name[:-4] in schema.TABLES and path.suffix == ".csv"):
        what = "is one file of a network; give the folder it stands in"
    elif way := way_round(path):
        what = way
    else:
        what = f"is no network; give {readable()}"
    raise InputError([Problem(str(path), None, None, what)])


def _folder(folder: Path) -> RawNetwork:
    """Parse a folder of CSV tables and `network.toml`; other files are left alone."""
    raw = RawNetwork()
    files = sorted(folder.iterdir())
    names = {path.name for path in files}
    if {"node.csv", "link.csv"} <= names and "network.toml" not in names:
        what = (
            "is a GMNS network; make it one of flowopt's: flowopt convert FOLDER DST --source ID "
            "--sink ID"
        )
        raise InputError([Problem(str(folder), None, None, what)])
    for path in files:
        if path.suffix.lower() != ".csv" or path.name.startswith((".", "~$")):
            continue
        try:
            if path.suffix != ".csv":
                what = "is left out of the network by its name; end it in .csv or move it away"
                raise InputError([Problem(path.name, None, None, what)])
            known = path.stem in schema.TABLES
            raw.tables[path.stem] = csv_table(path) if known else RawTable(path.name, [], [])
        except InputError as error:
            raw.unread.add(path.stem)
            raw.problems.extend(error.problems)
    facts = folder / "network.toml"
    if facts not in files:
        what = 'is missing; it needs at least id = "..." and title = "..."'
        raw.problems.append(Problem(facts.name, None, None, what))
        return raw
    try:
        raw.info, raw.info_rows = facts_of(facts)
    except InputError as error:
        raw.problems.extend(error.problems)
    return raw


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(path.name, None, None, f"cannot be read: {error.strerror or error}")


def text_of(path: Path, most: int = MOST_BYTES) -> str:
    """Return the text of a UTF-8 file of at most so many bytes.

    Raises
    ------
    InputError
        When it is no regular file, can't be read, is no UTF-8, or holds a NUL character.
    """
    try:
        data = input_bytes(path, most).removeprefix(_BYTE_ORDER_MARK)
    except OSError as error:
        raise InputError([_unreadable(path, error)]) from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError([Problem(path.name, None, None, "is UTF-16; save it as UTF-8")])
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        byte = data[error.start : error.start + 1]
        char = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        guess = byte.decode("cp1252", "ignore")
        what = (
            f"byte 0x{byte.hex().upper()} at character {char} is not UTF-8"
            + (f" ({guess!r} in Windows-1252)" if guess else "")
            + "; save the file as UTF-8"
        )
        row = before.count(b"\n") + 1
        raise InputError([Problem(path.name, row, None, what)]) from error
    if (nul := text.find("\0")) >= 0:
        what = "has a NUL character, which no text file has; save it again as CSV in UTF-8"
        raise InputError([Problem(path.name, text.count("\n", 0, nul) + 1, None, what)])
    return text


def csv_table(path: Path) -> RawTable:
    """Parse a CSV file; rows are numbered by the line on which they start.

    Raises
    ------
    InputError
        When the file is no text, its double quotes do not match, or it is too large.
    """
    text = text_of(path)
    rows = _csv_rows(path.name, text)
    if re.search(r",[ \t]+\"", text):
        for row, cells in rows:
            if any(cell.lstrip(" \t").startswith('"') and cell[0] in " \t" for cell in cells):
                what = "a blank stands before a double quote; delete the blank"
                raise InputError([Problem(path.name, row, None, what)])
    blank = 0
    while blank < len(rows) and not any(map(str.strip, rows[blank][1])):
        blank += 1
    if blank == len(rows):
        return RawTable(path.name, [], [])
    (header_row, header), *rest = rows[blank:]
    if header[0].strip().casefold().startswith("sep="):
        mark = ",".join(header).strip()
        what = f"{shown(mark)} is a line for one spreadsheet alone; delete it"
        raise InputError([Problem(path.name, header_row, None, what)])
    return RawTable(path.name, header, rest, header_row)


def _csv_rows(file: str, text: str) -> list[tuple[int, list[str]]]:
    """Return the cells of each line of a CSV text that has any, with the line's number."""
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
        what = f"the double quotes do not match ({error}); write a quote inside a cell twice"
        if "field limit" in str(error):
            what = _TOO_LONG
        raise InputError([Problem(file, start, None, what)]) from error
    return rows


def facts_of(path: Path) -> tuple[dict[str, object], dict[str, int]]:
    """Return the keys of `network.toml` and the row of each.

    Raises
    ------
    InputError
        When it can't be read.
    """
    text = text_of(path, _MOST_TOML)
    if deep := _DEEP_KEY.search(text):
        row = text.count("\n", 0, deep.start()) + 1
        raise InputError([Problem(path.name, row, None, _TOO_DEEP)])
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
    """Return what the parser found wrong, in the words of the format."""
    row = None
    if place := re.search(r" \(at line (\d+), column (\d+)\)", str(error)):
        row = int(place[1])
        said = str(error).replace(place[0], f" at character {place[2]}")
    elif isinstance(error, RecursionError):
        return Problem(file, None, None, _TOO_DEEP)
    elif long := re.search(r"\d{400}", text):
        row = text.count("\n", 0, long.start()) + 1
        what = f"{cut(long[0], 24)} has too many digits; write text in quotes"
        return Problem(file, row, None, what)
    else:
        said = str(error)
    return Problem(file, row, None, f'is no TOML: {said}; lines read key = "text"')
