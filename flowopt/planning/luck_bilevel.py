"""The best `bilevel` plan where measures may fail.

A measure that works may do harm here: what is left when all works bounds no mean. What may act of a
plan is always a set of measures, and of rows of effects that have a chance of their own, which
costs no more than the plan. So what no such set brings the objective below bounds every outcome of
every plan, and with them its mean. That is found once, as if all worked, with each of those rows as
a measure for nothing that requires its own.

Where plans are few, all of them are tried in every outcome of their luck, which proves the best.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.activities import Floats
from flowopt.model.feasible_plans import allowed, plan_key
from flowopt.model.incumbent import Plan
from flowopt.model.luck import COUNTED
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.lucky_worlds import LuckyWorld
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.solve_run import SolveRun
from flowopt.results.numbers import EQUAL

_MOST_TRIED = 12  # measures that may be in plans of which all are tried, at most
_MOST_OUTCOMES = 60_000  # of all these plans together
_TRYING_SHARE = 0.6  # of the time left, at most, goes to trying them


def bounds_of_outcomes(worlds: Sequence[LuckyWorld], options: RunOptions, clock: Clock) -> Floats:
    """Return what no outcome of an allowed plan goes below, by scenario.

    Parameters
    ----------
    worlds, options
        The scenarios under luck, and how they are solved.
    clock
        The time for all of them, in equal parts.
    """
    return np.array([bound for bound, _ in bests_of_outcomes(worlds, options, clock)])


def bests_of_outcomes(
    worlds: Sequence[LuckyWorld], options: RunOptions, clock: Clock
) -> list[tuple[float, Plan]]:
    """Return `bounds_of_outcomes`, each with the measures of the best set that may act."""
    quiet, found = replace(options, on_progress=None), list[tuple[float, Plan]]()
    for place, each in enumerate(worlds):
        run = SolveRun(of_sets(each), quiet, clock.part(1.0 / (len(worlds) - place)))
        run.least_work = 0  # what is found late proves nothing more
        owners = each.values.luck.owners
        try:
            best = run.run(run.value(()))
        except OutOfTime:
            found.append((0.0, frozenset()))
            continue
        found.append((max(0.0, best.bound), frozenset(owners[part] for part in best.plan)))
    return found


def of_sets(world: LuckyWorld) -> PlanProblem:
    """Return the request for the best set that may act, whatever the plan."""
    problem, owners = world.acting, world.values.luck.owners
    real = len(world.problem.model.measures)
    parts = tuple((part, owners[part]) for part in range(real, len(owners)))
    return replace(
        problem,
        model=replace(problem.model, requires=parts, needs=()),
        constraints=replace(problem.constraints, include=frozenset()),
    )


class LuckBilevelRun(LuckRun):
    """Run for the best plan where a measure that works may do harm."""

    @property
    def _unknown(self) -> float:
        """Infinity: a plan may leave more than no measures."""
        return math.inf

    def _prove_by_cuts(self) -> None:
        """Try every plan in every outcome of its luck, where they are few."""
        plans = few_plans(self)
        if plans is None:
            return
        for plan in plans:
            if self.ended():
                return
            self._note(plan, [each.values.searched(plan) for each in self.worlds])
            self._exact.add(plan)
        self._bound = least = min(self._means[plan] for plan in plans)
        best = [plan for plan in plans if self._means[plan] <= least + EQUAL * self.scale]
        self.best_plan = min(best, key=lambda plan: plan_key(self.model, plan))
        self.best_value = self._means[self.best_plan]

    def judged(self, value: float, bound: float | None = None) -> FoundForAll:
        """Return the best plan with its status; nodes end no proof here."""
        found = super().judged(value, bound)
        return replace(found, limit=None) if found.limit == "nodes" else found


def few_plans(run: LuckRun) -> list[Plan] | None:
    """Return all plans that a run allows; None where they, or their outcomes, are too many."""
    optional = [m for m in range(len(run.model.measures)) if m not in run.limits.exclude]
    lucks = [each.values.luck for each in run.worlds]
    if len(optional) > _MOST_TRIED or any(len(luck.coins_of(optional)) > COUNTED for luck in lucks):
        return None
    plans = [plan for plan in _subsets(optional) if allowed(run.model, run.limits, plan)]
    outcomes = sum(2 ** len(luck.coins_of(plan)) for plan in plans for luck in lucks)
    # What acts is a set of parts, and is valued once, in whichever outcomes it comes.
    takes = sum(
        min(outcomes, 2 ** len(each.values.luck.owners)) * each.values.seconds
        for each in run.worlds
    )
    late = takes > _TRYING_SHARE * run.clock.left()
    return None if outcomes > _MOST_OUTCOMES or late else plans


def _subsets(measures: Sequence[int]) -> Iterator[Plan]:
    for count in range(len(measures) + 1):
        yield from map(frozenset, combinations(measures, count))
