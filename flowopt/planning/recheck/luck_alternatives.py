"""Checks of the best plans where measures may fail: conditions, means, bounds, and their table.

Counted means are worked out anew, from the chances in the tables and the values of what may work.
Estimates stand as they were written, and so do means that the certificate holds no values of.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import plan_cost
from flowopt.planning.recheck.condition_checks import check_conditions
from flowopt.planning.recheck.luck_marginals import chances_of
from flowopt.planning.recheck.luck_reader import LuckCertificate, StatedAlternative
from flowopt.planning.recheck.summary_checks import relative_gap
from flowopt.planning.recheck.table_checks import Cell, Difference, ExpectedRow, compare_table
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison

FILE = "alternatives.csv"
COLUMNS = "rank value rank_bound rank_gap status spent half_width measures"
_RE_DONE = 20  # whose values the certificate holds


def check_alternatives(
    folder: Path, world: Network, certificate: LuckCertificate, about: Mapping[str, Cell]
) -> Iterator[Check]:
    """Yield the checks of the best plans and their table, where they were asked for.

    `world` is the network as the result counts it: one part of its markets, perhaps.
    """
    several = certificate.options.get("alternatives", 1) > 1
    if not (several or certificate.alternatives or (folder / FILE).exists()):
        return
    yield _check_request(certificate, several=several)
    if certificate.alternatives:
        yield _check_plans(world, certificate)
        yield compare_table(folder / FILE, COLUMNS, list(_rows(world, certificate)), about)


def _check_request(certificate: LuckCertificate, *, several: bool) -> Check:
    """Check that there are no more plans than were asked for, and none worse."""
    check = Comparison("the best plans are as many, and as good, as was asked for")
    check.equal("that several were asked for", several, True)
    check.equal("the criterion", certificate.criterion, None)
    check.equal("the first plan", [e.measures for e in certificate.alternatives][:1],
                [certificate.plan])  # fmt: skip
    for first in certificate.alternatives[:1]:
        check.close("its value", first.value, certificate.value)
        check.equal("its status", first.status, certificate.claim.status)
        check.equal("that its bound is that of the result", first.bound, certificate.claim.bound)
    asked, within = certificate.options.get("alternatives", 1), certificate.options.get("within")
    check.at_most("the number of plans", float(len(certificate.alternatives)), float(asked))
    if within is not None:
        worst = certificate.value + within * abs(certificate.value)
        for rank, each in enumerate(certificate.alternatives, start=1):
            floor = 2.0 * VALUES * certificate.baseline
            check.at_most(f"the value of plan {rank}", each.value, worst, floor=floor)
    return check.check()


def _check_plans(network: Network, certificate: LuckCertificate) -> Check:
    """Check that the plans keep the conditions, that none holds an earlier one, and the means."""
    check = Comparison("the best plans keep the conditions, none holds an earlier one; their means")
    known, floor = _values(certificate), VALUES * certificate.baseline
    names = {row.measure for row in network.measures}
    re_done = 0
    for rank, each in enumerate(certificate.alternatives, start=1):
        check.about = f"plan {rank}: "
        if not check.equal("unknown measures", set(each.measures) - names, set()):
            continue
        check_conditions(network, certificate, each.measures, check)
        for other in certificate.alternatives[: rank - 1]:
            if set(other.measures) <= set(each.measures):
                check.fault("it holds all of an earlier one")
        check.at_most("the bound", each.bound, each.value, floor=floor)
        _check_proved(certificate, each, check)
        if each.status == "estimated":
            check.at_most("half the width of its interval", 0.0, each.half_width)
            continue
        check.equal("half the width of its interval", each.half_width, 0.0)
        chances = chances_of(network, each.measures) if rank <= _RE_DONE else {}
        if chances and check.equal("values that are missing", len(chances.keys() - known), 0):
            mean = math.fsum(chance * known[acts] for acts, chance in chances.items())
            check.close("the mean", each.value, mean, floor=floor)
            re_done += 1
    check.about = ""
    check.note(f"the means of {re_done} of {len(certificate.alternatives)} are worked out anew")
    return check.check()


def _check_proved(
    certificate: LuckCertificate, stated: StatedAlternative, check: Comparison
) -> None:
    """Check that a bound proves a plan as far as its status says."""
    known = ("optimal", "limit", "estimated")
    check.equal("that its status is one of such a plan", stated.status in known, True)
    if stated.status == "optimal":
        most = certificate.options["gap"] * abs(stated.value)
        floor = 2.0 * VALUES * certificate.baseline
        check.at_most("what is left to prove", stated.value - stated.bound, most, floor=floor)


def _values(certificate: LuckCertificate) -> dict[tuple[tuple[str, ...], tuple[int, ...]], float]:
    """Return the values of what may work, of the plan and beside it."""
    entry = certificate.scenarios[0]
    found = {(each.works, each.failed): each.value for each in entry.outcomes}
    return found | {(each.works, each.failed): each.value for each in entry.acting}


def _rows(network: Network, certificate: LuckCertificate) -> Iterator[ExpectedRow]:
    for rank, each in enumerate(certificate.alternatives, start=1):
        gap = relative_gap(each.value, each.bound, certificate.baseline)
        yield (
            float(rank), each.value, each.bound, Difference(gap, 1.0), each.status,
            plan_cost(network, each.measures), each.half_width, ";".join(each.measures),
        )  # fmt: skip
