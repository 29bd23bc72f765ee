"""What is wrong with a flow, by arithmetic alone."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from flowopt.network.network import Network
from tests.oracles.effects import Amount, Pair, effective


def violations(
    network: Network,
    plan: Iterable[str],
    *,
    ship: Mapping[Pair, float],
    run: Mapping[str, float],
    take: Mapping[Pair, float],
    deliver: Mapping[Pair, float],
    tolerance: float = 1e-6,
) -> list[str]:
    """Return what is wrong with a flow under a plan, by arithmetic alone; empty when feasible.

    Amounts that are not given count as 0; `tolerance` is relative to the larger side, at least 1.
    """
    left = effective(network, plan)
    found: list[str] = []

    def at_most(what: str, used: float, limit: Amount) -> None:
        if used > float(limit) + tolerance * max(1.0, abs(used)):
            found.append(f"{what}: {used} > {float(limit)}")

    for amounts in (ship, run, take, deliver):
        found += [f"{key}: {x} < 0" for key, x in amounts.items() if x < -tolerance]
    have: dict[Pair, float] = defaultdict(float)
    need: dict[Pair, float] = defaultdict(float)
    arriving: dict[str, float] = defaultdict(float)
    pooled: dict[str, float] = defaultdict(float)
    known: set[Any] = set()
    for arc in network.arcs:
        for c in arc.commodities:
            known.add((arc.arc, c))
            amount = ship.get((arc.arc, c), 0.0)
            need[arc.tail, c] += amount
            have[arc.head, c] += amount * float(left.arc_share[arc.arc])
            arriving[arc.head] += amount * float(left.arc_share[arc.arc])
        used = math.fsum(ship.get((arc.arc, c), 0.0) for c in arc.commodities)
        at_most(f"arc {arc.arc}", used, left.arc_capacity[arc.arc])
    found += [f"ship {key}: no such pair" for key in ship if key not in known]
    for node, amount in arriving.items():
        at_most(f"node {node}", amount, left.node_capacity[node])
    for site in network.sites:
        amount = run.get(site.site, 0.0)
        at_most(f"site {site.site}", amount, left.site_capacity[site.site])
        pooled[site.pool] += amount
        for line in network.recipes:
            if line.recipe == site.recipe and line.quantity > 0:
                have[site.node, line.commodity] += amount * line.quantity
            elif line.recipe == site.recipe:
                need[site.node, line.commodity] -= amount * line.quantity
    for supply in network.supplies:
        key = (supply.node, supply.commodity)
        at_most(f"supply {key}", take.get(key, 0.0), left.supply_capacity[key])
        have[key] += take.get(key, 0.0)
    for demand in network.demands:
        key = (demand.node, demand.commodity)
        at_most(f"demand {key}", deliver.get(key, 0.0), left.demand_quantity[key])
        pooled[demand.pool] += deliver.get(key, 0.0)
        need[key] += deliver.get(key, 0.0)
    for pool, limit in left.pool_capacity.items():
        at_most(f"pool {pool}", pooled[pool], limit)
    for key, amount in need.items():
        at_most(f"balance {key}", amount, have[key])
    return found
