"""Receipts of organisations: flow at the targets of `earnings.csv`, times its rates.

The rates are receipts and no costs: the trafficker's best response does not know them, and what
one organisation pays is part of what another one earns. Where several best responses are equally
good (most delivered at least cost and with least transport, or most profit with least transport),
the receipts are those of the one that is shown.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from flowopt.model.activities import USD_PER_KG, ActivityModel
from flowopt.model.arc_paths import arriving_shares
from flowopt.network.network import Network
from flowopt.network.tables import matches
from flowopt.results.numbers import rounded
from flowopt.results.rows import Delivery, Earned, Flow, Rows, SiteRun, SupplyUse

Passed = dict[str, dict[str, list[tuple[str, float]]]]  # on, name: (commodity, t/yr)


def receipts(
    network: Network,
    model: ActivityModel,
    plan: Iterable[int],
    flows: Iterable[Flow],
    sites: Iterable[SiteRun],
    supplies: Iterable[SupplyUse],
    markets: Iterable[Delivery],
) -> Rows[Earned]:
    """Return the receipts by organisation, M USD a year, in file order of first appearance.

    Parameters
    ----------
    network, model
        The network and its programme.
    plan
        Indices of the measures in force: they decide what share of an arc's load arrives.
    flows, sites, supplies, markets
        What the trafficker does, t/yr.
    """
    if not network.earnings:
        return Rows(Earned)
    passed = _passed(network, sites, supplies, markets)
    _add_flows(passed, network, arriving_shares(model, plan), flows)
    receipts: dict[str, list[float]] = {}
    for earning in network.earnings:
        named = passed[earning.on]
        receipts.setdefault(earning.organisation, []).extend(
            earning.rate * USD_PER_KG * amount
            for name in matches(earning.target, named)
            for commodity, amount in named[name]
            if earning.commodity in ("", commodity)
        )
    return Rows(Earned, (Earned(name, rounded(math.fsum(m))) for name, m in receipts.items()))


def _passed(
    network: Network,
    sites: Iterable[SiteRun],
    supplies: Iterable[SupplyUse],
    markets: Iterable[Delivery],
) -> Passed:
    """Return the activity of sites and pools, supplies of nodes and sales of markets, t/yr."""
    passed: Passed = {
        on: defaultdict(list) for on in ("arc", "node", "site", "pool", "supply", "demand")
    }
    pool_of_site = {row.site: row.pool for row in network.sites}
    pool_of_demand = {(row.node, row.commodity): row.pool for row in network.demands}
    for site in sites:
        passed["site"][site.site].append(("", site.activity))
        if pool := pool_of_site[site.site]:
            passed["pool"][pool].append(("", site.activity))
    for supply in supplies:
        passed["supply"][supply.node].append((supply.commodity, supply.supplied))
    for market in markets:
        passed["demand"][market.node].append((market.commodity, market.delivered))
        if pool := pool_of_demand[market.node, market.commodity]:
            passed["pool"][pool].append(("", market.delivered))
    return passed


def _add_flows(
    passed: Passed,
    network: Network,
    shares: dict[tuple[int, str], float],
    flows: Iterable[Flow],
) -> None:
    """Add the flow into arcs and the arrivals at nodes, t/yr."""
    index = {arc.arc: i for i, arc in enumerate(network.arcs)}
    passed["node"].update((node.node, []) for node in network.nodes)
    for flow in flows:
        passed["arc"][flow.arc].append((flow.commodity, flow.flow))
        arrives = flow.flow * shares[index[flow.arc], flow.commodity]
        passed["node"][flow.head].append((flow.commodity, arrives))
