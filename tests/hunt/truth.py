"""The right answers for one network, by brute force over its plans in exact numbers."""

from __future__ import annotations

import math
from functools import cache, cached_property
from itertools import pairwise

from flowopt.network.network import Network
from tests.drawn.dice import Dice
from tests.oracles.effects import Amount, effective
from tests.oracles.enumerate import Plan, feasible_plans, plan_cost
from tests.oracles.response import Aim, Ties
from tests.oracles.rounding import NOTHING, SUM, Range, size, value_range


class Truth:
    """Plans that keep rules and resources, what they cost, and the ranges of their values."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.size = cache(lambda objective: size(network, objective))
        self._known: dict[tuple[Aim, Ties, tuple[Amount, ...]], Range] = {}

    @cached_property
    def costs(self) -> dict[Plan, float]:
        """What each plan that may be chosen costs."""
        plans = feasible_plans(self.network, math.inf)
        return {plan: plan_cost(self.network, plan) for plan in plans}

    def range(self, plan: Plan, objective: Aim, ties: Ties) -> Range:
        """Return where the value of a plan lies; equal networks are valued once."""
        key = (objective, ties, effective(self.network, plan).key())
        if key not in self._known:
            self._known[key] = value_range(self.network, plan, objective, ties)
        return self._known[key]

    def ranges(self, objective: Aim, ties: Ties, budget: float = math.inf) -> dict[Plan, Range]:
        """Return the plans that a budget pays, with their values."""
        most = budget + SUM * max(1.0, budget)
        paid = [plan for plan, cost in self.costs.items() if cost <= most]
        return {plan: self.range(plan, objective, ties) for plan in paid}

    def drawn_target(self, dice: Dice, objective: Aim, ties: Ties) -> float | None:
        """Return a target between two values, or none where all plans are worth the same."""
        tops = sorted({found.high for found in self.ranges(objective, ties).values()})
        least = max(1e-3 * tops[-1], 100 * NOTHING * self.size(objective))
        wide = [(a, b) for a, b in pairwise(tops) if b - a > least]
        if not wide:
            return None
        low, high = dice.pick(wide)
        return float(f"{low + (high - low) * dice.pick((0.5, 0.3, 0.7)):.6g}")
