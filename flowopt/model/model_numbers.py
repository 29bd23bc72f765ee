"""Other numbers in the tables of one network, as other numbers of its activity model.

Building a model takes as long as several best responses; which number of the tables stands where
in its arrays is found once here. Where other numbers give a model of another structure (a cut that
becomes a closure, a reform that begins to matter), there is none, and it has to be built anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.model.activities import USD_PER_KG, ActivityModel, Floats, Indices, Terms
from flowopt.model.build import activity_model, traced_model
from flowopt.model.combined_effects import Combined, EffectNumbers, EffectSlots
from flowopt.model.origins import NOBODY
from flowopt.network.network import Network

Columns = Mapping[tuple[str, str], Floats]  # (table, column): a number for each row
_LIMITS = {
    "arcs": "capacity",
    "nodes": "capacity",
    "sites": "capacity",
    "supplies": "capacity",
    "demands": "quantity",
}
_TABLES = {"ship": "arcs", "site": "sites", "supply": "supplies", "deliver": "demands"}
_Pattern = tuple[npt.NDArray[np.bool_], ...]


class ModelNumbers:
    """The activity model of one network, for whatever numbers its tables have.

    Parameters
    ----------
    network
        A checked network.

    Attributes
    ----------
    base : ActivityModel
        The model with the network's own numbers.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self.base, self._origins = traced_model(network)
        index = {measure: i for i, measure in enumerate(self.base.measures)}
        self._slots = EffectSlots(network, index)
        self._effect_numbers = EffectNumbers.of(network)
        self._pattern = self._pattern_of(*self._slots.combine(self._effect_numbers))
        self._activities = {
            kind: _pairs((j, a.row) for j, a in enumerate(self.base.activities) if a.kind == kind)
            for kind in ("ship", "site", "supply", "deliver")
        }
        limits = self._origins.limits
        self._limits = {
            table: _pairs((i, row) for i, (at, row) in enumerate(limits) if at == table)
            for table in _LIMITS
        }

    def model(self, columns: Columns) -> ActivityModel | None:
        """Return the model with other numbers, None where its structure would be another.

        Parameters
        ----------
        columns
            Whole columns of tables, in the units of the files, `inf` for an unlimited capacity:
            every column of `arcs`, `nodes`, `sites`, `supplies`, `demands`, `recipes`, `effects`
            and `reforms` that is a number. The rows of a pool have their capacity each. Columns
            that are not given stay as they are.
        """
        changed: dict[str, Any] = {"limit": self._limit(columns)}
        for name, scale in (("cost", USD_PER_KG), ("price", USD_PER_KG), ("weight", 1.0)):
            changed[name] = self._of_activities(name, scale, columns)
        used, made = self.base.used.data.copy(), self.base.made.data.copy()
        if not (self._put_losses(made, columns) and self._put_lines(used, made, columns)):
            return None
        if any(table in ("effects", "reforms") for table, _ in columns):
            effects = self._effects(made, columns)
            if effects is None:
                return None
            changed |= effects
        changed |= {"used": _with_data(self.base.used, used)}
        return replace(self.base, made=_with_data(self.base.made, made), **changed)

    def rebuilt(self, network: Network) -> ActivityModel:
        """Return the model of a network of another structure, with the same measures."""
        return activity_model(network)

    def _limit(self, columns: Columns) -> Floats:
        """Return what there is of each capacity, t/yr."""
        limit = self.base.limit.copy()
        for table, (places, rows) in self._limits.items():
            if (given := columns.get((table, _LIMITS[table]))) is not None:
                limit[places] = given[rows]
        return limit

    def _of_activities(self, name: str, scale: float, columns: Columns) -> Floats:
        """Return the costs, prices or weights of the activities."""
        found: Floats = getattr(self.base, name).copy()
        for kind, (places, rows) in self._activities.items():
            if (given := columns.get((_TABLES[kind], name))) is not None:
                found[places] = given[rows] * scale
        return found

    def _put_losses(self, made: Floats, columns: Columns) -> bool:
        """Put what arrives of arcs into the data of a matrix; return whether it has the places."""
        loss = columns.get(("arcs", "loss"))
        if loss is None:
            return True
        own = np.array([arc.loss for arc in self._network.arcs])
        places, rows = self._origins.losses
        made[places] = 1.0 - loss[rows]
        return bool(((loss < 1.0) == (own < 1.0)).all())

    def _put_lines(self, used: Floats, made: Floats, columns: Columns) -> bool:
        """Put recipes into the data of matrices; return whether these have the places."""
        quantity = columns.get(("recipes", "quantity"))
        if quantity is None:
            return True
        own = np.array([line.quantity for line in self._network.recipes])
        places, rows = self._origins.consumed
        used[places] = -quantity[rows]
        places, rows = self._origins.lines
        made[places] = quantity[rows]
        return bool((np.sign(quantity) == np.sign(own)).all())

    def _effects(self, made: Floats, columns: Columns) -> dict[str, Terms] | None:
        """Return the acts of measures, and put what seizures let pass into the data of a matrix.

        None where the structure would be another.
        """
        given = {name: numbers for (table, name), numbers in columns.items() if table == "effects"}
        if ("reforms", "corruption") in columns:
            given["reformed"] = columns["reforms", "corruption"]
        own, extra = self._slots.combine(replace(self._effect_numbers, **given))
        pattern = self._pattern_of(own, extra)
        if any((a != b).any() for a, b in zip(pattern, self._pattern, strict=True)):
            return None
        keeps = np.concatenate([own.keeps, extra.keeps])
        passes = np.concatenate([own.passes, extra.passes])
        increase = np.concatenate([own.cost_increase, extra.cost_increase]) * USD_PER_KG
        places, slots = self._origins.passes
        made[places] = passes[slots]
        stages = self._origins.closures != NOBODY
        closed = self.base.closures.amount.copy()
        closed[stages] = 1.0 - passes[self._origins.closures[stages]]
        base = self.base
        return {
            "cuts": replace(base.cuts, amount=1.0 - keeps[self._origins.cuts]),
            "closures": replace(base.closures, amount=closed),
            "cost_increases": replace(
                base.cost_increases, amount=increase[self._origins.cost_increases]
            ),
        }

    def _pattern_of(self, own: Combined, extra: Combined) -> _Pattern:
        """Return what decides on the structure of the model: what effects do at all."""
        return (
            *(pattern for each in (own, extra) for pattern in _acts(each)),
            np.array(extra.idle, dtype=np.bool_),
        )


def _acts(combined: Combined) -> _Pattern:
    """Return which effects close, cut, seize all, seize and make dearer."""
    return (
        combined.keeps <= 0.0,
        combined.keeps < 1.0,
        combined.passes <= 0.0,
        combined.passes < 1.0,
        combined.cost_increase > 0.0,
    )


def _pairs(found: Iterable[tuple[int, int]]) -> tuple[Indices, Indices]:
    """Return pairs as two arrays."""
    pairs = np.array(list(found), dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _with_data(matrix: sparse.csc_array, data: Floats) -> sparse.csc_array:
    """Return the sparse array with other numbers at the same places, which it shares."""
    return sparse.csc_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
