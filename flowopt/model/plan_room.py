"""Room that limits and rules leave beside the measures of a plan, for all others at once."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from flowopt.model.activities import ActivityModel, Flags, Floats
from flowopt.model.feasible_plans import PlanConstraints, closure, limited_amounts


class PlanRoom:
    """Limits and rules of plans, on arrays with one entry per real measure.

    Parameters
    ----------
    model
        The activity model.
    limits
        What a plan may be.

    Attributes
    ----------
    whole, with_required
        Each measure with all that it requires: as sets, and as the rows of a sparse array.
    amounts, most : arrays
        What each measure takes of every limited sum, (sums, measures), and the limits, (sums,).
    """

    def __init__(self, model: ActivityModel, limits: PlanConstraints) -> None:
        self._count = count = len(model.measures)
        self.whole = [closure(model, {measure}) for measure in range(count)]
        self.with_required = _flag_rows([sorted(each) for each in self.whole], count)
        self.amounts, self.most = limited_amounts(model, limits)
        forbidden = [sorted(pair) for pair in (*model.excludes, *limits.covers)]
        self._forbidden = _flag_rows(forbidden, count)
        barred = np.zeros(count, dtype=np.bool_)
        barred[list(limits.exclude)] = True
        self._barred = barred

    def left(self, plan: Flags) -> Floats:
        """Return what a plan leaves of every limited sum, with its slack."""
        left: Floats = self.most - self.amounts @ plan
        return left

    def added(self, plan: Flags) -> Floats:
        """Return what each measure and all that it requires take more of every sum than a plan.

        Shape (measures, sums).
        """
        found: Floats = self.with_required @ (self.amounts * ~plan).T
        return found

    def open(self, plan: Flags, barred: Flags) -> Flags:
        """Return which measures of neither set may be added, with all that they require."""
        fits = ~plan & ~barred & (self.added(plan) <= self.left(plan)).all(axis=1)
        fits &= self.with_required @ (barred | self._barred) == 0.0
        if self._forbidden.shape[0]:
            fits &= self._completes_none(plan)
        return fits

    def _completes_none(self, plan: Flags) -> Flags:
        """Return which measures complete none of the sets that may not all be chosen."""
        missing = self._forbidden.multiply(~plan[None, :]).tocsr()
        lacks = np.asarray(missing.sum(axis=1)).reshape(-1)
        brings = (self.with_required @ missing.T).toarray()
        kept: Flags = (brings < lacks[None, :]).all(axis=1)
        return kept


def _flag_rows(members: list[list[int]], count: int) -> sparse.csr_array:
    """Return a row of flags for each set of measures."""
    ends = np.cumsum([0, *(len(each) for each in members)])
    columns = np.array([m for each in members for m in each], dtype=np.int64)
    return sparse.csr_array((np.ones(len(columns)), columns, ends), shape=(len(members), count))
