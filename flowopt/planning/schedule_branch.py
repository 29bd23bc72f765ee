"""A branch of schedules: what they all have or lack, and what each period leaves for its money.

A schedule of the branch has everything that is *made* and nothing that is *barred*: purchases, and
measures in force that others come after. Whatever else some measure needs is there for nothing.
Then periods are problems of a year of their own, tied by money alone where it stays for later: the
best split of it among the steps of their curves bounds every schedule of the branch. Without that
each period has one point: all of its money.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from flowopt.model.feasible_plans import allowed, closure, slack
from flowopt.model.incumbent import Plan
from flowopt.planning.money_split import Split, Step, best_split
from flowopt.planning.open_years import OpenYears
from flowopt.planning.period_solver import PeriodRequest
from flowopt.planning.plan_constraints import PlanProblem, forced_plan
from flowopt.planning.relaxed_periods import Plans
from flowopt.planning.schedule_problem import Purchase
from flowopt.planning.solve_run import FoundPlan
from flowopt.planning.spending_curve import Piece, Point, SpendingCurve

_ROUNDING = 1e-12  # of sums over periods
_NARROW, _GAINED = 1e-3, 1e-5  # shares of all money, and of what a year leaves
_COARSE = 0.05  # of a period's own money: wider steps are halved before anything else


class Branch:
    """Schedules with some purchases and measures in force, and without others.

    Parameters
    ----------
    years
        What all branches share.
    made, barred
        Measures of the programme over time that every schedule has, or none has.
    curves
        Those of a branch that this one is a part of.

    Attributes
    ----------
    possible : frozenset of int
        Measures of the programme over time that a schedule can have.
    curves : list of SpendingCurve
        What is known of each period.
    """

    def __init__(
        self,
        years: OpenYears,
        made: Plan = frozenset(),
        barred: Plan = frozenset(),
        curves: Sequence[SpendingCurve] = (),
    ) -> None:
        self.years, self.made, self.barred = years, made, barred
        self._problem, self._built = years.problem, years.problem.built
        self._periods = range(len(years.lengths))
        self._most = self._money(made)
        self.possible = self._closed(frozenset(range(len(self._problem.whole.model.measures))))
        self.curves = [self._curve(t, curves[t] if curves else None) for t in self._periods]
        self._asked: list[tuple[int, float]] = []
        self._split: Split | None = None
        self._update()

    # -- what can be -----------------------------------------------------------------------------

    def purchases(self) -> list[Purchase]:
        """Return the purchases that every schedule makes."""
        return [each for each, index in self._built.bought.items() if index in self.made]

    def _money(self, made: Plan) -> list[float]:
        """Return what is left for what is in force once all that is made is bought, M USD.

        That is of each period; where money stays for later, of all periods up to it.
        """
        bought = [each for each, index in self._built.bought.items() if index in made]
        budgets = self._problem.budgets
        own = [
            budgets[t] * years - math.fsum(self._problem.row(m).setup for m, q in bought if q == t)
            for t, years in enumerate(self.years.lengths)
        ]
        return [math.fsum(own[: t + 1]) for t in self._periods] if self._problem.carry else own

    def _pays(self, most: Iterable[float]) -> bool:
        """Return whether no period is left with less than nothing."""
        return all(each >= -slack(each) for each in most)

    def _closed(self, every: Plan) -> Plan:
        """Return what is not barred, can be paid, and has some of all that it needs."""
        model, limits = self._problem.whole.model, self._problem.whole.constraints
        there = set(every - self._built.impossible - limits.exclude - self.barred)
        dear = set(self._built.bought.values()) & there - self.made
        there -= {each for each in dear if not self._pays(self._money(self.made | {each}))}
        while True:
            lost = {a for a, some in model.needs if a in there and there.isdisjoint(some)}
            if not lost:
                return frozenset(there)
            there -= lost

    def _curve(self, period: int, before: SpendingCurve | None) -> SpendingCurve:
        """Return what is known of a period beforehand."""
        later = self._most[period:] if self._problem.carry else self._most[period : period + 1]
        most = max(0.0, min(later)) / self.years.lengths[period]
        if before is not None:
            return before.up_to(most, lambda point: self._keeps(period, point))
        own = self._problem.budgets[period]
        money = {min(own, most), most}
        lines = self.years.lines[period] if self.years.lines else ()
        return SpendingCurve((Point(each, self.years.least[period]) for each in money), lines)

    def _keeps(self, period: int, point: Point) -> bool:
        """Return whether the plan of a point may be here."""
        request = self._request(period, point.money)
        assert point.found is not None
        return allowed(request.model, request.constraints, point.found.plan)

    def _request(self, period: int, money: float) -> PlanProblem:
        """Return the request on a year of a period for so much money."""
        names, index = self._built.yearly[period].measures, self._built.in_force
        there = {m for m in names if index[m, period] in self.possible}
        forced = {m for m in names if index[m, period] in self.made}
        if not self.years.rates[period]:  # whatever else is in force then, it is in vain
            needed = forced | {m for m in names if self._problem.forced(m, period)}
            year = self._built.yearly[period]
            there &= {names[i] for i in closure(year, map(names.index, sorted(needed)))}
        raised = self.years.raised[period]
        return self._problem.of_year(period, raised, there, forced=forced, budget=money)

    # -- the bound -------------------------------------------------------------------------------

    def _update(self) -> None:
        """Find the best split; steps that it rests on are as narrow as is of use."""
        while True:
            self._pieces = [curve.pieces() for curve in self.curves]
            self._split = self._split_of([self._steps(t) for t in self._periods])
            wide = [(t, piece) for t, piece in enumerate(self._picked()) if self._is_wide(t, piece)]
            if not wide:
                return
            for t, piece in wide:
                self.curves[t].halve(piece)

    def _is_wide(self, period: int, piece: Piece) -> bool:
        """Return whether a line says so much more of half a step that it is of use."""
        curve, rate = self.curves[period], self.years.rates[period]
        low, total = max(0.0, piece.above), self._most[-1] / self.years.lengths[period]
        if not piece.money - low > _NARROW * total:
            return False
        gained = curve.line_at(0.5 * (low + piece.money)) - piece.bound
        return rate * gained > _GAINED * rate * abs(piece.bound)

    def _steps(self, period: int) -> list[Step]:
        """Return the steps of a period: what they cost at least, M USD, and what they leave."""
        length, rate = self.years.lengths[period], self.years.rates[period]
        return [
            Step(
                0.0 if piece.above < 0.0 else self.years.above(piece.above * length),
                math.inf if math.isinf(piece.bound) else rate * piece.bound,
            )
            for piece in self._pieces[period]
        ]

    def _split_of(self, steps: Sequence[Sequence[Step]]) -> Split | None:
        if not self._pays(self._most):
            return None
        carry = self._problem.carry
        return best_split(steps, self._most if carry else [math.inf] * len(steps))

    def bound(self) -> float:
        """Return what every schedule of the branch leaves at least; infinity for none."""
        return math.inf if self._split is None else self._split.left - self.years.paid

    def _picked(self) -> list[Piece]:
        """Return the step of each period that the bound rests on; none without a schedule."""
        steps = () if self._split is None else self._split.steps
        return [pieces[k] for pieces, k in zip(self._pieces, steps, strict=False)]

    # -- what to solve ---------------------------------------------------------------------------

    def requests(self, enough: float = math.inf) -> list[PeriodRequest]:
        """Return the requests on periods that would move the bound; none where branching has to.

        Parameters
        ----------
        enough
            Bound at which nothing is left to look for.
        """
        while self._split is not None:
            found, self._asked = [], []
            wanted = [each for each in self._wanted() if not self.curves[each[0]].knows(each[1])]
            for period, money in wanted:
                problem = self._request(period, money)
                forced = forced_plan(problem.model, problem.constraints)
                if allowed(problem.model, problem.constraints, forced):
                    cutoff = self._cutoff(period, money, enough)
                    found.append(PeriodRequest(period, problem, cutoff=cutoff))
                    self._asked.append((period, money))
                else:  # no plan costs so little
                    self.curves[period].add(Point(money, math.inf))
            if len(found) < len(wanted):
                self._update()
            if found or not wanted:
                return found
        return []

    def note(self, found: Sequence[FoundPlan]) -> None:
        """Note what was found for the requests."""
        for (period, money), each in zip(self._asked, found, strict=True):
            self.curves[period].add(Point(money, each.bound, each))
        self._asked = []
        self._update()

    def _wanted(self) -> list[tuple[int, float]]:
        """Return the periods to solve, with money: those that the bound rests on."""
        picked = [piece.point for piece in self._picked()]
        unknown = [(t, point.money) for t, point in enumerate(picked) if point.found is None]
        if not unknown and self.unpaid():
            return []
        costs = [self._cost(t, point) for t, point in enumerate(picked)]
        if not self._problem.carry or self._keeps_money(costs):
            return unknown
        return list(self._between(costs))

    def _cost(self, period: int, point: Point) -> float:
        """Return what the plan of a point costs in all, M USD; without one, all of its money."""
        money = point.money
        if point.found is not None:
            plan = sorted(point.found.plan)
            money = float(self._built.yearly[period].measure_cost[plan].sum())
        return money * self.years.lengths[period]

    def _keeps_money(self, costs: Sequence[float]) -> bool:
        totals = [math.fsum(costs[: t + 1]) for t in self._periods]
        return all(c <= most + slack(most) for c, most in zip(totals, self._most, strict=True))

    def _between(self, costs: Sequence[float]) -> Iterator[tuple[int, float]]:
        """Yield money of periods that keeps within all, the same share of what their plans lack.

        The plans that are found for it are a schedule, and none that leaves less is cheaper. Where
        little is known around it, it is more: what is found then says something of a wider step.
        """
        assert self._split is not None
        low = [self._steps(t)[k].spent for t, k in enumerate(self._split.steps)]
        share = 1.0
        for t in self._periods:
            least, there = math.fsum(low[: t + 1]), math.fsum(costs[: t + 1])
            if there > self._most[t]:
                share = min(share, max(0.0, self._most[t] - least) / max(there - least, _ROUNDING))
        for t in self._periods:
            if costs[t] > low[t]:
                money = max(
                    low[t] + share * (costs[t] - low[t]), min(costs[t], self._middle(t, low[t]))
                )
                money = low[t] + share * (costs[t] - low[t]) if money >= costs[t] else money
                yield t, max(low[t], self.years.below(money)) / self.years.lengths[t]

    def _middle(self, period: int, money: float) -> float:
        """Return the middle of what lies between the points around some money, if it is much."""
        length, own = self.years.lengths[period], self._problem.budgets[period]
        points = [0.0, *(point.money for point in self.curves[period].points)]
        below = max(each for each in points if each * length <= money)
        width = min(own, min(each for each in points if each * length > money) - below)
        return (below + 0.5 * width) * length if width > _COARSE * own else 0.0

    def _cutoff(self, period: int, money: float, enough: float) -> float | None:
        """Return the bound of a year of a period, for so much money, that all need for enough."""
        rate = self.years.rates[period]
        if math.isinf(enough) or not rate:
            return None
        length, points = self.years.lengths[period], self.curves[period].points
        cheaper = [p.money for p in points if p.money + slack(p.money) < money]
        least = self.years.above(max(cheaper) * length) if cheaper else 0.0
        steps = [self._steps(t) for t in self._periods]
        steps[period] = [Step(least, 0.0)]
        rest = self._split_of(steps)
        if rest is None:
            return 0.0
        needed = (enough + self.years.paid - rest.left) / rate
        return needed + _ROUNDING * max(1.0, abs(needed))

    # -- schedules, and branches -----------------------------------------------------------------

    def plans(self) -> Plans | None:
        """Return the plans that the bound rests on, if all are known."""
        found = [piece.point.found for piece in self._picked()]
        if not found or any(each is None for each in found):
            return None
        return [(t, self._names(t, each)) for t, each in enumerate(found) if each is not None]

    def best_known(self) -> Plans | None:
        """Return the best plans that are known and keep to the money, whatever they need."""
        known = [[p.found for p in curve.points if p.found is not None] for curve in self.curves]
        steps = [
            [
                Step(
                    float(self._built.yearly[t].measure_cost[sorted(found.plan)].sum())
                    * self.years.lengths[t],
                    self.years.rates[t] * found.value,
                )
                for found in known[t]
            ]
            for t in self._periods
        ]
        split = self._split_of(steps) if all(steps) else None
        if split is None:
            return None
        return [(t, self._names(t, known[t][k])) for t, k in enumerate(split.steps)]

    def _names(self, period: int, found: FoundPlan) -> list[str]:
        measures = self._built.yearly[period].measures
        return [measures[i] for i in sorted(found.plan)]

    def unpaid(self) -> list[int]:
        """Return what would serve measures that are in force for nothing, the dearest first."""
        index, model = self._built.in_force, self._problem.whole.model
        there = {index[m, t] for t, names in self.plans() or () for m in names}
        found = {
            each
            for a, some in model.needs
            if a in there and (there | self.made).isdisjoint(some)
            for each in some
            if each in self.possible
        }
        return sorted(found, key=lambda each: (-model.measure_cost[each], each))

    def branches(self, item: int) -> list[Branch]:
        """Return the schedules with a purchase or a measure in force, and those without it."""
        one = Branch(self.years, self.made | {item}, self.barred, self.curves)
        other = Branch(self.years, self.made, self.barred | {item}, self.curves)
        return [each for each in (one, other) if math.isfinite(each.bound())]
