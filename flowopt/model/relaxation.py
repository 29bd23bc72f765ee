"""Linear relaxation of a programme among points no worse than a cutoff: how large variables get.

    maximise    z_v
    subject to  the rows and bounds of the programme, its whole numbers let go,  cost'z <= cutoff

What the simplex returns is not taken as it is, since it keeps rows to a tolerance only: the bound
is found from its multipliers by arithmetic (see `weak_duality`).

Only the objective changes from one variable to the next, so the primal simplex goes on from the
last basis; where bounds change, the dual one.
"""

from __future__ import annotations

import threading
import time

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.model.activities import Floats, Indices
from flowopt.model.highs_arrays import hot_relaxation
from flowopt.model.milp import Milp
from flowopt.model.open_nodes import Path
from flowopt.model.weak_duality import ROUNDING, least_terms, usable

_AT_BOUND = 1e-6  # from its upper bound: a variable that gets there needs no programme of its own
_PRIMAL, _DUAL = 4, 1  # HiGHS's numbers of its kinds of simplex


class Relaxation:
    """Relaxation of one programme, loaded into HiGHS.

    Parameters
    ----------
    milp
        The programme.
    effort
        Most simplex steps, times rows, that all calls together may take.
    stop
        Set to ask it to stop between two programmes.
    deadline
        `time.perf_counter` at which it stops, likewise.

    Attributes
    ----------
    effort, most_effort : int
        Simplex steps, times rows, so far, and the most that they may be.
    """

    def __init__(
        self,
        milp: Milp,
        *,
        effort: int,
        stop: threading.Event,
        deadline: float | None = None,
    ) -> None:
        self.effort = 0
        self.most_effort = effort
        self._milp = milp
        self._stop = stop
        self._deadline = deadline
        self._cutoff = np.inf
        self._lower, self._upper = milp.lower, milp.upper
        self._asked: Floats | None = None
        self._highs = hot_relaxation(
            milp.matrix,
            cost=milp.cost,
            columns=(milp.lower, milp.upper),
            rows=(milp.row_lower, milp.row_upper),
            name="the relaxed programme",
        )
        # With the objective as a last row, as soon as there is a cutoff.
        self._rows = sparse.csr_array(
            sparse.vstack([milp.matrix, sparse.csr_array(milp.cost[None, :])])
        )
        self._columns = sparse.csr_array(self._rows.T)

    def optimum(self) -> float | None:
        """Return a bound on the objective of every point, by arithmetic; None if not solved."""
        if not self._solved():
            return None
        return self._least(self._milp.cost)

    def cut_off(self, cutoff: float) -> None:
        """Keep to points whose objective is at most `cutoff`, and forget the objective."""
        highs, cost = self._highs, self._milp.cost
        costly = np.flatnonzero(cost).astype(np.int32)
        highs.addRow(-highspy.kHighsInf, cutoff, len(costly), costly, cost[costly])
        every = np.arange(len(cost), dtype=np.int32)
        highs.changeColsCost(len(every), every, np.zeros(len(every)))
        highs.setOptionValue("simplex_strategy", _PRIMAL)
        self._cutoff = cutoff

    def largest(self, variables: Indices) -> Floats:
        """Return a bound on each of some variables, their upper bounds where no better is known.

        A first programme makes all of them large at once: many get where they may be anyway.
        """
        highs, upper = self._highs, self._milp.upper
        bound = upper[variables].copy()
        whole = np.zeros(len(variables), dtype=np.bool_)
        weight = np.zeros(len(upper))
        weight[variables] = -1.0
        every = np.arange(len(upper), dtype=np.int32)
        highs.changeColsCost(len(every), every, weight)
        if self._solved():
            whole |= self._reached(variables)
        highs.changeColsCost(len(every), every, np.zeros(len(upper)))
        for place, variable in enumerate(variables.tolist()):
            if whole[place]:
                continue
            if self.ended():
                break
            highs.changeColCost(variable, -1.0)
            if self._solved():
                weight = np.zeros(len(upper))
                weight[variable] = -1.0
                bound[place] = min(bound[place], -self._least(weight))
                whole |= self._reached(variables)
            highs.changeColCost(variable, 0.0)
        return bound

    def least(self, cost: Floats, decisions: Path) -> float | None:
        """Return a bound on an objective where some variables keep to bounds of their own.

        None where it is not solved. For a relaxation with a cutoff, after all else.
        """
        highs = self._highs
        if cost is not self._asked:
            every = np.arange(len(cost), dtype=np.int32)
            highs.changeColsCost(len(every), every, cost)
            highs.setOptionValue("simplex_strategy", _DUAL)
            self._asked = cost
        lower, upper = self._milp.lower.copy(), self._milp.upper.copy()
        for variable, bound, above in decisions:
            if above:
                upper[variable] = min(upper[variable], bound)
            else:
                lower[variable] = max(lower[variable], bound)
        some = np.flatnonzero((lower != self._lower) | (upper != self._upper)).astype(np.int32)
        highs.changeColsBounds(len(some), some, lower[some], upper[some])
        self._lower, self._upper = lower, upper
        return self._least(cost) if self._solved() else None

    def ended(self) -> bool:
        """Return whether the effort or the time is used up."""
        late = self._deadline is not None and time.perf_counter() > self._deadline
        return late or self._stop.is_set() or self.effort >= self.most_effort

    def values(self) -> Floats:
        """Return the values of the last solution."""
        return np.array(self._highs.getSolution().col_value)

    def multipliers(self) -> Floats:
        """Return the multipliers of the last solution, that of the objective's row last."""
        duals = np.array(self._highs.getSolution().row_dual)
        return np.append(duals, np.zeros(len(self._milp.row_names) + 1 - len(duals)))

    def _solved(self) -> bool:
        """Solve; return whether there are multipliers to go by."""
        highs = self._highs
        steps = max(1, (self.most_effort - self.effort) // max(1, len(self._milp.row_names)))
        highs.setOptionValue("simplex_iteration_limit", min(steps, int(highspy.kHighsIInf)))
        if self._deadline is not None:
            left = max(0.0, self._deadline - time.perf_counter())
            highs.setOptionValue("time_limit", highs.getRunTime() + left)
        highs.run()
        steps = highs.getInfo().simplex_iteration_count
        self.effort += max(steps, 1) * len(self._milp.row_names)
        return bool(highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def _reached(self, variables: Indices) -> npt.NDArray[np.bool_]:
        values = np.array(self._highs.getSolution().col_value)[variables]
        return np.asarray(values >= self._milp.upper[variables] - _AT_BOUND)

    def _least(self, cost: Floats) -> float:
        """Return a lower bound on cost'z by the multipliers of the last solution."""
        milp = self._milp
        lower, upper = np.append(milp.row_lower, -np.inf), np.append(milp.row_upper, self._cutoff)
        multiplier = usable(self.multipliers(), lower, upper)
        rows = least_terms(multiplier, lower, upper)
        columns = least_terms(cost - self._columns @ multiplier, self._lower, self._upper)
        sizes = float(np.abs(rows).sum() + np.abs(columns).sum())
        return float(rows.sum() + columns.sum()) - ROUNDING * sizes
