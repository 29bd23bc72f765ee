"""Reader of the folder of a plan whose measures may fail, for its pictures and its page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.errors import RequestError
from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.planning.recheck.luck_reader import LuckCertificate, read_luck_certificate
from flowopt.report.result_kinds import OVER_TIME
from flowopt.report.result_reader import (
    Record,
    StoredFlow,
    attempt,
    check_schema,
    read_rows,
    read_summary,
    typed_rows,
)
from flowopt.report.stored_parts import flow_tables, own_summary, rows_by
from flowopt.report.summary_schema import LUCK
from flowopt.report.units import Units
from flowopt.results.luck_rows import LuckAlternative, LuckCompared, LuckNextMeasure, LuckPlanRow
from flowopt.results.luck_solution import LuckRow, OutcomeRow


@dataclass(frozen=True, slots=True)
class StoredLuck:
    """Stored plan whose measures may fail, read from its folder.

    Attributes
    ----------
    network : Network
        The network, by its hash.
    units : Units
        Labels.
    summary : dict
        `summary.json`.
    certificate : LuckCertificate
        The request, and the proofs.
    rows : tuple of LuckRow
        The scenarios.
    outcomes : tuple of OutcomeRow
        What may work of the plan.
    plan : list of records
        Rows of `plan.csv` as text, by column.
    flow : StoredFlow
        The flow in the first scenario, when all works that can.
    following : list of records
        Rows of `next.csv` as text, by column.
    beside : tuple of LuckCompared
        A plan made by hand and those that stand beside it; empty where none do.
    alternatives : list of records
        Rows of `alternatives.csv` as text, by column; empty where none were asked for.
    """

    network: Network
    units: Units
    summary: dict[str, Any]
    certificate: LuckCertificate
    rows: tuple[LuckRow, ...]
    outcomes: tuple[OutcomeRow, ...]
    plan: list[Record]
    flow: StoredFlow
    following: list[Record]
    alternatives: list[Record]
    beside: tuple[LuckCompared, ...] = ()

    @property
    def by_hand(self) -> bool:
        """True where the plan was made by hand."""
        return self.summary["bound"] is None and self.summary.get("target") is None


def is_under_luck(folder: Path) -> bool:
    """Return whether a folder holds a plan for one year whose measures may fail."""
    summary = read_summary(folder)
    return isinstance(summary.get("luck"), dict) and OVER_TIME not in summary


def read_luck(folder: Path, network: Network) -> StoredLuck:
    """Read a plan whose measures may fail from its folder.

    Raises
    ------
    RequestError
        When a file of the folder can't be read, or when it is about other data than the network.
    """
    summary = own_summary(folder, network)
    certificate = attempt(folder, lambda: read_luck_certificate(folder / "certificate.json"))
    check_schema(folder, summary, LUCK)
    rows = typed_rows(folder / "scenarios.csv", LuckRow)
    if [row.scenario for row in rows] != [each.scenario for each in certificate.scenarios]:
        raise RequestError(
            f"{folder} can't be read: scenarios.csv lists other scenarios; solve again"
        )
    plan, beside = read_rows(folder / "plan.csv", LuckPlanRow), folder / "comparison.csv"
    listed = folder / "alternatives.csv"
    return StoredLuck(
        network=network,
        units=Units(network, summary["objective"], summary.get("of")),
        summary=summary,
        certificate=certificate,
        rows=rows,
        outcomes=typed_rows(folder / "outcomes.csv", OutcomeRow),
        plan=plan,
        flow=_flow(folder, network, certificate, plan),
        following=read_rows(folder / "next.csv", LuckNextMeasure),
        beside=typed_rows(beside, LuckCompared) if beside.is_file() else (),
        alternatives=read_rows(listed, LuckAlternative) if listed.is_file() else [],
    )


def _flow(
    folder: Path, network: Network, certificate: LuckCertificate, plan: list[Record]
) -> StoredFlow:
    """Return the flow in the first scenario, when all works that can."""
    first = certificate.scenarios[0]
    tables = {
        name: rows_by("scenario", rows).get(first.scenario, [])
        for name, rows in flow_tables(folder).items()
    }
    if first.sure.before is None or first.sure.after is None:
        raise RequestError(f"{folder} can't be read: it has no proof; solve again")
    world = network.scenario(first.scenario) if first.scenario else network
    return StoredFlow(
        network=as_if_sure(world),
        before=first.sure.before,
        after=first.sure.after,
        plan=plan,
        **tables,
    )
