"""Reader of the folder of a comparison, for reports."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.planning.recheck.frontier_certificate_reader import read_frontier_certificate
from flowopt.planning.recheck.json_values import MalformedError
from flowopt.planning.recheck.result_networks import as_in_result
from flowopt.report.result_reader import (
    Record,
    check_hash,
    check_schema,
    number,
    read_rows,
    read_summary,
)
from flowopt.report.summary_schema import COMPARISON
from flowopt.report.units import Units
from flowopt.results.budget_rows import FrontierRow, LadderRow, MarketAt, MeasureAt

_TABLES = {
    "frontier": FrontierRow,
    "measures": MeasureAt,
    "ladder": LadderRow,
    "markets": MarketAt,
}
_LATER = {"markets"}  # tables that hand-made and early comparisons lack


@dataclass(frozen=True, slots=True)
class StoredSweep:
    """Stored sweep: one objective of a comparison, about one network.

    Attributes
    ----------
    about : dict
        Its part of `summary.json`.
    units : Units
        Labels of its objective.
    rows, measures, ladder, markets : list of dict
        Its rows of `frontier.csv` (those with a plan), `measures.csv`, `ladder.csv` and
        `markets.csv`, budgets rising.
    before : StatedProof or None
        The trafficker's activities without measures; None without a certificate.
    after : mapping
        Its activities under the plan of each budget.
    """

    about: dict[str, Any]
    units: Units
    rows: list[Record]
    measures: list[Record]
    ladder: list[Record]
    markets: list[Record]
    before: StatedProof | None = None
    after: Mapping[float, StatedProof] = field(default_factory=dict)

    @property
    def chosen(self) -> dict[str, list[float]]:
        """The budgets whose plan holds each measure that is in some plan, earliest first."""
        budgets: dict[str, list[float]] = {}
        for row in self.measures:
            if row["chosen"] == "1":
                budgets.setdefault(row["measure"], []).append(number(row["budget"]))
        return dict(sorted(budgets.items(), key=lambda item: (item[1][0], -len(item[1]))))

    def plan_at(self, budget: float) -> list[str]:
        """Return the measures of the plan of a budget, those bought for least money first."""
        return [name for name, budgets in self.chosen.items() if budget in budgets]


@dataclass(frozen=True, slots=True)
class StoredComparison:
    """Stored comparison, as far as it is about one network; `picked` as in a `StoredResult`."""

    network: Network
    summary: dict[str, Any]
    sweeps: tuple[StoredSweep, ...]
    picked: str = ""


def is_comparison(folder: str | os.PathLike[str]) -> bool:
    """Return whether a folder holds a comparison."""
    return "frontiers" in read_summary(Path(folder))


def read_comparison(folder: str | os.PathLike[str], network: Network) -> StoredComparison:
    """Read a comparison from its folder, as far as it is about a network.

    Raises
    ------
    RequestError
        When a file can't be read, when the comparison is not about the network, or when it has
        no plan for any budget.
    """
    path = Path(folder)
    summary = read_summary(path)
    check_schema(path, summary, COMPARISON)
    given, network = network, as_in_result(path, network)
    parts = [each for each in summary["frontiers"] if each.get("network") == network.info.id]
    if not parts:
        known = ", ".join(dict.fromkeys(str(each.get("network")) for each in summary["frontiers"]))
        raise RequestError(f"{path} is not about {network.info.id!r}, but about {known}")
    tables = {
        name: read_rows(path / f"{name}.csv", row)
        for name, row in _TABLES.items()
        if name not in _LATER or (path / f"{name}.csv").exists()
    }
    proofs = _proofs(path, network)
    sweeps = []
    for about in parts:
        check_hash(path, str(about.get("input_sha256")), network)
        own = {
            name: [r for r in rows if (r.get("network"), r.get("objective"))
                   == (network.info.id, about["objective"])]
            for name, rows in tables.items()
        }  # fmt: skip
        rows = [row for row in own["frontier"] if row["value"]]
        if rows:
            units = Units(network, about["objective"], summary.get("of"))
            before, after = proofs.get(about["objective"], (None, {}))
            sweeps.append(
                StoredSweep(about, units, rows, own["measures"], own["ladder"],
                            own.get("markets", []), before, after)
            )  # fmt: skip
    if not sweeps:
        raise RequestError(f"{path} holds no plan for any budget, so there is nothing to show")
    picked = "" if network is given else network.info.scenario
    return StoredComparison(network, summary, tuple(sweeps), picked)


def _proofs(
    path: Path, network: Network
) -> dict[str, tuple[StatedProof, dict[float, StatedProof]]]:
    """Return the flow without measures, and under the plan of each budget, by objective."""
    if not (path / "certificate.json").exists():
        return {}
    try:
        certificate = read_frontier_certificate(path / "certificate.json")
    except MalformedError as error:
        raise RequestError(f"{path} can't be read: {error}") from error
    return {
        sweep.objective: (
            sweep.proofs[0],
            {row.budget: proof for row, proof in sweep.planned},
        )
        for sweep in certificate.frontiers
        if sweep.network == network.info.id and sweep.proofs
    }
