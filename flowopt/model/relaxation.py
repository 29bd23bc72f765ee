"""Linear relaxation of a programme among points no worse than a cutoff: how large variables get.

    maximise    z_v
    subject to  the rows and bounds of the programme, its whole numbers let go,  cost'z <= cutoff

What the simplex returns is not taken as it is, since it keeps rows to a tolerance only. Its
multipliers y, of whatever quality, give a bound by arithmetic: for y_r >= 0 on lower sides and
y_r <= 0 on upper ones, every such z has

    -z_v  >=  sum_r y_r (side of r)  +  sum_k min over the box of d_k z_k,   d = -e_v - A'y

(weak duality; A. Neumaier and O. Shcherbina, "Safe bounds in linear and mixed-integer linear
programming", Mathematical Programming 99, 2004). Only the objective changes from one variable to
the next, so the primal simplex goes on from the last basis.
"""

from __future__ import annotations

import threading
import time

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.model.activities import Floats, Indices
from flowopt.model.highs_arrays import pass_arrays
from flowopt.model.milp import Milp

_AT_BOUND = 1e-6  # from its upper bound: a variable that gets there needs no programme of its own
_ROUNDING = 1e-13  # of the terms of a sum
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
        self._highs = _loaded(milp)
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

    def ended(self) -> bool:
        """Return whether the effort or the time is used up."""
        late = self._deadline is not None and time.perf_counter() > self._deadline
        return late or self._stop.is_set() or self.effort >= self.most_effort

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
        multiplier = self.multipliers()
        lower, upper = np.append(milp.row_lower, -np.inf), np.append(milp.row_upper, self._cutoff)
        multiplier[(multiplier > 0.0) & ~np.isfinite(lower)] = 0.0
        multiplier[(multiplier < 0.0) & ~np.isfinite(upper)] = 0.0
        rows = _least_terms(multiplier, lower, upper)
        columns = _least_terms(cost - self._columns @ multiplier, milp.lower, milp.upper)
        sizes = float(np.abs(rows).sum() + np.abs(columns).sum())
        return float(rows.sum() + columns.sum()) - _ROUNDING * sizes


def _least_terms(weight: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return the least of each weight times what lies between its bounds; 0 for a weight of 0."""
    some = weight != 0.0
    terms = np.zeros(len(weight))
    terms[some] = weight[some] * np.where(weight > 0.0, lower, upper)[some]
    return terms


def _loaded(milp: Milp) -> highspy.Highs:
    highs = highspy.Highs()
    options: dict[str, bool | int | str] = {
        "output_flag": False,
        "presolve": "off",
        "solver": "simplex",
        "simplex_strategy": _DUAL,
        "threads": 1,
    }
    for option, setting in options.items():
        highs.setOptionValue(option, setting)
    pass_arrays(
        highs,
        milp.matrix,
        cost=milp.cost,
        columns=(milp.lower, milp.upper),
        rows=(milp.row_lower, milp.row_upper),
        name="the relaxed programme",
    )
    return highs
