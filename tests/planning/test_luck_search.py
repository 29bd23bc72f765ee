"""The best plan where measures may fail, by search and by cuts: proved, stopped, and settled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import flowopt
from flowopt.clock import Clock
from flowopt.criteria import CriterionName
from flowopt.model.lucky_traffickers import LuckyTraffickers
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning import luck_search
from flowopt.planning.luck_outcome import criterion_of
from flowopt.planning.lucky_worlds import lucky_worlds
from flowopt.planning.plan_request import PlanRequest
from flowopt.results.luck_solution import LuckSolution
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.scenarios import with_scenarios
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.hunt.luck import LuckTruth
from tests.oracles.criterion import criterion_of as right_criterion
from tests.oracles.enumerate import feasible_plans

NETWORKS = Path(__file__).parents[2] / "networks"


def drawn(seed: int, measures: int = 4) -> Network:
    dice = Dice.seeded(f"luck-search-{seed}")
    shape = dice.pick(tuple(SHAPES))
    return with_chances(dice, valid_network(dice, SHAPES[shape], measures))


def solved(network: Network, **options: object) -> LuckSolution:
    found = flowopt.solve(network, threads=1, **options)  # type: ignore[call-overload]  # drawn ones
    assert isinstance(found, LuckSolution)
    return found


def half(network: Network) -> float:
    return 0.5 * sum(row.cost for row in network.measures)


@pytest.mark.parametrize("seed", range(8))
def test_the_best_plan_is_found_and_proved(seed: int) -> None:
    network, budget = drawn(seed), half(drawn(seed))
    objective: Objective = ("flow", "profit")[seed % 2]
    truth = LuckTruth(network, objective, "pessimistic")
    least = min(truth.mean(plan) for plan in feasible_plans(network, budget))
    found = solved(network, budget=budget, objective=objective, gap=0.0)
    assert found.status == "optimal"
    assert found.value == pytest.approx(least, abs=truth.room)
    assert found.bound == pytest.approx(least, abs=truth.room)


@pytest.mark.parametrize("criterion", ["expected", "worst", "cut", "cvar"])
def test_so_it_is_over_scenarios_and_luck(criterion: CriterionName) -> None:
    dice = Dice.seeded("luck-and-scenarios")
    network = with_scenarios(dice, drawn(3), 3)
    found = solved(network, budget=half(network), criterion=criterion, gap=0.0)
    worlds = [network.scenario(row.scenario) for row in network.scenarios]
    truths = [LuckTruth(world, "flow", "pessimistic") for world in worlds]
    weights = [row.weight for row in network.scenarios]
    shares = [weight / sum(weights) for weight in weights]
    reference = [truth.nothing if criterion == "cut" else 0.0 for truth in truths]
    least = min(
        right_criterion(
            criterion,
            [t.mean(plan) - r for t, r in zip(truths, reference, strict=True)],
            shares,
        )
        for plan in feasible_plans(network, half(network))
    )
    room = max(truth.room for truth in truths)
    assert found.status == "optimal"
    assert found.value == pytest.approx(least, abs=room)
    assert found.bound == pytest.approx(least, abs=room)


def test_what_a_search_takes_for_a_loss_is_one() -> None:
    for seed in range(6):
        network = drawn(seed)
        worlds = lucky_worlds(network, PlanRequest(budget=100.0), None, Clock(None))
        values = worlds[0].values
        nothing = values.value_of(frozenset())
        search = LuckyTraffickers([values], criterion_of(None, np.ones(1), [nothing]))
        count = len(network.measures)
        for plan in (frozenset[int](), frozenset({0})):
            search.remember(plan)
            before, lost = search.value(plan), search.most_lost()
            for more in set(range(count)) - plan:
                after = values.expected(plan | {more}).mean
                assert before - after <= lost[more] + 1e-6 * max(1.0, nothing), (seed, more)


def test_nodes_end_a_proof_without_a_limit_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(luck_search, "_NODES", 0)
    for seed in range(30):
        found = solved(drawn(seed, 6), budget=half(drawn(seed, 6)), gap=0.0)
        assert found.bound is not None
        assert found.bound <= found.value
        if found.status == "limit":
            assert found.limit == "nodes"
            return
    pytest.fail("all of them were proved without a node")


def test_it_answers_the_same_each_time() -> None:
    network = drawn(5, 6)
    first, second = (solved(network, budget=half(network)) for _ in range(2))
    assert (first.value, first.bound, first.measures) == (
        second.value,
        second.bound,
        second.measures,
    )


@pytest.mark.slow
def test_peru_with_a_chance_of_7_in_10_has_an_honest_bound_when_time_ends() -> None:
    network = flowopt.read_network(NETWORKS / "peru-2014")
    lucky = network.replace(measures=[replace(row, success=0.7) for row in network.measures])
    found = solved(lucky, budget=20, time_limit=40)
    assert found.bound is not None
    assert 193.0 <= found.bound <= found.value <= 206.5
    by_hand = flowopt.evaluate(lucky, ["m01", "m11", "m12", "m13"])
    assert by_hand.value == pytest.approx(205.677, abs=1e-3)
    assert found.bound <= by_hand.value
