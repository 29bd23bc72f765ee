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
from flowopt.planning.recheck.comparison_checks import YOURS
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
_BESIDE = "comparison.csv"
_BESIDE_COLUMNS = "plan spent value half_width how cut all_works_value promised measures"
_ROUNDED = 1e-6  # of a tolerance: what sums of values are off by
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
    yield from _check_beside(folder, network, certificate, about)


def _check_beside(
    folder: Path, network: Network, certificate: LuckCertificate, about: Mapping[str, Cell]
) -> Iterator[Check]:
    """Yield the checks of plans beside one made by hand, and of their table."""
    sure = certificate.scenarios[0].sure
    check = Comparison("the plans beside it are those that were asked for, or left out")
    names = [each.name for each in certificate.compared]
    asked = certificate.options.get("against") or ()
    check.equal("the plans", [name for name in asked if name in names], names)
    check.equal("the plans when all works", [each.plan for each in sure.compared][1:], list(asked))
    there = (folder / _BESIDE).exists()
    check.equal(f"that there is a {_BESIDE}", there, len(certificate.compared) > 0)
    yield check.check()
    if certificate.compared:
        rows = list(_beside_rows(network, certificate))
        yield compare_table(folder / _BESIDE, _BESIDE_COLUMNS, rows, about)


def _beside_rows(network: Network, certificate: LuckCertificate) -> Iterator[ExpectedRow]:
    """Yield the plan and those beside it."""
    sure, baseline = certificate.scenarios[0].sure, certificate.baseline
    rises = {each.name: each for each in certificate.compared}
    own = StatedRise(YOURS, 0.0, 0.0, certificate.luck.how)
    for entry in sure.compared:
        stated, after = rises.get(entry.plan, own), entry.after or sure.after
        if after is None or (entry.plan != YOURS and stated is own):
            continue
        value = certificate.value + stated.rise
        yield (
            entry.plan, plan_cost(network, after.measures), Difference(value, baseline),
            stated.half_width, stated.how, Difference(baseline - value, baseline), after.value,
            Difference(max(0.0, baseline - entry.kept.value), baseline), ";".join(after.measures),
        )  # fmt: skip


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
        name = f"the worth of {stated.name}"
        check.equal(f"{name}: how", stated.how in ("counted", "sampled"), True)
        lost, beside = stated.name in certificate.plan, stated in certificate.compared
        if not beside and (monotone or not lost):
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
            least = 0.0 if lost and monotone and not beside else -math.inf
            floor = VALUES * _ROUNDED * max(1.0, values.most)  # where next to nothing flows
            check.close(name, stated.rise, max(least, rise), side=values.most, floor=floor)
    return check.check()


def _changed(
    network: Network, certificate: LuckCertificate
) -> Iterator[tuple[StatedRise, set[str]]]:
    """Yield each stated change with the plan that it leads to."""
    for each in certificate.dropped:
        yield each, without(network, certificate.plan, each.name)
    beside = {each.plan: each for each in certificate.scenarios[0].sure.compared[1:]}
    for each in certificate.compared:
        after = beside[each.name].after if each.name in beside else None
        if after is not None:
            yield each, set(after.measures)
    for each in certificate.next:
        yield each, set(certificate.plan) | with_requirements(network, [each.name])


def _check_joining(network: Network, certificate: LuckCertificate) -> Check:
    check = Comparison("each measure that comes next may join the plan, and none stands twice")
    check.equal("that there are at most ten", len(certificate.next) <= _MOST, True)
    names = [each.name for each in (*certificate.dropped, *certificate.next)]
    check.equal("measures that stand twice", len(names) - len(set(names)), 0)
    dropped = [each.name for each in certificate.dropped]
    check.equal("measures dropped", set(dropped) <= set(certificate.plan), True)
    for each in certificate.next:
        check.about = f"{each.name}: "
        check_joining(network, certificate.plan, certificate.exclude, each.name, check)
    return check.check()


def _plan_rows(
    network: Network, certificate: LuckCertificate, side: float
) -> Iterator[ExpectedRow]:
    """Yield the measures, the one that would be missed most in the mean first."""
    known = {each.name: each for each in certificate.dropped}
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
    known = {each.name: each for each in certificate.next}
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
