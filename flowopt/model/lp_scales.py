"""Scales of the trafficker's programme: powers of two, by what each number can bring."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.activity_bounds import most_taken
from flowopt.model.bounds import gross_worth
from flowopt.model.runnable_activities import reachable
from flowopt.objectives import Objective

_FAINT = 2.0**-36  # worth of a unit, of the best: what is worth less would be scaled beyond reason
_VAST = 2.0**20  # times what a capacity can be used for: a limit that only spoils the arithmetic


def scales(
    model: ActivityModel, objective: Objective, coin: float, finite: Indices
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return by what rows of goods, of finite capacities, and columns are multiplied.

    And the costs from which an activity is in no best response, M USD.

    Parameters
    ----------
    model, objective
        The activity model, and what the trafficker maximises.
    coin
        Worth, in the objective's unit, that counts as 1.
    finite
        The capacities that have a limit, and so a row.
    """
    good, activity = gross_worth(model, objective)
    capacity = np.zeros(len(model.limit))
    takes = model.takes.tocoo()
    np.maximum.at(capacity, takes.row, takes.data * activity[takes.col])
    # What brings nothing only loses what it uses up: that is its measure.
    worth = np.where(activity > 0.0, activity, model.used.T @ good)
    faint = np.where(worth > 0.0, np.maximum(worth, _FAINT * coin), 0.0)
    return (
        _powers_of_two(good / coin),
        _powers_of_two(capacity / coin)[finite],
        1.0 / _powers_of_two(faint / coin),
        most_cost(activity),
    )


def most_cost(worth: Floats) -> Floats:
    """Return what the programme counts of an activity's cost at most: twice what it can bring.

    What costs that much is in no best response; more of it would only scale its column by what the
    solver can't hold against the rest. What brings nothing keeps its cost, which may break a tie.
    """
    return np.where(worth > 0.0, 2.0 * worth, np.inf)


def idle_limits(model: ActivityModel, scale: Floats) -> Floats:
    """Return the limits that stand for those which never bind, `inf` for all other capacities.

    A limit may stand for "no limit". Where it is far more than a best response to any plan takes
    of the capacity, the solver's rounding of it is more than what flows, though no vertex rests on
    it. Twice what is taken binds as little, so the capacity's price is 0 with either.

    Parameters
    ----------
    model
        The activity model, whose limits are those without measures.
    scale
        By what capacities are multiplied, 0 where they have no limit.
    """
    idle = np.full(len(model.limit), np.inf)
    rows = np.flatnonzero(np.where(scale > 0.0, model.limit, 0.0) * scale > _VAST)
    if len(rows):
        taken = 2.0 * most_taken(model, reachable(model, model.limit))[rows]
        # The solver's tolerances must be small beside it: at least what counts as 1.
        enough = np.maximum(taken, 1.0 / scale[rows])
        vast = enough * _VAST < model.limit[rows]
        idle[rows[vast]] = enough[vast]
    return idle


def with_limits_in_reach(model: ActivityModel) -> ActivityModel:
    """Return the model with nearer limits, still out of reach, for those that never bind.

    A mixed-integer programme is not scaled by what a limit can be used for, and solvers fail where
    one is 1e15 times another. What all measures leave of the new limits is out of reach as well.
    """
    left = np.ones(len(model.limit))
    partly = model.cuts.amount < 1.0
    np.multiply.at(left, model.cuts.place[partly], 1.0 - model.cuts.amount[partly])
    finite = np.isfinite(model.limit)
    if not (model.limit[finite] > _VAST).any():
        return model
    enough = 2.0 * most_taken(model, reachable(model, model.limit)) / left
    vast = finite & (enough > 0.0) & (enough * _VAST < model.limit)
    return replace(model, limit=np.where(vast, enough, model.limit)) if vast.any() else model


def power_of_two(values: Floats) -> float:
    """Return the power of two nearest to the largest of some values, 1 if there is none."""
    largest = float(values.max(initial=0.0))
    return float(2.0 ** np.round(np.log2(largest))) if largest > 0.0 else 1.0


def _powers_of_two(values: Floats) -> Floats:
    """Return the power of two nearest to each of some values, 1 where they are not positive."""
    positive = np.where(values > 0.0, values, 1.0)
    return np.exp2(np.round(np.log2(positive)))
