"""Bounds on what a flow within a target of tonnes earns, as cuts in the plan.

With measures in part, x in [0, 1], let

    F(x) = max { p'y - rises : the rows of `bilevel_flow` at x,  w'y <= T }

be the most that a flow of T tonnes or less earns. Plans stand in its right-hand sides alone, so F
is concave, and multipliers found at any one point give a bound everywhere:

    F(x) <= most - loses'x.

It is found from the multipliers by arithmetic (see `weak_duality`), so whatever point and
multipliers it comes from, it is one. At the point itself it is F but for rounding.

Source: J. E. Kelley, "The cutting-plane method for solving convex programs", Journal of the Society
for Industrial and Applied Mathematics 8(4), 1960.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowopt.model.activities import Floats, Indices
from flowopt.model.milp import Milp
from flowopt.model.relaxation import Relaxation
from flowopt.model.weak_duality import ROUNDING, least_terms, usable


@dataclass(frozen=True, slots=True, eq=False)
class EarningCut:
    """Bound on what a flow earns, as a share of the profit without measures.

    Attributes
    ----------
    most : float
        The bound without measures.
    loses : array
        What it falls by with each measure that acts, virtual ones included; negative where it
        rises.
    """

    most: float
    loses: Floats

    def at(self, acts: Floats) -> float:
        """Return the bound where measures act in part."""
        return self.most - float(self.loses @ acts)


def earning_cut(milp: Milp, acts: Indices, relaxation: Relaxation, at: Floats) -> EarningCut | None:
    """Return the cut that touches F at some point; None where it is not solved.

    Parameters
    ----------
    milp, acts
        The programme of F, which minimises what is lost, as a share of the profit without measures;
        and its variables of the measures that act.
    relaxation
        Its relaxation, whose objective is that of the programme.
    at
        How much of each measure acts, 0 to 1.
    """
    pairs = zip(acts.tolist(), at.tolist(), strict=True)
    held = tuple((v, share, upper) for v, share in pairs for upper in (True, False))
    if relaxation.least(milp.cost, held) is None:
        return None
    multipliers = relaxation.multipliers()[: len(milp.row_names)]
    multipliers = usable(multipliers, milp.row_lower, milp.row_upper)
    reduced = milp.cost - milp.matrix.T @ multipliers
    rows = least_terms(multipliers, milp.row_lower, milp.row_upper)
    others = np.ones(len(reduced), dtype=np.bool_)
    others[acts] = False
    columns = least_terms(reduced[others], milp.lower[others], milp.upper[others])
    sizes = float(np.abs(rows).sum() + np.abs(columns).sum() + np.abs(reduced[acts]).sum())
    least = float(rows.sum() + columns.sum()) - ROUNDING * sizes
    return EarningCut(most=-least, loses=reduced[acts])
