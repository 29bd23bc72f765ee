"""`summary.json` of a plan for several scenarios, worked out anew from its certificate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.recheck.comparison_checks import broken
from flowopt.planning.recheck.criterion_checks import compare_summary, summary_entries
from flowopt.planning.recheck.scenario_arithmetic import ScenarioValues
from flowopt.planning.recheck.scenario_reader import ScenarioCertificate
from flowopt.planning.recheck.verdict import Check, Comparison


def check_summary(
    network: Network,
    certificate: ScenarioCertificate,
    values: ScenarioValues | None,
    stated: Mapping[str, Any],
) -> Check:
    """Compare every number and name of `summary.json`."""
    check = Comparison("summary.json agrees with the certificate")
    entries = _expected(network, certificate, values, stated.get("broken"))
    compare_summary(entries, stated, 0.0 if values is None else values.most, check)
    return check.check()


def _expected(
    network: Network,
    certificate: ScenarioCertificate,
    values: ScenarioValues | None,
    stated: object,
) -> dict[str, Any]:
    claim, value, baseline = certificate.claim, certificate.value, certificate.baseline
    numbers: dict[str, Any] = dict.fromkeys(
        ("gap", "regret_high", "looking", "knowing", "knowing_bound")
    )
    breaches: list[str] = []
    if values is not None and value is not None and baseline is not None:
        breaches = broken(network, certificate.scenarios[0].certificate, stated)
        if claim.bound is not None:
            numbers["gap"] = values.gap(value, claim.bound, baseline)
        if values.criterion == "regret":
            missing = [best - low for best, low in zip(values.best, values.bound, strict=True)]
            numbers["regret_high"] = value + max(missing)
        if values.criterion == "expected" and certificate.target is None:
            numbers["knowing"] = value - values.mean(values.best)
            numbers["knowing_bound"] = value - values.mean(values.bound)
            proofs = [entry.looking for entry in certificate.scenarios]
            known = [proof.value for proof in proofs if proof is not None]
            if len(known) == len(proofs):
                numbers["looking"] = values.mean(known) - value
    return summary_entries(network, certificate) | {
        "broken": breaches,
        **numbers,
        "luck": None,
    }
