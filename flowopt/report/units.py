"""The words of a network for its mass, its money and the objective, in every report."""

from __future__ import annotations

from flowopt.model.objectives import OBJECTIVES
from flowopt.network.network import Network


class Units:
    """The labels of a network: its mass, its money, and the objective in words."""

    def __init__(self, network: Network, objective: str) -> None:
        self.mass = network.info.mass_unit
        self.money = f"M {network.info.currency}"
        weighted = any(demand.weight != 1.0 for demand in network.demands)
        if OBJECTIVES[objective].in_money:
            self.what, self.unit = "the trafficker's profit", self.money
        elif weighted:
            self.what, self.unit = "weighted deliveries", f"weighted {self.mass}"
        else:
            self.what, self.unit = "deliveries", self.mass
        # What the trafficker maximises: with `bilevel` it counts money where the planner does not.
        self.gain = self.money if OBJECTIVES[objective].for_money else self.unit
