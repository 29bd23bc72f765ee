"""Cuts for the flow of `bilevel`: bounds at every plan, near to the flow, and no answer lost."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import combinations, islice
from typing import Any

import numpy as np
import pytest

from flowopt.model import regret_by_cuts
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bilevel_milp import REGRET_UNIT
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints, allowed
from flowopt.model.formulations import Bilevel
from flowopt.model.milp import Milp
from flowopt.model.regret_by_cuts import RegretByCuts
from flowopt.model.relaxation import Relaxation
from flowopt.model.solver_scip import scip_installed
from flowopt.model.target_bounds import most_profit
from tests.hunt.networks import Quarry
from tests.oracles.enumerate import optimal_plans
from tests.planning.test_rung_parts import half, ladder

NAMES = ["rise-7-3", "plain-7-3", "mixed-1-2"]


def asked(name: str, held: frozenset[int] = frozenset()) -> tuple[Bilevel, RegretByCuts]:
    """Return the programmes of a network, and that by cuts for half of the money and the tonnes."""
    network = Quarry.named(name).drawn()[0]
    model = activity_model(network)
    trafficker = BestResponseSolver(model, "bilevel")
    programme, scale = Bilevel(model, trafficker), trafficker.value(())
    limits = PlanConstraints(half(network), include=held)
    target = 0.9 * scale
    regret = programme.regret_by_cuts(
        programme.bounds_for(target),
        limits,
        target,
        scale,
        deadline=None,
        stop=threading.Event(),
    )
    assert regret is not None
    return programme, regret


def relaxed(milp: Milp) -> float:
    least = Relaxation(milp, effort=10**12, stop=threading.Event()).optimum()
    assert least is not None
    return least * REGRET_UNIT


@pytest.mark.parametrize("name", NAMES)
def test_cuts_bound_what_flows_earn_under_every_plan_and_touch_it_at_theirs(name: str) -> None:
    _, regret = asked(name)
    model, dice = regret.model, np.random.default_rng(1)
    for _ in range(4):
        regret._cut_at(dice.random(len(model.measures) + len(model.virtual)), -np.inf)
    for plan in map(frozenset, combinations(range(len(model.measures)), 2)):
        earned = most_profit(
            model,
            regret.bounds,
            PlanConstraints(np.inf, include=plan),
            target=regret.target,
            scale=regret.scale,
            worth=regret.worth,
        )
        acts = model.chosen(plan).astype(float)
        claims = [cut.at(acts) for cut in regret.bounds.earned]
        assert min(claims) >= earned / regret.worth - 1e-9
        regret._cut_at(acts, -np.inf)
        assert regret.bounds.earned[-1].at(acts) == pytest.approx(earned / regret.worth, abs=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_relaxation_with_cuts_is_as_near_as_that_with_the_flow(name: str) -> None:
    _, regret = asked(name)
    within = (
        m for m in range(len(regret.model.measures)) if allowed(regret.model, regret.limits, {m})
    )
    for measure in islice(within, 3):
        programme, regret = asked(name, frozenset({measure}))
        whole = programme.build_regret(regret.limits, regret.target, regret.scale)
        least = regret.sharpened()[2]
        assert least is not None
        by_cuts, by_flow = least * REGRET_UNIT, relaxed(whole.milp)
        assert by_cuts <= by_flow + 1e-9
        assert by_cuts >= by_flow - 2.0 * regret_by_cuts._NEAR
    without = replace(regret.bounds, earned=())
    regret.bounds = without
    assert relaxed(regret.problem().milp) < by_flow - 1e-3  # cuts are what makes it near


@pytest.mark.skipif(not scip_installed(), reason="SCIP is an extra")
def test_solutions_whose_flow_does_not_earn_what_cuts_claim_are_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(regret_by_cuts, "_NEAR", 1.0)  # no cuts but at solutions
    monkeypatch.setattr(RegretByCuts, "cut_at_plans", lambda *_: None)
    monkeypatch.setattr("flowopt.model.rung_tree._NEAR", 1e9)
    cut_at: Any = RegretByCuts.cut_at
    cuts: list[bool] = []

    def noted(self: RegretByCuts, values: np.ndarray) -> bool:
        cuts.append(cut_at(self, values))
        return cuts[-1]

    monkeypatch.setattr(RegretByCuts, "cut_at", noted)
    network = Quarry.named("plain-7-3").drawn()[0]
    truth = optimal_plans(network, half(network), objective="bilevel", ties="optimistic").value
    proof = ladder(network, ties="optimistic")
    bound = proof._descend(1e-4, 0.0, None)
    assert any(cuts)
    assert proof.session.is_proved(proof.search.value, bound)
    assert bound <= truth + 1e-6 * proof.session.scale
    assert proof.search.value == pytest.approx(truth, rel=2e-4)
