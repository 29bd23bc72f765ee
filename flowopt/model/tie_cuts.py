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
    trafficker: BestResponseSolver,
    plan: frozenset[int],
) -> TieCut:
    """Return the cut by the response to a plan on other plans, for either kind of ties.

    A plan that holds all of D, and touches nothing of a best response to D, leaves no flow that D
    does not and no profit but that of D: its best responses are some of those to D, this one among
    them. So it is worth at least what the kindest response to D delivers, or with pessimistic
    ties this one. There D may even be any part of the plan that leaves the same profit.

    Parameters
    ----------
    model
        The activity model.
    profit, trafficker
        Traffickers of objective `profit` and `bilevel`.
    plan
        Indices of real measures.
    """
    most = profit.value(plan) * (1.0 + _SAME)
    held = plan
    for measure in sorted(plan):
        if profit.value(held - {measure}) <= most:
            held -= {measure}
    if not trafficker.pessimistic:
        kindest = trafficker.value(plan) * (1.0 - _SAME)
        cut = _response_cut(model, trafficker.respond(held), held, held)
        if cut.value >= kindest and not cut.clear & set(np.flatnonzero(model.chosen(plan))):
            return cut
        held = plan  # without the rest there is a kinder response, or one that it rules out
    return _response_cut(model, trafficker.respond(plan), plan, held)


def _response_cut(
    model: ActivityModel, response: BestResponse, plan: frozenset[int], held: frozenset[int]
) -> TieCut:
    acts = model.chosen(plan)
    touched = _touching(model, response)
    return TieCut(response.value, held, frozenset(m for m in touched if not acts[m]))


def _touching(model: ActivityModel, response: BestResponse) -> set[int]:
    """Return the measures that would change something of what a response does."""
    runs = response.activity > 0.0
    passes = np.asarray(model.takes @ response.activity)
    return {
        int(measure)
        for terms, place_touched in (
            (model.closures, runs),
            (model.cost_increases, runs),
            (model.cuts, passes > 0.0),
        )
        for measure in terms.measure[place_touched[terms.place]]
    }


def point_cut(model: ActivityModel, plan: frozenset[int], value: float) -> TieCut:
    """Return the cut by the value of a plan on that plan alone."""
    return TieCut(value, plan, frozenset(range(len(model.measures))) - plan)
