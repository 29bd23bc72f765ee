"""Checks of the tables of a plan whose measures may fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.planning.recheck import table_checks
from flowopt.planning.recheck.luck_reader import AnyOutcome, LuckCertificate, StatedWorld
from flowopt.planning.recheck.scenario_arithmetic import ScenarioValues
from flowopt.planning.recheck.scenario_tables import context_of
from flowopt.planning.recheck.table_checks import (
    Difference,
    ExpectedRow,
    PlanContext,
    about_of,
    compare_table,
)
from flowopt.planning.recheck.verdict import Check

_SCENARIOS = (
    "scenario name weight baseline value low high cut cut_share left_p05 left_p95 all_works "
    "all_works_value own_best own_bound regret own_measures"
)
_OUTCOMES = "scenario works failed_effects probability drawn value"
_STACKED: tuple[tuple[str, str, Callable[[PlanContext], Iterable[ExpectedRow]]], ...] = (
    ("flows.csv", table_checks.FLOWS, table_checks.flow_rows),
    ("markets.csv", table_checks.MARKETS, table_checks.market_rows),
    ("displacement.csv", table_checks.DISPLACEMENT, table_checks.displacement_rows),
)


@dataclass(frozen=True, slots=True)
class WorldMean:
    """The mean of one scenario as its outcomes have it, and half the width of its interval."""

    share: float
    name: str
    baseline: float
    value: float
    half_width: float


def check_tables(
    folder: Path,
    worlds: Mapping[str, Network],
    certificate: LuckCertificate,
    means: Sequence[WorldMean],
) -> Iterator[Check]:
    """Yield the checks of all tables."""
    about = about_of(certificate.scenarios[0].sure)
    contexts = {}
    for entry in certificate.scenarios:
        context = context_of(as_if_sure(worlds[entry.scenario]), entry.sure)
        if context is not None:
            contexts[entry.scenario] = context
    entries = list(zip(certificate.scenarios, means, strict=True))
    rows = [
        _scenario_row(worlds[entry.scenario], certificate, entry, mean) for entry, mean in entries
    ]
    yield compare_table(folder / "scenarios.csv", _SCENARIOS, rows, about)
    outcomes = [row for entry in certificate.scenarios for row in _outcome_rows(entry)]
    yield compare_table(folder / "outcomes.csv", _OUTCOMES, outcomes, about)
    leading = " ".join(("scenario", *about))
    for file, columns, of in _STACKED:
        expected = [
            (scenario, *about.values(), *row)
            for scenario, context in contexts.items()
            for row in of(context)
        ]
        yield compare_table(folder / file, f"{leading} {columns}", expected)


def criterion_values(certificate: LuckCertificate, means: Sequence[WorldMean]) -> ScenarioValues:
    """Return the means of all scenarios, for the criterion of them."""
    owns = [each.own for each in certificate.scenarios]
    return ScenarioValues(
        certificate.criterion or "expected",
        certificate.tail or 1.0,
        tuple(each.share for each in means),
        tuple(each.baseline for each in means),
        tuple(each.value for each in means),
        tuple(0.0 if own is None else own.value for own in owns),
        tuple(0.0 if own is None else own.bound for own in owns),
    )


def probability_of(network: Network, plan: Sequence[str], outcome: AnyOutcome) -> float:
    """Return how likely it is that just this works of a plan."""
    chances = {row.measure: row.success for row in network.measures}
    found = math.prod(
        chances[name] if name in outcome.works else 1.0 - chances[name] for name in plan
    )
    for place, row in enumerate(network.effects):
        if row.measure in outcome.works and 0.0 < row.success < 1.0:
            found *= 1.0 - row.success if place in outcome.failed else row.success
    return found


def all_works(network: Network, plan: Sequence[str]) -> float:
    """Return how likely it is that all of a plan works that can."""
    working = {row.measure: row.success for row in network.measures if row.measure in plan}
    certain = [chance for chance in working.values() if chance > 0.0]
    rows = [
        row.success
        for row in network.effects
        if working.get(row.measure, 0.0) > 0.0 and row.success > 0.0
    ]
    return math.prod(certain) * math.prod(rows)


def coins_of(network: Network, plan: Sequence[str]) -> int:
    """Return the number of chances of a plan of which nobody knows how they fall."""
    working = {r.measure for r in network.measures if r.measure in plan and r.success > 0.0}
    thrown = [r.success for r in network.measures if r.measure in working]
    thrown += [r.success for r in network.effects if r.measure in working]
    return sum(0.0 < chance < 1.0 for chance in thrown)


def _scenario_row(
    network: Network, certificate: LuckCertificate, entry: StatedWorld, mean: WorldMean
) -> ExpectedRow:
    cut, side = mean.baseline - mean.value, max(mean.baseline, mean.value)
    counted, own = all(each.drawn is None for each in entry.outcomes), entry.own
    spread = sorted(
        (each.value, each.probability if counted else float(each.drawn or 0))
        for each in entry.outcomes
    )
    return (
        entry.scenario,
        mean.name,
        mean.share,
        mean.baseline,
        mean.value,
        Difference(mean.value - mean.half_width, side),
        Difference(mean.value + mean.half_width, side),
        Difference(cut, side),
        Difference(cut / mean.baseline, 1.0) if mean.baseline > 0.0 else None,
        _quantile(spread, 0.05),
        _quantile(spread, 0.95),
        all_works(network, certificate.plan),
        entry.sure.value,
        None if own is None else own.value,
        None if own is None else own.bound,
        None if own is None else Difference(mean.value - own.value, side),
        "" if own is None else ";".join(own.measures),
    )


def _quantile(spread: Sequence[tuple[float, float]], part: float) -> float:
    """Return the least value up to which there is a part of the weight, but for rounding."""
    whole, so_far = math.fsum(weight for _, weight in spread), 0.0
    for value, weight in spread:
        so_far += weight
        if so_far >= part * whole * (1.0 - 1e-12):
            return value
    return math.nan


def _outcome_rows(entry: StatedWorld) -> Iterator[ExpectedRow]:
    for each in entry.outcomes:
        yield (
            entry.scenario,
            ";".join(each.works),
            ";".join(str(place + 1) for place in each.failed),
            each.probability,
            None if each.drawn is None else float(each.drawn),
            each.value,
        )
