"""The programme with what acts held: values, cuts, and their safety, on drawn networks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bounds import derive_bounds
from flowopt.model.build import activity_model
from flowopt.model.held_programme import Cut, HeldProgramme
from flowopt.model.interdiction import add_dual
from flowopt.model.milp import MilpBuilder
from flowopt.model.series_model import in_series
from flowopt.network.network import Network
from flowopt.objectives import Objective
from tests.drawn.dice import Dice
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.draws import draws
from tests.oracles.criterion import ScenarioTruth
from tests.strategies import networks

OBJECTIVES: tuple[Objective, ...] = ("flow", "profit")
ROOM = 1e-6  # of the value without measures: the oracles' and the solver's rounding
SAFE = 1e-9  # likewise, where only arithmetic is between two numbers


def held_of(model: ActivityModel, objective: Objective) -> tuple[HeldProgramme, float]:
    """Return the programme, and the value without measures that scales it."""
    scale = BestResponseSolver(model, objective).value(()) or 1.0
    return HeldProgramme(model, derive_bounds(model, objective), objective, scale=scale), scale


def chosen(model: ActivityModel, ids: tuple[str, ...]) -> Floats:
    place = {measure: i for i, measure in enumerate(model.measures)}
    return model.chosen(place[each] for each in ids).astype(float)


def wild_model(seed: int, shape: str) -> ActivityModel:
    return activity_model(valid_network(Dice.seeded(f"held-{shape}-{seed}"), SHAPES[shape]))


@settings(max_examples=draws(20))
@given(networks(min_measures=1, max_measures=4), st.sampled_from(OBJECTIVES))
def test_it_is_exact_at_every_plan_and_its_cuts_hold_at_all_others(
    network: Network, objective: Objective
) -> None:
    truth = ScenarioTruth([network], [1.0], np.inf, objective)
    model = activity_model(network)
    held, scale = held_of(model, objective)
    acting = {plan: chosen(model, plan) for plan in truth.plans}
    cuts = {plan: held.cut(acting[plan]) for plan in truth.plans}
    for plan, cut in cuts.items():
        assert cut.at(acting[plan]) == pytest.approx(truth.values[plan][0], abs=ROOM * scale)
        for other in truth.plans:
            assert cut.at(acting[other]) <= truth.values[other][0] + ROOM * scale


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_it_is_convex_and_falls_and_its_cuts_hold_between_plans(
    seed: int, shape: str, objective: Objective
) -> None:
    model = wild_model(seed, shape)
    held, scale = held_of(model, objective)
    drawn = np.random.default_rng(seed)
    count = len(model.measures) + len(model.virtual)
    for _ in range(6):
        a, b = (drawn.random((2, count)) * (drawn.random((2, count)) < 0.6)).clip(0.0, 1.0)
        at_a, at_b = held.cut(a), held.cut(b)
        between = held.cut(0.5 * (a + b))
        room = ROOM * scale
        assert at_a.at(b) <= at_b.at(b) + room
        assert between.at(0.5 * (a + b)) <= 0.5 * (at_a.at(a) + at_b.at(b)) + room
        assert held.cut(np.maximum(a, b)).at(np.maximum(a, b)) <= at_a.at(a) + room
        assert (at_a.slope <= room).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_the_programme_of_the_plan_whose_measures_are_fixed(
    shape: str, fixed_optimum: Callable[[ActivityModel, Objective, Floats], float]
) -> None:
    model = wild_model(7, shape)
    drawn = np.random.default_rng(7)
    for objective in OBJECTIVES:
        held, scale = held_of(model, objective)
        acting = drawn.random(len(model.measures) + len(model.virtual))
        right = fixed_optimum(model, objective, acting)
        assert held.cut(acting).at(acting) == pytest.approx(right, abs=ROOM * scale)


@pytest.fixture
def fixed_optimum() -> Callable[[ActivityModel, Objective, Floats], float]:
    """Return the optimum of the dual programme by scipy, all of its variables and rows there."""
    from scipy.optimize import linprog

    def optimum(model: ActivityModel, objective: Objective, acting: Floats) -> float:
        build = MilpBuilder()
        acts = build.variables("a", len(acting), lower=acting, upper=acting)
        milp = build.build(add_dual(build, model, derive_bounds(model, objective), objective, acts))
        most, least = np.isfinite(milp.row_upper), np.isfinite(milp.row_lower)
        found = linprog(
            milp.cost,
            A_ub=np.vstack([milp.matrix[most].toarray(), -milp.matrix[least].toarray()]),
            b_ub=np.concatenate([milp.row_upper[most], -milp.row_lower[least]]),
            bounds=list(zip(milp.lower.tolist(), milp.upper.tolist(), strict=True)),
        )
        assert found.fun is not None, found.message
        return float(found.fun)

    return optimum


@pytest.mark.parametrize("seed", range(10))
def test_cuts_from_multipliers_of_any_quality_are_below_the_optimum(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = wild_model(seed, "plain")
    held, scale = held_of(model, OBJECTIVES[seed % 2])
    drawn = np.random.default_rng(seed)
    points = drawn.random((4, len(model.measures) + len(model.virtual)))
    right = [held.cut(point).at(point) for point in points]
    found: list[Cut] = []
    solved = held._cut_by
    for spread in (1e-7, 1e-3, 1.0, 100.0):
        monkeypatch.setattr(
            held, "_cut_by", lambda y, s=spread: solved(y + s * drawn.standard_normal(len(y)))
        )
        found += [held.cut(point) for point in points]
    for cut in found:
        for point, value in zip(points, right, strict=True):
            assert cut.at(point) <= value + SAFE * max(scale, abs(cut.constant))


def test_activities_in_series_as_one_have_the_same_values() -> None:
    for seed in range(8):
        model = wild_model(seed, "plain")
        objective = OBJECTIVES[seed % 2]
        whole, scale = held_of(model, objective)
        joined, _ = held_of(in_series(model), objective)
        point = np.random.default_rng(seed).random(len(model.measures) + len(model.virtual))
        plan = (point > 0.5).astype(float)
        assert joined.cut(plan).at(plan) == pytest.approx(
            whole.cut(plan).at(plan), abs=ROOM * scale
        )


def test_a_network_in_which_nothing_pays_has_the_value_0() -> None:
    for seed in range(40):
        model = wild_model(seed, "plain")
        if BestResponseSolver(model, "profit").value(()) == 0.0:
            held, _ = held_of(model, "profit")
            nothing = np.zeros(len(model.measures) + len(model.virtual))
            assert held.cut(nothing).at(nothing) == pytest.approx(0.0, abs=1e-9)
            return
    pytest.fail("none was drawn")
