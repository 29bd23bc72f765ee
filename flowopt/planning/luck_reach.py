"""The answer to a target under luck: the cheapest plan in the mean over what works, or why none.

By `regret` the best plans of the scenarios are looked for first, within the same conditions; where
a plan turns out better than one of them on the way, the target is looked for once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from flowopt.clock import Clock, LimitReason
from flowopt.errors import OutOfTime
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.planning.conflict_target import ConflictSearch
from flowopt.planning.conflicts import Conditions
from flowopt.planning.luck_bilevel import LuckBilevelRun
from flowopt.planning.luck_bilevel_target import LuckBilevelTargetRun
from flowopt.planning.luck_infeasible import answer_without_plan
from flowopt.planning.luck_outcome import criterion_of, luck_solution_of
from flowopt.planning.luck_own_bests import LuckOwnBests, bests_when_all_works, compares_with_best
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.luck_target import LuckTargetRun
from flowopt.planning.lucky_worlds import LuckyWorld, Played, played_in_all
from flowopt.planning.plan_constraints import PlanProblem, forced_plan
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.scenario_target import NotReachedError
from flowopt.planning.solve_run import FoundPlan
from flowopt.planning.target_run import Unreachable
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.plan_result import Status
from flowopt.results.scenario_solution import ScenarioSolution
from flowopt.results.solution import Solution

_SURE_SHARE, _OWN_SHARE = 0.1, 0.3  # of the time left, for best plans by `regret`


@dataclass(slots=True)
class LuckReach:
    """Search for the cheapest plan that reaches the target of a request.

    Attributes
    ----------
    network, worlds
        The network whose measures may fail, and its scenarios under luck.
    request, wanted, options, clock
        The question, and the time for it.
    read
        Seconds before.
    """

    network: Network
    worlds: Sequence[LuckyWorld]
    request: PlanRequest
    wanted: CriterionRequest | None
    options: RunOptions
    clock: Clock
    read: float
    _own: LuckOwnBests | None = None

    def answer(self) -> LuckSolution | Solution | ScenarioSolution:
        """Return the cheapest plan, or the result that says why there is none.

        Raises
        ------
        OutOfTime
            When there is not even time for the objective without measures.
        """
        nothing = np.array([each.values.value_of(frozenset()) for each in self.worlds])
        self._look_for_own_bests()
        run = self._run(nothing)
        try:
            while True:
                best = run.cheapest([forced_plan(run.model, run.limits)])
                if self._own is None or not self._own.take(run.counted) or run.ended():
                    break
                run = self._run(nothing)
            return self._told(run, best)
        except Unreachable:
            reason = self._reason(run)
        except NotReachedError as error:
            return self._without((), error.limit)
        return self._without((reason,), None)

    def _look_for_own_bests(self) -> None:
        if compares_with_best(self.wanted):
            options, clock = self.options, self.clock
            sure = bests_when_all_works(self.worlds, options, clock.part(_SURE_SHARE))
            self._own = LuckOwnBests(self.worlds, sure, options, clock.part(_OWN_SHARE))
            for each in self.worlds:
                each.values.trafficker.deadline = clock.deadline

    def _run(self, nothing: np.ndarray[tuple[int], np.dtype[np.float64]]) -> LuckTargetRun:
        """Return a run that compares with the best plans known by now."""
        weights = np.array([each.world.weight for each in self.worlds])
        own = None if self._own is None else self._own.values
        criterion = criterion_of(self.wanted, weights / weights.sum(), nothing, own)
        kind = LuckTargetRun if _monotone(self.request) else LuckBilevelTargetRun
        run = kind(
            self.worlds,
            criterion,
            self.options,
            self.clock,
            nothing,
            target=self.request.target or 0.0,
            named=self.wanted is not None,
        )
        run.interrupted = self._own is not None and self._own.interrupted
        return run

    def _told(self, run: LuckTargetRun, best: FoundForAll) -> LuckSolution:
        """Return the result of a plan; of the next one where its counted mean misses the target.

        Raises
        ------
        NotReachedError, Unreachable
            As `LuckTargetRun.next_cheapest`.
        """
        while True:
            found = played_in_all(self.worlds, best.plan, self.options, self.clock)
            means = np.array([each.expectation.mean for each in found])
            counted = all(each.expectation.draws is None for each in found)
            if not counted or run.level.reached_by(run.criterion.of(means)):
                return self._solution(found, best)
            run.learn(best.plan, means)
            best = run.next_cheapest()

    def _solution(self, found: Sequence[Played], best: FoundForAll) -> LuckSolution:
        return luck_solution_of(
            self.network, found, self.request, self.wanted, self.options, self.read, best,
            own=self._own,
        )  # fmt: skip

    def _without(
        self, reasons: tuple[str, ...], limit: LimitReason | None
    ) -> Solution | ScenarioSolution:
        return answer_without_plan(
            self.network, self.worlds, self.request, self.wanted, self.options, self.clock,
            reasons, limit=limit,
        )  # fmt: skip

    def _reason(self, run: LuckTargetRun) -> str:
        """Return which conditions no plan keeps together, as far as the time left allows."""
        conditions = Conditions(self.worlds[0].problem, deadline=self.clock.deadline)
        target, named = self.request.target or 0.0, self.wanted is not None

        def new_run(problem: PlanProblem, _: RunOptions, __: Clock) -> LuckTargetConflict:
            return LuckTargetConflict(run, target=target, named=named, limits=problem.constraints)

        search = ConflictSearch(
            conditions,
            self.options,
            run.counted_mean,
            run.criterion.of(run.nothing),
            self.clock,
            run.level,
            new_run,
        )
        try:
            return conditions.message(search.smallest(None))
        except KeyboardInterrupt:
            if not self.options.keep_on_interrupt:
                raise
            return conditions.message(search.unfinished(None))


def _monotone(request: PlanRequest) -> bool:
    """Return whether no measure that works does harm."""
    return OBJECTIVES[request.objective].monotone


class LuckTargetConflict:
    """A run for a target under other constraints, as a search for a conflict asks for it.

    Parameters
    ----------
    run
        The run that has found no plan.
    named
        Whether its criterion was asked for by name.
    target
        Its target.
    """

    def __init__(
        self, run: LuckTargetRun, *, named: bool, target: float, limits: PlanConstraints
    ) -> None:
        self.programme = run.programme
        self._run = type(run)(
            run.worlds,
            run.criterion,
            replace(run.options, on_progress=None),
            run.whole_clock,
            run.nothing,
            target=target,
            named=named,
            limits=limits,
        )

    def reach(self, baseline: float, target: float, *, any_plan: bool = False) -> FoundPlan | None:  # noqa: ARG002  # it has its target
        """Return a plan that reaches the target; None if none was found.

        Raises
        ------
        Unreachable
            When it is proved that there is none.
        """
        try:
            found = self._run.cheapest((), any_plan=any_plan)
        except NotReachedError:
            return None
        self._run.counted_mean(found.plan)
        return FoundPlan(found.plan, found.value, found.bound, "limit", found.cost_bound)

    def run(self, baseline: float) -> FoundPlan:  # noqa: ARG002  # it has its scale
        """Return the best plan within the constraints, with a bound on every mean."""
        run = self._run
        kind = LuckRun if run.programme.monotone else LuckBilevelRun
        best = kind(run.worlds, run.criterion, run.options, run.clock, run.nothing, -np.inf)
        best.limits = run.limits
        found = best.best([forced_plan(run.model, run.limits)])
        if found.plan not in best.counted:
            raise OutOfTime("the best plan hangs on too many chances to count what may work of it")
        status: Status = "optimal" if found.status == "optimal" else "limit"
        return FoundPlan(found.plan, found.value, found.bound, status)
