"""Labels of mass, money and objective, in every report."""

from __future__ import annotations

from flowopt.network.market_parts import part_of
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES


class Units:
    """Labels of a network: mass, money, and the objective, `of` a part of the markets if given."""

    def __init__(self, network: Network, objective: str, of: str | None = None) -> None:
        self.mass = network.info.mass_unit
        self.money = f"M {network.info.currency}"
        self.part = None if of is None else part_of(network, of)
        counted = range(len(network.demands)) if self.part is None else self.part.demands
        weighted = any(network.demands[i].weight != 1.0 for i in counted)
        if self.part is not None:
            for_money = OBJECTIVES[objective].for_money
            quantity = self.part.deliveries if for_money else self.part.reach
            self.quantity = f"{quantity}, weighted," if weighted else quantity
            self.unit = f"weighted {self.mass}" if weighted else self.mass
        elif OBJECTIVES[objective].in_money:
            self.quantity, self.unit = "the trafficker's profit", self.money
        elif weighted:
            self.quantity, self.unit = "weighted deliveries", f"weighted {self.mass}"
        else:
            self.quantity, self.unit = "deliveries", self.mass
        # The verb of the quantity: "deliveries come to", "the trafficker's profit comes to".
        self.come = "comes" if self.unit == self.money else "come"
        # One of the unit, after a price: "2.1 M USD a tonne".
        each = f"for each {self.unit}" if self.unit == self.money else f"a {self.unit}"
        self.one = "a tonne" if self.unit == "t" else each
        # Unit of the trafficker's objective: with `bilevel` it is money, unlike the planner's.
        self.gain = self.money if OBJECTIVES[objective].for_money else self.unit
