"""Periods of a schedule solved one by one: what they bound, and the plans that they give."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from flowopt.errors import OutOfTime
from flowopt.model.activities import Floats
from flowopt.planning.conflicts import Conditions
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.schedule_problem import Purchase, ScheduleProblem
from flowopt.planning.solve_run import FoundPlan

Plans = list[tuple[int, list[str]]]  # the measures in force in each period
SolvePeriod = Callable[[PlanProblem, int], FoundPlan | None]


class RelaxedPeriods:
    """Periods solved by themselves, with everything that could have been bought for nothing.

    Parameters
    ----------
    problem
        The request.
    raised
        What is open of each capacity beside the table's, by period, t/yr.
    paid
        What that costs the trafficker, M USD, where money counts.
    solve
        Solves the request on one period, while so many are left to be solved.

    Attributes
    ----------
    ruled_out : set of (str, int)
        Purchases that are known to be in no schedule of use.
    """

    def __init__(
        self, problem: ScheduleProblem, raised: list[Floats], paid: float, solve: SolvePeriod
    ) -> None:
        self.ruled_out: set[Purchase] = set()
        self._problem, self._raised, self._paid, self._solve = problem, raised, paid, solve
        self._built, self._periods = problem.built, range(len(raised))
        self._asked: dict[int, PlanProblem] = {}
        self._found: dict[int, FoundPlan] = {}
        self._tried: dict[Purchase, float] = {}
        self._rates = [problem.rate(period) for period in self._periods]

    def solved(self) -> float:
        """Solve the periods of which the question has changed; return the bound of all."""
        for period in self._periods:
            asked = self._of_period(period)
            known = self._asked.get(period)
            if known is not None and known.constraints == asked.constraints:
                continue
            if Conditions(asked).conflict():
                return math.inf  # no schedule is left without the purchases that are ruled out
            found = self._solve(asked, len(self._periods) - period)
            if found is None:
                raise OutOfTime("no time is left for a period")
            self._asked[period], self._found[period] = asked, found
        return self.bound()

    def bound(self, other: Mapping[int, float] | None = None) -> float:
        """Return the bound of all periods, some with another bound of a year."""
        years = {period: found.bound for period, found in self._found.items()} | dict(other or {})
        return math.fsum(self._rates[t] * years[t] for t in self._periods) - self._paid

    def plans(self) -> Plans:
        """Return the measures in force in each period."""
        return [(t, self._names(t, self._found[t])) for t in self._periods]

    def worse_purchases(self, proves: Callable[[float], bool]) -> dict[Purchase, float]:
        """Return purchases that no schedule of use makes, with a bound on those that make them.

        A purchase leaves its period so much less money; everything else is there for nothing.
        """
        built, found = self._built, {}
        used = {(m, t) for t, plan in self.plans() for m in plan}
        for (measure, q), index in built.bought.items():
            if (measure, q) in self.ruled_out or index in built.impossible:
                continue
            serves = built.timeline.serves(self._problem.row(measure), q)
            if not any((measure, t) in used for t in serves):
                continue
            bound = self.bound({q: self._paying(measure, q)})
            if proves(bound):
                found[measure, q] = bound
        return found

    def _paying(self, measure: str, period: int) -> float:
        """Return the bound of a year of a period that also pays for a purchase."""
        key = (measure, period)
        if key not in self._tried:
            left = self._problem.left(period, [measure])
            if left < 0.0:
                return math.inf
            asked = self._of_period(period, budget=left)
            if Conditions(asked).conflict():
                return math.inf
            found = self._solve(asked, 1)
            self._tried[key] = found.bound if found else self._found[period].bound
        return self._tried[key]

    def affordable(self, bought: list[Purchase]) -> Iterator[Plans | None]:
        """Yield plans of the periods that should cost no more than there is, None for none.

        They pay for purchases, or need none; and they leave aside what could be carried over.
        """
        yield self._paying_for(bought)
        yield self._without_purchases()
        if self._problem.carry:
            yield self._within_own_budgets()

    def _paying_for(self, bought: list[Purchase]) -> Plans | None:
        """Return the plans of the periods with purchases paid for; None where they cannot be."""
        plans = []
        for period in self._periods:
            made = [m for m, q in bought if q == period]
            if not made:
                plans.append((period, self._names(period, self._found[period])))
                continue
            left = self._problem.left(period, made)
            if left < 0.0:
                return None
            plan = self._solved_for(period, budget=left)
            if plan is None:
                return None
            plans.append((period, plan))
        return plans

    def _without_purchases(self) -> Plans | None:
        """Return the plans of the periods in which nothing is in force that has to be bought."""
        plans = []
        for period, plan in self.plans():
            if any(self._problem.serving(m, period) for m in plan):
                again = self._solved_for(period, bought=False)
                if again is None:
                    return None
                plan = again
            plans.append((period, plan))
        return plans

    def _within_own_budgets(self) -> Plans | None:
        """Return the plans of the periods with nothing bought, and no money carried to them."""
        plans = []
        for period, money in enumerate(self._problem.budgets):
            plan = self._solved_for(period, bought=False, budget=money)
            if plan is None:
                return None
            plans.append((period, plan))
        return plans

    def _solved_for(
        self, period: int, *, bought: bool = True, budget: float | None = None
    ) -> list[str] | None:
        asked = self._of_period(period, bought=bought, budget=budget)
        if not Conditions(asked).conflict():
            found = self._solve(asked, 1)
            return None if found is None else self._names(period, found)
        return None

    def _of_period(
        self, period: int, *, bought: bool = True, budget: float | None = None
    ) -> PlanProblem:
        return self._problem.of_period(
            period, self._raised[period], ruled_out=self.ruled_out, bought=bought, budget=budget
        )

    def _names(self, period: int, found: FoundPlan) -> list[str]:
        measures = self._built.yearly[period].measures
        return [measures[i] for i in sorted(found.plan)]
