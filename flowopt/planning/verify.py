"""Re-check of a result with plain arithmetic, apart from the code that made it.

No solver is imported, directly or through others, and nothing of `flowopt.model`. The residual
network of the plan is worked out anew from the words of the network format (`arithmetic`); the
flows and prices of `certificate.json` prove every value against it (`proof_checks`); everything
else in the result must follow from them (`summary_checks`, `table_checks`).

That no other plan does better is not proved here: it is listed as the solver's claim. For small
networks `flowopt.planning.enumerate` proves it, with the trafficker's programme.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.network.read import NetworkOrPath, networks_of
from flowopt.planning.recheck import (
    alternative_checks,
    comparison_checks,
    condition_checks,
    frontier_checks,
    luck_checks,
    luck_plans_checks,
    marginal_checks,
    option_checks,
    organisation_checks,
    part_checks,
    period_checks,
    result_networks,
    scenario_checks,
    scenario_plans_checks,
    schedule_frontier_checks,
    several_checks,
    stress_checks,
    summary_checks,
    table_checks,
)
from flowopt.planning.recheck.arithmetic import residual_network, without
from flowopt.planning.recheck.certificate_reader import (
    CERTIFICATE,
    Certificate,
    Claim,
    read_certificate,
    summary_of,
)
from flowopt.planning.recheck.json_values import MalformedError
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.verdict import Check, Comparison, Verdict, unreadable

_SUMMARY = "summary.json"
_NOT_LOOKED_AT = "what {} of {} are worth was not looked at"
_IN_THE_MEAN = "what {} of {} are worth is checked in the mean over what works, not where all works"

TableFormat = tuple[
    str, str, Callable[[table_checks.PlanContext], Iterable[table_checks.ExpectedRow]]
]
_OF_SOLUTION: tuple[TableFormat, ...] = (
    ("plan.csv", table_checks.PLAN, table_checks.plan_rows),
    ("flows.csv", table_checks.FLOWS, table_checks.flow_rows),
    ("markets.csv", table_checks.MARKETS, table_checks.market_rows),
    ("displacement.csv", table_checks.DISPLACEMENT, table_checks.displacement_rows),
    ("binding.csv", table_checks.BINDING, table_checks.binding_rows),
)
_OF_RESPONSE: tuple[TableFormat, ...] = (
    ("flows.csv", table_checks.RESPONSE_FLOWS, table_checks.response_flow_rows),
    ("sites.csv", table_checks.SITES, table_checks.site_rows),
    ("supplies.csv", table_checks.SUPPLIES, table_checks.supply_rows),
    ("markets.csv", table_checks.RESPONSE_MARKETS, table_checks.response_market_rows),
    ("binding.csv", table_checks.BINDING, table_checks.binding_rows),
)


def verify(
    folder: str | os.PathLike[str],
    network: NetworkOrPath | Iterable[NetworkOrPath] | None = None,
) -> Verdict:
    """Re-check the result in a folder against its network.

    Parameters
    ----------
    folder
        A folder that ``flowopt solve``, ``evaluate``, ``flow``, ``compare`` or ``stress`` wrote
        with ``--out``.
    network
        Another copy of the network that the result is about, or its path, to compare with the one
        that its folder holds; needed where it holds none. Of a comparison, one or several.

    Returns
    -------
    Verdict
        Every check with the numbers it saw, and the claims that are only repeated.

    Raises
    ------
    RequestError
        When the folder holds no result at all, or no network and none is given.
    InputError
        When the network in the folder can't be read.

    Notes
    -----
    Values agree with their proofs to 1e-6, each row of a proof holds to 1e-7, and numbers that
    stand in two files agree to 1e-9, each relative to the larger side.

    Examples
    --------
    >>> import flowopt
    >>> network = flowopt.read_network("networks/peru-2014")
    >>> flowopt.verify("results/peru-2014/budget-20", network).passed
    True
    """
    path = Path(folder)
    if not (path / _SUMMARY).is_file():
        raise RequestError(result_networks.no_result(path))
    copies = [] if network is None else [*networks_of(network)]
    copies = [result_networks.as_in_result(path, each) for each in copies]
    if several_checks.is_of_several(path):
        return several_checks.verify_several(path, copies, verify)
    if frontier_checks.is_frontier(path):
        return frontier_checks.verify_frontier(path, copies)
    if len(copies) > 1:
        raise RequestError(f"{path} is about one network, but {len(copies)} are given")
    if schedule_frontier_checks.is_schedule_frontier(path):
        return schedule_frontier_checks.verify_schedule_frontier(path, copies)
    if period_checks.is_over_time(path):
        return period_checks.verify_over_time(path, copies)
    if scenario_checks.is_of_scenarios(path):
        return _verify_scenarios(path, copies)
    if luck_checks.is_of_luck(path):
        return _verify_luck(path, copies)
    if luck_plans_checks.is_of_luck_plans(path):
        return luck_plans_checks.verify_luck_plans(path, copies, _verify_luck)
    if scenario_plans_checks.is_of_scenario_plans(path):
        return scenario_plans_checks.verify_scenario_plans(path, copies, _verify_scenarios)
    if stress_checks.is_stress(path):
        return stress_checks.verify_stress(path, copies[0] if copies else None)
    return _verify_one(path, copies[0] if copies else None)


def _verify_scenarios(path: Path, copies: Sequence[Network]) -> Verdict:
    """Re-check one plan for several scenarios."""
    return scenario_checks.verify_scenarios(path, copies, _plan_checks)


def _verify_luck(path: Path, copies: Sequence[Network]) -> Verdict:
    """Re-check one plan whose measures may fail."""
    return luck_checks.verify_luck(path, copies, partial(_plan_checks, worth=_IN_THE_MEAN))


def _verify_one(path: Path, network: Network | None) -> Verdict:
    """Re-check a result that is about one plan, or about none."""
    try:
        certificate = read_certificate(path / CERTIFICATE)
        stated = summary_of(path)
    except MalformedError as error:
        return unreadable(path, "" if network is None else network.info.id, str(error))
    network, copies = result_networks.network_and_copy(path, [] if network is None else [network])
    return Verdict(
        result=str(path),
        network=network.info.id,
        checks=(*copies, *_checks(path, network, certificate, stated)),
        claims=(*organisation_checks.claims(network, certificate), *_claims(certificate, stated)),
    )


def _checks(
    folder: Path, network: Network, certificate: Certificate, stated: dict[str, Any]
) -> Iterator[Check]:
    yield summary_checks.check_network(network, certificate)
    if certificate.network != network.info.id:
        return  # the rest would only list how two networks differ
    if certificate.of is not None:
        yield from part_checks.check_part(network, certificate, certificate.of)
        network = part_checks.counting(network, certificate.of)
    yield from _plan_checks(network, certificate)
    broken = comparison_checks.broken(network, certificate, stated.get("broken"))
    yield summary_checks.check_summary(network, certificate, stated, broken)
    yield from _tables(folder, network, certificate)


def _plan_checks(
    network: Network, certificate: Certificate, *, worth: str = _NOT_LOOKED_AT
) -> Iterator[Check]:
    """Check what a certificate says of its plan, apart from the other files.

    What measures are worth may be missing: `worth` is the note on that.
    """
    kind = ProofChecks(
        certificate.objective, certificate.ties, "without measures", certificate.before
    )
    if certificate.before is not None:
        kind.add(residual_network(network, certificate.before.measures), certificate.before)
        yield from kind.checks()
    if certificate.after is not None:
        plan = ProofChecks(
            certificate.objective, certificate.ties, "under the plan", certificate.before
        )
        plan.add(residual_network(network, certificate.plan), certificate.after)
        yield from plan.checks()
    yield _form(certificate)
    if certificate.claim is not None:
        yield summary_checks.check_claim(certificate, certificate.claim)
        if certificate.after is None:
            yield condition_checks.check_no_plan(network, certificate, certificate.claim.status)
        elif certificate.result == "solution":
            yield condition_checks.check_plan(network, certificate)
        yield from _dropped(network, certificate, worth)
    if certificate.options is not None:
        yield option_checks.check_recorded_options(network, certificate, certificate.options)


def _form(certificate: Certificate) -> Check:
    """Check that a certificate has what its kind of result must have, and nothing else."""
    check = Comparison("the certificate is whole")
    response = certificate.result == "response"
    check.equal("that it has a claim", certificate.claim is None, response)
    check.equal("that it has a baseline", certificate.baseline is None, response)
    check.equal("that it has a proof of it", certificate.before is None, response)
    check.equal("that it has a value", certificate.value is not None, certificate.after is not None)
    evaluation = certificate.result == "evaluation"
    check.equal("that it compares plans", len(certificate.compared) > 0, evaluation)
    if certificate.result != "solution":
        request = (certificate.target, certificate.include, certificate.exclude)
        check.equal("what was asked", request, (None, (), ()))
        check.equal("what is said of alternatives", certificate.alternatives, ())
        if certificate.after is None:
            check.fault("the value has no proof")
        else:
            check.equal("the plan behind the value", certificate.after.measures, certificate.plan)
            check.equal("the value", certificate.value, certificate.after.value)
    elif certificate.budget is None and certificate.target is None:
        check.fault("it has neither a budget nor a target")
    if response:
        check.equal("the budget", certificate.budget, None)
        others = [*certificate.dropped, *certificate.next]
        check.equal("what is said of other plans", others, [])
    return check.check()


def _dropped(network: Network, certificate: Certificate, worth: str) -> Iterator[Check]:
    """Check the best response without each measure of the plan."""
    if certificate.after is None:
        return
    check = Comparison("every measure of the plan is dropped once, with what requires it")
    proofs = ProofChecks(
        certificate.objective,
        certificate.ties,
        "without each measure of the plan",
        certificate.before,
    )
    checked = [name for name in certificate.plan if name in certificate.dropped]
    check.equal("the measures", sorted(certificate.dropped), sorted(checked))
    if len(checked) < len(certificate.plan):
        left_out = len(certificate.plan) - len(checked)
        check.note(worth.format(left_out, len(certificate.plan)))
    for name, proof in certificate.dropped.items():
        left = without(network, certificate.plan, name)
        in_order = tuple(row.measure for row in network.measures if row.measure in left)
        check.equal(f"what is left without {name}", proof.measures, in_order)
        proofs.add(residual_network(network, in_order), proof, f"without {name}: ")
    yield check.check()
    if certificate.dropped:
        yield from proofs.checks()


def _tables(folder: Path, network: Network, certificate: Certificate) -> Iterator[Check]:
    response = certificate.result == "response"
    expected = _OF_RESPONSE if response else _OF_SOLUTION
    before = certificate.after if response else certificate.before
    if certificate.after is None or before is None or certificate.value is None:
        check = Comparison("there are no tables without a plan")
        others = (marginal_checks.NEXT, alternative_checks.FILE, organisation_checks.FILE)
        for name in (*(name for name, _, _ in expected), *others):
            check.equal(f"that there is a {name}", (folder / name).exists(), False)
        yield check.check()
        return
    context = table_checks.PlanContext(
        network=network,
        certificate=certificate,
        left_before=residual_network(network, ()),
        left_after=residual_network(network, certificate.plan),
        before=before,
        after=certificate.after,
        value=certificate.value,
    )
    for name, columns, rows in expected:
        yield table_checks.compare_table(folder / name, columns, list(rows(context)), context.about)
    yield from organisation_checks.check_organisations(folder, context, solution=not response)
    yield marginal_checks.check_binding(context)
    if not response:
        yield from marginal_checks.check_next(folder, context)
    if certificate.compared:
        yield from comparison_checks.check_comparison(folder, context)
    if alternative_checks.are_listed(folder, certificate):
        yield from alternative_checks.check_alternatives(folder, network, certificate)


def _claims_of_solver(certificate: Certificate, claim: Claim) -> Iterator[str]:
    """Yield the solver's claims on plans that are not in the result."""
    source = f"{claim.solver} {claim.version}"
    if certificate.result == "evaluation":
        for entry in certificate.compared:
            if entry.plan == comparison_checks.BEST:
                yield (
                    f"no plan for the same money brings the objective below {entry.bound} (status "
                    f"{entry.status}): {source} says so; --enumerate proves it for up to 20 "
                    "measures"
                )
            elif entry.plan == comparison_checks.COVERAGE:
                yield (
                    f"no plan for the same money leaves less of today's flow than {entry.bound} "
                    f"(status {entry.status}): {source} says so"
                )
    elif claim.status in ("optimal", "limit") and certificate.target is None:
        yield (
            f"no plan brings the objective below {claim.bound} (status {claim.status}): {source} "
            "says so; --enumerate proves it for up to 20 measures"
        )
    elif claim.status in ("optimal", "limit"):
        yield (
            f"no plan that reaches the target costs less than {claim.cost_bound} (status "
            f"{claim.status}): {source} says so; --enumerate proves it for up to 20 measures"
        )
    else:
        yield f"the status {claim.status}, where no check above gives the reason: {source} says so"


def _claims(certificate: Certificate, stated: dict[str, Any]) -> Iterator[str]:
    """Yield the claims of the result that no check confirms."""
    claim = certificate.claim
    if claim is not None:
        yield from _claims_of_solver(certificate, claim)
        yield "no measure left out adds more than those of next.csv (what each adds is proved)"
    if certificate.objective == "flow":
        best = "costs least" if certificate.of is None else "serves the other markets best"
        yield f"among flows of this value the one shown {best} (only its value is proved)"
    others = summary_checks.unchecked_keys(certificate, stated)
    if others:
        yield f"{', '.join(others)} in summary.json stand as they were written"
