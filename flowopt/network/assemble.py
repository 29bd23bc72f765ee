"""From raw tables of text to a checked network, whatever kind of file the text came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from flowopt.errors import InputError, Problem
from flowopt.network import schema
from flowopt.network.checks.cell_messages import fault
from flowopt.network.checks.draft import Draft, closest
from flowopt.network.checks.table_rows import RawTable, Sheet, adapter, needed
from flowopt.network.checks.validation import find_errors, with_warnings
from flowopt.network.network import Network


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
    called : callable
        What messages call a table, from its name.
    odd : list of Problem
        What is odd but not wrong.
    """

    tables: dict[str, RawTable] = field(default_factory=dict)
    info: Mapping[str, object] | None = None
    info_rows: dict[str, int] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    info_file: str = "network.toml"
    called: Callable[[str], str] = "{}.csv".format
    odd: list[Problem] = field(default_factory=list)


def assemble(raw: RawNetwork, *, spend: bool = False) -> Network:
    """Return the checked network that raw tables describe.

    Parameters
    ----------
    raw
        The tables.
    spend
        Whether their rows may be dropped on the way: the text of a million is a gigabyte.

    Raises
    ------
    InputError
        With everything that is wrong in any table, sorted by place.
    """
    name_problems, meant = _misnamed(raw)
    info, info_problems = _info(raw)
    problems = [*name_problems, *info_problems]
    unread = {table for table in schema.MANDATORY if table not in raw.tables} | meant | raw.unread
    tables: dict[str, list[Any]] = {table: [] for table in schema.TABLES}
    numbers: dict[str, list[int]] = {}
    files = {table: raw.called(table) for table in schema.TABLES}
    odd = list(raw.odd)
    for table, row in schema.TABLES.items():
        if table in raw.tables:
            sheet = Sheet(row, raw.tables[table])
            if spend:
                raw.tables[table].rows.clear()
            tables[table], numbers[table] = sheet.rows, sheet.numbers
            problems += sheet.problems
            odd += sheet.odd
            if sheet.missing & set(row.key[:1]) or sheet.cut_short:
                unread.add(table)
    draft = Draft(tables, numbers, files, unread)
    problems += find_errors(draft)
    told = {problem.place for problem in raw.problems if problem.column}
    problems = [*raw.problems, *(each for each in problems if each.place not in told)]
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
            problems.append(Problem(raw.called(name), None, None, what))
    return problems, meant


def info_of(raw: RawNetwork) -> schema.Info:
    """Return the network's own facts alone.

    Raises
    ------
    InputError
        With everything that is wrong with them.
    """
    info, problems = _info(raw)
    if problems or info is None:
        raise InputError(problems)
    return info


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
