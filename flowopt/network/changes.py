"""Changes of a network's rows: other values, by table, key and column.

    {("supplies", "VRAEM", "leaf"): {"capacity": 1234.0}, ("arcs", "a17"): {"cost": 2.5}}

A row is named as the files do, by its table and the columns that are its key. Effects, which have
none, are named by their measure, which is all its rows, or more narrowly by measure, `on`, target
and commodity: ``("effects", "m1", "arc", "a17")``. Rows of a pool share one capacity: it is set at
the pool, ``("pools", "ports")``.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Iterator, Mapping
from numbers import Real
from typing import Any

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.network.checks.cell_messages import cell_message
from flowopt.network.checks.validation import checked
from flowopt.network.column_types import column_types
from flowopt.network.columns import CellFault
from flowopt.network.row_parser import parsed
from flowopt.network.tables import Tables, TablesT
from flowopt.plain_text import shown
from flowopt.similar_names import closest

Key = tuple[str, ...]
Changes = Mapping[Key, Mapping[str, object]]

POOLS = "pools"
_EFFECT = ("measure", "on", "target", "commodity")
_NAMELESS = {(table,) for table, row in schema.TABLES.items() if not row.key} - {("effects",)}
_POOLED = {"sites": "capacity", "demands": "quantity"}  # the column that a pool's rows share


def changed(network: TablesT, changes: Changes) -> TablesT:
    """Return the network with other values in some rows, checked like a file.

    Parameters
    ----------
    network
        The network, which stays as it is.
    changes
        Values by column, by (table, key...). None is a blank.

    Raises
    ------
    RequestError
        With every fault of the changes.
    InputError
        When the network breaks the format with them.
    """
    change = _Change(network)
    for row, columns in changes.items():
        change.add(row, columns)
    if change.messages:
        raise RequestError("\n".join(change.messages))
    tables: dict[str, Any] = change.tables()
    info = network.info.of_itself() if tables else network.info
    return checked(dataclasses.replace(network, info=info, warnings=(), **tables))


def row_fault(keys: Mapping[str, Collection[Key]], row: object) -> str:
    """Return the fault of the name of a row, "" for none.

    Parameters
    ----------
    keys
        Keys of the rows that can be changed, by table.
    row
        The name, which should be (table, key...).
    """
    if not (isinstance(row, tuple) and row and isinstance(row[0], str) and row[0] in keys):
        return f"change of {shown(row)}: give (table, key...), the table one of {', '.join(keys)}"
    table, key = row[0], row[1:]
    if key in keys[table]:
        return ""
    known = {"/".join(each): each for each in keys[table]}
    near = closest("/".join(map(str, key)), known)
    hint = f"; did you mean {(table, *known[near])!r}?" if near else ""
    return f"change of {shown(row)}: {table} has no such row{hint}"


def pool_fault(pool: str) -> str:
    """Return the fault of a change of what the rows of a pool share."""
    return f"the row shares the capacity of its pool; change {(POOLS, pool)!r} instead"


def named_rows(network: Tables) -> dict[str, dict[Key, list[tuple[str, int]]]]:
    """Return the rows that each name stands for, as (table, index), by table and key."""
    found: dict[str, dict[Key, list[tuple[str, int]]]] = {}
    pools: dict[Key, list[tuple[str, int]]] = {}
    for table, rows in network.tables().items():
        if (table,) in _NAMELESS:
            continue
        names = found.setdefault(table, {})
        for index, row in enumerate(rows):
            for name in _names(row):
                names.setdefault(name, []).append((table, index))
            if table in _POOLED and row.pool:
                pools.setdefault((row.pool,), []).append((table, index))
    return {**found, POOLS: pools}


def _names(row: schema.Row) -> list[Key]:
    """Return the keys that a row is named by."""
    if not isinstance(row, schema.Effect):
        return [tuple(getattr(row, name) for name in row.key)]
    key = tuple(getattr(row, name) for name in _EFFECT)
    return [key[:length] for length in range(1, len(key) + 1)]


class _Change:
    """Changes while they are collected, with their faults."""

    def __init__(self, network: Tables) -> None:
        self.messages: list[str] = []
        self._network = network
        self._rows = named_rows(network)
        self._new: dict[str, dict[int, Any]] = {}

    def tables(self) -> dict[str, tuple[Any, ...]]:
        """Return the tables that are changed."""
        return {
            table: tuple(new.get(i, row) for i, row in enumerate(getattr(self._network, table)))
            for table, new in self._new.items()
        }

    def add(self, row: object, columns: object) -> None:
        """Add the change of one row, or of a pool."""
        fault = row_fault(self._rows, row)
        if fault and isinstance(row, tuple) and row[:1] in _NAMELESS:
            fault = (
                f"change of {shown(row)}: rows of {row[0]} have no key; use replace({row[0]}=...)"
            )
        if not fault and not isinstance(columns, Mapping):
            fault = f"change of {shown(row)}: give the columns by name, as {{'cost': 2.5}}"
        if fault or not isinstance(row, tuple) or not isinstance(columns, Mapping):
            self.messages.append(fault)
            return
        pooled = row[0] == POOLS
        if pooled and set(columns) - {"capacity"}:
            self._report(row, "of a pool, the capacity alone can be changed")
        if pooled and set(columns) != {"capacity"}:
            return
        for table, place in self._rows[row[0]][row[1:]]:
            given = {_POOLED[table]: columns["capacity"]} if pooled else columns
            faults = [] if pooled else list(self._faults(table, place, columns))
            before = len(self.messages)
            self._add_row(row, table, place, given, faults)
            if len(self.messages) > before:  # each of the rows would have the same
                return

    def _faults(self, table: str, place: int, columns: Mapping[object, object]) -> Iterator[str]:
        """Yield the faults of the names of columns."""
        model = schema.TABLES[table]
        known = schema.columns(model)
        for name in columns:
            if name not in known:
                near = closest(str(name), known)
                hint = f"did you mean {near!r}?" if near else f"they are {', '.join(known)}"
                yield f"{shown(name)} is no column of {table}; {hint}"
            elif name in (_EFFECT if model is schema.Effect else model.key):
                yield f"{name} is the name of the row; give other rows with replace({table}=...)"
        pool = getattr(self._network, table)[place].pool if table in _POOLED else ""
        if pool and _POOLED[table] in columns:
            yield pool_fault(pool)

    def _add_row(
        self,
        row: Key,
        table: str,
        place: int,
        columns: Mapping[Any, object],
        faults: list[str],
    ) -> None:
        """Set columns of one row, or report what is wrong with them."""
        model: Any = schema.TABLES[table]
        known = schema.columns(model)
        given = {name: value for name, value in columns.items() if name in known}
        defaults = schema.defaults(model)
        for name, value in list(given.items()):
            if value is None and defaults[name] is not dataclasses.MISSING:
                given[name] = defaults[name]
            elif column_types(model)[name].kind == "number" and value is not None:
                given[name] = _number(value)
                if given[name] is None:
                    faults.append(f"{name}: {_misfit(value)}")
                    del given[name]
        old = self._new.get(table, {}).get(place, getattr(self._network, table)[place])
        content = {name: getattr(old, name) for name in known}
        new, value_faults = parsed(model, {**content, **given})
        if value_faults:
            faults += _value_faults(model, given, value_faults)
        else:
            self._new.setdefault(table, {})[place] = new
        for fault in faults:
            self._report(row, fault)

    def _report(self, row: Key, fault: str) -> None:
        self.messages.append(f"change of {row!r}: {fault}")


def _number(value: object) -> float | None:
    """Return a number of any library as one of Python, None for what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    return float(value) if math.isfinite(value) else None


def _misfit(value: object) -> str:
    endless = "; None is unlimited" if value == math.inf else ""
    return f"{shown(value)} is no finite number{endless}"


def _value_faults(
    model: type[schema.Row], given: Mapping[str, object], faults: Mapping[str, CellFault]
) -> Iterator[str]:
    """Yield the faults of values that the row model refuses."""
    for name, fault in faults.items():
        detail = CellFault("blank") if given.get(name) is None else fault
        yield f"{name}: {cell_message(model, name, given.get(name), detail)}"
