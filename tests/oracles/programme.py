"""The trafficker's programme under a plan, written straight from the rows in exact numbers.

With a for arcs, c for commodities, n for nodes, s for sites, u for supplies and d for demands, all
quantities in t/yr::

    ship[a, c], run[s], take[u], deliver[d] >= 0
    departures + consumed + delivered <= arrivals + taken + produced     for every (n, c)
    sum of ship[a, c] over c                     <= capacity of a
    sum of share[a] * ship[a, c] over a into n   <= capacity of n
    run, take, deliver (or their sum over a pool) <= capacity or quantity

where ``share`` is what is left after every loss. Money is in thousand USD (1 t at 1 USD/kg).
"""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction

from flowopt.network.network import Network
from tests.oracles.effects import Amount, Effective, Pair
from tests.oracles.exact import Tableau, exact

Names = tuple[str, ...]
Row = dict[int, Fraction]


class Programme:
    """Rows, limits, money and weights; `index` numbers ("ship", arc, commodity) and so on."""

    def __init__(self, network: Network, left: Effective) -> None:
        self.network = network
        names: list[Names] = [
            *(("ship", a.arc, c) for a in network.arcs for c in a.commodities),
            *(("run", s.site) for s in network.sites),
            *(("take", u.node, u.commodity) for u in network.supplies),
            *(("deliver", d.node, d.commodity) for d in network.demands),
        ]
        self.index = {name: i for i, name in enumerate(names)}
        self.rows: list[tuple[Row, Amount]] = []  # coefficients <= right-hand side
        self._balances(left)
        self._capacities(left)
        self._money(left)

    def _balances(self, left: Effective) -> None:
        """Departures + consumed + delivered - arrivals - taken - produced <= 0."""
        recipes: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for line in self.network.recipes:
            recipes[line.recipe].append((line.commodity, line.quantity))
        balance: dict[Pair, Row] = defaultdict(lambda: defaultdict(Fraction))
        for arc in self.network.arcs:
            for c in arc.commodities:
                i = self.index["ship", arc.arc, c]
                balance[arc.tail, c][i] += 1
                balance[arc.head, c][i] -= left.arc_share[arc.arc]
        for site in self.network.sites:
            for c, quantity in recipes[site.recipe]:
                balance[site.node, c][self.index["run", site.site]] -= exact(quantity)
        for supply in self.network.supplies:
            key = (supply.node, supply.commodity)
            balance[key][self.index["take", *key]] -= 1
        for demand in self.network.demands:
            key = (demand.node, demand.commodity)
            balance[key][self.index["deliver", *key]] += 1
        self.rows += [(row, Fraction(0)) for row in balance.values()]

    def _capacities(self, left: Effective) -> None:
        """Arcs on what enters, nodes on what arrives, pools on the sum over their rows."""
        one = Fraction(1)
        entering: dict[str, Row] = defaultdict(dict)
        arriving: dict[str, Row] = defaultdict(dict)
        shared: dict[str, Row] = defaultdict(dict)
        for arc in self.network.arcs:
            for c in arc.commodities:
                i = self.index["ship", arc.arc, c]
                entering[arc.arc][i] = one
                arriving[arc.head][i] = left.arc_share[arc.arc]
        for site in self.network.sites:
            if site.pool:
                shared[site.pool][self.index["run", site.site]] = one
        for demand in self.network.demands:
            if demand.pool:
                shared[demand.pool][self.index["deliver", demand.node, demand.commodity]] = one
        for rows, limits in (
            (entering, left.arc_capacity),
            (arriving, left.node_capacity),
            (shared, left.pool_capacity),
        ):
            self.rows += [(row, limits[k]) for k, row in rows.items()]
        self.upper: list[Amount] = [math.inf] * len(self.index)
        for kind, own in (("take", left.supply_capacity), ("deliver", left.demand_quantity)):
            for pair, limit in own.items():
                self.upper[self.index[kind, *pair]] = limit
        for name, limit in left.site_capacity.items():
            self.upper[self.index["run", name]] = limit

    def _money(self, left: Effective) -> None:
        """Costs and prices in thousand USD per t, weights per t."""
        self.cost = [Fraction(0)] * len(self.index)
        self.price, self.weight = list(self.cost), list(self.cost)
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
            self.price[i] = exact(demand.price)
            self.weight[i] = exact(demand.weight)

    @property
    def margin(self) -> list[Fraction]:
        """What a unit of each activity earns."""
        return [price - cost for price, cost in zip(self.price, self.cost, strict=True)]

    def tableau(self) -> Tableau:
        """Return the programme at doing nothing."""
        limits = [({i: Fraction(1)}, most) for i, most in enumerate(self.upper)]
        rows = [(row, most) for row, most in (*self.rows, *limits) if isinstance(most, Fraction)]
        return Tableau(len(self.index), rows)
