"""Rows of results over time: periods, what opens, schedules and campaigns.

Amounts of a period are a year's, so that they compare with results of one year.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowopt.results.column_units import (
    Factor,
    Money,
    MoneyInAll,
    Objective,
    PricePerTonne,
    Share,
    Tonnes,
    WeightedTonnes,
    Years,
)


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """The trafficker in a year of one period.

    Attributes
    ----------
    period : str
        The period.
    years, tonne_weight : float
        How long it lasts, and what a tonne counts in it.
    value : float
        The planner's objective a year, without what opening costs.
    delivered, weighted : float
        Tonnes a year, plain and weighted by market.
    profit : float
        M USD a year, undiscounted, without what opening costs.
    opened : float
        Capacity opened in the period, t/yr, whatever it is of.
    """

    period: str
    years: Years
    tonne_weight: Factor
    value: Objective
    delivered: Tonnes
    weighted: WeightedTonnes
    profit: Money
    opened: Tonnes


@dataclass(frozen=True, slots=True)
class SchedulePeriodRow:
    """Effect of the best schedule in a year of one period.

    Attributes
    ----------
    period : str
        The period.
    years, tonne_weight : float
        How long it lasts, and what a tonne counts in it.
    budget : float or None
        M USD a year; None for no limit.
    spent : float
        M USD a year, purchases spread over the years of the period.
    setup : float
        M USD once for what is bought in it.
    carried : float
        M USD that are left for later periods; 0 where money does not carry.
    baseline, value : float
        The planner's objective a year without measures and under the schedule, without what opening
        costs.
    delivered, weighted : float
        Tonnes a year under the schedule, plain and weighted by market.
    profit : float
        M USD a year under it, undiscounted, without what opening costs.
    opened_baseline, opened : float
        Capacity opened in the period without measures and under the schedule, t/yr, whatever it is
        of.
    value_myopic : float or None
        The objective a year against a trafficker without foresight, which is a simulation; None
        under `bilevel`, or where time was short.
    """

    period: str
    years: Years
    tonne_weight: Factor
    budget: Money | None
    spent: Money
    setup: MoneyInAll
    carried: MoneyInAll
    baseline: Objective
    value: Objective
    delivered: Tonnes
    weighted: WeightedTonnes
    profit: Money
    opened_baseline: Tonnes
    opened: Tonnes
    value_myopic: Objective | None = None


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """Capacity that the trafficker opens in one period.

    Attributes
    ----------
    period : str
        When it is paid.
    on, id, commodity : str
        What grows.
    opened_before, opened : float
        Opened in earlier periods, and in this one, t/yr.
    capacity_before, capacity_after : float
        The capacity without measures in the first period in which it counts: of the tables with
        their trends, and with all that is open then.
    opening_cost : float
        What it costs, M USD once, undiscounted.
    shadow_price : float
        What a tonne a year more that could be opened in the period is worth to the trafficker over
        all periods.
    """

    period: str
    on: str
    id: str
    commodity: str
    opened_before: Tonnes
    opened: Tonnes
    capacity_before: Tonnes
    capacity_after: Tonnes
    opening_cost: MoneyInAll
    shadow_price: PricePerTonne


@dataclass(frozen=True, slots=True)
class OpeningChange(OpenedRow):
    """Capacity that the trafficker opens in one period under a schedule, or would without it.

    Attributes
    ----------
    opened_baseline : float
        Opened in this period without measures, t/yr.
    """

    opened_baseline: Tonnes


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A measure of the schedule that is bought or in force in one period.

    Attributes
    ----------
    period, measure, name, kind : str
        When, and which measure.
    bought, in_force : str
        "yes" or "".
    setup : float
        M USD once, where it is bought.
    cost : float
        M USD a year, where it is in force.
    lost_if_dropped : float or None
        What the objective regains over all periods if it is not in force in this period alone, nor
        what cannot be without it; None where it is not in force, or there was no time to look.
    """

    period: str
    measure: str
    name: str
    kind: str
    bought: str
    in_force: str
    setup: MoneyInAll
    cost: Money
    lost_if_dropped: Objective | None


@dataclass(frozen=True, slots=True)
class ScheduledMeasure:
    """A measure of the schedule, over all periods.

    Attributes
    ----------
    rank : int
        1 for the one that would be missed most.
    measure, name, kind : str
        Its id, name, and kind, blank if it has none.
    cost : float
        M USD in all, purchases included.
    bought, in_force : str
        The periods in which it is, joined by ``;``.
    lost_if_dropped : float or None
        What the objective regains over all periods without it, nor what cannot be without it; None
        where there was no time to look.
    """

    rank: int
    measure: str
    name: str
    kind: str
    cost: MoneyInAll
    bought: str
    in_force: str
    lost_if_dropped: Objective | None


@dataclass(frozen=True, slots=True)
class ScheduledRow:
    """A measure that is bought or in force in one period, of one of several schedules.

    Attributes
    ----------
    campaign : str
        The schedule that it is part of.
    period, measure, name, kind : str
        When, and which measure.
    bought, in_force : str
        "yes" or "".
    setup : float
        M USD once, where it is bought.
    cost : float
        M USD a year, where it is in force.
    """

    campaign: str
    period: str
    measure: str
    name: str
    kind: str
    bought: str
    in_force: str
    setup: MoneyInAll
    cost: Money


@dataclass(frozen=True, slots=True)
class ScheduleAlternative:
    """One of the best schedules.

    Attributes
    ----------
    rank : int
        1 for the best.
    value, rank_bound : float
        The objective over all periods under it, and what no schedule that is still allowed at this
        rank can go below.
    rank_gap : float
        ``(value - rank_bound) / max(1e-9, |value|)``.
    status : str
        ``optimal`` or ``limit``.
    spent : float
        M USD over all periods.
    measures, bought : str
        Its measures in force, and its purchases, as ``m01@2015``, joined by ``;``.
    """

    rank: int
    value: Objective
    rank_bound: Objective
    rank_gap: Share
    status: str
    spent: MoneyInAll
    measures: str
    bought: str = ""


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """Effect of one schedule over all periods.

    Attributes
    ----------
    campaign : str
        Its name.
    value : float
        The objective against a trafficker who foresees all of it: no trafficker brings more.
    cut, cut_share : float
        How much lower it is than without measures, and as a share of that.
    spent : float
        M USD in all.
    value_without_openings : float
        The objective if nothing opened.
    cut_without_openings : float
        How much lower that is than without measures if nothing opened.
    value_myopic : float or None
        The objective against a trafficker who expects what is in force now to stay; None under
        `bilevel`. A simulation.
    breaks : str
        What it breaks and what cannot be in force, in sentences; "" for nothing.
    status : str
        For a best schedule, how sure that is: ``optimal`` or ``limit``; "" for what somebody made.
    bound : float or None
        For a best schedule, what no other for the same money can go below.
    """

    campaign: str
    value: Objective
    cut: Objective
    cut_share: Share
    spent: MoneyInAll
    value_without_openings: Objective
    cut_without_openings: Objective
    value_myopic: Objective | None
    breaks: str
    status: str = ""
    bound: Objective | None = None


@dataclass(frozen=True, slots=True)
class CampaignPeriodRow:
    """Effect of one schedule in a year of one period.

    Attributes
    ----------
    campaign, period : str
        The schedule and the period.
    value : float
        The objective a year, without what opening costs.
    spent : float
        M USD a year, purchases spread over the years of the period.
    value_myopic : float or None
        The objective a year against a trafficker without foresight, which is a simulation; None
        under `bilevel`.
    """

    campaign: str
    period: str
    value: Objective
    spent: Money
    value_myopic: Objective | None = None
