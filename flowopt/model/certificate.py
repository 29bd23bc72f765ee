"""A flow and prices that meet in one value: proof of what the trafficker can still do.

The trafficker's programme (see `activities`) has points on the way, for lanes and gates, that the
network's files do not know. A proof speaks of the files' own rows only, so that whoever has them
can check it with a pencil: an activity ships a commodity on an arc, runs a site, takes supply or
delivers, and for each one that the plan leaves open

    sum used pi + sum taken mu >= stake + sum made pi,      pi, mu >= 0,

where shipping uses 1 t at the tail, makes s at the head, and takes 1 of the arc's capacity and s of
the head's, s being the share that arrives after every loss on the way. Such prices bound every
flow by U'mu (weak duality), and the flow shown reaches that bound.

With `bilevel` it is the flow's profit that is proved so, and a second set of prices proves what it
delivers: if

    sum used pi + sum taken mu >= sign * w + rate * stake + sum made pi,     rate >= 0,

then every flow y has sign * w'y <= U'mu - rate * profit(y), so one that earns as much as the flow
shown delivers no more than it does (sign 1, pessimistic ties), or no less (sign -1, optimistic).

Leaving out the points on the way keeps the prices valid: behind an open pass lane a good is worth
at least as much as behind the seized lane, so the open lane's row alone holds the chain together,
and at a gate the price falls by no more than the node's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import numpy as np

from flowopt.model.activities import Activity, ActivityModel, Floats
from flowopt.model.arc_paths import open_legs
from flowopt.model.response_types import BestResponse
from flowopt.model.runnable_activities import all_lead, leading
from flowopt.model.settling import DUST, VAIN, plain, settled_prices
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.results.proof import Proof, Row

_SPARE = 1e-6  # of a limit: what is left of it is more than rounding
_SHARE = 1e-7  # of the value per tonne moved: a price that brings less over all tonnes is none
_PRIMAL = {"ship": "ship", "site": "run", "supply": "supply", "deliver": "deliver"}


def settled(
    model: ActivityModel, objective: Objective, plan: Iterable[int], response: BestResponse
) -> BestResponse:
    """Return the response without the solver's rounding, each price as low as its uses allow.

    Parameters
    ----------
    model, objective
        The programme that was answered.
    plan
        Indices of the measures in force.
    response
        The best response to the plan.

    Returns
    -------
    BestResponse
        The same flow to twelve digits, without dust where it leads to no market. Prices are those
        of the solver, with what violates an open activity raised and what no use needs lowered, but
        those of capacities that are not used up only at last; both only move where the value does
        not, or by less than the solver's tolerance.
    """
    stake = model.price - response.cost if OBJECTIVES[objective].for_money else model.weight
    legs = open_legs(model, plan)
    activity, closed = response.activity, model.closed_under(model.chosen(plan))
    if (activity[closed] > 0.0).any() or not all_lead(model, response.limit, activity > 0.0):
        activity = np.where(leading(model, response.limit, closed), activity, 0.0)
    activity = plain(activity)
    finite = np.isfinite(model.limit)
    spare = finite & (model.takes @ activity < (1.0 - _SPARE) * response.limit)
    limit = np.where(finite, response.limit, np.inf)  # also of what the plan closes
    settle = partial(settled_prices, legs, real=~model.on_the_way, limit=limit, spare=spare)
    most = float(np.abs(stake[legs.column]).max(initial=0.0))
    dust, faintest, value = VAIN, np.inf, float(stake @ activity)
    if value > 0.0:
        dust, faintest = DUST, _SHARE * value / float(activity.max())
    goods, capacities = settle(
        stake[legs.column],
        response.good_price,
        response.capacity_price,
        dust=(
            np.minimum(dust * np.minimum(response.good_worth, most), faintest),
            np.minimum(dust * np.minimum(response.capacity_worth, most), faintest),
        ),
    )
    tie = response.tie
    if tie is not None:
        both = (tie.sign * model.weight + tie.rate * stake)[legs.column]
        # A tonne delivered and the profit forgone for it may cancel, but for rounding.
        least = DUST * float((model.weight + tie.rate * model.price)[legs.column].max(initial=0.0))
        tie_goods, tie_capacities = settle(
            both,
            tie.good_price,
            tie.capacity_price,
            dust=(np.full(len(goods), least), np.full(len(capacities), least)),
        )
        tie = replace(tie, good_price=tie_goods, capacity_price=tie_capacities)
    return replace(
        response,
        activity=activity,
        good_price=goods,
        capacity_price=capacities,
        tie=tie,
    )


def prove(
    network: Network,
    model: ActivityModel,
    plan: Iterable[int],
    response: BestResponse,
    *,
    value: float | None = None,
) -> Proof:
    """Return a settled response as a proof in the words of the network's files.

    Parameters
    ----------
    network, model
        The network and its programme.
    plan
        Indices of the measures in force.
    response
        A response that went through `settled`.
    value
        What the result states; the response's own value by default.
    """
    primal: dict[str, list[Row]] = {name: [] for name in ("ship", "run", "supply", "deliver")}
    runs = np.flatnonzero((response.activity != 0.0) & ~model.inner)
    activities, arcs, ships = model.activities, network.arcs, primal["ship"]
    for j, amount in zip(runs.tolist(), response.activity[runs].tolist(), strict=True):
        activity = activities[j]
        if activity.kind == "ship":  # nearly all
            ships.append((arcs[activity.row].arc, activity.commodity, amount))
        elif (names := names_of(network, activity)) is not None:
            primal[names[0]].append((*names[1:], amount))
    tie = response.tie
    return Proof(
        measures=tuple(model.measures[i] for i in sorted(plan)),
        value=response.value if value is None else value,
        primal={name: tuple(rows) for name, rows in primal.items()},
        dual=_named(model, response.good_price, response.capacity_price),
        rate=None if tie is None else tie.rate,
        tie=(None if tie is None else _named(model, tie.good_price, tie.capacity_price)),
    )


def _named(
    model: ActivityModel, good_price: Floats, capacity_price: Floats
) -> dict[str, tuple[Row, ...]]:
    """Return prices by the names of what has them, those of points on the way left out."""
    kinds = ("goods", "arc", "node", "site", "pool", "supply", "demand")
    named: dict[str, list[Row]] = {name: [] for name in kinds}
    at_nodes = np.flatnonzero((good_price > 0.0) & ~model.on_the_way)
    for good, price in zip(at_nodes.tolist(), good_price[at_nodes].tolist(), strict=True):
        named["goods"].append((*model.goods[good], price))
    priced = np.flatnonzero(capacity_price > 0.0)
    for row, price in zip(priced.tolist(), capacity_price[priced].tolist(), strict=True):
        capacity = model.capacities[row]
        commodity = (capacity.commodity,) if capacity.commodity else ()
        named[capacity.kind].append((capacity.name, *commodity, price))
    return {name: tuple(rows) for name, rows in named.items()}


def names_of(network: Network, activity: Activity) -> tuple[str, ...] | None:
    """Return an activity in the words of the files, its table in a proof first; None on the way."""
    kind = _PRIMAL.get(activity.kind)
    if kind is None:
        return None
    if activity.kind == "ship":
        return (kind, network.arcs[activity.row].arc, activity.commodity)
    if activity.kind == "site":
        return (kind, network.sites[activity.row].site)
    table = network.supplies if activity.kind == "supply" else network.demands
    return (kind, table[activity.row].node, activity.commodity)
