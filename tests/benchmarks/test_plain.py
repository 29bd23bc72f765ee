"""The textbook model is right: it gives the optimum of brute force, and of flowopt."""

from __future__ import annotations

import math

import pulp
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from flowopt.model.build import activity_model
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.solve import solve
from tests.benchmarks.generator import Spec, generate
from tests.benchmarks.plain import big_m, plain_model
from tests.benchmarks.watched import SETTINGS
from tests.draws import draws
from tests.networks import shipped
from tests.oracles.enumerate import optimal_plans
from tests.oracles.response import plan_value
from tests.strategies import budgets, networks


def plain_optimum(
    network: Network, objective: Objective, budget: float
) -> tuple[float, tuple[str, ...]]:
    """Return the optimum and the plan of the textbook model."""
    model = activity_model(network)
    limits = problem_of(network, model, PlanRequest(budget=budget)).constraints
    plain = plain_model(model, objective, limits, big_m(network, objective))
    settings = {k: v for k, v in SETTINGS.items() if k not in ("threads", "output_flag")}
    plain.problem.solve(pulp.HiGHS(msg=False, threads=1, gapRel=0.0, **settings))
    plan = [x.varValue > 0.5 for x in plain.plan]
    return plain.problem.objective.value(), tuple(
        row.measure for row, chosen in zip(network.measures, plan, strict=True) if chosen
    )


def check(network: Network, objective: Objective, budget: float) -> None:
    """Compare with brute force; `bilevel` takes the ties that are best for the planner."""
    value, plan = plain_optimum(network, objective, budget)
    best = optimal_plans(network, budget, objective=objective, ties="optimistic").value
    near = 1e-4 if objective == "bilevel" else 1e-6
    assert value == pytest.approx(best, rel=near, abs=near)
    true = plan_value(network, plan, objective, "optimistic")
    assert true == pytest.approx(best, rel=near, abs=near)


def ready(network: Network, objective: Objective) -> bool:
    """Whether the model's constants can be told."""
    try:
        most = big_m(network, objective)
    except ValueError:
        return False
    return objective != "bilevel" or math.isfinite(most.activity)


@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
@settings(max_examples=draws(10), suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_brute_force(objective: Objective, data: st.DataObject) -> None:
    network = data.draw(networks(min_measures=1, max_measures=5, earnings=False, places=False))
    assume(ready(network, objective))
    check(network, objective, data.draw(budgets(network)))


@pytest.mark.parametrize("budget", [2.0, 4.0, 7.0])
@pytest.mark.parametrize("objective", ["flow", "profit"])
@pytest.mark.parametrize("name", ["tiny", "leaky-river", "two-bridges", "shared-crew"])
def test_the_small_networks(name: str, objective: Objective, budget: float) -> None:
    network = shipped(name)
    value, _ = plain_optimum(network, objective, budget)
    found = solve(network, budget=budget, objective=objective, gap=0.0)
    assert value == pytest.approx(found.value, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("objective", "spec"),
    [
        pytest.param("flow", Spec(activities=220, measures=20), marks=pytest.mark.slow),
        ("profit", Spec(activities=200, measures=15)),
    ],
)
def test_a_generated_network(objective: Objective, spec: Spec) -> None:
    network = generate(spec)
    value, _ = plain_optimum(network, objective, 10.0)
    found = solve(network, budget=10.0, objective=objective, gap=1e-7)
    assert found.value is not None
    assert found.value < 0.99 * found.baseline
    assert value == pytest.approx(found.value, rel=1e-6)


def test_recipes_that_come_back_are_refused() -> None:
    network = shipped("tiny")
    line = network.recipes[0]
    back = [
        type(line)(recipe="back", commodity=row.commodity, quantity=-row.quantity)
        for row in network.recipes
        if row.recipe == line.recipe
    ]
    # Unchecked on purpose: what comes back in full is an error of the format as well.
    broken = Network(info=network.info, recipes=(*network.recipes, *back), demands=network.demands)
    with pytest.raises(ValueError, match="come back to"):
        big_m(broken, "flow")
