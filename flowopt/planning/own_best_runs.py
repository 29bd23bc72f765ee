"""Runs for single scenarios of several: the best plan of each alone, and good ones before it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.activities import Floats
from flowopt.model.feasible_plans import allowed
from flowopt.model.incumbent import Plan
from flowopt.model.several_traffickers import ScenarioValues
from flowopt.model.solver import chosen_solver, version_in_use
from flowopt.planning.own_bests import OwnBests
from flowopt.planning.plan_comparison import PlanComparison
from flowopt.planning.plan_constraints import forced_plan
from flowopt.planning.plan_in_words import best_met
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import ScenarioProblem
from flowopt.planning.solve_run import FIRST_LOOK, FoundPlan
from flowopt.results.numbers import change_of, relative_gap

_OWN_SHARE = 0.4  # of the time, at most, goes to the own bests
_GOOD_SHARE = 0.15  # of the time, at most, goes to plans for single scenarios before the answer
_EXPLAINING = 0.45  # of the time limit, at most, is kept for what follows search and proof
# Times what the trafficker of each scenario took without measures: a plan there, its proof, and
# what is left of today's flow, and the files. On 200 scenarios of Peru it was 1.7 to 2.2, and so
# much of it is kept whatever share of the limit that is. A first plan takes a little more.
_SET_BESIDE, _TOLD, _SURELY = 3.0, 2.2, 2.4
# Of many scenarios, how many tell how long all take, and how much of that has to be there by then.
_TRIED, _CLEARLY = 8, 0.8
_SHAKEN_UP_TO = 7  # scenarios whose good plans are shaken before the answer
MANY = 12  # scenarios above which none is searched by itself before the answer


class OwnBestRuns:
    """Runs for single scenarios, and what is known of each.

    Parameters
    ----------
    problem
        The request on the scenarios.
    options
        Options of each run.
    clock
        The time for all of it.
    kept
        Own bests of an earlier run, which this one adds to.

    Attributes
    ----------
    comparisons : list of PlanComparison
        One for each scenario, whose run values plans there, and finds its own best one.
    own : list of FoundPlan
        The best plan known for each scenario alone.
    interrupted : bool
        Whether the user stopped it.
    solver_version : str
        Solver of the programmes over several scenarios.
    """

    def __init__(
        self,
        problem: ScenarioProblem,
        options: RunOptions,
        clock: Clock,
        kept: OwnBests | None = None,
    ) -> None:
        self._kept = OwnBests() if kept is None else kept
        self.problem, self.options, self.whole_clock = problem, options, clock
        began = clock.elapsed()
        self.comparisons: list[PlanComparison] = []
        self._look_at_all(began)
        spent = [clock.limit - each.run.clock.limit for each in self.comparisons
                 if clock.limit is not None and each.run.clock.limit is not None]  # fmt: skip
        took = clock.elapsed() - began
        after = min(max(sum(spent), _SET_BESIDE * took), _EXPLAINING * (clock.limit or 0.0))
        many = len(self.comparisons) > MANY
        self.clock = clock.before(max(after, _TOLD * took) if many else after)
        self.model, self.limits = problem.rules.model, problem.rules.constraints
        self.values = ScenarioValues([each.run.trafficker for each in self.comparisons])
        self.nothing = np.array([each.baseline.value for each in self.comparisons])
        for scenario, value in enumerate(self.nothing.tolist()):
            self.values.note(scenario, (), value)
        for each in self.comparisons:  # as much for all of them as for the plan of all
            each.run.least_work = FIRST_LOOK / (2 * len(self.comparisons))
        self.own: list[FoundPlan] = []
        self.interrupted = False
        self.build_seconds = 0.0
        objective = problem.rules.request.objective
        chosen = chosen_solver(options.solver, self.model, objective)
        self.solver_version = version_in_use(options.solver, chosen)

    def _look_at_all(self, began: float) -> None:
        """Find what the trafficker does in each scenario without measures.

        Raises
        ------
        OutOfTime
            When there are many, and no time for a result: with the best plan met, in words.
        """
        problems, clock = self.problem.problems, self.whole_clock
        quiet, several = replace(self.options, on_progress=None), len(problems)
        since = began
        for number, each in enumerate(problems, start=1):
            self.comparisons.append(PlanComparison(each, quiet, clock))
            if number == 1:
                since = clock.elapsed()  # the first one loads what all need
            if several > MANY and number == _TRIED:
                each_took = (clock.elapsed() - since) / (number - 1)
                ahead = each_took * (several - number + _SURELY * several)
                self._insist(number, _CLEARLY * ahead)
        if several > MANY:
            self._insist(several, _SURELY * (clock.elapsed() - began))

    def _insist(self, number: int, seconds: float) -> None:
        """Raise `OutOfTime`, with the best plan met, where so many seconds are not left."""
        several, clock = len(self.problem.problems), self.whole_clock
        done = f"what the trafficker does in {number} of {several} scenarios without measures"
        try:
            clock.insist(done, "a plan in each of them", seconds)
        except OutOfTime as error:
            met = best_met(self.problem, self.comparisons, clock)
            raise OutOfTime(f"{error}{met}") from None

    @property
    def own_bounds(self) -> Floats:
        """Bounds below all allowed plans, one for each scenario."""
        return np.array([min(each.bound, each.value) for each in self.own])

    def find_own_bests(self, share: float = _OWN_SHARE) -> None:
        """Find the best plan of each scenario alone, in equal parts of a share of the time left."""
        whole = self.clock.part(share)
        if self._kept.found:
            self.own = list(self._kept.found)
            for place, values in enumerate(self._kept.values):
                for plan, value in values.items():
                    self.values.note(place, plan, value)
            return
        self._value_forced_plan()
        count, before, self.own = len(self.comparisons), self.own, []
        for place, comparison in enumerate(self.comparisons):
            if count > MANY and (self.interrupted or whole.late()):
                self.own.append(self._known_best(place, before[place].bound if before else 0.0))
                continue
            run = comparison.run
            run.clock = whole.part(1.0 / (count - place))
            if self.interrupted:
                run.clock = Clock(0.0)
            self.own.append(self._own_best(place))
            for plan, value in run.known.items():
                self.values.note(place, plan, value)
            self.interrupted = self.interrupted or run.interrupted
            self.build_seconds += run.build_seconds
        if self.interrupted:  # the best of what is known is the answer
            self._value_own_bests()
            self.clock = Clock(0.0)
        self.keep_own_bests()

    def _value_forced_plan(self) -> None:
        """Value the plan that every other holds in all scenarios, first of all.

        So there is one, however much of the time the first scenarios take.
        """
        forced = forced_plan(self.model, self.limits)
        for comparison, value in zip(self.comparisons, self.values.values(forced), strict=True):
            comparison.run.note(forced, float(value))

    def _value_own_bests(self) -> None:
        """Value the own best plans in all scenarios: one that was found is never lost."""
        for comparison in self.comparisons:
            comparison.run.trafficker.deadline = self.whole_clock.deadline
        with suppress(OutOfTime):
            for each in self.own:
                self.values.values(each.plan)

    def keep_own_bests(self) -> None:
        """Keep the own bests for a later run, unless this one was cut short."""
        if self.interrupted or any(each.status == "limit" for each in self.own):
            return
        self._kept.found, self._kept.values = tuple(self.own), self.values.known

    def _known_best(self, place: int, bound: float) -> FoundPlan:
        """Return the best plan for a scenario of all that were valued there.

        A run takes the least work that leads to a plan of its own, however late it is: for hundreds
        of scenarios that would be minutes.
        """
        known = self.values.least(place, lambda plan: allowed(self.model, self.limits, plan))
        assert known is not None  # the plan that every other holds is valued first
        return FoundPlan(*known, bound, "limit", limit="time")

    def _own_best(self, place: int) -> FoundPlan:
        comparison = self.comparisons[place]
        baseline = comparison.baseline.value
        try:
            return comparison.run.run(baseline)
        except OutOfTime:
            forced = forced_plan(self.model, self.limits)
            return FoundPlan(forced, self.values.value(place, forced), 0.0, "limit", limit="time")

    def _good_plans(self) -> list[FoundPlan]:
        """Return a good plan for each scenario, and the value under all measures as its bound.

        Where there are many scenarios, or nothing limits the cost, it is the plan that every other
        holds.
        """
        self._value_forced_plan()
        forced, count = forced_plan(self.model, self.limits), len(self.comparisons)
        everything = frozenset(range(len(self.model.measures))) - self.limits.exclude
        whole, found = self.clock.part(_GOOD_SHARE), []
        for place in range(count):
            plan = forced
            if count <= MANY and self.limits.budget < np.inf and not self.interrupted:
                plan = self._searched(place, whole.part(1.0 / (count - place)))
            bound = 0.0
            with suppress(OutOfTime):
                if count <= MANY or not self.clock.late():
                    bound = self.values.value(place, everything)
            value = self.values.value(place, plan)
            found.append(FoundPlan(plan, value, bound, "limit", limit="time"))
        if self.interrupted:
            self.clock = Clock(0.0)
        return found

    def _searched(self, place: int, clock: Clock) -> Plan:
        """Return a good plan for one scenario, in the time of a clock."""
        comparison, run = self.comparisons[place], self.comparisons[place].run
        whole, run.clock, shaken = run.clock, clock, run.shaken
        if len(self.comparisons) > _SHAKEN_UP_TO:
            run.shaken = 0
        try:
            plan = run.search(comparison.baseline.value)
        except OutOfTime:
            plan = forced_plan(self.model, self.limits)
        run.clock, run.shaken = whole, shaken
        self.interrupted = self.interrupted or run.interrupted
        for valued, value in run.known.items():
            self.values.note(place, valued, value)
        return plan

    def take_better_own_bests(self) -> None:
        """Take the plans that are better for a scenario alone than its own best one so far."""
        for scenario, own in enumerate(self.own):
            known = self.values.least(scenario, lambda plan: allowed(self.model, self.limits, plan))
            if known is None or change_of(own.value, known[1]) >= 0.0:
                continue
            plan, value = known
            gap = relative_gap(value, own.bound, float(self.nothing[scenario]))
            proved = gap <= self.options.gap
            self.own[scenario] = FoundPlan(
                plan,
                value,
                own.bound,
                "optimal" if proved else "limit",
                limit=None if proved else own.limit,
            )
