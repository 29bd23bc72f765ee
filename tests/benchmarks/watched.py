"""One run of HiGHS with its first incumbent timed: what the variants beside flowopt have in common.

Nothing here is shared with `flowopt.model.solver`, whose overhead is among what is measured.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np
import numpy.typing as npt

Status = Literal["optimal", "limit", "no_solution", "infeasible"]

# As flowopt asks for it: whole numbers are whole to 1e-9, and only the relative gap counts. With
# the 1e-6 of HiGHS, a big M of a million would let a tonne slip through a closed way.
SETTINGS: dict[str, Any] = {
    "output_flag": False,
    "mip_feasibility_tolerance": 1e-9,
    "mip_abs_gap": 0.0,
}


@dataclass(frozen=True, slots=True)
class Watched:
    """What HiGHS said.

    Attributes
    ----------
    status : str
        As solvers mean it: ``optimal`` is within the gap.
    objective, bound : float or None
        Of its solution, and the proved lower bound.
    values : array or None
        One per column.
    rows, columns, nodes : int
        Of its model, and of its tree.
    first, ended : float or None, float
        `time.perf_counter` of its first incumbent, and when it was done.
    """

    status: Status
    objective: float | None
    bound: float | None
    values: npt.NDArray[np.float64] | None
    rows: int
    columns: int
    nodes: int
    first: float | None
    ended: float


def run(highs: highspy.Highs, *, deadline: float, gap: float, threads: int) -> Watched:
    """Solve the model that a solver holds.

    Parameters
    ----------
    highs
        A solver with a model to minimise.
    deadline
        `time.perf_counter` at which to stop.
    gap
        Relative gap at which to stop.
    threads
        How many it may use.
    """
    for option, setting in (SETTINGS | {"mip_rel_gap": gap, "threads": threads}).items():
        highs.setOptionValue(option, setting)
    highs.setOptionValue("time_limit", max(0.01, deadline - time.perf_counter()))
    incumbents: list[float] = []

    def improved(_: Any) -> None:
        incumbents.append(time.perf_counter())

    highs.cbMipImprovingSolution.subscribe(improved)
    highs.run()
    ended = time.perf_counter()
    info, state = highs.getInfo(), highs.getModelStatus()
    states = highspy.HighsModelStatus
    objective = float(info.objective_function_value)
    found = info.primal_solution_status == 2 and np.isfinite(objective)
    status: Status = "limit" if found else "no_solution"
    if state == states.kOptimal:
        status = "optimal"
    elif state in (states.kInfeasible, states.kUnboundedOrInfeasible):
        status, found = "infeasible", False
    bound = float(info.mip_dual_bound)
    return Watched(
        status=status,
        objective=objective if found else None,
        bound=bound if np.isfinite(bound) and abs(bound) < highspy.kHighsInf else None,
        values=np.array(highs.getSolution().col_value) if found else None,
        rows=highs.getNumRow(),
        columns=highs.getNumCol(),
        nodes=max(0, int(info.mip_node_count)),
        first=incumbents[0] if incumbents else ended if found else None,
        ended=ended,
    )
