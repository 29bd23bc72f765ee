"""An even best response: one of the optima that runs little of each activity that a measure closes.

What a measure can take of the trafficker's optimum is at most what it hits of a flow, of any that
is possible. A vertex of the programme carries much on few arcs, so it says little. Here each
activity j may run at most m_j for nothing, and what goes beyond costs a little:

    maximise  p'(y + z) - e sum z   with  A(y + z) <= 0,  G(y + z) <= U,  0 <= y <= m,  z >= 0.

The columns of z are copies of those of y. Whatever runs more than m_j at the optimum that is there
goes on at m_j, with its copy in the basis in its place: the same basis, from which the primal
simplex has only the way to the even flow left.

It is a flow like any other: what is concluded from it is arithmetic.
"""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from scipy import sparse

from flowopt.model.activities import Floats, Indices
from flowopt.model.lp_solver import ENDLESS, LpSolver
from flowopt.model.response_lp import PRIMAL, ResponseLp

_BEYOND = 1e-3  # cost of running more than is free, of what the activity brings at most
_Status = highspy.HighsBasisStatus


def even_activity(lp: ResponseLp, solver: LpSolver, most: Floats, *, steps: int) -> Floats | None:
    """Return activities worth the optimum that run little more than `most`, t/yr.

    Parameters
    ----------
    lp
        The programme at an optimum of its first goal; it is left as it was found.
    solver
        The solver of it.
    most
        Up to which activities run for nothing, t/yr; `inf` where they are left alone.
    steps
        Iterations of the simplex that it may take.

    Returns
    -------
    array or None
        None where the solver finds none within the steps.

    Raises
    ------
    OutOfTime
        When a large programme takes until the deadline.
    """
    highs, columns = lp.highs, np.flatnonzero(np.isfinite(most) & lp.is_open())
    if not len(columns) or len(lp.beyond):
        return None
    count, kept = highs.getNumCol(), highs.getBasis()
    start = _start(lp, kept, columns, most)
    try:
        highs.setBasis(start)
        highs.setOptionValue("simplex_strategy", PRIMAL)
        highs.setOptionValue("simplex_iteration_limit", steps)
        if not solver.from_basis():
            return None
        scaled = np.maximum(np.array(highs.getSolution().col_value), 0.0)
    finally:
        if solver.ended:
            highs.setOptionValue("simplex_iteration_limit", ENDLESS)
            highs.setOptionValue("simplex_strategy", lp.strategy)
            copies = np.arange(count, count + len(columns), dtype=np.int32)
            highs.deleteCols(len(copies), copies)
            lp.bound_columns(columns, highspy.kHighsInf)
            highs.setBasis(kept)
    scaled[columns] += scaled[count:]
    return lp.activity(scaled[:count])


def _start(lp: ResponseLp, kept: Any, columns: Indices, most: Floats) -> Any:
    """Add the copies, and return the basis in which they take what columns run too much."""
    highs = lp.highs
    running = np.array(highs.getSolution().col_value)[columns]
    free = most[columns] / (lp.of_activity[columns] * lp.grain)
    cost = -lp.goal()
    dearest = float(np.abs(cost).max(initial=0.0))
    copied = sparse.csc_array(lp.matrix()[:, columns])
    highs.changeColsBounds(len(columns), columns.astype(np.int32), np.zeros(len(columns)), free)
    highs.addCols(
        len(columns),
        cost[columns] + _BEYOND * dearest,
        np.zeros(len(columns)),
        np.full(len(columns), highspy.kHighsInf),
        copied.nnz,
        copied.indptr[:-1].astype(np.int32),
        copied.indices.astype(np.int32),
        copied.data,
    )
    basis = highspy.HighsBasis()
    of_column, of_copy = list(kept.col_status), [_Status.kLower] * len(columns)
    for k, j in enumerate(columns.tolist()):
        if of_column[j] == _Status.kBasic and running[k] > free[k]:
            of_column[j], of_copy[k] = _Status.kUpper, _Status.kBasic
    basis.col_status, basis.row_status = of_column + of_copy, list(kept.row_status)
    basis.valid = True
    return basis
