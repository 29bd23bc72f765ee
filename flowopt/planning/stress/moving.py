"""The numbers of a network that move, how far each may be off, and which of them move together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from flowopt.errors import RequestError
from flowopt.model.activities import Floats, Indices
from flowopt.network import schema
from flowopt.network.checks.cells import Cell, named_by
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.targets import Targets
from flowopt.network.network import Network

GRADES = {"A": 1.05, "B": 1.15, "C": 1.3, "X": 1.6}  # largest factor by grade; the least is 1/it
UNGRADED = "C"

# Columns that move by default. Weights are a preference and no fact; what a measure costs and uses
# is known when it is bought; uptime and corruption multiply the cut that moves already.
_BY_DEFAULT: dict[str, tuple[str, ...]] = {
    "arcs": ("capacity", "cost", "loss"),
    "nodes": ("capacity",),
    "sites": ("capacity", "cost"),
    "supplies": ("capacity", "cost"),
    "demands": ("quantity", "price"),
    "recipes": ("quantity",),
    "measures": ("success",),
    "effects": ("cut", "loss", "cost", "success"),
}
_ON = {
    "arcs": "arc",
    "nodes": "node",
    "sites": "site",
    "supplies": "supply",
    "demands": "demand",
    "recipes": "recipe",
    "measures": "measure",
    "effects": "effect",
    "reforms": "reform",
}
_POOLED = {"sites": "capacity", "demands": "quantity"}


@dataclass(frozen=True, slots=True)
class Moving:
    """A number that moves: one cell, or what the rows of a pool share.

    Attributes
    ----------
    table, column : str
        Where it stands.
    rows : tuple of int
        The rows that have it.
    own : float
        What the files say.
    low, high : float
        Least and largest factor; on the odds of a share.
    shape : str
        ``even`` or ``peak``.
    group : str
        Numbers of one group move together.
    grade : str
        Of its row, the worst of a pool's, "" for none.
    identity : tuple of str
        Names it whatever the order of the rows.
    """

    table: str
    column: str
    rows: tuple[int, ...]
    own: float
    low: float
    high: float
    shape: str
    group: str
    grade: str
    identity: tuple[str, ...]


@dataclass(frozen=True)
class MovingNumbers:
    """All numbers of a network that move, in an order that does not hang on that of the rows.

    Attributes
    ----------
    network : Network
        The network.
    numbers : tuple of Moving
        The numbers.
    groups : tuple of str
        The groups, by name.
    """

    network: Network
    numbers: tuple[Moving, ...]
    groups: tuple[str, ...]

    @cached_property
    def low(self) -> Floats:
        """Least factor of each number."""
        return np.array([number.low for number in self.numbers], dtype=np.float64)

    @cached_property
    def high(self) -> Floats:
        """Largest factor of each number."""
        return np.array([number.high for number in self.numbers], dtype=np.float64)

    @cached_property
    def peaked(self) -> Indices:
        """The numbers of shape ``peak``."""
        return np.array(
            [i for i, number in enumerate(self.numbers) if number.shape == "peak"], dtype=np.int64
        )

    @cached_property
    def group_of(self) -> Indices:
        """Index of the group of each number."""
        index = {group: i for i, group in enumerate(self.groups)}
        return np.array([index[number.group] for number in self.numbers], dtype=np.int64)

    @cached_property
    def _places(self) -> dict[tuple[str, str], tuple[Floats, Indices, Indices, bool]]:
        """Return by column of a table: what the files say, and the rows and numbers that move."""
        places: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for i, number in enumerate(self.numbers):
            at = places.setdefault((number.table, number.column), [])
            at.extend((row, i) for row in number.rows)
        found = {}
        for (table, column), pairs in places.items():
            values = [getattr(row, column) for row in getattr(self.network, table)]
            own = np.array([math.inf if v is None else v for v in values], dtype=np.float64)
            at_rows, at_numbers = np.array(pairs, dtype=np.int64).T
            found[table, column] = (own, at_rows, at_numbers, column in schema.SHARES)
        return found

    def columns(self, factors: Floats) -> dict[tuple[str, str], Floats]:
        """Return the columns of the tables under a factor for each number."""
        found = {}
        for place, (own, rows, numbers, share) in self._places.items():
            column = own.copy()
            column[rows] = moved(own[rows], factors[numbers], share=share)
            found[place] = column
        return found

    def network_under(self, factors: Floats) -> Network:
        """Return the network under a factor for each number, unchecked and without scenarios."""
        new: dict[str, dict[int, dict[str, float]]] = {}
        for (table, column), numbers in self.columns(factors).items():
            for row in self._places[table, column][1].tolist():
                new.setdefault(table, {}).setdefault(row, {})[column] = float(numbers[row])
        tables: dict[str, Any] = {
            table: tuple(
                replace(row, **rows[i]) if i in rows else row
                for i, row in enumerate(getattr(self.network, table))
            )
            for table, rows in new.items()
        }
        tables |= {"scenarios": (), "changes": (), "ranges": (), "warnings": ()}
        return replace(self.network, **tables)


def moved(own: Floats, factors: Floats, *, share: bool) -> Floats:
    """Return numbers under factors; a share c moves on its odds, to c f / (1 - c + c f)."""
    found: Floats = own * factors
    if share:
        found = found / (1.0 - own + found)
    return found


def moving_numbers(network: Network, ranges: Mapping[str, float]) -> MovingNumbers:
    """Return the numbers of a network that move.

    A number of 0, an unlimited capacity and a share of 1 stay: so nothing that is closed opens,
    and nothing that is open closes.

    Parameters
    ----------
    network
        A checked network.
    ranges
        Largest factor by grade, in place of that of `GRADES`.

    Raises
    ------
    RequestError
        When a factor is out of range, or a row of `ranges` leaves no room.
    """
    factors = {**GRADES, **_checked(ranges)}
    named = _ranges(network)
    found: list[Moving] = []
    for table in _ON:
        columns = dict.fromkeys(_BY_DEFAULT.get(table, ()))
        columns |= dict.fromkeys(c for (at, _, c) in named if at == table)
        for column in columns:
            by_default = column in _BY_DEFAULT.get(table, ())
            for rows in _alike(network, table, column):
                limits = named.get(Cell(table, rows[0], column))
                if by_default or limits is not None:
                    found += _moving(network, table, column, rows, limits, factors)
    found.sort(key=lambda number: (number.identity, number.own))
    groups = tuple(sorted({number.group for number in found}))
    return MovingNumbers(network, tuple(found), groups)


def _checked(ranges: Mapping[str, float]) -> dict[str, float]:
    """Return factors by grade.

    Raises
    ------
    RequestError
        When one is below 1 or endless, or there is no such grade.
    """
    for grade, factor in ranges.items():
        if grade not in GRADES:
            raise RequestError(
                f"ranges: {grade!r} is no grade; give one of {', '.join(GRADES)}, such as X=2.5"
            )
        if not 1.0 <= factor < math.inf:
            raise RequestError(
                f"ranges: {grade}={factor!r} is no factor of 1 or more; 2.5 lets a number be 2.5 "
                "times as large, or as small"
            )
    return dict(ranges)


def _ranges(network: Network) -> dict[Cell, schema.Range]:
    """Return the row of `ranges` that names each cell."""
    draft = Draft(network.tables())
    cells = named_by(Targets(draft), enumerate(network.ranges))
    return {cell: network.ranges[rows[0]] for cell, rows in cells.items()}


def _alike(network: Network, table: str, column: str) -> Iterator[tuple[int, ...]]:
    """Yield the rows of each number of a column: several where a pool shares it."""
    pools: dict[str, list[int]] = {}
    for i, row in enumerate(getattr(network, table)):
        pool = row.pool if _POOLED.get(table) == column else ""
        if pool:
            pools.setdefault(pool, []).append(i)
        else:
            yield (i,)
    yield from map(tuple, pools.values())


def _moving(
    network: Network,
    table: str,
    column: str,
    rows: tuple[int, ...],
    limits: schema.Range | None,
    factors: Mapping[str, float],
) -> Iterator[Moving]:
    """Yield the number of some rows, if it moves."""
    row = getattr(network, table)[rows[0]]
    own = getattr(row, column)
    if own is None or own == 0.0 or (column in schema.SHARES and own == 1.0):
        return
    grades = [getattr(network, table)[i].grade or "" for i in rows]
    grade = max(grades, key=lambda each: factors[each or UNGRADED])
    factor = factors[grade or UNGRADED]
    low, high, shape = 1.0 / factor, factor, "even"
    pool = row.pool if _POOLED.get(table) == column else ""
    group = _group(network, table, column, row)
    if limits is not None:
        low = low if limits.low is None else limits.low
        high = high if limits.high is None else limits.high
        shape, group = limits.shape, limits.group or group
    if not 0.0 < low <= high or (shape == "peak" and not low <= 1.0 <= high):
        raise RequestError(
            f"ranges: the {column} of {' '.join(_identity(table, row, pool))} has factors from "
            f"{low:g} to {high:g}, shape {shape}; give 0 < low <= high, and for peak low <= 1 <= "
            "high (a blank is that of the grade)"
        )
    yield Moving(
        table=table,
        column=column,
        rows=rows,
        own=float(own),
        low=low,
        high=high,
        shape=shape,
        group=group,
        grade=grade,
        identity=(*_identity(table, row, pool), column),
    )


def _group(network: Network, table: str, column: str, row: Any) -> str:
    """Return the group of a number that no row of `ranges` gives one."""
    kinds: dict[str, Callable[[], str]] = {
        "arcs": lambda: row.mode,
        "supplies": lambda: row.commodity,
        "demands": lambda: row.commodity,
        "recipes": lambda: row.commodity,
        "measures": lambda: row.kind,
        "effects": lambda: _kind(network, row.measure),
        "reforms": lambda: _kind(network, row.measure),
    }
    kind = "" if table not in kinds else kinds[table]()
    return " ".join(filter(None, (_ON[table], column, kind)))


def _kind(network: Network, measure: str) -> str:
    return next(row.kind for row in network.measures if row.measure == measure)


def _identity(table: str, row: Any, pool: str) -> tuple[str, ...]:
    """Return what names a row, wherever it stands: its key, all its columns where it has none."""
    if pool:
        return ("pool", pool)
    names: Sequence[str] = row.key or ("measure", "on", "target", "commodity")
    rest = () if row.key else (repr(row),)
    return (_ON[table], *(str(getattr(row, name)) for name in names), *rest)
