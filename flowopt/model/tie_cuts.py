"""Cuts that the programmes of `bilevel` take from the response to one plan, against all plans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.response_types import BestResponse

_SAME = 1e-10  # relative: profits closer than this are one, but for rounding


@dataclass(frozen=True, slots=True)
class TieCut:
    """theta >= value under every plan where all of `held` act and none of `clear` does.

    Attributes
    ----------
    value : float
        Weighted tonnes.
    held, clear : frozensets of int
        Indices of measures, virtual ones included.
    """

    value: float
    held: frozenset[int]
    clear: frozenset[int]


def tie_cut(
    model: ActivityModel,
    profit: BestResponseSolver,
    plan: frozenset[int],
    response: BestResponse,
) -> TieCut:
    """Return the cut by the response to a plan on other plans, for pessimistic ties.

    Parameters
    ----------
    model
        The activity model.
    profit
        A trafficker of objective `profit`.
    plan
        Indices of real measures.
    response
        The pessimistic best response to the plan.
    """
    most = profit.value(plan) * (1.0 + _SAME)
    held = plan
    for measure in sorted(plan):
        if profit.value(held - {measure}) <= most:
            held -= {measure}
    acts = model.chosen(plan)
    runs = response.activity > 0.0
    passes = np.asarray(model.takes @ response.activity)
    touched = {
        int(measure)
        for terms, place_touched in (
            (model.closures, runs),
            (model.cost_increases, runs),
            (model.cuts, passes > 0.0),
        )
        for measure in terms.measure[place_touched[terms.place]]
    }
    clear = frozenset(m for m in touched if not acts[m])
    return TieCut(response.value, held, clear)


def point_cut(model: ActivityModel, plan: frozenset[int], value: float) -> TieCut:
    """Return the cut by the value of a plan on that plan alone."""
    return TieCut(value, plan, frozenset(range(len(model.measures))) - plan)
