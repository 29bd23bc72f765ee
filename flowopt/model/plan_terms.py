"""What plans make of limits, closures and costs, looking only at places that a measure touches.

A plan that is valued may differ from the last one in a few measures, and most rows and columns of
a large programme are touched by none at all. What is returned does not depend on plans seen
before: each touched place is computed anew from the network's own number, in the order of
`ActivityModel.limits_under` and its neighbours, to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flowopt.model.activities import ActivityModel, Floats, Indices, Terms

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Touched:
    """The places that some terms touch, and which of them each term touches.

    Attributes
    ----------
    places : array of int
        Rows or columns, ascending, each once.
    entry : array of int
        Of each term: index into `places`.
    measure, amount : arrays
        As in `Terms`.
    """

    places: Indices
    entry: Indices
    measure: Indices
    amount: Floats

    @staticmethod
    def of(terms: Terms) -> Touched:
        """Group terms by place."""
        places, entry = np.unique(terms.place, return_inverse=True)
        return Touched(places, entry.astype(np.int64), terms.measure, terms.amount)


class PlanTerms:
    """What a plan leaves of the touched limits, columns and costs of one model.

    Attributes
    ----------
    cuts, closures, rises : Touched
        The touched capacity rows, the touched columns, and the columns that may get dearer.
    """

    def __init__(self, model: ActivityModel) -> None:
        self.cuts = Touched.of(model.cuts)
        self.closures = Touched.of(model.closures)
        self.rises = Touched.of(model.rises)
        self._real = len(model.measures)
        pairs = np.array(model.virtual, dtype=np.int64).reshape(-1, 2)
        self._reform, self._target = pairs[:, 0], pairs[:, 1]

    def chosen(self, plan: Iterable[int]) -> Flags:
        """Return which measures act, as `ActivityModel.chosen` does."""
        acts = np.zeros(self._real + len(self._reform), dtype=np.bool_)
        acts[list(plan)] = True
        if len(self._reform):
            acts[self._real :] = acts[self._reform] & acts[self._target]
        return acts

    def limits(self, limit: Floats, acts: Flags) -> Floats:
        """Return what partial cuts leave of the touched rows of `limit`, t/yr."""
        left: Floats = limit[self.cuts.places]
        on = acts[self.cuts.measure]
        np.multiply.at(left, self.cuts.entry[on], 1.0 - self.cuts.amount[on])
        return left

    def closed(self, acts: Flags) -> Flags:
        """Return which of the touched columns the plan closes."""
        closed = np.zeros(len(self.closures.places), dtype=np.bool_)
        closed[self.closures.entry[acts[self.closures.measure]]] = True
        return closed

    def costs(self, cost: Floats, acts: Flags) -> Floats:
        """Return what the touched columns of `cost` come to under the plan, M USD per unit."""
        dearer: Floats = cost[self.rises.places]
        on = acts[self.rises.measure]
        np.add.at(dearer, self.rises.entry[on], self.rises.amount[on])
        return dearer
