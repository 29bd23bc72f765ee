"""Sets of measures of each of which a plan needs one, where it has to reach a target.

Measures never help the trafficker, so a plan that misses a target misses it with fewer measures,
too. Whatever is left out of a plan that misses it is then a set E of which every plan that reaches
it holds one,

    sum of x_m over E  >=  1,

the smaller E the more it says. The relaxed programme, in which a third of each measure does a third
of its work, knows nothing of them: measures that are all needed cost it a third.

Plans that miss the target are made as those of implicit hitting sets: a cheap plan that holds one
of each set known so far, and what can be added to it without reaching the target, in several
orders. Each is a set that the cheap plan did not hit.

Source: E. Moreno-Centeno, R. M. Karp, "The implicit hitting set approach to solve combinatorial
optimization problems with an application to multigenome alignment", Operations Research 61(2),
2013.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from flowopt.model.activities import Floats
from flowopt.model.incumbent import Plan

_ORDERS = 4  # beside the dearest first and the cheapest first: drawn, mostly the dearest first
_TILT = 1.5  # how mostly


def needed_sets(
    every: Plan, misses: Callable[[Plan], bool], cost: Floats, *, rounds: int
) -> Iterator[Plan]:
    """Yield sets of measures of each of which a plan needs one to reach a target.

    They are the same for the same arguments.

    Parameters
    ----------
    every
        The measures that a plan may hold; together they reach the target.
    misses
        Returns whether a plan misses it: never where one that it holds reaches it.
    cost
        Of each measure.
    rounds
        Cheap plans that sets are sought with.
    """
    found = [frozenset({m}) for m in sorted(every) if misses(every - {m})]
    yield from found
    draw = random.Random(0)  # no secret hangs on it
    for _ in range(rounds):
        plan = _hitting(found, cost)
        if not misses(plan):
            return
        for order in _orders(sorted(every - plan), cost, draw):
            some = every - _extended(plan, order, misses)
            if some not in found:
                found.append(some)
                yield some


def _orders(measures: Sequence[int], cost: Floats, draw: random.Random) -> Iterator[list[int]]:
    """Yield orders in which measures are added; what comes late is what sets are made of."""
    yield sorted(measures, key=lambda m: -cost[m])
    yield sorted(measures, key=lambda m: cost[m])
    for _ in range(_ORDERS):
        place = {m: -cost[m] * draw.random() ** _TILT for m in measures}
        yield sorted(measures, key=place.__getitem__)


def _extended(plan: Plan, order: Sequence[int], misses: Callable[[Plan], bool]) -> Plan:
    """Return a plan with all measures of an order, one after the other, with which it misses."""
    fuller = plan.union(order)
    if not order or misses(fuller):
        return fuller
    if len(order) == 1:
        return plan
    half = len(order) // 2
    return _extended(_extended(plan, order[:half], misses), order[half:], misses)


def _hitting(sets: Sequence[Plan], cost: Floats) -> Plan:
    """Return a cheap plan that holds one of each set: first what hits most of them for its cost."""
    left, plan = list(sets), frozenset[int]()
    while left:
        measures = sorted(frozenset[int]().union(*left))
        hits = {m: sum(m in some for some in left) for m in measures}
        plan |= {min(measures, key=lambda m: (cost[m] / hits[m], m))}
        left = [some for some in left if not some & plan]
    for measure in sorted(plan, key=lambda m: (-cost[m], m)):
        if all(some & plan != {measure} for some in sets):
            plan -= {measure}
    return plan
