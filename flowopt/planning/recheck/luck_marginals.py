"""Checks of marginal values under luck: what is lost without a measure, and added by one more.

Where they were counted, the mean of the other plan is worked out anew, from the chances in the
tables and the values of what may work. Where draws were taken they stand as they were written, but
for their signs and bounds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import (
    plan_cost,
    residual_network,
    with_requirements,
    without,
)
from flowopt.planning.recheck.luck_reader import LuckCertificate, StatedRise, StatedWorld
from flowopt.planning.recheck.luck_tables import WorldMean, criterion_values
from flowopt.planning.recheck.marginal_checks import NEXT, check_joining
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.table_checks import (
    Cell,
    Difference,
    ExpectedRow,
    compare_table,
)
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison

_PLAN_COLUMNS = "rank measure name kind cost lost_if_dropped half_width how"
_NEXT_COLUMNS = "rank measure name kind added_cost adds half_width how per_million"
_MOST = 10  # measures that a result lists

Acting = tuple[tuple[str, ...], tuple[int, ...]]  # what works, and the rows that fail


def check_marginals(
    folder: Path,
    worlds: Mapping[str, Network],
    certificate: LuckCertificate,
    means: Sequence[WorldMean],
    about: Mapping[str, Cell],
) -> Iterator[Check]:
    """Yield the checks of `plan.csv` and `next.csv`, and of the values on which they rest."""
    network = next(iter(worlds.values()))
    for entry in certificate.scenarios:
        yield from _check_acting(worlds[entry.scenario], certificate, entry)
    yield _check_rises(worlds, certificate, means)
    yield _check_joining(network, certificate)
    side = criterion_values(certificate, means).most
    plan = list(_plan_rows(network, certificate, side))
    yield compare_table(folder / "plan.csv", _PLAN_COLUMNS, plan, about)
    following = list(_next_rows(network, certificate, side))
    yield compare_table(folder / NEXT, _NEXT_COLUMNS, following, about)


def chances_of(network: Network, plan: Iterable[str]) -> dict[Acting, float]:
    """Return how likely each outcome of a plan is."""
    found: dict[Acting, float] = {((), ()): 1.0}
    for row in network.measures:
        if row.measure in set(plan):
            ways = list(_ways(network, row.measure, row.success))
            found = {
                (works + added, tuple(sorted(failed + more))): chance * part
                for (works, failed), chance in found.items()
                for added, more, part in ways
            }
    return found


def _ways(
    network: Network, measure: str, success: float
) -> Iterator[tuple[tuple[str, ...], tuple[int, ...], float]]:
    """Yield in which ways one measure works or fails, its rows among it, and how likely each is."""
    if success < 1.0:
        yield (), (), 1.0 - success
    if success <= 0.0:
        return
    chances = {
        place: row.success
        for place, row in enumerate(network.effects)
        if row.measure == measure and 0.0 < row.success < 1.0
    }
    for count in range(len(chances) + 1):
        for failed in combinations(chances, count):
            part = math.prod(1.0 - p if i in failed else p for i, p in chances.items())
            yield (measure,), failed, success * part


def _check_acting(
    network: Network, certificate: LuckCertificate, entry: StatedWorld
) -> Iterator[Check]:
    """Yield the checks of values beside those of the plan's outcomes."""
    if not entry.acting or entry.sure.before is None:
        return
    prefix = f"{entry.scenario}: " if entry.scenario else ""
    check = Comparison(f"{prefix}values beside the plan's are no more than without measures")
    proofs = ProofChecks(
        certificate.objective, certificate.ties, f"{prefix}beside the plan", entry.sure.before
    )
    before, proved = entry.sure.before.value, 0
    for number, each in enumerate(entry.acting, start=1):
        if certificate.objective != "bilevel":
            check.at_most(f"value {number}", each.value, before, floor=VALUES * before)
        if each.proof is not None:
            proved += 1
            check.equal(f"what works in the proof {number}", each.proof.measures, each.works)
            check.close(f"value {number}", each.value, each.proof.value, floor=VALUES * before)
            left = as_if_sure(network, without=each.failed)
            proofs.add(residual_network(left, each.works), each.proof, f"value {number}: ")
    check.note(f"{proved} of {len(entry.acting)} have a proof")
    yield check.check()
    if proved:
        yield from proofs.checks()


def _check_rises(
    worlds: Mapping[str, Network], certificate: LuckCertificate, means: Sequence[WorldMean]
) -> Check:
    """Check what is lost without each measure, and what each of the others adds."""
    check = Comparison("what measures are worth is the difference of means over what works")
    values = criterion_values(certificate, means)
    known = {
        entry.scenario: {
            **{(each.works, each.failed): each.value for each in entry.outcomes},
            **{(each.works, each.failed): each.value for each in entry.acting},
        }
        for entry in certificate.scenarios
    }
    monotone = certificate.objective != "bilevel"
    for stated, plan in _changed(next(iter(worlds.values())), certificate):
        name = f"the worth of {stated.measure}"
        check.equal(f"{name}: how", stated.how in ("counted", "sampled"), True)
        lost = stated.measure in certificate.plan
        if monotone or not lost:
            check.at_most(f"{name}: its sign", 0.0, stated.rise if lost else -stated.rise)
        if stated.how == "sampled":
            check.at_most(f"{name}: its size", abs(stated.rise), 2.0 * values.most)
            check.at_most(f"{name}: half the width", 0.0, stated.half_width)
            continue
        check.equal(f"{name}: half the width", stated.half_width, 0.0)
        found = []
        for scenario, world in worlds.items():
            chances = chances_of(world, plan)
            missing = chances.keys() - known[scenario].keys()
            if check.equal(f"{name}: values that are missing", len(missing), 0):
                found.append(math.fsum(p * known[scenario][a] for a, p in chances.items()))
        if len(found) == len(worlds):
            rise = values.of(found) - certificate.value
            least = 0.0 if lost and monotone else -math.inf
            check.close(name, stated.rise, max(least, rise), side=values.most)
    return check.check()


def _changed(
    network: Network, certificate: LuckCertificate
) -> Iterator[tuple[StatedRise, set[str]]]:
    """Yield each stated change with the plan that it leads to."""
    for each in certificate.dropped:
        yield each, without(network, certificate.plan, each.measure)
    for each in certificate.next:
        yield each, set(certificate.plan) | with_requirements(network, [each.measure])


def _check_joining(network: Network, certificate: LuckCertificate) -> Check:
    check = Comparison("each measure that comes next may join the plan, and none stands twice")
    check.equal("that there are at most ten", len(certificate.next) <= _MOST, True)
    names = [each.measure for each in (*certificate.dropped, *certificate.next)]
    check.equal("measures that stand twice", len(names) - len(set(names)), 0)
    dropped = [each.measure for each in certificate.dropped]
    check.equal("measures dropped", set(dropped) <= set(certificate.plan), True)
    for each in certificate.next:
        check.about = f"{each.measure}: "
        check_joining(network, certificate.plan, certificate.exclude, each.measure, check)
    return check.check()


def _plan_rows(
    network: Network, certificate: LuckCertificate, side: float
) -> Iterator[ExpectedRow]:
    """Yield the measures, the one that would be missed most in the mean first."""
    known = {each.measure: each for each in certificate.dropped}
    rows = [row for row in network.measures if row.measure in certificate.plan]
    rows.sort(key=lambda r: -round(known[r.measure].rise, 9) if r.measure in known else math.inf)
    for rank, row in enumerate(rows, start=1):
        about, stated = (float(rank), row.measure, row.name, row.kind, row.cost), None
        stated = known.get(row.measure)
        if stated is None:
            yield (*about, None, None, None)
        else:
            yield (*about, Difference(stated.rise, side), stated.half_width, stated.how)


def _next_rows(
    network: Network, certificate: LuckCertificate, side: float
) -> Iterator[ExpectedRow]:
    """Yield the measures that come next, the one that adds most first."""
    known = {each.measure: each for each in certificate.next}
    rows = [row for row in network.measures if row.measure in known]
    rows.sort(key=lambda row: round(known[row.measure].rise, 9))
    for rank, row in enumerate(rows, start=1):
        stated = known[row.measure]
        bought = with_requirements(network, [row.measure]) - set(certificate.plan)
        cost = plan_cost(network, bought)
        yield (
            float(rank), row.measure, row.name, row.kind, cost, Difference(-stated.rise, side),
            stated.half_width, stated.how,
            Difference(-stated.rise / cost, side / cost) if cost > 0.0 else None,
        )  # fmt: skip
