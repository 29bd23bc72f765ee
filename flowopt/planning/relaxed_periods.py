"""Periods of a schedule solved one by one: what they bound, and the plans that they give.

Some purchases are made, so that their periods pay for them, and some are ruled out; all others are
there for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from flowopt.model.activities import Floats
from flowopt.planning.conflicts import Conditions
from flowopt.planning.period_solver import PeriodRequest
from flowopt.planning.schedule_problem import Purchase, ScheduleProblem
from flowopt.planning.solve_run import FoundPlan

Plans = list[tuple[int, list[str]]]  # the measures in force in each period
SolvePeriods = Callable[[Sequence[PeriodRequest]], list[FoundPlan]]
_ROUNDING = 1e-12  # of sums over periods


class RelaxedPeriods:
    """Periods solved by themselves, with what may have been bought or not for nothing.

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
    made
        Purchases that every schedule makes.
    ruled_out
        Purchases that none makes.
    before
        Bounds of a year of each period that are known.

    Attributes
    ----------
    made : frozenset of (str, int)
        Purchases that their periods pay for.
    ruled_out : set of (str, int)
        Purchases that are not made: not on this branch, or in no schedule of use.
    """

    def __init__(
        self,
        problem: ScheduleProblem,
        raised: list[Floats],
        paid: float,
        solve: SolvePeriods,
        *,
        made: Iterable[Purchase] = (),
        ruled_out: Iterable[Purchase] = (),
        before: Sequence[float] = (),
    ) -> None:
        self.made, self.ruled_out = frozenset(made), set(ruled_out)
        self._problem, self._raised, self._paid, self._solve = problem, raised, paid, solve
        self._built, self._periods = problem.built, range(len(raised))
        self._found: list[FoundPlan] = []
        self._before = before
        self._rates = [problem.rate(period) for period in self._periods]

    def solved(self) -> float:
        """Solve the periods; return the bound of all, infinity where no schedule is left."""
        requests = self.requests()
        if not requests:
            return math.inf
        self.note(self._solve(requests))
        return self.bound()

    def requests(self, enough: float = math.inf) -> list[PeriodRequest]:
        """Return the requests on the periods; none where no schedule keeps to the purchases.

        Parameters
        ----------
        enough
            Bound of all periods at which nothing is left to look for.
        """
        if not all(self._problem.pays(t, self._made_in(t)) for t in self._periods):
            return []
        requests = [
            replace(self._of_period(period), cutoff=self._cutoff(period, enough))
            for period in self._periods
        ]
        if any(Conditions(each.problem).conflict() for each in requests):
            return []
        return requests

    def _cutoff(self, period: int, enough: float) -> float | None:
        """Return the bound of a year of a period with which that of all is enough; None for none.

        The bounds of the others are those known beforehand.
        """
        if math.isinf(enough) or not self._before or not self._rates[period]:
            return None
        return self._needed(period, self._before, enough)

    def _needed(self, period: int, years: Sequence[float], enough: float) -> float:
        """Return the bound of a year of a period that all need for enough, beside some bounds."""
        needed = years[period] + (enough - self._total(years)) / self._rates[period]
        return needed + _ROUNDING * max(1.0, abs(needed))

    def _total(self, years: Sequence[float]) -> float:
        """Return the bound of all periods by those of a year of each."""
        return math.fsum(rate * year for rate, year in zip(self._rates, years, strict=True)) - (
            self._paid
        )

    def note(self, found: list[FoundPlan]) -> None:
        """Note what was found for the requests on the periods."""
        self._found = found

    def branches(self, purchase: Purchase) -> tuple[RelaxedPeriods, RelaxedPeriods]:
        """Return the periods with a purchase made, which are not solved yet, and without it.

        Whatever its period cannot pay for beside what is made is not made.
        """
        made = self.made | {purchase}
        period = purchase[1]
        there = [m for m, q in made if q == period]
        too_dear = {
            (m, q)
            for m, q in set(self._built.bought) - made
            if q == period and not self._problem.pays(q, [*there, m])
        }
        with_it = self._with(made, self.ruled_out | too_dear)
        return with_it, self._with(self.made, self.ruled_out | {purchase})

    def _with(self, made: Iterable[Purchase], ruled_out: Iterable[Purchase]) -> RelaxedPeriods:
        return RelaxedPeriods(
            self._problem,
            self._raised,
            self._paid,
            self._solve,
            made=made,
            ruled_out=ruled_out,
            before=[found.bound for found in self._found],
        )

    def _made_in(self, period: int) -> list[str]:
        return sorted(m for m, q in self.made if q == period)

    def bound(self, other: Mapping[int, float] | None = None) -> float:
        """Return the bound of all periods, some with another bound of a year."""
        years = [found.bound for found in self._found]
        for period, bound in (other or {}).items():
            years[period] = bound
        return self._total(years)

    def plans(self) -> Plans:
        """Return the measures in force in each period."""
        return [(t, self._names(t, self._found[t])) for t in self._periods]

    def unpaid(self) -> list[Purchase]:
        """Return the purchases that would serve what is in force for nothing, the dearest first.

        Of one measure the earliest comes first: without it more is lost than without a later one.
        """
        serves, built = self._built.timeline.serves, self._built
        setup = {row.measure: row.setup for row in self._problem.network.measures}
        for_nothing = {(m, t) for t, plan in self.plans() for m in plan} - {
            (m, t) for m, q in self.made for t in serves(self._problem.row(m), q)
        }
        found = [
            (measure, q)
            for (measure, q), index in built.bought.items()
            if (measure, q) not in self.ruled_out
            and index not in built.impossible
            and any((measure, t) in for_nothing for t in serves(self._problem.row(measure), q))
        ]
        return sorted(found, key=lambda each: (-setup[each[0]], each))

    def without_purchases(self) -> Plans | None:
        """Return the plans of the periods in which nothing is in force that has to be bought."""
        requests = {
            period: self._of_period(period, bought=False)
            for period, plan in self.plans()
            if any(self._problem.serving(m, period) for m in plan)
        }
        return self._with_plans(requests)

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
    ) -> PeriodRequest:
        budget = self._problem.left(period, self._made_in(period))
        problem = self._problem.of_period(
            period, self._raised[period], ruled_out=self.ruled_out, bought=bought, budget=budget
        )
        return PeriodRequest(period, problem)

    def _names(self, period: int, found: FoundPlan) -> list[str]:
        measures = self._built.yearly[period].measures
        return [measures[i] for i in sorted(found.plan)]
