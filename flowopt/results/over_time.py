"""Results over time: the trafficker period by period, and campaigns side by side.

Amounts of a period are a year's, so that they compare with results of one year; totals are over all
periods, years and weights counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from flowopt.overview import Overview, amount, enumerated, first_line, sizes
from flowopt.results.document import Option, listed, restored, state
from flowopt.results.folder_result import PageResult
from flowopt.results.over_time_rows import (
    CampaignPeriodRow,
    CampaignRow,
    OpenedRow,
    OpeningChange,
    PeriodRow,
    ScheduledRow,
)
from flowopt.results.plan_result import displaced, market_changes
from flowopt.results.proof_over_time import OpeningProof, ProofOverTime
from flowopt.results.response import Response
from flowopt.results.result_over_time import PlannedOverTime, ResultOverTime
from flowopt.results.rows import Rows
from flowopt.results.stacked import StackedTable, on_top, stacked_periods

if TYPE_CHECKING:
    import pandas

EVALUATED = "evaluated"


@dataclass(frozen=True, slots=True, repr=False)
class ResponseOverTime(ResultOverTime, PageResult):
    """Response to a schedule, with what the trafficker opens.

    Attributes
    ----------
    network, input_sha256 : str
        Which network, and the hash of what its tables say.
    objective : str
        ``flow``, ``profit`` or ``bilevel``.
    measures : tuple of str
        The measures in force, as ``m01@2015``.
    unit : str
        Unit of the totals, as ``t over 5 years``.
    years : float
        How long all periods last.
    discount : float
        The trafficker's discount, a share a year.
    value : float
        The objective over all periods.
    value_without_openings : float
        The same if nothing opened.
    delivered, weighted : float
        Tonnes over all periods, plain, and by the weights of markets and periods.
    profit : float
        M USD over all periods, discounted, and less what opening costs.
    periods, openings : Rows
        A row for each period, and for each thing and period in which something opens; what opens
        most first.
    by_period : mapping
        By period, the response in a year of it, with the capacities that are open then.
    opening : OpeningProof
        What opens, and the rents that prove that no other openings bring more.
    closed : ProofOverTime
        Proof of the value if nothing opened.
    ties : str or None
        How `bilevel` settles ties, None for the others.
    options : mapping
        Every option of `respond_over_time`; empty for one inside another result.
    warnings : tuple of str
        What is odd; empty for one inside another result.
    """

    network: str
    input_sha256: str
    objective: str
    measures: tuple[str, ...]
    unit: str
    years: float
    discount: float
    value: float
    value_without_openings: float
    delivered: float
    weighted: float
    profit: float
    periods: Rows[PeriodRow]
    openings: Rows[OpenedRow]
    by_period: Mapping[str, Response]
    opening: OpeningProof
    closed: ProofOverTime
    ties: str | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    __getstate__ = state
    __setstate__ = restored

    @property
    def proof(self) -> ProofOverTime:
        """Proof of the value."""
        periods = {period: each.proof for period, each in self.by_period.items()}
        return ProofOverTime(self.measures, self.value, periods, self.opening)

    @property
    def flows(self) -> StackedTable:
        """Every commodity on every arc, by period."""
        return self._stacked("flows")

    @property
    def sites(self) -> StackedTable:
        """The activity of every site, by period."""
        return self._stacked("sites")

    @property
    def supplies(self) -> StackedTable:
        """The use of every supply, by period."""
        return self._stacked("supplies")

    @property
    def markets(self) -> StackedTable:
        """Deliveries to every market, by period."""
        return self._stacked("markets")

    @property
    def binding(self) -> StackedTable:
        """The capacities that hold it back, by period."""
        return self._stacked("binding")

    @property
    def organisations(self) -> StackedTable:
        """Earnings of every organisation, by period."""
        return self._stacked("organisations")

    def _stacked(self, name: str) -> StackedTable:
        tables = {period: getattr(each, name) for period, each in self.by_period.items()}
        return stacked_periods(tables, self._about)

    def _overview(self) -> Overview:
        return Overview(
            f"Response on {self.network} over {self.years:g} years, {self.objective}",
            (
                ("plan", enumerated(self.measures) or "no measures"),
                ("value", f"{amount(self.value)} ({amount(self.value_without_openings)} if "
                          "nothing opened)"),
                ("tables", sizes((("periods", self.periods), ("openings", self.openings)))),
                ("warnings", first_line(self.warnings)),
            ),
        )  # fmt: skip

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        return {
            **self._asked(),
            "measures": list(self.measures),
            "value": self.value,
            "value_without_openings": self.value_without_openings,
            "delivered": self.delivered,
            "weighted": self.weighted,
            "profit": self.profit,
            "periods": [asdict(row) for row in self.periods],
            "options": listed(self.options),
            "warnings": list(self.warnings),
        }

    def to_frame(self) -> pandas.DataFrame:
        """Return the periods as a frame, one row each."""
        return self.periods.to_frame()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EvaluationOverTime(PlannedOverTime, PageResult):
    """Effects of schedules over all periods, side by side.

    Attributes
    ----------
    network, input_sha256 : str
        Which network, and the hash of what its tables say.
    objective : str
        ``flow``, ``profit`` or ``bilevel``.
    unit : str
        Unit of the totals, as ``t over 5 years``.
    years, discount : float
        How long all periods last, and the trafficker's discount.
    baseline, baseline_without_openings : float
        The objective without measures, and that if nothing opened.
    campaigns, campaign_periods, schedule : Rows
        A row for each schedule; for each in each period; and for each measure that is bought or in
        force in a period.
    before : ResponseOverTime
        The trafficker without measures.
    after : mapping
        By campaign, the trafficker under it.
    opened : mapping
        By campaign, what opens in each period, with it and without measures.
    budget : float, mapping or None
        M USD a year in every period, or in some by id, in place of the periods' own.
    carry : bool
        Whether money that is left stays for later periods.
    resources : mapping
        The limits on schedules in every period, by resource.
    ties : str or None
        How `bilevel` settles ties, None for the others.
    options : mapping
        Every option of `evaluate_over_time`.
    warnings : tuple of str
        What is odd.
    """

    network: str
    input_sha256: str
    objective: str
    unit: str
    years: float
    discount: float
    baseline: float
    baseline_without_openings: float
    campaigns: Rows[CampaignRow]
    campaign_periods: Rows[CampaignPeriodRow]
    schedule: Rows[ScheduledRow]
    before: ResponseOverTime
    after: Mapping[str, ResponseOverTime]
    opened: Mapping[str, Rows[OpeningChange]]
    budget: float | Mapping[str, float] | None = None
    carry: bool = False
    resources: Mapping[str, float] = field(default_factory=dict)
    ties: str | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    __getstate__ = state
    __setstate__ = restored

    @property
    def openings(self) -> StackedTable:
        """Openings by campaign and period, those that add most first."""
        tables = self.opened.values()
        return StackedTable(
            (*self._about, "campaign", *next(iter(tables)).columns),
            tuple(
                (*self._about.values(), name, *record)
                for name, table in self.opened.items()
                for record in table.records()
            ),
        )

    @property
    def markets(self) -> StackedTable:
        """Every commodity at every market, before and after, by campaign and period."""
        return self._changes(market_changes)

    @property
    def displacement(self) -> StackedTable:
        """The flow by mode, kind, exit, country, region and continent, by campaign and period."""
        return self._changes(displaced)

    def _changes(self, change: Any) -> StackedTable:
        tables = [
            changes_by_period(self.before, after, change, self._about, campaign=name)
            for name, after in self.after.items()
        ]
        return on_top(tables)

    def _overview(self) -> Overview:
        return Overview(
            f"Schedules on {self.network} over {self.years:g} years, {self.objective}",
            (
                ("without", amount(self.baseline)),
                *((row.campaign, amount(row.value)) for row in self.campaigns),
                ("warnings", first_line(self.warnings)),
            ),
        )

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        return {
            **self._asked(),
            "carry": self.carry,
            "budget": listed(self.budget),
            "resources": dict(self.resources),
            "status": EVALUATED,
            "baseline": self.baseline,
            "baseline_without_openings": self.baseline_without_openings,
            "campaigns": [asdict(row) for row in self.campaigns],
            "options": listed(self.options),
            "warnings": list(self.warnings),
        }

    def to_frame(self) -> pandas.DataFrame:
        """Return the schedules as a frame, one row each."""
        return self.campaigns.to_frame()


def changes_by_period(
    before: ResponseOverTime,
    after: ResponseOverTime,
    change: Any,
    about: Mapping[str, Any],
    **names: str,
) -> StackedTable:
    """Return what changes between two responses, by period.

    Parameters
    ----------
    before, after
        The responses.
    change
        Makes the table of two responses of one year, as `market_changes`.
    about, names
        Columns before the period, as in `stacked_periods`.
    """
    tables = {
        period: change(each, after.by_period[period]) for period, each in before.by_period.items()
    }
    return stacked_periods(tables, about, **names)
