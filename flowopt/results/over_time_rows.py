"""Rows of results over time: periods, what opens, schedules and campaigns.

Amounts of a period are a year's, so that they compare with results of one year.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowopt.results.column_units import Money, Objective, PricePerTonne, Tonnes


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """The trafficker in a year of one period.

    Attributes
    ----------
    period : str
        The period.
    years, weight : float
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
    years: float
    weight: float
    value: Objective
    delivered: Tonnes
    weighted: Tonnes
    profit: Money
    opened: Tonnes


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """Capacity that the trafficker opens in one period.

    Attributes
    ----------
    period : str
        When it is paid.
    on, target, commodity : str
        What grows.
    opened_before, opened : float
        Opened in earlier periods, and in this one, t/yr.
    capacity_before, capacity_after : float
        The capacity without measures in the first period in which it counts: of the tables with
        their trends, and with all that is open then.
    cost : float
        What it costs, M USD once, undiscounted.
    shadow_price : float
        What a tonne a year more that could be opened in the period is worth to the trafficker.
    """

    period: str
    on: str
    target: str
    commodity: str
    opened_before: Tonnes
    opened: Tonnes
    capacity_before: Tonnes
    capacity_after: Tonnes
    cost: float
    shadow_price: PricePerTonne


@dataclass(frozen=True, slots=True)
class ScheduledRow:
    """A measure that is bought or in force in one period.

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
    setup: float
    cost: Money


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
    """

    campaign: str
    value: Objective
    cut: Objective
    cut_share: float
    spent: float
    value_without_openings: Objective
    cut_without_openings: Objective
    value_myopic: Objective | None
    breaks: str


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
    """

    campaign: str
    period: str
    value: Objective
    spent: Money
