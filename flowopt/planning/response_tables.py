"""A best response as tables of the network's own rows, with the proof of its value."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flowopt.garbage import no_collection
from flowopt.model.activities import Activity, ActivityModel
from flowopt.model.certificate import prove, settled
from flowopt.model.response_types import BestResponse
from flowopt.network.network import Network
from flowopt.network.schema import EffectOn
from flowopt.objectives import TIES
from flowopt.planning.organisations import receipts
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.results.numbers import rounded
from flowopt.results.response import Response
from flowopt.results.rows import Binding, Delivery, Flow, Rows, SiteRun, SupplyUse

UNTIDY = (
    "the time limit came first: of several flows that bring the trafficker as much, the one shown "
    "may not be the cheapest"
)


@dataclass(frozen=True, slots=True)
class _Runs:
    """Activities at work in a settled response, by kind, and the capacities that limit them."""

    network: Network
    by_kind: Mapping[str, list[tuple[Activity, float]]]
    capacities: Mapping[tuple[EffectOn, str, str], tuple[float, float]]

    def flows(self) -> list[Flow]:
        """Return the flow of every commodity on every arc."""
        rows = []
        for activity, y in self.by_kind["ship"]:
            arc = self.network.arcs[activity.row]
            ends = (arc.arc, arc.tail, arc.head, arc.mode, activity.commodity)
            rows.append(Flow(*ends, y, *self._limit("arc", arc.arc)))
        return rows

    def sites(self) -> list[SiteRun]:
        """Return the activity of every site; a pool is its limit if it has one."""
        rows = []
        for activity, y in self.by_kind["site"]:
            site = self.network.sites[activity.row]
            limit = self._limit("pool", site.pool) if site.pool else self._limit("site", site.site)
            rows.append(SiteRun(site.site, site.node, site.recipe, y, *limit))
        return rows

    def supplies(self) -> list[SupplyUse]:
        """Return the use of every supply."""
        rows = []
        for activity, y in self.by_kind["supply"]:
            supply = self.network.supplies[activity.row]
            limit = self._limit("supply", supply.node, supply.commodity)
            rows.append(SupplyUse(supply.node, supply.commodity, y, *limit))
        return rows

    def markets(self) -> list[Delivery]:
        """Return the deliveries to every market; a pool is its limit if it has one."""
        nodes = {node.node: node for node in self.network.nodes}
        rows = []
        for activity, y in self.by_kind["deliver"]:
            demand = self.network.demands[activity.row]
            limit = (
                self._limit("pool", demand.pool)
                if demand.pool
                else self._limit("demand", demand.node, demand.commodity)
            )
            node = nodes[demand.node]
            place = (demand.node, node.name, node.continent, demand.commodity)
            rows.append(Delivery(*place, y, *limit))
        return rows

    def _limit(
        self, kind: EffectOn, name: str, commodity: str = ""
    ) -> tuple[float | None, float | None]:
        """Return a capacity and its price, None for both where it is unlimited."""
        limit, price = self.capacities[kind, name, commodity]
        return (limit, price) if math.isfinite(limit) else (None, None)


def _runs_of(network: Network, model: ActivityModel, response: BestResponse) -> _Runs:
    by_kind: dict[str, list[tuple[Activity, float]]] = defaultdict(list)
    for activity, y in zip(model.activities, response.activity.tolist(), strict=True):
        by_kind[activity.kind].append((activity, y))
    prices = zip(
        model.capacities, response.limit.tolist(), response.capacity_price.tolist(), strict=True
    )
    capacities = {
        (label.kind, label.name, label.commodity): (limit, price) for label, limit, price in prices
    }
    return _Runs(network, by_kind, capacities)


def describe(problem: PlanProblem, plan: Iterable[int], response: BestResponse) -> Response:
    """Return a best response as tables of the network's own rows, with the proof of its value."""
    with no_collection():
        chosen = sorted(plan)
        found = settled(problem.model, problem.request.objective, chosen, response)
        return described(problem, chosen, found)


def described(problem: PlanProblem, plan: Iterable[int], response: BestResponse) -> Response:
    """Return a response that went through `settled` as tables, with the proof of its value."""
    network, model, objective = problem.network, problem.model, problem.request.objective
    plan = sorted(plan)
    runs = _runs_of(network, model, response)
    flows, sites, supplies, markets = runs.flows(), runs.sites(), runs.supplies(), runs.markets()
    delivers = model.delivers.astype(float)
    delivered, weighted, revenue, expenses = (
        rounded(float(unit @ response.activity))
        for unit in (delivers, model.weight, model.price, response.cost)
    )
    return Response(
        network=network.info.id,
        scenario=network.info.scenario or None,
        input_sha256=network.sha256,
        objective=objective,
        measures=tuple(model.measures[i] for i in plan),
        value=rounded(response.value),
        delivered=delivered,
        weighted=weighted,
        revenue=revenue,
        expenses=expenses,
        profit=rounded(revenue - expenses),
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
