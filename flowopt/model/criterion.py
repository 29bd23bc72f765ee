"""The criterion: one number for the values of a plan in all scenarios.

With v_s the value in scenario s, q_s its share of the weight, and r_s what it is compared with,

    expected            R(v) = sum_s q_s v_s
    worst, cut, regret  R(v) = max_s (v_s - r_s)
    cvar                R(v) = min_t t + sum_s q_s max(0, v_s - t) / tail.

Each is the largest sum w'(v - r) over shares w >= 0 that add up to 1: all of it on one scenario,
just q, or no more than q_s / tail each. Hence R falls in no v_s, is convex, and

    -R_0(-l)  <=  R(v) - R(v - l)  <=  R_0(l)    for every l, R_0 being R without references.

So bounds on values give bounds on the criterion, and losses of values bounds on its loss.

Sources: R. T. Rockafellar and S. Uryasev, "Optimization of conditional value-at-risk", Journal of
Risk 2, 2000 (cvar, and its programme); P. Kouvelis and G. Yu, "Robust Discrete Optimization and
Its Applications", 1997 (regret).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from flowopt.criteria import CRITERIA, TAIL, CriterionName
from flowopt.model.activities import Floats, Indices


@dataclass(frozen=True, slots=True)
class Criterion:
    """Criterion over some scenarios.

    Attributes
    ----------
    name : str
        Which of them.
    shares : array
        q_s, shares of the weight; they add up to 1 where they count.
    reference : array
        r_s, in the objective's unit.
    shift : float
        Added to all: what keeps a difference away from 0, where shares of it would say nothing.
    tail : float
        Share of the weight that `cvar` looks at.
    """

    name: CriterionName
    shares: Floats
    reference: Floats
    shift: float = 0.0
    tail: float = TAIL

    def of(self, values: Floats) -> float:
        """Return the criterion of one value per scenario, the shift included."""
        return float(self._spread((values - self.reference)[:, None])[0]) + self.shift

    def most_lost(self, losses: Floats) -> Floats:
        """Return by how much the criterion can fall where values fall by no more than losses.

        Shape (scenarios, n) to (n,); several losses at once are no more than their sum.
        """
        return self._spread(losses)

    def surely_lost(self, losses: Floats) -> Floats:
        """Return by how much the criterion falls where values fall by at least the losses."""
        return -self._spread(-losses)

    def most_valued(self, values: Floats, cutoff: float) -> Floats:
        """Return what each value can be at most in a criterion up to a cutoff, shift included.

        Parameters
        ----------
        values
            Bounds below all values; the criterion of them may not be above the cutoff.
        """
        most = self.reference + (cutoff - self.shift)
        if not CRITERIA[self.name].weighted:
            return most
        # The tail's mean is no less than the mean of all.
        counted = self.shares > 0.0
        others = float(self.shares @ values) - self.shares * values
        most = np.full(len(values), np.inf)
        most[counted] = (cutoff - self.shift - others[counted]) / self.shares[counted]
        return most

    def among(self, scenarios: Indices) -> Criterion:
        """Return the criterion over some scenarios; never above that over all if none is weighted.

        Raises
        ------
        ValueError
            Where all are weighted: without some of them it bounds nothing.
        """
        if CRITERIA[self.name].weighted:
            raise ValueError(f"the criterion {self.name} needs all of its scenarios")
        shares, reference = self.shares[scenarios], self.reference[scenarios]
        return replace(self, shares=shares, reference=reference)

    def compared_with(self, reference: Floats) -> Criterion:
        """Return the criterion with other references, and without its shift."""
        return replace(self, reference=reference, shift=0.0)

    def _spread(self, values: Floats) -> Floats:
        """Return R_0 of each column."""
        if not CRITERIA[self.name].weighted:
            largest: Floats = values.max(axis=0)
            return largest
        counted = self.shares > 0.0
        shares, values = self.shares[counted], values[counted]
        if self.name == "expected":
            return np.asarray(shares @ values)
        order = np.argsort(-values, axis=0, kind="stable")
        before = np.cumsum(shares[order], axis=0) - shares[order]
        taken = np.clip(self.tail - before, 0.0, shares[order])
        some = taken > 0.0
        tail = np.where(some, np.take_along_axis(values, order, axis=0), 0.0)
        mean: Floats = (tail * taken).sum(axis=0) / taken.sum(axis=0)
        return mean
