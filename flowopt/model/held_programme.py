"""The planner's programme of one scenario with what acts held, hot in the solver, and its cuts.

With the acting vector a in [0, 1] held, one entry per measure, real or virtual, the programme of
`interdiction` is a linear one,

    f(a)  =  min c'z   subject to   L <= A z + B a <= U,   0 <= z <= 1,

whose optimum is the trafficker's at every plan, is convex in a, and does not rise in it: each row
with a only loosens. So f at the expected acting vector is a bound on the expected value of a plan
(Jensen), and so are averages of its cuts.

*Cut.* For multipliers y of whatever quality (see `weak_duality`) every a in [0, 1] has

    f(a)  >=  y'side  -  (B'y)'a  +  sum_k min(0, d_k) u_k(a),      d = c - A'y,

u_k(a) being the upper bound of z_k. It is linear in a: where a row has no other variable than z_k
it is no row but the bound u_k(a) itself, as for w <= a. At optimal y the cut is tight at the a that
it was found at, and no tolerance of the solver enters it anywhere.

Only sides and bounds change from one a to the next, so the dual simplex goes on from its last
basis.

Source: A. M. Geoffrion, "Generalized Benders decomposition", Journal of Optimization Theory and
Applications 10, 1972 (cuts from the dual of what is held).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.bounds import Bounds
from flowopt.model.highs_arrays import hot_relaxation
from flowopt.model.interdiction import add_dual
from flowopt.model.milp import Milp, MilpBuilder
from flowopt.model.weak_duality import ROUNDING, least_terms, usable
from flowopt.objectives import Objective


@dataclass(frozen=True, slots=True)
class Cut:
    """A bound that is linear: no value is below `constant` + `slope`' times what it hangs on."""

    constant: float
    slope: Floats

    def at(self, point: Floats) -> float:
        """Return the bound at a point."""
        return self.constant + float(self.slope @ point)


class HeldProgramme:
    """The programme of one scenario, whose acting vector is held.

    Parameters
    ----------
    model, bounds, objective
        The trafficker's programme and the bounds derived for a zero-sum objective.
    scale
        What is small is small beside it: the value without measures. Must be positive.
    check
        Called before each cut, so that it can raise where time is over.

    Attributes
    ----------
    iterations : int
        Simplex steps so far.
    """

    def __init__(
        self,
        model: ActivityModel,
        bounds: Bounds,
        objective: Objective,
        *,
        scale: float,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self.iterations = 0
        self._check = check
        self._scale = scale
        build = MilpBuilder()
        acts = build.variables("a", len(model.measures) + len(model.virtual))
        cost = add_dual(build, model, bounds, objective, acts)
        milp = build.build([(variable, part / scale) for variable, part in cost])
        self._take(milp, acts)

    def _take(self, milp: Milp, acts: Indices) -> None:
        """Take the held columns out, and the rows of one variable that are bounds of it."""
        held = np.isin(np.arange(len(milp.cost)), acts)
        columns = sparse.csc_array(milp.matrix)
        free, acting = columns[:, ~held].tocsr(), columns[:, held].tocsr()
        self._upper = milp.upper[~held]
        single = np.flatnonzero((np.diff(free.indptr) == 1) & (np.diff(acting.indptr) > 0))
        single = single[
            (free.data[free.indptr[single]] > 0.0) & np.isneginf(milp.row_lower[single])
        ]
        _, once = np.unique(free.indices[free.indptr[single]], return_index=True)
        single = single[once]
        each = free.data[free.indptr[single]]
        self._limited = free.indices[free.indptr[single]].astype(np.int32)
        self._limit = milp.row_upper[single] / each
        self._limit_slope = sparse.csr_array(sparse.diags_array(1.0 / each) @ acting[single])
        kept = np.setdiff1d(np.arange(len(milp.row_names)), single)
        self._matrix = free[kept].T.tocsr()
        self._acting = acting[kept]
        self._acting_columns = self._acting.T.tocsr()
        self._lower, self._most = milp.row_lower[kept], milp.row_upper[kept]
        self._moving = np.flatnonzero(np.diff(self._acting.indptr) > 0).astype(np.int32)
        self._cost = milp.cost[~held]
        self._highs = hot_relaxation(
            free[kept],
            cost=self._cost,
            columns=(np.zeros(len(self._cost)), self._upper),
            rows=(self._lower, self._most),
            name="the programme with what acts held",
        )

    def cut(self, acting: Floats) -> Cut:
        """Return the cut at an acting vector, in the objective's unit: f there, and its slope."""
        self._check()
        if not len(self._cost):
            return Cut(0.0, np.zeros(len(acting)))
        highs, rows = self._highs, self._moving
        shift = (self._acting @ acting)[rows]
        lower, upper = self._lower[rows] - shift, self._most[rows] - shift
        highs.changeRowsBounds(len(rows), rows, lower, upper)
        most = np.minimum(self._upper[self._limited], self._limit - self._limit_slope @ acting)
        nothing = np.zeros(len(most))
        highs.changeColsBounds(len(most), self._limited, nothing, np.maximum(most, 0.0))
        self._run()
        return self._cut_by(np.array(highs.getSolution().row_dual))

    def _run(self) -> None:
        """Solve; whatever comes of it, its multipliers make a cut."""
        for anew in (False, True):
            if anew:
                self._highs.clearSolver()
            self._highs.run()
            self.iterations += max(self._highs.getInfo().simplex_iteration_count, 0)
            if self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                return

    def _cut_by(self, multipliers: Floats) -> Cut:
        y = usable(multipliers, self._lower, self._most)
        rows = least_terms(y, self._lower, self._most)
        reduced = self._cost - self._matrix @ y
        paid = np.minimum(reduced, 0.0)
        limited = paid[self._limited]
        paid[self._limited] = 0.0
        columns, limits = paid * self._upper, limited * self._limit
        slope = -(self._acting_columns @ y) - self._limit_slope.T @ limited
        sizes = sum(float(np.abs(terms).sum()) for terms in (rows, columns, limits, slope))
        constant = float(rows.sum() + columns.sum() + limits.sum()) - ROUNDING * sizes
        return Cut(self._scale * constant, self._scale * slope)
