"""Programmes of a question over time, and the rows of tables that its answers share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, replace

from flowopt.clock import Clock
from flowopt.errors import OutOfTime, RequestError
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build_over_time import Opened, OverTime, build_over_time
from flowopt.model.response_types import BestResponse
from flowopt.model.settling import plain
from flowopt.network.network import Network
from flowopt.network.timeline import Timeline
from flowopt.objectives import OBJECTIVES, Objective, Ties
from flowopt.planning.myopic import MyopicOutcome, myopic
from flowopt.planning.period_responses import proof_over_time, years_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedules import InForce, Schedule
from flowopt.results.numbers import rounded
from flowopt.results.over_time import ResponseOverTime
from flowopt.results.over_time_rows import OpenedRow, OpeningChange, PeriodRow, ScheduledRow
from flowopt.results.proof_over_time import OpeningProof, ProofOverTime
from flowopt.results.rows import Rows

_SIMULATED = 6  # digits of what is simulated and depends on the solver where there are ties
LEAST_OPENED = 1e-6  # t/yr: less is rounding


def insist_on_periods(network: Network) -> None:
    """Raise `RequestError` where a network is of one year."""
    if not network.periods:
        raise RequestError(f"{network.info.id} has no periods; give it periods.csv")


class QuestionOverTime:
    """A question over time: its programmes with and without openings, each solved hot.

    Parameters
    ----------
    network, objective, ties, clock
        The network with periods, what both levels count, and how long it may take.
    built
        The network's programme, where it is known.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective,
        ties: Ties,
        clock: Clock,
        *,
        built: OverTime | None = None,
    ) -> None:
        PlanRequest(objective=objective, ties=ties).check()
        RunOptions(time_limit=clock.limit).check()
        insist_on_periods(network)
        self.network, self.objective, self.ties, self._clock = network, objective, ties, clock
        self.whole = build_over_time(network) if built is None else built
        self.closed = self.whole.closed()
        self._open, self._shut = self._solver(self.whole), self._solver(self.closed)

    def _solver(self, built: OverTime) -> BestResponseSolver:
        solver = BestResponseSolver(built.model, self.objective, ties=self.ties)
        solver.deadline = self._clock.deadline
        return solver

    def _in_time(self) -> None:
        if self._clock.late():
            raise OutOfTime("the time limit was over before all schedules were valued")

    def _plan(self, schedule: Schedule) -> list[int]:
        return sorted(self.whole.in_force[each] for each in schedule.in_force)

    def named(self, in_force: InForce) -> str:
        """Return a measure in force, as ``m01@2015``."""
        return f"{in_force[0]}@{self.network.periods[in_force[1]].period}"

    def response(self, schedule: Schedule, *, tidy: bool = True) -> BestResponse:
        """Return what a trafficker who foresees the schedule does."""
        self._in_time()
        return self._open.respond(self._plan(schedule), tidy=tidy)

    def value(self, plan: Iterable[int], *, opens: bool) -> float:
        """Return the objective under what is in force, by indices, without tables or proofs."""
        return (self._open if opens else self._shut).value(plan)

    def without_openings(self, schedule: Schedule) -> BestResponse:
        """Return what a trafficker who opens nothing does."""
        return self._shut.respond(self._plan(schedule), tidy=False)

    def myopic(self, schedule: Schedule) -> MyopicOutcome | None:
        """Return what a trafficker without foresight makes of it, to a few digits."""
        self._in_time()
        if self.objective == "bilevel":
            return None
        found = myopic(self.whole, schedule, self.objective)
        years = tuple(_digits(each) for each in found.years)
        return MyopicOutcome(_digits(found.value), years)

    def proof(
        self, schedule: Schedule, found: BestResponse, *, opens: bool = True
    ) -> ProofOverTime:
        """Return the proof of a response to a schedule, of one who opens nothing by request."""
        built = self.whole if opens else replace(self.closed, opened=())
        in_force = schedule.in_force
        years = years_of(built, self.objective, in_force, found)
        return proof_over_time(built, self.objective, in_force, found, years)

    def tables(self, schedule: Schedule, found: BestResponse) -> ResponseOverTime:
        """Return a response to a schedule as tables with their proofs."""
        built, objective, info = self.whole, self.objective, self.network.info
        years = years_of(built, objective, schedule.in_force, found)
        proof = proof_over_time(built, objective, schedule.in_force, found, years)
        shut = self.without_openings(schedule)
        opened = opened_rows(built, found, proof.opening)
        periods = period_rows(built, found, objective, opened)
        paid = math.fsum(
            float(built.model.cost[each.column] * found.activity[each.column])
            for each in built.opened
        )
        rates = list(zip(periods, built.rates, strict=True))
        return ResponseOverTime(
            network=info.id,
            input_sha256=self.network.sha256,
            objective=objective,
            measures=proof.measures,
            unit=unit_over_time(self.network, objective),
            years=built.timeline.years,
            discount=info.discount,
            value=proof.value,
            value_without_openings=rounded(shut.value),
            delivered=rounded(math.fsum(row.years * row.delivered for row in periods)),
            weighted=rounded(math.fsum(tonnes * row.weighted for row, (tonnes, _) in rates)),
            profit=rounded(math.fsum(money * row.profit for row, (_, money) in rates) - paid),
            periods=Rows(PeriodRow, periods),
            openings=Rows(OpenedRow, opened),
            by_period={row.period: year.tables() for row, year in zip(periods, years, strict=True)},
            opening=proof.opening,
            closed=self.proof(schedule, shut, opens=False),
            ties=self.ties if OBJECTIVES[objective].ties else None,
        )


def _digits(number: float) -> float:
    """Return a simulated number in as many digits as it has."""
    return float(f"{number:.{_SIMULATED}g}")


def unit_over_time(network: Network, objective: Objective) -> str:
    """Return the unit of totals over all periods, as ``t over 5 years``."""
    weighted = any(row.weight != 1.0 for row in network.demands)
    unit = f"weighted {network.info.mass_unit}" if weighted else network.info.mass_unit
    if OBJECTIVES[objective].in_money:
        unit = f"M {network.info.currency}"
    return f"{unit} over {Timeline(network.periods).years:g} years"


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
                tonne_weight=each.weight,
                value=rounded(profit if OBJECTIVES[objective].in_money else weighted),
                delivered=rounded(delivered),
                weighted=rounded(weighted),
                profit=rounded(profit),
                opened=rounded(sum(row.opened for row in opened if row.period == each.period)),
            )
        )
    return rows


def opened_rows(built: OverTime, found: BestResponse, proof: OpeningProof) -> list[OpenedRow]:
    """Return what opens, the largest first, in the order of things.

    Parameters
    ----------
    built, found
        The programme over time, and a response.
    proof
        What opens in it.
    """
    openings = _Openings(built, found, proof)
    rows = [openings.row(each) for each in built.opened if openings.amount(each) > LEAST_OPENED]
    rows.sort(key=lambda row: (-row.opened, row.on, row.id, row.commodity))
    return rows


def opening_changes(
    built: OverTime, before: BestResponse, after: BestResponse, proof: OpeningProof
) -> list[OpeningChange]:
    """Return what opens with or without a schedule, what the schedule adds most first.

    Parameters
    ----------
    built
        The programme over time.
    before, after
        The responses without measures, and to the schedule.
    proof
        What opens under the schedule.
    """
    openings, old = _Openings(built, after, proof), plain(before.activity)
    rows = []
    for each in built.opened:
        if max(old[each.column], openings.amount(each)) > LEAST_OPENED:
            row, baseline = openings.row(each), rounded(float(old[each.column]))
            rows.append(OpeningChange(**asdict(row), opened_baseline=baseline))
    rows.sort(
        key=lambda row: (
            -round(row.opened - row.opened_baseline, 9),
            -row.opened,
            row.on,
            row.id,
            row.commodity,
        )
    )
    return rows


class _Openings:
    """Openings of a response, as rows."""

    def __init__(self, built: OverTime, found: BestResponse, proof: OpeningProof) -> None:
        self.built, self.amounts = built, plain(found.activity)
        self.rents = {tuple(row[:-1]): float(row[-1]) for row in proof.rents["most"]}
        self.of_capacity: dict[int, list[Opened]] = {}
        for each in built.opened:
            self.of_capacity.setdefault(each.capacity, []).append(each)

    def amount(self, each: Opened) -> float:
        """Return how much opens, t/yr."""
        return float(self.amounts[each.column])

    def row(self, each: Opened) -> OpenedRow:
        """Return what opens of a capacity in a period."""
        built, first = self.built, each.ready[0]
        label = built.yearly[0].capacities[each.capacity]
        same = self.of_capacity[each.capacity]
        table = float(built.yearly[first].limit[each.capacity])
        there = math.fsum(self.amount(o) for o in same if first in o.ready)
        before = math.fsum(self.amount(o) for o in same if o.period < each.period)
        period, start = (
            built.timeline.periods[each.period].period,
            built.timeline.starts[each.period],
        )
        cost = float(built.model.cost[each.column]) * built.growth**start
        names = (label.kind, label.name, label.commodity)
        return OpenedRow(
            period=period,
            on=label.kind,
            id=label.name,
            commodity=label.commodity,
            opened_before=rounded(before),
            opened=rounded(self.amount(each)),
            capacity_before=rounded(table),
            capacity_after=rounded(table + there),
            opening_cost=rounded(cost * self.amount(each)),
            shadow_price=self.rents.get((*names, period), 0.0),
        )


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
