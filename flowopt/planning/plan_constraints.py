"""Constraints on plans: a request, checked and turned into indices."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from flowopt.errors import RequestError
from flowopt.model.activities import ActivityModel
from flowopt.model.interdiction import PlanConstraints, closure
from flowopt.model.search import Plan
from flowopt.network.network import Network
from flowopt.planning.respond import check_objective, check_time_limit, indices


def check_request(budget: float | None, target: float | None, alternatives: int) -> None:
    """Refuse a request without a budget or a sound target with a `RequestError`."""
    if budget is None and target is None:
        raise RequestError("give a budget, or a target to reach for as little as possible")
    if target is not None and not (math.isfinite(target) and target >= 0.0):
        raise RequestError(f"target {target} is not a number of at least 0")
    if target is not None and alternatives > 1:
        raise RequestError("alternatives are for a budget; a target has one cheapest plan")


def check_options(
    objective: str,
    ties: str,
    time_limit: float | None,
    gap: float,
    alternatives: int = 1,
    within: float | None = None,
    *,
    threads: int = 1,
) -> None:
    """Refuse options out of range with a `RequestError`."""
    check_objective(objective, ties)
    check_time_limit(time_limit)
    if alternatives < 1:
        raise RequestError(f"alternatives {alternatives} is not a whole number of at least 1")
    if within is not None and not within >= 0.0:
        raise RequestError(f"within {within} is not a share of at least 0, such as 0.01")
    if threads < 1:
        raise RequestError(f"threads {threads} is not a whole number of at least 1")
    if not 0.0 <= gap < 1.0:
        raise RequestError(f"gap {gap} is not a share from 0 to below 1, such as 1e-4")


def plan_limits(
    network: Network,
    model: ActivityModel,
    budget: float | None,
    resources: Mapping[str, float] | None,
    include: Iterable[str],
    exclude: Iterable[str],
) -> tuple[PlanConstraints, dict[str, float]]:
    """Return the limits on plans, and the resource limits by name."""
    given = dict(resources or {})
    amounts = given if budget is None else {"budget": budget, **given}
    for name, amount in amounts.items():
        if not (math.isfinite(amount) and amount >= 0.0):
            raise RequestError(f"{name} {amount} is not a number of at least 0")
    indices(model.resources, given, what="resource")
    limits = {
        row.resource: float(limit)
        for row in network.resources
        if (limit := given.get(row.resource, row.limit)) is not None
    }
    place = {name: i for i, name in enumerate(model.resources)}
    return (
        PlanConstraints(
            budget=math.inf if budget is None else float(budget),
            resources=tuple((place[name], limit) for name, limit in limits.items()),
            include=frozenset(indices(model.measures, include, what="measure")),
            exclude=frozenset(indices(model.measures, exclude, what="measure")),
        ),
        limits,
    )


def forced_plan(model: ActivityModel, limits: PlanConstraints) -> Plan:
    """Return the forced measures and everything they require."""
    return closure(model, limits.include)


def plan_totals(model: ActivityModel, plan: list[int]) -> tuple[float, dict[str, float]]:
    """Return the cost of a plan, M USD a year, and its use by resource."""
    used = {name: float(math.fsum(model.uses[i, plan])) for i, name in enumerate(model.resources)}
    return math.fsum(model.measure_cost[plan]), used
