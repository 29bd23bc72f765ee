"""What a plan does to the rows, straight from the words of the network format."""

from __future__ import annotations

import fnmatch
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flowopt.network.network import Network
from flowopt.network.schema import Effect
from tests.oracles.exact import exact

Pair = tuple[str, str]
Amount = Fraction | float  # a float only where it is `inf`, which is unlimited


@dataclass(frozen=True, slots=True)
class Effective:
    """What a plan leaves of the network: capacities (`inf` is unlimited), shares and costs.

    Attributes
    ----------
    arc_capacity, arc_share, arc_cost : by arc id
        Most mass entering (t/yr), share of it that reaches the head, USD per kg entering.
    node_capacity : by node id
        Most mass arriving (t/yr).
    supply_capacity, supply_cost : by (node, commodity)
        t/yr and USD/kg.
    site_capacity, site_cost : by site id
        Units of activity, `inf` for a site in a pool, and USD per kg of activity.
    demand_quantity, demand_cost : by (node, commodity)
        t/yr, `inf` for a demand in a pool, and USD per kg delivered.
    pool_capacity : by pool id
        Shared by the rows of the pool.
    """

    arc_capacity: dict[str, Amount]
    arc_share: dict[str, Fraction]
    arc_cost: dict[str, Fraction]
    node_capacity: dict[str, Amount]
    supply_capacity: dict[Pair, Amount]
    supply_cost: dict[Pair, Fraction]
    site_capacity: dict[str, Amount]
    site_cost: dict[str, Fraction]
    demand_quantity: dict[Pair, Amount]
    demand_cost: dict[Pair, Fraction]
    pool_capacity: dict[str, Amount]

    def key(self) -> tuple[Amount, ...]:
        """Return all numbers in a fixed order: equal keys of one network have equal optima."""
        tables = (getattr(self, name) for name in self.__slots__)
        return tuple(value for table in tables for value in table.values())


def named(target: str, ids: Iterable[str]) -> list[str]:
    """Return the ids that a target names: itself, or what it matches as a case-sensitive glob."""
    ids = list(dict.fromkeys(ids))
    if target in ids:
        return [target]
    return [name for name in ids if fnmatch.fnmatchcase(name, target)]


def corruption(network: Network, plan: Iterable[str], effect: Effect) -> Fraction:
    """Return the corruption with which an effect counts when the measures of a plan are chosen."""
    chosen = set(plan)
    measures = [row.measure for row in network.measures]
    share = exact(effect.corruption)
    for reform in network.reforms:
        if reform.measure not in chosen or reform.measure == effect.measure:
            continue
        if effect.measure in named(reform.target, measures):
            share = min(share, exact(reform.corruption))
    return share


def targets(network: Network, effect: Effect) -> list[Any]:
    """Return the keys an effect acts on: ids, or (node, commodity) of supplies and demands."""
    if effect.on in ("supply", "demand"):
        rows = network.supplies if effect.on == "supply" else network.demands
        pairs = [
            (row.node, row.commodity)
            for row in rows
            if not effect.commodity or row.commodity == effect.commodity
        ]
        nodes = named(effect.target, (node for node, _ in pairs))
        return [pair for pair in pairs if pair[0] in nodes]
    ids: list[str]
    if effect.on == "arc":
        ids = [row.arc for row in network.arcs]
    elif effect.on == "node":
        ids = [row.node for row in network.nodes]
    elif effect.on == "site":
        ids = [row.site for row in network.sites]
    else:
        pools = [s.pool for s in network.sites] + [d.pool for d in network.demands]
        ids = [pool for pool in pools if pool]
    return named(effect.target, ids)


class Working:
    """What the chosen measures do to each target, row after row."""

    def __init__(self, network: Network, plan: Iterable[str]) -> None:
        chosen = set(plan)
        unknown = chosen - {row.measure for row in network.measures}
        if unknown:
            raise KeyError(f"no such measures: {sorted(unknown)}")
        self.cuts: dict[tuple[str, Any], list[Fraction]] = defaultdict(list)
        self.losses: dict[tuple[str, Any], list[Fraction]] = defaultdict(list)
        self.costs: dict[tuple[str, Any], list[Fraction]] = defaultdict(list)
        for effect in network.effects:
            if effect.measure not in chosen:
                continue
            working = exact(effect.uptime) * (1 - corruption(network, chosen, effect))
            for target in targets(network, effect):
                where = (effect.on, target)
                self.cuts[where].append(exact(effect.cut) * working)
                self.losses[where].append(exact(effect.loss) * working)
                self.costs[where].append(exact(effect.cost) * working)

    def capacity(self, on: str, target: Any, base: float | None) -> Amount:
        """Return capacity x product of (1 - working cut); only a cut of 1 closes the unlimited."""
        cuts = self.cuts[on, target]
        if base is None:
            return Fraction(0) if 1 in cuts else math.inf
        return math.prod((1 - cut for cut in cuts), start=exact(base))

    def share(self, on: str, target: Any) -> Fraction:
        """Return the product of (1 - working loss)."""
        return math.prod((1 - loss for loss in self.losses[on, target]), start=Fraction(1))

    def cost(self, on: str, target: Any) -> Fraction:
        """Return the sum of working costs, USD/kg."""
        return sum(self.costs[on, target], start=Fraction(0))


def effective(network: Network, plan: Iterable[str] = ()) -> Effective:
    """Return what a plan leaves of every arc, node, site, pool, supply and demand."""
    work = Working(network, plan)
    pooled: dict[str, float | None] = {}
    pooled.update((row.pool, row.capacity) for row in network.sites if row.pool)
    pooled.update((row.pool, row.quantity) for row in network.demands if row.pool)

    def pool_cost(pool: str) -> Fraction:
        return work.cost("pool", pool) if pool else Fraction(0)

    return Effective(
        arc_capacity={a.arc: work.capacity("arc", a.arc, a.capacity) for a in network.arcs},
        arc_share={
            a.arc: (1 - exact(a.loss)) * work.share("arc", a.arc) * work.share("node", a.head)
            for a in network.arcs
        },
        arc_cost={
            a.arc: exact(a.cost) + work.cost("arc", a.arc) + work.cost("node", a.head)
            for a in network.arcs
        },
        node_capacity={n.node: work.capacity("node", n.node, n.capacity) for n in network.nodes},
        supply_capacity={
            (u.node, u.commodity): work.capacity("supply", (u.node, u.commodity), u.capacity)
            for u in network.supplies
        },
        supply_cost={
            (u.node, u.commodity): exact(u.cost) + work.cost("supply", (u.node, u.commodity))
            for u in network.supplies
        },
        site_capacity={
            s.site: math.inf if s.pool else work.capacity("site", s.site, s.capacity)
            for s in network.sites
        },
        site_cost={
            s.site: exact(s.cost) + work.cost("site", s.site) + pool_cost(s.pool)
            for s in network.sites
        },
        demand_quantity={
            (d.node, d.commodity): math.inf
            if d.pool
            else work.capacity("demand", (d.node, d.commodity), d.quantity)
            for d in network.demands
        },
        demand_cost={
            (d.node, d.commodity): work.cost("demand", (d.node, d.commodity)) + pool_cost(d.pool)
            for d in network.demands
        },
        pool_capacity={pool: work.capacity("pool", pool, base) for pool, base in pooled.items()},
    )
