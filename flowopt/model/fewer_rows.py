"""A programme with fewer rows: those that only hold one price above others become columns.

In the planner's programme a row often says no more than that a price is no less than others,

    z_i  >=  sum_j c_j z_j,      c_j >= 0,

as where an arc takes a good on, where a lane is seized, and for the share of a price that a measure
takes off (w <= mu). With the slack of the row in the place of z_i,

    z_i  =  sum_j c_j z_j + q,      q >= 0,

the row is gone, and no column has come. All z are at least 0, so z_i is as well. What is lost is
the upper bound of z_i, so only such columns are replaced as no optimum needs one of (`Milp.spare`);
q keeps it, as q <= z_i. The optimum is the same, and so are the whole numbers of each solution.

Fewer rows make each step of a solver's simplex cheaper, and above all the norms of all rows of the
inverse, which HiGHS works out anew at every node that it returns to.

Known as an implied free column substitution with the slack taken along (E. D. Andersen and
K. D. Andersen, "Presolving in linear programming", Mathematical Programming 71, 1995).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import sparse

from flowopt.model.activities import Floats
from flowopt.model.milp import Milp

_ROWS = 20_000  # of a programme in which it is done: larger ones have few nodes
_TERMS = 1  # other prices in a row that is taken out: more of them fill the rest up
_FILL = 6  # entries that a replacement may add, beside those of its row
# Factors of a replacement, and entries that come of it: beyond them a row is left as it is, as a
# solver keeps rows to its tolerance, and takes what is next to nothing for nothing.
_FACTORS, _LEAST_ENTRY = (1e-4, 1e4), 1e-6
_NOTHING = 1e-12  # of what cancels out


@dataclass(frozen=True, slots=True)
class FewerRows:
    """A programme with fewer rows, and the way back.

    Attributes
    ----------
    milp : Milp
        The programme, with as many variables.
    back : sparse array
        Times a solution of it: the solution of the programme that it was made of.
    """

    milp: Milp
    back: sparse.csr_array

    def values(self, found: Floats) -> Floats:
        """Return the solution that a solution with fewer rows stands for."""
        return np.asarray(self.back @ found)


def with_fewer_rows(milp: Milp) -> FewerRows:
    """Return a programme with the rows taken out for which that pays."""
    count = len(milp.cost)
    if not milp.spare.any() or len(milp.row_names) > _ROWS:
        return FewerRows(milp, sparse.csr_array(sparse.eye_array(count)))
    entries = _Entries(milp)
    order: list[tuple[int, dict[int, float]]] = []
    for row, column in _candidates(milp, entries):
        parts = entries.replaced(row, column)
        if parts is not None:
            order.append((column, parts))
    kept = np.array([row for row, left in enumerate(entries.rows) if left is not None], dtype=int)
    back = _back(count, order)
    fewer = replace(
        milp,
        cost=np.asarray(back.T @ milp.cost),
        row_names=tuple(milp.row_names[row] for row in kept),
        matrix=entries.matrix(count),
        row_lower=milp.row_lower[kept],
        row_upper=milp.row_upper[kept],
        spare=np.zeros(0, dtype=np.bool_),
    )
    return FewerRows(fewer, back)


def _candidates(milp: Milp, entries: _Entries) -> list[tuple[int, int]]:
    """Return rows that hold one spare column above others, with it, those that fill least first."""
    found = []
    for row, left in enumerate(entries.rows):
        sign = _sign(milp.row_lower[row], milp.row_upper[row])
        if left is None or not sign:
            continue
        above = [column for column, value in left.items() if sign * value > 0.0]
        below = [column for column, value in left.items() if sign * value < 0.0]
        if len(above) != 1 or not below or not milp.spare[above[0]]:
            continue
        if any(milp.lower[column] != 0.0 for column in left):
            continue
        found.append((len(entries.columns[above[0]]) * len(below), row, above[0]))
    return [(row, column) for _, row, column in sorted(found)]


def _sign(lower: float, upper: float) -> int:
    """Return 1 for a row that is at least 0, -1 for one that is at most 0, 0 for any other."""
    if lower == 0.0 and upper == np.inf:
        return 1
    return -1 if upper == 0.0 and lower == -np.inf else 0


def _back(count: int, order: list[tuple[int, dict[int, float]]]) -> sparse.csr_array:
    """Return what turns a solution back, from replacements in the order that they were made in.

    A replacement names what columns stand for when it is made; so the last one is undone first.
    """
    rows: dict[int, dict[int, float]] = {}
    for column, parts in reversed(order):
        whole: dict[int, float] = {column: 1.0}
        for other, factor in parts.items():
            for each, share in rows.get(other, {other: 1.0}).items():
                whole[each] = whole.get(each, 0.0) + factor * share
        rows[column] = whole
    terms = [rows.get(column, {column: 1.0}) for column in range(count)]
    place = np.repeat(np.arange(count), [len(each) for each in terms])
    columns = [column for each in terms for column in each]
    values = [value for each in terms for value in each.values()]
    return sparse.csr_array((values, (place, columns)), shape=(count, count))


class _Entries:
    """Entries of a programme by rows and by columns; a row that is taken out is None."""

    def __init__(self, milp: Milp) -> None:
        matrix = milp.matrix.copy()
        matrix.eliminate_zeros()
        at, columns, values = matrix.indptr.tolist(), matrix.indices.tolist(), matrix.data.tolist()
        self.rows: list[dict[int, float] | None] = [
            dict(zip(columns[first:last], values[first:last], strict=True))
            for first, last in pairwise(at)
        ]
        self.columns: list[set[int]] = [set() for _ in range(len(milp.cost))]
        for row, entries in enumerate(self.rows):
            for column in entries or ():
                self.columns[column].add(row)
        self._replaced: set[int] = set()

    def replaced(self, row: int, column: int) -> dict[int, float] | None:
        """Take a row out; return what stands for its column beside the slack, None if it stays."""
        entries = self.rows[row]
        if entries is None or column in self._replaced or column not in entries:
            return None
        parts = {
            each: -value / entries[column] for each, value in entries.items() if each != column
        }
        least, most = _FACTORS
        if not 0 < len(parts) <= _TERMS or not all(least <= f <= most for f in parts.values()):
            return None
        others = sorted(self.columns[column] - {row})
        if self._filled(parts, others) > _FILL + len(entries):
            return None
        smallest = min(parts.values())
        if any(abs(self._at(other, column)) * smallest < _LEAST_ENTRY for other in others):
            return None
        for other in others:
            self._replace(other, column, parts)
        for each in entries:
            self.columns[each].discard(row)
        self.rows[row] = None
        self._replaced.add(column)
        return parts

    def _filled(self, parts: dict[int, float], others: list[int]) -> int:
        """Return how many entries come to some rows."""
        return sum(each not in (self.rows[other] or ()) for other in others for each in parts)

    def _at(self, row: int, column: int) -> float:
        """Return an entry, 0 where there is none."""
        return (self.rows[row] or {}).get(column, 0.0)

    def _replace(self, row: int, column: int, parts: dict[int, float]) -> None:
        """Add to a row what a column of it stands for beside the slack."""
        entries = self.rows[row]
        if entries is None:  # never: no column has a row that is out
            return
        times = entries[column]
        for each, factor in parts.items():
            before, added = entries.get(each, 0.0), times * factor
            if abs(before + added) <= _NOTHING * abs(added):
                del entries[each]
                self.columns[each].discard(row)
            else:
                entries[each] = before + added
                self.columns[each].add(row)

    def matrix(self, count: int) -> sparse.csr_array:
        """Return the rows that are left."""
        left = [entries for entries in self.rows if entries is not None]
        sizes = [len(entries) for entries in left]
        return sparse.csr_array(
            (
                np.array([value for entries in left for value in entries.values()]),
                np.array([column for entries in left for column in entries], dtype=np.int64),
                np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]),
            ),
            shape=(len(left), count),
        )
