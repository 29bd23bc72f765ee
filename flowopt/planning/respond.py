"""The trafficker's best response to a plan, in the planner's words."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from flowopt.clock import Clock
from flowopt.defaults import OBJECTIVE, TIE_RULE
from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import build_in_time
from flowopt.model.certificate import prove, settled
from flowopt.model.objectives import TIES, Objective, Ties
from flowopt.model.response_types import BestResponse
from flowopt.network.checks.warning_groups import grouped_warnings
from flowopt.network.network import Network
from flowopt.network.schema import EffectOn
from flowopt.planning.organisations import receipts
from flowopt.planning.plan_constraints import PlanProblem, indices, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.recorded_options import on_record
from flowopt.planning.result_warnings import network_warnings
from flowopt.planning.run_options import RunOptions
from flowopt.results.numbers import rounded
from flowopt.results.response import Response
from flowopt.results.rows import Binding, Delivery, Flow, Rows, SiteRun, SupplyUse

UNTIDY = (
    "the time limit came first: of several flows that bring the trafficker as much, the one shown "
    "may not be the cheapest"
)


def respond(
    network: Network,
    plan: Iterable[str] = (),
    *,
    objective: Objective = OBJECTIVE,
    ties: Ties = TIE_RULE,
    time_limit: float | None = None,
    seconds_reading: float = 0.0,
) -> Response:
    """Return what the trafficker does once a plan is in force.

    Parameters
    ----------
    network
        A checked network.
    plan
        Ids of the measures in force; rules and budgets are not looked at.
    objective
        ``flow``: deliver as many weighted tonnes as the network can carry, then at least cost.
        ``profit`` and ``bilevel``: earn as much as possible; they differ in what the planner
        counts, M USD or weighted tonnes.
    ties
        For ``bilevel``: which of the equally profitable flows counts, the one worst for the planner
        (``pessimistic``) or the best (``optimistic``).
    time_limit
        Seconds for all of it, with those already spent on reading; None for no limit. Where it
        leaves no time to choose the cheapest of equally good flows, a warning says so.
    seconds_reading
        Time already spent, on starting up and reading the network; it counts against the limit.

    Raises
    ------
    RequestError
        When a measure, the objective or the rule for ties is unknown, or the limit not positive.
    SolverError
        When the solver fails, or its primal and dual values differ.
    OutOfTime
        When the time limit is over before the best response is known.

    Examples
    --------
    >>> import flowopt
    >>> network = flowopt.read_network("networks/two-bridges")
    >>> flowopt.respond(network).value
    10.0
    """
    clock = Clock(time_limit, time.perf_counter() - seconds_reading)
    request = PlanRequest(objective=objective, ties=ties)
    options = RunOptions(time_limit=time_limit)
    request.check()
    options.check()
    problem = problem_of(network, build_in_time(network, clock), request)
    chosen = indices(problem.model.measures, plan, what="measure")
    trafficker = BestResponseSolver(problem.model, objective, ties=ties)
    trafficker.deadline = clock.deadline
    found = describe(problem, chosen, trafficker.respond(chosen))
    return replace(
        found,
        options=on_record(
            measures=found.measures,
            **request.recorded("objective", "ties"),
            **options.recorded("time_limit"),
        ),
        warnings=(
            *(
                grouped_warnings(network.warnings)
                if chosen
                else network_warnings(network, objective, found.profit)
            ),
            *(() if found.tidy else (UNTIDY,)),
        ),
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
