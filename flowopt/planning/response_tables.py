"""A best response as tables of the network's own rows, with the proof of its value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from flowopt.model.activities import ActivityModel
from flowopt.model.certificate import prove, settled
from flowopt.model.objectives import TIES
from flowopt.model.response_types import BestResponse
from flowopt.network.network import Network
from flowopt.network.schema import EffectOn
from flowopt.planning.organisations import receipts
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.results.numbers import rounded
from flowopt.results.response import Response
from flowopt.results.rows import Binding, Delivery, Flow, Rows, SiteRun, SupplyUse

UNTIDY = (
    "the time limit came first: of several flows that bring the trafficker as much, the one shown "
    "may not be the cheapest"
)


def describe(problem: PlanProblem, plan: Iterable[int], response: BestResponse) -> Response:
    """Turn a best response into tables of the network's own rows, and prove its value."""
    network, model, objective = problem.network, problem.model, problem.request.objective
    plan = sorted(plan)
    response = settled(model, objective, plan, response)
    amount = response.activity
    capacity = {
        (label.kind, label.name, label.commodity): (limit, price)
        for label, limit, price in zip(
            model.capacities,
            response.limit.tolist(),
            response.capacity_price.tolist(),
            strict=True,
        )
    }

    def limits(kind: EffectOn, name: str, commodity: str = "") -> tuple[float | None, float | None]:
        limit, price = capacity[kind, name, commodity]
        return (limit, price) if np.isfinite(limit) else (None, None)

    nodes = {node.node: node for node in network.nodes}
    flows, sites, supplies, markets = [], [], [], []
    for activity, y in zip(model.activities, amount.tolist(), strict=True):
        if activity.kind == "ship":
            arc = network.arcs[activity.row]
            ends = (arc.arc, arc.tail, arc.head, arc.mode, activity.commodity)
            flows.append(Flow(*ends, y, *limits("arc", arc.arc)))
        elif activity.kind == "site":
            site = network.sites[activity.row]
            shared = limits("pool", site.pool) if site.pool else limits("site", site.site)
            sites.append(SiteRun(site.site, site.node, site.recipe, y, *shared))
        elif activity.kind == "supply":
            supply = network.supplies[activity.row]
            own = limits("supply", supply.node, supply.commodity)
            supplies.append(SupplyUse(supply.node, supply.commodity, y, *own))
        elif activity.kind == "deliver":
            demand = network.demands[activity.row]
            most = (
                limits("pool", demand.pool)
                if demand.pool
                else limits("demand", demand.node, demand.commodity)
            )
            node = nodes[demand.node]
            markets.append(
                Delivery(demand.node, node.name, node.continent, demand.commodity, y, *most)
            )
    delivers = np.array([activity.kind == "deliver" for activity in model.activities], dtype=float)
    delivered, weighted, revenue, cost = (
        rounded(float(unit @ amount))
        for unit in (delivers, model.weight, model.price, response.cost)
    )
    return Response(
        network=network.info.id,
        input_sha256=network.sha256,
        objective=objective,
        measures=tuple(model.measures[i] for i in plan),
        value=rounded(response.value),
        delivered=delivered,
        weighted=weighted,
        revenue=revenue,
        cost=cost,
        profit=rounded(revenue - cost),
        flows=Rows(Flow, flows),
        sites=Rows(SiteRun, sites),
        supplies=Rows(SupplyUse, supplies),
        markets=Rows(Delivery, markets),
        binding=binding(model, response),
        totals=tuple(totals(network, flows, markets)),
        proof=prove(network, model, plan, response, value=rounded(response.value)),
        ties=None if response.tie is None else TIES[0 if response.tie.sign > 0.0 else 1],
        tidy=response.tidy,
        organisations=receipts(network, model, plan, flows, sites, supplies, markets),
    )


def binding(model: ActivityModel, response: BestResponse) -> Rows[Binding]:
    """Return the capacities with a price in a settled response, the highest price first.

    A price is the most that a tonne more can bring the trafficker: where several capacities hold
    the same flow back, more of one alone may bring less.
    """
    found = [
        (float(price), label, float(limit))
        for label, limit, price in zip(
            model.capacities, response.limit, response.capacity_price, strict=True
        )
        if price > 0.0
    ]
    found.sort(
        key=lambda row: (-float(f"{row[0]:.9g}"), row[1].kind, row[1].name, row[1].commodity)
    )
    return Rows(
        Binding,
        (
            Binding(rank, label.kind, label.name, label.commodity, limit, price)
            for rank, (price, label, limit) in enumerate(found, start=1)
        ),
    )


def totals(
    network: Network, flows: Iterable[Flow], markets: Iterable[Delivery]
) -> Iterator[tuple[str, str, float]]:
    """Yield (by, key, t/yr) of the commodities that markets buy, in the order of the files.

    - ``mode``: tonnes entering legs of the mode; a tonne that takes two such legs counts twice;
    - ``kind``: tonnes arriving at nodes of the kind, or more exactly sent to them;
    - ``exit``: tonnes that leave a country with growing areas, by the node they leave from;
    - ``region``: tonnes that leave the region for elsewhere;
    - ``country``, ``continent``: tonnes delivered there.

    Raw inputs such as leaf and precursors, hundreds of times heavier, would drown the trade, so
    they are not counted. Rows without the attribute are left out.
    """
    nodes = {node.node: node for node in network.nodes}
    growing = {node.country for node in network.nodes if node.kind == "area" and node.country}
    found: dict[str, dict[str, float]] = {
        by: defaultdict(float) for by in ("mode", "kind", "exit", "country", "region", "continent")
    }
    bought = network.market_commodities
    for row in flows:
        if row.commodity not in bought:
            continue
        tail, head = nodes[row.tail], nodes[row.head]
        found["mode"][row.mode] += row.flow
        found["kind"][head.kind] += row.flow
        if tail.country in growing and head.country != tail.country:
            found["exit"][tail.node] += row.flow
        if (tail.country, tail.region) != (head.country, head.region):
            found["region"][tail.region] += row.flow
    for market in markets:
        node = nodes[market.node]
        found["country"][node.country] += market.delivered
        found["continent"][node.continent] += market.delivered
    for by, amounts in found.items():
        for key, amount in amounts.items():
            if key:
                yield by, key, rounded(amount)
