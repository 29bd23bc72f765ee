"""A stored response over periods, read from its folder, for its page and its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.planning.recheck.table_checks import totals_of
from flowopt.report.result_kinds import OVER_TIME
from flowopt.report.result_reader import (
    Record,
    read_rows,
    read_summary,
    typed_rows,
)
from flowopt.report.stored_parts import by_period, check_periods, own_summary, periods_of_proofs
from flowopt.report.summary_schema import RESPONSE_OVER_TIME
from flowopt.report.units import Units
from flowopt.results.over_time_rows import OpenedRow
from flowopt.results.rows import Flow


@dataclass(frozen=True, slots=True)
class PeriodFlow:
    """The trafficker in a year of one period.

    Attributes
    ----------
    period : str
        The period.
    years : float
        How long it lasts.
    value : float
        The objective.
    closed : float or None
        The objective if nothing opened; None under `bilevel`, where a proof holds the trafficker's.
    profit, opened : float
        M USD a year, and the capacity opened, t/yr.
    """

    period: str
    years: float
    value: float
    closed: float | None
    profit: float
    opened: float


@dataclass(frozen=True, slots=True)
class StoredResponseOverTime:
    """A stored response over periods.

    Attributes
    ----------
    network : Network
        The network with the periods, by its hash.
    units : Units
        Labels.
    summary : mapping
        `summary.json`.
    periods : tuple of PeriodFlow
        The periods, in their order.
    openings : tuple of OpenedRow
        What opens.
    moved : tuple of list of dict
        For each period the tonnes of what markets buy, by mode, exit and so on: ``by``, ``key``,
        ``before`` if nothing opened, and ``after`` with what opens.
    flows : tuple of list of dict
        For each period the rows of `flows.csv`.
    """

    network: Network
    units: Units
    summary: Mapping[str, Any]
    periods: tuple[PeriodFlow, ...]
    openings: tuple[OpenedRow, ...]
    moved: tuple[list[Record], ...]
    flows: tuple[list[Record], ...]


def is_of_response_over_time(folder: Path) -> bool:
    """Return whether a folder holds a response over periods."""
    summary = set(read_summary(folder))
    return {OVER_TIME, "delivered"} <= summary and "bound" not in summary


def read_response_over_time(folder: Path, network: Network) -> StoredResponseOverTime:
    """Read a response over periods from its folder.

    Raises
    ------
    RequestError
        When a file of it can't be read, or when it is about other data than the network.
    """
    summary = own_summary(folder, network, RESPONSE_OVER_TIME)
    check_periods(folder, summary, network, mend="ask again")
    traits = OBJECTIVES[summary["objective"]]
    places = (("response", "open"), ("response", "closed"))
    opened, closed = periods_of_proofs(folder, network, places, tied=traits.ties)
    alike = traits.planner == traits.trafficker
    return StoredResponseOverTime(
        network=network,
        units=Units(network, summary["objective"]),
        summary=summary,
        periods=tuple(
            PeriodFlow(
                period=row["period"],
                years=row["years"],
                value=row["value"],
                closed=closed[row["period"]].value if alike else None,
                profit=row["profit"],
                opened=row["opened"],
            )
            for row in summary["periods"]
        ),
        openings=typed_rows(folder / "openings.csv", OpenedRow),
        moved=tuple(_moved(network, closed[each], opened[each]) for each in opened),
        flows=tuple(by_period(read_rows(folder / "flows.csv", Flow), network).values()),
    )


def _moved(network: Network, closed: StatedProof, opened: StatedProof) -> list[Record]:
    """Return the tonnes that move in one period, if nothing opened and with what opens."""
    before, after = totals_of(network, closed), totals_of(network, opened)
    return [
        {"by": by, "key": key, "before": repr(tonnes), "after": repr(after[by, key])}
        for (by, key), tonnes in before.items()
    ]
