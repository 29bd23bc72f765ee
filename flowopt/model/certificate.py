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

Leaving out the points on the way keeps the prices valid: behind an open free lane a good is worth
at least as much as behind the hit lane, so the open lane's row alone holds the chain together, and
at a gate the price falls by no more than the node's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from flowopt.model.activities import Activity, ActivityModel, Floats, Objective
from flowopt.model.proof import Proof, Row
from flowopt.model.trafficker import BestResponse
from flowopt.model.ways import Ways, on_the_way
from flowopt.network.network import Network

_DUST = 1e-11  # relative to the largest amount or price: the solver's rounding
_SWEEPS = 500
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
        The same flow to twelve digits. Prices are those of the solver, with what violates an
        open activity raised and what no use needs lowered; both only move where the value does
        not, or by less than the solver's tolerance.
    """
    stake = model.weight if objective == "flow" else model.price - response.cost
    prices = _Prices(model, stake, plan, response.good_price, response.capacity_price)
    goods, capacities = prices.settled()
    tie = response.tie
    if tie is not None:
        both = tie.sign * model.weight + tie.rate * stake
        second = _Prices(model, both, plan, tie.good_price, tie.capacity_price)
        tie_goods, tie_capacities = second.settled()
        tie = replace(tie, good_price=tie_goods, capacity_price=tie_capacities)
    return replace(
        response,
        activity=_plain(response.activity),
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
    for activity, amount in zip(model.activities, response.activity.tolist(), strict=True):
        names = names_of(network, activity)
        if names is not None and amount != 0.0:
            primal[names[0]].append((*names[1:], amount))
    tie = response.tie
    return Proof(
        measures=tuple(model.measures[i] for i in sorted(plan)),
        value=response.value if value is None else value,
        primal={name: tuple(rows) for name, rows in primal.items()},
        dual=_named(network, model, response.good_price, response.capacity_price),
        rate=None if tie is None else tie.rate,
        tie=(None if tie is None else _named(network, model, tie.good_price, tie.capacity_price)),
    )


def _named(
    network: Network, model: ActivityModel, good_price: Floats, capacity_price: Floats
) -> dict[str, tuple[Row, ...]]:
    """Return prices by the names of what has them, those of points on the way left out."""
    kinds = ("goods", "arc", "node", "site", "pool", "supply", "demand")
    named: dict[str, list[Row]] = {name: [] for name in kinds}
    real = {node.node for node in network.nodes}
    inner = on_the_way(model)
    for index, (label, price) in enumerate(zip(model.goods, good_price.tolist(), strict=True)):
        if price > 0.0 and index not in inner and label[0] in real:
            named["goods"].append((*label, price))
    for capacity, price in zip(model.capacities, capacity_price.tolist(), strict=True):
        if price > 0.0:
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


# -- activities without points on the way ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Leg:
    """An open activity between real goods: what it uses, makes and takes, and what it brings."""

    used: tuple[tuple[int, float], ...]
    made: tuple[tuple[int, float], ...]
    takes: tuple[tuple[int, float], ...]
    stake: float


def _legs(model: ActivityModel, stake: Floats, plan: Iterable[int]) -> Iterator[_Leg]:
    """Yield the open activities, each followed to the real good where it ends."""
    ways = Ways(model, plan)
    for j, activity in enumerate(model.activities):
        if activity.kind not in _PRIMAL or ways.closed[j]:
            continue
        ends = [ways.follow(good, quantity) for good, quantity in ways.made[j]]
        open_ends = [way for way in ends if way is not None]
        if len(open_ends) == len(ends):
            yield _Leg(
                used=tuple(ways.used[j]),
                made=tuple((way.good, way.share) for way in open_ends),
                takes=(*ways.takes[j], *(taken for way in open_ends for taken in way.takes)),
                stake=float(stake[j]),
            )


# -- prices without rounding ----------------------------------------------------------------------


class _Prices:
    """Prices of real goods and of capacities, moved to what their uses need.

    The solver's prices are a vertex of the programme with points on the way: nearly every price
    already is what some use needs. What differs is rounding, and what a capacity of 0 or a point
    on the way left open, where any price costs nothing.
    """

    def __init__(
        self,
        model: ActivityModel,
        stake: Floats,
        plan: Iterable[int],
        good_price: Floats,
        capacity_price: Floats,
    ) -> None:
        legs = list(_legs(model, stake, plan))
        self._goods: list[float] = good_price.tolist()
        self._rows: list[float] = capacity_price.tolist()
        self._largest = max((abs(leg.stake) for leg in legs), default=0.0)
        self._users: dict[int, list[tuple[_Leg, float]]] = defaultdict(list)
        self._takers: dict[int, list[tuple[_Leg, float]]] = defaultdict(list)
        for leg in legs:
            for good, quantity in leg.used:
                self._users[good].append((leg, quantity))
            for row, share in leg.takes:
                if share > 0.0 and np.isfinite(model.limit[row]):
                    self._takers[row].append((leg, share))
        inner = on_the_way(model)
        self._real = [g for g in range(len(self._goods)) if g not in inner]

    def settled(self) -> tuple[Floats, Floats]:
        """Return the prices of goods and capacities; on the way they are not settled."""
        self._settle()
        return np.array(self._goods), np.array(self._rows)

    def _settle(self) -> None:
        """Set each price in turn to what its uses need, until none moves."""
        dust = _DUST * self._largest
        for _ in range(_SWEEPS):
            moved = 0.0
            for row in range(len(self._rows)):
                moved = max(moved, self._set(self._rows, row, self._takers.get(row, []), dust))
            for good in self._real:
                moved = max(moved, self._set(self._goods, good, self._users.get(good, []), dust))
            if moved <= dust:
                return

    def _set(
        self, prices: list[float], place: int, uses: list[tuple[_Leg, float]], dust: float
    ) -> float:
        """Set one price to the most that any of its uses needs; return by how much it moved."""
        old = prices[place]
        new = max((old + self._short(leg) / share for leg, share in uses), default=0.0)
        prices[place] = new if new > dust else 0.0
        return abs(prices[place] - old)

    def _short(self, leg: _Leg) -> float:
        """Return by how much an activity's prices fall short of what it brings."""
        worth = leg.stake
        for good, quantity in leg.made:
            worth += quantity * self._goods[good]
        for good, quantity in leg.used:
            worth -= quantity * self._goods[good]
        for row, share in leg.takes:
            worth -= share * self._rows[row]
        return worth


def _plain(amounts: Floats) -> Floats:
    """Return amounts to twelve digits, without what only the solver's rounding left."""
    dust = _DUST * float(amounts.max(initial=0.0))
    return np.array([float(f"{y:.12g}") if y > dust else 0.0 for y in amounts.tolist()])
