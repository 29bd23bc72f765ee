"""Reachability of goods: the rows of a network that a flow can use at all.

A *good* is a commodity at a node. It is *available* if some supply can bring it there, through
arcs and through sites all of whose inputs are available; it is *useful* if it can go on from
there to a market, through arcs and such sites. A row is *live* if a flow can use it: it starts
from something available and leads to something useful. Nothing passes where the capacity is 0 or
the loss is 1, so a row that is not live carries nothing under any plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from flowopt.network.tables import Tables

Good = tuple[str, str]  # node, commodity


@dataclass(frozen=True)
class Reachability:
    """Goods and rows within reach in a checked network without measures."""

    network: Tables

    @cached_property
    def recipes(self) -> dict[str, dict[str, float]]:
        """Quantity of each commodity by recipe."""
        found: dict[str, dict[str, float]] = {}
        for line in self.network.recipes:
            found.setdefault(line.recipe, {})[line.commodity] = line.quantity
        return found

    def inputs(self, site: int) -> list[Good]:
        """Return the goods that a site consumes."""
        row = self.network.sites[site]
        return [(row.node, c) for c, q in self.recipes[row.recipe].items() if q < 0]

    def outputs(self, site: int) -> list[Good]:
        """Return the goods that a site produces."""
        row = self.network.sites[site]
        return [(row.node, c) for c, q in self.recipes[row.recipe].items() if q > 0]

    @cached_property
    def open_arcs(self) -> list[int]:
        """Arcs with a capacity and a head that are open."""
        shut = {node.node for node in self.network.nodes if node.capacity == 0}
        return [
            index
            for index, arc in enumerate(self.network.arcs)
            if arc.capacity != 0 and arc.loss < 1 and arc.head not in shut
        ]

    @cached_property
    def available(self) -> set[Good]:
        """Goods that some supply can bring there."""
        ahead: dict[Good, list[Good]] = {}
        for index in self.open_arcs:
            arc = self.network.arcs[index]
            for commodity in arc.commodities:
                ahead.setdefault((arc.tail, commodity), []).append((arc.head, commodity))
        waiting: dict[int, int] = {}
        consumers: dict[Good, list[int]] = {}
        for index, site in enumerate(self.network.sites):
            if site.capacity != 0:
                goods = self.inputs(index)
                waiting[index] = len(goods)
                for good in goods:
                    consumers.setdefault(good, []).append(index)

        def following(good: Good) -> Iterable[Good]:
            found = ahead.get(good, ())
            if good not in consumers:  # nearly all
                return found
            for site in consumers[good]:
                waiting[site] -= 1
                if not waiting[site]:
                    found = [*found, *self.outputs(site)]
            return found

        start = {(s.node, s.commodity) for s in self.network.supplies if s.capacity != 0}
        return _closure(start, following)

    @cached_property
    def running_sites(self) -> list[int]:
        """Sites whose every input is available."""
        return [
            index
            for index, site in enumerate(self.network.sites)
            if site.capacity != 0 and all(good in self.available for good in self.inputs(index))
        ]

    @cached_property
    def useful(self) -> set[Good]:
        """Goods that can go on to a market."""
        behind: dict[Good, list[Good]] = {}
        for index in self.open_arcs:
            arc = self.network.arcs[index]
            for commodity in arc.commodities:
                behind.setdefault((arc.head, commodity), []).append((arc.tail, commodity))
        for site in self.running_sites:
            for good in self.outputs(site):
                behind.setdefault(good, []).extend(self.inputs(site))
        start = {(d.node, d.commodity) for d in self.network.demands if d.quantity != 0}
        return _closure(start, lambda good: behind.get(good, ()))

    @cached_property
    def live(self) -> dict[str, set[int]]:
        """Live rows of arcs, nodes, sites, supplies and demands, as indices by table."""
        network, live = self.network, self.available & self.useful
        arcs = {
            index
            for index in self.open_arcs
            for arc in (network.arcs[index],)
            if any((arc.tail, c) in live and (arc.head, c) in live for c in arc.commodities)
        }
        entered = {network.arcs[index].head for index in arcs}
        return {
            "arcs": arcs,
            "nodes": {i for i, node in enumerate(network.nodes) if node.node in entered},
            "sites": {
                i for i in self.running_sites if any(g in self.useful for g in self.outputs(i))
            },
            "supplies": {
                i
                for i, supply in enumerate(network.supplies)
                if supply.capacity != 0 and (supply.node, supply.commodity) in self.useful
            },
            "demands": {
                i
                for i, demand in enumerate(network.demands)
                if demand.quantity != 0 and (demand.node, demand.commodity) in self.available
            },
        }


def _closure(start: Iterable[Good], following: Callable[[Good], Iterable[Good]]) -> set[Good]:
    """Return all goods that follow from `start`, which may be many, each visited once."""
    found = set(start)
    queue = list(found)
    while queue:
        for good in following(queue.pop()):
            if good not in found:
                found.add(good)
                queue.append(good)
    return found
