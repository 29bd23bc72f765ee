"""A stored schedule, read from its folder, for its page and its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.report.result_kinds import OVER_TIME
from flowopt.report.result_reader import (
    StoredFlow,
    check_schema,
    read_summary,
    typed_rows,
)
from flowopt.report.schedule_headline import is_lucky
from flowopt.report.stored_parts import (
    by_period,
    check_periods,
    flow_tables,
    own_summary,
    periods_of_proofs,
)
from flowopt.report.summary_schema import SCHEDULE
from flowopt.report.units import Units
from flowopt.report.yearly_proofs import Proofs
from flowopt.results.over_time_rows import OpeningChange, ScheduleRow
from flowopt.results.schedules_under_luck import CampaignOutcome


@dataclass(frozen=True, slots=True)
class PeriodValues:
    """Numbers of a year of one period.

    Attributes
    ----------
    period : str
        The period.
    years : float
        How long it lasts.
    budget : float or None
        M USD a year; None for no limit.
    spent : float
        M USD a year.
    baseline, value : float
        The objective without measures and under the schedule.
    closed, myopic : float or None
        The objective under the schedule if nothing opened, and against a trafficker without
        foresight; None where it is not known.
    mean : float or None
        Where measures may fail, the objective in the mean over what works, if that is known; the
        others are then those when all works that can.
    """

    period: str
    years: float
    budget: float | None
    spent: float
    baseline: float
    value: float
    closed: float | None = None
    myopic: float | None = None
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class StoredLuckOverTime:
    """Luck of a stored schedule, as `summary.json` has it."""

    how: str
    coins: int
    half_width: float
    all_works: float
    all_works_value: float


@dataclass(frozen=True, slots=True)
class StoredSchedule:
    """A stored schedule.

    Attributes
    ----------
    network : Network
        The network with the periods, by its hash.
    units : Units
        Labels.
    summary : mapping
        `summary.json`.
    schedule : tuple of ScheduleRow
        What is bought and in force, period by period.
    periods : tuple of PeriodValues
        The periods, in their order.
    openings : tuple of OpeningChange
        What opens, with the schedule and without measures.
    flows : mapping
        The flow in each period by its id, in their order.
    outcomes : tuple of CampaignOutcome
        What may work of it, where measures may fail.
    """

    network: Network
    units: Units
    summary: Mapping[str, Any]
    schedule: tuple[ScheduleRow, ...]
    periods: tuple[PeriodValues, ...]
    openings: tuple[OpeningChange, ...]
    flows: Mapping[str, StoredFlow]
    outcomes: tuple[CampaignOutcome, ...] = ()

    @property
    def luck(self) -> StoredLuckOverTime | None:
        """Luck of the schedule, and how sure its mean is; None where nothing fails."""
        if not self.lucky:
            return None
        names = [each.name for each in fields(StoredLuckOverTime)]
        return StoredLuckOverTime(**{name: self.summary["luck"][name] for name in names})

    @property
    def lucky(self) -> bool:
        """True where measures may fail, so that flows are those when all works that can."""
        return is_lucky(self.summary)


def is_of_schedule(folder: Path) -> bool:
    """Return whether a folder holds a schedule over periods."""
    return {OVER_TIME, "bound"} <= set(read_summary(folder))


def read_stored_schedule(folder: Path, network: Network) -> StoredSchedule:
    """Read a schedule from its folder.

    Raises
    ------
    RequestError
        When the folder holds no schedule, when a file of it can't be read, or when it is about
        other data than the network.
    """
    summary = own_summary(folder, network)
    if summary.get("value") is None:
        status = summary.get("status")
        raise RequestError(
            f"{folder} holds no schedule (status {status}), so there is nothing to show"
        )
    check_schema(folder, summary, SCHEDULE)
    check_periods(folder, summary, network)
    tied = summary["objective"] == "bilevel"
    places = (("before", "open"), ("after", "open"), ("after", "closed"))
    before, after, closed = periods_of_proofs(folder, network, places, tied=tied)
    return StoredSchedule(
        network=network,
        units=Units(network, summary["objective"]),
        summary=summary,
        schedule=typed_rows(folder / "schedule.csv", ScheduleRow),
        periods=tuple(_periods(summary, closed)),
        openings=typed_rows(folder / "openings.csv", OpeningChange),
        flows=_flows(folder, network, before, after),
        outcomes=typed_rows(folder / "outcomes.csv", CampaignOutcome) if is_lucky(summary) else (),
    )


def _periods(summary: Mapping[str, Any], closed: Proofs) -> list[PeriodValues]:
    """Return the numbers of each period; under `bilevel` a proof's value is the trafficker's."""
    traits = OBJECTIVES[summary["objective"]]
    known = traits.planner == traits.trafficker
    return [
        PeriodValues(
            period=row["period"],
            years=row["years"],
            budget=row["budget"],
            spent=row["spent"],
            baseline=row["baseline"],
            value=row["value"],
            closed=closed[row["period"]].value if known else None,
            myopic=row.get("value_myopic"),
            mean=row.get("value_mean"),
        )
        for row in summary["periods"]
    ]


def _flows(
    folder: Path,
    network: Network,
    before: Mapping[str, StatedProof],
    after: Mapping[str, StatedProof],
) -> dict[str, StoredFlow]:
    """Return the flow in each period."""
    tables = {name: by_period(rows, network) for name, rows in flow_tables(folder).items()}
    return {
        each.period: StoredFlow(
            network=network,
            before=before[each.period],
            after=after[each.period],
            plan=[],
            **{name: rows[each.period] for name, rows in tables.items()},
        )
        for each in network.periods
    }
