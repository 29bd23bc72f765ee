"""Parts of result folders of several kinds, as their readers for pages and pictures share them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.planning.recheck.json_values import read_json
from flowopt.report.result_reader import (
    Record,
    attempt,
    check_hash,
    check_schema,
    read_rows,
    read_summary,
)
from flowopt.report.yearly_proofs import Proofs, stated_periods
from flowopt.results.displacement_rows import Displacement, FlowChange, MarketChange

_FLOW_TABLES = {"flows": FlowChange, "markets": MarketChange, "displacement": Displacement}


def own_summary(
    folder: Path, network: Network, form: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the summary of a result, if that is about a network.

    Parameters
    ----------
    folder
        The result.
    network
        The network that it should be about.
    form
        The schema that the summary should fit; None to check that later.

    Raises
    ------
    RequestError
        When it can't be read, is about another network, or does not fit the schema.
    """
    summary = read_summary(folder)
    check_hash(folder, str(summary.get("input_sha256")), network)
    if form is not None:
        check_schema(folder, summary, form)
    return summary


def check_periods(
    folder: Path, summary: Mapping[str, Any], network: Network, *, mend: str = "solve again"
) -> None:
    """Refuse a summary whose periods are not those of the network.

    Raises
    ------
    RequestError
        When they are others, or in another order.
    """
    if [row["period"] for row in summary["periods"]] != [row.period for row in network.periods]:
        raise RequestError(f"{folder} can't be read: summary.json lists other periods; {mend}")


def periods_of_proofs(
    folder: Path, network: Network, places: Iterable[Sequence[str | int]], *, tied: bool
) -> list[Proofs]:
    """Return the proofs by period that stand in several places of a certificate.

    Raises
    ------
    RequestError
        When one is missing or is none.
    """
    raw = attempt(folder, lambda: read_json(folder / "certificate.json"))
    return attempt(folder, lambda: [stated_periods(raw, network, at, tied=tied) for at in places])


def flow_tables(folder: Path) -> dict[str, list[Record]]:
    """Return the rows of the tables of what flows before and after a plan, by their name.

    Raises
    ------
    RequestError
        When one of them can't be read.
    """
    return {name: read_rows(folder / f"{name}.csv", row) for name, row in _FLOW_TABLES.items()}


def rows_by(column: str, rows: Iterable[Record]) -> dict[str, list[Record]]:
    """Return the rows of a table by what one of its columns says."""
    found: dict[str, list[Record]] = {}
    for row in rows:
        found.setdefault(row.get(column, ""), []).append(row)
    return found


def by_period(rows: Iterable[Record], network: Network) -> dict[str, list[Record]]:
    """Return the rows of a table of each period of a network, in their order."""
    return {**{each.period: [] for each in network.periods}, **rows_by("period", rows)}
