"""`summary.json` of a plan whose measures may fail, worked out anew from its certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.recheck.comparison_checks import broken
from flowopt.planning.recheck.criterion_checks import compare_summary, summary_entries
from flowopt.planning.recheck.luck_reader import LuckCertificate
from flowopt.planning.recheck.luck_tables import WorldMean, criterion_values
from flowopt.planning.recheck.scenario_arithmetic import ScenarioValues
from flowopt.planning.recheck.verdict import Check, Comparison


def check_luck_summary(
    network: Network,
    certificate: LuckCertificate,
    means: Sequence[WorldMean],
    stated: Mapping[str, Any],
) -> Check:
    """Compare every number and name of `summary.json`."""
    check = Comparison("summary.json agrees with the certificate")
    value, bound, baseline = certificate.value, certificate.claim.bound, certificate.baseline
    half = certificate.luck.half_width
    values = criterion_values(certificate, means)
    entries = summary_entries(network, certificate) | {
        **({"scenario": network.info.scenario} if network.info.scenario else {}),
        **({} if certificate.of is None else {"of": certificate.of}),
        "broken": broken(network, certificate.scenarios[0].sure, stated.get("broken")),
        "gap": None if bound is None else values.gap(value, bound, baseline),
        **_high_regret(values, value + half),
        "low": value - half,
        "high": value + half,
        "luck": asdict(certificate.luck),
    }
    compare_summary(entries, stated, abs(baseline), check)
    return check.check()


def _high_regret(values: ScenarioValues, value: float) -> dict[str, float]:
    """Return the most that the true regret can be, where it is asked for."""
    if values.criterion != "regret":
        return {}
    missing = [best - low for best, low in zip(values.best, values.bound, strict=True)]
    return {"regret_high": value + max(missing)}
