"""Overrides: other numbers for a network's rows, between one best response and the next.

An override names rows as `flowopt.network.changes` does, and sets columns of them:

    {("supplies", "VRAEM", "leaf"): {"capacity": 1234.0}, ("effects", "m1"): {"cut": 0.4}}

Numbers alone become other numbers of the activity model. Where they give a network of another
structure (a closure that becomes partial, a loss of all), its model is built anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from flowopt.errors import RequestError
from flowopt.model.activities import ActivityModel, Capacity, Floats
from flowopt.model.model_numbers import ModelNumbers
from flowopt.network.changes import POOLS, Key, named_rows, pool_fault, row_fault
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.mass_gain import has_cycles
from flowopt.network.network import Network
from flowopt.network.schema import SHARES, EffectOn

Changes = Mapping[Key, Mapping[str, float | None]]

_LIMITED: dict[str, EffectOn] = {
    "arcs": "arc",
    "nodes": "node",
    "sites": "site",
    "pools": "pool",
    "supplies": "supply",
    "demands": "demand",
}
_COLUMNS = {
    "arcs": ("capacity", "cost", "loss"),
    "nodes": ("capacity",),
    "sites": ("capacity", "cost"),
    "pools": ("capacity",),
    "supplies": ("capacity", "cost"),
    "demands": ("quantity", "price", "weight"),
    "recipes": ("quantity",),
    "effects": ("cut", "loss", "cost", "uptime", "corruption"),
    "reforms": ("corruption",),
}
_LIMITS = ("capacity", "quantity")
# Numbers that can make mass go round, or act where nothing may: a network of files is checked.
_CHECKED = {("arcs", "loss"), ("recipes", "quantity")}


class Overrides:
    """Overrides of a network's rows, as other numbers of its activity model.

    Parameters
    ----------
    network, numbers
        The network, and its activity model for whatever numbers it has.
    """

    def __init__(self, network: Network, numbers: ModelNumbers) -> None:
        self._network, self._numbers = network, numbers
        model = numbers.base
        self._capacity: dict[Capacity, int] = {c: i for i, c in enumerate(model.capacities)}
        self._cut = np.zeros(len(model.capacities), dtype=np.bool_)
        self._cut[model.cuts.place] = True
        rows = named_rows(network)
        self._rows = {table: rows.get(table, {}) for table in _COLUMNS}
        self._own: dict[tuple[str, str], Floats] = {}
        self._cyclic = has_cycles(Draft(network.tables()))

    def model(self, changes: Changes | None) -> ActivityModel:
        """Return the activity model with the overrides, of the same structure if it can be.

        Raises
        ------
        RequestError
            With every fault of the overrides.
        InputError
            When the network breaks the format with them.
        """
        if not changes:
            return self._numbers.base
        self._check(changes)
        columns: dict[tuple[str, str], Floats] = {}
        for row, given in changes.items():
            for table, index in self._rows[row[0]][row[1:]]:
                for name, value in given.items():
                    place = (table, "quantity" if (row[0], table) == (POOLS, "demands") else name)
                    if place not in columns:
                        columns[place] = self._numbers_of(*place).copy()
                    columns[place][index] = math.inf if value is None else value
        checked = self._cyclic and not _CHECKED.isdisjoint(columns)
        model = None if checked else self._numbers.model(columns)
        if model is None:
            return self._numbers.rebuilt(self._network.with_changes(changes))
        return model

    def _numbers_of(self, table: str, column: str) -> Floats:
        """Return a column of the network, `inf` for what is unlimited."""
        if (table, column) not in self._own:
            values = [getattr(row, column) for row in getattr(self._network, table)]
            self._own[table, column] = np.array(
                [math.inf if value is None else value for value in values], dtype=np.float64
            )
        return self._own[table, column]

    def network(self, changes: Changes | None) -> Network:
        """Return the network with the overrides, checked like a file.

        Raises
        ------
        RequestError
            With every fault of the overrides.
        InputError
            When the network breaks the format with them.
        """
        if not changes:
            return self._network
        self._check(changes)
        return self._network.with_changes(changes)

    # -- faults ------------------------------------------------------------------

    def _check(self, changes: Changes) -> None:
        messages = [
            message for row, columns in changes.items() for message in self._faults(row, columns)
        ]
        if messages:
            raise RequestError("\n".join(messages))

    def _faults(self, row: Key, columns: Mapping[str, float | None]) -> Iterator[str]:
        """Yield the faults of the override of one name."""
        if fault := row_fault(self._rows, row):
            yield fault
            return
        table = row[0]
        for column, value in columns.items():
            if column not in _COLUMNS[table]:
                message = f"{column!r} can't be changed; of {table}: {', '.join(_COLUMNS[table])}"
            else:
                message = _misfit(table, column, value) or self._fault(row, column, value)
            if message:
                yield f"change of {row!r}: {message}"

    def _fault(self, row: Key, column: str, value: float | None) -> str:
        """Return the fault of a number where it stands, "" for none."""
        table, rows = row[0], self._rows[row[0]][row[1:]]
        if table == "recipes" and value is not None:
            own = self._numbers_of("recipes", column)[rows[0][1]]
            if value == 0 or (value > 0) != (own > 0):
                return f"{column} {value!r} has not the sign of {own:g}: give no 0, and keep it"
        if column not in _LIMITS or table not in _LIMITED:
            return ""
        if table in ("sites", "demands"):
            pool = getattr(self._network, table)[rows[0][1]].pool
            if pool:
                return pool_fault(pool)
        place = self._capacity.get(Capacity(_LIMITED[table], row[1], "".join(row[2:])))
        if place is None:
            return "nothing counts what arrives there; give the node a capacity in the network"
        of_demands = any(where == "demands" for where, _ in rows)
        if value is None and (self._cut[place] or of_demands):
            return "it can't be unlimited: a measure cuts a part of it, or a demand needs a number"
        return ""


def _misfit(table: str, column: str, value: object) -> str:
    """Return the fault of what is no number of a column, "" for none."""
    if value is None and column != "capacity":
        return f"{column} None is no number of at least 0"
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if value is None or (number and math.isfinite(value) and table == "recipes"):  # type: ignore[arg-type]  # a number
        return ""
    if not (number and math.isfinite(value) and value >= 0.0):  # type: ignore[arg-type,operator]  # a number
        least = "0, or None for unlimited" if column == "capacity" else "0"
        return f"{column} {value!r} is no number of at least {least}"
    if column in SHARES and value > 1.0:  # type: ignore[operator]  # a number
        return f"{column} {value!r} is no share from 0 to 1"
    return ""
