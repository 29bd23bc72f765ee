"""Origins of a model's numbers: the cells of a network's tables, and its combined effects.

With them, other numbers of the same network become other arrays of the same model without building
it anew (`model_numbers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from flowopt.model.activities import Indices

NOBODY = -1  # slot of a whole closure: nothing that a number moves


@dataclass(slots=True)
class OriginLog:
    """Origins noted while a model is built, in the order in which its entries are made.

    Attributes
    ----------
    limits
        Table and row of each capacity row.
    cuts, closures, cost_increases
        Slot of each act of a measure.
    losses, lines, passes
        Entries of the matrix `made` that are what arrives of an arc, a recipe's line, and what a
        seized lane lets pass: (entry, row or slot).
    consumed
        Entries of the matrix `used` that are a recipe's line: (entry, row).
    """

    limits: list[tuple[str, int]] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    closures: list[int] = field(default_factory=list)
    cost_increases: list[int] = field(default_factory=list)
    losses: list[tuple[int, int]] = field(default_factory=list)
    lines: list[tuple[int, int]] = field(default_factory=list)
    passes: list[tuple[int, int]] = field(default_factory=list)
    consumed: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Origins:
    """Origins of the numbers of a finished model, in the order of its arrays.

    Attributes
    ----------
    limits : tuple of (str, int)
        Table and row of each capacity row; of a pool, its first row.
    cuts, closures, cost_increases : arrays of int
        Slot of each of the model's terms; -1 of a whole closure.
    losses, lines, passes, consumed : (array, array)
        Places in the data of `made`, or of `used` for `consumed`, and the row or slot of each.
    """

    limits: tuple[tuple[str, int], ...]
    cuts: Indices
    closures: Indices
    cost_increases: Indices
    losses: tuple[Indices, Indices]
    lines: tuple[Indices, Indices]
    passes: tuple[Indices, Indices]
    consumed: tuple[Indices, Indices]


Triples = Sequence[tuple[int, int, float]]


def origins(
    log: OriginLog,
    *,
    terms: tuple[Triples, Triples, Triples],
    used: Triples,
    made: Triples,
    shape: tuple[int, int],
) -> Origins:
    """Return the origins noted in a log, in the order of the model's arrays.

    Parameters
    ----------
    terms
        The (place, measure, amount) entries of cuts, closures and cost increases, as noted.
    used, made
        The (row, column, value) entries of both matrices, as noted.
    shape
        Of both matrices.
    """
    into_used, into_made = _places(used, shape), _places(made, shape)
    slots = (log.cuts, log.closures, log.cost_increases)
    cuts, closures, cost_increases = map(_sorted_like, terms, slots)
    return Origins(
        limits=tuple(log.limits),
        cuts=cuts,
        closures=closures,
        cost_increases=cost_increases,
        losses=_placed(log.losses, into_made),
        lines=_placed(log.lines, into_made),
        passes=_placed(log.passes, into_made),
        consumed=_placed(log.consumed, into_used),
    )


def _sorted_like(entries: Triples, slots: Sequence[int]) -> Indices:
    """Return the slots in the order of `Terms.of`."""
    order = sorted(range(len(entries)), key=entries.__getitem__)
    return np.array([slots[i] for i in order], dtype=np.int64)


def _places(entries: Triples, shape: tuple[int, int]) -> Indices:
    """Return where each entry stands in the data of the sparse array; no two share a place."""
    rows = np.array([entry[0] for entry in entries], dtype=np.int64)
    columns = np.array([entry[1] for entry in entries], dtype=np.int64)
    numbers = np.arange(len(entries), dtype=np.float64)
    data = sparse.csc_array((numbers, (rows, columns)), shape=shape).data.astype(np.int64)
    places = np.empty(len(entries), dtype=np.int64)
    places[data] = np.arange(len(entries))
    return places


def _placed(noted: Sequence[tuple[int, int]], places: Indices) -> tuple[Indices, Indices]:
    pairs = np.array(noted, dtype=np.int64).reshape(len(noted), 2)
    return places[pairs[:, 0]], pairs[:, 1]
