"""A flow and prices that meet in one value: proof of what the trafficker can still do.

The trafficker's programme (see `activities`) has points on the way, for lanes and gates, that the
network's files do not know. A proof speaks of the files' own rows only, so that whoever has them
can check it with a pencil: an activity ships a commodity on an arc, runs a site, takes supply or
delivers, and for each one that the plan leaves open

    sum used pi + sum taken mu >= stake + sum made pi,      pi, mu >= 0,

where shipping uses 1 t at the tail, makes s at the head, and takes 1 of the arc's capacity and s of
the head's, s being the share that arrives after every loss on the way. Such prices bound every
flow by U'mu (weak duality), and the flow shown reaches that bound.

Leaving out the points on the way keeps the prices valid: behind an open free lane a good is worth
at least as much as behind the hit lane, so the open lane's row alone holds the chain together, and
at a gate the price falls by no more than the node's own.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from flowopt.model.activities import Activity, ActivityModel, Floats, Objective
from flowopt.model.trafficker import BestResponse
from flowopt.network.network import Network

_DUST = 1e-11  # relative to the largest amount or price: the solver's rounding
_SWEEPS = 500
_PRIMAL = {"ship": "ship", "site": "run", "supply": "supply", "deliver": "deliver"}

Row = tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What the trafficker does under a plan, and prices under which it can do no better.

    Attributes
    ----------
    measures : tuple of str
        The plan, in file order.
    value : float
        What both the flow and the prices add up to, in the objective's unit.
    primal : mapping
        Rows of names and an amount, t/yr, zeros left out: ``ship`` (arc, commodity), ``run``
        (site), ``supply`` and ``deliver`` (node, commodity).
    dual : mapping
        Rows of names and a price, the objective's unit per t, zeros left out: ``goods`` (node,
        commodity), and for capacities ``arc``, ``node``, ``site``, ``pool``, ``supply``,
        ``demand``.
    """

    measures: tuple[str, ...]
    value: float
    primal: Mapping[str, tuple[Row, ...]]
    dual: Mapping[str, tuple[Row, ...]]

    def to_dict(self) -> dict[str, object]:
        """Return what `certificate.json` says of it."""
        return {
            "measures": list(self.measures),
            "value": self.value,
            "primal": {name: [list(row) for row in rows] for name, rows in self.primal.items()},
            "dual": {name: [list(row) for row in rows] for name, rows in self.dual.items()},
        }


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
    legs = list(_legs(model, objective, plan, response))
    prices = _Prices(model, legs, response)
    prices.settle()
    goods, capacities = prices.arrays()
    return replace(
        response,
        activity=_plain(response.activity),
        good_price=goods,
        capacity_price=capacities,
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
    kinds = ("goods", "arc", "node", "site", "pool", "supply", "demand")
    dual: dict[str, list[Row]] = {name: [] for name in kinds}
    real = {node.node for node in network.nodes}
    on_the_way = _on_the_way(model)
    for index, (label, price) in enumerate(
        zip(model.goods, response.good_price.tolist(), strict=True)
    ):
        if price > 0.0 and index not in on_the_way and label[0] in real:
            dual["goods"].append((*label, price))
    for capacity, price in zip(model.capacities, response.capacity_price.tolist(), strict=True):
        if price > 0.0:
            commodity = (capacity.commodity,) if capacity.commodity else ()
            dual[capacity.kind].append((capacity.name, *commodity, price))
    return Proof(
        measures=tuple(model.measures[i] for i in sorted(plan)),
        value=response.value if value is None else value,
        primal={name: tuple(rows) for name, rows in primal.items()},
        dual={name: tuple(rows) for name, rows in dual.items()},
    )


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


def _on_the_way(model: ActivityModel) -> frozenset[int]:
    """Return the goods that lanes and gates use up: points on the way."""
    inner = [j for j, a in enumerate(model.activities) if a.kind in ("free", "hit", "gate")]
    return frozenset(model.used[:, inner].nonzero()[0].tolist())


def _legs(
    model: ActivityModel, objective: Objective, plan: Iterable[int], response: BestResponse
) -> Iterator[_Leg]:
    """Yield the open activities, each followed to the real good where it ends."""
    closed = model.closed_under(model.chosen(plan))
    stake = model.weight if objective == "flow" else model.price - response.cost
    used, made, takes = (_columns(matrix) for matrix in (model.used, model.made, model.takes))
    inner: dict[int, list[int]] = defaultdict(list)
    for j, activity in enumerate(model.activities):
        if activity.kind in ("free", "hit", "gate") and not closed[j]:
            inner[used[j][0][0]].append(j)
    on_the_way = _on_the_way(model)
    for j, activity in enumerate(model.activities):
        if activity.kind not in _PRIMAL or closed[j]:
            continue
        ends, rows, dead = [], list(takes[j]), False
        for end, quantity in made[j]:
            good, share = end, quantity
            while good in on_the_way:
                # A lane that keeps everything comes first in the programme where it is open.
                onward = inner[good][0] if inner[good] else None
                if onward is None:
                    dead = True
                    break
                rows += [(row, share) for row, _ in takes[onward]]
                good, share = made[onward][0][0], share * made[onward][0][1]
            else:
                ends.append((good, share))
        if not dead:
            yield _Leg(tuple(used[j]), tuple(ends), tuple(rows), float(stake[j]))


def _columns(matrix: sparse.csc_array) -> list[list[tuple[int, float]]]:
    """Return the (row, value) entries of each column."""
    starts = matrix.indptr.tolist()
    rows, values = matrix.indices.tolist(), matrix.data.tolist()
    return [list(zip(rows[a:b], values[a:b], strict=True)) for a, b in itertools.pairwise(starts)]


# -- prices without rounding ----------------------------------------------------------------------


class _Prices:
    """Prices of real goods and of capacities, moved to what their uses need.

    The solver's prices are a vertex of the programme with points on the way: nearly every price
    already is what some use needs. What differs is rounding, and what a capacity of 0 or a point
    on the way left open, where any price costs nothing.
    """

    def __init__(self, model: ActivityModel, legs: list[_Leg], response: BestResponse) -> None:
        self._legs = legs
        self._goods: list[float] = response.good_price.tolist()
        self._rows: list[float] = response.capacity_price.tolist()
        self._largest = max((abs(leg.stake) for leg in legs), default=0.0)
        self._users: dict[int, list[tuple[_Leg, float]]] = defaultdict(list)
        self._takers: dict[int, list[tuple[_Leg, float]]] = defaultdict(list)
        for leg in legs:
            for good, quantity in leg.used:
                self._users[good].append((leg, quantity))
            for row, share in leg.takes:
                if share > 0.0 and np.isfinite(model.limit[row]):
                    self._takers[row].append((leg, share))
        on_the_way = _on_the_way(model)
        self._real = [g for g in range(len(self._goods)) if g not in on_the_way]

    def arrays(self) -> tuple[Floats, Floats]:
        """Return the prices of goods and capacities; on the way they are not settled."""
        return np.array(self._goods), np.array(self._rows)

    def settle(self) -> None:
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
