"""The trafficker over periods: what it does and opens, and what campaigns do side by side."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from flowopt.clock import Clock
from flowopt.defaults import OBJECTIVE, TIE_RULE
from flowopt.errors import OutOfTime, RequestError
from flowopt.keywords import naming_keywords
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build_over_time import OverTime, build_over_time
from flowopt.model.response_types import BestResponse
from flowopt.network.checks.warning_groups import grouped_warnings
from flowopt.network.network import Network
from flowopt.network.read import NetworkOrPath, network_of
from flowopt.objectives import OBJECTIVES, Objective, Ties
from flowopt.planning.myopic import myopic
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedules import (
    Schedule,
    broken_over_time,
    campaigns_of,
    named_schedule,
    spending,
)
from flowopt.results.numbers import rounded
from flowopt.results.over_time import (
    CampaignPeriodRow,
    CampaignRow,
    EvaluationOverTime,
    OpenedRow,
    PeriodRow,
    ResponseOverTime,
    ScheduledRow,
)
from flowopt.results.rows import Rows

_YOURS = "yours"
_SIMULATED = 6  # digits of what is simulated and depends on the solver where there are ties
_LEAST_OPENED = 1e-6  # t/yr: less is rounding


@naming_keywords
def respond_over_time(
    network: NetworkOrPath,
    plan: Iterable[str] = (),
    *,
    objective: Objective = OBJECTIVE,
    ties: Ties = TIE_RULE,
    time_limit: float | None = None,
) -> ResponseOverTime:
    """Return what the trafficker does in every period once a schedule is in force.

    Parameters
    ----------
    network
        A checked network with periods, or the path of one.
    plan
        Measures in force, as ``m01@2015``, or ``m01`` for every period in which it may be.
    objective, ties
        As in `respond`.
    time_limit
        Seconds for all of it; None for no limit.

    Raises
    ------
    RequestError
        When a measure, a period or an option is unknown, or the network has no periods.
    SolverError, OutOfTime
        As in `respond`.

    Examples
    --------
    >>> import flowopt
    >>> found = flowopt.respond_over_time("networks/tiny-years")
    >>> [row.delivered for row in found.periods]
    [10.0, 16.0]
    """
    asked = _Asked(network_of(network), objective, ties, Clock(time_limit, time.perf_counter()))
    schedule = named_schedule(asked.network, _YOURS, plan)
    found = asked.response(schedule)
    opened = _opened(asked.whole, found)
    return ResponseOverTime(
        network=asked.network.info.id,
        input_sha256=asked.network.sha256,
        objective=objective,
        measures=tuple(_label(asked.network, each) for each in schedule.in_force),
        years=asked.whole.timeline.years,
        discount=asked.network.info.discount,
        value=rounded(found.value),
        value_without_openings=rounded(asked.without_openings(schedule)),
        periods=Rows(PeriodRow, _periods(asked.whole, found, objective, opened)),
        openings=Rows(OpenedRow, opened),
        warnings=(*grouped_warnings(asked.network.warnings), *schedule.impossible),
    )


@naming_keywords
def evaluate_over_time(
    network: NetworkOrPath,
    campaigns: Iterable[str] = (),
    *,
    measures: Iterable[str] = (),
    schedules: Mapping[str, Iterable[str]] | None = None,
    budget: float | None = None,
    carry: bool = False,
    resources: Mapping[str, float] | None = None,
    objective: Objective = OBJECTIVE,
    ties: Ties = TIE_RULE,
    time_limit: float | None = None,
) -> EvaluationOverTime:
    """Return what schedules do over the periods, what they cost and break, side by side.

    Purchases are derived: the fewest, each as late as possible. What cannot be in force, by its
    window or its lead, is left out of the values and named.

    Parameters
    ----------
    network
        A checked network with periods, or the path of one.
    campaigns
        Campaigns of `campaigns.csv` by name; ``all`` is every one.
    measures
        A schedule of your own, as ``m01@2015``, or ``m01`` for every period in which it may be.
    schedules
        Further schedules by name, in the same words.
    budget, carry, resources
        What they may cost: M USD a year in every period, in place of the periods' own; whether
        what is left stays for later; and limits that count instead of those in the network. A
        schedule that breaks one is evaluated all the same.
    objective, ties
        As in `respond`.
    time_limit
        Seconds for all of it; None for no limit.

    Raises
    ------
    RequestError
        When a name is unknown, there is nothing to evaluate, or the network has no periods.
    SolverError, OutOfTime
        As in `respond`.

    Examples
    --------
    >>> import flowopt
    >>> found = flowopt.evaluate_over_time("networks/tiny-years", ["all"])
    >>> [(row.campaign, row.value, row.value_without_openings) for row in found.campaigns]
    [('boats', 16.0, 10.0), ('radar-first', 15.0, 15.0)]
    """
    asked = _Asked(network_of(network), objective, ties, Clock(time_limit, time.perf_counter()))
    found = campaigns_of(asked.network, campaigns)
    words = list(measures)
    own = {**({_YOURS: words} if words else {}), **(schedules or {})}
    found += [named_schedule(asked.network, name, each) for name, each in own.items()]
    if not found:
        raise RequestError("there is no schedule to evaluate; name a campaign, or give measures")
    nothing = Schedule("", (), ())
    baseline, closed = asked.response(nothing).value, asked.without_openings(nothing)
    rows, periods = [], []
    for schedule in found:
        response, spent = asked.response(schedule), spending(asked.network, schedule)
        without = asked.without_openings(schedule)
        broken = broken_over_time(
            asked.network, schedule, budget=budget, carry=carry, resources=resources
        )
        years = [each.years for each in asked.network.periods]
        rows.append(
            CampaignRow(
                campaign=schedule.name,
                value=rounded(response.value),
                cut=rounded(baseline - response.value),
                cut_share=rounded((baseline - response.value) / baseline) if baseline else 0.0,
                spent=rounded(sum(each.a_year * y for each, y in zip(spent, years, strict=True))),
                value_without_openings=rounded(without),
                cut_without_openings=rounded(closed - without),
                value_myopic=asked.myopic(schedule),
                breaks="; ".join((*schedule.impossible, *broken)),
            )
        )
        values = asked.values_a_year(response)
        periods += [
            CampaignPeriodRow(schedule.name, each.period, rounded(value), rounded(money.a_year))
            for each, value, money in zip(asked.network.periods, values, spent, strict=True)
        ]
    return EvaluationOverTime(
        network=asked.network.info.id,
        input_sha256=asked.network.sha256,
        objective=objective,
        years=asked.whole.timeline.years,
        discount=asked.network.info.discount,
        baseline=rounded(baseline),
        baseline_without_openings=rounded(closed),
        campaigns=Rows(CampaignRow, rows),
        campaign_periods=Rows(CampaignPeriodRow, periods),
        schedule=Rows(ScheduledRow, [r for each in found for r in _scheduled(asked.network, each)]),
        warnings=grouped_warnings(asked.network.warnings),
    )


class _Asked:
    """A question over time: its programmes with and without openings, each solved hot."""

    def __init__(self, network: Network, objective: Objective, ties: Ties, clock: Clock) -> None:
        PlanRequest(objective=objective, ties=ties).check()
        RunOptions(time_limit=clock.limit).check()
        if not network.periods:
            raise RequestError(f"{network.info.id} has no periods; give it periods.csv")
        self.network, self.objective, self._ties, self._clock = network, objective, ties, clock
        self.whole = build_over_time(network)
        self._open = self._solver(self.whole)
        self._closed = self._solver(build_over_time(network, openings=False))

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
        return [row.value for row in _periods(self.whole, response, self.objective, [])]


def _periods(
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


def _opened(built: OverTime, found: BestResponse) -> list[OpenedRow]:
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


def _scheduled(network: Network, schedule: Schedule) -> list[ScheduledRow]:
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


def _label(network: Network, in_force: tuple[str, int]) -> str:
    return f"{in_force[0]}@{network.periods[in_force[1]].period}"
