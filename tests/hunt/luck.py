"""`python -m tests.hunt.luck`: plans whose measures may fail, held against brute force.

It draws networks of many shapes whose measures, and some rows of whose effects, may fail. Of each
it asks what a plan leaves in the mean over what works, for one of the objectives and ties in turn,
and for the best plan and its bound. The truth tries every fall of every
coin, and every plan, in exact numbers. Each result must pass `verify`, too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import flowopt
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.planning.evaluate import evaluate
from flowopt.planning.solve import solve
from flowopt.results.luck_plans import LuckPlans
from flowopt.results.luck_solution import LuckSolution
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.shapes import HUNTED
from tests.drawn.wild import valid_network
from tests.hunt.counted import hunted, of_all_shapes
from tests.hunt.networks import Quarry
from tests.hunt.questions import drawn_budget
from tests.oracles.enumerate import Known, Plan, feasible_plans
from tests.oracles.luck import expected_value
from tests.oracles.response import Aim, Ties
from tests.oracles.rounding import EQUAL, allowed, size

MOST = 3  # measures of a network: each plan has up to two falls for each of them and its rows


class LuckTruth:
    """Means of plans over every fall of every coin."""

    def __init__(self, network: Network, objective: Aim, ties: Ties) -> None:
        self._network, self._objective, self._ties = network, objective, ties
        self._known: Known = {}
        self._means: dict[Plan, float] = {}
        self.nothing = self.mean(())
        self.size = size(network, objective)
        self.room = 4.0 * allowed(objective, self.nothing, self.size) + EQUAL * self.size

    def mean(self, plan: Plan) -> float:
        """Return what a plan leaves in the mean."""
        if plan not in self._means:
            network = self._network
            self._means[plan] = expected_value(
                network,
                plan,
                [row.success for row in network.measures],
                [row.success for row in network.effects],
                self._objective,
                self._ties,
                self._known,
            )
        return self._means[plan]


def drawn(quarry: Quarry) -> tuple[Network, Dice]:
    """Return a network whose measures may fail, and the dice with which questions are drawn."""
    dice = Dice.seeded(f"luck-{quarry}")
    return with_chances(dice, valid_network(dice, HUNTED[quarry.shape], MOST)), dice


def faults_of(quarry: Quarry, aim: Aim, ties: Ties) -> list[str]:
    """Return what is wrong with the answers about a network."""
    network, dice = drawn(quarry)
    if not may_fail(network):
        return []
    truth = LuckTruth(network, aim, ties)
    plan = tuple(dice.subset([row.measure for row in network.measures]))
    asked: dict[str, Any] = {"objective": aim, "ties": ties}
    found = [f"evaluate {plan}: {fault}" for fault in _valued(network, truth, plan, asked)]
    budget = drawn_budget(dice, network)
    answers = _best(network, truth, budget, asked, wanted=1 + quarry.number % 3)
    return found + [f"solve budget {budget!r}: {fault}" for fault in answers]


def _valued(network: Network, truth: LuckTruth, plan: Plan, asked: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the value of a plan."""
    try:
        answer = evaluate(network, plan, **asked)
    except Exception as error:  # whatever the program raises is a finding
        yield f"{type(error).__name__}: {error}"
        return
    assert isinstance(answer, LuckSolution)
    right = truth.mean(plan)
    if abs(answer.value - right) > truth.room:
        yield f"value {answer.value!r}, right {right!r}"
    yield from _worths(network, truth, plan, answer)
    yield from unverified(answer)


def _worths(network: Network, truth: LuckTruth, plan: Plan, answer: LuckSolution) -> Iterator[str]:
    """Yield what is wrong with what measures are worth in the mean, dropped and added."""
    room = 2.0 * truth.room
    for row in answer.plan:
        lost = truth.mean(dropped(network, plan, row.measure)) - truth.mean(plan)
        if row.how != "counted" or abs((row.lost_if_dropped or 0.0) - lost) > room:
            yield f"without {row.measure}: {row.lost_if_dropped!r} {row.how}, right {lost!r}"
    told = {row.measure: row.adds for row in answer.next}
    for name in (row.measure for row in network.measures if row.measure not in plan):
        grown = joined(network, plan, name)
        adds = 0.0 if grown is None else truth.mean(plan) - truth.mean(grown)
        if abs(told.get(name, 0.0) - max(0.0, adds)) > room:
            yield f"with {name}: {told.get(name)!r}, right {adds!r}"


def joined(network: Network, plan: Plan, name: str) -> Plan | None:
    """Return a plan with one measure more and what it requires; None where a rule forbids it."""
    needed = {name}
    while more := {
        row.other
        for row in network.rules
        if row.relation == "requires" and row.measure in needed and row.other not in needed
    }:
        needed |= more
    both, bought = needed | set(plan), needed - set(plan)
    for row in network.rules:
        ends = {row.measure, row.other}
        if row.relation == "excludes" and ends <= both and ends & bought:
            return None
    return tuple(row.measure for row in network.measures if row.measure in both)


def dropped(network: Network, plan: Plan, name: str) -> Plan:
    """Return a plan without a measure, and without those that require it."""
    left = set(plan) - {name}
    requires = [row for row in network.rules if row.relation == "requires"]
    gone = {name}
    while gone:
        gone = {r.measure for r in requires if r.measure in left and r.other in gone}
        left -= gone
    return tuple(each for each in plan if each in left)


def _best(
    network: Network, truth: LuckTruth, budget: float, asked: dict[str, Any], *, wanted: int
) -> Iterator[str]:
    """Yield what is wrong with the best plans for a budget, of which so many are wanted."""
    plans = list(feasible_plans(network, budget))
    if not plans:
        return
    try:
        answer = solve(network, budget=budget, threads=1, alternatives=wanted, **asked)
    except Exception as error:  # whatever the program raises is a finding
        yield f"{type(error).__name__}: {error}"
        return
    assert isinstance(answer, LuckSolution)
    assert answer.bound is not None
    least = min(truth.mean(plan) for plan in plans)
    gap = 1e-4 * abs(least) if answer.status == "optimal" else float("inf")
    for what, wrong in (
        ("breaks a condition", answer.measures not in plans),
        ("value", abs(answer.value - truth.mean(answer.measures)) > truth.room),
        ("bound above the best plan", answer.bound > least + truth.room),
        ("bound above the value", answer.bound > answer.value),
        ("no proof", answer.status != "optimal"),
        ("better plan", answer.value > least + gap + truth.room),
    ):
        if wrong:
            yield f"{what}: {answer.measures} {answer.value!r} bound {answer.bound!r} of {least!r}"
    yield from _ranked(plans, truth, answer, wanted)
    yield from unverified(answer)


def _ranked(left: list[Plan], truth: LuckTruth, answer: LuckSolution, wanted: int) -> Iterator[str]:
    """Yield what is wrong with a list of the best plans, of which so many were wanted."""
    room = truth.room
    for row in answer.alternatives:
        plan = tuple(filter(None, row.measures.split(";")))
        least = min(map(truth.mean, left), default=float("inf"))
        gap = 1e-4 * abs(least) if row.status == "optimal" else float("inf")
        for what, wrong in (
            ("is none of those left", plan not in left),
            ("value", abs(row.value - truth.mean(plan)) > room),
            ("bound", row.rank_bound > min(row.value, least + room)),
            ("no proof", row.status != "optimal"),
            ("better plan", row.value > least + gap + room),
        ):
            if wrong:
                yield f"rank {row.rank}, {what}: {plan} {row.value!r} of {least!r}"
        left = [each for each in left if not set(plan) <= set(each)]
    if left and len(answer.alternatives) < wanted > 1:
        yield f"{len(answer.alternatives)} of {wanted} plans, and {left} are left"


def unverified(answer: LuckSolution | LuckPlans) -> Iterator[str]:
    """Yield what `verify` finds in a result."""
    with TemporaryDirectory() as home:
        answer.write(Path(home) / "result")
        verdict = flowopt.verify(Path(home) / "result")
    if not verdict.passed:
        yield f"verify: {list(verdict.lines(only_failures=True))}"


def main(words: list[str] | None = None) -> int:
    return hunted("tests.hunt.luck", __doc__, of_all_shapes(faults_of), words)


if __name__ == "__main__":
    sys.exit(main())
