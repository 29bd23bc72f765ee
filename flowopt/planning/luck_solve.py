"""The best plan for a budget where measures may fail, in the mean over what works.

The trafficker is worth no less than when all works that can, so a bound on plans that always work
is one on their means; and by a criterion, bounds for each scenario are one for all. From there, and
from the plans that come with it, `luck_search` goes on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from flowopt.clock import Clock
from flowopt.model.activities import Floats
from flowopt.model.criterion import Criterion
from flowopt.model.incumbent import Plan
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.planning.conflicts import Conditions
from flowopt.planning.luck_bilevel import LuckBilevelRun, bests_of_outcomes
from flowopt.planning.luck_infeasible import answer_without_plan
from flowopt.planning.luck_outcome import criterion_of, luck_solution_of
from flowopt.planning.luck_own_bests import (
    LuckOwnBests,
    SureBests,
    bests_when_all_works,
    compares_with_best,
)
from flowopt.planning.luck_ranks import BestPlans
from flowopt.planning.luck_reach import LuckReach
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.lucky_worlds import LuckyWorld, check_under_luck, lucky_worlds, played_in_all
from flowopt.planning.plan_request import AlternativesRequest, PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.scenario_run import FoundForAll
from flowopt.results.folder_result import of_networks
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.scenario_solution import ScenarioSolution
from flowopt.results.solution import Solution

_SURE_SHARE = 0.25  # of the time limit, for the plans that are best when all works
# Of `bilevel`, whose bound is that of outcomes alone: for plans when all works, and for the bound.
_SURE_PLANS_SHARE, _OUTCOMES_SHARE = 0.1, 0.7
_OWN_SHARE = 0.3  # of the time left, for the best plan of each scenario under luck
_THE_BEST = AlternativesRequest()


def solve_under_luck(
    network: Network,
    request: PlanRequest,
    wanted: CriterionRequest | None,
    options: RunOptions,
    clock: Clock,
    *,
    hints: Sequence[Plan] = (),
    known_bound: float | None = None,
    ranks: AlternativesRequest = _THE_BEST,
) -> LuckSolution | Solution | ScenarioSolution:
    """Return the plan that leaves least in the mean over what works of it, as far as is known.

    For a target, the cheapest one that brings the mean to it or below.

    Where no plan keeps the conditions, the result is that of measures that always work: it says
    why.

    Parameters
    ----------
    network
        A network whose measures may fail.
    request, wanted, options
        Limits and objective; the criterion over the network's scenarios, or None for the network as
        it stands; and how it is solved.
    clock
        The time for all of it.
    hints
        Plans to begin with.
    known_bound
        What no plan goes below by the criterion, if that is known before.
    ranks
        How many of the best plans are wanted, without a criterion.

    Raises
    ------
    RequestError
        When the question is one for measures that always work.
    OutOfTime
        When there is no time for a plan.
    """
    check_under_luck(wanted)
    worlds = lucky_worlds(network, request, wanted, clock)
    conditions = Conditions(worlds[0].problem, deadline=clock.deadline)
    if conflict := conditions.conflict():
        reason = conditions.message(conflict)
        nothing = answer_without_plan(network, worlds, request, wanted, options, clock, (reason,))
        return of_networks(nothing, network)
    read = time.perf_counter() - clock.began
    clock = worlds[0].problem.before_writing(clock)
    if request.target is not None:
        reach = LuckReach(network, worlds, request, wanted, options, clock, read)
        return of_networks(reach.answer(), network)
    kind = _Search if OBJECTIVES[request.objective].monotone else _BilevelSearch
    search = kind(worlds, wanted, options, clock)
    several = search.several(hints, known_bound, ranks) if ranks.count > 1 else None
    best = search.best(hints, known_bound) if several is None else several.found[0]
    found = played_in_all(worlds, best.plan, options, clock)
    more = () if several is None else several.told(found[0].expectation, clock)
    solution = luck_solution_of(
        network, found, request, wanted, options, read, best, own=search.own, ranks=ranks, more=more
    )
    return of_networks(solution, network)


class _Search:
    """Search for the best plan, from those on that are best in one scenario."""

    run_kind: type[LuckRun] = LuckRun
    sure_share = _SURE_SHARE
    own: LuckOwnBests | None = None

    def __init__(
        self,
        worlds: Sequence[LuckyWorld],
        wanted: CriterionRequest | None,
        options: RunOptions,
        clock: Clock,
    ) -> None:
        self._worlds, self._wanted = tuple(worlds), wanted
        self._options, self._clock = options, clock
        self._sure: SureBests = bests_when_all_works(worlds, options, clock.part(self.sure_share))
        self._bounds = self._bounds_of_plans()
        if compares_with_best(wanted):
            self.own = LuckOwnBests(worlds, self._sure, options, clock.part(_OWN_SHARE))

    def several(
        self, hints: Sequence[Plan], known_bound: float | None, ranks: AlternativesRequest
    ) -> BestPlans:
        """Return the best plans, where nothing is compared with own bests."""
        bound = -np.inf if known_bound is None else known_bound
        bound = max(bound, self._criterion.of(self._bounds))
        found = BestPlans(self._run(bound), ranks)
        try:
            found.look([*self._sure.hints, *hints], bound)
        finally:
            self._heed_the_whole_clock()
        return found

    def best(self, hints: Sequence[Plan], known_bound: float | None) -> FoundForAll:
        """Return the best plan; by `regret` once more where an own best turned out better.

        What is given comes first: without time it is the answer, such as the plan for less money.
        """
        own = () if self.own is None else self.own.found
        hints = [*hints, *(each.plan for each in own), *self._sure.hints]
        bound = -np.inf if known_bound is None else known_bound
        try:
            while True:
                run = self._run(bound)
                found = run.best(hints)
                if self.own is None or not self.own.take(run.counted):
                    return found
                found = run.judged(self._criterion.of(run.by_scenario[found.plan]))
                if found.status == "optimal" or run.ended():
                    return found
                hints, bound = [found.plan, *hints], found.bound
        finally:
            self._heed_the_whole_clock()

    def _heed_the_whole_clock(self) -> None:
        for each in self._worlds:
            each.values.trafficker.deadline = self._clock.deadline

    def _bounds_of_plans(self) -> Floats:
        """Return what no plan's mean goes below, by scenario: no more works than all that can."""
        return np.array([each.bound for each in self._sure.found])

    @property
    def _criterion(self) -> Criterion:
        weights = np.array([each.world.weight for each in self._worlds])
        own = None if self.own is None else self.own.values
        return criterion_of(self._wanted, weights / weights.sum(), self._sure.nothing, own)

    def _run(self, bound: float) -> LuckRun:
        """Return a run that knows what no plan goes below."""
        criterion, sure = self._criterion, self._sure
        bound = max(bound, criterion.of(self._bounds))
        if self.own is not None:
            bound = max(bound, criterion.of(self.own.bounds))
        kind = self.run_kind
        run = kind(self._worlds, criterion, self._options, self._clock, sure.nothing, bound)
        run.interrupted = sure.interrupted or (self.own is not None and self.own.interrupted)
        return run


class _BilevelSearch(_Search):
    """Search for the best plan where a measure that works may do harm."""

    run_kind = LuckBilevelRun
    sure_share = _SURE_PLANS_SHARE

    def _bounds_of_plans(self) -> Floats:
        """Return what no outcome of a plan goes below, by scenario."""
        clock = self._clock.part(_OUTCOMES_SHARE)
        found = bests_of_outcomes(self._worlds, self._options, clock)
        self._sure = replace(self._sure, plans=tuple(plan for _, plan in found))
        return np.array([bound for bound, _ in found])
