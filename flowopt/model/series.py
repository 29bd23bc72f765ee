"""Columns in series: a smaller linear programme with the same optima, and its basis in the whole.

A good that one activity alone makes and one alone uses ties the two together: what is made beyond
that brings nothing. In a programme

    minimise    c'x    where    A x <= b,    x >= 0,

it is a row i with b_i = 0, one entry -m < 0 in the column of its maker j and one entry u > 0 in
that of its user k. If j makes nothing else and c_j >= 0, some optimum has u x_k = m x_j: otherwise
x_j falls until it does, which costs no more and takes no more of any other row. So j and k become
one column, and the row goes. Where every arc has a gate of its own, two of three columns go.

The optimal basis comes back by arithmetic. With the prices y <= 0 of the rows that stay, the price
of the row between j and k is what u of it is worth to k, as far as k gains by it,

    y_i = min(0, c_k - sum of y a_k over the other rows of k) / u,

from the end of a series to its beginning. Where the column of the series is basic, all of its
columns are, and no row between them. Elsewhere k is basic if y_i < 0, at zero, and row i if not: k
then costs at least what its rows are worth, and so does j, as c_j >= 0. Whoever takes the basis
solves on from it: what rounding spoils costs a few steps, and never an answer.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from flowopt.model.activities import Flags, Floats, Indices
from flowopt.model.highs_arrays import pass_arrays

WORTHWHILE = 0.25  # of the columns: fewer that go are not worth two programmes
_BASIC = highspy.HighsBasisStatus.kBasic
_LOWER, _UPPER = highspy.HighsBasisStatus.kLower, highspy.HighsBasisStatus.kUpper


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Costs and bounds of a programme as they stand in its solver."""

    cost: Floats
    least: Floats
    most: Floats
    row_least: Floats
    row_most: Floats

    @staticmethod
    def of(lp: Any) -> _Numbers:
        """Return those of HiGHS's form of a programme."""
        bounds = (lp.col_lower_, lp.col_upper_, lp.row_lower_, lp.row_upper_)
        return _Numbers(np.array(lp.col_cost_), *map(np.array, bounds))

    def simple(self) -> Flags:
        """Return which columns may run from zero without a limit, or not at all."""
        flags: Flags = (self.least == 0.0) & ((self.most == 0.0) | np.isposinf(self.most))
        return flags


@dataclass(frozen=True, slots=True)
class Links:
    """Rows that tie two columns together: each row, its maker and user, made and used a unit."""

    row: Indices
    maker: Indices
    user: Indices
    made: Floats
    used: Floats

    @staticmethod
    def following(row: Indices, maker: Indices, user: Indices, made: Floats, used: Floats) -> Links:
        """Return those of some rows, by the numbers of all, in which a column follows one other."""
        row = row[np.unique(user[row], return_index=True)[1]]
        return Links(row, maker[row], user[row], made[row], used[row])

    @staticmethod
    def of(matrix: Any, numbers: _Numbers) -> Links:
        """Return the links of a programme."""
        entries = matrix.tocoo()
        rows, columns = matrix.shape
        makes = entries.data < 0.0
        maker, made = only(entries.row[makes], entries.col[makes], -entries.data[makes], rows)
        user, used = only(entries.row[~makes], entries.col[~makes], entries.data[~makes], rows)
        one_product = np.bincount(entries.col[makes], minlength=columns) == 1
        tied = (maker >= 0) & (user >= 0) & one_product[maker]
        row = np.flatnonzero(tied & _holding(numbers, maker, user, np.arange(rows)))
        return Links.following(row, maker, user, made, used)

    def hold(self, numbers: _Numbers) -> bool:
        """Return whether the columns are tied with other costs and bounds too."""
        return bool(_holding(numbers, self.maker, self.user, self.row).all())

    def among(self, kept: Flags) -> Links:
        """Return some of the links."""
        return Links(
            self.row[kept], self.maker[kept], self.user[kept], self.made[kept], self.used[kept]
        )


class Series:
    """Columns in series, by links between them. A ring of columns is left as it is.

    Attributes
    ----------
    links : Links
        Those between columns of a series.
    levels : list of arrays of int
        The links by their place in a series, the first ones first.
    heads : array of int
        The first column of each series; one that is in none is a series by itself.
    place : array of int
        Of each column: its series.
    times : array
        Of each column: its activity as a multiple of that of the first of its series.
    joined : sparse array, columns x series
        The same multiples, each in the column of its series.
    """

    def __init__(self, columns: int, links: Links) -> None:
        self.levels, head, self.times, self.links = _levels(columns, links)
        follows = np.zeros(columns, dtype=np.bool_)
        follows[self.links.user] = True
        self.heads = np.flatnonzero(~follows)
        place = np.zeros(columns, dtype=np.int64)
        place[self.heads] = np.arange(len(self.heads))
        self.place = place[head]
        at = np.arange(columns), self.place
        self.joined: Any = sparse.csr_array((self.times, at), shape=(columns, len(self.heads)))


class SeriesLp:
    """The smaller programme, kept in a solver of its own.

    Attributes
    ----------
    highs : highspy.Highs
        The solver with the programme.
    stop : threading.Event
        For whoever asks the solver to stop.
    large : bool
        True: the smaller programme is that of a large one.
    """

    large = True

    def __init__(
        self,
        matrix: Any,
        numbers: _Numbers,
        links: Links,
        options: dict[str, Any],
    ) -> None:
        self._matrix, self._numbers = matrix, numbers
        self._series = Series(matrix.shape[1], links)
        stays = np.ones(matrix.shape[0], dtype=np.bool_)
        stays[self._series.links.row] = False
        self._rows = np.flatnonzero(stays)
        self.stop = threading.Event()
        self.highs = self._load(options)

    @staticmethod
    def of(highs: Any, options: dict[str, Any]) -> SeriesLp | None:
        """Return the smaller programme of the one in a solver, None where that is hardly smaller.

        Its solver has `options`.
        """
        lp = highs.getLp()
        numbers = _Numbers.of(lp)
        if not np.isneginf(numbers.row_least).all():
            return None  # something has to be used up, so less is no better
        matrix = _matrix_of(lp)
        links = Links.of(matrix, numbers)
        if len(links.row) < WORTHWHILE * len(numbers.cost):
            return None
        return SeriesLp(matrix, numbers, links, options)

    def follow(self, highs: Any) -> bool:
        """Take the costs and bounds that the whole programme has now; return whether they fit."""
        lp = highs.getLp()
        if lp.num_row_ != self._matrix.shape[0]:
            return False
        before, numbers = self._numbers, _Numbers.of(lp)
        if not (np.isneginf(numbers.row_least).all() and self._series.links.hold(numbers)):
            return False
        self._numbers = numbers
        cost, old = self._series.joined.T @ numbers.cost, self._series.joined.T @ before.cost
        changed = np.flatnonzero(cost != old).astype(np.int32)
        self.highs.changeColsCost(len(changed), changed, cost[changed])
        most = self._most(numbers)
        changed = np.flatnonzero(most != self._most(before)).astype(np.int32)
        nothing = numbers.least[self._series.heads][changed]
        self.highs.changeColsBounds(len(changed), changed, nothing, most[changed])
        most = numbers.row_most[self._rows]
        changed = np.flatnonzero(most != before.row_most[self._rows]).astype(np.int32)
        nothing = np.full(len(changed), -highspy.kHighsInf)
        self.highs.changeRowsBounds(len(changed), changed, nothing, most[changed])
        return True

    def basis(self) -> Any:
        """Return the basis of the whole programme that is the optimal one of the smaller."""
        small, links = self.highs.getBasis(), self._series.links
        basic = np.array([each == _BASIC for each in small.col_status])[self._series.place]
        rows = np.full(self._matrix.shape[0], _UPPER, dtype=object)
        rows[self._rows] = small.row_status
        idle = ~basic[links.user]
        gains = self._gains(np.array(self.highs.getSolution().row_dual))
        basic[links.user[idle & gains]] = True
        rows[links.row[idle & ~gains]] = _BASIC
        basis = highspy.HighsBasis()
        basis.col_status = [_BASIC if each else _LOWER for each in basic.tolist()]
        basis.row_status = rows.tolist()
        basis.valid = True
        return basis

    def _gains(self, prices: Floats) -> Flags:
        """Return of each link whether its user gains by what it uses, at prices of the rest."""
        links, numbers = self._series.links, self._numbers
        price = np.zeros(self._matrix.shape[0])
        price[self._rows] = prices
        left = numbers.cost - self._matrix.T @ price
        runs = numbers.most > 0.0
        gains = np.zeros(len(links.row), dtype=np.bool_)
        for level in reversed(self._series.levels):
            user = links.user[level]
            gains[level] = runs[user] & (left[user] < 0.0)
            between = np.where(gains[level], left[user] / links.used[level], 0.0)
            left[links.maker[level]] += links.made[level] * between
        return gains

    def _most(self, numbers: _Numbers) -> Floats:
        """Return upper bounds: nothing where a column of the series may not run."""
        most = np.full(len(self._series.heads), np.inf)
        np.minimum.at(most, self._series.place, numbers.most)
        return most

    def _load(self, options: dict[str, Any]) -> highspy.Highs:
        """Return a solver with the smaller programme."""
        numbers = self._numbers
        highs = highspy.Highs()
        for option, setting in options.items():
            highs.setOptionValue(option, setting)
        pass_arrays(
            highs,
            (self._matrix.tocsr()[self._rows] @ self._series.joined).tocsc(),
            cost=self._series.joined.T @ numbers.cost,
            columns=(numbers.least[self._series.heads], self._most(numbers)),
            rows=(numbers.row_least[self._rows], numbers.row_most[self._rows]),
            name="the trafficker's programme in series",
        )
        return highs


def _matrix_of(lp: Any) -> Any:
    """Return the matrix of HiGHS's form of a programme."""
    stored = lp.a_matrix_
    entries = np.array(stored.value_), np.array(stored.index_), np.array(stored.start_)
    by_columns = stored.format_ == highspy.MatrixFormat.kColwise
    kind = sparse.csc_array if by_columns else sparse.csr_array
    return kind(entries, shape=(lp.num_row_, lp.num_col_)).tocsc()


def only(row: Any, column: Any, amount: Floats, rows: int) -> tuple[Indices, Floats]:
    """Return the one column with an entry in each row, -1 where there are more or none."""
    columns, amounts = np.full(rows, -1, dtype=np.int64), np.zeros(rows)
    columns[row], amounts[row] = column, amount
    columns[np.bincount(row, minlength=rows) != 1] = -1
    return columns, amounts


def _holding(numbers: _Numbers, maker: Indices, user: Indices, row: Indices) -> Flags:
    """Return which rows tie maker and user together, as far as costs and bounds have a say."""
    simple = numbers.simple()
    first = simple & (numbers.cost >= 0.0)
    holds: Flags = (numbers.row_most[row] == 0.0) & first[maker] & simple[user] & (maker != user)
    return holds


def _levels(columns: int, links: Links) -> tuple[list[Indices], Indices, Floats, Links]:
    """Return the links by their place in a series, and of each column its first and its multiple.

    A ring of columns, each of which follows another, is left as it is: its links are dropped.
    """
    out = np.full(columns, -1, dtype=np.int64)
    out[links.maker] = np.arange(len(links.row))
    follows = np.zeros(columns, dtype=np.bool_)
    follows[links.user] = True
    head, times = np.arange(columns), np.ones(columns)
    levels: list[Indices] = []
    now = out[~follows & (out >= 0)]
    while len(now):
        levels.append(now)
        maker, user = links.maker[now], links.user[now]
        head[user] = head[maker]
        times[user] = times[maker] * links.made[now] / links.used[now]
        now = out[user]
        now = now[now >= 0]
    kept = np.zeros(len(links.row), dtype=np.bool_)
    for level in levels:
        kept[level] = True
    new = np.cumsum(kept) - 1
    return [new[level] for level in levels], head, times, links.among(kept)
