"""Checks that every plan by a criterion over scenarios has: its options, its bound, its summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import plan_cost, plan_uses
from flowopt.planning.recheck.criterion_reader import CriterionCertificate
from flowopt.planning.recheck.scenario_arithmetic import ScenarioValues
from flowopt.planning.recheck.summary_checks import LEAST, compare_value, relative_gap
from flowopt.planning.recheck.verdict import Comparison
from flowopt.result_names import FORMAT

UNCHECKED = ("flowopt", "seconds", "warnings")  # of summary.json
NOTHING = 2e-7  # of the scale: values closer than this are equal to a planner
_SHARES = ("gap", "cost_gap", "cut_share", "tail_share")


def compare_network(
    network: Network,
    certificate: CriterionCertificate,
    scenarios: Sequence[str],
    asked: Sequence[str],
) -> Comparison:
    """Compare the network with that of the result, and its scenarios with those asked for."""
    same = Comparison("the network is the one of the result, and its scenarios are those")
    same.equal("the network", certificate.network, network.info.id)
    same.equal("the hash of its tables", certificate.input_sha256, network.sha256)
    same.equal("the scenarios", scenarios, asked)
    return same


def compare_request(network: Network, certificate: CriterionCertificate, check: Comparison) -> None:
    """Compare the options on record with the request, but for the plan and what was forced."""
    options = certificate.options
    own = {row.resource: row.limit for row in network.resources if row.limit is not None}
    limits = {**own, **options["resource"]}
    check.equal("the limits of resources", dict(certificate.resources), limits)
    for name in ("budget", "objective", "criterion", "tail"):
        check.equal(name, options[name], getattr(certificate, name))
    if certificate.ties is not None:
        check.equal("ties", options["ties"], certificate.ties)
    check.equal("the solver", str(options["solver"]).lower(), certificate.claim.solver)


def compare_by_hand(certificate: CriterionCertificate, check: Comparison) -> None:
    """Compare the options on record with a plan made by hand."""
    check.equal("the plan", certificate.options.get("measures"), list(certificate.plan))
    check.equal("what was forced", (certificate.include, certificate.exclude), ((), ()))


def compare_forced(certificate: CriterionCertificate, check: Comparison) -> None:
    """Compare the options on record with what had to, or could not, be in the plan."""
    for name in ("include", "exclude"):
        given = certificate.options.get(name)
        check.equal(name, sorted(set(given or ())), sorted(getattr(certificate, name)))


def compare_bound(
    certificate: CriterionCertificate, values: ScenarioValues, check: Comparison
) -> None:
    """Compare a value with its bound, which proves it as far as the status says."""
    bound, value, scale = certificate.claim.bound, certificate.value, values.most
    if bound is None or value is None:
        return
    check.note(f"bound {bound:.10g} of the solver, value {value:.10g}")
    check.at_most("the bound", bound, value, side=scale)
    if certificate.claim.status == "optimal":
        of = scale if values.criterion in ("cut", "regret") else max(LEAST, abs(value))
        gap = certificate.options["gap"]
        check.at_most("what is left to prove", value - bound, gap * of, floor=NOTHING * scale)


def summary_entries(network: Network, certificate: CriterionCertificate) -> dict[str, Any]:
    """Return the entries of `summary.json` that follow from the certificate alone."""
    claim, value, baseline = certificate.claim, certificate.value, certificate.baseline
    has_plan = value is not None
    return {
        **_aimed(network, certificate),
        "format": FORMAT,
        "network": certificate.network,
        "input_sha256": certificate.input_sha256,
        "objective": certificate.objective,
        **({} if certificate.ties is None else {"ties": certificate.ties}),
        "criterion": certificate.criterion,
        "tail_share": certificate.tail,
        "budget": certificate.budget,
        "resources": dict(certificate.resources),
        "status": claim.status,
        "limit": claim.limit,
        "baseline": baseline,
        "value": value,
        "bound": claim.bound,
        **_cut(value, baseline),
        "spent": plan_cost(network, certificate.plan) if has_plan else None,
        "used": plan_uses(network, certificate.plan) if has_plan else {},
        "measures": list(certificate.plan),
        "options": certificate.options,
        "solver": {"name": claim.solver, "version": claim.version, "threads": claim.threads},
    }


def _aimed(network: Network, certificate: CriterionCertificate) -> dict[str, float | None]:
    """Return what `summary.json` holds of a target, where there is one."""
    if certificate.target is None:
        return {}
    bound, gap = certificate.claim.cost_bound, None
    if bound is not None and certificate.value is not None:
        gap = relative_gap(plan_cost(network, certificate.plan), bound)
    return {"target": certificate.target, "cost_bound": bound, "cost_gap": gap}


def compare_reached(
    network: Network, certificate: CriterionCertificate, values: ScenarioValues, check: Comparison
) -> None:
    """Compare a plan with its target, and with the bound on costs as far as the status says."""
    claim, value, scale = certificate.claim, certificate.value, values.most
    if certificate.target is None or claim.cost_bound is None or value is None:
        return
    if claim.status != "estimated":
        missed = values.missed(value, certificate.target)
        check.at_most("what is missing to the target", missed, 0.0, floor=NOTHING * scale)
    spent = plan_cost(network, certificate.plan)
    check.note(f"bound {claim.cost_bound:.10g} of the solver on costs, the plan costs {spent:.10g}")
    check.at_most("the bound on costs", claim.cost_bound, spent)
    if claim.status == "optimal":
        most = certificate.options["gap"] * max(LEAST, abs(spent))
        check.at_most("what is left to prove", spent - claim.cost_bound, most, side=abs(spent))


def _cut(value: float | None, baseline: float | None) -> dict[str, float | None]:
    if value is None or baseline is None:
        return {"cut": None, "cut_share": None}
    cut = baseline - value
    return {"cut": cut, "cut_share": cut / baseline if baseline > 0.0 else None}


def compare_summary(
    entries: Mapping[str, Any], stated: Mapping[str, Any], side: float, check: Comparison
) -> None:
    """Compare every entry of `summary.json`; `side` is a number that amounts differ from."""
    for key in [*entries, *UNCHECKED]:
        if key not in stated:
            check.fault(f"{key} is missing")
    for key in stated.keys() - entries.keys() - set(UNCHECKED):
        check.fault(f"{key} is in no certificate")
    for key, expected in entries.items():
        if key in stated:
            amount = isinstance(expected, float) and key not in _SHARES
            compare_value(check, key, stated[key], expected, side if amount else 0.0)
