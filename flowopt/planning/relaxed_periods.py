"""Periods of a schedule solved one by one: what they bound, and the plans that they give."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from flowopt.model.activities import Floats
from flowopt.planning.conflicts import Conditions
from flowopt.planning.period_solver import PeriodRequest
from flowopt.planning.schedule_problem import Purchase, ScheduleProblem
from flowopt.planning.solve_run import FoundPlan

Plans = list[tuple[int, list[str]]]  # the measures in force in each period
SolvePeriods = Callable[[Sequence[PeriodRequest]], list[FoundPlan]]
_ROUNDING = 1e-12  # of sums over periods


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
        Solves requests on single periods.

    Attributes
    ----------
    ruled_out : set of (str, int)
        Purchases that are known to be in no schedule of use.
    """

    def __init__(
        self, problem: ScheduleProblem, raised: list[Floats], paid: float, solve: SolvePeriods
    ) -> None:
        self.ruled_out: set[Purchase] = set()
        self._problem, self._raised, self._paid, self._solve = problem, raised, paid, solve
        self._built, self._periods = problem.built, range(len(raised))
        self._found: list[FoundPlan] = []
        self._tried: dict[Purchase, FoundPlan] = {}
        self._rates = [problem.rate(period) for period in self._periods]

    def solved(self) -> float:
        """Solve the periods; return the bound of all."""
        requests = [self._of_period(period) for period in self._periods]
        if any(Conditions(each.problem).conflict() for each in requests):
            return math.inf  # no schedule is left without the purchases that are ruled out
        self._found = self._solve(requests)
        return self.bound()

    def bound(self, other: Mapping[int, float] | None = None) -> float:
        """Return the bound of all periods, some with another bound of a year."""
        years = [found.bound for found in self._found]
        for period, bound in (other or {}).items():
            years[period] = bound
        return math.fsum(rate * year for rate, year in zip(self._rates, years, strict=True)) - (
            self._paid
        )

    def plans(self) -> Plans:
        """Return the measures in force in each period."""
        return [(t, self._names(t, self._found[t])) for t in self._periods]

    def worse_purchases(self, enough: float) -> dict[Purchase, float]:
        """Return purchases that no schedule of use makes, with a bound on those that make them.

        A purchase leaves its period so much less money; everything else is there for nothing. The
        dearest measure goes first, and the others wait where it is ruled out: without it the bound
        of all is higher, and they are decided sooner.

        Parameters
        ----------
        enough
            Bound at which nothing is left to look for.
        """
        used = self._purchases_used()
        setup = {measure: self._problem.row(measure).setup for measure, _ in used}
        for measure in sorted(setup, key=lambda each: (-setup[each], each)):
            bounds = self._bounds_paying([each for each in used if each[0] == measure], enough)
            found = {each: self.bound({each[1]: bound}) for each, bound in bounds.items()}
            worse = {each: bound for each, bound in found.items() if bound >= enough}
            if worse:
                return worse
        return {}

    def _purchases_used(self) -> list[Purchase]:
        """Return the purchases that serve something in the plans of the periods."""
        built, used = self._built, {(m, t) for t, plan in self.plans() for m in plan}
        return [
            (measure, q)
            for (measure, q), index in built.bought.items()
            if (measure, q) not in self.ruled_out
            and index not in built.impossible
            and any(
                (measure, t) in used for t in built.timeline.serves(self._problem.row(measure), q)
            )
        ]

    def _bounds_paying(self, purchases: Iterable[Purchase], enough: float) -> dict[Purchase, float]:
        """Return bounds of a year of a period that also pays for a purchase."""
        found: dict[Purchase, float] = {}
        open_: dict[Purchase, PeriodRequest] = {}
        for each in purchases:
            measure, period = each
            rate, known = self._rates[period], self._found[period].bound
            if not rate:
                found[each] = known  # whatever is done then counts for nothing
                continue
            needed = known + (enough - self.bound()) / rate
            needed += _ROUNDING * max(1.0, abs(needed))
            left, tried = self._problem.left(period, [measure]), self._tried.get(each)
            request = self._of_period(period, budget=left, enough=needed)
            if left < 0.0 or Conditions(request.problem).conflict():
                found[each] = math.inf
            elif tried is not None and not tried.bound < needed <= tried.value:
                found[each] = tried.bound  # asking again decides nothing more
            else:
                open_[each] = request
        self._tried.update(zip(open_, self._solve(list(open_.values())), strict=True))
        return found | {each: self._tried[each].bound for each in open_}

    def paying_for(self, bought: list[Purchase]) -> Plans | None:
        """Return the plans of the periods with purchases paid for; None where they cannot be."""
        requests = {}
        for period in self._periods:
            made = [m for m, q in bought if q == period]
            if made:
                left = self._problem.left(period, made)
                if left < 0.0:
                    return None
                requests[period] = self._of_period(period, budget=left)
        return self._with_plans(requests)

    def without_purchases(self) -> Plans | None:
        """Return the plans of the periods in which nothing is in force that has to be bought."""
        requests = {
            period: self._of_period(period, bought=False)
            for period, plan in self.plans()
            if any(self._problem.serving(m, period) for m in plan)
        }
        return self._with_plans(requests)

    def within_own_budgets(self) -> Plans | None:
        """Return the plans of the periods with nothing bought, and no money carried to them."""
        budgets = enumerate(self._problem.budgets)
        return self._with_plans(
            {t: self._of_period(t, bought=False, budget=money) for t, money in budgets}
        )

    def _with_plans(self, requests: Mapping[int, PeriodRequest]) -> Plans | None:
        """Return the plans of all periods, some of other requests; None where those have none."""
        if any(Conditions(each.problem).conflict() for each in requests.values()):
            return None
        found = self._solve(list(requests.values()))
        return list(
            (
                dict(self.plans())
                | {
                    period: self._names(period, each)
                    for period, each in zip(requests, found, strict=True)
                }
            ).items()
        )

    def _of_period(
        self,
        period: int,
        *,
        bought: bool = True,
        budget: float | None = None,
        enough: float | None = None,
    ) -> PeriodRequest:
        problem = self._problem.of_period(
            period, self._raised[period], ruled_out=self.ruled_out, bought=bought, budget=budget
        )
        return PeriodRequest(period, problem, enough)

    def _names(self, period: int, found: FoundPlan) -> list[str]:
        measures = self._built.yearly[period].measures
        return [measures[i] for i in sorted(found.plan)]
