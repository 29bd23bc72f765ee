"""The trafficker's optimum under a plan, computed straight from the rows by one plain LP.

This is the independent truth of the tests: it shares no code with the product beyond the row
classes, prefers the obvious to the fast, and follows the words of the network format.

Formulation, with a for arcs, c for commodities, n for nodes, s for sites, u for supplies and d for
demands, all quantities in t/yr::

    ship[a, c], run[s], take[u], deliver[d] >= 0
    departures + consumed + delivered <= arrivals + taken + produced     for every (n, c)
    sum of ship[a, c] over c                     <= capacity of a
    sum of share[a] * ship[a, c] over a into n   <= capacity of n
    run, take, deliver (or their sum over a pool) <= capacity or quantity

where ``share`` is what is left after every loss. Money is summed in thousand USD (1 t at 1 USD/kg)
and reported in million USD.
"""

from __future__ import annotations

import fnmatch
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from scipy.optimize import linprog

from flowopt.network.network import Network
from flowopt.network.schema import Effect

Pair = tuple[str, str]
Objective = Literal["flow", "profit"]
Ties = Literal["pessimistic", "optimistic"]

M_USD = 1e-3  # million USD in a thousand USD
_TIGHT: Any = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


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

    arc_capacity: dict[str, float]
    arc_share: dict[str, float]
    arc_cost: dict[str, float]
    node_capacity: dict[str, float]
    supply_capacity: dict[Pair, float]
    supply_cost: dict[Pair, float]
    site_capacity: dict[str, float]
    site_cost: dict[str, float]
    demand_quantity: dict[Pair, float]
    demand_cost: dict[Pair, float]
    pool_capacity: dict[str, float]

    def key(self) -> tuple[float, ...]:
        """Return all numbers in a fixed order: equal keys of one network have equal optima."""
        tables = (getattr(self, name) for name in self.__slots__)
        return tuple(value for table in tables for value in table.values())


@dataclass(frozen=True, slots=True)
class Response:
    """What the trafficker does.

    Attributes
    ----------
    value : float
        The objective: weighted t/yr for `flow`, M USD/yr for `profit`.
    weighted, cost, profit : float
        Weighted t/yr, M USD/yr and M USD/yr of this very solution. Only `value` is always unique,
        with `cost` under `flow` and `profit` under `profit`: the rest may differ between equally
        good solutions.
    ship, run, take, deliver : dict
        t/yr by (arc, commodity), activity by site, t/yr by (node, commodity), the last twice.
    """

    value: float
    weighted: float
    cost: float
    profit: float
    ship: dict[Pair, float] = field(repr=False)
    run: dict[str, float] = field(repr=False)
    take: dict[Pair, float] = field(repr=False)
    deliver: dict[Pair, float] = field(repr=False)


# --------------------------------------------------------------------------------------------
# What a plan does to the rows
# --------------------------------------------------------------------------------------------


def named(target: str, ids: Iterable[str]) -> list[str]:
    """Return the ids that a target names: itself, or what it matches as a case-sensitive glob."""
    ids = list(dict.fromkeys(ids))
    if target in ids:
        return [target]
    return [name for name in ids if fnmatch.fnmatchcase(name, target)]


def corruption(network: Network, plan: Iterable[str], effect: Effect) -> float:
    """Return the corruption with which an effect counts when the measures of a plan are chosen."""
    chosen = set(plan)
    measures = [row.measure for row in network.measures]
    share = effect.corruption
    for reform in network.reforms:
        if reform.measure not in chosen or reform.measure == effect.measure:
            continue
        if effect.measure in named(reform.target, measures):
            share = min(share, reform.corruption)
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


class _Working:
    """What the chosen measures do to each target, row after row."""

    def __init__(self, network: Network, plan: Iterable[str]) -> None:
        chosen = set(plan)
        unknown = chosen - {row.measure for row in network.measures}
        if unknown:
            raise KeyError(f"no such measures: {sorted(unknown)}")
        self.cuts: dict[tuple[str, Any], list[float]] = defaultdict(list)
        self.losses: dict[tuple[str, Any], list[float]] = defaultdict(list)
        self.costs: dict[tuple[str, Any], list[float]] = defaultdict(list)
        for effect in network.effects:
            if effect.measure not in chosen:
                continue
            working = effect.uptime * (1.0 - corruption(network, chosen, effect))
            for target in targets(network, effect):
                where = (effect.on, target)
                self.cuts[where].append(effect.cut * working)
                self.losses[where].append(effect.loss * working)
                self.costs[where].append(effect.cost * working)

    def capacity(self, on: str, target: Any, base: float | None) -> float:
        """Return capacity x product of (1 - working cut); only a cut of 1 closes the unlimited."""
        cuts = self.cuts[on, target]
        if base is None:
            return 0.0 if 1.0 in cuts else math.inf
        return base * math.prod(1.0 - cut for cut in cuts)

    def share(self, on: str, target: Any) -> float:
        """Return the product of (1 - working loss)."""
        return math.prod(1.0 - loss for loss in self.losses[on, target])

    def cost(self, on: str, target: Any) -> float:
        """Return the sum of working costs, USD/kg."""
        return math.fsum(self.costs[on, target])


def effective(network: Network, plan: Iterable[str] = ()) -> Effective:
    """Return what a plan leaves of every arc, node, site, pool, supply and demand."""
    work = _Working(network, plan)
    pooled: dict[str, float | None] = {}
    pooled.update((row.pool, row.capacity) for row in network.sites if row.pool)
    pooled.update((row.pool, row.quantity) for row in network.demands if row.pool)

    def pool_cost(pool: str) -> float:
        return work.cost("pool", pool) if pool else 0.0

    return Effective(
        arc_capacity={a.arc: work.capacity("arc", a.arc, a.capacity) for a in network.arcs},
        arc_share={
            a.arc: (1.0 - a.loss) * work.share("arc", a.arc) * work.share("node", a.head)
            for a in network.arcs
        },
        arc_cost={
            a.arc: a.cost + work.cost("arc", a.arc) + work.cost("node", a.head)
            for a in network.arcs
        },
        node_capacity={n.node: work.capacity("node", n.node, n.capacity) for n in network.nodes},
        supply_capacity={
            (u.node, u.commodity): work.capacity("supply", (u.node, u.commodity), u.capacity)
            for u in network.supplies
        },
        supply_cost={
            (u.node, u.commodity): u.cost + work.cost("supply", (u.node, u.commodity))
            for u in network.supplies
        },
        site_capacity={
            s.site: math.inf if s.pool else work.capacity("site", s.site, s.capacity)
            for s in network.sites
        },
        site_cost={
            s.site: s.cost + work.cost("site", s.site) + pool_cost(s.pool) for s in network.sites
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


# --------------------------------------------------------------------------------------------
# The linear program
# --------------------------------------------------------------------------------------------


class _Program:
    """The rows of the LP; `index` numbers the variables ("ship", arc, commodity) and so on."""

    def __init__(self, network: Network, left: Effective) -> None:
        self.network = network
        names: list[tuple[str, ...]] = [
            *(("ship", a.arc, c) for a in network.arcs for c in a.commodities),
            *(("run", s.site) for s in network.sites),
            *(("take", u.node, u.commodity) for u in network.supplies),
            *(("deliver", d.node, d.commodity) for d in network.demands),
        ]
        self.index = {name: i for i, name in enumerate(names)}
        self.rows: list[tuple[dict[int, float], float]] = []  # coefficients <= right-hand side
        self._balances(left)
        self._capacities(left)
        self._money(left)

    def _balances(self, left: Effective) -> None:
        """Departures + consumed + delivered - arrivals - taken - produced <= 0."""
        recipes: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for line in self.network.recipes:
            recipes[line.recipe].append((line.commodity, line.quantity))
        balance: dict[Pair, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        for arc in self.network.arcs:
            for c in arc.commodities:
                i = self.index["ship", arc.arc, c]
                balance[arc.tail, c][i] += 1.0
                balance[arc.head, c][i] -= left.arc_share[arc.arc]
        for site in self.network.sites:
            for c, quantity in recipes[site.recipe]:
                balance[site.node, c][self.index["run", site.site]] -= quantity
        for supply in self.network.supplies:
            key = (supply.node, supply.commodity)
            balance[key][self.index["take", *key]] -= 1.0
        for demand in self.network.demands:
            key = (demand.node, demand.commodity)
            balance[key][self.index["deliver", *key]] += 1.0
        self.rows += [(row, 0.0) for row in balance.values()]

    def _capacities(self, left: Effective) -> None:
        """Arcs on what enters, nodes on what arrives, pools on the sum over their rows."""
        entering: dict[str, dict[int, float]] = defaultdict(dict)
        arriving: dict[str, dict[int, float]] = defaultdict(dict)
        shared: dict[str, dict[int, float]] = defaultdict(dict)
        for arc in self.network.arcs:
            for c in arc.commodities:
                i = self.index["ship", arc.arc, c]
                entering[arc.arc][i] = 1.0
                arriving[arc.head][i] = left.arc_share[arc.arc]
        for site in self.network.sites:
            if site.pool:
                shared[site.pool][self.index["run", site.site]] = 1.0
        for demand in self.network.demands:
            if demand.pool:
                shared[demand.pool][self.index["deliver", demand.node, demand.commodity]] = 1.0
        for rows, limits in (
            (entering, left.arc_capacity),
            (arriving, left.node_capacity),
            (shared, left.pool_capacity),
        ):
            self.rows += [(row, limits[k]) for k, row in rows.items() if limits[k] < math.inf]
        self.upper = [math.inf] * len(self.index)
        for kind, own in (("take", left.supply_capacity), ("deliver", left.demand_quantity)):
            for pair, limit in own.items():
                self.upper[self.index[kind, *pair]] = limit
        for name, limit in left.site_capacity.items():
            self.upper[self.index["run", name]] = limit

    def _money(self, left: Effective) -> None:
        """Costs and prices in thousand USD per t, weights per t."""
        size = len(self.index)
        self.cost, self.price, self.weight = np.zeros(size), np.zeros(size), np.zeros(size)
        for arc in self.network.arcs:
            for c in arc.commodities:
                self.cost[self.index["ship", arc.arc, c]] = left.arc_cost[arc.arc]
        for name, cost in left.site_cost.items():
            self.cost[self.index["run", name]] = cost
        for pair, cost in left.supply_cost.items():
            self.cost[self.index["take", *pair]] = cost
        for demand in self.network.demands:
            i = self.index["deliver", demand.node, demand.commodity]
            self.cost[i] = left.demand_cost[demand.node, demand.commodity]
            self.price[i] = demand.price
            self.weight[i] = demand.weight

    def maximise(self, objective: np.ndarray, *floors: tuple[np.ndarray, float]) -> np.ndarray:
        """Return a solution that maximises, where each floor asks ``row @ x >= bound``."""
        matrix = np.zeros((len(self.rows) + len(floors), len(self.index)))
        right = np.zeros(len(matrix))
        for i, (row, limit) in enumerate(self.rows):
            matrix[i, list(row)] = list(row.values())
            right[i] = limit
        for i, (floor, bound) in enumerate(floors, start=len(self.rows)):
            matrix[i] = -floor
            right[i] = -bound
        bounds = np.column_stack([np.zeros(len(self.upper)), self.upper])
        for options in (_TIGHT, _TIGHT | {"presolve": False}, {}):
            done = linprog(
                -objective, matrix, right, bounds=bounds, method="highs", options=options
            )
            if done.status == 0:
                break
        else:
            raise ArithmeticError(f"the oracle's LP failed: {done.message}")
        return np.asarray(done.x, dtype=float)

    def response(self, x: np.ndarray, value: float | None) -> Response:
        """Return a solution by name, with what it costs and brings; no value means its profit."""
        amounts: dict[str, dict[Any, float]] = {"ship": {}, "run": {}, "take": {}, "deliver": {}}
        for (kind, *key), i in self.index.items():
            amounts[kind][key[0] if kind == "run" else tuple(key)] = float(x[i])
        weighted, cost = float(self.weight @ x), float(self.cost @ x) * M_USD
        profit = float(self.price @ x) * M_USD - cost
        return Response(
            value=profit if value is None else value,
            weighted=weighted,
            cost=cost,
            profit=profit,
            **amounts,
        )


def best_response(
    network: Network, plan: Iterable[str] = (), objective: Objective = "flow"
) -> Response:
    """Return the trafficker's optimum under a plan.

    Parameters
    ----------
    network
        The network, assumed to keep the rules of the format.
    plan
        Ids of the chosen measures.
    objective
        `flow`: most weighted tonnes, then least cost. `profit`: most profit.
    """
    program = _Program(network, effective(network, plan))
    if objective == "profit":
        return program.response(program.maximise(program.price - program.cost), None)
    most = float(program.weight @ program.maximise(program.weight))
    floor = most - 1e-10 * max(1.0, most)
    return program.response(program.maximise(-program.cost, (program.weight, floor)), most)


def bilevel_value(network: Network, plan: Iterable[str] = (), ties: Ties = "pessimistic") -> float:
    """Return the weighted tonnes that a profit-seeking trafficker delivers under a plan.

    Parameters
    ----------
    network
        The network, assumed to keep the rules of the format.
    plan
        Ids of the chosen measures.
    ties
        Among flows within 1e-9 (relative) of the best profit, the one that delivers most
        (`pessimistic` for the planner) or least (`optimistic`).
    """
    program = _Program(network, effective(network, plan))
    margin = program.price - program.cost
    best = float(margin @ program.maximise(margin))
    sign = 1.0 if ties == "pessimistic" else -1.0
    # The absolute part, a millionth of a dollar, is only for the rounding of a zero profit. Where
    # the solver's own tolerance is as large as the tie's, it sometimes needs a little more.
    for slack in (1e-9, 3e-9, 1e-8):
        floor = best - slack * abs(best) - 1e-9
        try:
            kept = program.maximise(sign * program.weight, (margin, floor))
        except ArithmeticError:
            continue
        return float(program.weight @ kept)
    raise ArithmeticError("the oracle's LP can't hold the best profit")


def plan_value(
    network: Network,
    plan: Iterable[str] = (),
    objective: Literal["flow", "profit", "bilevel"] = "flow",
    ties: Ties = "pessimistic",
) -> float:
    """Return what the planner minimises, without the second LP that `best_response` runs."""
    if objective == "bilevel":
        return bilevel_value(network, plan, ties)
    program = _Program(network, effective(network, plan))
    aim = program.weight if objective == "flow" else program.price - program.cost
    value = float(aim @ program.maximise(aim))
    return value if objective == "flow" else value * M_USD


# --------------------------------------------------------------------------------------------
# Feasibility of a given flow, by arithmetic
# --------------------------------------------------------------------------------------------


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

    def at_most(what: str, used: float, limit: float) -> None:
        if used > limit + tolerance * max(1.0, abs(used)):
            found.append(f"{what}: {used} > {limit}")

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
            have[arc.head, c] += amount * left.arc_share[arc.arc]
            arriving[arc.head] += amount * left.arc_share[arc.arc]
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
