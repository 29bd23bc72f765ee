"""The best plan where measures may fail: a search under common luck, and a proof by cuts.

What the search finds is valued once more by all outcomes, where they can be counted, and the best
plan of these begins the proof (`plan_cuts`). No bound is sampled: that of branch and cut is one on
every plan's mean, whatever number the plan itself is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from flowopt.clock import Clock
from flowopt.criteria import CRITERIA
from flowopt.model.activities import Floats
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import PlanConstraints, allowed, plan_key
from flowopt.model.formulations import Programme, programme_of
from flowopt.model.incumbent import Plan
from flowopt.model.luck import COUNTED
from flowopt.model.lucky_traffickers import LuckyTraffickers
from flowopt.model.plan_cuts import LuckyWorld as WorldOfCuts
from flowopt.model.plan_cuts import PlanCuts
from flowopt.model.plan_luck import SEARCHED, SEED
from flowopt.model.plan_valuer import PlanValuer
from flowopt.model.separation import threads_for_cuts
from flowopt.planning.criterion_run import base_of_gaps, criterion_gap
from flowopt.planning.lucky_worlds import LuckyWorld
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.solve_run import SolveRun
from flowopt.results.numbers import EQUAL
from flowopt.results.plan_result import Status

_SKETCHED, _VALUED = 12, 3  # best plans of a search that are drawn more often, and then counted
_SEEN, _FEWEST = 600, 6  # draws of a plan in all worlds together, and in each at least
_COUNTING_SHARE = 0.1  # of the time left, at most, goes to counting the outcomes of a plan
_SEARCH_SHARE = 0.3  # of the time left, at most, goes to the search
_NODES = 1_000  # of the proof where there is no limit of time
_TOLD = (
    2_000  # values of each scenario that a result takes, about: mean, proofs and what comes next
)
_TOLD_AT_LEAST = 60  # values, where many scenarios leave no more time
_TOLD_SHARE_AT_MOST = 0.45  # then: the first values, by which it is told, take longer than others
_TOLD_SHARE = 0.3  # of the time limit, at most, is kept for that


class LuckRun(SolveRun):
    """Run for the best plan where measures may fail.

    Parameters
    ----------
    worlds
        The scenarios under their luck. The rules of plans are those of the first one's network.
    criterion
        Over the means of these.
    options, clock
        Options of the run, and its time.
    nothing
        The values without measures, by scenario.
    bound
        A bound on the criterion of every plan, known before.

    Attributes
    ----------
    nodes : int
        Of branch and cut so far.
    by_scenario : dict of arrays
        By plan, its mean in each scenario: over all outcomes, or of draws.
    tells : bool
        Whether a result is told of its best plan, for which it keeps time.
    """

    tells = True

    def __init__(
        self,
        worlds: Sequence[LuckyWorld],
        criterion: Criterion,
        options: RunOptions,
        clock: Clock,
        nothing: Floats,
        bound: float,
    ) -> None:
        self.worlds, self.criterion, self.nothing = tuple(worlds), criterion, nothing
        self.nodes = 0
        self.by_scenario: dict[Plan, Floats] = {}
        self._means: dict[Plan, float] = {}
        self._exact: set[Plan] = set()
        super().__init__(worlds[0].problem, options, clock)
        self._bound = bound
        self._differs = CRITERIA[criterion.name].differs
        self._set_scale(base_of_gaps(criterion, nothing))

    def _levels(self) -> tuple[PlanValuer, Programme]:
        """Return the values of plans under luck, and the programme as if all worked."""
        values = [each.values for each in self.worlds]
        self.trafficker = values[0].trafficker
        programme = programme_of(self.model, self.problem.request.objective, self.trafficker)
        return LuckyTraffickers(values, self.criterion), programme

    def _branching(self) -> None:
        """Return that plans are not tried one by one."""

    def best(self, hints: Sequence[Plan]) -> FoundForAll:
        """Return the best plan that is found, from some hints on, and the bound that is proved.

        Parameters
        ----------
        hints
            Plans, at least one of them allowed.
        """
        hints = [plan for plan in hints if allowed(self.model, self.limits, plan)]
        self._keep_time_to_tell()
        self.best_plan = hints[0]
        self.best_value = self._unknown
        with self.stoppable():
            self.best_value = self.mean(self.best_plan)
            self._keep_time_to_tell()
        for step in (self._look_for_plans, self._value_by_all_outcomes):
            with self.stoppable():
                step(hints)
        self._keep_time_to_tell()
        if not self.ended() and not self._proved():
            with self.stoppable():
                self._prove_by_cuts()
        return self._found_for_all()

    @property
    def _unknown(self) -> float:
        """Value of a plan as long as nothing is known of it: none leaves more than no measures."""
        return self.criterion.of(self.nothing)

    def _keep_time_to_tell(self) -> None:
        """Keep time for the mean that is reported, its proofs, and what comes next."""
        self.reserve(self.telling(self.whole_clock) if self.tells else 0.0)
        self.values.deadline = self.clock.deadline

    def telling(self, clock: Clock) -> float:
        """Return the seconds of a clock that are kept for telling the best plan."""
        value = sum(each.values.seconds for each in self.worlds)
        limit = clock.limit or 0.0
        least = min(_TOLD_AT_LEAST * value, _TOLD_SHARE_AT_MOST * limit)
        return max(min(_TOLD * value, _TOLD_SHARE * limit), least)

    def again(
        self, limits: PlanConstraints, bound: float, hints: Sequence[Plan], clock: Clock
    ) -> FoundForAll:
        """Return the best plan within other limits, in a time of its own.

        Parameters
        ----------
        limits, hints, clock
            What plans may be, plans to begin with, and the time for it.
        bound
            A bound on all these plans.
        """
        self.limits, self._bound, self.nodes = limits, bound, 0
        self.whole_clock = self.clock = clock
        worth = {**self._known, **self._means}  # those of a search are under its own luck
        known = [plan for plan in worth if allowed(self.model, limits, plan)]
        known.sort(key=lambda plan: (worth[plan], plan_key(self.model, plan)))
        return self.best([*known[:_SKETCHED], *hints])

    @property
    def least(self) -> Floats:
        """Values by scenario when all measures are chosen and work; no plan goes below them."""
        lucks = [each.values.luck for each in self.worlds]
        return np.array(
            [
                each.values.value_of(luck.acting(frozenset(luck.owners)))
                for each, luck in zip(self.worlds, lucks, strict=True)
            ]
        )

    def mean(self, plan: Plan) -> float:
        """Return the criterion of a plan, by all outcomes if there is time, or else by draws."""
        if plan not in self._means or (plan not in self._exact and self._countable(plan)):
            if not self._countable(plan):
                return self._sketch(plan)
            self._note(plan, [each.values.searched(plan) for each in self.worlds])
            self._exact.add(plan)
        return self._means[plan]

    def _sketch(self, plan: Plan) -> float:
        """Return about the criterion of a plan, by few draws; by others in each of many worlds."""
        if plan not in self._means:
            draws, seed = max(_FEWEST, min(SEARCHED, _SEEN // len(self.worlds))), SEED + 1
            apart = int(draws < SEARCHED)
            means = [
                each.values.sketched(plan, draws=draws, seed=seed + apart * place)
                for place, each in enumerate(self.worlds)
            ]
            self._note(plan, means)
        return self._means[plan]

    def _note(self, plan: Plan, means: Sequence[float]) -> None:
        self.by_scenario[plan] = np.array(means)
        self._means[plan] = self.criterion.of(self.by_scenario[plan])

    @property
    def counted(self) -> dict[Plan, Floats]:
        """By plan, its mean over all outcomes in each scenario."""
        return {plan: self.by_scenario[plan] for plan in self._exact}

    def _countable(self, plan: Plan) -> bool:
        """Return whether all outcomes of a plan can be counted, and in a part of the time left."""
        coins = [len(each.values.luck.coins_of(plan)) for each in self.worlds]
        if max(coins) > COUNTED:
            return False
        takes = sum(
            2.0**count * each.values.seconds for count, each in zip(coins, self.worlds, strict=True)
        )
        return takes <= _COUNTING_SHARE * self.clock.left()

    def offer(self, plan: Plan) -> float | None:
        """Take a plan if it is better, or as good and comes first; return a bound on its value."""
        value, same = self.mean(plan), EQUAL * self.scale
        if value < self.best_value - same:
            self.best_plan, self.best_value = plan, value
        elif value <= self.best_value + same:
            self.best_plan = min(self.best_plan, plan, key=partial(plan_key, self.model))
            self.best_value = self.mean(self.best_plan)
        return value if plan in self._exact else None

    def proving(self) -> float:
        """Return the least bound that proves the best plan."""
        size = self.scale if self._differs else abs(self.best_value)
        return self.best_value - max(self.options.gap * size, EQUAL * self.scale)

    def is_proved(self, value: float, bound: float) -> bool:
        """Return whether a bound proves a criterion within the gap."""
        return criterion_gap(self.criterion, value, bound, self.scale) <= self.options.gap

    def ended(self) -> bool:
        """Return whether the user or the clock ended it, or enough nodes were looked at."""
        return super().ended() or self._all_nodes()

    def _all_nodes(self) -> bool:
        return self.clock.limit is None and self.nodes >= _NODES

    def _look_for_plans(self, hints: Sequence[Plan]) -> None:
        """Climb from the best hint, then from nothing and from everything, and shake."""
        search = self._search = self._first_plan()
        deadline = self.clock.part(_SEARCH_SHARE).deadline
        for plan in hints:
            search.offer(plan)
        search.covering()
        search.climb(search.best, deadline)
        search.run(swaps=False)
        search.shake()

    def _value_by_all_outcomes(self, hints: Sequence[Plan]) -> None:
        """Take the best of the hints and of the plans that looked best to the search."""
        found = sorted(
            self._known, key=lambda plan: (self._known[plan], plan_key(self.model, plan))
        )
        found = [plan for plan in found if allowed(self.model, self.limits, plan)][:_SKETCHED]
        found = sorted(dict.fromkeys([*hints, *found]), key=self._sketch)
        for plan in found[:_VALUED]:
            if self.ended():
                return
            self.offer(plan)

    def plan_cuts(self) -> PlanCuts:
        """Return what cuts at plans tell of the criterion; it looks at the clock at every cut."""
        return PlanCuts(
            self.model,
            [WorldOfCuts(each.values.luck, each.acting.model) for each in self.worlds],
            self.problem.request.objective,
            self.criterion,
            least=self.least,
            nothing=self.nothing,
            scale=self.scale,
            check=self.insist_on_time,
        )

    def _prove_by_cuts(self) -> None:
        """Raise the bound by branch and cut, which takes the plans that it meets."""
        cuts = self.plan_cuts()
        with threads_for_cuts(self.solver_options.threads) as pool:
            tree = cuts.tree(self.limits, self.best_plan, self, pool=pool)

            def looked() -> None:
                self.nodes = tree.nodes
                self.report(self.best_value, max(self._bound, tree.bound))

            try:
                tree.start(self.best_plan)
                tree.run(looked)
            finally:
                self._bound = max(self._bound, tree.bound)

    def _proved(self) -> bool:
        return self.is_proved(self.best_value, self._bound)

    def _found_for_all(self) -> FoundForAll:
        return self.judged(self.best_value)

    def judged(self, value: float, bound: float | None = None) -> FoundForAll:
        """Return the best plan with the status that its bound, or another, gives it at a value."""
        bound = min(self._bound if bound is None else bound, value)
        if value - bound <= EQUAL * self.scale:
            bound = value
        status: Status = "optimal" if self.is_proved(value, bound) else "limit"
        limit = self.limit_of(status)
        if status == "limit" and limit is None:
            limit = "nodes"
        return FoundForAll(self.best_plan, value, bound, status, limit)
