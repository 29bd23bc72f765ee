"""Small networks whose numbers lead a solver astray, against brute force."""

from __future__ import annotations

from functools import cache

import pytest

from flowopt.model.activities import Objective, Ties
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.planning.solve import solve
from tests.networks import DATA
from tests.oracles.enumerate import Plan, feasible_plans, plan_cost, plan_values

HARD = DATA / "hard"
NAMES = ("bilevel-bound", "bilevel-bound-cut", "wild-39", "wild-323", "wild-452", "wild-x109")
NAMES += ("gain-loop",)
QUESTIONS: tuple[tuple[Objective, Ties], ...] = (
    ("flow", "pessimistic"),
    ("profit", "pessimistic"),
    ("bilevel", "pessimistic"),
    ("bilevel", "optimistic"),
)


@cache
def hard(name: str) -> Network:
    return read_network(HARD / f"{name}.json")


@cache
def values(name: str, objective: Objective, ties: Ties) -> dict[Plan, float]:
    """Return the value of every plan."""
    network = hard(name)
    return plan_values(network, feasible_plans(network, 1e9), objective, ties)


def costs(name: str) -> list[float]:
    return sorted({plan_cost(hard(name), plan) for plan in feasible_plans(hard(name), 1e9)})


@pytest.mark.parametrize(("objective", "ties"), QUESTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_the_best_plan_is_proved(name: str, objective: Objective, ties: Ties) -> None:
    network, known = hard(name), values(name, objective, ties)
    for budget in {costs(name)[-1] / 2.0, costs(name)[-1]}:
        least = min(known[plan] for plan in feasible_plans(network, budget))
        found = solve(network, budget=budget, objective=objective, ties=ties, gap=1e-6, threads=1)
        # A millionth of the baseline is the least that a solver is asked to tell apart.
        assert found.status == "optimal"
        assert found.value == pytest.approx(least, rel=1e-6, abs=1e-6 * found.baseline)
        assert found.value is not None
        assert found.value >= 0.0


@pytest.mark.parametrize(("objective", "ties"), QUESTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_the_cheapest_plan_for_a_target_is_proved(
    name: str, objective: Objective, ties: Ties
) -> None:
    network, known = hard(name), values(name, objective, ties)
    half = [plan for plan in known if plan_cost(network, plan) <= costs(name)[-1] / 2.0]
    target = min(known[plan] for plan in half) * 1.001
    least = min(plan_cost(network, plan) for plan in known if known[plan] <= target)
    found = solve(network, target=target, objective=objective, ties=ties, threads=1)
    assert (found.status, found.spent) == ("optimal", pytest.approx(least))
