"""One plan for several scenarios: search, proof, and the scenarios that bind.

Where the worst scenario counts, a few of them are enough: those that bind. A run looks for the best
plan over these alone; if another scenario is worse under it, that one joins, and the run is
repeated. Its last plan is the best one over all: no plan is better over fewer scenarios than over
all of them, and of those that are as good over all, none ranks before the first over fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from flowopt.clock import LimitReason
from flowopt.criteria import CRITERIA
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import allowed, plan_key
from flowopt.model.incumbent import Plan
from flowopt.model.tightening import far_apart
from flowopt.objectives import OBJECTIVES
from flowopt.planning.criterion_run import (
    CountedScenarios,
    CriterionRun,
    base_of_gaps,
    criterion_gap,
)
from flowopt.planning.own_best_runs import MANY, OwnBestRuns
from flowopt.planning.plan_constraints import forced_plan
from flowopt.planning.solve_run import FoundPlan
from flowopt.results.numbers import EQUAL
from flowopt.results.plan_result import Status

_FEW = 4  # scenarios that count from the start


@dataclass(frozen=True, slots=True)
class FoundForAll:
    """A plan for all scenarios, its criterion, and a bound on that of every plan.

    Where the plan was asked to be cheap, `cost_bound` is what no other that does it can undercut.
    """

    plan: Plan
    value: float
    bound: float
    status: Status | Literal["evaluated"]
    limit: LimitReason | None = None
    cost_bound: float | None = None


class ScenarioRun(OwnBestRuns):
    """Run over several scenarios; parameters and attributes are those of `OwnBestRuns`."""

    @property
    def criterion(self) -> Criterion:
        """The criterion over all scenarios; only known with the own bests where it needs them."""
        traits = CRITERIA[self.problem.wanted.criterion]
        reference = np.zeros(len(self.nothing))
        if traits.reference == "nothing":
            reference = self.nothing
        elif traits.reference == "best":
            reference = np.array([each.value for each in self.own])
        return Criterion(
            self.problem.wanted.criterion,
            self.problem.shares,
            reference,
            shift=self.most if traits.differs else 0.0,
            tail=self.problem.wanted.tail,
        )

    @property
    def most(self) -> float:
        """Most that is left without measures in any scenario."""
        return float(self.nothing.max())

    @property
    def base(self) -> float:
        """Size of which gaps, and what counts as nothing, are shares."""
        return base_of_gaps(self.criterion, self.nothing)

    def solve(self, hints: Sequence[Plan] = (), known_bound: float | None = None) -> FoundForAll:
        """Return the plan that is best by the criterion over all scenarios.

        Parameters
        ----------
        hints
            Plans to begin with; of those that are allowed none is better than the result.
        known_bound
            Criterion, without its shift, that no plan goes below.
        """
        later = self._own_bests_wait()
        if later:
            self.own = self._good_plans()
        else:
            self.find_own_bests()
        best = self._best_over_all(hints, known_bound)
        if later and not self.interrupted and not self.clock.late():
            self.find_own_bests(share=1.0)
            self.take_better_own_bests()
            bound = max(best.bound, self.criterion.of(self.own_bounds))
            best = self._judged(replace(best, bound=bound))
        return best

    def _own_bests_wait(self) -> bool:
        """Return whether the answer comes before the own bests.

        It does where neither the criterion nor the proof, by tightened prices, is built on them.
        """
        traits = CRITERIA[self.problem.wanted.criterion]
        objective = self.problem.rules.request.objective
        if self._kept.found or traits.reference == "best" or not OBJECTIVES[objective].monotone:
            return False
        if len(self.comparisons) > MANY and not traits.weighted:
            return True
        return not any(far_apart(each.model, objective) for each in self.problem.problems)

    def _best_over_all(self, hints: Sequence[Plan], known_bound: float | None) -> FoundForAll:
        """Return the plan that is best by the criterion, from the own bests that are known."""
        counted = self._first_scenarios()
        floor = self.criterion.of(self.own_bounds)
        if known_bound is not None:
            floor = max(floor, known_bound + self.criterion.shift)
        best = self._first_plan(hints, floor)
        if best is not None and self._first_of_all(best):
            return self._judged(best)
        while True:
            found, complete = self._best_over(counted, floor, best)
            value = self.criterion.of(self.values.values(found.plan))
            floor = max(floor, found.bound)
            limit: LimitReason | None = "interrupted" if self.interrupted else found.limit
            if best is None or self._comes_before(found.plan, value, best):
                best = FoundForAll(found.plan, value, floor, "limit", limit)
            worst = self._worst(found.plan)
            another = value > found.value + EQUAL * self.base and worst not in counted
            proved = self._judged(replace(best, bound=floor, limit=limit))
            self.take_better_own_bests()
            value = self.criterion.of(self.values.values(best.plan))
            best = self._judged(replace(proved, value=value, bound=floor, limit=limit))
            if self.interrupted or self.clock.late():
                return best
            self.keep_own_bests()
            if another:
                counted = sorted([*counted, worst])
            elif complete and best.status == proved.status:
                return best

    def _first_plan(self, hints: Sequence[Plan], floor: float) -> FoundForAll | None:
        """Return the best plan of the hints and of what every plan holds, if one is allowed.

        The latter is valued by now. Over a few scenarios others may be better, and yet do no more
        over all.
        """
        best: FoundForAll | None = None
        for plan in (forced_plan(self.model, self.limits), *hints):
            if not allowed(self.model, self.limits, plan):
                continue
            value = self.criterion.of(self.values.values(plan))
            if best is None or self._comes_before(plan, value, best):
                best = FoundForAll(plan, value, floor, "limit")
        return best

    def _first_of_all(self, best: FoundForAll) -> bool:
        """Return whether no plan is better, and none as good ranks before: none costs less."""
        forced = forced_plan(self.model, self.limits)
        return best.plan == forced and best.value <= best.bound + EQUAL * self.base

    def _best_over(
        self, places: list[int], floor: float, best: FoundForAll | None
    ) -> tuple[FoundPlan, bool]:
        """Return the best plan over some scenarios, and whether the run went for a proof.

        While other scenarios are worse under what the search finds, there is no use in a proof.
        """
        counted = self.counted(places, best)
        run = CriterionRun(self.problem.rules, self.options, self.clock, counted)
        baseline = counted.criterion.of(counted.nothing)
        try:
            if len(places) < len(self.own):
                plan = run.search(baseline)
                value, over_all = run.value(plan), self.criterion.of(self.values.values(plan))
                if over_all > value + EQUAL * self.base and self._worst(plan) not in places:
                    return FoundPlan(plan, value, floor, "limit"), False
            return run.run(baseline, floor=floor), True
        finally:
            self.interrupted = self.interrupted or run.interrupted
            self.build_seconds += run.build_seconds

    def counted(self, places: list[int], best: FoundForAll | None) -> CountedScenarios:
        """Return some scenarios as those that count in a run, which starts from their own bests."""
        forced = forced_plan(self.model, self.limits)
        starts = {each.plan: None for n, each in enumerate(self.own) if n in places}
        starts.pop(forced, None)  # where every search begins as it is
        if best is not None:
            starts[best.plan] = None
        criterion = self.criterion
        if len(places) < len(self.own):
            criterion = criterion.among(np.array(places))
        return CountedScenarios(
            values=self.values,
            places=tuple(places),
            problems=tuple(self.problem.problems[n] for n in places),
            criterion=criterion,
            least=self.own_bounds[places] if self.own else np.zeros(len(places)),
            nothing=self.nothing[places],
            base=self.base,
            starts=tuple(starts),
        )

    def _first_scenarios(self) -> list[int]:
        """Return the scenarios to begin with: all where they are few, or where all are weighted.

        Else the worst one without measures, then the worst under its own best plan, and so on.
        """
        count = len(self.own)
        if count <= _FEW or CRITERIA[self.criterion.name].weighted:
            return list(range(count))
        found = [self._worst(frozenset())]
        while (
            len(found) < _FEW and (following := self._worst(self.own[found[-1]].plan)) not in found
        ):
            found.append(following)
        return sorted(found)

    def _worst(self, plan: Plan) -> int:
        """Return the scenario that is worst under a plan."""
        return int(np.argmax(self.values.values(plan) - self.criterion.reference))

    def _comes_before(self, plan: Plan, value: float, best: FoundForAll) -> bool:
        """Return whether a plan is better than the best one, or as good and ranks before it."""
        same = EQUAL * self.base
        if abs(value - best.value) > same:
            return value < best.value
        return plan_key(self.model, plan) < plan_key(self.model, best.plan)

    def _judged(self, found: FoundForAll) -> FoundForAll:
        """Return a plan with the status that its bound gives it."""
        bound = min(found.bound, found.value)
        gap = criterion_gap(self.criterion, found.value, bound, self.base)
        if gap <= self.options.gap:
            return replace(found, bound=bound, status="optimal", limit=None)
        return replace(found, bound=bound, status="limit")
