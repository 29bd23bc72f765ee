"""Every plan that keeps the budget, the resources and the rules, and the best by brute force."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from flowopt.network.network import Network
from tests.oracles.effects import Amount, effective
from tests.oracles.response import Aim, Ties, plan_value
from tests.oracles.rounding import EQUAL, SUM, size

Plan = tuple[str, ...]
Known = dict[tuple[Amount, ...], float]  # values by `Effective.key`, of one objective


class Best(NamedTuple):
    """The best value and the plan that the tie rule picks."""

    value: float
    plan: Plan


class Optima(NamedTuple):
    """The best value and every plan that reaches it, in the order of the tie rule."""

    value: float
    plans: list[Plan]


def plan_cost(network: Network, plan: Iterable[str]) -> float:
    """Return what a plan costs, M USD/yr."""
    chosen = set(plan)
    return math.fsum(row.cost for row in network.measures if row.measure in chosen)


def plan_uses(network: Network, plan: Iterable[str]) -> dict[str, float]:
    """Return what a plan takes of every resource."""
    chosen = set(plan)
    return {
        row.resource: math.fsum(
            use.amount
            for use in network.uses
            if use.resource == row.resource and use.measure in chosen
        )
        for row in network.resources
    }


def resource_limits(network: Network, given: Mapping[str, float]) -> dict[str, float]:
    """Return the limits that bind: those given with the budget, else those of the table."""
    unknown = set(given) - {row.resource for row in network.resources}
    if unknown:
        raise KeyError(f"no such resources: {sorted(unknown)}")
    table = {row.resource: row.limit for row in network.resources if row.limit is not None}
    return {**table, **given}


def keeps_rules(network: Network, plan: Iterable[str]) -> bool:
    """Return whether a plan keeps every `requires` and `excludes`."""
    chosen = set(plan)
    return all(
        row.measure not in chosen or (row.other in chosen) == (row.relation == "requires")
        for row in network.rules
    )


def feasible_plans(
    network: Network,
    budget: float,
    resources: Mapping[str, float] | None = None,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
) -> Iterator[Plan]:
    """Yield every plan that may be chosen, ids in file order.

    The order is that of tuples of file positions, a plan before those it begins.

    Parameters
    ----------
    network
        The network.
    budget
        Most the plan may cost, M USD/yr.
    resources
        Limits given with the budget, by resource; they count instead of the table's.
    include, exclude
        Measures that must and must not be in the plan.
    """
    wanted, barred = set(include), set(exclude)
    ids = [row.measure for row in network.measures]
    limits = resource_limits(network, resources or {})

    def affordable(plan: Plan) -> bool:
        uses = plan_uses(network, plan)
        return plan_cost(network, plan) <= budget + SUM and all(
            uses[name] <= limit + SUM for name, limit in limits.items()
        )

    def extend(plan: Plan, start: int) -> Iterator[Plan]:
        # Costs and uses only grow: what is not affordable has no affordable extension.
        if not affordable(plan):
            return
        if wanted <= set(plan) and keeps_rules(network, plan):
            yield plan
        for i in range(start, len(ids)):
            if ids[i] not in barred:
                yield from extend((*plan, ids[i]), i + 1)

    yield from extend((), 0)


def plan_values(
    network: Network,
    plans: Iterable[Plan],
    objective: Aim = "flow",
    ties: Ties = "pessimistic",
    known: Known | None = None,
) -> dict[Plan, float]:
    """Return the value of each plan; those that leave the same of the network are worked out once.

    What is `known` of a network holds for it with other measures, rules, uses and reforms as well.
    """
    known = {} if known is None else known
    values: dict[Plan, float] = {}
    for plan in plans:
        key = effective(network, plan).key()
        if key not in known:
            known[key] = plan_value(network, plan, objective, ties)
        values[plan] = known[key]
    return values


def optimal_plans(
    network: Network,
    budget: float,
    resources: Mapping[str, float] | None = None,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    objective: Aim = "flow",
    ties: Ties = "pessimistic",
    known: Known | None = None,
) -> Optima:
    """Return the least value and all plans that reach it, the cheapest first, then in file order.

    Values are equal as `rounding.py` says, and so are costs within 1e-8.

    Raises
    ------
    ValueError
        When no plan may be chosen at all.
    """
    plans = feasible_plans(network, budget, resources, include, exclude)
    values = plan_values(network, plans, objective, ties, known)
    if not values:
        raise ValueError("no plan keeps the budget, the resources, the rules and the choices made")
    least = min(values.values())
    equal = EQUAL * size(network, objective)
    best = [plan for plan, value in values.items() if value <= least + equal]
    best.sort(key=lambda plan: round(plan_cost(network, plan), 8))  # stable: then file order
    return Optima(least, best)


def best_plan(
    network: Network,
    budget: float,
    resources: Mapping[str, float] | None = None,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    objective: Aim = "flow",
    ties: Ties = "pessimistic",
    known: Known | None = None,
) -> Best:
    """Return the least value and the plan that reaches it: the cheapest, then the first in order.

    Raises
    ------
    ValueError
        When no plan may be chosen at all.
    """
    value, plans = optimal_plans(
        network, budget, resources, include, exclude, objective, ties, known
    )
    return Best(value, plans[0])
