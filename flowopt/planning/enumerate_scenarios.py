"""Proof by enumeration of a plan for several scenarios: every plan, valued in each of them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.planning.every_plan import Plans, check_size, names_known
from flowopt.planning.recheck.arithmetic import SLACK, plan_cost
from flowopt.planning.recheck.certificate_reader import CERTIFICATE
from flowopt.planning.recheck.condition_checks import RowConditions
from flowopt.planning.recheck.criterion_reader import CriterionCertificate
from flowopt.planning.recheck.json_values import MalformedError
from flowopt.planning.recheck.scenario_arithmetic import ScenarioValues, stated_values
from flowopt.planning.recheck.scenario_reader import ScenarioCertificate, read_scenario_certificate
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison

_NAME = "every other plan was tried in each scenario, each valued by the trafficker's programme"


def prove_criterion(folder: Path, network: Network) -> Check:
    """Try every plan that keeps the conditions of a result, and compare with its claims.

    Parameters
    ----------
    folder
        What ``flowopt solve`` or ``evaluate`` wrote with ``--criterion`` and ``--out``.
    network
        The network with its scenarios.

    Returns
    -------
    Check
        Passed when no plan goes below the bound on the criterion, nor below that of a scenario.

    Raises
    ------
    RequestError
        When the network has more than 20 measures.
    """
    check_size(network)
    check = Comparison(_NAME, VALUES)
    try:
        certificate = read_scenario_certificate(folder / CERTIFICATE)
    except MalformedError as error:
        check.fault(str(error))
        return check.check()
    budget = certificate.budget
    if certificate.claim.status == "evaluated" and budget is None:
        budget = plan_cost(network, certificate.plan)
    if not names_known(network, certificate, check):
        return check.check()
    asked = RowConditions(budget, certificate.resources, certificate.include, certificate.exclude)
    values = stated_values(network, certificate)
    if values is None:
        _compare_none(network, certificate, asked, check)
        return check.check()
    _compare(network, certificate, asked, values, check)
    return check.check()


def _compare(
    network: Network,
    certificate: ScenarioCertificate,
    asked: RowConditions,
    values: ScenarioValues,
    check: Comparison,
) -> None:
    worlds = [
        Plans(network.scenario(row.scenario), asked, certificate.objective, certificate.ties)
        for row in network.scenarios
    ]
    sets = worlds[0].largest(worlds[0].allowed).tolist()
    if not sets:
        raise RequestError("no plan keeps the conditions of this result, though it has one")
    found = np.array([[world.value(mask) for world in worlds] for mask in sets])
    check.note(f"{int(worlds[0].allowed.sum())} plans keep the conditions, {len(sets)} were valued")
    for place, row in enumerate(network.scenarios):
        floor = VALUES * values.before[place]
        least = float(found[:, place].min())
        check.at_most(f"the bound in {row.scenario}", values.bound[place], least, floor=floor)
    if certificate.target is not None:
        compare_cheapest(certificate, worlds, values, check)
        return
    bound, value = certificate.claim.bound, certificate.value
    criteria = [values.of(each.tolist()) for each in found]
    best, floor = min(criteria), VALUES * values.most
    if bound is not None:
        check.at_most("the bound", bound, best, floor=floor)
    if value is not None and value <= best + floor:
        check.note(f"none does better than {value:.10g}")
    else:
        better = worlds[0].names(sets[criteria.index(best)])
        check.note(f"{'; '.join(better)} does better: {best:.10g}")


def compare_cheapest(
    certificate: CriterionCertificate,
    worlds: list[Plans],
    values: ScenarioValues,
    check: Comparison,
) -> None:
    """Compare the cost of the cheapest plan that reaches the target with the bound on it."""
    bound = certificate.claim.cost_bound
    least = _least_cost(certificate, worlds, values, check)
    if least is None:
        check.fault("no plan reaches the target, though the result has one")
    elif bound is not None:
        check.at_most("the bound on the cost", bound, least, floor=SLACK)
        check.note(f"the cheapest that reaches the target costs {least:.10g}")


def _compare_none(
    network: Network, certificate: ScenarioCertificate, asked: RowConditions, check: Comparison
) -> None:
    """Check that a result without a plan is right in that there is none."""
    worlds = [
        Plans(network.scenario(row.scenario), asked, certificate.objective, certificate.ties)
        for row in network.scenarios
    ]
    allowed = int(worlds[0].allowed.sum())
    if certificate.target is None:
        check.equal("the number of plans", allowed, 0)
    elif certificate.claim.status == "infeasible" and allowed:
        sets = worlds[0].largest(worlds[0].allowed).tolist()
        best = tuple(min(world.value(mask) for mask in sets) for world in worlds)
        before = tuple(world.value(0) for world in worlds)
        weights = [row.weight for row in network.scenarios]
        shares = tuple(weight / math.fsum(weights) for weight in weights)
        known = ScenarioValues(
            certificate.criterion, certificate.tail or 1.0, shares, before, before, best, best
        )
        least = _least_cost(certificate, worlds, known, check)
        if least is not None:
            check.fault(f"a plan that costs {least:.10g} reaches the target")


def _least_cost(
    certificate: CriterionCertificate,
    worlds: list[Plans],
    values: ScenarioValues,
    check: Comparison,
) -> float | None:
    """Return what the cheapest plan that reaches the target costs; None where none does."""
    target, cost = certificate.target or 0.0, worlds[0].cost
    differs = values.criterion in ("cut", "regret")
    floor = 1e-7 * (values.most if differs else values.of(values.before))  # what counts as equal
    masks = np.flatnonzero(worlds[0].allowed)
    for tried, mask in enumerate(masks[np.argsort(cost[masks], kind="stable")].tolist(), start=1):
        value = values.of([world.value(mask) for world in worlds])
        if values.missed(value, target) <= floor:
            check.note(f"{tried} of {len(masks)} plans were valued, cheapest first")
            return float(cost[mask])
    check.note(f"all {len(masks)} plans were valued")
    return None
