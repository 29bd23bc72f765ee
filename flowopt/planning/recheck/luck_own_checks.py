"""Checks of the best plans of single scenarios under luck, with which a regret compares."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import plan_cost
from flowopt.planning.recheck.condition_checks import check_conditions
from flowopt.planning.recheck.luck_marginals import chances_of
from flowopt.planning.recheck.luck_reader import LuckCertificate, StatedOwn, StatedWorld
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison


def check_own_bests(
    network: Network, worlds: Mapping[str, Network], certificate: LuckCertificate
) -> Iterator[Check]:
    """Yield the checks of the best plans of single scenarios: there where they are compared with.

    Their means over all outcomes are worked out anew; one by draws stands as it was written, but
    for what it can't be above.
    """
    check = Comparison("the best plan of each scenario is there where a regret compares with it")
    wanted = certificate.criterion == "regret"
    for entry in certificate.scenarios:
        check.equal(f"that {entry.scenario or 'it'} has one", entry.own is not None, wanted)
    if wanted and any(each.own and each.own.draws for each in certificate.scenarios):
        bound = certificate.claim.bound
        check.at_most("the bound, beside estimates", 0.0 if bound is None else bound, 0.0)
    yield check.check()
    for entry in certificate.scenarios:
        if entry.own is not None:
            yield _check_own(network, worlds[entry.scenario], certificate, entry, entry.own)


def _check_own(
    network: Network,
    world: Network,
    certificate: LuckCertificate,
    entry: StatedWorld,
    own: StatedOwn,
) -> Check:
    """Check the best plan of one scenario: what it costs, and its mean."""
    check = Comparison(f"{entry.scenario}: the best plan for it keeps the conditions, and its mean")
    known = {row.measure for row in network.measures}
    if not check.equal("unknown measures", [m for m in own.measures if m not in known], []):
        return check.check()
    stated = certificate
    if stated.budget is None and "measures" in stated.options:
        stated = replace(stated, budget=plan_cost(network, stated.plan))
    check_conditions(network, stated, own.measures, check)
    before = 0.0 if entry.sure.before is None else entry.sure.before.value
    floor = VALUES * before
    if certificate.objective != "bilevel":  # a measure that had to be in it may do harm
        check.at_most("its mean", own.value, before, floor=floor)
    check.at_most("its bound", own.bound, own.value, floor=floor)
    if own.draws is not None:
        check.equal("that it was drawn", own.draws > 0, True)
        check.at_most("half the width of its interval", 0.0, own.half_width)
        return check.check()
    check.equal("half the width of its interval", own.half_width, 0.0)
    values = {(each.works, each.failed): each.value for each in entry.outcomes}
    values |= {(each.works, each.failed): each.value for each in entry.acting}
    chances = chances_of(world, own.measures)
    missing = chances.keys() - values.keys()
    if check.equal("values that are missing", len(missing), 0):
        mean = math.fsum(chance * values[acts] for acts, chance in chances.items())
        check.close("its mean", own.value, mean, floor=floor)
    return check.check()
