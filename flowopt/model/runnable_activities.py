"""Runnable activities, whose inputs can arrive, and those that lead to a delivery that counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.model.activities import ActivityModel, Flags, Floats, Indices
from flowopt.model.netback import entries, rows_of

_SMALL = 200  # goods up to which one activity at a time is quicker than arrays
_WIDE_SWEEPS = 100  # of what is reached at once, of more goods; then one by one
_WIDE_SWEEPS_AHEAD = 1_000  # likewise, where a sweep takes less
_FEW_SWEEPS = 200  # among a few activities alone


def reachable(model: ActivityModel, limit: Floats, closed: Flags | None = None) -> Flags:
    """Return which activities can run at all: every input can arrive, and no limit is zero.

    Parameters
    ----------
    model
        The trafficker's programme.
    limit, closed
        What there is of each capacity, t/yr, and which activities are shut, if any.
    """
    takes, used, made = model.takes, model.used.tocsr(), model.made
    missing = np.diff(model.used.indptr)
    blocked = np.zeros(len(missing), dtype=np.bool_)
    blocked[_columns_of(takes)[limit[takes.indices] <= 0.0]] = True
    if closed is not None:
        blocked |= closed
    runs: Flags = (missing == 0) & ~blocked
    arrived = np.zeros(len(model.goods), dtype=np.bool_)
    frontier = np.flatnonzero(runs)
    scratch = np.empty(max(len(arrived), len(missing)), dtype=np.int64)
    for _ in range(0 if len(arrived) <= _SMALL else _WIDE_SWEEPS):
        goods = made.indices[entries(made, frontier)]
        new = _distinct(goods[~arrived[goods]], scratch)
        arrived[new] = True
        users = used.indices[entries(used, new)]
        np.subtract.at(missing, users, 1)
        frontier = _distinct(users, scratch)
        frontier = frontier[(missing[frontier] == 0) & ~blocked[frontier]]
        if not len(frontier):
            return runs
        runs[frontier] = True
    return _reachable_one_by_one(model, used, runs, arrived, blocked)


def _reachable_one_by_one(
    model: ActivityModel,
    used: sparse.csr_array,
    runs: Flags,
    arrived: Flags,
    blocked: Flags,
) -> Flags:
    """Go on where few activities are reached at a time, as on a long path."""
    inputs, outputs = rows_of(model.used), rows_of(model.made)
    users = rows_of(used)
    there, runs = arrived.tolist(), runs.copy()
    queue = np.flatnonzero(runs).tolist()
    while queue:
        for good, _ in outputs[queue.pop()]:
            if there[good]:
                continue
            there[good] = True
            for user, _ in users[good]:
                ready = not runs[user] and not blocked[user]
                if ready and all(there[each] for each, _ in inputs[user]):
                    runs[user] = True
                    queue.append(user)
    return runs


def leading(model: ActivityModel, limit: Floats, closed: Flags) -> Flags:
    """Return which activities can run and lead, by whatever way, to a delivery that counts.

    No other is in a best response: what it makes is abandoned at what is shut. In floating point a
    shut gate may pass what rounds to nothing, and tonnes before it that lose nearly all.

    Parameters
    ----------
    model
        The trafficker's programme.
    limit, closed
        What there is of each capacity, t/yr, and which activities are shut.
    """
    runs = reachable(model, limit, closed)
    counts = np.flatnonzero(runs & ((model.weight_anywhere > 0.0) | (model.price > 0.0)))
    user, maker = _columns_of(model.used), _columns_of(model.made)
    uses, makes = runs[user], runs[maker]
    # From a point before them (0) to deliveries that count, to what these use, to what makes that.
    good = 1 + len(runs)
    size = good + len(model.goods)
    tail = np.concatenate([0 * counts, 1 + user[uses], good + model.made.indices[makes]])
    head = np.concatenate([1 + counts, good + model.used.indices[uses], 1 + maker[makes]])
    start = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=size))])
    sweeps = 0 if len(model.goods) <= _SMALL else _WIDE_SWEEPS_AHEAD
    return _ahead(start, head[np.argsort(tail, kind="stable")], sweeps=sweeps)[1:good]


def all_lead(model: ActivityModel, limit: Floats, works: Flags) -> bool:
    """Return whether some activities surely run and lead to deliveries, by themselves alone.

    Then all of them are `leading`, whatever others can: mostly so for those of a best response,
    which are few beside all that there are.

    Parameters
    ----------
    model
        The trafficker's programme.
    limit
        What there is of each capacity, t/yr.
    works
        Activities that no plan at hand shuts.
    """
    columns = np.flatnonzero(works)
    number = np.arange(len(columns))
    if (limit[model.takes.indices[entries(model.takes, columns)]] <= 0.0).any():
        return False
    place, made_place = entries(model.used, columns), entries(model.made, columns)
    used, made = model.used.indices[place], model.made.indices[made_place]
    user = np.repeat(number, np.diff(model.used.indptr)[columns])
    maker = np.repeat(number, np.diff(model.made.indptr)[columns])

    def grown(seen: Flags, step: Callable[[Flags], Flags]) -> bool:
        for _ in range(_FEW_SWEEPS):
            if seen.all():
                return True
            further = seen | step(seen)
            if (further == seen).all():
                return False
            seen = further
        return False

    def fed(runs: Flags) -> Flags:
        there = np.zeros(len(model.goods), dtype=np.bool_)
        there[made[runs[maker]]] = True
        ready: Flags = np.bincount(user, ~there[used], minlength=len(number)) == 0.0
        return ready

    def asked(leads: Flags) -> Flags:
        wanted = np.zeros(len(model.goods), dtype=np.bool_)
        wanted[used[leads[user]]] = True
        makes_some: Flags = np.bincount(maker, wanted[made], minlength=len(number)) > 0.0
        return makes_some

    counts = (model.weight[columns] > 0.0) | (model.price[columns] > 0.0)
    return grown(np.diff(model.used.indptr)[columns] == 0, fed) and grown(counts, asked)


def _ahead(start: Indices, head: Indices, *, sweeps: int) -> Flags:
    """Return which points can be reached from point 0; those after i are `head[start[i:i + 2]]`.

    As arrays, a step from all points at once, for so many sweeps; then one point at a time.
    """
    there = np.zeros(len(start) - 1, dtype=np.bool_)
    there[0] = True
    frontier = np.zeros(1, dtype=np.int64)
    scratch = np.empty(len(there), dtype=np.int64)
    for _ in range(sweeps):
        if not len(frontier):
            return there
        first, count = start[frontier], start[frontier + 1] - start[frontier]
        before = np.cumsum(count) - count
        new = head[np.repeat(first - before, count) + np.arange(count.sum())]
        new = new[~there[new]]
        there[new] = True
        frontier = _distinct(new, scratch)
    begins, heads, queue = start.tolist(), head.tolist(), frontier.tolist()
    reached = set(np.flatnonzero(there).tolist())
    while queue:
        point = queue.pop()
        new_here = set(heads[begins[point] : begins[point + 1]]) - reached
        reached |= new_here
        queue += new_here
    there[list(reached)] = True
    return there


def _distinct(places: npt.NDArray[np.integer[Any]], scratch: Indices) -> Indices:
    """Return each of some places once; `scratch`, whose content is lost, has an entry for each.

    Faster than sorting them: of equal ones the last is written, and stays.
    """
    order = np.arange(len(places))
    scratch[places] = order
    distinct: Indices = places[scratch[places] == order].astype(np.int64)
    return distinct


def _columns_of(matrix: sparse.csc_array) -> Indices:
    """Return the column that each entry stands in."""
    return np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
