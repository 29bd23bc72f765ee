"""Checks that a certificate is consistent, and that `summary.json` agrees with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import plan_cost, plan_uses, residual_network
from flowopt.planning.recheck.certificate_reader import Certificate, Claim, StatedProof
from flowopt.planning.recheck.verdict import Check, Comparison
from flowopt.result_names import FORMAT

_UNCHECKED = {"flowopt", "seconds", "warnings"}  # of summary.json
_UNCHECKED_OPTIONS = {"time_limit", "threads"}  # they leave no trace in a result
_LIMITS = ("time", "nodes", "interrupted")  # what may stop a proof
LEAST = 1e-9  # smallest denominator of a gap
_EQUAL = 1e-7  # of the objective without measures: value and bound this close are equal
_DIGITS = 1e-9  # likewise, of the value itself


def check_network(network: Network, certificate: Certificate) -> Check:
    """Compare the network with the one that the certificate is about."""
    check = Comparison("the network is the one of the result")
    check.note(f"{network.info.id}, sha256 {network.sha256[:12]}...")
    check.equal("the network", certificate.network, network.info.id)
    check.equal("the hash of its tables", certificate.input_sha256, network.sha256)
    claim = certificate.claim
    without = certificate.result == "response" or (
        claim and claim.status in ("infeasible", "no_solution")
    )
    if certificate.plan or not without:  # no luck is in what holds without a plan
        check.equal("that its measures may fail", may_fail(network), False)
    return check.check()


def relative_gap(value: float, bound: float, baseline: float | None = None) -> float:
    """Return (value - bound) / value, and 0 where the two differ by rounding."""
    missing = value - bound
    rounding = max(_EQUAL * (baseline or 0.0), _DIGITS * abs(value))
    return 0.0 if missing <= rounding else missing / max(LEAST, abs(value))


def check_summary(
    network: Network,
    certificate: Certificate,
    summary: Mapping[str, Any],
    broken: Sequence[str] = (),
) -> Check:
    """Compare every number and name of `summary.json` with the certificate.

    `broken` lists the conditions that an evaluated plan breaks.
    """
    check = Comparison("summary.json agrees with the certificate")
    entries = _of_all(certificate)
    if certificate.claim is None:
        entries |= _of_response(network, certificate)
    else:
        entries |= _of_solution(network, certificate, certificate.claim)
    if certificate.of is not None or "of" in summary:
        entries["of"] = (certificate.of, 0.0)
        if certificate.claim is not None:
            entries["served"] = (_served(certificate), 0.0)
    if certificate.options is not None or "options" in summary:
        entries["options"] = (certificate.options, 0.0)
    if certificate.result == "evaluation":
        entries = {key: entry for key, entry in entries.items() if key not in ("bound", "gap")}
        entries["broken"] = (list(broken), 0.0)
    if network.info.scenario or "scenario" in summary:
        entries["scenario"] = (network.info.scenario or None, 0.0)
    for key in [*entries, *_UNCHECKED]:
        if key not in summary and not (certificate.claim is None and key in _UNCHECKED):
            check.fault(f"{key} is missing")
    for key, (expected, side) in entries.items():
        if key in summary:
            compare_value(check, key, summary[key], expected, side)
    return check.check()


def unchecked_keys(certificate: Certificate, summary: Mapping[str, Any]) -> list[str]:
    """Return the keys of `summary.json` that nothing is compared with."""
    response = {"measures", "value", "delivered", "weighted", "revenue", "expenses", "profit"}
    known = {
        "format",
        "network",
        "scenario",
        "input_sha256",
        "objective",
        "ties",
        "of",
        "options",
    } | (response if certificate.claim is None else set(_SOLUTION))
    return [key for key in summary if key not in known] + [
        f"options.{name}" for name in certificate.options or () if name in _UNCHECKED_OPTIONS
    ]


def compare_value(check: Comparison, key: str, stated: Any, expected: Any, side: float) -> None:
    """Compare a value of a summary with the expected one; `side` is a term of the difference."""
    if isinstance(expected, dict) and isinstance(stated, dict):
        check.equal(f"what {key} names", sorted(stated), sorted(expected))
        for name in expected.keys() & stated.keys():
            compare_value(check, f"{key}: {name}", stated[name], expected[name], side)
    elif isinstance(expected, float) and isinstance(stated, int | float):
        check.equal(f"{key} as a truth value", isinstance(stated, bool), False)
        check.close(key, float(stated), expected, side=side)
    else:
        check.equal(key, stated, expected)


# -- expected values, each with the larger side that it is the difference of ------------------

Expected = dict[str, tuple[Any, float]]
_SOLUTION = (
    "budget", "target", "cost_bound", "resources", "status", "baseline", "value", "bound", "gap",
    "cost_gap", "cut", "cut_share", "spent", "used", "measures", "delivered", "weighted", "profit",
    "solver", "broken", "limit", "of", "served",
)  # fmt: skip


def _of_all(certificate: Certificate) -> Expected:
    return {
        "format": (FORMAT, 0.0),
        "network": (certificate.network, 0.0),
        "input_sha256": (certificate.input_sha256, 0.0),
        "objective": (certificate.objective, 0.0),
        **({} if certificate.ties is None else {"ties": (certificate.ties, 0.0)}),
        "measures": (list(certificate.plan), 0.0),
        "value": (certificate.value, 0.0),
    }


def _served(certificate: Certificate) -> dict[str, dict[str, float]]:
    """Return what arrives at a part of the markets when all are served."""
    return {
        when: {end: proof.value for end, proof in proofs.items()}
        for when, proofs in certificate.served.items()
    }


def _of_response(network: Network, certificate: Certificate) -> Expected:
    return {} if certificate.after is None else flow_totals(network, certificate.after)


def _of_solution(network: Network, certificate: Certificate, claim: Claim) -> Expected:
    value, baseline, target = certificate.value, certificate.baseline, certificate.target
    cut = None if value is None or baseline is None else baseline - value
    spent = None if value is None else plan_cost(network, certificate.plan)
    gap = cost_gap = None
    if target is not None and spent is not None and claim.cost_bound is not None:
        cost_gap = relative_gap(spent, claim.cost_bound)
    if value is not None and claim.bound is not None:
        gap = relative_gap(value, claim.bound, baseline)
    earned: Expected = dict.fromkeys(("delivered", "weighted", "profit"), (None, 0.0))
    if certificate.after is not None:
        full = flow_totals(network, certificate.after)
        earned = {key: full[key] for key in earned}
    reverse = {
        "target": (target, 0.0),
        "cost_bound": (claim.cost_bound, 0.0),
        "cost_gap": (cost_gap, 0.0),
    }
    solver = {"name": claim.solver, "version": claim.version, "threads": claim.threads}
    return {
        "budget": (certificate.budget, 0.0),
        **({} if target is None else reverse),
        "resources": (dict(certificate.resources), 0.0),
        "status": (claim.status, 0.0),
        **({} if certificate.options is None else {"limit": (claim.limit, 0.0)}),
        "baseline": (baseline, 0.0),
        "bound": (claim.bound, 0.0),
        "gap": (gap, 0.0),
        "cut": (cut, 0.0),
        "cut_share": (cut / baseline if cut is not None and baseline else None, 0.0),
        "spent": (spent, 0.0),
        "used": ({} if value is None else plan_uses(network, certificate.plan), 0.0),
        **earned,
        "solver": (solver, 0.0),
    }


def flow_totals(network: Network, stated: StatedProof) -> Expected:
    """Return tonnes and M USD of a flow."""
    left = residual_network(network, stated.measures)
    known = [
        (left.activities[n], amount) for n, amount in stated.amounts.items() if n in left.activities
    ]
    revenue = math.fsum(activity.price * amount for activity, amount in known)
    cost = math.fsum(activity.cost * amount for activity, amount in known)
    return {
        "delivered": (math.fsum(x for n, x in stated.amounts.items() if n[0] == "deliver"), 0.0),
        "weighted": (math.fsum(activity.weight * amount for activity, amount in known), 0.0),
        "revenue": (revenue, 0.0),
        "expenses": (cost, 0.0),
        "profit": (revenue - cost, revenue + cost),
    }


def check_claim(certificate: Certificate, claim: Claim) -> Check:
    """Check that the values and the solver's claim are consistent."""
    check = Comparison("the values, the plan and the solver's claim fit together")
    evaluated = certificate.result == "evaluation"
    statuses = ("evaluated",) if evaluated else ("optimal", "limit", "infeasible", "no_solution")
    if claim.status not in statuses:
        check.fault(f"the status {claim.status!r} is none of {', '.join(statuses)}")
    _check_limit(certificate, claim, check)
    if certificate.target is None:
        check.equal("the bound on costs, where there is no target,", claim.cost_bound, None)
    has_plan = claim.status in ("optimal", "limit", "evaluated")
    check.equal("that there is a plan", certificate.after is not None, has_plan)
    if certificate.before is None:
        check.fault("the baseline has no proof")
    else:
        check.equal("the plan of the baseline", certificate.before.measures, ())
        check.equal("the baseline", certificate.baseline, certificate.before.value)
    if certificate.after is not None and certificate.value is not None:
        check.equal("the plan behind the value", certificate.after.measures, certificate.plan)
        check.equal("the value", certificate.value, certificate.after.value)
        _check_bounds(certificate, claim, certificate.value, check)
    return check.check()


def _check_limit(certificate: Certificate, claim: Claim, check: Comparison) -> None:
    """Check that a limit is one that stops a proof, and that a proof is missing."""
    if claim.limit is None:
        return
    check.equal("that the limit is one that stops a proof", claim.limit in _LIMITS, True)
    statuses = [claim.status, *(entry.status for entry in certificate.compared)]
    check.equal("that something was stopped", "limit" in statuses, True)


def _check_bounds(certificate: Certificate, claim: Claim, value: float, check: Comparison) -> None:
    baseline = certificate.baseline or 0.0
    # With `bilevel` a measure may do harm: nobody but a search may leave it out.
    given = certificate.result == "evaluation" or bool(certificate.include)
    if certificate.objective != "bilevel" or not given:
        check.at_most("the value", value, baseline)
    if certificate.result == "evaluation":
        check.equal("what bounds a plan that nobody searched for", claim.bound, None)
    elif certificate.target is not None:
        # Values closer than 1e-7 of the baseline are the same to a planner.
        check.at_most("the value", value, certificate.target, floor=2e-7 * baseline)
        check.equal("the bound, where costs are what is bounded,", claim.bound, None)
        if claim.cost_bound is None:
            check.fault("there is no bound on the cost")
    elif claim.bound is None:
        check.fault("there is no bound")
    else:
        check.note(f"bound {claim.bound:.10g} of the solver, value {value:.10g}")
        check.at_most("the bound", claim.bound, value)
