"""`python -m tests.hunt.criterion`: one plan for several scenarios, held against brute force.

It draws networks of many shapes with scenarios of their own, hard ones among them: some in which
nothing arrives, some alike, some without weight. Of each it asks for the best plan by every
criterion, for one of the objectives and ties in turn. The truth tries every plan in every scenario,
in exact numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from flowopt.clock import Clock
from flowopt.criteria import CRITERIA, CRITERION_NAMES, CriterionName
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.planning.own_bests import OwnBests
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest, scenario_problem_of, worlds_of
from flowopt.planning.scenario_run import FoundForAll, ScenarioRun
from tests.drawn.dice import Dice
from tests.drawn.scenarios import with_scenarios
from tests.hunt.counted import hunted, of_all_shapes
from tests.hunt.networks import Quarry
from tests.hunt.questions import drawn_budget
from tests.hunt.truth import Truth
from tests.oracles.criterion import criterion_of
from tests.oracles.enumerate import Plan
from tests.oracles.response import Aim, Ties
from tests.oracles.rounding import EQUAL, Range, allowed, missing

MOST = 4  # scenarios of a network
GAPS = (0.0, 1e-4, 1e-2)


class CriterionTruth:
    """Where the criterion of each plan lies, tried out in every scenario."""

    def __init__(self, network: Network, budget: float, objective: Aim, ties: Ties) -> None:
        truths = [Truth(network.scenario(row.scenario)) for row in network.scenarios]
        weights = [row.weight for row in network.scenarios]
        self.shares = [weight / sum(weights) for weight in weights]
        self.values = [truth.ranges(objective, ties, budget) for truth in truths]
        self.nothing = [truth.range((), objective, ties) for truth in truths]
        self.sizes = [truth.size(objective) for truth in truths]
        self.objective = objective
        self.rounding = [
            allowed(objective, before.high, size)
            for before, size in zip(self.nothing, self.sizes, strict=True)
        ]

    @property
    def plans(self) -> list[Plan]:
        """The plans that keep every condition."""
        return list(self.values[0])

    def base(self, name: CriterionName) -> float:
        """Return what gaps are shares of where values are next to nothing."""
        before = [each.high for each in self.nothing]
        if CRITERIA[name].differs:
            return max(before)
        return criterion_of(name, before, self.shares)

    def best_alone(self, scenario: int) -> Range:
        """Return where the value of the best plan for one scenario lies."""
        values = self.values[scenario].values()
        return Range(min(each.low for each in values), min(each.high for each in values))

    def of(self, name: CriterionName, plan: Plan) -> Range:
        """Return where the criterion of a plan lies."""
        values = [of[plan] for of in self.values]
        reference = {
            "zero": [Range(0.0, 0.0) for _ in values],
            "nothing": self.nothing,
            "best": [self.best_alone(s) for s in range(len(values))],
        }[CRITERIA[name].reference]
        pairs = list(zip(values, reference, strict=True))
        low = criterion_of(name, [v.low - r.high for v, r in pairs], self.shares)
        return Range(low, criterion_of(name, [v.high - r.low for v, r in pairs], self.shares))

    def faults(self, name: CriterionName, run: ScenarioRun, found: FoundForAll) -> Iterator[str]:
        """Yield what is wrong with an answer."""
        shift, measures = run.criterion.shift, run.model.measures
        value, bound = found.value - shift, found.bound - shift
        plan = tuple(m for i, m in enumerate(measures) if i in found.plan)
        if plan not in self.values[0]:
            yield f"the plan {plan} breaks a condition"
            return
        own, base = self.of(name, plan), self.base(name)
        room = 2.0 * max(self.rounding) + EQUAL * max(base, max(self.sizes))
        every = [self.of(name, each) for each in self.plans]
        least, most = min(each.low for each in every), min(each.high for each in every)
        share = run.options.gap
        gap = share * base if CRITERIA[name].differs else missing(share, most)
        proves = OBJECTIVES[self.objective].programme == "zero-sum"
        for what, wrong in (
            ("value of the plan", not own.low - room <= value <= own.high + room),
            ("bound above the best plan", bound > most + room),
            ("bound above the value", bound > value),
            ("better plan", found.status == "optimal" and own.low > most + gap + room),
            ("no proof", proves and found.status != "optimal"),
        ):
            if wrong:
                yield f"{what}: {plan} {value!r} bound {bound!r}, right {least!r} to {most!r}"
        for s, each in enumerate(run.own):
            right = self.best_alone(s)
            if each.bound > right.high + 2.0 * self.rounding[s] + EQUAL * self.sizes[s]:
                yield f"own bound {each.bound!r} of scenario {s} above {right.high!r}"


def drawn(quarry: Quarry) -> tuple[Network, Dice]:
    """Return a network with scenarios, and the dice with which questions are drawn."""
    network, dice = quarry.drawn()
    return with_scenarios(dice, network, 2 + dice.upto(MOST - 2)), dice


def faults_of(quarry: Quarry, aim: Aim, ties: Ties) -> list[str]:
    """Return what is wrong with the answers about a network, by every criterion."""
    network, dice = drawn(quarry)
    budget, gap = drawn_budget(dice, network), dice.pick(GAPS)
    request = PlanRequest(budget=budget, objective=aim, ties=ties)
    truth, kept = CriterionTruth(network, budget, aim, ties), OwnBests()
    if not truth.plans:
        return []
    found: list[str] = []
    for name in CRITERION_NAMES:
        clock = Clock(None)
        asked = f"{name} {aim} {ties} budget {budget!r} gap {gap!r}"
        try:
            problem = scenario_problem_of(
                worlds_of(network), request, CriterionRequest(name), clock
            )
            run = ScenarioRun(problem, RunOptions(gap=gap, threads=1), clock, kept)
            answer = run.solve()
        except Exception as error:  # whatever the program raises is a finding
            found.append(f"{asked}: {type(error).__name__}: {error}")
            continue
        found += [f"{asked}: {fault}" for fault in truth.faults(name, run, answer)]
    return found


def main(words: list[str] | None = None) -> int:
    looked_at, answers = of_all_shapes(faults_of), len(CRITERION_NAMES)
    return hunted("tests.hunt.criterion", __doc__, looked_at, words, answers=answers)


if __name__ == "__main__":
    sys.exit(main())
