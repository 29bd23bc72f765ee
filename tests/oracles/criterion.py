"""The criterion of a plan over scenarios, and the best plan by trying all of them."""

from __future__ import annotations

from collections.abc import Sequence

from flowopt.network.network import Network
from tests.oracles.enumerate import Plan, feasible_plans, plan_cost, plan_values
from tests.oracles.response import Aim, Ties
from tests.oracles.rounding import EQUAL


def criterion_of(
    name: str, values: Sequence[float], shares: Sequence[float], tail: float = 0.2
) -> float:
    """Return the criterion of what is left, or of differences to a reference, by scenario."""
    if name in ("worst", "cut", "regret"):
        return max(values)
    if name == "expected":
        return sum(q * v for q, v in zip(shares, values, strict=True))
    assert name == "cvar"
    beyond = [
        t + sum(q * max(0.0, v - t) for q, v in zip(shares, values, strict=True)) / tail
        for t in values
    ]
    return min(beyond)  # piecewise linear in t, with its corners at the values


class ScenarioTruth:
    """Values of all plans that keep the conditions, in every scenario.

    Attributes
    ----------
    plans : list of tuple of str
        They, the cheapest first, then in file order.
    values : mapping
        By plan, its value in each scenario.
    nothing, best : list of float
        By scenario: the value without measures, and that of its own best plan.
    """

    def __init__(
        self,
        networks: Sequence[Network],
        weights: Sequence[float],
        budget: float,
        objective: Aim,
        ties: Ties = "pessimistic",
    ) -> None:
        first = networks[0]
        self.plans = sorted(
            feasible_plans(first, budget), key=lambda plan: round(plan_cost(first, plan), 8)
        )
        found = [plan_values(each, self.plans, objective, ties) for each in networks]
        self.values = {plan: [values[plan] for values in found] for plan in self.plans}
        nothing = [plan_values(each, [()], objective, ties)[()] for each in networks]
        self.nothing = nothing
        self.best = [min(values.values()) for values in found]
        self.shares = [weight / sum(weights) for weight in weights]

    def criterion(self, name: str, plan: Plan, tail: float = 0.2) -> float:
        """Return the criterion of a plan."""
        return self.of(name, self.values[plan], tail)

    def of(self, name: str, values: Sequence[float], tail: float = 0.2) -> float:
        """Return the criterion of values by scenario."""
        traits = {"cut": self.nothing, "regret": self.best}
        reference = traits.get(name, [0.0] * len(values))
        differences = [v - r for v, r in zip(values, reference, strict=True)]
        return criterion_of(name, differences, self.shares, tail)

    def base(self, name: str) -> float:
        """Return what a criterion of 0 is compared with: the criterion, or the most flow, of
        doing nothing."""
        return max(self.nothing) if name in ("cut", "regret") else self.of(name, self.nothing)

    def optimum(self, name: str, tail: float = 0.2) -> tuple[float, Plan]:
        """Return the least criterion, and the plan that the tie rule picks."""
        worth = {plan: self.criterion(name, plan, tail) for plan in self.plans}
        least = min(worth.values())
        equal = EQUAL * self.base(name)
        return least, next(plan for plan in self.plans if worth[plan] <= least + equal)
