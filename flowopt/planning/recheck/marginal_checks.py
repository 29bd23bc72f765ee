"""Checks of marginal values: capacities that bind, and measures that come next."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import (
    Names,
    plan_cost,
    residual_network,
    with_requirements,
)
from flowopt.planning.recheck.json_values import label
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.table_checks import (
    Difference,
    ExpectedRow,
    PlanContext,
    compare_table,
)
from flowopt.planning.recheck.verdict import ROWS, Check, Comparison

NEXT = "next.csv"
NEXT_COLUMNS = "rank measure name kind added_cost adds per_million"
_MOST = 10  # measures that a result lists, with their proofs

_NOTHING = 1e-9  # of the value without measures: equal to zero


def check_binding(context: PlanContext) -> Check:
    """Check that the flow uses up each capacity that has a price."""
    check = Comparison("the flow meets every capacity that a tonne more of would pay", ROWS)
    taken: dict[Names, list[float]] = defaultdict(list)
    for names, amount in context.after.amounts.items():
        activity = context.left_after.activities.get(names)
        for place, share in activity.taken.items() if activity is not None else ():
            taken[place].append(share * amount)
    # Room that is worth less is rounding, of the solver's or of what a cut leaves.
    worth = max(ROWS * abs(context.value), _NOTHING * abs(context.before.value))
    for place, price in context.after.prices.items():
        capacity = context.left_after.capacity.get(place, math.inf)
        if price > 0.0 and math.isfinite(capacity):
            check.at_most(
                f"the capacity of {label(place)}", capacity, math.fsum(taken[place]),
                floor=worth / price,
            )  # fmt: skip
    return check.check()


def check_next(folder: Path, context: PlanContext) -> Iterator[Check]:
    """Yield the checks of the measures that come next, and of their table."""
    yield from check_next_measures(context)
    yield compare_table(folder / NEXT, NEXT_COLUMNS, list(next_rows(context)), context.about)


def check_next_measures(context: PlanContext) -> Iterator[Check]:
    """Yield the checks of the measures that come next: each may join, and adds what is stated.

    That no other measure adds more is not checked.
    """
    network, certificate = context.network, context.certificate
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
        check_joining(network, certificate.plan, certificate.exclude, name, check)
        both = {*certificate.plan} | with_requirements(network, [name])
        in_order = tuple(row.measure for row in network.measures if row.measure in both)
        check.equal("the measures in force", stated.measures, in_order)
        check.equal("that it adds something", stated.value < context.value, True)
        proofs.add(residual_network(network, stated.measures), stated, f"with {name}: ")
    yield check.check()
    if certificate.next:
        yield from proofs.checks()


def check_joining(
    network: Network, chosen: Iterable[str], exclude: Iterable[str], name: str, check: Comparison
) -> None:
    """Check that a measure is none of a plan, and may join it with what it requires."""
    known = {row.measure for row in network.measures}
    check.equal("that the network has it", name in known, True)
    plan = set(chosen)
    check.equal("that the plan has it", name in plan, False)
    bought = with_requirements(network, [name]) - plan
    both = plan | bought
    for barred in sorted(bought & set(exclude)):
        check.fault(f"{barred} could not be bought")
    for rule in network.rules:
        ends = {rule.measure, rule.other}
        if rule.relation == "excludes" and ends <= both and ends & bought:
            check.fault(f"it breaks the rule {rule.measure} excludes {rule.other}")


def next_rows(context: PlanContext) -> Iterator[ExpectedRow]:
    """Yield the measures, the one that adds most first, then in file order."""
    network, proofs = context.network, context.certificate.next
    adds = {name: context.value - proof.value for name, proof in proofs.items()}
    known = [row for row in network.measures if row.measure in proofs]
    known.sort(key=lambda row: -round(adds[row.measure], 9))
    for rank, row in enumerate(known, start=1):
        name, side = row.measure, max(abs(context.value), abs(proofs[row.measure].value))
        cost = plan_cost(
            network, with_requirements(network, [name]) - set(context.certificate.plan)
        )
        per_million = Difference(adds[name] / cost, side / cost) if cost > 0.0 else None
        gain = Difference(adds[name], side)
        yield (float(rank), name, row.name, row.kind, cost, gain, per_million)
