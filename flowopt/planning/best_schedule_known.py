"""The best schedule known so far: plans of the periods put together, valued, and compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from flowopt.model.feasible_plans import allowed, without
from flowopt.model.incumbent import Plan
from flowopt.planning.relaxed_periods import Plans
from flowopt.planning.schedule_problem import Purchase, ScheduleProblem, with_purchases
from flowopt.results.numbers import EQUAL


class BestScheduleKnown:
    """The best of the schedules offered; of equally good ones the first of the cheapest.

    Parameters
    ----------
    problem
        The request.
    valued
        Returns the objective over all periods under a schedule.
    scale
        What counts as equal is a share of it.

    Attributes
    ----------
    plan : frozenset of int or None
        The schedule, as measures of the programme over time; None for none so far.
    value : float
        The objective under it; infinity for none.
    """

    def __init__(
        self, problem: ScheduleProblem, valued: Callable[[Plan], float], scale: float
    ) -> None:
        self._problem, self._valued, self._same = problem, valued, EQUAL * scale
        self._model, self._limits = problem.whole.model, problem.whole.constraints
        self.plan: Plan | None = None
        self.value = math.inf

    def take(self, plan: Plan) -> bool:
        """Value a schedule that is allowed, and keep the best; return whether it is allowed."""
        if not allowed(self._model, self._limits, plan):
            return False
        value = self._valued(plan)
        if value < self.value - self._same or (
            value <= self.value + self._same and self._cheaper(plan)
        ):
            self.plan, self.value = plan, value
        return True

    def _cheaper(self, plan: Plan) -> bool:
        if self.plan is None:
            return True
        spent, least = (self._model.measure_cost[list(p)].sum() for p in (plan, self.plan))
        return bool(spent < least - EQUAL)

    def offer(self, plans: Plans | None, made: Iterable[Purchase] = ()) -> Plan | None:
        """Value the schedule of plans of the periods, where there are any; return it.

        It makes the latest purchases, which may be too dear in their periods where others, that
        the periods paid for, are not: those are `made`. Where some come after nothing, it is valued
        without them.
        """
        if plans is None:
            return None
        built = self._problem.built
        in_force = frozenset(built.in_force[m, period] for period, plan in plans for m in plan)
        schedule = with_purchases(self._problem, in_force)
        if self.take(schedule):
            return schedule
        if bought := frozenset(built.bought[each] for each in made):
            self.take(self._without_idle(in_force | bought, bought))
        self.take(self._in_order(schedule))
        return schedule

    def _in_order(self, schedule: Plan) -> Plan:
        """Return a schedule without what comes after nothing in it."""
        left = schedule
        for a, some in self._model.needs:
            if a in left and left.isdisjoint(some):
                left = without(self._model, left, a)
        in_force = left & frozenset(self._problem.built.in_force.values())
        return with_purchases(self._problem, in_force)

    def _without_idle(self, schedule: Plan, bought: Plan) -> Plan:
        """Return a schedule without purchases that nothing in it needs."""
        for each in sorted(bought):
            if allowed(self._model, self._limits, schedule - {each}):
                schedule -= {each}
        return schedule
