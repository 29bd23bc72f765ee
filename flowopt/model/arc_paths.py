"""Activities between goods at nodes: arcs followed over the lanes and gates left open.

All is done in arrays, a stage of lanes at a time for every arc at once: proofs are wanted of
networks with tens of thousands of arcs, and half a dozen of them in every solve of a small one,
where a sparse array takes longer to make than to use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from flowopt.model.activities import ActivityModel, Flags, Floats, Indices
from flowopt.model.netback import entries


@dataclass(frozen=True, slots=True)
class Triplets:
    """Entries of a sparse matrix of goods or capacities x legs, as parallel arrays in any order."""

    row: Indices
    leg: Indices
    amount: Floats

    def of_legs(self, kept: Flags) -> Triplets:
        """Return the entries of the legs that are kept, which are numbered anew."""
        number, here = np.cumsum(kept) - 1, kept[self.leg]
        return Triplets(self.row[here], number[self.leg[here]], self.amount[here])


@dataclass(frozen=True, slots=True)
class Legs:
    """Activities of the files' own rows, from goods at nodes to goods at nodes.

    Attributes
    ----------
    column : array of int
        The activity of each leg.
    used, made : Triplets, goods x legs
        What a unit uses up, and what of it arrives after every loss on the way.
    takes : Triplets, capacities x legs
        What a unit takes of each capacity, those that it passes on the way included.
    """

    column: Indices
    used: Triplets
    made: Triplets
    takes: Triplets


def open_legs(model: ActivityModel, plan: Iterable[int]) -> Legs:
    """Return the legs that a plan leaves open, each followed to where it ends."""
    closed = model.closed_under(model.chosen(plan))
    legs, arrives = _followed(model, np.flatnonzero(~model.inner & ~closed), closed)
    return Legs(
        legs.column[arrives],
        legs.used.of_legs(arrives),
        legs.made.of_legs(arrives),
        legs.takes.of_legs(arrives),
    )


def arriving_shares(model: ActivityModel, plan: Iterable[int]) -> dict[tuple[int, str], float]:
    """Return what share of each (arc's row, commodity) that enters arrives at the head."""
    ships = np.array([a.kind == "ship" for a in model.activities], dtype=np.bool_)
    closed = model.closed_under(model.chosen(plan))
    legs, _ = _followed(model, np.flatnonzero(ships), closed)
    shares = np.bincount(legs.made.leg, legs.made.amount, minlength=len(legs.column))
    labels = (model.activities[j] for j in legs.column.tolist())
    return {(a.row, a.commodity): share for a, share in zip(labels, shares.tolist(), strict=True)}


def _followed(model: ActivityModel, columns: Indices, closed: Flags) -> tuple[Legs, Flags]:
    """Return some activities as legs, and of each whether all that it makes arrives somewhere."""
    onward, inner = _onward(model, closed), model.on_the_way
    arrives = np.ones(len(columns), dtype=np.bool_)
    made = _columns(model.made, columns)
    ends, taken = [], [_columns(model.takes, columns)]
    while True:
        there = ~inner[made.row]
        ends.append(Triplets(made.row[there], made.leg[there], made.amount[there]))
        at, leg, share = made.row[~there], made.leg[~there], made.amount[~there]
        lane = onward[at]
        arrives[leg[lane < 0]] = False
        on = lane >= 0
        leg, share, lane = leg[on], share[on], lane[on]
        if not len(lane):
            break
        taken.append(_passed(_columns(model.takes, lane), leg, share))
        made = _passed(_columns(model.made, lane), leg, share)
    legs = Legs(columns, _columns(model.used, columns), _joined(ends), _joined(taken))
    return legs, arrives


def _onward(model: ActivityModel, closed: Flags) -> Indices:
    """Return the lane or gate that each point on the way leads into, -1 where there is none.

    A lane that keeps everything comes first in the programme where it is open.
    """
    onward = np.full(len(model.goods), -1, dtype=np.int64)
    lanes = np.flatnonzero(model.inner & ~closed)[::-1]
    onward[_columns(model.used, lanes).row] = lanes
    return onward


def _columns(matrix: sparse.csc_array, columns: Indices) -> Triplets:
    """Return the entries of some columns, which are numbered in their order."""
    place = entries(matrix, columns)
    counts = matrix.indptr[columns + 1] - matrix.indptr[columns]
    leg = np.repeat(np.arange(len(columns)), counts)
    return Triplets(matrix.indices[place].astype(np.int64), leg, matrix.data[place])


def _passed(lanes: Triplets, leg: Indices, share: Floats) -> Triplets:
    """Return what legs make and take where they pass one lane each, of what still arrives there."""
    return Triplets(lanes.row, leg[lanes.leg], share[lanes.leg] * lanes.amount)


def _joined(parts: list[Triplets]) -> Triplets:
    return Triplets(
        np.concatenate([each.row for each in parts]),
        np.concatenate([each.leg for each in parts]),
        np.concatenate([each.amount for each in parts]),
    )
