"""The best plans where measures may fail, from the best down.

None of them holds all of an earlier one: it would cost more, or be as good only because the earlier
one is. Each is looked for, and proved, among the plans that this leaves. Where the proof of one was
cut short, a later one may turn out better; then it takes that place, and those behind it are looked
for anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from flowopt.clock import Clock
from flowopt.model.incumbent import Plan
from flowopt.model.plan_luck import Expectation
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.plan_constraints import forced_plan
from flowopt.planning.plan_request import AlternativesRequest
from flowopt.planning.scenario_run import FoundForAll
from flowopt.results.numbers import EQUAL

_FIRST_SHARE = 0.5  # of the time, for the best plan where others are wanted, too
_LEAST_SHARE = 0.125  # of the time left, for each of the others


@dataclass(frozen=True, slots=True)
class RankedPlan:
    """One of the best plans, with its mean over what works."""

    found: FoundForAll
    expectation: Expectation


class BestPlans:
    """Search for the best plans on one network, from the best down.

    Parameters
    ----------
    run
        A run in which nothing was looked for yet.
    wanted
        How many, more than one, and how much worse than the best.

    Attributes
    ----------
    found : list of FoundForAll
        The plans; empty before `look`.
    """

    def __init__(self, run: LuckRun, wanted: AlternativesRequest) -> None:
        self._run, self._wanted = run, wanted
        self.found: list[FoundForAll] = []

    def look(self, hints: Sequence[Plan], bound: float) -> None:
        """Look for the plans.

        Parameters
        ----------
        hints
            Plans to begin with, one of them allowed.
        bound
            What no plan goes below.
        """
        run, limits, whole = self._run, self._run.limits, self._run.whole_clock
        forced = forced_plan(run.model, limits)
        found = self.found = [run.again(limits, bound, hints, whole.part(_FIRST_SHARE))]
        whole, run.tells = whole.before(run.telling(whole)), False
        while len(found) < self._wanted.count and not found[-1].plan <= forced:
            if run.interrupted or whole.late():
                return
            covers = (*limits.covers, *(each.plan for each in found))
            clock = whole.part(max(_LEAST_SHARE, 1.0 / (self._wanted.count - len(found))))
            best = run.again(
                replace(limits, covers=covers), found[-1].bound, [*hints, forced], clock
            )
            if best.plan not in run.by_scenario or not self._taken(best):
                return

    def told(self, first: Expectation, clock: Clock) -> list[RankedPlan]:
        """Return the plans with the means that are told of them.

        Parameters
        ----------
        first
            The mean of the best plan.
        clock
            The time for all that is told.
        """
        told, worst = [RankedPlan(self.found[0], first)], self._worst(first.mean)
        values = self._run.worlds[0].values
        for left, each in zip(range(len(self.found) - 1, 0, -1), self.found[1:], strict=True):
            until = None if clock.limit is None else clock.part(0.5 / left).deadline
            mean = values.expected(each.plan, until=until)
            if mean.mean <= worst:
                told.append(RankedPlan(each, mean))
        return told

    def _taken(self, best: FoundForAll) -> bool:
        """Take a plan for its place; return whether it was not too bad to be taken."""
        found, same = self.found, EQUAL * self._run.scale
        for place, each in enumerate(found):
            if best.value < each.value - same:
                found[place:] = [self._run.judged(best.value, each.bound)]
                return True
        if best.value > self._worst(found[0].value):
            return False
        found.append(best)
        return True

    def _worst(self, best: float) -> float:
        """Return the worst value that a plan may have beside the best one."""
        within = self._wanted.within
        return np.inf if within is None else best + within * abs(best) + EQUAL * self._run.scale
