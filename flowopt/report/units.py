"""Labels of mass, money and objective, in every report."""

from __future__ import annotations

from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES


class Units:
    """Labels of a network: mass, money, and the objective."""

    def __init__(self, network: Network, objective: str) -> None:
        self.mass = network.info.mass_unit
        self.money = f"M {network.info.currency}"
        weighted = any(demand.weight != 1.0 for demand in network.demands)
        if OBJECTIVES[objective].in_money:
            self.quantity, self.unit = "the trafficker's profit", self.money
        elif weighted:
            self.quantity, self.unit = "weighted deliveries", f"weighted {self.mass}"
        else:
            self.quantity, self.unit = "deliveries", self.mass
        # One of the unit, after a price: "2.1 M USD a tonne".
        each = f"for each {self.unit}" if self.unit == self.money else f"a {self.unit}"
        self.one = "a tonne" if self.unit == "t" else each
        # Unit of the trafficker's objective: with `bilevel` it is money, unlike the planner's.
        self.gain = self.money if OBJECTIVES[objective].for_money else self.unit
