"""Writing a network as a folder of CSV tables that reads back equal."""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from flowopt.errors import InputError, Problem, RequestError
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.network.sheet import needed


def write_network(network: Network, folder: str | os.PathLike[str]) -> None:
    """Write a network as a folder of CSV tables and a `network.toml`.

    Blank stands for a default, and columns and tables that say nothing are left out. The folder
    appears whole or not at all.

    Parameters
    ----------
    network
        The network.
    folder
        A folder that is not there yet, or is empty.

    Raises
    ------
    RequestError
        When the folder holds something, or cannot be written.
    InputError
        When a text holds a NUL character, which only a program can bring about.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise RequestError(f"{target} is there already; give a new or an empty folder")
    files = {"network.toml": _toml(network.info)}
    for table, rows in network.tables().items():
        if rows or table in schema.MANDATORY:
            files[f"{table}.csv"] = table_text(schema.TABLES[table], rows)
    write_files(target, {name: _encoded(name, text) for name, text in files.items()})


def write_files(target: Path, data: Mapping[str, bytes]) -> None:
    """Write a folder of files, whole or not at all.

    Parameters
    ----------
    target
        A folder that is not there yet, or is empty.
    data
        What each file holds, by name.

    Raises
    ------
    RequestError
        When the folder holds something, or cannot be written.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise RequestError(f"{target} is there already; give a new or an empty folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            unfinished = fresh / target.name  # an inner folder, with the usual permissions
            unfinished.mkdir()
            for name, content in data.items():
                (unfinished / name).write_bytes(content)
            if target.exists():
                target.rmdir()
            unfinished.rename(target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise RequestError(f"{target} can't be written: {error.strerror or error}") from error


def _encoded(name: str, text: str) -> bytes:
    """Return the bytes of a file, or refuse what a reader would refuse."""
    if "\0" in text:
        raise InputError([Problem(name, None, None, "a text holds a NUL character; delete it")])
    return text.encode()


def _toml(info: schema.Info) -> str:
    """Return the keys that say something; JSON's strings are TOML's but for the delete sign."""
    lines = []
    for each in fields(info):
        value = getattr(info, each.name)
        if value != each.default:
            text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
            lines.append(f"{each.name} = {text}\n")
    return "".join(lines)


def table_text(row: type[schema.Row], rows: tuple[Any, ...], *, every_column: bool = False) -> str:
    """Return a table as CSV.

    Parameters
    ----------
    row, rows
        The row model and the rows.
    every_column
        Whether columns in which no row says anything are kept too.
    """
    known = {each.name: each for each in fields(row)}
    must = set(needed(row))
    cells = {
        name: list(_cells(known[name], rows, must=name in must)) for name in schema.columns(row)
    }
    kept = [n for n, column in cells.items() if every_column or n in must or any(column)]
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(kept)
    writer.writerows(zip(*(cells[name] for name in kept), strict=True))
    return "".join(lines.written)


class _Lines:
    """Takes lines with the longer line end, whose signs are quoted in cells; keeps the shorter."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, line: str) -> None:
        """Take a line."""
        self.written.append(line.removesuffix("\r\n") + "\n")


def _cells(column: Field[Any], rows: tuple[Any, ...], *, must: bool) -> Iterator[str]:
    """Yield a column's cells as text, blank where the value is the default."""
    for row in rows:
        value = getattr(row, column.name)
        if value == column.default and not must:
            yield ""
        elif isinstance(value, tuple):
            yield ";".join(value)
        elif isinstance(value, float):
            yield schema.number_text(value)
        else:
            yield value
