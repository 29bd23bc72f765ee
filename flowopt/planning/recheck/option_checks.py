"""Checks of the options on record against the request of a certificate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import plan_cost
from flowopt.planning.recheck.certificate_reader import Certificate, Claim
from flowopt.planning.recheck.summary_checks import LEAST
from flowopt.planning.recheck.verdict import Check, Comparison

_TIES = ("pessimistic", "optimistic")
_NOTHING = 2e-7  # of the baseline: values closer than this are equal to a planner


def check_recorded_options(
    network: Network, certificate: Certificate, options: Mapping[str, Any]
) -> Check:
    """Compare the options with the request, the plans and the claim of a certificate.

    The time limit and the number of threads stand unchecked: they leave no trace in a result.
    """
    check = Comparison("the options are those of the question")
    check.equal("the objective", options["objective"], certificate.objective)
    check.equal("the part of the markets", options.get("of"), certificate.of)
    if certificate.ties is not None:
        check.equal("ties", options["ties"], certificate.ties)
    elif "ties" in options:
        check.equal("that ties are settled in a way there is", options["ties"] in _TIES, True)
    if "measures" in options:
        check.equal("the plan", options["measures"], list(certificate.plan))
    if certificate.claim is not None:
        _check_limits(network, certificate, options, check)
        solver = str(options["solver"]).lower()
        check.equal("the solver", solver, certificate.claim.solver)
    if certificate.result == "solution":
        _check_request(network, certificate, options, check)
    elif certificate.result == "evaluation":
        _check_beside(certificate, options, check)
    return check.check()


def _check_beside(certificate: Certificate, options: Mapping[str, Any], check: Comparison) -> None:
    """Compare the plans beside an evaluated one; one may be missing where the time was over."""
    requested = {*options["against"], *([] if options["alone"] else ["best"])}
    others = {entry.plan for entry in certificate.compared[1:]}
    check.equal("what nobody asked for", sorted(others - requested), [])
    if certificate.claim is not None and certificate.claim.limit is None:
        check.equal("what is lacking", sorted(requested - others), [])


def _check_limits(
    network: Network, certificate: Certificate, options: Mapping[str, Any], check: Comparison
) -> None:
    """Compare budget and resources: those that were not given are the network's own."""
    check.equal("the budget", options["budget"], certificate.budget)
    own = {row.resource: row.limit for row in network.resources if row.limit is not None}
    check.equal(
        "the limits of resources", dict(certificate.resources), {**own, **options["resource"]}
    )


def _check_request(
    network: Network, certificate: Certificate, options: Mapping[str, Any], check: Comparison
) -> None:
    check.equal("the target", options["target"], certificate.target)
    for name in ("include", "exclude"):
        stated: tuple[str, ...] = getattr(certificate, name)
        check.equal(name, sorted(set(options[name])), sorted(stated))
    claim = certificate.claim
    if claim is not None and claim.status == "optimal":
        _check_gap(network, certificate, claim, options["gap"], check)


def _check_gap(
    network: Network, certificate: Certificate, claim: Claim, gap: float, check: Comparison
) -> None:
    """Check that a plan called optimal is proved to the gap that was requested."""
    floor = _NOTHING * (certificate.baseline or 0.0)
    value, bound = certificate.value, claim.bound
    if certificate.target is not None:
        value, bound, floor = plan_cost(network, certificate.plan), claim.cost_bound, 0.0
    if value is not None and bound is not None:
        check.at_most(
            "what is left to prove",
            value - bound,
            gap * max(LEAST, abs(value)),
            floor=floor,
            side=abs(value),
        )
