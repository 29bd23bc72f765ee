"""Checks that a plan keeps the budget, the resources, the rules, includes and excludes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import (
    broken_rules,
    exceeds,
    plan_cost,
    plan_uses,
    with_requirements,
)
from flowopt.planning.recheck.certificate_reader import Certificate
from flowopt.planning.recheck.verdict import Check, Comparison


class StatedConditions(Protocol):
    """Interface of the conditions on a plan, as a result states them."""

    @property
    def budget(self) -> float | None:
        """Largest cost; None for any."""

    @property
    def resources(self) -> Mapping[str, float]:
        """Largest use of each resource with a limit."""

    @property
    def include(self) -> tuple[str, ...]:
        """Measures that the plan must hold."""

    @property
    def exclude(self) -> tuple[str, ...]:
        """Measures that the plan may not hold."""


@dataclass(frozen=True, slots=True)
class RowConditions:
    """Conditions of one row of a comparison."""

    budget: float | None
    resources: Mapping[str, float]
    include: tuple[str, ...]
    exclude: tuple[str, ...]


def check_plan(network: Network, certificate: Certificate) -> Check:
    """Check that the plan of a certificate keeps all conditions."""
    check = Comparison("the plan keeps budget, resources and rules")
    check_conditions(network, certificate, certificate.plan, check)
    return check.check()


def check_conditions(
    network: Network, certificate: StatedConditions, plan: tuple[str, ...], check: Comparison
) -> None:
    """Compare a plan with the conditions that a certificate states."""
    in_order = tuple(row.measure for row in network.measures if row.measure in plan)
    check.equal("the plan in file order", plan, in_order)
    cost = plan_cost(network, plan)
    if certificate.budget is None:
        check.note(f"it costs {cost:.10g}")
    else:
        check.note(f"it costs {cost:.10g} of {certificate.budget:.10g}")
        if exceeds(cost, certificate.budget):
            check.fault(f"it costs {cost:.12g}, over the budget of {certificate.budget:.12g}")
    _check_resources(network, certificate, plan, check)
    for rule in broken_rules(network, plan):
        check.fault(f"it breaks the rule {rule}")
    for name in certificate.include:
        if name not in plan:
            check.fault(f"{name} had to be in it")
    for name in certificate.exclude:
        if name in plan:
            check.fault(f"{name} could not be in it")


def _check_resources(
    network: Network, certificate: StatedConditions, plan: tuple[str, ...], check: Comparison
) -> None:
    used = plan_uses(network, plan)
    own = {row.resource: row.limit for row in network.resources}
    limits = certificate.resources
    for name in limits.keys() - own.keys():
        check.fault(f"the network has no resource {name}")
    for name, limit in own.items():
        if name not in limits:
            if limit is not None:
                check.fault(f"{name} has a limit of {limit:.12g} in the network, but none here")
            continue
        given = "" if limits[name] == limit else ", given with the question"
        check.note(f"it takes {used[name]:.10g} of {limits[name]:.10g} {name}{given}")
        if exceeds(used[name], limits[name]):
            check.fault(f"it takes {used[name]:.12g} of {name}, over {limits[name]:.12g}")


def check_no_plan(network: Network, certificate: Certificate, status: str) -> Check:
    """Check that a result without a plan has no numbers, and a reason for it."""
    check = Comparison("there is no plan")
    bare = certificate.value is None and certificate.after is None
    if not bare or certificate.plan or certificate.dropped:
        check.fault("the certificate has a plan or its value all the same")
    reasons = infeasibility_reasons(network, certificate)
    if reasons:
        check.note(f"whatever is forced, with what it requires, fails: {'; '.join(reasons)}")
        check.equal("the status", status, "infeasible")
    elif status == "infeasible" and certificate.target is None:
        check.fault("what is forced, with what it requires, is a plan itself")
    else:
        check.note("that no plan reaches the target, or none was found, is the solver's claim")
    return check.check()


def infeasibility_reasons(network: Network, certificate: StatedConditions) -> list[str]:
    """Return the conditions that the forced measures, with those they require, do not keep."""
    forced_plan = with_requirements(network, certificate.include)
    reasons = [f"it breaks the rule {rule}" for rule in broken_rules(network, forced_plan)]
    reasons += [f"{name} could not be in it" for name in forced_plan & set(certificate.exclude)]
    cost = plan_cost(network, forced_plan)
    if certificate.budget is not None and exceeds(cost, certificate.budget):
        reasons.append(f"it costs {cost:.10g}, over the budget of {certificate.budget:.10g}")
    reasons += [
        f"it takes {amount:.10g} of {name}, over {certificate.resources[name]:.10g}"
        for name, amount in plan_uses(network, forced_plan).items()
        if exceeds(amount, certificate.resources.get(name, math.inf))
    ]
    return reasons
