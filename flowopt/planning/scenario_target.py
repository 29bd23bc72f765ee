"""The reverse question over several scenarios: the cheapest plan whose criterion reaches a target.

The criterion of the plan is brought to the target or below; for `cut`, which counts what is taken
off, the cut that is sure to the target or above. References stay those of the criterion: `regret`
compares with the best plan that the same request allows in each scenario, whatever it costs.

Where the worst scenario counts, those that bind are enough, as in `scenario_run`: no plan that
reaches the target over all scenarios costs less than the cheapest that does over some of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from flowopt.clock import Clock, LimitReason
from flowopt.criteria import CRITERIA
from flowopt.defaults import AUTO
from flowopt.model.feasible_plans import allowed, plan_key
from flowopt.model.incumbent import Plan
from flowopt.model.needed_sets import needed_sets
from flowopt.model.scenario_programme import ScenarioProgramme
from flowopt.model.solver import version_in_use
from flowopt.model.solver_scip import scip_installed
from flowopt.objectives import OBJECTIVES
from flowopt.planning.conflict_target import ConflictSearch, Level
from flowopt.planning.conflicts import Conditions, Conflict
from flowopt.planning.criterion_run import CountedScenarios, CriterionRun
from flowopt.planning.plan_constraints import PlanProblem, plan_totals
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_run import FoundForAll, ScenarioRun
from flowopt.planning.solve_run import FoundPlan
from flowopt.planning.target_run import TargetRun
from flowopt.results.numbers import EQUAL, relative_gap

_NARROW = 0.25  # of what all measures take off: a target that leaves no more room leaves few plans
# Sets of measures of which one is needed: measures up to which they are sought, cheap plans that
# they are sought with, and their share of the time left, at most.
_FEW_MEASURES, _ROUNDS, _NEEDED_SHARE = 200, 6, 0.15
_SHAKEN = 12  # draws in vain after which shaking of a cheap plan ends
COUNTED = {
    "expected": "the mean left over the scenarios",
    "worst": "the most left in any scenario",
    "cut": "the sure cut",
    "regret": "the most regret",
    "cvar": "the mean left of the worst part",
}


class NotReachedError(Exception):
    """No plan that reaches the target was found, and none was proved not to exist."""

    def __init__(self, limit: LimitReason | None) -> None:
        self.limit = limit
        super().__init__("no plan was found that reaches the target")


class CriterionTargetRun(CriterionRun, TargetRun):
    """Run for the cheapest plan whose criterion, shift included, reaches a level.

    Where few plans do, since hardly more may be left than under all measures, prices are tightened
    (`ScenarioProgramme.narrow`), the programme is told sets of measures of which one is needed, and
    of what is left then SCIP is the quicker prover.
    """

    def reach(self, baseline: float, target: float, *, any_plan: bool = False) -> FoundPlan | None:
        """Search and prove, as `TargetRun.reach`."""
        if self._is_narrow(target) and not any(
            each.model.outright for each in self.counted.problems
        ):
            assert isinstance(self.programme, ScenarioProgramme)
            self.programme.narrow = True
            self.shaken_reaching = _SHAKEN
            if self.options.solver.lower() == AUTO and scip_installed():
                self.solver_options = replace(self.solver_options, name="scip")
                self.solver_version = version_in_use(AUTO, "scip")
        return super().reach(baseline, target, any_plan=any_plan)

    def _asks_budgets(self) -> bool:
        """Return False: a programme of all scenarios takes long for each budget."""
        return False

    def _needed_sets(self, worst: float) -> Iterator[Plan]:
        """Yield sets of measures of each of which a plan needs one, where few reach the target."""
        model, programme = self.model, self.programme
        assert isinstance(programme, ScenarioProgramme)
        if not (programme.narrow and programme.monotone) or len(model.measures) > _FEW_MEASURES:
            return
        every, clock = frozenset(range(len(model.measures))) - self.limits.exclude, self.clock
        clock = clock.part(_NEEDED_SHARE)

        def misses(plan: Plan) -> bool:
            return self.value(plan) > worst

        for some in needed_sets(every, misses, model.measure_cost, rounds=_ROUNDS):
            yield some
            if self.interrupted or clock.late():
                return

    def _is_narrow(self, level: float) -> bool:
        """Return whether every scenario has to come near the least that any plan leaves there."""
        counted = self.counted
        if not self.proves or counted.criterion.of(counted.least) > level:
            return False
        room = counted.criterion.most_valued(counted.least, level) - counted.least
        return bool((room <= _NARROW * (counted.nothing - counted.least)).all())

    def _least(self) -> float:
        """Return a bound on every plan's criterion: by all measures at once, and by own bests."""
        counted = self.counted
        return max(super()._least(), counted.criterion.of(counted.least))

    def _try_plans_reaching(self, worst: float, *, any_plan: bool) -> tuple[float, bool]:
        """Value the plans to begin with; the solver finds the others."""
        with self.stoppable():
            for plan in self._starts():
                self._search.value_of(plan)
        return super()._try_plans_reaching(worst, any_plan=any_plan)


class ScenarioTargetRun(ScenarioRun):
    """Run over several scenarios for the cheapest plan that reaches a target."""

    @property
    def level(self) -> Level:
        """The level that the target sets to the criterion, its shift included."""
        criterion, target = self.criterion, self.problem.rules.request.target
        sign = -1.0 if criterion.name == "cut" else 1.0
        return Level(
            most=math.inf if target is None else sign * target + criterion.shift,
            scale=self.base if self.base > 0.0 else 1.0,
            counted=COUNTED[criterion.name],
            shift=criterion.shift,
            sign=sign,
        )

    def solve(self, hints: Sequence[Plan] = (), known_bound: float | None = None) -> FoundForAll:
        """Return the cheapest plan that reaches the target in all scenarios.

        Which of equally good plans is shown as the best one of a scenario is settled after it: its
        value alone counts, and without a budget that search takes longer than all else.

        Raises
        ------
        Unreachable
            When it is proved that there is none.
        NotReachedError
            When none was found.
        """
        for each in self.comparisons:
            each.run.settles = False
        best = super().solve(hints, known_bound)
        self._settle_own_bests()
        return best

    def _settle_own_bests(self) -> None:
        """Move to the first of the plans that are as good as the best one of each scenario."""
        for place, comparison in enumerate(self.comparisons):
            run = comparison.run
            if not run.unsettled or self.interrupted or self.clock.late():
                continue
            run.clock = self.clock.part(1.0 / (len(self.comparisons) - place))
            found = run.settled()
            self.values.note(place, found.plan, found.value)
            if abs(found.value - self.own[place].value) <= EQUAL * run.scale:
                self.own[place] = found
            self.interrupted = run.interrupted
        self.keep_own_bests()

    def _own_bests_wait(self) -> bool:
        """Return whether the answer comes first: own bests then only stand beside it."""
        monotone = OBJECTIVES[self.problem.rules.request.objective].monotone
        compared = CRITERIA[self.problem.wanted.criterion].reference == "best"
        return monotone and not compared and not self._kept.found

    def conflict(self, conditions: Conditions, known: Conflict | None) -> Conflict:
        """Return the smallest conflict with the target, as far as the time left allows.

        Parameters
        ----------
        conditions
            The conditions of the request, which no plan meets.
        known
            The smallest conflict without the target, if there is one.
        """
        criterion, several = self.criterion, list(range(len(self.comparisons)))
        counted = replace(
            self.counted(several, None),
            least=np.zeros(len(several)),  # other limits allow other plans
            starts=(),
        )
        quiet = replace(self.options, on_progress=None)

        def new_run(problem: PlanProblem, options: RunOptions, clock: Clock) -> TargetRun:
            return CriterionTargetRun(problem, options, clock, counted)

        search = ConflictSearch(
            conditions,
            quiet,
            lambda plan: criterion.of(self.values.values(plan)),
            criterion.of(self.nothing),
            self.clock,
            self.level,
            new_run,
        )
        try:
            return search.smallest(known)
        except KeyboardInterrupt:
            if not self.options.keep_on_interrupt:
                raise
            self.interrupted = True
            return search.unfinished(known)

    def _best_over_all(self, hints: Sequence[Plan], known_bound: float | None) -> FoundForAll:  # noqa: ARG002  # bounds no cost
        """Return the cheapest plan that reaches the target in all scenarios.

        Raises
        ------
        Unreachable
            When it is proved that there is none.
        NotReachedError
            When none was found.
        """
        places, cost_bound = self._first_scenarios(), 0.0
        known = [plan for plan in hints if allowed(self.model, self.limits, plan)]
        while True:
            reference = self.criterion.reference
            found = self._reach_over(self.counted(places, self._cheapest(known)))
            self.take_better_own_bests()  # a regret may have risen
            limit: LimitReason | None = "interrupted" if self.interrupted else "time"
            if found is not None:
                cost_bound = max(cost_bound, found.cost_bound or 0.0)
                known.append(found.plan)
                limit = "interrupted" if self.interrupted else found.limit
            if found is None or self.interrupted or self.clock.late():
                break
            self.keep_own_bests()
            worst = self._worst(found.plan)
            if self._reaches(found.plan):
                break
            if worst not in places:
                places = sorted([*places, worst])
            elif np.array_equal(reference, self.criterion.reference):
                break  # by rounding
        best = self._cheapest(known)
        if best is None:
            raise NotReachedError(limit)
        return self._judged(replace(best, cost_bound=cost_bound, limit=limit))

    def _reach_over(self, counted: CountedScenarios) -> FoundPlan | None:
        """Return the cheapest plan that reaches the target in some scenarios; None if not found."""
        run = CriterionTargetRun(self.problem.rules, self.options, self.clock, counted)
        try:
            return run.reach(counted.criterion.of(counted.nothing), self.level.most)
        finally:
            self.solver_version = run.solver_version
            self.interrupted = self.interrupted or run.interrupted
            self.build_seconds += run.build_seconds

    def _reaches(self, plan: Plan) -> bool:
        return self.level.reached_by(self.criterion.of(self.values.values(plan)))

    def _cheapest(self, plans: Sequence[Plan]) -> FoundForAll | None:
        """Return the cheapest of some plans that reaches the target in all scenarios."""
        reaching = [plan for plan in plans if self._reaches(plan)]
        if not reaching:
            return None
        plan = min(reaching, key=lambda each: plan_key(self.model, each))
        value = self.criterion.of(self.values.values(plan))
        return FoundForAll(plan, value, self.criterion.of(self.own_bounds), "limit")

    def _judged(self, found: FoundForAll) -> FoundForAll:
        """Return a plan with the status that the bound on its cost gives it."""
        spent = plan_totals(self.model, sorted(found.plan))[0]
        floor, bound = min(found.cost_bound or 0.0, spent), min(found.bound, found.value)
        if relative_gap(spent, floor) <= self.options.gap:
            return replace(found, bound=bound, cost_bound=floor, status="optimal", limit=None)
        return replace(found, bound=bound, cost_bound=floor, status="limit")
