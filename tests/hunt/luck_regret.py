"""`python -m tests.hunt.luck_regret`: regrets over scenarios and luck, held against brute force.

It draws networks of many shapes with scenarios, whose measures and some rows of whose effects may
fail. Of each it asks for the plan with the least regret, and for the regret of a plan made by hand.
The truth tries every fall of every coin, in every scenario, of every plan. Each result must pass
`verify`, too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flowopt.network import schema
from flowopt.network.chances import may_fail_somewhere
from flowopt.network.network import Network
from flowopt.planning.evaluate import evaluate
from flowopt.planning.solve import solve
from flowopt.results.luck_solution import LuckSolution
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.scenarios import with_scenarios
from tests.drawn.shapes import HUNTED
from tests.drawn.wild import valid_network
from tests.hunt.counted import hunted, of_all_shapes
from tests.hunt.luck import MOST, LuckTruth, unverified
from tests.hunt.networks import Quarry
from tests.hunt.questions import drawn_budget
from tests.networks import effect, line, measure
from tests.oracles.enumerate import Plan, feasible_plans, plan_cost
from tests.oracles.response import Aim, Ties

SCENARIOS, ROUTES = 3, 4
LIKELY = (0.7, 0.5, 1.0, 0.9)


class RegretTruth:
    """Regrets of plans for a budget over every fall of every coin.

    Attributes
    ----------
    plans : list of plans
        Those that keep the conditions.
    best : list of float
        The least mean in each scenario.
    """

    def __init__(self, truths: list[LuckTruth], network: Network, budget: float) -> None:
        self._truths = truths
        self.plans = list(feasible_plans(network, budget))
        self.best = [min(truth.mean(plan) for plan in self.plans) for truth in truths]
        self.room = 2.0 * max(truth.room for truth in truths)

    def regrets(self, plan: Plan) -> list[float]:
        """Return how much more a plan leaves in each scenario than the best one there."""
        both = zip(self._truths, self.best, strict=True)
        return [truth.mean(plan) - best for truth, best in both]

    @property
    def least(self) -> float:
        """The least that the most regret of a plan is."""
        return min(max(self.regrets(plan)) for plan in self.plans)


def truths_of(network: Network, aim: Aim, ties: Ties) -> list[LuckTruth]:
    """Return the means of plans in each scenario."""
    worlds = [network.scenario(row.scenario) for row in network.scenarios]
    return [LuckTruth(world, aim, ties) for world in worlds]


def disputed(dice: Dice) -> Network:
    """Return routes side by side, a measure for each, of which every scenario has other ones."""
    routes = [f"r{n}" for n in range(ROUTES)]
    most = dice.pick((8.0, 30.0, 30.0))
    network = line(
        supplies=[schema.Supply(node="A", commodity="c", capacity=most)],
        demands=[schema.Demand(node="M", commodity="c", quantity=most, price=2000.0)],
        arcs=[
            *(
                schema.Arc(
                    arc=name, tail="A", head="T", commodities=("c",), capacity=1.0 + dice.upto(5)
                )
                for name in routes
            ),
            schema.Arc(arc="end", tail="T", head="M", commodities=("c",), capacity=40.0),
        ],
        measures=[
            replace(measure(f"m{name}", cost=1.0 + dice.upto(2)), success=dice.pick(LIKELY))
            for name in routes
        ],
        effects=[
            effect(f"m{name}", "arc", dice.pick((name, name, routes[0])), cut=dice.pick((1.0, 0.5)),
                   success=dice.pick(LIKELY))
            for name in routes
        ],
    )  # fmt: skip
    names = [f"w{n}" for n in range(SCENARIOS)]
    changes = [
        schema.Change(
            scenario=name, on="arc", target=route, column="capacity",
            factor=dice.pick((0.25, 1.5, 3.0)),
        )
        for name in names[1:]
        for route in dice.subset(routes)
    ]  # fmt: skip
    weights = [1.0, *(dice.pick((0.0, 1.0, 2.0)) for _ in names[1:])]
    scenarios = [
        schema.Scenario(scenario=name, name=f"World {name}", weight=weight)
        for name, weight in zip(names, weights, strict=True)
    ]
    return network.replace(scenarios=scenarios, changes=changes)


def drawn(quarry: Quarry) -> tuple[Network, Dice]:
    """Return a network with scenarios whose measures may fail, and the dice for questions."""
    dice = Dice.seeded(f"luck-regret-{quarry}")
    if dice.chance(70):
        return disputed(dice), dice
    network = with_chances(dice, valid_network(dice, HUNTED[quarry.shape], MOST))
    return with_scenarios(dice, network, SCENARIOS), dice


def faults_of(quarry: Quarry, aim: Aim, ties: Ties) -> list[str]:
    """Return what is wrong with the answers about a network."""
    network, dice = drawn(quarry)
    if not may_fail_somewhere(network):
        return []
    truths = truths_of(network, aim, ties)
    asked: dict[str, Any] = {"objective": aim, "ties": ties, "criterion": "regret", "threads": 1}
    budget = drawn_budget(dice, network)
    plan = tuple(dice.subset([row.measure for row in network.measures]))
    found = [f"evaluate {plan}: {each}" for each in valued(network, truths, plan, asked)]
    answers = best(network, truths, budget, asked)
    return [*found, *(f"solve budget {budget!r}: {each}" for each in answers)]


def valued(
    network: Network, truths: list[LuckTruth], plan: Plan, asked: dict[str, Any]
) -> Iterator[str]:
    """Yield what is wrong with the regret of a plan made by hand."""
    truth = RegretTruth(truths, network, plan_cost(network, plan))
    if not truth.plans:
        return
    try:
        answer = evaluate(network, plan, gap=0.0, **asked)
    except Exception as error:  # whatever the program raises is a finding
        yield f"{type(error).__name__}: {error}"
        return
    assert isinstance(answer, LuckSolution)
    yield from _told(answer, truth, plan)


def best(
    network: Network, truths: list[LuckTruth], budget: float, asked: dict[str, Any]
) -> Iterator[str]:
    """Yield what is wrong with the plan of the least regret for a budget."""
    truth = RegretTruth(truths, network, budget) if list(feasible_plans(network, budget)) else None
    if truth is None:
        return
    try:
        answer = solve(network, budget=budget, gap=0.0, **asked)
    except Exception as error:  # whatever the program raises is a finding
        yield f"{type(error).__name__}: {error}"
        return
    assert isinstance(answer, LuckSolution)
    assert answer.bound is not None
    for what, wrong in (
        ("breaks a condition", answer.measures not in truth.plans),
        ("bound above the best plan", answer.bound > truth.least + truth.room),
        ("no proof", answer.status != "optimal"),
        ("better plan", answer.value > truth.least + truth.room),
    ):
        if wrong:
            told = f"{answer.value!r} bound {answer.bound!r}"
            yield f"{what}: {answer.measures} {told} of {truth.least!r}"
    yield from _told(answer, truth, answer.measures)


def _told(answer: LuckSolution, truth: RegretTruth, plan: Plan) -> Iterator[str]:
    """Yield what is wrong with the regrets of a plan, and the best plans of the scenarios."""
    right, high = truth.regrets(plan), answer.regret_high
    if abs(answer.value - max(right)) > truth.room:
        yield f"value {answer.value!r}, right {max(right)!r}"
    if high is None or high < max(right) - truth.room:
        yield f"the most that it can be is {high!r}, right {max(right)!r}"
    for row, regret, least in zip(answer.scenarios, right, truth.best, strict=True):
        assert row.own_best is not None
        assert row.own_bound is not None
        assert row.regret is not None
        own = tuple(filter(None, row.own_measures.split(";")))
        for what, wrong in (
            ("own best", abs(row.own_best - least) > truth.room),
            ("own bound", row.own_bound > least + truth.room),
            ("own plan breaks a condition", own not in truth.plans),
            ("regret", abs(row.regret - regret) > truth.room),
        ):
            if wrong:
                yield f"{row.scenario}: {what}: {row}, right {least!r} and {regret!r}"
    yield from unverified(answer)


def main(words: list[str] | None = None) -> int:
    return hunted("tests.hunt.luck_regret", __doc__, of_all_shapes(faults_of), words)


if __name__ == "__main__":
    sys.exit(main())
