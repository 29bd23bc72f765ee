"""Cutoffs of the profit for plans of a target or less, and prices that are sought in parts."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from flowopt.model import tightening
from flowopt.model.activities import Indices
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.formulations import Bilevel
from flowopt.model.relaxation import Relaxation
from flowopt.model.target_bounds import most_profit
from flowopt.model.tightening import tightened
from tests.hunt.networks import Quarry
from tests.networks import shipped


@pytest.mark.parametrize("name", ["tie-7-5", "plain-7-3"])
def test_no_plan_within_the_target_earns_more_than_what_it_holds_allows(name: str) -> None:
    model = activity_model(Quarry.named(name).drawn()[0])
    money, tonnes = (BestResponseSolver(model, "profit"), BestResponseSolver(model, "bilevel"))
    bounds, worth, scale = Bilevel(model, tonnes).bounds_for(0.0), money.value(()), tonnes.value(())

    def most(held: frozenset[int], target: float) -> float:
        limits = PlanConstraints(np.inf, include=held)
        return most_profit(model, bounds, limits, target=target, scale=scale, worth=worth)

    lower = 0
    for size in (1, 2):
        for held in map(frozenset, combinations(range(len(model.measures)), size)):
            left = tonnes.value(held)
            cutoff = most(held, left)
            assert money.value(held) <= cutoff + 1e-6 * worth
            lower += cutoff < most(frozenset(), left) - 1e-3 * worth
    assert lower


def test_finished_goods_are_those_of_which_nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    model = activity_model(shipped("tiny"))
    sought: list[int] = []

    def noted(_: Relaxation, variables: Indices) -> np.ndarray:
        sought.append(len(variables))
        return np.ones(len(variables))

    monkeypatch.setattr(Relaxation, "largest", noted)
    derived = Bilevel(model, BestResponseSolver(model, "bilevel")).bounds_for(0.0).derived
    worth = BestResponseSolver(model, "profit").value(())
    made = tightening._made_into_others(model)
    for finished in (False, True):
        tightened(
            model,
            derived,
            "profit",
            PlanConstraints(0.0),
            2.0 * worth,
            scale=worth,
            worth=-1e9,
            finished=finished,
        )
    whole, last = sought[0], sought[-1]
    goods = tightening._at_nodes(model) & (derived.netback > 0.0)
    assert (whole, last) == (goods.sum(), (goods & ~made).sum())
    assert 0 < last < whole
