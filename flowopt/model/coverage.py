"""Coverage: what a plan would take if the trafficker kept to what it does today.

The trafficker's programme (see `activities`) with every activity held to today's amount y*:

    maximise    p'y
    subject to  A y <= 0
                y_j <= y*_j prod(1 - d_cm x_m)      c the capacity that j takes
                y_j = 0 where the plan closes j, and lanes of losses as before

so a cut takes its share of what passes today, whether the leg was full or not, and nothing can
move to where it does not pass today: neither to other legs nor into spare room on the same one.
What is left of p'y* is what the plan does *not* cover. Cuts of one thing multiply and losses on
the way multiply, as everywhere; of cuts at several places of one way the deepest counts, because
a tonne that one of them stopped cannot be stopped again; what passes a cut takes those of today's
legs behind it that are open. Recipes hold: without acid no cocaine.

A plan that covers the most is a maximal covering under budgets and rules, and since the programme
is one of the same kind, the same mixed-integer programme finds it (see `interdiction`). Whatever
the trafficker can do here it can do in truth as well, so no plan ever cuts more than it covers:
the difference is what re-routing gives back.

Sources: R. Church and C. ReVelle, "The maximal covering location problem", Papers of the Regional
Science Association 32, 1974; for flows that pass several places and count once, M. J. Hodgson,
"A flow-capturing location-allocation model", Geographical Analysis 22(3), 1990.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.model.activities import Activity, ActivityModel, Capacity, Floats, Indices, Terms
from flowopt.model.certificate import names_of
from flowopt.network.network import Network
from flowopt.results.proof import Proof

_LANES = ("pass", "seized")


def kept_to(model: ActivityModel, network: Network, today: Proof) -> ActivityModel:
    """Return the trafficker's programme with every activity held to what it is today.

    Parameters
    ----------
    model, network
        The whole programme, and the network it is of.
    today
        What the trafficker does without measures.

    Returns
    -------
    ActivityModel
        The activities that run today, each with a capacity of its own: ``arc`` and ``node`` by
        commodity, ``site``, ``supply``, ``demand``. Measures keep their indices.
    """
    amount = _on_the_way(model, _amounts(model, network, today))
    lane = np.array([activity.kind in _LANES for activity in model.activities])
    keep = np.flatnonzero(lane | (amount > 0.0))
    if not len(keep):
        keep = np.zeros(1, dtype=np.int64)  # no solver likes an empty programme; this one is idle
    held = np.flatnonzero(~lane[keep])
    labels = tuple(_label(network, model.activities[j]) for j in keep[held].tolist())
    column = np.full(len(model.activities), -1, dtype=np.int64)
    column[keep] = np.arange(len(keep))
    row = np.full(len(keep), -1, dtype=np.int64)
    row[held] = np.arange(len(held))
    ones = np.ones(len(held))
    return replace(
        model,
        activities=tuple(model.activities[j] for j in keep.tolist()),
        capacities=labels,
        used=sparse.csc_array(model.used[:, keep]),
        made=sparse.csc_array(model.made[:, keep]),
        takes=sparse.csc_array((ones, (row[held], held)), shape=(len(held), len(keep))),
        limit=amount[keep[held]],
        weight=model.weight[keep],
        whole_weight=None if model.whole_weight is None else model.whole_weight[keep],
        price=model.price[keep],
        cost=model.cost[keep],
        cuts=_cuts(model, column, row),
        closures=_moved(model.closures, column),
        cost_increases=_moved(model.cost_increases, column),
    )


def _amounts(model: ActivityModel, network: Network, today: Proof) -> Floats:
    """Return the amount of each activity in a proof, t/yr; 0 on the way."""
    stated = {(kind, *row[:-1]): row[-1] for kind, rows in today.primal.items() for row in rows}
    found = [stated.get(names_of(network, a) or (), 0.0) for a in model.activities]
    return np.array(found, dtype=np.float64)


def _on_the_way(model: ActivityModel, today: Floats) -> Floats:
    """Return today's amounts with all that arrives passing the open lanes and the gates.

    What lanes and gates pass is no row of any file: it follows from the legs that lead there.
    """
    passing = [a.kind in ("pass", "gate") for a in model.activities]
    inner = np.array([a.kind in ("pass", "seized", "gate") for a in model.activities])
    follows = np.flatnonzero(passing)
    amount = np.where(inner, 0.0, today)
    enters = model.used.tocsc().indices[model.used.tocsc().indptr[follows]]
    while True:
        arriving = (model.made @ amount)[enters]
        if np.array_equal(arriving, amount[follows]):
            return amount
        amount[follows] = arriving


def _label(network: Network, activity: Activity) -> Capacity:
    """Return the name of what holds an activity to today's amount."""
    if activity.kind == "ship":
        return Capacity("arc", network.arcs[activity.row].arc, activity.commodity)
    if activity.kind == "gate":
        return Capacity("node", network.nodes[activity.row].node, activity.commodity)
    if activity.kind == "site":
        return Capacity("site", network.sites[activity.row].site)
    if activity.kind == "supply":
        return Capacity("supply", network.supplies[activity.row].node, activity.commodity)
    return Capacity("demand", network.demands[activity.row].node, activity.commodity)


def _cuts(model: ActivityModel, column: Indices, row: npt.NDArray[np.int64]) -> Terms:
    """Return the cuts of each capacity as cuts of every activity that takes it."""
    takes = model.takes.tocsr()
    takers = [takes.indices[a:b] for a, b in zip(takes.indptr, takes.indptr[1:], strict=False)]
    return Terms.of(
        (int(row[column[j]]), measure, share)
        for place, measure, share in model.cuts
        for j in takers[place].tolist()
        if column[j] >= 0
    )


def _moved(terms: Terms, column: Indices) -> Terms:
    """Return terms on activities at their new columns, without those that are gone."""
    return Terms.of((int(column[j]), m, amount) for j, m, amount in terms if column[j] >= 0)
