"""Writing a network: as a folder of CSV tables, or as one file; it reads back equal."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from flowopt.errors import InputError, Problem
from flowopt.network import schema
from flowopt.network.checks.table_rows import needed
from flowopt.network.files.datapackage import descriptor
from flowopt.network.files.destination import DESCRIPTOR, FACTS, check_place, put
from flowopt.network.formats import written_as
from flowopt.network.network import Network


def write_network(network: Network, path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write a network as a folder, a workbook or a JSON file, told by the end of the name.

    A folder gets a CSV file per table and a `network.toml`. Blank stands for a default, and in a
    folder columns and tables that say nothing are left out. What is written appears whole or not
    at all.

    Parameters
    ----------
    network
        The network.
    path
        A file that is not there yet (``.xlsx``, ``.json``), or a folder that is not there yet or
        is empty.
    force
        Whether a file, or a folder with a network, may be replaced. What else such a folder holds,
        a README say, stays.

    Raises
    ------
    RequestError
        When something is there already, the place cannot be written, the suffix is unknown, or
        the extra `excel` is missing.
    InputError
        When a text is more than the format can hold: a NUL character, or in a workbook more than
        32,767 characters.
    """
    target = Path(path)
    found = written_as(target)
    assert found.encode is not None  # as `written_as` promises
    check_place(target, folder=not found.suffixes, force=force)
    put(target, found.encode(network), force=force)


def folder_files(network: Network) -> Mapping[str, bytes]:
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
