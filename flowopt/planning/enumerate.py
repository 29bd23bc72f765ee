"""Proof by enumeration that no other plan does better: for small networks, with a solver.

With `flow` and `profit` measures never help the trafficker, so that of plans which hold one
another the largest is the best: only plans that nothing can be added to are valued. With `bilevel`
a measure may do harm, and all are valued. Values come from the trafficker's programme, so that,
unlike `flowopt.planning.verify`, this imports a solver.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.planning.enumerate_alternatives import Rank, compare_ranks
from flowopt.planning.enumerate_luck import prove_luck
from flowopt.planning.enumerate_luck_steps import prove_luck_steps
from flowopt.planning.enumerate_scenarios import prove_criterion
from flowopt.planning.enumerate_schedules import prove_schedule
from flowopt.planning.every_plan import Plans, check_size, names_known
from flowopt.planning.recheck import (
    alternative_checks,
    frontier_checks,
    luck_checks,
    luck_plans_checks,
    period_checks,
    scenario_checks,
    scenario_plans_checks,
    schedule_frontier_checks,
    several_checks,
    stress_checks,
)
from flowopt.planning.recheck.arithmetic import SLACK
from flowopt.planning.recheck.certificate_reader import (
    CERTIFICATE,
    Certificate,
    Claim,
    read_certificate,
)
from flowopt.planning.recheck.comparison_checks import BEST, budget_of
from flowopt.planning.recheck.frontier_certificate_reader import read_frontier_certificate
from flowopt.planning.recheck.frontier_rows import LESS, SweepContext
from flowopt.planning.recheck.json_values import MalformedError
from flowopt.planning.recheck.part_checks import counting
from flowopt.planning.recheck.result_networks import as_in_result, networks_at_hand, own_network
from flowopt.planning.recheck.side_by_side_checks import plan_folders
from flowopt.planning.recheck.table_checks import about_of, read_table
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison

NAME = "every other plan was tried, each valued by the trafficker's programme"


def prove_by_enumeration(
    folder: str | os.PathLike[str], network: Network | Iterable[Network] | None = None
) -> tuple[Check, ...]:
    """Try every plan that keeps the conditions of a result, or of each row of a comparison.

    Parameters
    ----------
    folder
        What ``flowopt solve``, ``evaluate`` or ``compare`` wrote with ``--out``.
    network
        The network that the result is about, or those of a comparison; by default those that the
        folder holds.

    Returns
    -------
    tuple of Check
        Passed when no plan does better than the bounds that the result claims.

    Raises
    ------
    RequestError
        When a network has more than 20 measures, over time more than 20 measures times periods, or
        the result has no claim to prove; or they may fail and hang on more than 12 chances.
    """
    path = Path(folder)
    given = [] if network is None else [network] if isinstance(network, Network) else [*network]
    given = [as_in_result(path, each) for each in given]
    if stress_checks.is_stress(path):
        raise RequestError("--enumerate proves the best plan of a result; a stress is a sample")
    if several_checks.is_of_several(path):
        return tuple(
            replace(check, name=f"{each.name}: {check.name}")
            for each in several_checks.frontier_folders(path)
            for check in prove_by_enumeration(each, several_checks.copies_of(each, given) or None)
        )
    if frontier_checks.is_frontier(path):
        return tuple(_prove_rows(path, given))
    whole = given[0] if given else own_network(path)
    if schedule_frontier_checks.is_schedule_frontier(path):
        found = ((each.name, prove_schedule(each, whole)) for each in plan_folders(path))
        return tuple(replace(check, name=f"{name}: {check.name}") for name, check in found)
    if period_checks.is_over_time(path):
        return (prove_schedule(path, whole),)
    if scenario_checks.is_of_scenarios(path):
        return (prove_criterion(path, whole),)
    if luck_checks.is_of_luck(path):
        return (prove_luck(path, whole),)
    if luck_plans_checks.is_of_luck_plans(path):
        folders = plan_folders(path)
        rows = ((each.name, prove_luck(each, whole)) for each in folders)
        tried = [replace(check, name=f"{name}: {check.name}") for name, check in rows]
        return (*tried, *prove_luck_steps(path, folders, whole))
    if scenario_plans_checks.is_of_scenario_plans(path):
        proved = ((each.name, prove_criterion(each, whole)) for each in plan_folders(path))
        return tuple(replace(check, name=f"{name}: {check.name}") for name, check in proved)
    return (prove_best(path, whole),)


def prove_best(folder: str | os.PathLike[str], network: Network) -> Check:
    """Try every plan that keeps the conditions of a result, and compare with its claim.

    Parameters
    ----------
    folder
        What ``flowopt solve`` or ``evaluate`` wrote with ``--out``.
    network
        The network that the result is about.

    Returns
    -------
    Check
        Passed when no plan does better than the bound that the result claims, and no alternative
        is missing; it says whether one does better than the plan.

    Raises
    ------
    RequestError
        When the network has more than 20 measures, or the result has no claim to prove.
    """
    check_size(network)
    check = Comparison(NAME, VALUES)
    try:
        certificate = read_certificate(Path(folder) / CERTIFICATE)
    except MalformedError as error:
        check.fault(str(error))
        return check.check()
    if certificate.result == "evaluation":
        certificate = _as_solution(network, certificate)
    if certificate.claim is None:
        raise RequestError("--enumerate is for results of `flowopt solve`; this one has no plan")
    if not names_known(network, certificate, check):
        return check.check()
    if certificate.of is not None:
        network = counting(network, certificate.of)
    plans = Plans(network, certificate, certificate.objective, certificate.ties)
    if certificate.target is not None:
        _compare_cheapest(plans, certificate, certificate.claim, certificate.target, check)
        return check.check()
    _compare_best(plans, certificate, certificate.claim, check)
    if certificate.after is not None and alternative_checks.are_listed(Path(folder), certificate):
        _compare_alternatives(Path(folder), network, plans, certificate, check)
    return check.check()


def _as_solution(network: Network, certificate: Certificate) -> Certificate:
    """Return the best plan of an evaluation as the certificate of a solution."""
    best = [entry for entry in certificate.compared if entry.plan == BEST]
    if not best or best[0].after is None or certificate.claim is None:
        raise RequestError("this evaluation has no best plan to prove; evaluate without --alone")
    return replace(
        certificate,
        result="solution",
        budget=budget_of(network, certificate),
        plan=best[0].after.measures,
        value=best[0].after.value,
        after=best[0].after,
        claim=replace(certificate.claim, status=best[0].status, bound=best[0].bound),
    )


def _compare_best(plans: Plans, certificate: Certificate, claim: Claim, check: Comparison) -> None:
    """Compare the best value with the result's value and bound."""
    best, winner, tried = plans.best(plans.allowed)
    check.note(f"{int(plans.allowed.sum())} plans keep the conditions, {tried} were valued")
    if certificate.value is None or claim.bound is None:
        if claim.status == "infeasible":
            check.equal("the number of plans", tried, 0)
        return
    scale = VALUES * (certificate.baseline or 0.0)
    check.at_most("the bound", claim.bound, best, floor=scale)
    if certificate.value <= best + max(scale, VALUES * abs(best)):
        check.note(f"none does better than {certificate.value:.10g}")
    else:
        check.note(f"{'; '.join(plans.names(winner))} does better: {best:.10g}")


def _compare_cheapest(
    plans: Plans, certificate: Certificate, claim: Claim, target: float, check: Comparison
) -> None:
    """Compare the least cost of a plan that reaches the target with the result's."""
    scale = certificate.baseline or 0.0
    worst = target + 1e-7 * scale  # what the search takes for equal
    masks = np.flatnonzero(plans.allowed)
    tried = 0
    least: float | None = None
    for mask in masks[np.argsort(plans.cost[masks], kind="stable")].tolist():
        tried += 1
        if plans.value(mask) <= worst:
            least = float(plans.cost[mask])
            break
    check.note(f"{len(masks)} plans keep the conditions, {tried} were valued, cheapest first")
    if least is None:
        check.equal("that there is a plan", certificate.after is not None, False)
    elif claim.status == "infeasible":
        check.fault(f"a plan that costs {least:.10g} reaches the target")
    elif claim.cost_bound is not None:
        check.at_most("the bound on the cost", claim.cost_bound, least, floor=SLACK)
        check.note(f"the cheapest that reaches the target costs {least:.10g}")


# -- alternatives ---------------------------------------------------------------------------------


def _compare_alternatives(
    folder: Path,
    network: Network,
    plans: Plans,
    certificate: Certificate,
    check: Comparison,
) -> None:
    """Compare each alternative with the best plan that holds no earlier one whole."""
    about = about_of(certificate)
    rows = read_table(folder / alternative_checks.FILE, alternative_checks.COLUMNS, check, about)
    ranks = []
    for rank, cells in enumerate(rows, start=1):
        try:
            bound = float(cells[2])
        except ValueError:
            check.fault(f"the bound of alternative {rank} is {cells[2]!r}, not a number")
            return
        plan = tuple(filter(None, cells[-1].split(";")))
        ranks.append(Rank(plan, bound, proved=cells[4] == "optimal"))
    compare_ranks(network, plans, ranks, certificate, check)


# -- comparisons ----------------------------------------------------------------------------------


def _prove_rows(folder: Path, given: list[Network]) -> Iterator[Check]:
    """Yield a check for each network and objective of a comparison."""
    try:
        certificate = read_frontier_certificate(folder / CERTIFICATE)
    except MalformedError as error:
        check = Comparison(NAME, VALUES)
        check.fault(str(error))
        yield check.check()
        return
    sweeps = frontier_checks.sweeps_of(certificate, networks_at_hand(folder, given))
    for sweep in sweeps:
        check_size(sweep.network)
    for sweep in sweeps:
        check = Comparison(f"{sweep.name}: {NAME}", VALUES)
        _compare_rows(sweep, check)
        yield check.check()


def _compare_rows(sweep: SweepContext, check: Comparison) -> None:
    """Compare the best plan for each budget, and for less than its cost, with the claims."""
    stated, conditions = sweep.stated, sweep.conditions_at(None)
    if not names_known(sweep.network, conditions, check):
        return
    plans = Plans(sweep.network, conditions, stated.objective, stated.ties)
    scale = VALUES * stated.baseline
    better = 0
    for row in stated.rows:
        check.about = f"budget {row.budget:.12g}: "
        best, _, tried = plans.best(plans.allowed & plans.within(row.budget))
        if row.proof is None or row.bound is None:
            check.equal("the number of plans", tried, 0)
            continue
        check.at_most("the bound", row.bound, best, floor=scale)
        better += row.proof.value > best + max(scale, VALUES * abs(best))
        if row.below is not None:
            spent = sweep.cost(row.proof)
            cheaper = plans.cost < spent - LESS * max(1.0, spent)
            best, _, _ = plans.best(plans.allowed & cheaper)
            if np.isfinite(best):
                check.at_most("what no cheaper plan is below", row.below, best, floor=scale)
    check.about = ""
    if stated.beyond is not None:
        best, _, _ = plans.best(plans.allowed)
        if np.isfinite(best):
            check.at_most("what no plan at all is below", stated.beyond, best, floor=scale)
    many = len(stated.planned)
    check.note(f"{int(plans.allowed.sum())} plans keep the conditions, {plans.valued} were valued")
    check.note(
        f"none does better than any of {many} rows"
        if not better
        else f"for {better} of {many} rows a better plan exists, within what their bounds allow"
    )
