"""Assembly of a checked network from raw tables, whatever kind of file they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flowopt.errors import InputError, Problem
from flowopt.network import schema
from flowopt.network.checks.cell_messages import cell_message
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.table_rows import TableParser
from flowopt.network.checks.validation import find_errors, with_warnings
from flowopt.network.raw_tables import RawNetwork, mandatory_columns
from flowopt.network.row_parser import parsed
from flowopt.network.tables import TablesT
from flowopt.similar_names import closest


def assemble(raw: RawNetwork, kind: type[TablesT], *, spend: bool = False) -> TablesT:
    """Return the checked network that raw tables describe.

    Parameters
    ----------
    raw
        The tables.
    kind
        The class of the network.
    spend
        Drop their rows on the way: the text of a million is a gigabyte.

    Raises
    ------
    InputError
        With the errors of all tables, sorted by place.
    """
    name_problems, meant = _misnamed(raw)
    info, info_problems = _info(raw)
    problems = [*name_problems, *info_problems]
    unread = {table for table in schema.MANDATORY if table not in raw.tables} | meant | raw.unread
    tables: dict[str, list[Any]] = {table: [] for table in schema.TABLES}
    numbers: dict[str, list[int]] = {}
    files = {table: raw.file_of(table) for table in schema.TABLES}
    oddities = list(raw.warnings)
    for table, row in schema.TABLES.items():
        if table in raw.tables:
            parser = TableParser(row, raw.tables[table])
            if spend:
                raw.tables[table].rows.clear()
            tables[table], numbers[table] = parser.rows, parser.numbers
            problems += parser.problems
            oddities += parser.warnings
            if parser.missing & set(row.key[:1]) or parser.truncated:
                unread.add(table)
    draft = Draft(tables, numbers, files, unread)
    problems += find_errors(draft)
    reported = {problem.place for problem in raw.problems if problem.column}
    problems = [*raw.problems, *(each for each in problems if each.place not in reported)]
    if problems or info is None:
        raise InputError(problems)
    network = kind(info, **{table: tuple(rows) for table, rows in tables.items()})
    return with_warnings(network, draft, oddities)


def _misnamed(raw: RawNetwork) -> tuple[list[Problem], set[str]]:
    """Return the problems of the tables' names, and the tables that are probably meant."""
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
            message = f"is no table of the format; {hint}"
            problems.append(Problem(table.file, None, None, message))
    for name in schema.MANDATORY:
        if name not in {*raw.tables, *raw.unread, *meant}:
            names = ", ".join(mandatory_columns(schema.TABLES[name]))
            message = f"is missing; it needs at least the columns {names} and one row"
            problems.append(Problem(raw.file_of(name), None, None, message))
    return problems, meant


def given_facts(info: object) -> dict[str, Any]:
    """Return the keys of `network.toml` that a program gives; None is a key left out."""
    if isinstance(info, schema.Info):
        info = asdict(info)
    if not isinstance(info, Mapping):
        message = f"a {type(info).__name__} stands where a mapping with id and title belongs"
        raise InputError([Problem("network.toml", None, None, message)])
    return {str(key): value for key, value in info.items() if value is not None}


def info_of(raw: RawNetwork) -> schema.Info:
    """Return the network's own facts alone.

    Raises
    ------
    InputError
        With all their errors.
    """
    info, problems = _info(raw)
    if problems or info is None:
        raise InputError(problems)
    return info


def _info(raw: RawNetwork) -> tuple[schema.Info | None, list[Problem]]:
    """Return the network's own facts, and their problems."""
    if raw.info is None:
        return None, []
    known = schema.columns(schema.Info)
    problems = []
    for key in raw.info:
        if key not in known:
            near = closest(key, known)
            hint = f"did you mean {near!r}?" if near else f"the keys are {', '.join(known)}"
            message = f"is no key of the format; {hint}"
            problems.append(Problem(raw.info_file, raw.info_rows.get(key), key, message))
    given = {key: value for key, value in raw.info.items() if key in known}
    given = {key: v for key, v in given.items() if not isinstance(v, str) or v.strip()}
    info, faults = parsed(schema.Info, given)
    for key, fault in faults.items():
        message = cell_message(schema.Info, key, given.get(key), fault)
        problems.append(Problem(raw.info_file, raw.info_rows.get(key), key, message))
    return info, problems
