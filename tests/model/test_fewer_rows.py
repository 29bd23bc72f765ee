"""Rows taken into columns: the same optimum, and the same plans, with fewer rows."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from threading import Event

import numpy as np
import pytest

from flowopt.model.activities import Floats
from flowopt.model.bounds import derive_bounds
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.fewer_rows import with_fewer_rows
from flowopt.model.highs_arrays import hot_relaxation
from flowopt.model.interdiction import Interdiction, cheapest, zero_sum
from flowopt.model.milp import Milp
from flowopt.model.relaxation import Relaxation
from flowopt.model.solver import SolverOptions, solve_milp
from flowopt.model.tightening import tightened
from flowopt.objectives import Objective
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from tests.drawn.shapes import SHAPES
from tests.hunt.networks import Quarry
from tests.hunt.truth import Truth
from tests.networks import shipped
from tests.oracles import rounding
from tests.peru import BASELINE

# Networks where bounds up to the best plan's profit leave out activities.
TIGHTENED = ("odd-7003-5", "apart-7003-8", "rise-7003-11", "apart-7003-14")


@cache
def peru(objective: Objective) -> Interdiction:
    model = activity_model(shipped("peru-2014"))
    limits = PlanConstraints(80.0)
    return zero_sum(model, derive_bounds(model, objective), objective, limits, scale=BASELINE)


def relaxed(milp: Milp) -> float:
    """Return the optimum of the relaxation."""
    highs = hot_relaxation(
        milp.matrix,
        cost=milp.cost,
        columns=(milp.lower, milp.upper),
        rows=(milp.row_lower, milp.row_upper),
        name="the relaxation",
    )
    highs.run()
    return float(highs.getInfo().objective_function_value)


def broken(milp: Milp, values: Floats) -> float:
    """Return by how much values break the rows of a programme, or bounds that are not spare."""
    rows = milp.matrix @ values
    upper = np.where(milp.spare, np.inf, milp.upper)
    gaps = (milp.row_lower - rows, rows - milp.row_upper, milp.lower - values, values - upper)
    return max(float(gap.max(initial=0.0)) for gap in gaps)


@pytest.mark.parametrize(("objective", "fewer"), [("flow", 400), ("profit", 100)])
def test_a_quarter_of_the_rows_of_peru_go(objective: Objective, fewer: int) -> None:
    milp = peru(objective).milp
    found = with_fewer_rows(milp).milp
    assert len(found.row_names) < len(milp.row_names) - fewer
    assert found.matrix.nnz < milp.matrix.nnz
    assert relaxed(found) == pytest.approx(relaxed(milp), rel=1e-8)


def test_any_values_with_fewer_rows_keep_those_that_went() -> None:
    """Whatever the slacks are: rows that stay say the same, and the others hold by themselves."""
    milp = peru("flow").milp
    found = with_fewer_rows(milp)
    values = np.random.default_rng(1).random(len(milp.cost))
    back = found.values(values)
    assert found.milp.cost @ values == pytest.approx(milp.cost @ back)
    place = {name: row for row, name in enumerate(milp.row_names)}
    kept = [place[name] for name in found.milp.row_names]
    assert found.milp.matrix @ values == pytest.approx((milp.matrix @ back)[kept])
    gone = np.setdiff1d(np.arange(len(place)), kept)
    only = replace(
        milp,
        matrix=milp.matrix[gone],
        row_lower=milp.row_lower[gone],
        row_upper=milp.row_upper[gone],
    )
    assert broken(only, back) <= 1e-12
    assert (back[milp.integer] == values[milp.integer]).all()


@pytest.mark.parametrize("objective", ["flow", "profit"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_best_value_is_that_of_all_plans(shape: str, objective: Objective) -> None:
    agrees(Quarry(shape, 5, len(objective)), objective)


def agrees(quarry: Quarry, objective: Objective, solver: str = "highs") -> None:
    """Insist that the best plan of a network, and the cheapest to reach it, are those of brute
    force.
    """
    network, dice = quarry.drawn()
    model, truth = activity_model(network), Truth(network)
    budget = dice.pick(sorted(set(truth.costs.values())))
    values = truth.ranges(objective, "pessimistic", budget)
    best = min(found.high for found in values.values())
    scale = truth.range((), objective, "pessimistic").high or 1.0
    bounds = derive_bounds(model, objective)
    limits = problem_of(network, model, PlanRequest(budget=budget)).constraints
    problem = zero_sum(model, bounds, objective, limits, scale=scale)
    fewer = with_fewer_rows(problem.milp)
    found = solve_milp(fewer.milp, SolverOptions(name=solver, gap=0.0))
    slack = rounding.allowed(objective, best, scale) + rounding.EQUAL * scale
    assert found.objective is not None, quarry
    assert found.objective * scale == pytest.approx(best, abs=slack), quarry
    assert found.values is not None
    assert broken(problem.milp, fewer.values(found.values)) <= 1e-6, quarry
    target = best + 10.0 * slack
    cheap = [truth.costs[plan] for plan, value in values.items() if value.high <= target]
    least = solve_milp(
        with_fewer_rows(cheapest(problem, model, target)).milp, SolverOptions(name=solver, gap=0.0)
    )
    assert least.objective == pytest.approx(min(cheap), abs=1e-6 * (1.0 + min(cheap))), quarry


@pytest.mark.parametrize("name", TIGHTENED)
def test_up_to_a_cutoff_plans_are_worth_themselves_or_that(name: str) -> None:
    """Prices may then rise above their bounds, and rows of what can't pay up to it are gone."""
    network, _ = Quarry.named(name).drawn()
    model, truth = activity_model(network), Truth(network)
    values = {plan: found.high for plan, found in truth.ranges("profit", "pessimistic").items()}
    scale, cutoff = values[()], min(values.values())
    bounds, limits = derive_bounds(model, "profit"), PlanConstraints(max(truth.costs.values()))
    tight = tightened(model, bounds, "profit", limits, cutoff, scale=scale, worth=1e-9)
    assert (bounds.live & ~tight.live).any()
    problem = zero_sum(model, tight, "profit", limits, scale=scale)
    fewer = with_fewer_rows(problem.milp).milp
    relaxation = Relaxation(fewer, effort=10**9, stop=Event())
    for plan, value in values.items():
        chosen = [
            (int(v), float(m in plan)) for v, m in zip(problem.plan, model.measures, strict=True)
        ]
        held = tuple((v, share, upper) for v, share in chosen for upper in (True, False))
        found = relaxation.least(fewer.cost, held)
        assert found is not None
        if value <= cutoff:
            assert found == pytest.approx(value / scale, abs=2e-6), plan
        assert found >= min(value, cutoff) / scale - 2e-6, plan


def test_a_bound_that_counts_keeps_its_row() -> None:
    """Of columns that are not spare none is replaced."""
    milp = peru("flow").milp
    same = replace(milp, spare=np.zeros(len(milp.cost), dtype=np.bool_))
    assert len(with_fewer_rows(same).milp.row_names) == len(milp.row_names)
