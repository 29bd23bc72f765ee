"""Best plans of single scenarios under luck, with which `regret` compares a plan.

Each is the best plan known for its scenario alone, in the mean over what works, with a bound of its
own. A plan that turns out better for a scenario while others are looked for takes its place, so
that no regret of an allowed plan is negative. That only raises the regret of every plan: a bound on
the regret that was proved before holds after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from flowopt.clock import Clock
from flowopt.criteria import CRITERIA
from flowopt.model.activities import Floats
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import allowed
from flowopt.model.incumbent import Plan
from flowopt.model.plan_luck import DRAWS, Expectation, LuckValues
from flowopt.objectives import OBJECTIVES
from flowopt.planning.luck_bilevel import LuckBilevelRun, bounds_of_outcomes
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.lucky_worlds import LuckyWorld, Played
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.solve_responses import first_response
from flowopt.planning.solve_run import FIRST_LOOK, FoundPlan, SolveRun
from flowopt.results.numbers import EQUAL

_DRAWN_SHARE = 0.4  # of the time for a scenario, at most, goes to the mean of its best plan
_LEAST_TIME, _FEWEST = (
    1.0,
    4,
)  # seconds that a scenario's best plan takes, and how many are looked for
_BOUND_SHARE = 0.3  # of the time of one, for what no outcome goes below


def compares_with_best(wanted: CriterionRequest | None) -> bool:
    """Return whether a criterion compares a plan with the best one for each scenario."""
    return wanted is not None and CRITERIA[wanted.criterion].reference == "best"


@dataclass(frozen=True, slots=True)
class SureBests:
    """Best plans by scenario when all works that can, and the values without measures.

    `plans` are others to begin with.
    """

    found: tuple[FoundPlan, ...]
    nothing: Floats
    plans: tuple[Plan, ...] = ()

    @property
    def hints(self) -> list[Plan]:
        """Plans to begin with."""
        return [*(each.plan for each in self.found), *self.plans]

    @property
    def interrupted(self) -> bool:
        """True where the user stopped one of them."""
        return any(each.limit == "interrupted" for each in self.found)


def bests_when_all_works(
    worlds: Sequence[LuckyWorld], options: RunOptions, clock: Clock
) -> SureBests:
    """Return the best plan of each scenario when all works, in equal parts of the time.

    Where there are too many for that, it is looked for in some that are far apart, and the best of
    these plans stands for that of each other one.
    """
    nothing, found = np.zeros(len(worlds)), dict[int, FoundPlan]()
    looked_at = _looked_at(worlds, clock)
    for number, place in enumerate(looked_at):
        part = clock.part(1.0 / (len(looked_at) - number))
        run = SolveRun(worlds[place].problem, options, part)
        run.least_work = FIRST_LOOK / len(looked_at)
        nothing[place] = first_response(run).value
        found[place] = run.run(nothing[place])
    plans = list(dict.fromkeys(each.plan for each in found.values()))
    for place in set(range(len(worlds))) - found.keys():
        with worlds[place].values.without_deadline() as values:
            nothing[place] = values.value_of(frozenset())
            found[place] = _best_of(values, plans)
    return SureBests(tuple(found[place] for place in range(len(worlds))), nothing)


def _best_of(values: LuckValues, plans: Sequence[Plan]) -> FoundPlan:
    """Return the best of some plans for a scenario when all works that can."""
    luck = values.luck
    least = values.value_of(luck.acting(frozenset(luck.owners)))
    all_work = [values.value_of(luck.acting(plan)) for plan in plans]
    left = min(all_work)
    plan = plans[all_work.index(left)]
    return FoundPlan(plan, left, min(least, left), "limit", limit="time")


def _looked_at(worlds: Sequence[LuckyWorld], clock: Clock) -> list[int]:
    """Return the scenarios there is time for, from that with least without measures to the most."""
    count = len(worlds)
    some = int(min(count, max(clock.left() / _LEAST_TIME, _FEWEST)))
    if some == count:
        return list(range(count))
    nothing = []
    for each in worlds:
        with each.values.without_deadline() as values:
            nothing.append(values.value_of(frozenset()))
    order = np.argsort(nothing, kind="stable")
    places = np.round(np.linspace(0, count - 1, some)).astype(int)
    return [int(order[place]) for place in places]


@dataclass(frozen=True, slots=True)
class LuckOwnBest:
    """The best plan known for one scenario alone, in the mean over what works.

    Attributes
    ----------
    plan : frozenset of int
        Its measures.
    expectation : Expectation
        Its mean.
    bound : float
        What no plan's mean goes below in that scenario.
    """

    plan: Plan
    expectation: Expectation
    bound: float

    @property
    def value(self) -> float:
        """The mean."""
        return self.expectation.mean


class _OwnRun(LuckRun):
    """Run for one scenario alone, after which nothing but a mean is told."""

    _kept = 0.0  # seconds, at most

    def _keep_time_to_tell(self) -> None:
        if self.whole_clock.limit is not None:
            self._kept = self._kept or _DRAWN_SHARE * max(0.0, self.whole_clock.left())
            self.reserve(min(self._kept, DRAWS * self.worlds[0].values.seconds))
        self.values.deadline = self.clock.deadline


class _OwnBilevelRun(_OwnRun, LuckBilevelRun):
    """The same where a measure that works may do harm."""


class LuckOwnBests:
    """Best plans known for each scenario alone under luck.

    Parameters
    ----------
    worlds
        The scenarios.
    sure
        Their best plans when all works, whose bounds hold under luck, too.
    options, clock
        How they are looked for, and the time for that, of which each has an equal part.

    Attributes
    ----------
    found : list of LuckOwnBest
        One for each scenario.
    interrupted : bool
        Whether the user stopped it.
    """

    def __init__(
        self, worlds: Sequence[LuckyWorld], sure: SureBests, options: RunOptions, clock: Clock
    ) -> None:
        self._worlds, self._sure, self._clock = tuple(worlds), sure, clock
        self._options = replace(options, on_progress=None)
        self.interrupted = sure.interrupted
        self.found: list[LuckOwnBest] = []
        count = len(self._worlds)
        means = [self._look(n, clock.part(1.0 / (count - n))) for n in range(count)]
        for place, known in enumerate(means):
            self._take(place, {plan: float(values[0]) for plan, values in known.items()})

    @property
    def values(self) -> Floats:
        """Their means, by scenario."""
        return np.array([each.value for each in self.found])

    @property
    def bounds(self) -> Floats:
        """Bounds below all plans' means, by scenario."""
        return np.array([min(each.bound, each.value) for each in self.found])

    @property
    def counted(self) -> bool:
        """True where no mean of them is an estimate."""
        return all(each.expectation.draws is None for each in self.found)

    def take(self, means: Mapping[Plan, Floats]) -> bool:
        """Take plans that are better for a scenario than its own best one; return whether any was.

        Parameters
        ----------
        means
            By plan, its mean over all outcomes in each scenario.
        """
        places = range(len(self._worlds))
        taken = [self._take(n, {p: float(each[n]) for p, each in means.items()}) for n in places]
        return any(taken)

    def take_played(self, played: Sequence[Played]) -> None:
        """Take the plan that is told, where it is better for a scenario than its own best one."""
        for place, (each, own) in enumerate(zip(played, self.found, strict=True)):
            if each.expectation.mean < own.value and self._allowed(place, each.plan):
                self.found[place] = replace(own, plan=each.plan, expectation=each.expectation)

    def _look(self, place: int, clock: Clock) -> Mapping[Plan, Floats]:
        """Look for the best plan of one scenario; return the means that were counted on the way."""
        world, sure = self._worlds[place], self._sure.found[place]
        alone = Criterion("expected", np.ones(1), np.zeros(1))
        nothing = self._sure.nothing[[place]]
        monotone = OBJECTIVES[world.problem.request.objective].monotone
        bound: float = sure.bound
        kind: type[LuckRun] = _OwnRun
        if not monotone:  # what is left when all works bounds no mean
            [bound] = bounds_of_outcomes([world], self._options, clock.part(_BOUND_SHARE)).tolist()
            kind = _OwnBilevelRun
        run = kind([world], alone, self._options, clock, nothing, bound)
        run.interrupted = self.interrupted
        found = run.best([sure.plan, *(each.plan for each in self.found)])
        self.interrupted = self.interrupted or run.interrupted
        expectation = world.values.expected(found.plan, until=clock.deadline)
        self.found.append(LuckOwnBest(found.plan, expectation, found.bound))
        return run.counted

    def _take(self, place: int, means: Mapping[Plan, float]) -> bool:
        """Take the best of some plans for a scenario, if it is better than its own best one."""
        own, same = self.found[place], EQUAL * float(self._sure.nothing[place])
        known = {plan: mean for plan, mean in means.items() if mean < own.value - same}
        better = [plan for plan in known if self._allowed(place, plan)]
        if not better:
            return False
        plan = min(better, key=lambda each: (known[each], sorted(each)))
        values = self._worlds[place].values
        expectation = values.expected(plan, until=self._clock.deadline)
        self.found[place] = replace(own, plan=plan, expectation=expectation)
        return True

    def _allowed(self, place: int, plan: Plan) -> bool:
        problem = self._worlds[place].problem
        return allowed(problem.model, problem.constraints, plan)
