"""The inequalities on which bounds over scenarios rest, on drawn networks.

f_s(a) is the optimum of the planner's programme of a scenario with what acts held at `a`, here by
another solver, and whole plans are valued by the oracles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from flowopt.criteria import CRITERION_NAMES
from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.bounds import derive_bounds
from flowopt.model.build import activity_model
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.interdiction import add_dual, add_plan
from flowopt.model.milp import Milp, MilpBuilder
from flowopt.network.network import Network
from flowopt.objectives import Objective
from tests.drawn.dice import Dice
from tests.drawn.scenarios import drawn_scenarios
from tests.draws import draws
from tests.oracles.criterion import ScenarioTruth
from tests.oracles.enumerate import Plan
from tests.strategies import networks

OBJECTIVES: tuple[Objective, ...] = ("flow", "profit")
ROOM = 1e-6  # of the value without measures


@dataclass(frozen=True, slots=True)
class Held:
    """The programme of one scenario, with what acts held."""

    model: ActivityModel
    milp: Milp
    acts: Indices

    def at(self, acting: Floats) -> tuple[float, Floats]:
        """Return its optimum, and by how much it changes with each of what acts."""
        lower, upper = self.milp.lower.copy(), self.milp.upper.copy()
        lower[self.acts] = upper[self.acts] = acting
        rows = self.milp.matrix
        most, least = np.isfinite(self.milp.row_upper), np.isfinite(self.milp.row_lower)
        found = linprog(
            self.milp.cost,
            A_ub=np.vstack([rows[most].toarray(), -rows[least].toarray()]),
            b_ub=np.concatenate([self.milp.row_upper[most], -self.milp.row_lower[least]]),
            bounds=list(zip(lower.tolist(), upper.tolist(), strict=True)),
            method="highs",
        )
        assert found.fun is not None, found.message
        slopes = found.lower.marginals + found.upper.marginals
        return float(found.fun), slopes[self.acts]

    def acting(self, plan: Plan) -> Floats:
        """Return what acts under a plan."""
        place = {measure: i for i, measure in enumerate(self.model.measures)}
        return self.model.chosen(place[measure] for measure in plan).astype(float)


def held(network: Network, objective: Objective) -> Held:
    """Return the programme of one scenario, whose plans keep its rules alone."""
    model, build = activity_model(network), MilpBuilder()
    _, acts = add_plan(build, model, PlanConstraints(budget=np.inf))
    cost = add_dual(build, model, derive_bounds(model, objective), objective, acts)
    return Held(model, build.build(cost), acts)


@settings(max_examples=draws(20))
@given(networks(min_measures=1, max_measures=4), st.sampled_from(OBJECTIVES), st.data())
def test_the_held_programme_is_exact_convex_falling_and_above_its_slopes(
    network: Network, objective: Objective, data: st.DataObject
) -> None:
    truth = ScenarioTruth([network], [1.0], np.inf, objective)
    programme, room = held(network, objective), ROOM * max(truth.nothing[0], 1.0)
    plans = st.sampled_from(truth.plans)
    one, other = data.draw(plans), data.draw(plans)
    a, b = programme.acting(one), programme.acting(other)
    (at_a, slopes), (at_b, _) = programme.at(a), programme.at(b)
    assert at_a == pytest.approx(truth.values[one][0], abs=room)
    assert at_b == pytest.approx(truth.values[other][0], abs=room)
    share = data.draw(st.sampled_from((0.5, 0.25, 0.9)))
    between, slopes_between = programme.at(share * a + (1.0 - share) * b)
    assert between <= share * at_a + (1.0 - share) * at_b + room  # convex
    for plan in truth.plans[:8]:
        acting = programme.acting(plan)
        value = truth.values[plan][0]
        assert at_a + slopes @ (acting - a) <= value + room
        reached = slopes_between @ (acting - share * a - (1.0 - share) * b)
        assert between + reached <= value + room
        if (acting >= a).all():
            assert value <= at_a + room  # more acts, less is left


@settings(max_examples=draws(20))
@given(networks(min_measures=1, max_measures=4), st.sampled_from(OBJECTIVES), st.data())
def test_bounds_of_scenarios_bound_the_criterion_of_every_plan(
    network: Network, objective: Objective, data: st.DataObject
) -> None:
    dice = Dice.drawn(data.draw)
    worlds, weights = drawn_scenarios(dice, network, 2 + dice.upto(2))
    budget = sum(row.cost for row in network.measures) * dice.pick((0.5, 0.3, 1.0))
    truth = ScenarioTruth(worlds, weights, budget, objective)
    name, tail = dice.pick(CRITERION_NAMES), dice.pick((0.2, 0.6, 1.0))
    reference = {"cut": truth.nothing, "regret": truth.best}.get(name, [0.0] * len(worlds))
    criterion = Criterion(name, np.array(truth.shares), np.array(reference), tail=tail)
    values = {plan: np.array(truth.values[plan]) for plan in truth.plans}
    worth = {plan: truth.criterion(name, plan, tail) for plan in truth.plans}
    room = ROOM * max(1.0, *truth.nothing)
    for plan, each in values.items():
        assert criterion.of(each) == pytest.approx(worth[plan], abs=room)
    least = min(worth.values())
    assert criterion.of(np.array(truth.best)) <= least + room  # wait and see
    everything = ScenarioTruth(worlds, weights, np.inf, objective)
    assert criterion.of(np.array(everything.best)) <= least + room  # measures only take
    held_at = dice.pick(truth.plans)
    cuts = [held(world, objective) for world in worlds]
    for plan, each in values.items():
        below = []
        for programme in cuts:
            start = 0.5 * (programme.acting(held_at) + programme.acting(plan))
            value, slopes = programme.at(start)
            below.append(value + slopes @ (programme.acting(plan) - start))
        assert (np.array(below) <= each + room).all()
        assert criterion.of(np.array(below)) <= worth[plan] + room
