"""Means over what works of the plans that people try, where measures may fail.

A tick has to be quick: what may work of a plan is counted where it hangs on few chances, and drawn
where it hangs on more. What was valued once is kept, so that a tick more takes only what it adds.
The saved result of a plan tells its mean by all outcomes, or by many draws.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from flowopt.clock import Clock
from flowopt.defaults import TIE_RULE
from flowopt.errors import OutOfTime
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import build_in_time
from flowopt.model.coverage import kept_to
from flowopt.model.criterion import Criterion
from flowopt.model.incumbent import Plan
from flowopt.model.luck import Chances, Luck
from flowopt.model.plan_luck import Expectation, LuckValues
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.planning.luck_marginal import next_under_luck
from flowopt.planning.lucky_worlds import LuckyWorld, ValuedPlan
from flowopt.planning.marginal_values import TOO_LATE
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.scenario_problem import World
from flowopt.report.digits import fixed
from flowopt.report.luck_text import of_hundred
from flowopt.results.luck_rows import LuckNextMeasure
from flowopt.results.luck_solution import quantile
from flowopt.results.numbers import rounded
from flowopt.results.response import Response
from flowopt.results.rows import Rows

FEW = 8  # chances of a plan up to which all that may work is counted at a tick
DRAWN = 100  # draws for a plan that hangs on more
_KEPT = 50_000  # values of what may work


@dataclass(frozen=True, slots=True)
class LuckOfPlan:
    """The luck of a plan that was tried.

    Attributes
    ----------
    mean, half_width : float
        The objective in the mean over what works, and half the width of the interval around it
        where that is an estimate; 0 where all outcomes were counted.
    draws : int or None
        Of an estimate.
    left_p05, left_p95 : float
        In 5 of 100 years the objective is no more than the first, in 95 no more than the second.
    all_works, all_works_value : float
        How likely it is that all that can work does, and the objective then.
    promised : float
        What it would cut in the mean if the trafficker kept to what it does today.
    """

    mean: float
    half_width: float
    draws: int | None
    left_p05: float
    left_p95: float
    all_works: float
    all_works_value: float
    promised: float


class LiveLuck:
    """Means over what works of plans that are tried on one network.

    Parameters
    ----------
    network
        The network, whose measures may fail.
    problem
        The question on the network in which all works that can.
    baseline
        What the trafficker does without measures.
    """

    def __init__(self, network: Network, problem: PlanProblem, baseline: Response) -> None:
        luck = Luck(network, Chances.of(network))
        model = build_in_time(luck.network, Clock(None, time.perf_counter()))
        objective = problem.request.objective
        self._luck, self._network, self._baseline = luck, network, baseline
        self._problem = problem
        self._acting = replace(problem, network=luck.network, model=model)
        self._values = LuckValues(luck, BestResponseSolver(model, objective, ties=TIE_RULE))
        kept = kept_to(model, luck.network, baseline.proof)
        planner = OBJECTIVES[objective].planner
        self._still = LuckValues(luck, BestResponseSolver(kept, planner))

    def of(self, plan: Plan) -> LuckOfPlan:
        """Return the luck of a plan."""
        self._values, self._still = _emptied(self._values), _emptied(self._still)
        found, still = _expected(self._values, plan), _expected(self._still, plan)
        everything = self._luck.acting(plan)
        spread = [
            (each.value, each.outcome.probability if each.draws is None else float(each.draws))
            for each in found.outcomes
        ]
        return LuckOfPlan(
            mean=rounded(found.mean),
            half_width=rounded(found.half_width),
            draws=found.draws,
            left_p05=rounded(quantile(spread, 0.05)),
            left_p95=rounded(quantile(spread, 0.95)),
            all_works=self._luck.probability(plan, everything),
            all_works_value=rounded(self._values.value_of(everything)),
            promised=max(0.0, rounded(self._baseline.value - still.mean)),
        )

    def following(self, plan: Plan, seconds: float) -> tuple[Rows[LuckNextMeasure], Sequence[str]]:
        """Return the measures that would add most to a plan in the mean, one at a time."""
        objective = self._problem.request.objective
        trafficker = BestResponseSolver(self._acting.model, objective, ties=TIE_RULE)
        trafficker.deadline = time.perf_counter() + seconds
        values = LuckValues(self._luck, trafficker)
        world = World("", "as it stands", 1.0, self._network)
        lucky = LuckyWorld(world, self._problem, self._acting, values)
        try:
            found = _expected(values, plan)
        except OutOfTime:
            return Rows(LuckNextMeasure), (TOO_LATE,)
        valued = ValuedPlan(lucky, plan, found, self._baseline.value)
        mean = Criterion("expected", np.ones(1), np.zeros(1))
        return next_under_luck([valued], mean, rounded(found.mean))


def luck_words(luck: LuckOfPlan, unit: str, places: int = 2) -> str:
    """Return what the luck of a plan means, in sentences."""
    numbers = (luck.left_p05, luck.left_p95, luck.all_works_value)
    low, high, whole = (fixed(number, places) for number in numbers)
    how = "That is the mean over what works"
    if luck.draws is not None:
        how += f", estimated by {luck.draws} draws (± {fixed(luck.half_width, places)})"
    return (
        f"{how}: {fixed(luck.mean, places)} {unit} left, 5 to 95 of 100: {low} to {high}; all of "
        f"it works in {of_hundred(luck.all_works)} of 100 years and then leaves {whole}, as the "
        "flows show."
    )


def _expected(values: LuckValues, plan: Plan) -> Expectation:
    return values.expected(plan, draws=DRAWN, most=FEW)


def _emptied(values: LuckValues) -> LuckValues:
    """Return the same means, anew where they have kept many values."""
    return values if values.looked <= _KEPT else LuckValues(values.luck, values.trafficker)
