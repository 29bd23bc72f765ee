"""Proof by enumeration where measures may fail: every plan, in every outcome of its luck."""

from __future__ import annotations

import math
from pathlib import Path

from flowopt.errors import RequestError
from flowopt.model.luck import COUNTED, Chances, Luck
from flowopt.network.network import Network
from flowopt.planning.enumerate_alternatives import Rank, compare_ranks
from flowopt.planning.enumerate_scenarios import compare_cheapest
from flowopt.planning.every_plan import Plans, check_size, names_known
from flowopt.planning.recheck.arithmetic import plan_cost
from flowopt.planning.recheck.certificate_reader import CERTIFICATE
from flowopt.planning.recheck.condition_checks import RowConditions
from flowopt.planning.recheck.json_values import MalformedError
from flowopt.planning.recheck.luck_reader import LuckCertificate, read_luck_certificate
from flowopt.planning.recheck.part_checks import counting
from flowopt.planning.recheck.scenario_arithmetic import ScenarioValues
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison

_NAME = "every other plan was tried in every outcome of its luck, valued by the trafficker"


def prove_luck(folder: Path, network: Network) -> Check:
    """Try every plan that keeps the conditions of a result, and compare with its claims.

    Parameters
    ----------
    folder
        What ``flowopt solve`` or ``evaluate`` wrote with ``--out``.
    network
        The network, whose measures may fail.

    Returns
    -------
    Check
        Passed when no plan's mean over what works goes below the bound of the result, and that of
        its own plan is the one it states.

    Raises
    ------
    RequestError
        When the network has more than 20 measures, or they hang on more than 12 chances.
    """
    check_size(network)
    check = Comparison(_NAME, VALUES)
    try:
        certificate = read_luck_certificate(folder / CERTIFICATE)
    except MalformedError as error:
        check.fault(str(error))
        return check.check()
    own = [name for each in certificate.scenarios if each.own for name in each.own.measures]
    if not names_known(network, certificate, check, [*certificate.plan, *own]):
        return check.check()
    _compare(certificate, _worlds(network, certificate), network, check)
    return check.check()


def _worlds(network: Network, certificate: LuckCertificate) -> list[Plans]:
    """Return all plans in each scenario."""
    budget = certificate.budget
    if "measures" in certificate.options and budget is None:
        budget = plan_cost(network, certificate.plan)
    asked = RowConditions(budget, certificate.resources, certificate.include, certificate.exclude)
    found = []
    for entry in certificate.scenarios:
        world = network.scenario(entry.scenario) if entry.scenario else network
        luck = Luck(world, Chances.of(world))
        coins = len(luck.coins_of(range(len(world.measures))))
        if coins > COUNTED:
            raise RequestError(
                f"--enumerate counts every outcome of every plan, for up to {COUNTED} chances; the "
                f"measures of {network.info.id} hang on {coins}"
            )
        if certificate.of is not None:
            world = counting(world, certificate.of)
        found.append(Plans(world, asked, certificate.objective, certificate.ties))
    return found


def _compare(
    certificate: LuckCertificate, worlds: list[Plans], network: Network, check: Comparison
) -> None:
    """Compare the best mean, by the criterion, with the value and the bound of the result."""
    values = _values(certificate, worlds, network)
    sets = worlds[0].largest(worlds[0].allowed).tolist()
    criteria = [values.of([world.value(mask) for world in worlds]) for mask in sets]
    check.note(f"{int(worlds[0].allowed.sum())} plans keep the conditions, {len(sets)} were valued")
    floor = VALUES * values.most
    own = worlds[0].mask(certificate.plan)
    stated = values.of([world.value(own) for world in worlds])
    if certificate.luck.how == "counted":
        check.close("the value", certificate.value, stated, floor=floor)
    _compare_own_bests(certificate, worlds, check, floor)
    if certificate.target is not None:
        compare_cheapest(certificate, worlds, values, check)
        return
    if certificate.alternatives:
        ranks = [Rank(e.measures, e.bound, e.status == "optimal") for e in certificate.alternatives]
        compare_ranks(network, worlds[0], ranks, certificate, check)
    best, bound = min(criteria, default=math.inf), certificate.claim.bound
    if bound is not None:
        check.equal("that a plan keeps the conditions", bool(sets), True)
        check.at_most("the bound", bound, best, floor=floor)
    if stated <= best + floor:
        check.note(f"none does better than {stated:.10g}")
    else:
        better = worlds[0].names(sets[criteria.index(best)])
        check.note(f"{'; '.join(better) or 'no measure'} does better: {best:.10g}")


def _compare_own_bests(
    certificate: LuckCertificate, worlds: list[Plans], check: Comparison, floor: float
) -> None:
    """Compare the best plan of each scenario alone with what is stated of it."""
    for entry, world in zip(certificate.scenarios, worlds, strict=True):
        if entry.own is None:
            continue
        sets = world.largest(world.allowed).tolist()
        least = min((world.value(mask) for mask in sets), default=math.inf)
        if entry.own.draws is None:
            own = world.value(world.mask(entry.own.measures))
            check.close(f"the best mean in {entry.scenario}", entry.own.value, own, floor=floor)
        check.at_most(f"the bound in {entry.scenario}", entry.own.bound, least, floor=floor)


def _values(certificate: LuckCertificate, worlds: list[Plans], network: Network) -> ScenarioValues:
    """Return the criterion over the scenarios, with their values without measures."""
    weights = {row.scenario: row.weight for row in network.scenarios}
    own = [weights.get(entry.scenario, 1.0) for entry in certificate.scenarios]
    before = tuple(world.value(0) for world in worlds)
    owns = [entry.own for entry in certificate.scenarios]
    return ScenarioValues(
        certificate.criterion or "expected",
        certificate.tail or 1.0,
        tuple(weight / math.fsum(own) for weight in own),
        before,
        before,
        tuple(0.0 if each is None else each.value for each in owns),
        tuple(0.0 if each is None else each.bound for each in owns),
    )
