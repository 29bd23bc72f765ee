"""The trafficker over periods: what it does and opens, and what campaigns do side by side."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from flowopt.clock import Clock
from flowopt.defaults import OBJECTIVE, TIE_RULE
from flowopt.errors import RequestError
from flowopt.keywords import naming_keywords
from flowopt.network.checks.warning_groups import grouped_warnings
from flowopt.network.network import Network
from flowopt.network.read import NetworkOrPath, network_of
from flowopt.objectives import Objective, Ties
from flowopt.planning.period_budgets import (
    Budget,
    budgets_of,
    insist_on_budgets,
    request_warnings,
)
from flowopt.planning.question_over_time import (
    QuestionOverTime,
    opened_rows,
    period_rows,
    scheduled_rows,
)
from flowopt.planning.schedules import (
    Schedule,
    broken_over_time,
    campaigns_of,
    named_schedule,
    spending,
)
from flowopt.results.numbers import rounded
from flowopt.results.over_time import EvaluationOverTime, ResponseOverTime
from flowopt.results.over_time_rows import (
    CampaignPeriodRow,
    CampaignRow,
    OpenedRow,
    PeriodRow,
    ScheduledRow,
)
from flowopt.results.rows import Rows

_YOURS = "yours"


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
    asked = QuestionOverTime(network_of(network), objective, ties, clock)
    schedule = named_schedule(asked.network, _YOURS, plan)
    found = asked.response(schedule)
    opened = opened_rows(asked.whole, found)
    return ResponseOverTime(
        network=asked.network.info.id,
        input_sha256=asked.network.sha256,
        objective=objective,
        measures=tuple(_label(asked.network, each) for each in schedule.in_force),
        years=asked.whole.timeline.years,
        discount=asked.network.info.discount,
        value=rounded(found.value),
        value_without_openings=rounded(asked.without_openings(schedule)),
        periods=Rows(PeriodRow, period_rows(asked.whole, found, objective, opened)),
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
    budget: Budget = None,
    carry: bool = False,
    resources: Mapping[str, float] | None = None,
    objective: Objective = OBJECTIVE,
    ties: Ties = TIE_RULE,
    time_limit: float | None = None,
    seconds_reading: float = 0.0,
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
        What they may cost: M USD a year in every period, or in some by id, in place of the periods'
        own; whether what is left stays for later; and limits that count instead of those in the
        network. A schedule that breaks one is evaluated all the same.
    objective, ties
        As in `respond`.
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
    asked = QuestionOverTime(network_of(network), objective, ties, clock)
    money = budgets_of(asked.network, budget)
    if carry:
        insist_on_budgets(asked.network, money)
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
            asked.network, schedule, budgets=money, carry=carry, resources=resources
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
        schedule=Rows(
            ScheduledRow, [r for each in found for r in scheduled_rows(asked.network, each)]
        ),
        warnings=(
            *grouped_warnings(asked.network.warnings),
            *request_warnings(asked.network, money, objective, carry=carry),
        ),
    )


def _label(network: Network, in_force: tuple[str, int]) -> str:
    return f"{in_force[0]}@{network.periods[in_force[1]].period}"
