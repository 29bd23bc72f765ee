"""`python -m tests.hunt.luck_steps`: budgets at which the best plan in the mean changes.

It asks networks of many shapes whose measures may fail for every such budget, by one of the
objectives and ties in turn. The truth is every plan in every fall of every coin.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import flowopt
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.results.luck_plans import LuckPlans
from tests.hunt.counted import hunted, of_all_shapes
from tests.hunt.luck import LuckTruth, drawn, unverified
from tests.hunt.networks import Quarry
from tests.oracles.enumerate import feasible_plans
from tests.oracles.response import Aim, Ties

GAP = 1e-4


def faults_of(quarry: Quarry, aim: Aim, ties: Ties) -> list[str]:
    """Return what is wrong with the steps of a network."""
    network, _ = drawn(quarry)
    if not may_fail(network) or not list(feasible_plans(network, float("inf"))):
        return []
    asked: dict[str, Any] = {"objectives": aim, "ties": ties}
    try:
        found = flowopt.compare(network, budgets="all", **asked)
    except Exception as error:  # whatever the program raises is a finding
        return [f"{type(error).__name__}: {error}"]
    assert isinstance(found, LuckPlans)
    return [*_steps(network, LuckTruth(network, aim, ties), found), *unverified(found)]


def _steps(network: Network, truth: LuckTruth, found: LuckPlans) -> Iterator[str]:
    """Yield what is wrong with steps, and with what is claimed of plans between them."""
    costs = {row.measure: row.cost for row in network.measures}
    plans = [(sum(costs[m] for m in p), truth.mean(p)) for p in feasible_plans(network, 1e12)]
    room, rows = truth.room, list(found.plans)
    if not found.complete:
        yield "steps are missing"
    for row in rows:
        plan = tuple(filter(None, row.measures.split(";")))
        least = min(mean for cost, mean in plans if cost <= (row.budget or 0.0) + 1e-9)
        for what, wrong in (
            ("value", abs(row.value - truth.mean(plan)) > room),
            ("better plan", row.value > least + GAP * abs(least) + room),
            ("bound", row.bound is None or row.bound > least + room),
        ):
            if wrong:
                yield f"{what}: budget {row.budget!r} {plan} {row.value!r} of {least!r}"
    ends = [row.budget or 0.0 for row in rows[1:]] + [float("inf")]
    for row, floor, end in zip(rows, found.beyond, ends, strict=True):
        least = min(mean for cost, mean in plans if cost < end - 1e-9)
        if floor > least + room:
            yield f"beyond {row.budget!r}: {floor!r} of {least!r}"
        if row.value > least + 2.0 * GAP * abs(least) + room:
            yield f"a step is missing after {row.budget!r}: {row.value!r} of {least!r}"
    for one, other in pairwise(rows):
        if not (one.value > other.value and (one.budget or 0.0) < (other.budget or 0.0)):
            yield f"steps {one.plan} and {other.plan} do not fall"


def main(words: list[str] | None = None) -> int:
    return hunted("tests.hunt.luck_steps", __doc__, of_all_shapes(faults_of), words)


if __name__ == "__main__":
    sys.exit(main())
