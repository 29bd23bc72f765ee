"""Checks of ids and references: ids are unique and fit for lists, references known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress
from operator import attrgetter

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.checks.draft import Draft, StandIn, id_column


def reference_errors(draft: Draft) -> Iterator[Problem]:
    """Yield errors in the ids of all tables and in the references to them."""
    for table in schema.MANDATORY:
        if not draft.tables[table] and table not in draft.unread:
            yield draft.problem(table, None, None, "has no rows; at least one is needed")
    for table, row in schema.TABLES.items():
        yield from _repeated(draft, table, row)
        yield from _with_separator(draft, table, row)
        yield from _unknown(draft, table, row)
    yield from _listed_twice(draft)


def _repeated(draft: Draft, table: str, row: type[schema.Row]) -> Iterator[Problem]:
    """Yield rows whose key an earlier row has already."""
    if not row.key:
        return
    needed = [not schema.columns(row)[column].blank for column in row.key]
    keys: list[object] = list(map(attrgetter(*row.key), draft.tables[table]))
    if len(set(keys)) == len(keys):
        return
    first: dict[object, int] = {}
    for index, key in enumerate(keys):
        earlier = first.setdefault(key, index)
        values = key if isinstance(key, tuple) else (key,)
        if earlier == index or not all(compress(values, needed)):
            continue
        place = draft.place(table, earlier, table)
        if len(values) == 1:
            message = f"{key!r} is already the id of {place}; ids are unique, rename or delete one"
            yield draft.problem(table, index, row.key[0], message)
        else:
            pairs = ", ".join(f"{c} {v!r}" for c, v in zip(row.key, values, strict=True) if v)
            message = f"{pairs}: already in {place}; keep one of the two rows"
            yield draft.problem(table, index, None, message)


def _with_separator(draft: Draft, table: str, row: type[schema.Row]) -> Iterator[Problem]:
    """Yield ids that could not stand in a list, because `;` separates lists."""
    for column in (id_column(row), "pool" if "pool" in schema.columns(row) else None):
        if column is None:
            continue
        seen = set()  # the rows of a pool repeat its id
        for index, each in enumerate(draft.tables[table]):
            name = getattr(each, column)
            if ";" in name and name not in seen:
                seen.add(name)
                message = f"{name!r} contains ';', which separates the ids of a list; rename it"
                yield draft.problem(table, index, column, message)


def _unknown(draft: Draft, table: str, row: type[schema.Row]) -> Iterator[Problem]:
    """Yield references to ids that stand in no table."""
    for column, about in schema.columns(row).items():
        if not about.refers or (table, column) == ("reforms", "target"):
            continue  # a reform's target may be a glob: `rules.reform_errors` checks it
        if about.refers in ("scenarios", "periods") and not draft.tables[about.refers]:
            continue  # `change_rows` and `time_rows` have a line for all of them
        known = draft.ids(about.refers)
        if known is None:
            continue
        for index, each in enumerate(draft.tables[table]):
            value = getattr(each, column)
            for name in value if isinstance(value, tuple) else (value,):
                if name in known or not name or _may_be_shifted(each):
                    continue
                noun = schema.TABLES[about.refers].key[0]
                hint = draft.hint(name, known, "correct it or add it there")
                message = f"{name!r} is no {noun} of {draft.file(about.refers)}; {hint}"
                yield draft.problem(table, index, column, message)


def _may_be_shifted(row: object) -> bool:
    return isinstance(row, StandIn) and row.ragged


def _listed_twice(draft: Draft) -> Iterator[Problem]:
    """Yield arcs that list a commodity twice."""
    for index, arc in enumerate(draft.tables["arcs"]):
        if len(arc.commodities) > 1 and len(set(arc.commodities)) < len(arc.commodities):
            twice = next(c for c in arc.commodities if arc.commodities.count(c) > 1)
            message = f"{twice!r} is listed more than once; list each commodity once"
            yield draft.problem("arcs", index, "commodities", message)
