"""A trafficker without foresight: it expects what it sees now to stay, period after period.

In each period it sees the measures in force now, expects them to stay to the end, plans flows and
openings of the rest with what is open already, carries out this period's part, and goes on: with
the same plan as long as what it expected holds, which is then still a best one. Where
its programme has several best plans, what it opens depends on the solver: the outcome is a
simulation, and no part of a proof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build_over_time import OverTime
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.schedules import Schedule


@dataclass(frozen=True, slots=True)
class MyopicOutcome:
    """Outcome of a schedule against a trafficker without foresight.

    Attributes
    ----------
    value : float
        The objective over all periods.
    years : tuple of float
        The objective of a year in each period, without what opening costs.
    """

    value: float
    years: tuple[float, ...]


def myopic(built: OverTime, schedule: Schedule, objective: Objective) -> MyopicOutcome:
    """Return what a trafficker without foresight makes of a schedule, for `flow` and `profit`."""
    model, periods = built.model, range(len(built.timeline))
    for_money = OBJECTIVES[objective].for_money
    opened: Floats = np.zeros(len(built.opened))
    total, years = 0.0, []
    for period in periods:
        if not period or schedule.at(period) != schedule.at(period - 1):
            there = replace(model, limit=_limits(built, opened, period))
            seen = [built.in_force[m, t] for m in schedule.at(period) for t in periods[period:]]
            found = BestResponseSolver(there, objective).respond(seen)
        columns = slice(built.columns[period], built.columns[period + 1])
        gains = model.price - found.cost if for_money else model.weight
        part = float(gains[columns] @ found.activity[columns])
        rate = built.rates[period][1 if for_money else 0]
        years.append(part / rate if rate else 0.0)
        total += part
        for place, each in enumerate(built.opened):
            if each.period == period:
                opened[place] = found.activity[each.column]
                total -= float(model.cost[each.column]) * opened[place] if for_money else 0.0
    return MyopicOutcome(total, tuple(years))


def _limits(built: OverTime, opened: Floats, period: int) -> Floats:
    """Return the limits of the programme from a period on, with what was opened before it."""
    limits = built.model.limit.copy()
    for place, each in enumerate(built.opened):
        limits[each.in_all] -= opened[place]
        if each.period < period:
            limits[each.in_period] = 0.0
            for later in each.ready:
                limits[built.rows[later] + each.capacity] += opened[place]
    left: Floats = np.maximum(limits, 0.0)
    return left
