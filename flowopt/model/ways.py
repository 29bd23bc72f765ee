"""Activities between goods at nodes: arcs followed over the lanes and gates left open.

All is done in arrays, a stage of lanes at a time for every arc at once: proofs are wanted of
networks with tens of thousands of arcs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.model.activities import ActivityModel, Floats, Indices

_INNER = ("free", "hit", "gate")
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Legs:
    """Activities of the files' own rows, from goods at nodes to goods at nodes.

    Attributes
    ----------
    column : array of int
        The activity of each leg.
    used, made : sparse arrays, goods x legs
        What a unit uses up, and what of it arrives after every loss on the way.
    takes : sparse array, capacities x legs
        What a unit takes of each capacity, those that it passes on the way included.
    """

    column: Indices
    used: sparse.csc_array
    made: sparse.csc_array
    takes: sparse.csc_array


def open_legs(model: ActivityModel, plan: Iterable[int]) -> Legs:
    """Return the legs that a plan leaves open, each followed to where it ends."""
    closed = model.closed_under(model.chosen(plan))
    legs, arrives = _followed(model, np.flatnonzero(~inner_activities(model) & ~closed), closed)
    keep = np.flatnonzero(arrives)
    return Legs(legs.column[keep], legs.used[:, keep], legs.made[:, keep], legs.takes[:, keep])


def arriving_shares(model: ActivityModel, plan: Iterable[int]) -> dict[tuple[int, str], float]:
    """Return what share of each (arc's row, commodity) that enters arrives at the head."""
    ships = np.array([a.kind == "ship" for a in model.activities], dtype=np.bool_)
    closed = model.closed_under(model.chosen(plan))
    legs, _ = _followed(model, np.flatnonzero(ships), closed)
    shares = np.asarray(legs.made.sum(axis=0)).ravel()
    labels = (model.activities[j] for j in legs.column.tolist())
    return {(a.row, a.commodity): share for a, share in zip(labels, shares.tolist(), strict=True)}


def inner_activities(model: ActivityModel) -> Flags:
    """Return which activities only pass a point on the way: lanes and gates."""
    return np.array([a.kind in _INNER for a in model.activities], dtype=np.bool_)


def on_the_way(model: ActivityModel) -> Flags:
    """Return which goods lanes and gates use up: points on the way."""
    inner = np.zeros(len(model.goods), dtype=np.bool_)
    inner[model.used[:, np.flatnonzero(inner_activities(model))].indices] = True
    return inner


def _followed(model: ActivityModel, columns: Indices, closed: Flags) -> tuple[Legs, Flags]:
    """Return some activities as legs, and of each whether all that it makes arrives somewhere."""
    onward, inner = _onward(model, closed), on_the_way(model)
    count = len(columns)
    made, takes = model.made[:, columns].tocoo(), model.takes[:, columns].tocoo()
    at, leg, share = made.row.astype(np.int64), made.col.astype(np.int64), made.data
    arrives = np.ones(count, dtype=np.bool_)
    ends: list[tuple[Indices, Indices, Floats]] = [(at[:0], leg[:0], share[:0])]  # all may be shut
    taken = [(takes.row.astype(np.int64), takes.col.astype(np.int64), takes.data)]
    while len(at):
        there = ~inner[at]
        ends.append((at[there], leg[there], share[there]))
        at, leg, share = at[~there], leg[~there], share[~there]
        lane = onward[at]
        arrives[leg[lane < 0]] = False
        at, leg, share, lane = (each[lane >= 0] for each in (at, leg, share, lane))
        passed = model.takes[:, lane].tocoo()
        taken.append((passed.row.astype(np.int64), leg[passed.col], share[passed.col]))
        onto = model.made[:, lane]  # a lane or a gate makes one good
        at, share = onto.indices.astype(np.int64), share * onto.data
    legs = Legs(
        columns,
        model.used[:, columns],
        _matrix(ends, (len(model.goods), count)),
        _matrix(taken, (len(model.capacities), count)),
    )
    return legs, arrives


def _onward(model: ActivityModel, closed: Flags) -> Indices:
    """Return the lane or gate that each point on the way leads into, -1 where there is none.

    A lane that keeps everything comes first in the programme where it is open.
    """
    onward = np.full(len(model.goods), -1, dtype=np.int64)
    lanes = np.flatnonzero(inner_activities(model) & ~closed)[::-1]
    onward[model.used[:, lanes].indices] = lanes
    return onward


def _matrix(
    entries: list[tuple[Indices, Indices, Floats]], shape: tuple[int, int]
) -> sparse.csc_array:
    if not entries:  # no way at all is open
        return sparse.csc_array(shape)
    row, column, value = (np.concatenate(each) for each in zip(*entries, strict=True))
    return sparse.csc_array((value, (row, column)), shape=shape)
