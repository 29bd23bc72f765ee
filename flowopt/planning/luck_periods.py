"""Bounds on the mean of every schedule, period by period, and the schedules that periods make.

Whatever works, the trafficker brings no less than what it brings year by year with some openings
that do not hang on the schedule, less their cost; under `flow` it opens all that it can, and brings
no more. So the mean of a schedule is at least the sum of the means of its years, and what no plan
of a year goes below in the mean bounds them all. A year has fewer measures and a smaller programme
than all years together, so that its branch and cut gets much farther in the same time. What may
have been bought is there for nothing (`relaxed_periods`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from flowopt.clock import Clock
from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build_over_time import OverTime
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import allowed, closure
from flowopt.model.incumbent import Plan
from flowopt.model.luck import Chances, Luck
from flowopt.model.opened_capacity import most_open_in_each, open_in_each
from flowopt.model.plan_luck import LuckValues
from flowopt.objectives import OBJECTIVES
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.lucky_worlds import LuckyWorld
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import World
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.schedule_outcome import schedule_in
from flowopt.planning.schedule_problem import ScheduleProblem


class _YearRun(LuckRun):
    """Run for a bound on the means of the plans of a year, from those that are known on."""

    tells = False

    def _look_for_plans(self, hints: Sequence[Plan]) -> None:
        """Value what is known: all the time is for the bound."""
        search = self._search = self._first_plan()
        for plan in hints:
            search.offer(plan)


class LuckyPeriods:
    """Years of a schedule under luck, each by itself.

    Parameters
    ----------
    lucky, problem
        Values under luck, and the question over all periods where all works that can.
    plan
        The schedule that is known. Its openings are those that count where they cost money.

    Attributes
    ----------
    interrupted : bool
        Whether the user stopped it.
    """

    def __init__(self, lucky: LuckySchedules, problem: ScheduleProblem, plan: Plan) -> None:
        self._lucky, self._problem, self._plan = lucky, problem, plan
        self._sure, self._paid = self._opened(lucky.asked.whole)
        self._parted, _ = self._opened(lucky.parted)
        self._luck = Luck(lucky.network, Chances.of(lucky.network))
        self.interrupted = False

    def _opened(self, built: OverTime) -> tuple[list[Floats], float]:
        """Return what is open of each capacity in each year, and what it costs the trafficker."""
        if not OBJECTIVES[self._problem.request.objective].for_money:
            return most_open_in_each(built, self._problem.network.openings), 0.0
        whole = self._lucky.asked.whole
        if _openings(self._lucky.parted) != _openings(whole):  # then nothing opens in the bound
            return open_in_each(built, np.zeros(len(built.opened))), 0.0
        columns = [each.column for each in whole.opened]
        schedule = schedule_in(self._problem, self._plan)
        opened = self._lucky.asked.response(schedule, tidy=False).activity[columns]
        return open_in_each(built, opened), float(whole.model.cost[columns] @ opened)

    def found(self, options: RunOptions, clock: Clock) -> tuple[float, Plan]:
        """Return a bound on the mean of every schedule, and what is in force in the best years.

        Parameters
        ----------
        options, clock
            How they are solved, and the time for all of them, in equal parts.
        """
        rates = [self._problem.rate(t) for t in range(len(self._sure))]
        counting = [t for t, rate in enumerate(rates) if rate]
        bounds, in_force = [-self._paid], self._plan & self._lucky.in_force_indices
        for place, period in enumerate(counting):
            left = clock.part(1.0 / (len(counting) - place))
            best = self._year(period, replace(options, on_progress=None), left)
            if best is None:
                return -math.inf, self._plan
            bounds.append(rates[period] * best.bound)
            in_force = (in_force - self._in(period)) | frozenset(self._at(period, best.plan))
        return math.fsum(bounds), in_force

    def _year(self, period: int, options: RunOptions, clock: Clock) -> FoundForAll | None:
        """Return the best plan of a year with a bound on all; None where the user stopped it."""
        if self.interrupted:
            return None
        problem = self._problem.of_period(period, self._sure[period])
        model = self._lucky.parted.yearly[period]
        model = replace(model, limit=model.limit + self._parted[period])
        acting = replace(problem, network=self._luck.network, model=model)
        solver = BestResponseSolver(model, problem.request.objective, ties=problem.request.ties)
        solver.deadline = clock.deadline
        world = LuckyWorld(
            World("", "as it stands", 1.0, problem.network), problem, acting,
            LuckValues(self._luck, solver),
        )  # fmt: skip
        nothing = np.array([world.values.value_of(frozenset())])
        criterion = Criterion("expected", np.ones(1), np.zeros(1))
        run = _YearRun([world], criterion, options, clock, nothing, 0.0)
        found = run.best([*self._hints(period, run)])
        self.interrupted = run.interrupted
        return found

    def _hints(self, period: int, run: LuckRun) -> Iterator[Plan]:
        """Yield what the schedule has in force in a year, and what is forced."""
        year = self._problem.built.yearly[period].measures
        own = frozenset(
            place for place, name in enumerate(year) if self._index(name, period) in self._plan
        )
        if allowed(run.model, run.limits, own):
            yield own
        yield closure(run.model, run.limits.include)

    def _index(self, measure: str, period: int) -> int:
        return self._problem.built.in_force[measure, period]

    def _at(self, period: int, plan: Plan) -> Iterator[int]:
        year: Sequence[str] = self._problem.built.yearly[period].measures
        return (self._index(year[place], period) for place in sorted(plan))

    def _in(self, period: int) -> Plan:
        return frozenset(i for (_, t), i in self._problem.built.in_force.items() if t == period)


def _openings(built: OverTime) -> list[tuple[int, int]]:
    """Return which row of `openings` each column of what opens is of, and in which period."""
    return [(each.row, each.period) for each in built.opened]
