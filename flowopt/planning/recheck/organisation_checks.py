"""What `organisations.csv` must say: every kg of the stated flow that a row of `earnings` counts.

Written from the words of the network format alone, apart from the code that wrote the table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import USD_PER_KG, Deed, Left, Names, named
from flowopt.planning.recheck.certificate_reader import Certificate, Stated
from flowopt.planning.recheck.table_checks import Difference, Pair, Row, change_of, compare_table
from flowopt.planning.recheck.verdict import Check, Comparison

FILE = "organisations.csv"
_OF_SOLUTION = "organisation before after change change_share"
_OF_RESPONSE = "organisation earned"
_COUNTED = {
    "ship": ("arc", "node"),
    "run": ("site", "pool"),
    "supply": ("supply",),
    "deliver": ("demand", "pool"),
}


def check_organisations(folder: Path, pair: Pair, *, solution: bool) -> Iterator[Check]:
    """Yield the check of who earns: of a plan before and after it, else what each one earns."""
    path = folder / FILE
    if not pair.network.earnings:
        if path.exists():
            check = Comparison(f"there is no {FILE} where nobody earns")
            check.fault(f"{FILE} is there, but the network has no earnings")
            yield check.check()
        return
    after = _earned(pair.network, pair.left_after, pair.after)
    if not solution:
        yield compare_table(path, _OF_RESPONSE, list(after.items()), pair.about)
        return
    before = _earned(pair.network, pair.left_before, pair.before)
    rows = [_change_row(name, before[name], after[name]) for name in before]
    yield compare_table(path, _OF_SOLUTION, rows, pair.about)


def claims(network: Network, certificate: Certificate) -> Iterator[str]:
    """Yield what the result says of who earns that no check confirms."""
    if network.earnings and certificate.after is not None:
        yield f"{FILE} is about the flow shown; one of the same value may pay others instead"


def _change_row(name: str, before: float, after: float) -> Row:
    change = change_of(before, after)
    share = Difference(change.value / before, change.side / before) if before else None
    return (name, before, after, change, share)


def _earned(network: Network, left: Left, stated: Stated) -> dict[str, float]:
    """Return what each organisation earns, M USD a year, in the order of the table."""
    receipts: dict[str, list[float]] = {}
    for earning in network.earnings:
        counts = _Counter(network, earning)
        receipts.setdefault(earning.organisation, []).extend(
            counts.mass(names, left.deeds[names]) * amount * earning.rate * USD_PER_KG
            for names, amount in stated.amounts.items()
            if names in left.deeds  # others are told where the flow is weighed
        )
    return {name: math.fsum(amounts) for name, amounts in receipts.items()}


class _Counter:
    """What one earning counts of each activity."""

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
        self._named = set(named(earning.target, known[earning.on]))

    def mass(self, names: Names, deed: Deed) -> float:
        """Return how many kg it counts for each kg of an activity."""
        kind, name, *rest = names
        on, share = self._earning.on, 1.0
        if on not in _COUNTED[kind] or (rest and self._earning.commodity not in ("", rest[0])):
            return 0.0
        if on == "node":
            name = self._heads[name]
            share = deed.made[name, rest[0]]
        elif on == "pool":
            name = self._pools[names]
        return share if name in self._named else 0.0
