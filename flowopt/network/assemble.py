"""From raw tables of text to a checked network, whatever kind of file the text came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from flowopt.errors import InputError, Problem
from flowopt.network import schema
from flowopt.network.cells import fault
from flowopt.network.check import find_errors, with_warnings
from flowopt.network.draft import Draft, closest
from flowopt.network.network import Network
from flowopt.network.sheet import RawTable, Sheet, adapter, needed


@dataclass(slots=True)
class RawNetwork:
    """What a parser found: raw tables by name, and what it could not read.

    Attributes
    ----------
    tables : dict
        Raw tables by name, unknown names included.
    info : mapping or None
        The keys of `network.toml`; None if there are none to judge.
    info_rows : dict
        Row of each key, where known.
    unread : set of str
        Tables that are there but could not be parsed, as `problems` tells.
    problems : list of Problem
        What went wrong so far.
    info_file : str
        What messages call the place of `info`.
    """

    tables: dict[str, RawTable] = field(default_factory=dict)
    info: Mapping[str, object] | None = None
    info_rows: dict[str, int] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    info_file: str = "network.toml"


def assemble(raw: RawNetwork) -> Network:
    """Return the checked network that raw tables describe.

    Raises
    ------
    InputError
        With everything that is wrong in any table, sorted by place.
    """
    name_problems, meant = _misnamed(raw)
    info, info_problems = _info(raw)
    problems = [*raw.problems, *name_problems, *info_problems]
    unread = {table for table in schema.MANDATORY if table not in raw.tables} | meant | raw.unread
    tables: dict[str, list[Any]] = {table: [] for table in schema.TABLES}
    numbers: dict[str, list[int]] = {}
    files: dict[str, str] = {}
    odd: list[Problem] = []
    for table, row in schema.TABLES.items():
        if table in raw.tables:
            sheet = Sheet(row, raw.tables[table])
            tables[table], numbers[table], files[table] = sheet.rows, sheet.numbers, sheet.raw.file
            problems += sheet.problems
            odd += sheet.odd
            if sheet.missing & set(row.key[:1]):
                unread.add(table)
    draft = Draft(tables, numbers, files, unread)
    problems += find_errors(draft)
    if problems or info is None:
        raise InputError(problems)
    network = Network(info, **{table: tuple(rows) for table, rows in tables.items()})
    return with_warnings(network, draft, odd)


def _misnamed(raw: RawNetwork) -> tuple[list[Problem], set[str]]:
    """Return what is wrong with the names of the tables, and which tables are meant by them."""
    problems: list[Problem] = []
    meant: set[str] = set()
    for name, table in raw.tables.items():
        if name not in schema.TABLES:
            near = closest(name, schema.TABLES.keys() - raw.tables.keys())
            if near:
                meant.add(near)
                hint = f"did you mean {table.file.replace(name, near)!r}?"
            else:
                hint = f"the tables are {', '.join(schema.TABLES)}; rename it or move it away"
            what = f"is no table of the format; {hint}"
            problems.append(Problem(table.file, None, None, what))
    for name in schema.MANDATORY:
        if name not in {*raw.tables, *raw.unread, *meant}:
            names = ", ".join(needed(schema.TABLES[name]))
            what = f"is missing; it needs at least the columns {names} and one row"
            problems.append(Problem(f"{name}.csv", None, None, what))
    return problems, meant


def _info(raw: RawNetwork) -> tuple[schema.Info | None, list[Problem]]:
    """Return the network's own facts, and what is wrong with them."""
    if raw.info is None:
        return None, []
    known = schema.columns(schema.Info)
    problems = []
    for key in raw.info:
        if key not in known:
            near = closest(key, known)
            hint = f"did you mean {near!r}?" if near else f"the keys are {', '.join(known)}"
            what = f"is no key of the format; {hint}"
            problems.append(Problem(raw.info_file, raw.info_rows.get(key), key, what))
    given = {key: value for key, value in raw.info.items() if key in known}
    given = {key: v for key, v in given.items() if not isinstance(v, str) or v.strip()}
    try:
        return adapter(schema.Info).validate_python(given), problems
    except ValidationError as error:
        for each in error.errors(include_url=False):
            key = str(each["loc"][0])
            what = fault(schema.Info, key, given.get(key), each)
            problems.append(Problem(raw.info_file, raw.info_rows.get(key), key, what))
    return None, problems
