"""Programmes of a question over time, and the rows of tables that its answers share."""

from __future__ import annotations

from collections.abc import Iterable

from flowopt.clock import Clock
from flowopt.errors import OutOfTime, RequestError
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build_over_time import OverTime, build_over_time
from flowopt.model.response_types import BestResponse
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective, Ties
from flowopt.planning.myopic import myopic
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedules import Schedule
from flowopt.results.numbers import rounded
from flowopt.results.over_time_rows import OpenedRow, PeriodRow, ScheduledRow

_SIMULATED = 6  # digits of what is simulated and depends on the solver where there are ties
_LEAST_OPENED = 1e-6  # t/yr: less is rounding


class QuestionOverTime:
    """A question over time: its programmes with and without openings, each solved hot."""

    def __init__(self, network: Network, objective: Objective, ties: Ties, clock: Clock) -> None:
        PlanRequest(objective=objective, ties=ties).check()
        RunOptions(time_limit=clock.limit).check()
        if not network.periods:
            raise RequestError(f"{network.info.id} has no periods; give it periods.csv")
        self.network, self.objective, self._ties, self._clock = network, objective, ties, clock
        self.whole = build_over_time(network)
        self._open = self._solver(self.whole)
        self._closed = self._solver(self.whole.closed())

    def _solver(self, built: OverTime) -> BestResponseSolver:
        solver = BestResponseSolver(built.model, self.objective, ties=self._ties)
        solver.deadline = self._clock.deadline
        return solver

    def _in_time(self) -> None:
        if self._clock.late():
            raise OutOfTime("the time limit was over before all schedules were valued")

    def _plan(self, schedule: Schedule) -> list[int]:
        return sorted(self.whole.in_force[each] for each in schedule.in_force)

    def response(self, schedule: Schedule) -> BestResponse:
        """Return what a trafficker who foresees the schedule does."""
        self._in_time()
        return self._open.respond(self._plan(schedule))

    def without_openings(self, schedule: Schedule) -> float:
        """Return the objective of a trafficker who opens nothing."""
        return self._closed.value(self._plan(schedule))

    def myopic(self, schedule: Schedule) -> float | None:
        """Return the objective of a trafficker without foresight, to a few digits."""
        self._in_time()
        if self.objective == "bilevel":
            return None
        return float(f"{myopic(self.whole, schedule, self.objective).value:.{_SIMULATED}g}")

    def values_a_year(self, response: BestResponse) -> list[float]:
        """Return the objective of a year in each period, without what opening costs."""
        return [row.value for row in period_rows(self.whole, response, self.objective, [])]


def period_rows(
    built: OverTime, found: BestResponse, objective: Objective, opened: Iterable[OpenedRow]
) -> list[PeriodRow]:
    """Return what the trafficker does in a year of each period."""
    rows = []
    opened = list(opened)
    for period, each in enumerate(built.timeline.periods):
        year = built.yearly[period]
        first = built.columns[period]
        activity = found.activity[first : first + len(year.activities)]
        money = built.rates[period][1]
        costs = found.cost[first : first + len(year.activities)] / money
        delivered = float(year.delivers.astype(float) @ activity)
        weighted, profit = float(year.weight @ activity), float((year.price - costs) @ activity)
        rows.append(
            PeriodRow(
                period=each.period,
                years=each.years,
                weight=each.weight,
                value=rounded(profit if OBJECTIVES[objective].in_money else weighted),
                delivered=rounded(delivered),
                weighted=rounded(weighted),
                profit=rounded(profit),
                opened=rounded(sum(row.opened for row in opened if row.period == each.period)),
            )
        )
    return rows


def opened_rows(built: OverTime, found: BestResponse) -> list[OpenedRow]:
    """Return what opens, period by period, the largest first."""
    rows = []
    for each in built.opened:
        amount = float(found.activity[each.column])
        if amount <= _LEAST_OPENED:
            continue
        label = built.yearly[0].capacities[each.capacity]
        first = each.ready[0]
        same = [o for o in built.opened if o.capacity == each.capacity]
        table = float(built.yearly[first].limit[each.capacity])
        opened = {o.period: float(found.activity[o.column]) for o in same if first in o.ready}
        start = built.timeline.starts[each.period]
        rows.append(
            OpenedRow(
                period=built.timeline.periods[each.period].period,
                on=label.kind,
                target=label.name,
                commodity=label.commodity,
                opened_before=rounded(
                    sum(float(found.activity[o.column]) for o in same if o.period < each.period)
                ),
                opened=rounded(amount),
                capacity_before=rounded(table),
                capacity_after=rounded(table + sum(opened.values())),
                cost=rounded(float(built.model.cost[each.column]) * amount * built.growth**start),
                shadow_price=rounded(float(found.capacity_price[each.in_period])),
            )
        )
    rows.sort(key=lambda row: (-row.opened, row.on, row.target, row.commodity))
    return rows


def scheduled_rows(network: Network, schedule: Schedule) -> list[ScheduledRow]:
    """Return the rows of a schedule, period by period."""
    rows = {row.measure: row for row in network.measures}
    running, buying = set(schedule.in_force), set(schedule.bought)
    order = {name: place for place, name in enumerate(rows)}
    found = []
    for measure, period in sorted(running | buying, key=lambda e: (e[1], order[e[0]])):
        row, here = rows[measure], (measure, period)
        found.append(
            ScheduledRow(
                campaign=schedule.name,
                period=network.periods[period].period,
                measure=measure,
                name=row.name,
                kind=row.kind,
                bought="yes" if here in buying else "",
                in_force="yes" if here in running else "",
                setup=row.setup if here in buying else 0.0,
                cost=row.cost if here in running else 0.0,
            )
        )
    return found
