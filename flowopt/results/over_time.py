"""Results over time: the trafficker period by period, and campaigns side by side.

Amounts of a period are a year's, so that they compare with results of one year; totals are over all
periods, years and weights counted.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from flowopt.overview import Overview, Overviewed, amount, enumerated, sizes
from flowopt.results.over_time_rows import (
    CampaignPeriodRow,
    CampaignRow,
    OpenedRow,
    PeriodRow,
    ScheduledRow,
)
from flowopt.results.rows import Rows

if TYPE_CHECKING:
    import pandas


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
