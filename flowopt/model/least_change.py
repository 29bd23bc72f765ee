"""The flow nearest to an earlier one among equally good ones: the least change, last of all goals.

Goods that may take one of two ways as well as the other would else be shown on either, and a plan
would seem to move what it does not touch. On the face of the flows that all goals leave, the one is
taken whose activities differ least in sum from those before, each counted by what it can bring:

    minimise  sum p + q    with  y = before + p - q,  p >= 0,  0 <= q <= before,  y on the face

so that at the start, without any change, only rows are violated, and the dual simplex mends them.
"""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.highs_arrays import pass_arrays
from flowopt.model.response_lp import TIGHT, ResponseLp

_STEPS = 20_000  # of the simplex, at most
_KEPT = 1e-11  # of the largest activity: a smaller change is the solver's rounding
_OWN = 1e-6  # of an activity's own size: a larger change is one, however small it is
_WORSE = 1e-9  # relative: what a goal may lose by rounding


def least_change(lp: ResponseLp, goals: list[Floats], before: Floats) -> Floats | None:
    """Return activities on the face of all optima as near as can be to earlier ones, t/yr.

    Parameters
    ----------
    lp
        The programme at the optimum of the last goal, held to the face of its optima.
    goals
        What each goal adds per unit of a column; none may get worse.
    before
        The activities to be near to, t/yr.

    Returns
    -------
    array or None
        None where the solver finds none, or none that keeps all goals and uses only what is there.
    """
    scale = lp.of_activity * lp.grain
    found = np.array(lp.highs.getSolution().col_value)
    moved = _nearest(lp, found, before / scale)
    if moved is None:
        return None
    for goal in goals:
        most = float(goal @ found)
        if goal @ moved > most + _WORSE * max(1.0, abs(most), float(np.abs(goal) @ found)):
            return None
    nearest, short = lp.activity(moved), _short(lp.model, lp.activity(found))
    arriving = lp.model.made @ nearest
    if (_short(lp.model, nearest) > short + _WORSE * arriving).any():
        return None
    return nearest


def _short(model: ActivityModel, activity: Floats) -> Floats:
    """Return how much of each good is used that is not there, t/yr."""
    missing: Floats = np.maximum(0.0, model.used @ activity - model.made @ activity)
    return missing


def _nearest(lp: ResponseLp, found: Floats, before: Floats) -> Floats | None:
    """Return the point of the face that is nearest, in scaled units, None where none is found."""
    face = lp.highs.getLp()
    free = np.flatnonzero(np.array(face.col_upper_) > 0.0)
    if not len(free):
        return None  # nothing runs, and there is no other way
    counted = ~lp.model.inner[free]
    was = np.where(counted, before[free], 0.0)
    matrix = _matrix(face)[:, free].tocsc()
    start = matrix @ was
    lower, upper = np.array(face.row_lower_) - start, np.array(face.row_upper_) - start
    both = sparse.csc_array(sparse.hstack([matrix, -matrix[:, counted]]))
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("solver", "simplex")
    highs.setOptionValue("simplex_iteration_limit", _STEPS)
    highs.setOptionValue("primal_feasibility_tolerance", TIGHT)
    highs.setOptionValue("dual_feasibility_tolerance", TIGHT)
    less = int(counted.sum())
    pass_arrays(
        highs,
        both,
        cost=np.concatenate([counted.astype(float), np.ones(less)]),
        columns=(
            np.zeros(len(free) + less),
            np.concatenate([np.full(len(free), highspy.kHighsInf), was[counted]]),
        ),
        rows=(lower, upper),
        name="the programme of the least change",
    )
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    values = np.array(highs.getSolution().col_value)
    change = values[: len(free)]
    change[counted] -= values[len(free) :]
    size = np.abs(change)
    nothing = counted & (size <= _KEPT * max(1.0, float(found.max(initial=0.0))))
    nothing &= (was == 0.0) | (size <= _OWN * was)
    moved = np.zeros(len(found))
    moved[free] = np.maximum(0.0, np.where(nothing, was, was + change))
    return moved


def _matrix(face: highspy.HighsLp) -> sparse.csc_array:
    """Return the rows of a programme of HiGHS."""
    held = face.a_matrix_
    shape = (face.num_row_, face.num_col_)
    parts = (np.array(held.value_), np.array(held.index_), np.array(held.start_))
    by_columns = held.format_ == highspy.MatrixFormat.kColwise
    kind = sparse.csc_array if by_columns else sparse.csr_array
    return sparse.csc_array(kind(parts, shape=shape))
