"""Results over time: the trafficker period by period, and campaigns side by side.

Amounts of a period are a year's, so that they compare with results of one year; totals are over all
periods, years and weights counted.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from flowopt.overview import Overview, Overviewed, amount, enumerated, sizes
from flowopt.results.column_units import Money, Objective, PricePerTonne, Tonnes
from flowopt.results.rows import Rows

if TYPE_CHECKING:
    import pandas


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


@dataclass(frozen=True, slots=True, repr=False)
class ResponseOverTime(Overviewed):
    """Response to a schedule, with what the trafficker opens.

    Attributes
    ----------
    network, input_sha256 : str
        Which network, and the hash of what its tables say.
    objective : str
        ``flow``, ``profit`` or ``bilevel``.
    measures : tuple of str
        The measures in force, as ``m01@2015``.
    years : float
        How long all periods last.
    discount : float
        The trafficker's discount, a share a year.
    value : float
        The objective over all periods.
    value_without_openings : float
        The same if nothing opened.
    periods, openings : Rows
        A row for each period, and for each thing and period in which something opens; what opens
        most first.
    warnings : tuple of str
        What is odd.
    """

    network: str
    input_sha256: str
    objective: str
    measures: tuple[str, ...]
    years: float
    discount: float
    value: float
    value_without_openings: float
    periods: Rows[PeriodRow]
    openings: Rows[OpenedRow]
    warnings: tuple[str, ...] = ()

    def _overview(self) -> Overview:
        return Overview(
            f"Response on {self.network} over {self.years:g} years, {self.objective}",
            (
                ("plan", enumerated(self.measures) or "no measures"),
                ("value", f"{amount(self.value)} ({amount(self.value_without_openings)} if "
                          "nothing opened)"),
                ("tables", sizes((("periods", self.periods), ("openings", self.openings)))),
            ),
        )  # fmt: skip

    def summary(self) -> dict[str, Any]:
        """Return the scalars and the tables by name, as they are printed as JSON."""
        return summary_of(self)

    def to_frame(self) -> pandas.DataFrame:
        """Return the periods as a frame, one row each."""
        return self.periods.to_frame()


@dataclass(frozen=True, slots=True, repr=False)
class EvaluationOverTime(Overviewed):
    """Effects of schedules over all periods, side by side.

    Attributes
    ----------
    network, input_sha256 : str
        Which network, and the hash of what its tables say.
    objective : str
        ``flow``, ``profit`` or ``bilevel``.
    years, discount : float
        How long all periods last, and the trafficker's discount.
    baseline, baseline_without_openings : float
        The objective without measures, and that if nothing opened.
    campaigns, campaign_periods, schedule : Rows
        A row for each schedule; for each in each period; and for each measure that is bought or in
        force in a period.
    warnings : tuple of str
        What is odd.
    """

    network: str
    input_sha256: str
    objective: str
    years: float
    discount: float
    baseline: float
    baseline_without_openings: float
    campaigns: Rows[CampaignRow]
    campaign_periods: Rows[CampaignPeriodRow]
    schedule: Rows[ScheduledRow]
    warnings: tuple[str, ...] = ()

    def _overview(self) -> Overview:
        return Overview(
            f"Schedules on {self.network} over {self.years:g} years, {self.objective}",
            (
                ("without", amount(self.baseline)),
                *((row.campaign, amount(row.value)) for row in self.campaigns),
            ),
        )

    def summary(self) -> dict[str, Any]:
        """Return the scalars and the tables by name, as they are printed as JSON."""
        return summary_of(self)

    def to_frame(self) -> pandas.DataFrame:
        """Return the schedules as a frame, one row each."""
        return self.campaigns.to_frame()


def summary_of(result: Any) -> dict[str, Any]:
    """Return the scalars and the tables of a result over time by name."""
    found: dict[str, Any] = {}
    for each in fields(result):
        value = getattr(result, each.name)
        if isinstance(value, Rows):
            value = [dict(zip(value.columns, row, strict=True)) for row in value.records()]
        found[each.name] = list(value) if isinstance(value, tuple) else value
    return found
