"""Prices without the solver's rounding: each as low as what uses the good or the capacity allows.

The solver's prices are a vertex of the programme with points on the way: nearly every price already
is what some use needs. What differs is rounding, and what a capacity of 0 or a point on the way
left open, where any price costs nothing. So all prices are looked at in one go, as arrays, and only
those out of place, with what hangs on them, are set one after another.
"""

from __future__ import annotations

import heapq
import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.model.activities import Floats, Indices
from flowopt.model.arc_paths import Legs

DUST = 1e-11  # of what a tonne can be worth: a price is the solver's rounding
VAIN = 1e-10  # likewise, where nothing is earned: a price there is the rounding of a zero
_WHOLE = 1e12  # whole numbers below it have twelve digits
_SETS = 20  # prices set at most, per price there is: enough for every chain to settle
_LOOPS = 10  # times that what then still turns is solved together


def settled_prices(
    legs: Legs,
    stake: Floats,
    good_price: Floats,
    capacity_price: Floats,
    *,
    real: npt.NDArray[np.bool_],
    limit: Floats,
    spare: npt.NDArray[np.bool_] | None = None,
    dust: tuple[Floats, Floats] | None = None,
) -> tuple[Floats, Floats]:
    """Return prices of goods and capacities moved to what their uses need.

    Parameters
    ----------
    legs
        The open activities.
    stake
        What a unit of each of them brings.
    good_price, capacity_price
        The solver's prices.
    real
        Which goods stand at nodes; on the way prices are not settled.
    limit
        Of each capacity; infinity where it limits nothing.
    spare
        Which capacities are not used up: their prices only rise where none else can.
    dust
        Prices of goods and of capacities below which they are none; a share of the largest stake
        by default.
    """
    prices, finite = np.concatenate([capacity_price, good_price]), np.isfinite(limit)
    moves = np.concatenate([np.ones(len(finite), dtype=np.bool_), real])
    most = np.full(len(prices), np.inf)
    if spare is not None:
        most[: len(spare)][spare] = capacity_price[spare]
    least = np.full(len(prices), DUST * float(np.abs(stake).max(initial=0.0)))
    if dust is not None:
        least = np.concatenate([dust[1], dust[0]])
    tried = _Prices(legs, stake, prices, moves, finite, least, most)
    settled, short = tried.settled(), DUST * float(np.abs(stake).max(initial=0.0))
    if spare is not None and tried.missing(settled) > short:
        most[:] = np.inf  # the solver's own prices were short by rounding
        near, again = (
            _Prices(legs, stake, start, moves, finite, least, most).settled()
            for start in (settled, prices)
        )
        # What is short may end at whichever capacity is looked at first, however large that one is.
        bounds = [float(each[: len(finite)][finite] @ limit[finite]) for each in (near, again)]
        good = tried.missing(near) <= max(short, tried.missing(again))
        settled = near if good and bounds[0] < bounds[1] else again
    return settled[len(capacity_price) :], settled[: len(capacity_price)]


@dataclass(frozen=True, slots=True)
class _Lines:
    """A sparse matrix line by line: line i has the entries from `start[i]` to `start[i + 1]`."""

    start: Indices
    index: Indices
    amount: Floats

    @staticmethod
    def of(line: Indices, index: Indices, amount: Floats, *, count: int) -> _Lines:
        """Return entries by their lines, those of a line in the order given."""
        order = np.argsort(line, kind="stable")
        start = np.zeros(count + 1, dtype=np.int64)
        np.cumsum(np.bincount(line, minlength=count), out=start[1:])
        return _Lines(start, index[order], amount[order])

    def as_lists(self) -> tuple[list[int], list[int], list[float]]:
        return self.start.tolist(), self.index.tolist(), self.amount.tolist()


class _Prices:
    """Prices of capacities and then of goods, one vector; used once."""

    def __init__(
        self,
        legs: Legs,
        stake: Floats,
        prices: Floats,
        moves: npt.NDArray[np.bool_],
        finite: npt.NDArray[np.bool_],
        dust: Floats,
        most: Floats,
    ) -> None:
        self._prices = prices
        self._stake = stake
        self._moves = moves
        self._dust = dust
        self._most = most
        # What a leg needs of its prices: those of what it takes and uses, less what it makes.
        takes, used, made = legs.takes, legs.used, legs.made
        leg, place, amount, bounds = _added_up(
            np.concatenate([takes.leg, used.leg, made.leg]),
            np.concatenate([takes.row, used.row + len(finite), made.row + len(finite)]),
            np.concatenate([takes.amount, used.amount, -made.amount]),
            np.concatenate([finite[takes.row], used.row >= 0, made.row < 0]),
        )
        self._leg = leg
        self._by_leg = _Lines.of(leg, place, amount, count=len(stake))
        self._by_price = _Lines.of(place, leg, amount, count=len(prices))
        # A leg that returns some of what it uses needs the price of what it keeps only.
        keeps = bounds & (amount > 0.0)
        self._users = _Lines.of(place[keeps], leg[keeps], amount[keeps], count=len(prices))

    def settled(self) -> Floats:
        """Return the prices, each to twelve digits."""
        wanted = np.where(self._moves, self._needed(), self._prices)
        out = np.flatnonzero(np.abs(wanted - self._prices) > self._dust)
        turning = self._settle(out) if len(out) else set()
        surely = self._prices
        for _ in range(_LOOPS):
            if not turning:
                break
            self._solve_together(np.array(sorted(turning)))
            wanted = np.where(self._moves, self._needed(), self._prices)
            turning = self._settle(np.flatnonzero(np.abs(wanted - self._prices) > self._dust))
        if turning:
            self._prices = surely  # too high, but none too low
        left = np.where(self._prices > self._dust, self._prices, 0.0)
        return plain(np.where(self._moves, left, self._prices))

    def missing(self, prices: Floats) -> float:
        """Return by how much prices are too low for a leg at most."""
        legs = self._by_leg
        priced = np.bincount(
            self._leg, legs.amount * prices[legs.index], minlength=len(self._stake)
        )
        return float((self._stake - priced).max(initial=0.0))

    def _needed(self) -> Floats:
        """Return the most that any of its uses needs of each price, the others staying."""
        short, users = self._short(), self._users
        needs = np.zeros(len(self._prices))
        used = np.flatnonzero(np.diff(users.start))
        if len(used):
            per_use = short[users.index] / users.amount
            needs[used] = np.maximum.reduceat(per_use, users.start[used]) + self._prices[used]
        needs = np.minimum(needs, self._most)
        return np.where(needs > self._dust, needs, 0.0)

    def _short(self) -> Floats:
        """Return by how much each leg's stake is above what its prices add up to."""
        legs = self._by_leg
        priced = legs.amount * self._prices[legs.index]
        return self._stake - np.bincount(self._leg, priced, minlength=len(self._stake))

    def _solve_together(self, turning: Indices) -> None:
        """Set prices that turn in a loop, which loses a little each round, to where they would end.

        Each keeps the use that needs most of it, or none; what all of these need is one system.
        """
        from scipy.sparse import linalg  # few networks need it

        short = self._short()
        users, rows, kept = self._users, [], []
        for place in turning.tolist():
            uses = slice(users.start[place], users.start[place + 1])
            needs = short[users.index[uses]] / users.amount[uses] + self._prices[place]
            if len(needs) and needs.max() > self._dust[place]:
                kept.append(place)
                rows.append(int(users.index[uses][needs.argmax()]))
        self._prices = self._prices.copy()
        self._prices[turning] = 0.0
        if not kept:
            return
        legs = self._by_leg
        shape = len(self._stake), len(self._prices)
        system = sparse.csr_array((legs.amount, legs.index, legs.start), shape=shape)[rows]
        left = self._stake[rows] - system @ self._prices
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", linalg.MatrixRankWarning)  # seen by what is not finite
            found = linalg.spsolve(sparse.csc_array(system[:, kept]), left)
        found = np.where(np.isfinite(found), np.maximum(found, 0.0), 0.0)
        self._prices[kept] = np.minimum(found, self._most[kept])

    def _settle(self, out: Indices) -> set[int]:
        """Set the prices out of place in order, and then those that hang on them, until none moves.

        Prices come in sweeps from the first to the last, as all of them would. What still moves in
        the last of many rounds is returned.
        """
        prices: list[float] = self._prices.tolist()
        pairs, whole = self._users.as_lists(), self._by_leg.as_lists()
        touched = self._by_price.as_lists()
        stake: list[float] = self._stake.tolist()
        moves: list[bool] = self._moves.tolist()
        dust: list[float] = self._dust.tolist()
        most: list[float] = self._most.tolist()
        queue, waiting, following = out.tolist(), set(out.tolist()), set[int]()
        turning = set[int]()
        rounds = _SETS * len(prices)
        for number in range(rounds):
            if not queue:
                queue, waiting, following = sorted(following), following, set()
                if not queue:
                    break
            place = heapq.heappop(queue)
            waiting.discard(place)
            new = 0.0
            for k in range(pairs[0][place], pairs[0][place + 1]):
                leg, worth = pairs[1][k], stake[pairs[1][k]]
                for n in range(whole[0][leg], whole[0][leg + 1]):
                    worth -= whole[2][n] * prices[whole[1][n]]
                new = max(new, prices[place] + worth / pairs[2][k])
            new = min(new, most[place])
            new = new if new > dust[place] else 0.0
            moved, prices[place] = abs(new - prices[place]), new
            if moved <= dust[place]:
                continue
            if number >= rounds // 2:
                turning.add(place)
            for k in range(touched[0][place], touched[0][place + 1]):
                leg = touched[1][k]
                for n in range(whole[0][leg], whole[0][leg + 1]):
                    other = whole[1][n]
                    if other == place or not moves[other]:
                        continue
                    if other < place:
                        following.add(other)
                    elif other not in waiting:
                        waiting.add(other)
                        heapq.heappush(queue, other)
        self._prices = np.array(prices)
        return turning if queue or following else set()


def plain(amounts: Floats) -> Floats:
    """Return amounts to twelve digits: the rest is the solver's rounding."""
    found = amounts.copy()
    broken = np.flatnonzero((amounts != np.rint(amounts)) | (np.abs(amounts) >= _WHOLE))
    values, place = np.unique(amounts[broken], return_inverse=True)  # many are the same
    found[broken] = np.array([float(f"{y:.12g}") for y in values.tolist()])[place]
    return found


def _added_up(
    line: Indices, index: Indices, amount: Floats, bounds: npt.NDArray[np.bool_]
) -> tuple[Indices, Indices, Floats, npt.NDArray[np.bool_]]:
    """Return entries sorted by line and index, those of one place added up, without zeros.

    A place is marked where any of its entries is.
    """
    order = np.lexsort((index, line))
    line, index = line[order], index[order]
    first = np.ones(len(line), dtype=np.bool_)
    first[1:] = (line[1:] != line[:-1]) | (index[1:] != index[:-1])
    start = np.flatnonzero(first)
    if not len(start):
        return line, index, amount, bounds
    total = np.add.reduceat(amount[order], start)
    marked = np.logical_or.reduceat(bounds[order], start)
    some = total != 0.0
    return line[start][some], index[start][some], total[some], marked[some]
