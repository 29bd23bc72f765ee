"""Values and responses on networks of closures, which go from plan to plan in a few steps."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from flowopt.model.activities import ActivityModel, Floats, Terms
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.network.read import read_network
from tests.drawn.dice import Dice
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import DATA

SEEDS = int(os.environ.get("FLOWOPT_SEEDS", "2"))  # networks of each shape


def _outright(model: ActivityModel) -> ActivityModel:
    """Return the programme with nothing but measures that close: cuts close half of the columns."""
    columns = np.flatnonzero(np.diff(model.made.indptr) > 0)
    closed = [(int(j), i % len(model.measures), 1.0) for i, j in enumerate(columns[::2])]
    return replace(
        model, virtual=(), cuts=Terms.of(()), cost_increases=Terms.of(()), closures=Terms.of(closed)
    )


def _least(model: ActivityModel, goal: Floats, plan: list[int], floor: float = 0.0) -> float:
    """Return the least of a goal under a plan, of flows with so many weighted tonnes."""
    finite = np.flatnonzero(np.isfinite(model.limit))
    closed = model.closed_under(model.chosen(plan))
    rows = vstack([model.used - model.made, model.takes[finite], csr_array([-model.weight])])
    room = np.concatenate([np.zeros(len(model.goods)), model.limit[finite], [-floor]])
    limits = [(0.0, 0.0 if shut else None) for shut in closed]
    least = linprog(goal, A_ub=rows.toarray(), b_ub=room, bounds=limits).fun
    assert least is not None
    return float(least)


@pytest.mark.parametrize("shape", SHAPES)
def test_values_and_costs_do_not_hang_on_the_plans_before(shape: str) -> None:
    for seed in range(SEEDS):
        dice = Dice.seeded(f"{shape} {seed}")
        model = _outright(activity_model(valid_network(dice, SHAPES[shape])))
        trafficker = BestResponseSolver(model, "flow")
        for _ in range(6):
            plan = dice.subset(range(len(model.measures)))
            most = -_least(model, -model.weight, plan)
            assert trafficker.value(plan) == pytest.approx(most, rel=1e-6, abs=1e-7)
            shown = trafficker.respond(plan)
            assert shown.value == pytest.approx(most, rel=1e-6, abs=1e-7)
            if shape == "near":  # what is short within the oracle's tolerance saves much there
                continue
            cost = _least(model, model.cost, plan, floor=(1.0 - 1e-9) * most)
            assert model.cost @ shown.activity == pytest.approx(cost, rel=1e-4, abs=1e-6)


def test_a_response_is_the_same_whatever_was_valued_before() -> None:
    model = activity_model(read_network(DATA / "instances" / "layered_86_all_s1"))
    first, second = BestResponseSolver(model, "flow"), BestResponseSolver(model, "flow")
    for plan in ([3], [3, 40, 41], [80], [79, 81, 82], [81]):
        second.value(plan)
    shown, again = first.respond([79, 81]), second.respond([79, 81])
    assert (shown.activity == again.activity).all()
    assert (shown.capacity_price == again.capacity_price).all()


def test_an_opened_arc_takes_few_steps() -> None:
    model = activity_model(read_network(DATA / "instances" / "layered_86_all_s1"))
    trafficker = BestResponseSolver(model, "flow")
    trafficker.value()
    anew = trafficker.iterations
    for measure in range(20):
        trafficker.value([measure, 81])
    assert trafficker.iterations - anew < 20 * 10


def test_the_proof_of_the_plan_valued_last_needs_no_other_solution() -> None:
    model = activity_model(read_network(DATA / "instances" / "layered_86_all_s1"))
    trafficker = BestResponseSolver(model, "flow")
    value, _ = trafficker.value_and_losses([81])
    before = trafficker.iterations
    found = trafficker.found_last([81])
    assert found is not None
    assert found.value == value
    assert trafficker.iterations == before
    assert trafficker.found_last([80]) is None
