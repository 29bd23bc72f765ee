"""Reader of the folder of a plan for several scenarios, for its pictures and its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowopt.criteria import CRITERIA
from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.planning.recheck.scenario_reader import ScenarioCertificate, read_scenario_certificate
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
from flowopt.report.summary_schema import SCENARIOS
from flowopt.report.units import Units
from flowopt.results.rows import PlanRow
from flowopt.results.scenario_solution import ScenarioRow

_MOST = 12  # scenarios whose flow is shown


@dataclass(frozen=True, slots=True)
class StoredScenarios:
    """Stored plan for several scenarios, read from its folder.

    Attributes
    ----------
    network : Network
        The network with the scenarios, by its hash.
    units : Units
        Labels.
    summary : dict
        `summary.json`.
    certificate : ScenarioCertificate
        The request, and the proofs in each scenario.
    rows : tuple of ScenarioRow
        The scenarios.
    plan : list of records
        Rows of `plan.csv` as text, by column.
    flows : mapping
        The flow in each scenario that is shown, by its id.
    leading : str
        The scenario to show first: the one that decides, or that of the greatest weight.
    following : list of records
        What comes next is told of no criterion: empty.
    """

    network: Network
    units: Units
    summary: dict[str, Any]
    certificate: ScenarioCertificate
    rows: tuple[ScenarioRow, ...]
    plan: list[Record]
    flows: Mapping[str, StoredFlow]
    leading: str
    following: list[Record] = field(default_factory=list)

    @property
    def by_hand(self) -> bool:
        """True where the plan was made by hand."""
        return bool(self.summary["status"] == "evaluated")

    def row(self, scenario: str) -> ScenarioRow:
        """Return the row of a scenario."""
        return next(row for row in self.rows if row.scenario == scenario)


def is_of_scenarios(folder: Path) -> bool:
    """Return whether a folder holds a plan for several scenarios."""
    summary = read_summary(folder)
    return "criterion" in summary and not isinstance(summary.get("luck"), dict)


def read_scenarios(folder: Path, network: Network, *, flows: bool = True) -> StoredScenarios:
    """Read a plan for several scenarios from its folder, with the flow in some if asked for.

    Raises
    ------
    RequestError
        When the folder holds no plan, when a file of it can't be read, or when it is about other
        data than the network.
    """
    summary = own_summary(folder, network)
    certificate = attempt(folder, lambda: read_scenario_certificate(folder / "certificate.json"))
    if certificate.value is None:
        status = summary.get("status")
        raise RequestError(f"{folder} holds no plan (status {status}), so there is nothing to show")
    check_schema(folder, summary, SCENARIOS)
    rows = typed_rows(folder / "scenarios.csv", ScenarioRow)
    known = {row.scenario for row in network.scenarios}
    if not rows or {row.scenario for row in rows} != known:
        raise RequestError(
            f"{folder} can't be read: scenarios.csv lists other scenarios; solve again"
        )
    leading = _leading(summary["criterion"], rows)
    plan, shown = read_rows(folder / "plan.csv", PlanRow), _shown(rows, leading)
    return StoredScenarios(
        network=network,
        units=Units(network, summary["objective"]),
        summary=summary,
        certificate=certificate,
        rows=rows,
        plan=plan,
        flows=_flows(folder, network, certificate, plan, shown) if flows else {},
        leading=leading,
    )


def _leading(criterion: str, rows: tuple[ScenarioRow, ...]) -> str:
    """Return the scenario that decides; where all are weighted, that of the greatest weight."""
    if CRITERIA[criterion].weighted:
        return max(rows, key=lambda row: row.weight).scenario
    counted = {"worst": "value", "regret": "regret"}.get(criterion)
    if counted is None:
        return min(rows, key=lambda row: row.cut).scenario
    return max(rows, key=lambda row: float(getattr(row, counted))).scenario


def _shown(rows: tuple[ScenarioRow, ...], leading: str) -> list[str]:
    """Return the scenarios whose flow is shown: of many, those at the ends of some column."""
    first = [leading]
    for counted in ("weight", "regret", "value", "cut"):
        order = sorted(rows, key=lambda row: float(getattr(row, counted)))
        first += [order[-1].scenario, order[0].scenario]
    chosen = list(dict.fromkeys([*first, *(row.scenario for row in rows)]))[:_MOST]
    return [row.scenario for row in rows if row.scenario in chosen]


def _flows(
    folder: Path,
    network: Network,
    certificate: ScenarioCertificate,
    plan: list[Record],
    shown: list[str],
) -> dict[str, StoredFlow]:
    """Return the flow in some scenarios."""
    tables = {name: rows_by("scenario", rows) for name, rows in flow_tables(folder).items()}
    proofs = {entry.scenario: entry.certificate for entry in certificate.scenarios}
    found = {}
    for name in shown:
        proof = proofs.get(name)
        if proof is None or proof.before is None or proof.after is None:
            raise RequestError(
                f"{folder} can't be read: scenario {name!r} has no proof; solve again"
            )
        found[name] = StoredFlow(
            network=network.scenario(name),
            before=proof.before,
            after=proof.after,
            plan=plan,
            **{table: rows.get(name, []) for table, rows in tables.items()},
        )
    return found
