"""Checks of `organisations.csv`: every kg of the stated flow that a row of `earnings` counts.

Written from the words of the network format alone, apart from the code that wrote the table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import USD_PER_KG, Activity, Names, Residual, matching_ids
from flowopt.planning.recheck.certificate_reader import Certificate, StatedProof
from flowopt.planning.recheck.table_checks import (
    Difference,
    ExpectedRow,
    FlowContext,
    PlanContext,
    change_of,
    compare_table,
)
from flowopt.planning.recheck.verdict import Check, Comparison

FILE = "organisations.csv"
CHANGES = "organisation earned_before earned_after earned_change earned_change_share"
EARNED = "organisation earned"
_COUNTED = {
    "ship": ("arc", "node"),
    "run": ("site", "pool"),
    "supply": ("supply",),
    "deliver": ("demand", "pool"),
}


def check_organisations(folder: Path, context: PlanContext, *, solution: bool) -> Iterator[Check]:
    """Yield the check of earnings: before and after the plan, or of a response."""
    path = folder / FILE
    if not context.network.earnings:
        if path.exists():
            check = Comparison(f"there is no {FILE} where nobody earns")
            check.fault(f"{FILE} is there, but the network has no earnings")
            yield check.check()
        return
    columns = CHANGES if solution else EARNED
    rows = organisation_rows(context, solution=solution)
    yield compare_table(path, columns, list(rows), context.about)


def organisation_rows(context: FlowContext, *, solution: bool) -> Iterator[ExpectedRow]:
    """Yield what organisations earn: before and after the plan, or in a response."""
    after = _earned(context.network, context.left_after, context.after)
    if not solution:
        yield from after.items()
        return
    before = _earned(context.network, context.left_before, context.before)
    for name, amount in before.items():
        yield _change_row(name, amount, after[name])


def claims(network: Network, certificate: Certificate) -> Iterator[str]:
    """Yield the claims on earnings that no check confirms."""
    if network.earnings and certificate.after is not None:
        yield f"{FILE} is about the flow shown; one of the same value may pay others instead"


def _change_row(name: str, before: float, after: float) -> ExpectedRow:
    change = change_of(before, after)
    share = Difference(change.value / before, change.side / before) if before else None
    return (name, before, after, change, share)


def _earned(network: Network, left: Residual, stated: StatedProof) -> dict[str, float]:
    """Return the earnings by organisation, M USD a year, in the order of the table."""
    receipts: dict[str, list[float]] = {}
    for earning in network.earnings:
        counts = _Counter(network, earning)
        receipts.setdefault(earning.organisation, []).extend(
            counts.mass(names, left.activities[names]) * amount * earning.rate * USD_PER_KG
            for names, amount in stated.amounts.items()
            if names in left.activities  # others are faults of the flow, found elsewhere
        )
    return {name: math.fsum(amounts) for name, amounts in receipts.items()}


class _Counter:
    """Counter of one earning over activities."""

    def __init__(self, network: Network, earning: schema.Earning) -> None:
        self._earning = earning
        self._heads = {arc.arc: arc.head for arc in network.arcs}
        self._pools: dict[Names, str] = {("run", row.site): row.pool for row in network.sites}
        self._pools |= {("deliver", d.node, d.commodity): d.pool for d in network.demands}
        known = {
            "arc": list(self._heads),
            "node": [node.node for node in network.nodes],
            "site": [site.site for site in network.sites],
            "pool": [pool for pool in self._pools.values() if pool],
            "supply": [supply.node for supply in network.supplies],
            "demand": [demand.node for demand in network.demands],
        }
        self._named = set(matching_ids(earning.target, known[earning.on]))

    def mass(self, names: Names, activity: Activity) -> float:
        """Return the kg that it counts for each kg of an activity."""
        kind, name, *rest = names
        on, share = self._earning.on, 1.0
        if on not in _COUNTED[kind] or (rest and self._earning.commodity not in ("", rest[0])):
            return 0.0
        if on == "node":
            name = self._heads[name]
            share = activity.made[name, rest[0]]
        elif on == "pool":
            name = self._pools[names]
        return share if name in self._named else 0.0
