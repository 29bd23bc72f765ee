"""Stored schedules side by side, read from their folder, for their page and their pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.report.result_kinds import OVER_TIME
from flowopt.report.result_reader import (
    Record,
    read_rows,
    read_summary,
    typed_row,
    typed_rows,
)
from flowopt.report.stored_parts import by_period, own_summary, periods_of_proofs, rows_by
from flowopt.report.summary_schema import CAMPAIGNS
from flowopt.report.units import Units
from flowopt.results.displacement_rows import Displacement
from flowopt.results.over_time_rows import (
    CampaignPeriodRow,
    CampaignRow,
    OpeningChange,
    ScheduledRow,
)
from flowopt.results.schedules_under_luck import (
    CampaignOutcome,
    LuckCampaignPeriodRow,
    LuckCampaignRow,
)


@dataclass(frozen=True, slots=True)
class StoredCampaigns:
    """Stored schedules side by side.

    Attributes
    ----------
    network : Network
        The network with the periods, by its hash.
    units : Units
        Labels.
    summary : mapping
        `summary.json`.
    campaigns, campaign_periods, schedule : tuple of rows
        The schedules, each in each period, and what is bought and in force.
    baseline : tuple of float, or None
        The objective a year without measures, in each period; None under `bilevel`, where the
        proof holds the trafficker's.
    openings : mapping
        What opens under each schedule.
    displacement : mapping
        Of each schedule, the rows of `displacement.csv` in each period by its id, in their order.
    outcomes : tuple of rows
        What may work of each schedule where measures may fail; the schedules are then
        `LuckCampaignRow`.
    """

    network: Network
    units: Units
    summary: Mapping[str, Any]
    campaigns: tuple[CampaignRow, ...]
    campaign_periods: tuple[CampaignPeriodRow, ...]
    schedule: tuple[ScheduledRow, ...]
    baseline: tuple[float, ...] | None
    openings: Mapping[str, Sequence[OpeningChange]]
    displacement: Mapping[str, Mapping[str, list[Record]]]
    outcomes: tuple[CampaignOutcome, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The schedules, in order."""
        return tuple(row.campaign for row in self.campaigns)

    def schedule_of(self, name: str) -> list[ScheduledRow]:
        """Return what one schedule buys and has in force."""
        return [row for row in self.schedule if row.campaign == name]

    @property
    def _means(self) -> bool:
        """True where the mean over what works is known of every year."""
        rows = self.campaign_periods
        return all(isinstance(e, LuckCampaignPeriodRow) and e.value_mean is not None for e in rows)

    @property
    def when(self) -> str:
        """Words on the objective of years where measures may fail, else ""."""
        if not self.outcomes:
            return ""
        return "in the mean over what works" if self._means else "when all works that can"

    def left(self, name: str) -> tuple[float, ...]:
        """Return the objective a year under one schedule, in each period, as `when` says."""
        rows = [row for row in self.campaign_periods if row.campaign == name]
        if self._means:
            return tuple(r.value_mean or 0.0 for r in rows if isinstance(r, LuckCampaignPeriodRow))
        return tuple(row.value for row in rows)

    def spent(self, name: str) -> tuple[float, ...]:
        """Return what one schedule spends a year in each period, M USD."""
        return tuple(row.spent for row in self.campaign_periods if row.campaign == name)

    def in_all(self, name: str) -> float:
        """Return the objective over all periods under one schedule."""
        return next(row.value for row in self.campaigns if row.campaign == name)

    def note_on(self, name: str) -> str:
        """Return what one schedule breaks."""
        return next(row.breaks for row in self.campaigns if row.campaign == name)


def is_of_campaigns(folder: Path) -> bool:
    """Return whether a folder holds schedules side by side."""
    return {OVER_TIME, "campaigns"} <= set(read_summary(folder))


def read_campaigns(folder: Path, network: Network) -> StoredCampaigns:
    """Read schedules side by side from their folder.

    Raises
    ------
    RequestError
        When a file can't be read, or when the folder is about other data than the network.
    """
    summary = own_summary(folder, network, CAMPAIGNS)
    lucky = "outcomes" in summary
    campaigns: tuple[CampaignRow, ...] = typed_rows(
        folder / "campaigns.csv", LuckCampaignRow if lucky else CampaignRow
    )
    names = [row.campaign for row in campaigns]
    if not names or names != [row["campaign"] for row in summary["campaigns"]]:
        raise RequestError(
            f"{folder} can't be read: campaigns.csv lists other schedules than summary.json; "
            "evaluate again"
        )
    periods: tuple[CampaignPeriodRow, ...] = typed_rows(
        folder / "campaign_periods.csv", LuckCampaignPeriodRow if lucky else CampaignPeriodRow
    )
    every = [(name, each.period) for name in names for each in network.periods]
    if [(row.campaign, row.period) for row in periods] != every:
        raise RequestError(
            f"{folder} can't be read: campaign_periods.csv lists other periods; evaluate again"
        )
    displaced = rows_by("campaign", read_rows(folder / "displacement.csv", Displacement))
    openings = rows_by("campaign", read_rows(folder / "openings.csv", OpeningChange))
    return StoredCampaigns(
        network=network,
        units=Units(network, summary["objective"]),
        summary=summary,
        campaigns=campaigns,
        campaign_periods=periods,
        schedule=typed_rows(folder / "schedule.csv", ScheduledRow),
        baseline=_baseline(folder, network, summary["objective"]),
        openings={
            name: [typed_row(OpeningChange, row) for row in openings.get(name, [])]
            for name in names
        },
        outcomes=typed_rows(folder / "outcomes.csv", CampaignOutcome) if lucky else (),
        displacement={name: by_period(displaced.get(name, []), network) for name in names},
    )


def _baseline(folder: Path, network: Network, objective: str) -> tuple[float, ...] | None:
    """Return the objective a year without measures in each period, from the proofs."""
    traits = OBJECTIVES[objective]
    if traits.planner != traits.trafficker:
        return None
    (proofs,) = periods_of_proofs(folder, network, [("before", "open")], tied=False)
    return tuple(proof.value for proof in proofs.values())
