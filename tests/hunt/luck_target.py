"""`python -m tests.hunt.luck_target`: targets where measures may fail, held against brute force.

It draws networks of many shapes, some with scenarios, whose measures and some rows of whose effects
may fail. Of each it asks for the cheapest plan that brings the mean over what works, or a criterion
of means, to a target: to what some plan leaves exactly, between two plans, or out of reach. The
truth tries every fall of every coin, in every scenario, of every plan. Each result must pass
`verify`, by enumeration, too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import flowopt
from flowopt.criteria import CRITERION_NAMES, CriterionName
from flowopt.network.chances import may_fail, may_fail_somewhere
from flowopt.network.network import Network
from flowopt.planning.enumerate import prove_by_enumeration
from flowopt.planning.solve import solve
from flowopt.results.luck_solution import LuckSolution
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.scenarios import with_scenarios
from tests.drawn.shapes import HUNTED
from tests.drawn.wild import valid_network
from tests.hunt.counted import hunted, of_all_shapes
from tests.hunt.luck import MOST, LuckTruth
from tests.hunt.luck_regret import SCENARIOS, disputed, truths_of
from tests.hunt.networks import Quarry
from tests.hunt.questions import drawn_budget
from tests.oracles.criterion import criterion_of
from tests.oracles.enumerate import feasible_plans, plan_cost
from tests.oracles.response import Aim, Ties


class TargetTruth:
    """What plans cost, and the criterion of their means over every fall of every coin.

    Attributes
    ----------
    values : dict
        By plan that keeps the conditions, its criterion; for `cut` what is taken off, below 0.
    room : float
        Rounding of these values.
    """

    def __init__(
        self,
        network: Network,
        truths: list[LuckTruth],
        criterion: CriterionName | None,
        budget: float,
    ) -> None:
        self._network = network
        self.room = 2.0 * max(truth.room for truth in truths)
        plans = list(feasible_plans(network, budget))
        weights = [row.weight for row in network.scenarios] if criterion else [1.0]
        shares = [weight / sum(weights) for weight in weights]
        means = {plan: [truth.mean(plan) for truth in truths] for plan in plans}
        reference = [0.0] * len(truths)
        if criterion == "cut":
            reference = [truth.nothing for truth in truths]
        if criterion == "regret" and plans:
            places = range(len(truths))
            reference = [min(means[plan][place] for plan in plans) for place in places]
        self.values = {
            plan: criterion_of(
                criterion or "expected",
                [mean - known for mean, known in zip(means[plan], reference, strict=True)],
                shares,
            )
            for plan in plans
        }

    def least(self, most: float) -> float | None:
        """Return the least cost of a plan whose criterion is no more; None where none is."""
        costs = [plan_cost(self._network, p) for p, value in self.values.items() if value <= most]
        return min(costs, default=None)


def drawn(quarry: Quarry) -> tuple[Network, CriterionName | None, Dice]:
    """Return a network whose measures may fail, a criterion, and the dice for questions."""
    dice = Dice.seeded(f"luck-target-{quarry}")
    if dice.chance(50):
        return with_chances(dice, valid_network(dice, HUNTED[quarry.shape], MOST)), None, dice
    criterion = dice.pick(CRITERION_NAMES)
    if dice.chance(50):
        return disputed(dice), criterion, dice
    network = with_chances(dice, valid_network(dice, HUNTED[quarry.shape], MOST))
    return with_scenarios(dice, network, SCENARIOS), criterion, dice


def faults_of(quarry: Quarry, aim: Aim, ties: Ties) -> list[str]:
    """Return what is wrong with the answers about a network."""
    network, criterion, dice = drawn(quarry)
    if not (may_fail(network) if criterion is None else may_fail_somewhere(network)):
        return []
    truths = [LuckTruth(network, aim, ties)] if criterion is None else truths_of(network, aim, ties)
    budget = drawn_budget(dice, network) if dice.chance(30) else None
    truth = TargetTruth(network, truths, criterion, float("inf") if budget is None else budget)
    found = []
    for target in _targets(dice, truth, criterion):
        asked: dict[str, Any] = {"objective": aim, "ties": ties, "target": target, "budget": budget}
        asked |= {} if criterion is None else {"criterion": criterion}
        found += [f"solve {asked}: {fault}" for fault in cheapest(network, truth, asked)]
    return found


def _targets(dice: Dice, truth: TargetTruth, criterion: CriterionName | None) -> list[float]:
    """Return what is asked for: what a plan leaves or takes off, between two, out of reach."""
    sign = -1.0 if criterion == "cut" else 1.0
    left = sorted({round(value, 9) for value in truth.values.values()}) or [1.0]
    chosen = [dice.pick(left), 0.5 * (dice.pick(left) + dice.pick(left)), 0.9 * left[0]]
    if criterion == "cut":
        chosen[2] = 1.1 * left[0] - 0.5
    return [sign * each for each in chosen if sign * each >= 0.0]


def cheapest(network: Network, truth: TargetTruth, asked: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the cheapest plan that reaches a target."""
    criterion = asked.get("criterion")
    most = -asked["target"] if criterion == "cut" else asked["target"]
    sure, may = truth.least(most - truth.room), truth.least(most + truth.room)
    try:
        answer = solve(network, threads=1, gap=0.0, **asked)
    except Exception as error:  # whatever the program raises is a finding
        yield f"{type(error).__name__}: {error}"
        return
    if not isinstance(answer, LuckSolution):
        if sure is not None or answer.status != "infeasible":
            yield f"{answer.status}: {answer.reasons}, of a plan for {sure!r}"
        yield from unproved(answer)
        return
    right, cost = truth.values.get(answer.measures), answer.cost_bound or 0.0
    for what, wrong in (
        ("breaks a condition", right is None),
        ("reached by none", may is None),
        ("value", right is not None and abs(answer.value - right) > truth.room),
        ("misses the target", right is not None and right > most + truth.room),
        ("no proof", answer.status != "optimal"),
        ("cheaper plan", sure is not None and answer.spent > sure + 1e-6),
        # Whether a plan within rounding of the target reaches it is open.
        ("bound above the cheapest", sure is not None and cost > sure + 1e-6),
        ("bound above the cost", cost > answer.spent + 1e-9),
    ):
        if wrong:
            told = f"{answer.measures} {answer.value!r} for {answer.spent!r}"
            yield f"{what}: {told} bound {answer.cost_bound!r} of {sure!r} to {may!r}"
    yield from unproved(answer)


def unproved(answer: Any) -> Iterator[str]:
    """Yield what `verify` finds in a result, every plan tried."""
    with TemporaryDirectory() as home:
        answer.write(Path(home) / "result")
        verdict = flowopt.verify(Path(home) / "result")
        checks = prove_by_enumeration(Path(home) / "result")
    verdict = replace(verdict, checks=(*verdict.checks, *checks))
    if not verdict.passed:
        yield f"verify: {list(verdict.lines(only_failures=True))}"


def main(words: list[str] | None = None) -> int:
    return hunted("tests.hunt.luck_target", __doc__, of_all_shapes(faults_of), words)


if __name__ == "__main__":
    sys.exit(main())
