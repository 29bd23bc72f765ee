"""A response over periods as one of a year in each of them, and the proof that ties them.

With what is open in a period, a year of it is a network of one year: its flow is that of the
response then, and its prices are those of the whole programme for a year of the period. So a
period has the tables and the proof of any response, and what is left to prove is that no other
openings bring more (`opening_rents`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from flowopt.model.activities import ActivityModel, Flags, Floats
from flowopt.model.build_over_time import OverTime
from flowopt.model.certificate import prove, settled
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.opened_capacity import open_in_each
from flowopt.model.response_types import BestResponse, TiePrices
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.opening_rents import opening_proof
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.response_tables import described
from flowopt.planning.schedules import InForce
from flowopt.results.numbers import rounded
from flowopt.results.proof import Proof
from flowopt.results.proof_over_time import ProofOverTime
from flowopt.results.response import Response


@dataclass(frozen=True, slots=True)
class PeriodYear:
    """A year of one period: its programme with what is open then, and the settled response.

    Attributes
    ----------
    problem : PlanProblem
        The period's network and programme. Its tonnes count for nothing where its weight is 0.
    plan : list of int
        The measures in force, as indices of that programme.
    response : BestResponse
        The response in it, with prices of a year.
    """

    problem: PlanProblem
    plan: list[int]
    response: BestResponse

    @property
    def remaining(self) -> Floats:
        """The share of each capacity row that the plan leaves, 0 where all in it is closed."""
        model = replace(self.problem.model, limit=np.ones(len(self.problem.model.limit)))
        return _left(model, model.chosen(self.plan))

    def proof(self) -> Proof:
        """Return the proof of its value."""
        return prove(
            self.problem.network,
            self.problem.model,
            self.plan,
            self.response,
            value=rounded(self.response.value),
        )

    def tables(self) -> Response:
        """Return it as tables of the period's network."""
        found = described(self.problem, self.plan, self.response)
        weight = self.problem.model.weight_anywhere
        return replace(found, weighted=rounded(float(weight @ self.response.activity)))


def years_of(
    built: OverTime, objective: Objective, in_force: Iterable[InForce], found: BestResponse
) -> list[PeriodYear]:
    """Return a response over time as one of a year in each period.

    Parameters
    ----------
    built, objective
        The programme over time, and what was asked of it.
    in_force
        The schedule.
    found
        The response to it.
    """
    opened = np.array([found.activity[each.column] for each in built.opened])
    raised = open_in_each(built, opened)
    schedule = list(in_force)
    request = PlanRequest(objective=objective)
    years = []
    for period, year in enumerate(built.yearly):
        model = replace(year, limit=year.limit + raised[period])
        if not built.rates[period][0] and not OBJECTIVES[objective].in_money:
            model = replace(model, weight=np.zeros(len(model.weight)), whole_weight=year.weight)
        plan = sorted(year.measures.index(m) for m, t in schedule if t == period)
        response = settled(model, objective, plan, _of_period(built, period, model, plan, found,
                           objective))  # fmt: skip
        traits = OBJECTIVES[objective]
        gains = model.price - response.cost if traits.in_money else model.weight
        problem = PlanProblem(built.networks[period], model, request, PlanConstraints(math.inf), {})
        value = float(gains @ response.activity)
        years.append(PeriodYear(problem, plan, replace(response, value=value)))
    return years


def proof_over_time(
    built: OverTime,
    objective: Objective,
    in_force: Iterable[InForce],
    found: BestResponse,
    years: Iterable[PeriodYear],
) -> ProofOverTime:
    """Return the proof of the value of a response over time, from its years."""
    years = list(years)
    names = [each.period for each in built.timeline.periods]
    return ProofOverTime(
        measures=tuple(f"{measure}@{names[t]}" for measure, t in in_force),
        value=rounded(found.value),
        periods={name: year.proof() for name, year in zip(names, years, strict=True)},
        opening=opening_proof(built, objective, found, [y.response for y in years],
                              [y.remaining for y in years]),
    )  # fmt: skip


def _of_period(
    built: OverTime,
    period: int,
    model: ActivityModel,
    plan: list[int],
    found: BestResponse,
    objective: Objective,
) -> BestResponse:
    """Return the part of a response that lies in a period, its prices for a year of it."""
    tonnes, money = built.rates[period]
    rate = money if OBJECTIVES[objective].for_money else tonnes
    column, good = built.columns[period], built.goods[period]
    columns = slice(column, column + len(model.activities))
    goods = slice(good, good + len(model.goods))
    tie = found.tie
    if tie is not None:
        each = tonnes or money  # tonnes that count for nothing are proved by any rate
        tie = TiePrices(
            sign=tie.sign,
            rate=tie.rate * money / each,
            good_price=tie.good_price[goods] / each,
            capacity_price=_capacities(built, period, tie.good_price, tie.capacity_price) / each,
        )
    acts = model.chosen(plan)
    return BestResponse(
        value=0.0,  # follows from the settled activities
        activity=found.activity[columns],
        good_price=_a_year(found.good_price[goods], rate),
        capacity_price=_a_year(
            _capacities(built, period, found.good_price, found.capacity_price), rate
        ),
        limit=_left(model, acts),
        cost=found.cost[columns] / money,
        good_worth=_a_year(found.good_worth[goods], rate),
        capacity_worth=_a_year(
            _capacities(built, period, found.good_worth, found.capacity_worth), rate
        ),
        tie=tie,
        tidy=found.tidy,
    )


def _a_year(prices: Floats, rate: float) -> Floats:
    return prices / rate if rate else np.zeros(len(prices))


def _capacities(built: OverTime, period: int, of_goods: Floats, of_rows: Floats) -> Floats:
    """Return numbers of the capacity rows of a period: those that open have the slots'."""
    row = built.rows[period]
    found = of_rows[row : row + len(built.yearly[period].limit)].copy()
    for place, slot in built.slots[period].items():
        found[place] = of_goods[slot]
    return found


def _left(model: ActivityModel, acts: Flags) -> Floats:
    """Return what a plan leaves of each capacity row, 0 where every activity in it is closed."""
    left = model.limits_under(acts)
    open_ = ~model.closed_under(acts)
    left[model.takes @ open_.astype(float) == 0.0] = 0.0
    return left
