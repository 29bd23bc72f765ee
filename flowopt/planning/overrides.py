"""Overrides: other numbers for a network's rows, between one best response and the next.

An override names a row as the files do, by its table and key, and sets columns of it:

    {("supplies", "VRAEM", "leaf"): {"capacity": 1234.0}, ("arcs", "a17"): {"cost": 2.5}}

Rows of a pool share one capacity: it is set at the pool, ``("pools", "ports")``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from flowopt.errors import RequestError
from flowopt.model.activities import USD_PER_KG, ActivityModel, Capacity
from flowopt.network.changes import Key, pool_fault, row_fault
from flowopt.network.network import Network
from flowopt.network.schema import EffectOn

Changes = Mapping[Key, Mapping[str, float | None]]

_EFFECT_ON: dict[str, EffectOn] = {
    "arcs": "arc",
    "nodes": "node",
    "sites": "site",
    "pools": "pool",
    "supplies": "supply",
    "demands": "demand",
}
_COLUMNS = {
    "arcs": ("capacity", "cost"),
    "nodes": ("capacity",),
    "sites": ("capacity", "cost"),
    "pools": ("capacity",),
    "supplies": ("capacity", "cost"),
    "demands": ("quantity", "price", "weight"),
}
_SCALES = {"cost": USD_PER_KG, "price": USD_PER_KG, "weight": 1.0}
_LIMITS = ("capacity", "quantity")


class Overrides:
    """Overrides of a network's rows, as other numbers of its activity model.

    Parameters
    ----------
    network, model
        The network and its activity model.
    """

    def __init__(self, network: Network, model: ActivityModel) -> None:
        self._network, self._model = network, model
        self._capacity: dict[Capacity, int] = {c: i for i, c in enumerate(model.capacities)}
        self._cut = np.zeros(len(model.capacities), dtype=np.bool_)
        self._cut[model.cuts.place] = True
        self._rows: dict[str, dict[tuple[str, ...], list[int]]] = {
            "arcs": {(row.arc,): [] for row in network.arcs},
            "nodes": {(row.node,): [] for row in network.nodes},
            "sites": {(row.site,): [] for row in network.sites},
            "pools": {(pool,): [] for pool in network.pools},
            "supplies": {(row.node, row.commodity): [] for row in network.supplies},
            "demands": {(row.node, row.commodity): [] for row in network.demands},
        }
        tables = {"ship": "arcs", "site": "sites", "supply": "supplies", "deliver": "demands"}
        keys = {table: list(rows) for table, rows in self._rows.items()}
        for column, activity in enumerate(model.activities):
            if table := tables.get(activity.kind):
                self._rows[table][keys[table][activity.row]].append(column)
        self._pool: dict[str, dict[tuple[str, ...], str]] = {
            "sites": {(row.site,): row.pool for row in network.sites},
            "demands": {(row.node, row.commodity): row.pool for row in network.demands},
        }

    def model(self, changes: Changes | None) -> ActivityModel:
        """Return the activity model with the overrides.

        Raises
        ------
        RequestError
            With every fault of the overrides.
        """
        if not changes:
            return self._model
        self._check(changes)
        model = self._model
        limit = model.limit.copy()
        arrays = {
            "cost": model.cost.copy(),
            "price": model.price.copy(),
            "weight": model.weight.copy(),
        }
        for (table, *key), columns in changes.items():
            for column, value in columns.items():
                if column in _LIMITS:
                    row = self._capacity[Capacity(_EFFECT_ON[table], *key)]
                    limit[row] = math.inf if value is None else value
                elif value is not None:
                    arrays[column][self._rows[table][tuple(key)]] = value * _SCALES[column]
        return replace(
            model,
            limit=limit,
            cost=arrays["cost"],
            price=arrays["price"],
            weight=arrays["weight"],
        )

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
        """Yield the faults of the override of one row."""
        if fault := row_fault(self._rows, row):
            yield fault
            return
        table, *rest = row
        key = tuple(rest)
        for column, value in columns.items():
            if column not in _COLUMNS[table]:
                message = f"{column!r} can't be changed; of {table}: {', '.join(_COLUMNS[table])}"
            else:
                message = self._fault(table, key, column, value)
            if message:
                yield f"change of {row!r}: {message}"

    def _fault(self, table: str, key: tuple[str, ...], column: str, value: object) -> str:
        """Return the fault of one number, "" for none."""
        if value is None and column != "capacity":
            return f"{column} None is no number of at least 0"
        if value is not None and not (
            isinstance(value, int | float | np.number)
            and not isinstance(value, bool)
            and math.isfinite(value)
            and value >= 0.0
        ):
            least = "0, or None for unlimited" if column == "capacity" else "0"
            return f"{column} {value!r} is no number of at least {least}"
        if column not in _LIMITS:
            return ""
        if pool := self._pool.get(table, {}).get(key):
            return pool_fault(pool)
        place = self._capacity.get(Capacity(_EFFECT_ON[table], *key))
        if place is None:
            return "nothing counts what arrives there; give the node a capacity in the network"
        if value is None and (self._cut[place] or not self._allows_unlimited(table, key)):
            return "it can't be unlimited: a measure cuts a part of it, or a demand needs a number"
        return ""

    def _allows_unlimited(self, table: str, key: tuple[str, ...]) -> bool:
        return table != "pools" or key[0] not in self._pool["demands"].values()
