"""Whether what a result says of its plan's surroundings is true: what binds, what comes next."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import Names, left_by, needed_by, plan_cost
from flowopt.planning.recheck.certificate_reader import Certificate, Stated, say
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.table_checks import Difference, Pair, Row, compare_table
from flowopt.planning.recheck.verdict import ROWS, Check, Comparison

NEXT = "next.csv"
_COLUMNS = "rank measure name kind cost adds per_million"
_MOST = 10  # measures that a result lists, with their proofs

_NOTHING = 1e-9  # of the value without measures: what can't be told from nothing


def check_binding(pair: Pair) -> Check:
    """Check that the flow meets each capacity that has a price."""
    check = Comparison("the flow meets every capacity that a tonne more of would pay", ROWS)
    taken: dict[Names, list[float]] = defaultdict(list)
    for names, amount in pair.after.amounts.items():
        deed = pair.left_after.deeds.get(names)
        for place, share in deed.taken.items() if deed is not None else ():
            taken[place].append(share * amount)
    # Room that is worth less is rounding, of the solver's or of what a cut leaves.
    worth = max(ROWS * abs(pair.value), _NOTHING * abs(pair.before.value))
    for place, price in pair.after.prices.items():
        capacity = pair.left_after.capacity.get(place, math.inf)
        if price > 0.0 and math.isfinite(capacity):
            check.at_most(
                f"the capacity of {say(place)}", capacity, math.fsum(taken[place]),
                floor=worth / price,
            )  # fmt: skip
    return check.check()


def check_next(folder: Path, pair: Pair) -> Iterator[Check]:
    """Yield the checks of the measures that come next: each may join, and adds what is stated.

    That no other measure adds more is not checked.
    """
    network, certificate = pair.network, pair.certificate
    check = Comparison("each measure that comes next may join the plan and adds to it")
    proofs = ProofChecks(
        certificate.objective,
        certificate.ties,
        "with each measure that comes next",
        certificate.before,
    )
    check.equal("that there are at most ten", len(certificate.next) <= _MOST, True)
    for name, stated in certificate.next.items():
        check.about = f"{name}: "
        _check_joining(network, certificate, name, stated, check)
        check.equal("that it adds something", stated.value < pair.value, True)
        proofs.weigh(left_by(network, stated.measures), stated, f"with {name}: ")
    yield check.check()
    if certificate.next:
        yield from proofs.checks()
    yield compare_table(folder / NEXT, _COLUMNS, list(_rows(pair)), pair.about)


def _check_joining(
    network: Network, certificate: Certificate, name: str, stated: Stated, check: Comparison
) -> None:
    known = {row.measure for row in network.measures}
    check.equal("that the network has it", name in known, True)
    check.equal("that the plan has it", name in certificate.plan, False)
    plan = set(certificate.plan)
    bought = needed_by(network, [name]) - plan
    both = plan | bought
    in_order = tuple(row.measure for row in network.measures if row.measure in both)
    check.equal("the measures in force", stated.measures, in_order)
    for barred in sorted(bought & set(certificate.exclude)):
        check.fault(f"{barred} could not be bought")
    for rule in network.rules:
        pair = {rule.measure, rule.other}
        if rule.relation == "excludes" and pair <= both and pair & bought:
            check.fault(f"it breaks the rule {rule.measure} excludes {rule.other}")


def _rows(pair: Pair) -> Iterator[Row]:
    """Yield the measures, the one that adds most first, then in file order."""
    network, proofs = pair.network, pair.certificate.next
    adds = {name: pair.value - proof.value for name, proof in proofs.items()}
    known = [row for row in network.measures if row.measure in proofs]
    known.sort(key=lambda row: -round(adds[row.measure], 9))
    for rank, row in enumerate(known, start=1):
        name, side = row.measure, max(abs(pair.value), abs(proofs[row.measure].value))
        cost = plan_cost(network, needed_by(network, [name]) - set(pair.certificate.plan))
        per_million = Difference(adds[name] / cost, side / cost) if cost > 0.0 else None
        gain = Difference(adds[name], side)
        yield (float(rank), name, row.name, row.kind, cost, gain, per_million)
