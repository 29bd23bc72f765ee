"""Checks of the tables of a plan for several scenarios."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from flowopt.network.network import Network
from flowopt.planning.recheck import table_checks
from flowopt.planning.recheck.arithmetic import residual_network
from flowopt.planning.recheck.certificate_reader import Certificate
from flowopt.planning.recheck.marginal_checks import NEXT, NEXT_COLUMNS, next_rows
from flowopt.planning.recheck.scenario_arithmetic import BEST, ScenarioValues
from flowopt.planning.recheck.scenario_reader import ScenarioCertificate
from flowopt.planning.recheck.table_checks import (
    Cell,
    Difference,
    ExpectedRow,
    PlanContext,
    about_of,
    compare_table,
)
from flowopt.planning.recheck.verdict import Check
from flowopt.result_names import EACH

_SCENARIOS = (
    "scenario name weight baseline value low high cut cut_share own_best own_bound regret "
    "own_measures"
)
_STACKED: tuple[tuple[str, str, Callable[[PlanContext], Iterable[ExpectedRow]]], ...] = (
    ("flows.csv", table_checks.FLOWS, table_checks.flow_rows),
    ("markets.csv", table_checks.MARKETS, table_checks.market_rows),
    ("displacement.csv", table_checks.DISPLACEMENT, table_checks.displacement_rows),
    (NEXT, NEXT_COLUMNS, next_rows),
)
FILES = ("scenarios.csv", "plan.csv", *(name for name, _, _ in _STACKED))


def check_tables(
    folder: Path,
    network: Network,
    worlds: Mapping[str, Network],
    certificate: ScenarioCertificate,
    values: ScenarioValues,
) -> Iterator[Check]:
    """Yield the checks of all tables, each from the certificates of its scenarios."""
    about = about_of(certificate.scenarios[0].certificate)
    rows = list(_scenario_rows(network, certificate, values))
    yield compare_table(folder / "scenarios.csv", _SCENARIOS, rows, about)
    names = " ".join(f"lost_if_dropped{EACH}{entry.scenario}" for entry in certificate.scenarios)
    lost = list(_plan_rows(network, certificate, values))
    yield compare_table(folder / "plan.csv", f"{table_checks.PLAN} {names}", lost, about)
    contexts = {
        entry.scenario: context
        for entry in certificate.scenarios
        if (context := context_of(worlds[entry.scenario], entry.certificate)) is not None
    }
    first = " ".join(("scenario", *about))
    for file, columns, of in _STACKED:
        expected = [
            (scenario, *about.values(), *row)
            for scenario, context in contexts.items()
            for row in of(context)
        ]
        yield compare_table(folder / file, f"{first} {columns}", expected)


def context_of(network: Network, certificate: Certificate) -> PlanContext | None:
    """Return the context of the plan in one scenario, None where a proof is missing."""
    before, after, value = certificate.before, certificate.after, certificate.value
    if before is None or after is None or value is None:
        return None
    return PlanContext(
        network=network,
        certificate=certificate,
        left_before=residual_network(network, ()),
        left_after=residual_network(network, certificate.plan),
        before=before,
        after=after,
        value=value,
    )


def _scenario_rows(
    network: Network, certificate: ScenarioCertificate, values: ScenarioValues
) -> Iterator[ExpectedRow]:
    for place, (row, entry) in enumerate(
        zip(network.scenarios, certificate.scenarios, strict=True)
    ):
        before, after = values.before[place], values.after[place]
        best, own = values.best[place], entry.certificate.compared[BEST].after
        cut, side = before - after, max(before, after)
        yield (
            row.scenario,
            row.name,
            values.shares[place],
            before,
            after,
            after,
            after,
            Difference(cut, side),
            Difference(cut / before, 1.0) if before > 0.0 else None,
            best,
            values.bound[place],
            Difference(after - best, side),
            ";".join(own.measures if own is not None else ()),
        )


def _plan_rows(
    network: Network, certificate: ScenarioCertificate, values: ScenarioValues
) -> Iterator[ExpectedRow]:
    """Yield the measures, the one that the criterion would miss most first, then in file order."""
    least = -math.inf if certificate.objective == "bilevel" else 0.0
    value, side = values.of(values.after), values.most
    lost: dict[str, float] = {}
    for name in certificate.plan:
        proofs = [entry.certificate.dropped.get(name) for entry in certificate.scenarios]
        left = [proof.value for proof in proofs if proof is not None]
        if len(left) == len(proofs):
            lost[name] = max(least, values.of(left) - value)
    measures = {row.measure: row for row in network.measures}
    order = [name for name in certificate.plan if name in measures]
    order.sort(key=lambda m: -round(lost[m], 9) if m in lost else math.inf)
    for rank, name in enumerate(order, start=1):
        row, each = measures[name], list[Cell]()
        for place, entry in enumerate(certificate.scenarios):
            proof = entry.certificate.dropped.get(name)
            gone = None if proof is None else max(least, proof.value - values.after[place])
            each.append(None if gone is None else Difference(gone, side))
        worth = Difference(lost[name], side) if name in lost else None
        yield (float(rank), name, row.name, row.kind, row.cost, worth, *each)
