"""The least regret under a target, plan by plan, against what each plan is worth."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bilevel_milp import REGRET_UNIT
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints, allowed
from flowopt.model.formulations import Bilevel
from flowopt.model.solver import SolverOptions, solve_milp
from tests.drawn.shapes import SHAPES
from tests.hunt.networks import Quarry

_NEAR = 1e-3  # of what there is without measures: how far targets lie from a plan's value
_ENOUGH = 1e-7 / REGRET_UNIT


def least(programme: Bilevel, limits: PlanConstraints, target: float, scale: float) -> bool:
    """Return whether a flow of a target or less has a regret of nothing."""
    milp = programme.build_regret(limits, target, scale).milp
    options = SolverOptions(gap=0.0, careful=True, enough=_ENOUGH)
    return solve_milp(milp, options).status != "infeasible"


def plans(model: ActivityModel) -> list[frozenset[int]]:
    every = product((False, True), repeat=len(model.measures))
    found = [frozenset(np.flatnonzero(chosen).tolist()) for chosen in every]
    return [plan for plan in found if allowed(model, PlanConstraints(np.inf), plan)]


@pytest.mark.parametrize("aimed", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_plan_has_a_flow_without_regret_at_its_value_and_none_below(
    shape: str, aimed: bool
) -> None:
    """With bounds for every plan, and with those for the plans at a target or below."""
    model = activity_model(Quarry(shape, 7, 3).drawn()[0])
    trafficker = BestResponseSolver(model, "bilevel", ties="optimistic")
    scale = trafficker.value(()) or 1.0
    programme = Bilevel(model, trafficker)
    every = frozenset(range(len(model.measures)))
    for plan in plans(model)[::5]:
        only = PlanConstraints(np.inf, include=plan, exclude=every - plan)
        for side in (-1.0, 1.0):
            target = trafficker.value(plan) + side * _NEAR * scale
            if target < 0.0:
                continue
            if aimed:
                programme.aim(PlanConstraints(np.inf), target, scale, None)
            assert least(programme, only, target, scale) == (side > 0.0)
