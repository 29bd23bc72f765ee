"""The trafficker over periods: what it does and opens, and what campaigns do side by side."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

from flowopt.clock import Clock
from flowopt.defaults import GAP, OBJECTIVE, SOLVER, THREADS, TIE_RULE
from flowopt.errors import RequestError
from flowopt.keywords import naming_keywords
from flowopt.model.solver import OnProgress
from flowopt.network.chances import as_if_sure, may_fail
from flowopt.network.checks.warning_groups import grouped_warnings
from flowopt.network.read import NetworkOrPath, network_of
from flowopt.objectives import Objective, Ties
from flowopt.planning.best_beside import Bests, bests_beside
from flowopt.planning.lucky_schedules import LuckySchedules, evaluated_under_luck
from flowopt.planning.period_budgets import (
    Budget,
    Money,
    budgets_of,
    given_budget,
    insist_on_budgets,
    request_warnings,
)
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.question_over_time import (
    QuestionOverTime,
    opening_changes,
    scheduled_rows,
)
from flowopt.planning.recorded_options import on_record
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_problem import resource_limits
from flowopt.planning.schedules import (
    Schedule,
    broken_over_time,
    campaigns_of,
    named_schedule,
    spending,
)
from flowopt.planning.workers import check_workers
from flowopt.results.folder_result import of_networks
from flowopt.results.numbers import rounded
from flowopt.results.over_time import EvaluationOverTime, ResponseOverTime
from flowopt.results.over_time_rows import (
    CampaignPeriodRow,
    CampaignRow,
    OpeningChange,
    ScheduledRow,
)
from flowopt.results.rows import Rows

_YOURS = "yours"
# Of the time limit, kept for what the trafficker does under each schedule, and in each outcome.
_TELLING, _LUCKY = 0.2, 0.4


@naming_keywords
def respond_over_time(
    network: NetworkOrPath,
    plan: Iterable[str] = (),
    *,
    objective: Objective = OBJECTIVE,
    ties: Ties = TIE_RULE,
    time_limit: float | None = None,
    seconds_reading: float = 0.0,
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
    time_limit, seconds_reading
        Seconds for all of it, None for no limit; and those already spent, on starting up and
        reading the network.

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
    clock = Clock(time_limit, time.perf_counter() - seconds_reading)
    network, plan = network_of(network), tuple(plan)
    if plan and may_fail(network):
        raise RequestError(
            "no one response is that to a schedule whose measures may fail: evaluate_over_time has "
            "its mean and what may work of it; leave success blank in a copy of the network for "
            "the response when all works"
        )
    # Without measures nothing can fail.
    asked = QuestionOverTime(as_if_sure(network), objective, ties, clock)
    schedule = named_schedule(asked.network, _YOURS, plan)
    found = asked.tables(schedule, asked.response(schedule))
    found = replace(
        found,
        input_sha256=network.sha256,
        options=on_record(
            measures=found.measures, objective=objective, ties=ties, time_limit=time_limit
        ),
        warnings=(*grouped_warnings(network.warnings), *schedule.impossible),
    )
    return of_networks(found, network)


@naming_keywords
def evaluate_over_time(
    network: NetworkOrPath,
    campaigns: Iterable[str] = (),
    *,
    measures: Iterable[str] = (),
    schedules: Mapping[str, Iterable[str]] | None = None,
    budget: Budget = None,
    carry: bool = False,
    resources: Mapping[str, float] | None = None,
    objective: Objective = OBJECTIVE,
    ties: Ties = TIE_RULE,
    best: bool = False,
    solver: str = SOLVER,
    gap: float = GAP,
    threads: int = THREADS,
    workers: int = 1,
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
    keep_on_interrupt: bool = False,
    seconds_reading: float = 0.0,
) -> EvaluationOverTime:
    """Return what schedules do over the periods, what they cost and break, side by side.

    Purchases are derived: the fewest, each as late as possible. What cannot be in force, by its
    window or its lead, is left out of the values and named. Where measures may fail, the result is
    a `LuckEvaluationOverTime`: values of schedules are means over what works.

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
        What they may cost: M USD a year in every period, or in some by id, in place of the periods'
        own; whether what is left stays for later; and limits that count instead of those in the
        network. A schedule that breaks one is evaluated all the same.
    objective, ties
        As in `respond`.
    best
        Also the best schedule for `budget`; without one, that for the money which each schedule
        spends in each period, named ``best for NAME``.
    solver, gap, threads, workers, on_progress, keep_on_interrupt
        Of the best schedules, as in `solve_over_time`.
    time_limit, seconds_reading
        Seconds for all of it, None for no limit; and those already spent, on starting up and
        reading the network.

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
    clock = Clock(time_limit, time.perf_counter() - seconds_reading)
    given = network_of(network)
    lucky = LuckySchedules(given, objective, ties, clock) if may_fail(given) else None
    asked = QuestionOverTime(given, objective, ties, clock) if lucky is None else lucky.asked
    money = budgets_of(asked.network, budget)
    if carry:
        insist_on_budgets(asked.network, money)
    found = campaigns_of(asked.network, campaigns)
    words = list(measures)
    own = {**({_YOURS: words} if words else {}), **(schedules or {})}
    found += [named_schedule(asked.network, name, each) for name, each in own.items()]
    if not found:
        raise RequestError("there is no schedule to evaluate; name a campaign, or give measures")
    network = asked.network
    bests = Bests((), {})
    if best:
        check_workers(workers)
        options = RunOptions(
            solver=solver,
            gap=gap,
            threads=threads,
            on_progress=on_progress,
            keep_on_interrupt=keep_on_interrupt,
        )
        options.check()
        bests = bests_beside(
            network,
            asked.whole,
            found,
            PlanRequest(resources=dict(resources or {}), objective=objective, ties=ties),
            budget=budget,
            carry=carry,
            options=options,
            workers=workers,
            clock=clock.before((_TELLING if lucky is None else _LUCKY) * (clock.limit or 0.0)),
            lucky=lucky,
        )
        found += bests.schedules
    told = _Told(
        asked, money, bests, carry=carry, resources=resource_limits(network, resources or {})
    )
    for schedule in found:
        told.add(schedule)
    before = told.before
    result = EvaluationOverTime(
        network=given.info.id,
        input_sha256=given.sha256,
        objective=objective,
        unit=before.unit,
        years=before.years,
        discount=before.discount,
        baseline=before.value,
        baseline_without_openings=before.value_without_openings,
        campaigns=Rows(CampaignRow, told.rows),
        campaign_periods=Rows(CampaignPeriodRow, told.periods),
        schedule=Rows(ScheduledRow, [r for each in found for r in scheduled_rows(network, each)]),
        before=before,
        after=told.after,
        opened=told.opened,
        budget=given_budget(budget),
        carry=carry,
        resources=told.resources,
        ties=before.ties,
        options=on_record(
            campaigns=[each.name for each in found],
            budget=given_budget(budget),
            resource=dict(resources or {}),
            carry=carry,
            objective=objective,
            ties=ties,
            time_limit=time_limit,
        ),
        warnings=(
            *grouped_warnings(given.warnings),
            *request_warnings(network, money, objective, carry=carry),
            *bests.warnings(),
        ),
    )
    if lucky is not None:
        result = evaluated_under_luck(lucky, found, result, gap=gap)
    return of_networks(result, given)


class _Told:
    """Effects of schedules, one after the other."""

    def __init__(
        self,
        asked: QuestionOverTime,
        money: Money,
        bests: Bests,
        *,
        carry: bool,
        resources: Mapping[str, float],
    ) -> None:
        self.asked, self.resources = asked, resources
        self._money, self._bests, self._carry = money, bests, carry
        nothing = Schedule("", (), ())
        self._baseline = asked.response(nothing)
        self.before = asked.tables(nothing, self._baseline)
        self.after: dict[str, ResponseOverTime] = {}
        self.opened: dict[str, Rows[OpeningChange]] = {}
        self.rows: list[CampaignRow] = []
        self.periods: list[CampaignPeriodRow] = []

    def add(self, schedule: Schedule) -> None:
        """Add what a schedule does, costs and breaks."""
        asked, before, network = self.asked, self.before, self.asked.network
        response, spent = asked.response(schedule), spending(network, schedule)
        myopic = asked.myopic(schedule)
        after = asked.tables(schedule, response)
        broken = broken_over_time(
            network, schedule, budgets=self._money, carry=self._carry, resources=self.resources
        )
        cut = before.value - after.value
        without = after.value_without_openings
        years = [each.years for each in network.periods]
        self.rows.append(
            CampaignRow(
                campaign=schedule.name,
                value=after.value,
                cut=rounded(cut),
                cut_share=rounded(cut / before.value) if before.value else 0.0,
                spent=rounded(sum(each.a_year * y for each, y in zip(spent, years, strict=True))),
                value_without_openings=without,
                cut_without_openings=rounded(before.value_without_openings - without),
                value_myopic=None if myopic is None else myopic.value,
                breaks="; ".join((*schedule.impossible, *broken)),
                **self._bests.certainty(schedule.name),
            )
        )
        simulated = [None] * len(years) if myopic is None else myopic.years
        self.periods += [
            CampaignPeriodRow(schedule.name, row.period, row.value, rounded(money.a_year), year)
            for row, money, year in zip(after.periods, spent, simulated, strict=True)
        ]
        self.after[schedule.name] = after
        self.opened[schedule.name] = Rows(
            OpeningChange,
            opening_changes(asked.whole, self._baseline, response, after.opening),
        )
