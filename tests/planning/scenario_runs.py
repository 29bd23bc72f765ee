"""Runs for one plan in several scenarios, and what is asked of them."""

from __future__ import annotations

import pytest

from flowopt.clock import Clock
from flowopt.criteria import CriterionName
from flowopt.network.network import Network
from flowopt.planning.own_bests import OwnBests
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest, World, scenario_problem_of
from flowopt.planning.scenario_run import FoundForAll, ScenarioRun
from tests.drawn.dice import Dice
from tests.drawn.scenarios import drawn_scenarios
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.oracles.criterion import ScenarioTruth
from tests.oracles.response import Aim


def run_of(
    networks: list[Network],
    weights: list[float],
    budget: float,
    objective: Aim,
    name: CriterionName,
    *,
    gap: float = 0.0,
    limit: float | None = None,
    threads: int = 1,
    kept: OwnBests | None = None,
) -> ScenarioRun:
    clock = Clock(limit)
    worlds = [
        World(f"s{n}", "", weight, network, n == 0)
        for n, (network, weight) in enumerate(zip(networks, weights, strict=True))
    ]
    request = PlanRequest(budget=budget, objective=objective)
    problem = scenario_problem_of(worlds, request, CriterionRequest(name), clock)
    return ScenarioRun(problem, RunOptions(gap=gap, threads=threads), clock, kept)


def drawn(seed: str, shape: str, most: int = 6) -> tuple[list[Network], list[float], float]:
    """Return scenarios, their weights, and a budget."""
    dice = Dice.seeded(seed)
    network = valid_network(dice, SHAPES[shape])
    networks, weights = drawn_scenarios(dice, network, 2 + dice.upto(most - 2))
    costs = [row.cost for row in network.measures]
    return networks, weights, sum(costs) * dice.pick((0.5, 0.3, 0.75))


def numbers(run: ScenarioRun, found: FoundForAll) -> tuple[float, float, tuple[str, ...]]:
    """Return the criterion and its bound without the shift, and the plan by names."""
    shift, measures = run.criterion.shift, run.model.measures
    plan = tuple(measures[m] for m in sorted(found.plan))
    return found.value - shift, found.bound - shift, plan


def assert_is_the_best(
    run: ScenarioRun, found: FoundForAll, truth: ScenarioTruth, name: CriterionName
) -> None:
    """Hold a proved plan, its criterion and its bound against those of brute force."""
    value, bound, plan = numbers(run, found)
    best, first = truth.optimum(name)
    base = truth.base(name)
    assert found.status == "optimal"
    assert value == pytest.approx(best, rel=1e-6, abs=2e-6 * base)
    assert bound <= best + 2e-6 * base
    assert truth.criterion(name, plan) <= truth.criterion(name, first) + 2e-7 * base
