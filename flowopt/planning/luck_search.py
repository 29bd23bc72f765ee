"""The best plan where measures may fail: a search under common luck, and a proof by cuts.

What the search finds is valued once more by all outcomes, where they can be counted, and the best
plan of these begins the proof (`plan_cuts`). No bound is sampled: that of branch and cut is one on
every plan's mean, whatever number the plan itself is given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flowopt.clock import Clock
from flowopt.criteria import CRITERIA
from flowopt.model.activities import Floats
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import allowed
from flowopt.model.formulations import Programme, programme_of
from flowopt.model.incumbent import Plan
from flowopt.model.luck import COUNTED
from flowopt.model.lucky_traffickers import LuckyTraffickers
from flowopt.model.plan_cuts import LuckyWorld as WorldOfCuts
from flowopt.model.plan_cuts import PlanCuts
from flowopt.model.plan_valuer import PlanValuer
from flowopt.planning.criterion_run import criterion_gap
from flowopt.planning.lucky_worlds import LuckyWorld
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.solve_run import SolveRun
from flowopt.results.numbers import EQUAL
from flowopt.results.plan_result import Status

_VALUED = 12  # plans of a search that are valued by all outcomes
_CLIMBING_SHARE = 0.15  # of the time left, at most, goes to climbing from the best hint
_NODES = 1_000  # of the proof where there is no limit of time


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
    bound
        A bound on the criterion of every plan, known before.

    Attributes
    ----------
    nodes : int
        Of branch and cut so far.
    """

    def __init__(
        self,
        worlds: Sequence[LuckyWorld],
        criterion: Criterion,
        options: RunOptions,
        clock: Clock,
        bound: float,
    ) -> None:
        self.worlds, self.criterion = tuple(worlds), criterion
        self.nodes = 0
        self._means: dict[Plan, float] = {}
        super().__init__(worlds[0].problem, options, clock)
        self._bound = bound
        nothing = self.nothing
        self._differs = CRITERIA[criterion.name].differs
        self._set_scale(float(nothing.max()) if self._differs else criterion.of(nothing))

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
        self.best_plan, self.best_value = hints[0], self.mean(hints[0])
        self._search = self._first_plan()
        if not self.ended():
            with self.stoppable():
                self._look_for_plans(hints)
        with self.stoppable():
            self._value_by_all_outcomes(hints)
        if not self.ended() and not self._proved():
            with self.stoppable():
                self._prove_by_cuts()
        return self._found_for_all()

    @property
    def nothing(self) -> Floats:
        """The values without measures, by scenario."""
        return np.array([each.values.value_of(frozenset()) for each in self.worlds])

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
        """Return the criterion of a plan, by all outcomes or by the draws of a search."""
        if plan not in self._means:
            means = np.array([each.values.searched(plan) for each in self.worlds])
            self._means[plan] = self.criterion.of(means)
        return self._means[plan]

    def offer(self, plan: Plan) -> float | None:
        """Take a plan if it is better, or as good and comes first; return a bound on its value."""
        value, same = self.mean(plan), EQUAL * self.scale
        if value < self.best_value - same:
            self.best_plan, self.best_value = plan, value
        elif value <= self.best_value + same:
            self.best_plan = min(self.best_plan, plan, key=self._search.key)
            self.best_value = self.mean(self.best_plan)
        return value if self._is_counted(plan) else None

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

    def _is_counted(self, plan: Plan) -> bool:
        return all(len(each.values.luck.coins_of(plan)) <= COUNTED for each in self.worlds)

    def _look_for_plans(self, hints: Sequence[Plan]) -> None:
        search = self._search
        for plan in hints:
            search.offer(plan)
        search.climb(search.best, self.clock.part(_CLIMBING_SHARE).deadline)
        search.covering()
        search.run()
        search.shake()

    def _value_by_all_outcomes(self, hints: Sequence[Plan]) -> None:
        """Take the best of the hints and of the plans that looked best to the search."""
        found = sorted(self._known, key=lambda plan: (self._known[plan], self._search.key(plan)))
        found = [plan for plan in found if allowed(self.model, self.limits, plan)][:_VALUED]
        for plan in dict.fromkeys([*hints, *found]):
            if self.ended():
                return
            self.offer(plan)

    def _prove_by_cuts(self) -> None:
        """Raise the bound by branch and cut, which takes the plans that it meets."""
        cuts = PlanCuts(
            self.model,
            [WorldOfCuts(each.values.luck, each.acting.model) for each in self.worlds],
            self.problem.request.objective,
            self.criterion,
            least=self.least,
            nothing=self.nothing,
            scale=self.scale,
        )
        tree = cuts.tree(self.limits, self.best_plan, self)

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
        value, bound = self.best_value, min(self._bound, self.best_value)
        if value - bound <= EQUAL * self.scale:
            bound = value
        status: Status = "optimal" if self.is_proved(value, bound) else "limit"
        limit = self.limit_of(status)
        if status == "limit" and limit is None:
            limit = "nodes"
        return FoundForAll(self.best_plan, value, bound, status, limit)
