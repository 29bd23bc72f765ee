"""Linear programmes in whole numbers: no tolerance, no rounding, no library.

``maximise c @ x`` over ``A x <= b, x >= 0`` with ``b >= 0``, by the simplex method on a tableau
whose rows are multiplied up to whole numbers. What it says of a small programme is a proof. Numbers
are taken as they are written: 0.05 is a twentieth.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

Number = int | float | Fraction
Row = dict[int, int]  # by column; the right-hand side, and what the objective is multiplied by, too

_RIGHT, _SIZE = -1, -2
_PATIENCE = 50  # steps that gain nothing, after which Bland's rule sees to it that they end


@lru_cache(maxsize=10_000)
def exact(number: Number) -> Fraction:
    """Return a number as it is written."""
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


class Unbounded(ArithmeticError):
    """A programme whose objective grows without end."""


class Tableau:
    """A programme at one of its corners, at first that of doing nothing."""

    def __init__(
        self, columns: int, rows: Iterable[tuple[Mapping[int, Fraction], Fraction]] = ()
    ) -> None:
        self._columns = columns
        self._used = columns
        self._rows: list[Row] = []
        self._basis: list[int] = []
        self._goal: Row = {_SIZE: 1, _RIGHT: 0}
        for row, limit in rows:
            self._add(_whole({**row, _RIGHT: limit}))

    def _add(self, row: Row) -> None:
        """Add a row, written in the columns that are not basic, with a slack of its own."""
        if row.get(_RIGHT, 0) < 0:
            raise ValueError("doing nothing must be possible: a right-hand side is negative")
        # The slack counts in units of the multiplied row, so that its coefficient is 1.
        row[self._used] = 1
        self._rows.append(row)
        self._basis.append(self._used)
        self._used += 1

    @property
    def value(self) -> Fraction:
        """The objective at this corner."""
        return Fraction(self._goal.get(_RIGHT, 0), self._goal[_SIZE])

    def point(self) -> list[Fraction]:
        """Return the columns' amounts at this corner."""
        found = [Fraction(0)] * self._columns
        for basic, row in zip(self._basis, self._rows, strict=True):
            if basic < self._columns:
                found[basic] = Fraction(row.get(_RIGHT, 0), row[basic])
        return found

    def maximise(self, objective: Sequence[Fraction]) -> Fraction:
        """Go on to a corner that maximises, and return the value there."""
        goal = _whole({_SIZE: Fraction(1), **{j: -c for j, c in enumerate(objective)}})
        for basic, row in zip(self._basis, self._rows, strict=True):
            goal = _without(goal, basic, row)
        self._goal = goal
        idle = 0
        while (column := self._entering(bland=idle > _PATIENCE)) is not None:
            idle = 0 if self._enter(column) else idle + 1
        return self.value

    def keep(self, slack: Fraction) -> None:
        """From here on the objective just maximised may fall by this much and no more."""
        held = {j: Fraction(a, self._goal[_SIZE]) for j, a in self._goal.items() if j >= 0}
        self._add(_whole({**held, _RIGHT: slack}))

    def _entering(self, *, bland: bool) -> int | None:
        gains = [(a, j) for j, a in self._goal.items() if j >= 0 and a < 0]
        if not gains:
            return None
        return min(j for _, j in gains) if bland else min(gains)[1]

    def _enter(self, column: int) -> bool:
        """Bring a column into the basis; return whether that moved the point."""
        rows = [i for i, row in enumerate(self._rows) if row.get(column, 0) > 0]
        if not rows:
            raise Unbounded("the objective grows without end")

        def room(i: int) -> tuple[Fraction, int]:
            row = self._rows[i]
            return Fraction(row.get(_RIGHT, 0), row[column]), self._basis[i]

        leaving = min(rows, key=room)
        moved = room(leaving)[0] > 0
        pivot = self._rows[leaving]
        for i, row in enumerate(self._rows):
            if i != leaving and column in row:
                self._rows[i] = _without(row, column, pivot)
        self._goal = _without(self._goal, column, pivot)
        self._basis[leaving] = column
        return moved


def _whole(row: Mapping[int, Fraction]) -> Row:
    """Return a row multiplied up to whole numbers."""
    size = math.lcm(*(a.denominator for a in row.values()))
    return {j: a.numerator * (size // a.denominator) for j, a in row.items() if a}


def _without(row: Row, column: int, pivot: Row) -> Row:
    """Return a row, times a positive number, less so much of another that a column is gone."""
    a = row.get(column, 0)
    if not a:
        return row
    common = math.gcd(a, pivot[column])
    times, less = pivot[column] // common, a // common
    found = {j: b * times for j, b in row.items()} if times != 1 else dict(row)
    for j, b in pivot.items():
        rest = found.get(j, 0) - less * b
        if rest:
            found[j] = rest
        else:
            found.pop(j, None)
    size = math.gcd(*found.values())
    return {j: b // size for j, b in found.items()} if size > 1 else found
