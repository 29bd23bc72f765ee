"""Sets of measures of which a plan needs one: true for every plan, and none too large."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest

from flowopt.model.incumbent import Plan
from flowopt.model.needed_sets import needed_sets

COUNT = 9


@pytest.mark.parametrize("seed", range(6))
def test_every_plan_that_reaches_holds_one_of_each(seed: int) -> None:
    draw = random.Random(seed)  # no secret hangs on it
    worth = [draw.choice((1, 2, 3, 5)) for _ in range(COUNT)]
    pair = frozenset(draw.sample(range(COUNT), 2))  # which only do something together
    cost = np.array([draw.choice((0.0, 1.0, 2.0, 7.0)) for _ in range(COUNT)])
    every, level = frozenset(range(COUNT)), draw.randint(5, sum(worth))

    def misses(plan: Plan) -> bool:
        return sum(worth[m] for m in plan) + 4 * (pair <= plan) < level

    found = list(needed_sets(every, misses, cost, rounds=8))
    assert found == list(needed_sets(every, misses, cost, rounds=8))
    assert len(set(found)) == len(found) > 0
    reaching = [
        frozenset(plan)
        for size in range(COUNT + 1)
        for plan in combinations(range(COUNT), size)
        if not misses(frozenset(plan))
    ]
    for some in found:
        assert all(some & plan for plan in reaching)
        assert misses(every - some)
        assert not any(misses((every - some) | {m}) for m in some)  # none of them is one too many


def test_measures_of_which_each_is_needed_come_alone() -> None:
    every = frozenset(range(3))
    found = list(needed_sets(every, lambda plan: not {0, 2} <= plan, np.ones(3), rounds=3))
    assert found == [frozenset({0}), frozenset({2})]
