"""The places and legs of a generated supply chain, and what is supplied, made and bought there.

    areas ----leaf----> sites --base--> hubs --base--> labs
    origins --acid----> sites           hubs <--hcl--- labs <--acid-- origins
                                        hubs --base, hcl--> exits --> markets

Every layer lies on a ring, and legs mostly lead to what is near, so that there are regions and ways
around.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from flowopt.network import schema

T = TypeVar("T")

LAYERS: dict[str, tuple[schema.NodeKind, float]] = {  # kind, how many for each unit of size
    "A": ("area", 3.0),
    "O": ("precursor", 0.5),
    "S": ("site", 4.0),
    "H": ("transit", 5.0),
    "L": ("site", 2.0),
    "X": ("port", 2.0),
    "M": ("market", 2.0),
}
LEAVES = {"leaf_rich": 325.0, "leaf_poor": 375.0}  # t for a tonne of base
PER_UNIT = 110.0  # activities, about, of a unit of size


class Dice:
    """Chance from `Random.random` alone, which is the same on every Python."""

    def __init__(self, seed: str) -> None:
        self._next = random.Random(seed).random

    def upto(self, n: int) -> int:
        """Return a whole number from 0 to below n."""
        return min(int(self._next() * n), n - 1)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.upto(len(choices))]

    def chance(self, share: float) -> bool:
        return self._next() < share

    def between(self, low: float, high: float, digits: int = 2) -> float:
        return round(low + (high - low) * self._next(), digits)


@dataclass
class Chain:
    """The tables of the chain while they grow."""

    dice: Dice
    nodes: dict[str, schema.Node] = field(default_factory=dict)
    arcs: list[schema.Arc] = field(default_factory=list)
    supplies: list[schema.Supply] = field(default_factory=list)
    sites: list[schema.Site] = field(default_factory=list)
    demands: list[schema.Demand] = field(default_factory=list)
    layer: dict[str, list[str]] = field(default_factory=dict)
    pairs: set[tuple[str, str]] = field(default_factory=set)

    def grow(self, unit: float) -> None:
        """Draw the chain for a size in units."""
        for letter, (kind, share) in LAYERS.items():
            count = max(2, round(unit * share))
            self.layer[letter] = [f"{letter}{i + 1}" for i in range(count)]
            for name in self.layer[letter]:
                self.nodes[name] = schema.Node(
                    node=name, name=f"{kind.capitalize()} {name}", kind=kind
                )
        self._supplies()
        self._makers()
        self._hubs()
        self._exits()

    def _supplies(self) -> None:
        dice = self.dice
        for area in self.layer["A"]:
            leaf = dice.pick(tuple(LEAVES))
            self.supplies.append(
                schema.Supply(
                    node=area,
                    commodity=leaf,
                    capacity=100.0 * dice.between(40, 160, 0),
                    cost=dice.between(1, 4),
                )
            )
        for origin in self.layer["O"]:
            self.supplies.append(
                schema.Supply(
                    node=origin,
                    commodity="acid",
                    capacity=dice.between(150, 400, 0),
                    cost=dice.between(2, 9),
                )
            )

    def _makers(self) -> None:
        """Sites run both leaf recipes in one pool, labs one recipe; both need acid."""
        dice = self.dice
        leaf_of = {s.node: s.commodity for s in self.supplies}

        def leaf(tail: str, head: str) -> None:
            self._arc(tail, head, (leaf_of[tail],), 1000.0 * dice.between(3, 14, 1), (0.02, 0.3))

        def acid(tail: str, head: str) -> None:
            self._arc(tail, head, ("acid",), dice.between(8, 40, 0), (0.2, 2.0))

        self._join("A", "S", 3, leaf)
        self._join("O", "S", 4, acid)
        self._join("O", "L", 3, acid)
        reached = {(a.head, c) for a in self.arcs for c in a.commodities}
        for site in self.layer["S"]:
            most, cost = dice.between(12, 50, 0), dice.between(40, 120, 0)
            for leaf_class in LEAVES:
                if (site, leaf_class) in reached:
                    self.sites.append(
                        schema.Site(
                            site=f"{site}_{leaf_class}",
                            node=site,
                            recipe=f"base_of_{leaf_class}",
                            capacity=most,
                            cost=cost,
                            pool=f"pool_{site}",
                        )
                    )
        for lab in self.layer["L"]:
            self.sites.append(
                schema.Site(
                    site=f"{lab}_hcl",
                    node=lab,
                    recipe="hcl_of_base",
                    capacity=dice.between(25, 90, 0),
                    cost=dice.between(80, 300, 0),
                )
            )

    def _hubs(self) -> None:
        dice = self.dice
        for hub in self.layer["H"]:
            if dice.chance(0.4):
                self._cap(hub, dice.between(30, 110, 0))

        def base(tail: str, head: str) -> None:
            self._arc(tail, head, ("base",), dice.between(6, 35, 1), (5, 60))

        def either(tail: str, head: str) -> None:
            self._arc(tail, head, ("base", "hcl"), dice.between(8, 50, 1), (10, 150))

        def hcl(tail: str, head: str) -> None:
            self._arc(tail, head, ("hcl",), dice.between(8, 40, 1), (10, 90))

        self._join("S", "H", 2, base)
        self._join("H", "H", 2, either)
        self._join("H", "L", 2, base)
        self._join("L", "H", 2, hcl)

    def _exits(self) -> None:
        """Labs send to some exits directly, so that every market is within reach."""
        dice = self.dice
        for exit_ in self.layer["X"]:
            if dice.chance(0.7):
                self._cap(exit_, dice.between(40, 160, 0))
        lands = self.layer["M"]
        buys_base = {m for i, m in enumerate(lands) if i % 4 == 3}

        def out(tail: str, head: str) -> None:
            goods = ("base", "hcl") if dice.chance(0.3) else ("hcl",)
            self._arc(tail, head, goods, dice.between(5, 45, 1), (50, 900))

        def flight(tail: str, head: str) -> None:
            self._arc(tail, head, ("hcl",), dice.between(3, 20, 1), (300, 1500))

        def over(tail: str, head: str) -> None:
            self._arc(tail, head, ("hcl",), dice.between(5, 40, 1), (800, 8000))

        self._join("H", "X", 2, out)
        self._join("L", "X", 1, flight)
        self._join("X", "M", 3, over)
        for market in lands:
            price = dice.between(15, 50, 0) * 1000.0
            self.demands.append(
                schema.Demand(
                    node=market, commodity="hcl", quantity=dice.between(15, 70, 0), price=price
                )
            )
            if market in buys_base:
                self._base_market(market)

    def _base_market(self, market: str) -> None:
        """Let a market near an exit that base reaches buy base too, for its own labs."""
        carried = {a.head for a in self.arcs if "base" in a.commodities}
        exits = [a.tail for a in self.arcs if a.head == market and a.tail in carried]
        if exits:
            dice = self.dice
            self._arc(exits[0], market, ("base",), dice.between(5, 25, 1), (300, 1200))
            self.demands.append(
                schema.Demand(
                    node=market,
                    commodity="base",
                    quantity=dice.between(5, 25, 0),
                    price=dice.between(2500, 9000, 0),
                    weight=0.75,
                )
            )

    def _cap(self, node: str, capacity: float) -> None:
        self.nodes[node] = replace(self.nodes[node], capacity=capacity)

    def _join(self, tails: str, heads: str, most: int, add: Callable[[str, str], None]) -> None:
        """Lead from every place of one layer to 1 to `most` near ones of another, and miss none."""
        ends, reached = self.layer[heads], set()
        for i, tail in enumerate(self.layer[tails]):
            for _ in range(1 + self.dice.upto(most)):
                head = self._near(i / len(self.layer[tails]), ends)
                if head != tail and (tail, head) not in self.pairs:
                    add(tail, head)
                    reached.add(head)
        starts = self.layer[tails]
        for i, head in enumerate(ends):
            if head not in reached:
                free = [t for t in (self._near(i / len(ends), starts), *starts) if t != head]
                add(next(t for t in free if (t, head) not in self.pairs), head)

    def _near(self, place: float, ends: list[str]) -> str:
        """Return a place near a point of the ring: seven in ten within its next tenth."""
        width = 0.1 if self.dice.chance(0.7) else 0.5
        wide = max(width, 1.5 / len(ends))
        return ends[int((place + wide * self.dice.between(0, 1, 6)) * len(ends)) % len(ends)]

    def _arc(
        self,
        tail: str,
        head: str,
        goods: tuple[str, ...],
        capacity: float,
        cost: tuple[float, float],
    ) -> None:
        dice = self.dice
        self.pairs.add((tail, head))
        self.arcs.append(
            schema.Arc(
                arc=f"a{len(self.arcs) + 1}",
                tail=tail,
                head=head,
                commodities=goods,
                mode=dice.pick(("road", "river", "air")),
                capacity=capacity,
                cost=dice.between(*cost),
                loss=dice.between(0.01, 0.12) if dice.chance(0.25) else 0.0,
            )
        )

    def arriving(self) -> dict[str, set[str]]:
        """Return what commodities arrive at each node."""
        found: dict[str, set[str]] = defaultdict(set)
        for arc in self.arcs:
            found[arc.head].update(arc.commodities)
        return found

    def activities(self) -> int:
        """Count the trafficker's activities; a node with a capacity has a gate for each good."""
        arriving = self.arriving()
        gates = sum(len(arriving[n.node]) for n in self.nodes.values() if n.capacity is not None)
        rows = len(self.supplies) + len(self.sites) + len(self.demands)
        return rows + sum(len(arc.commodities) for arc in self.arcs) + gates

    def fill(self, missing: int) -> None:
        """Double legs by others of their kind, one commodity each, until the size is reached."""
        known = [arc for arc in self.arcs if arc.tail[0] in "ASHLX"]
        for _ in range(missing):
            twin = self.dice.pick(known)
            goods = (self.dice.pick(twin.commodities),)
            capacity = round((twin.capacity or 0.0) * self.dice.between(0.3, 0.9), 1)
            cost = (twin.cost, 1.5 * twin.cost)
            self._arc(twin.tail, twin.head, goods, capacity, cost)
