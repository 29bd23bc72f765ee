"""Requests for a schedule: when which measure is in force, within what there is in each period.

A schedule is a plan of the programme over time (`build_over_time`), whose measures are those of the
network in force in one period, and purchases. Money and resources of every period are limited sums
of that plan; with money carried over, what all periods up to one take together.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from flowopt.errors import RequestError
from flowopt.model.activities import Floats
from flowopt.model.build_over_time import OverTime
from flowopt.model.feasible_plans import PlanConstraints, closure, slack
from flowopt.model.incumbent import Plan
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.planning.period_budgets import Budget, Money, budgets_of, insist_on_budgets
from flowopt.planning.plan_constraints import PlanProblem, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.schedules import Schedule, impossible_in, named_in_force

Purchase = tuple[str, int]  # a measure, and the place of the period in which it is bought


@dataclass(frozen=True, slots=True)
class ScheduleProblem:
    """A request on a network with periods.

    Attributes
    ----------
    network : Network
        The network.
    built : OverTime
        Its programme.
    whole : PlanProblem
        The request on that programme: its plans are schedules.
    budgets : tuple of float
        Money of each period, M USD a year; infinity for no limit.
    carry : bool
        Whether money that is left over stays for later periods.
    """

    network: Network
    built: OverTime
    whole: PlanProblem
    budgets: tuple[float, ...]
    carry: bool

    @property
    def money(self) -> Money:
        """The money of each period; None for no limit."""
        return tuple(None if math.isinf(each) else each for each in self.budgets)

    @property
    def request(self) -> PlanRequest:
        """The request: objective, ties, and what it names."""
        return self.whole.request

    @property
    def resources(self) -> dict[str, float]:
        """The limits of resources in every period, by id."""
        return resource_limits(self.network, self.request.resources)

    def used(self, schedule: Schedule) -> dict[str, float]:
        """Return what a schedule takes of each resource in each period, as ``crews@2015``."""
        return {
            f"{row.resource}@{period.period}": math.fsum(
                use.amount
                for use in self.network.uses
                if use.resource == row.resource and use.measure in schedule.at(t)
            )
            for row in self.network.resources
            for t, period in enumerate(self.network.periods)
        }

    def most_spent(self, period: int) -> float:
        """Return the most that a period can take, M USD a year: all that was carried with it."""
        if not self.carry:
            return self.budgets[period]
        rows = self.built.timeline.periods
        there = sum(rows[t].years * self.budgets[t] for t in range(period + 1))
        return there / rows[period].years

    def left(self, period: int, bought: Iterable[str]) -> float:
        """Return what purchases leave of the money of their period, M USD a year."""
        setup = math.fsum(self.row(measure).setup for measure in bought)
        return self.most_spent(period) - setup / self.built.timeline.periods[period].years

    def pays(self, period: int, bought: Iterable[str]) -> bool:
        """Return whether the money of a period pays for purchases, if for nothing else."""
        return self.left(period, bought) >= -slack(self.most_spent(period))

    def row(self, measure: str) -> schema.Measure:
        """Return the row of a measure."""
        return self.network.measures[self.built.yearly[0].measures.index(measure)]

    def serving(self, measure: str, period: int) -> list[int]:
        """Return the periods in which a purchase serves a period; none for nothing to buy."""
        return self.built.timeline.purchases(self.row(measure), period)

    def possible(self, period: int, ruled_out: Container[Purchase], *, bought: bool) -> set[str]:
        """Return the measures that can be in force in a period, whatever the others are.

        Parameters
        ----------
        period
            Its place.
        ruled_out
            Purchases that are not made.
        bought
            Whether what has to be bought is among them, where some money pays for it.
        """
        found = set()
        year = self.built.yearly[period]
        for measure in year.measures:
            if self.built.in_force[measure, period] in self.whole.constraints.exclude:
                continue
            serving = self.serving(measure, period)
            paid = (
                (measure, q) not in ruled_out
                and self.built.bought[measure, q] not in self.whole.constraints.exclude
                and self.pays(q, [measure])
                for q in serving
            )
            if not serving or (bought and any(paid)):
                found.add(measure)
        if not self.rate(period):  # whatever is in force then, it is in vain
            forced = [m for m in range(len(year.measures)) if self.forced(year.measures[m], period)]
            return found & {year.measures[m] for m in closure(year, forced)}
        return found

    def rate(self, period: int) -> float:
        """Return what a year of a period counts in the objective."""
        tonnes, money = self.built.rates[period]
        return money if OBJECTIVES[self.request.objective].for_money else tonnes

    def forced(self, measure: str, period: int) -> bool:
        """Return whether the request forces a measure to be in force in a period."""
        return self.built.in_force[measure, period] in self.whole.constraints.include

    def of_period(
        self,
        period: int,
        raised: Floats,
        *,
        ruled_out: Container[Purchase] = (),
        bought: bool = True,
        budget: float | None = None,
    ) -> PlanProblem:
        """Return the request on one period alone, as on a network of one year.

        Everything that could have been bought is there for nothing.

        Parameters
        ----------
        period
            Its place.
        raised
            What is open of each capacity beside the table's, t/yr.
        ruled_out, bought
            As in `possible`.
        budget
            M USD a year, the most that it can take by default.
        """
        there = self.possible(period, ruled_out, bought=bought)
        return self.of_year(period, raised, there, budget=budget)

    def of_year(
        self,
        period: int,
        raised: Floats,
        there: Container[str],
        *,
        forced: Container[str] = (),
        budget: float | None = None,
    ) -> PlanProblem:
        """Return the request on one period alone, with some measures there and some forced.

        Parameters
        ----------
        period, raised, budget
            As in `of_period`.
        there
            Measures that can be in force.
        forced
            Measures that must be, beside those that the request forces.
        """
        year = self.built.yearly[period]
        money = self.most_spent(period) if budget is None else max(0.0, budget)
        request = replace(
            self.request,
            budget=None if math.isinf(money) else money,
            target=None,
            include=tuple(m for m in year.measures if m in forced or self.forced(m, period)),
            exclude=tuple(m for m in year.measures if m not in there),
        )
        model = replace(year, limit=year.limit + raised)
        problem = problem_of(self.built.networks[period], model, request)
        covers = self._covers(period)
        return replace(problem, constraints=replace(problem.constraints, covers=covers))

    def _covers(self, period: int) -> tuple[Plan, ...]:
        """Return the sets of a period's measures that may not all be in force in it."""
        count = len(self.built.yearly[period].measures)
        first = period * count
        within = frozenset(range(first, first + count))
        return tuple(
            frozenset(index - first for index in cover)
            for cover in self.whole.constraints.covers
            if cover <= within
        )

    def without_all_of(self, *covers: Plan) -> ScheduleProblem:
        """Return the problem of schedules that do not hold all of any of some sets."""
        limits = self.whole.constraints
        limits = replace(limits, covers=(*limits.covers, *covers))
        return replace(self, whole=replace(self.whole, constraints=limits))


def schedule_problem_of(
    network: Network,
    built: OverTime,
    request: PlanRequest,
    *,
    budget: Budget = None,
    carry: bool = False,
) -> ScheduleProblem:
    """Return the problem that a request poses on a network with periods.

    Parameters
    ----------
    network, built
        The network, and its programme.
    request
        The request. `include` and `exclude` name a measure, for all periods in which it can be, or
        a measure in a period, as ``m01@2015``.
    budget
        M USD a year in every period, or in some; without one each has its own.
    carry
        Let money that is left over stay for later periods.

    Raises
    ------
    RequestError
        When the request names something that the network lacks or what cannot be, or no budget.
    """
    money = budgets_of(network, budget)
    if carry or request.target is None:
        insist_on_budgets(network, money)
    budgets = tuple(math.inf if each is None else float(each) for each in money)
    plain = replace(request, target=None, include=(), exclude=())
    model = built.model
    if carry:
        model = replace(
            model,
            resources=(*model.resources, *(f"carried@{p.period}" for p in network.periods)),
            uses=np.vstack([model.uses, _spent_so_far(built)]),
        )
    limits = _limits(network, built, request, budgets, carry=carry)
    place = {name: index for index, name in enumerate(model.resources)}
    constraints = PlanConstraints(
        budget=math.inf,
        resources=tuple((place[name], limit) for name, limit in limits.items()),
        include=_chosen(network, built, request.include, impossible=True),
        exclude=built.impossible | _chosen(network, built, request.exclude, impossible=False),
    )
    problem = problem_of(network, built.yearly[0], plain)  # checks `of`, and resources by id
    if problem.part is not None:
        model = model.counting(problem.part.demands)
    whole = PlanProblem(network, model, request, constraints, limits, problem.part)
    return ScheduleProblem(network, built, whole, budgets, carry)


def _spent_so_far(built: OverTime) -> Floats:
    """Return what each measure takes of the money of all periods up to each, M USD."""
    periods = built.timeline.periods
    years = np.array([period.years for period in periods])
    return np.asarray(np.cumsum(built.model.uses[: len(periods)] * years[:, None], axis=0))


def _limits(
    network: Network,
    built: OverTime,
    request: PlanRequest,
    budgets: tuple[float, ...],
    *,
    carry: bool,
) -> dict[str, float]:
    """Return the limits of the programme's sums by name: money and resources of each period."""
    rows = built.timeline.periods
    limits: dict[str, float] = {}
    saved = 0.0
    for row, money in zip(rows, budgets, strict=True):
        saved += row.years * money
        if not math.isinf(money):
            limits[f"carried@{row.period}" if carry else f"money@{row.period}"] = (
                saved if carry else money
            )
        for name, limit in resource_limits(network, request.resources).items():
            limits[f"{name}@{row.period}"] = limit
    return limits


def resource_limits(network: Network, given: Mapping[str, float]) -> dict[str, float]:
    """Return the limits of resources by id: those given, else the network's."""
    limits = {row.resource: given.get(row.resource, row.limit) for row in network.resources}
    return {name: float(limit) for name, limit in limits.items() if limit is not None}


def _chosen(
    network: Network, built: OverTime, words: Iterable[str], *, impossible: bool
) -> frozenset[int]:
    """Return measures in force by index; refuse what cannot be, where that is a contradiction."""
    wanted = named_in_force(network, words)
    place = [built.in_force[each] for each in wanted]
    barred = [each for each, index in zip(wanted, place, strict=True) if index in built.impossible]
    if impossible and barred:
        raise RequestError(
            "\n".join(impossible_in(network, built.timeline, each) for each in barred)
        )
    return frozenset(place)


def with_purchases(problem: ScheduleProblem, in_force: Plan) -> Plan:
    """Return measures in force with purchases for them: the fewest, each as late as possible."""
    built, barred = problem.built, problem.whole.constraints.exclude
    bought: set[int] = set()
    for row in problem.network.measures:
        periods = [
            t for t in range(len(built.timeline)) if built.in_force[row.measure, t] in in_force
        ]
        never = {
            q for (measure, q), i in built.bought.items() if measure == row.measure and i in barred
        }
        bought |= {
            built.bought[row.measure, q]
            for q in built.timeline.latest_purchases(row, periods, never)
        }
    return in_force | frozenset(bought)
