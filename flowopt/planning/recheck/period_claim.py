"""Check of what a solver claims of the best schedule: its status, and a bound on all schedules."""

from __future__ import annotations

from flowopt.planning.recheck.certificate_reader import Claim
from flowopt.planning.recheck.period_context import ScheduleMean, Shown
from flowopt.planning.recheck.stated_over_time import TimeCertificate
from flowopt.planning.recheck.verdict import Check, Comparison

_STATUSES = ("optimal", "limit", "estimated", "infeasible", "no_solution")
_EQUAL = 2e-7  # of the baseline: values closer than that are one to a planner


def check_claim(
    certificate: TimeCertificate,
    claim: Claim,
    before: Shown,
    after: Shown | None,
    mean: ScheduleMean | None = None,
) -> Check:
    """Check that the values and the solver's claim are consistent.

    Parameters
    ----------
    certificate, claim
        The request, and what is claimed.
    before, after
        The trafficker without measures and under the schedule.
    mean
        The schedule in the mean over what works, where measures may fail.
    """
    check = Comparison("the values and the solver's claim fit together")
    check.equal("that the status is one", claim.status in _STATUSES, True)
    check.equal("that there is a schedule", after is not None, claim.status in _STATUSES[:3])
    check.equal("that it is an estimate", claim.status == "estimated",
                mean is not None and mean.drawn)  # fmt: skip
    if claim.limit is not None:
        stopped = claim.status in ("limit", "estimated", "no_solution")
        check.equal("the limit's status", stopped, True)
        known = claim.limit in ("time", "nodes", "interrupted")
        check.equal("that the limit is one that stops a proof", known, True)
    if after is None:
        check.equal("the bounds", (claim.bound, claim.cost_bound), (None, None))
        return check.check()
    value = after.stated.open.value if mean is None else mean.value
    baseline = before.stated.open.value
    if certificate.objective != "bilevel" or not certificate.include:
        check.at_most("the value", value, baseline, floor=_EQUAL * abs(baseline))
    if certificate.target is not None:
        _check_target(certificate, claim, value, after, baseline, check)
    else:
        _check_bound(certificate, claim, value, baseline, check)
    return check.check()


def _check_target(
    certificate: TimeCertificate,
    claim: Claim,
    value: float,
    after: Shown,
    baseline: float,
    check: Comparison,
) -> None:
    target = certificate.target or 0.0
    if claim.status != "estimated":
        check.at_most("the value", value, target, floor=_EQUAL * abs(baseline))
    check.equal("the bound, where costs are what is bounded,", claim.bound, None)
    if claim.cost_bound is None:
        check.fault("there is no bound on the cost")
    else:
        check.at_most("the bound on the cost", claim.cost_bound, after.spent)


def _check_bound(
    certificate: TimeCertificate, claim: Claim, value: float, baseline: float, check: Comparison
) -> None:
    check.equal("the bound on costs", claim.cost_bound, None)
    if claim.bound is None:
        check.fault("there is no bound")
        return
    check.note(f"bound {claim.bound:.10g} of the solver, value {value:.10g}")
    if claim.status != "estimated":  # an estimate may be below what is certain
        check.at_most("the bound", claim.bound, value)
    if claim.status == "optimal":
        gap = certificate.options.get("gap")
        most = gap if isinstance(gap, float) else 0.0
        left = value - claim.bound - most * abs(value)
        check.at_most("what is left to prove", left, 0.0, floor=_EQUAL * abs(baseline))
