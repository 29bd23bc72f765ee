"""The cheapest plan whose mean over what works is brought to a target or below.

A plan leaves no less in the mean than when all of it works. So what no plan can cost less that
reaches the target when all works is a bound here, too, and its plan one to begin with. Good plans
are grown until they reach the target in the mean, and trimmed; the proof is branch and cut with the
cost as its objective (`cheapest_tree`). Its cuts are bounds of means, never estimates: a target is
out of reach only where they say so, or where the means of plans were counted.

Of a plan that hangs on too many chances it is not known for certain whether it reaches the target.
It is taken where draws say that it does, but no bound goes above what it costs where they do not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.activities import Floats
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import PlanConstraints, allowed, closure, plan_key, without
from flowopt.model.incumbent import Plan
from flowopt.model.separation import threads_for_cuts
from flowopt.planning.conflict_target import Level
from flowopt.planning.cost_steps import step_of
from flowopt.planning.luck_rungs import climb
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.lucky_worlds import LuckyWorld
from flowopt.planning.plan_constraints import forced_plan
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.scenario_target import COUNTED, NotReachedError
from flowopt.planning.target_run import TargetRun, Unreachable
from flowopt.results.numbers import EQUAL, relative_gap
from flowopt.results.plan_result import Status

_MARGINS = (0.0, 0.003, 0.01, 0.03)  # of the scale, that a search goes below the target
_SURE_SHARE = 0.07  # of the time left, for the cheapest plan when all works
_SEARCH_SHARE = 0.4  # of the time left then, at most, for cheap plans
_FIRST_NODES = 15  # of the tree over costs, before budgets are looked at one by one
_ROUND_EVERY = 10  # nodes from one whose point is rounded to a plan to the next
_LITTLE = 1e-3  # of a step of costs: less is rounding
_SAME = 1e-9  # M USD a year: costs no further apart are one


def level_of(
    criterion: Criterion, target: float, *, named: bool, scale: float, counted: str
) -> Level:
    """Return the level that a target sets to a criterion over means.

    Parameters
    ----------
    criterion, target
        The criterion, and what it is brought to.
    named
        Whether it was asked for by name.
    scale
        What tolerances are shares of.
    counted
        Phrase for the objective.
    """
    about = COUNTED[criterion.name] if named else counted
    sign = -1.0 if criterion.name == "cut" else 1.0
    return Level(
        most=sign * target, scale=scale, counted=f"{about}, in the mean over what works,", sign=sign
    )


class LuckTargetRun(LuckRun):
    """Run for the cheapest plan that reaches a target in the mean over what works.

    Parameters
    ----------
    worlds, criterion, options, clock, nothing
        As of a `LuckRun`.
    target
        What the criterion is brought to or below; the sure cut to or above.
    limits
        What plans may be, if not as in the request.

    Attributes
    ----------
    cheap : plan or None
        The cheapest plan so far.
    cost_bound : float
        On the cost of each that reaches the target; infinity where none does.
    """

    def __init__(
        self,
        worlds: Sequence[LuckyWorld],
        criterion: Criterion,
        options: RunOptions,
        clock: Clock,
        nothing: Floats,
        *,
        target: float,
        named: bool,
        limits: PlanConstraints | None = None,
    ) -> None:
        super().__init__(worlds, criterion, options, clock, nothing, 0.0)
        if limits is not None:
            self.limits = limits
        self.level = level_of(
            criterion, target, named=named, scale=self.scale, counted=self.problem.counted
        )
        self.cheap: Plan | None = None
        self._forced = forced_plan(self.model, self.limits)
        self.cost_bound = self._cost(self._forced)
        self._step = step_of(self.model.measure_cost.tolist())
        self._any = self._pauses = False

    def cheapest(self, hints: Sequence[Plan], *, any_plan: bool = False) -> FoundForAll:
        """Return the cheapest plan that is found, and the bound on costs that is proved.

        Parameters
        ----------
        hints
            Plans to begin with.
        any_plan
            Be content with the first plan that reaches the target.

        Raises
        ------
        Unreachable
            When it is proved that no allowed plan reaches the target.
        NotReachedError
            When none was found.
        """
        self._any = any_plan
        self._keep_time_to_tell()
        with self.stoppable():
            if self._hopeless():
                raise Unreachable
        if not self._enough():
            with self.stoppable():
                self._when_all_works()
        if not self._enough():
            self.clock = self.clock.part(_SEARCH_SHARE)  # what is left of it is for the proof
            self.values.deadline = self.clock.deadline
            with self.stoppable():
                self._look_for_cheap_plans(hints)
        self._keep_time_to_tell()
        if self.cheap is None and not self._enough():
            with self.stoppable():
                self._grow(self._forced)
        if not self._enough():
            with self.stoppable():
                self._prove_cheapest()
        return self._found_cheapest()

    def next_cheapest(self) -> FoundForAll:
        """Return the cheapest plan of those that are known, once more is known of their means.

        Raises
        ------
        NotReachedError
            When none of them reaches the target.
        """
        self.cheap = None
        reaching = [p for p, mean in self._means.items() if self.level.reached_by(mean)]
        reaching = [plan for plan in reaching if allowed(self.model, self.limits, plan)]
        if reaching:
            self.cheap = min(reaching, key=lambda plan: plan_key(self.model, plan))
        return self._found_cheapest()

    def learn(self, plan: Plan, means: Floats) -> None:
        """Take the counted means of a plan, by scenario."""
        self._note(plan, means.tolist())
        self._exact.add(plan)

    def counted_mean(self, plan: Plan) -> float:
        """Return the criterion of a plan over all outcomes.

        Raises
        ------
        OutOfTime
            When they are too many, or there is no time for them.
        """
        value = self.mean(plan)
        if plan not in self._exact:
            raise OutOfTime("a plan hangs on too many chances to count what may work of it")
        return value

    # -- as the goal of the tree -----------------------------------------------------------------

    def offer(self, plan: Plan) -> float:
        """Take a plan if it reaches the target and is cheaper; return a bound on its cost."""
        reaches = self.level.reached_by(self.mean(plan))
        if reaches and (self.cheap is None or self._before(plan, self.cheap)):
            self.cheap = plan
        missed = not reaches and plan in self._exact
        return math.inf if missed else self._cost(plan)

    def best_for(self, budget: float) -> Plan:
        """Return the best plan that is known for a budget, by the values that a search goes by."""
        spared = [plan for plan in self._known if self._cost(plan) <= budget]
        spared = [plan for plan in spared if allowed(self.model, self.limits, plan)]
        key = partial(plan_key, self.model)
        return min(spared, key=lambda p: (self._known[p], key(p)), default=self._forced)

    def proving(self) -> float:
        """Return the least bound that proves the cheapest plan; beyond all costs without one."""
        if self.cheap is None:
            return 2.0 * self._dearest + 1.0
        spent = self._cost(self.cheap)
        by_gap = spent - max(self.options.gap * spent, _SAME)
        return min(by_gap, spent - (1.0 - 2.0 * _LITTLE) * self._step)

    def ended(self) -> bool:
        """Return whether nothing more is wanted, or it was stopped."""
        paused = self._pauses and self.nodes >= _FIRST_NODES
        return paused or (self._any and self.cheap is not None) or super().ended()

    def certain(self, plan: Plan) -> float | None:
        """Take a plan as `offer` does; return its mean, None where it is none for certain."""
        self.offer(plan)
        return self.mean(plan) if plan in self._exact else None

    def _hopeless(self) -> bool:
        """Return whether all measures together miss the target when they work."""
        return not self.level.reached_by(self.criterion.of(self.least))

    # -- steps ------------------------------------------------------------------------------------

    def _when_all_works(self) -> None:
        """Take the bound on costs, and the plan, that hold when all works that can."""
        if len(self.worlds) > 1 or self.criterion.name == "regret":
            return
        problem = replace(self.problem, constraints=self.limits)
        clock = self.clock.part(_SURE_SHARE)
        sure = TargetRun(problem, replace(self.options, on_progress=None), clock)
        nothing, target = float(self.nothing[0]), self.level.most
        if self.criterion.name == "cut":
            target += nothing
        found = sure.reach(nothing, target)
        self.interrupted = self.interrupted or sure.interrupted
        if found is not None:
            self.cost_bound = max(self.cost_bound, found.cost_bound or 0.0)
            self.offer(found.plan)
            self._grow(found.plan)

    def _look_for_cheap_plans(self, hints: Sequence[Plan]) -> None:
        """Search for cheap plans, a little below the target where its values are no means."""
        search = self._search = self._first_plan()
        for plan in hints:
            if allowed(self.model, self.limits, plan):
                self.offer(plan)
        for margin in _MARGINS:
            worst = self.level.most - (margin - EQUAL) * self.scale
            search.reach(worst)
            if search.value > worst:
                break
            self.offer(search.best)
            if self._reaches(search.best):
                break
        if self.cheap is None:
            self._grow(self._forced)
        self._trim()

    def _grow(self, plan: Plan) -> None:
        """Take measures into a plan, those of which most is lost first, until it is enough."""
        count = len(self.model.measures)
        self.values.remember(plan)
        lost = self.values.most_lost()
        worth = lost / np.maximum(self.model.measure_cost, 1e-9)
        order = np.lexsort((np.arange(count), -worth))
        self._take_first_enough(plan, order.tolist())

    def _take_first_enough(self, plan: Plan, order: Sequence[int]) -> None:
        """Offer the first of plans, each with a measure more, that reaches the target."""
        plans = [plan] if allowed(self.model, self.limits, plan) else [self._forced]
        for measure in order:
            grown = closure(self.model, plans[-1] | {measure})
            if measure not in plans[-1] and allowed(self.model, self.limits, grown):
                plans.append(grown)
        low, high = 0, len(plans) - 1
        if not self._reaches(plans[high]):
            self.offer(plans[high])
            return
        while low < high:
            middle = (low + high) // 2
            if self._reaches(plans[middle]):
                high = middle
            else:
                low = middle + 1
        self.offer(plans[high])

    def _trim(self) -> None:
        """Drop measures of the cheapest plan, the dearest first, while it reaches the target."""
        dropped = True
        while dropped and self.cheap is not None and not self.ended():
            dropped, plan = False, self.cheap
            for measure in sorted(
                plan - self._forced, key=lambda each: (-self.model.measure_cost[each], each)
            ):
                smaller = without(self.model, plan, measure)
                if self._forced <= smaller and allowed(self.model, self.limits, smaller):
                    self.insist_on_time()
                    self.offer(smaller)
                    if self.cheap != plan:
                        dropped = True
                        break

    def _prove_cheapest(self) -> None:
        """Raise the bound on costs by branch and cut, which takes the plans that it meets."""
        cuts = self.plan_cuts()
        start = self._fullest() if self.cheap is None else self.cheap
        unit = self._cost(start)
        with threads_for_cuts(self.solver_options.threads) as pool:
            tree = cuts.cheapest_tree(
                self.limits,
                start,
                self,
                most=self.level.most + EQUAL * self.scale,
                unit=unit if unit > 0.0 else 1.0,
                pool=pool,
            )

            def counted() -> None:
                self.nodes += 1

            def looked() -> None:
                if tree.nodes % _ROUND_EVERY == 1 and not (self._pauses and tree.nodes > 1):
                    point = tree.point[: len(self.model.measures)]
                    order = np.argsort(-point, kind="stable").tolist()
                    self._take_first_enough(self._forced, order)
                    self._trim()
                counted()

            try:
                self._pauses = True
                tree.start(start)
                tree.run(looked)
                self._pauses = False
                if self.cheap is not None and not tree.done and not self.ended():
                    self.cost_bound = max(self.cost_bound, tree.bound)
                    above = self.level.most + 2.0 * EQUAL * self.scale
                    climb(self, cuts, above, counted, pool)
                if not self._enough():
                    tree.run(looked)
            finally:
                self._pauses = False
                self.cost_bound = max(self.cost_bound, tree.bound)

    def _found_cheapest(self) -> FoundForAll:
        """Return the cheapest plan with the status that the bound on costs gives it.

        Raises
        ------
        Unreachable, NotReachedError
            As `cheapest`.
        """
        limit = self.limit_of("limit") or "nodes"
        if self.cheap is None:
            if self.cost_bound > self._dearest + _SAME:
                raise Unreachable
            raise NotReachedError(limit)
        plan, spent = self.cheap, self._cost(self.cheap)
        bound = min(self.cost_bound, spent)
        if self._step:  # every cost is a multiple of it
            bound = min(self._step * math.ceil(bound / self._step - _LITTLE), spent)
        if spent - bound <= _SAME:
            bound = spent
        proved = relative_gap(spent, bound) <= self.options.gap
        status: Status = "optimal" if proved else "limit"
        value = self._means[plan]
        return FoundForAll(plan, value, value, status, None if proved else limit, bound)

    def _enough(self) -> bool:
        return self.ended() or (self.cheap is not None and self.cost_bound >= self.proving())

    def _reaches(self, plan: Plan) -> bool:
        self.insist_on_time()
        return self.level.reached_by(self.mean(plan))

    def _fullest(self) -> Plan:
        """Return an allowed plan to which no measure can be added."""
        plan = self._forced
        for measure in range(len(self.model.measures)):
            grown = closure(self.model, plan | {measure})
            if allowed(self.model, self.limits, grown):
                plan = grown
        return plan

    @property
    def _dearest(self) -> float:
        """The cost of all measures together, which no plan goes above."""
        return float(self.model.measure_cost.sum())

    def _cost(self, plan: Plan) -> float:
        return plan_key(self.model, plan)[0]

    def _before(self, plan: Plan, other: Plan) -> bool:
        return plan_key(self.model, plan) < plan_key(self.model, other)
