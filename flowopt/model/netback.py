"""The most that a tonne of each good can bring: a least fixed point, reached from below.

    B_i = max over activities j using i of (p_j + made_j'B) / used_ij,   at least 0

Three ways, each going on where the last one stopped. Sweeps over all goods that may rise, as
R. Bellman and L. R. Ford find shortest ways, settle most networks. Where few goods rise at a time,
as on a long path, the most valuable one goes first, as E. W. Dijkstra has it. Where goods go round
a loop that loses little and leaves a by-product, either would go round as often as one over the
loss; there *policies* are improved, as R. A. Howard has it: every good keeps the activity that
raised it last, what all of them bring together is a sparse system of linear equations, and an
activity that would bring more replaces the one that is kept.

The activities that raised close no loop that returns all that it takes: the last of its goods to
rise would have risen by itself. So the system has a solution, which is at least what was there.
"""

from __future__ import annotations

import heapq
import itertools
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.errors import SolverError
from flowopt.model.activities import ActivityModel, Floats, Indices

_SETTLED = 1e-12  # relative change below which a good has not risen
_TINY = 1e-300
_SMALL = 2_000  # goods up to which one good at a time is quicker than arrays, after a first sweep
_SWEEPS = 100  # of more goods; then one at a time
_VISITS = 10  # per good, on average; then policies
_POLICIES = 100


def netbacks(model: ActivityModel, earns: Floats) -> Floats:
    """Return the netbacks where activity j brings `earns` a unit, -inf if it can't run.

    Raises
    ------
    SolverError
        When they grow without end, as in a network whose cycles multiply mass.
    """
    return _Netbacks(model, earns).settled()


def best_uses(model: ActivityModel, earns: Floats) -> Indices:
    """Return the activity through which each good brings its netback, -1 where it brings nothing.

    Parameters and errors are those of `netbacks`.
    """
    found = _Netbacks(model, earns)
    found.settled()
    return found.by


class _Netbacks:
    """The netbacks while they rise; used once."""

    def __init__(self, model: ActivityModel, earns: Floats) -> None:
        self.earns = earns
        self.runs = np.isfinite(earns)
        self.uses = model.used.tocsc()
        self.makers = model.made.tocsr()
        self.made = model.made.T.tocsr()
        self.worth = np.zeros(len(model.goods))
        self.by = np.full(len(model.goods), -1, dtype=np.int64)  # the activity that raised it last

    def settled(self) -> Floats:
        raised = self._swept()
        if len(raised) and not self._one_by_one(raised):
            self._policies()
        return self.worth

    def _swept(self) -> Indices:
        """Look at all activities whose outputs rose, again and again; return goods still rising."""
        moved: Indices = np.flatnonzero(self.runs)
        goods: Indices = np.zeros(0, dtype=np.int64)
        for _ in range(1 if len(self.worth) <= _SMALL else _SWEEPS):
            goods = self._raised(moved)
            if not len(goods):
                break
            moved = np.unique(self.makers.indices[entries(self.makers, goods)]).astype(np.int64)
            moved = moved[self.runs[moved]]
        return goods

    def _raised(self, activities: Indices) -> Indices:
        """Raise what some activities use to what they bring; return the goods that rose."""
        uses = self.uses
        brings = self.earns[activities] + self.made[activities] @ self.worth
        place = entries(uses, activities)
        goods = uses.indices[place]
        inputs = np.diff(uses.indptr)[activities]
        offered = np.repeat(brings, inputs) / uses.data[place]
        better = offered > self.worth[goods] * (1.0 + _SETTLED) + _TINY
        goods, offered = goods[better], offered[better]
        np.maximum.at(self.worth, goods, offered)
        last = offered >= self.worth[goods]
        self.by[goods[last]] = np.repeat(activities, inputs)[better][last]
        return np.unique(goods).astype(np.int64)

    def _one_by_one(self, raised: Indices) -> bool:
        """Go on from goods that rose, the most valuable first; return whether all have settled."""
        worth, by, earns = self.worth.tolist(), self.by.tolist(), self.earns.tolist()
        of_good = rows_of(self.makers)
        makes, uses = rows_of(self.made), rows_of(self.uses)
        queue = [(-worth[good], good) for good in raised.tolist()]
        heapq.heapify(queue)
        left = _VISITS * len(worth)
        while queue and left:
            known, good = heapq.heappop(queue)
            if -known < worth[good]:
                continue  # it has risen since, and stands there again
            left -= 1
            for activity, _ in of_good[good]:
                if earns[activity] == -np.inf:
                    continue
                brings = earns[activity] + sum(amount * worth[o] for o, amount in makes[activity])
                for used, amount in uses[activity]:
                    offered = brings / amount
                    if offered > worth[used] * (1.0 + _SETTLED) + _TINY:
                        worth[used], by[used] = offered, activity
                        heapq.heappush(queue, (-offered, used))
        self.worth, self.by = np.array(worth), np.array(by, dtype=np.int64)
        return not queue

    def _policies(self) -> None:
        """Give each good what the activities kept bring together, and keep better ones."""
        runs = np.flatnonzero(self.runs)
        for _ in range(_POLICIES):
            before = self.worth
            self.worth = self._together()
            if not (np.isfinite(self.worth).all() and (self.worth >= before * 0.999999).all()):
                break
            self.worth = np.maximum(self.worth, before)
            if not len(self._raised(runs)):
                return
        raise SolverError(
            "the value of goods grows without end along a cycle; run `flowopt check` on the network"
        )

    def _together(self) -> Floats:
        """Return what goods are worth if each goes into the activity that raised it last."""
        from scipy.sparse import linalg  # few networks need it

        goods = np.flatnonzero(self.by >= 0)
        number = np.full(len(self.by), -1, dtype=np.int64)
        number[goods] = np.arange(len(goods))
        kept = self.by[goods]
        used = np.asarray(self.uses[goods, kept]).reshape(-1)
        share = sparse.diags_array(1.0 / used) @ self.made[kept][:, goods]
        system = sparse.csc_array(sparse.eye_array(len(goods)) - share)
        worth = np.zeros(len(self.by))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", linalg.MatrixRankWarning)  # the caller sees the inf
            worth[goods] = linalg.spsolve(system, self.earns[kept] / used)
        return worth


def entries(
    matrix: sparse.csr_array | sparse.csc_array, major: npt.NDArray[np.integer[Any]]
) -> npt.NDArray[np.int64]:
    """Return where the entries of the given rows (csr) or columns (csc) stand in the data."""
    starts = matrix.indptr[major]
    lengths = matrix.indptr[major + 1] - starts
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())


def rows_of(matrix: sparse.csr_array | sparse.csc_array) -> list[list[tuple[int, float]]]:
    """Return the (column, value) entries of each row (csr), or the other way round (csc)."""
    pairs = list(zip(matrix.indices.tolist(), matrix.data.tolist(), strict=True))
    return [pairs[a:b] for a, b in itertools.pairwise(matrix.indptr.tolist())]
