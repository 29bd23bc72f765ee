"""The tables of a drawn supply chain while they grow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flowopt.network.schema import (
    Arc,
    Demand,
    Node,
    NodeKind,
    Site,
    Supply,
)
from tests.drawn.dice import Dice

MASSES = (8.0, 4.0, 10.0, 2.0, 5.0, 1.0, 6.0, 12.0, 3.0, 2.5, 0.25, 7.75, 0.5, 20.0)
QUANTITIES = (10.0, 20.0, 12.0, 30.0, 16.0, 5.0, 8.5, 40.0, 2.0)  # what markets take
COSTS = (0.0, 1.0, 2.0, 0.5, 0.25, 3.0)
SMALL_COSTS = (0.0, 0.01, 0.02, 0.05)  # for what is needed by the hundred
PRICES = (50.0, 20.0, 30.0, 10.0, 40.0, 5.0)
LOSSES = (0.0, 0.0, 0.0, 0.05, 0.1, 0.2, 0.5)


@dataclass
class Draft:
    """The tables while they grow; `need` is how much of a commodity a final tonne takes."""

    dice: Dice
    free: bool  # no ordinary costs
    lossless: bool
    tables: dict[str, list[Any]] = field(default_factory=dict)
    need: dict[str, float] = field(default_factory=dict)
    route: set[str] = field(default_factory=set)  # ids on the way from the first area to market

    def rows(self, table: str) -> list[Any]:
        return self.tables.setdefault(table, [])

    def add(self, row: Any) -> Any:
        self.rows(row.table).append(row)
        return row

    def mass(self, scale: float, unlimited: int) -> float | None:
        """Return a capacity, unlimited in so many percent of cases, seldom zero."""
        if self.dice.chance(unlimited):
            return None
        mass = 0.0 if self.dice.chance(1) else self.dice.pick(MASSES)
        return mass * scale

    def cost(self, scale: float) -> float:
        if self.free:
            return 0.0
        return self.dice.pick(SMALL_COSTS if scale >= 50 else COSTS)

    def node(self, kind: NodeKind, prefix: str) -> str:
        name = f"{prefix}_{sum(n.node.startswith(prefix) for n in self.rows('nodes')) + 1}"
        capacity = (
            self.mass(1.0, 0) if kind not in ("area", "site") and self.dice.chance(40) else None
        )
        self.add(Node(node=name, name=name, kind=kind, capacity=capacity))
        return name

    def arc(self, tail: str, head: str, first: str, *, sure: bool = False) -> None:
        """Add an arc for a commodity and perhaps others; a sure one carries something."""
        carried = [first]
        if len(self.need) > 1 and self.dice.chance(35):
            carried += [c for c in self.dice.subset(list(self.need)) if c != first]
        elif "pot" in self.need and first != "pot" and self.dice.chance(50):
            carried.append("pot")
        scale = max(self.need[c] for c in carried)
        loss = 0.0 if self.lossless else self.dice.pick(LOSSES)
        capacity = self.mass(scale, 25)
        if not sure and not self.lossless and self.dice.chance(2):
            loss = 1.0
        mode = self.dice.pick(("road", "river", "flight"))
        number = len(self.rows("arcs")) + 1
        if sure:
            self.route |= {f"{mode[0].upper()}_{number}", head}
        self.add(
            Arc(
                arc=f"{mode[0].upper()}_{number}",
                tail=tail,
                head=head,
                commodities=tuple(carried),
                mode=mode,
                capacity=scale if sure and capacity == 0 else capacity,
                cost=self.cost(scale),
                loss=loss,
            )
        )

    def site(self, node: str, recipe: str, *, sure: bool = False) -> None:
        made = [r for r in self.rows("recipes") if r.recipe == recipe and r.quantity > 0]
        scale = self.need[made[0].commodity] / made[0].quantity
        if sure:
            self.route.add(f"L_{len(self.rows('sites')) + 1}")
        self.add(
            Site(
                site=f"L_{len(self.rows('sites')) + 1}",
                node=node,
                recipe=recipe,
                capacity=self.mass(scale, 30),
                cost=self.cost(1.0 / min(1.0, made[0].quantity)),
            )
        )

    def supply(self, node: str, commodity: str) -> None:
        if not any((u.node, u.commodity) == (node, commodity) for u in self.rows("supplies")):
            scale = self.need[commodity]
            self.add(
                Supply(
                    node=node,
                    commodity=commodity,
                    capacity=self.mass(scale, 25),
                    cost=self.cost(scale),
                )
            )

    def demand(self, node: str, commodity: str, *, price: bool) -> None:
        if not any((d.node, d.commodity) == (node, commodity) for d in self.rows("demands")):
            scale = self.need[commodity]
            asked = self.dice.pick(PRICES) if price else 0.0
            self.add(
                Demand(
                    node=node,
                    commodity=commodity,
                    quantity=self.dice.pick(QUANTITIES) * scale,
                    price=asked / 200 if scale >= 50 else asked,
                    weight=self.dice.pick((1.0, 1.0, 1.0, 1.0, 2.0, 0.5, 0.25, 0.0)),
                )
            )
