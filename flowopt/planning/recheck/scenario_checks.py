"""Re-check of a plan for several scenarios: each scenario's proofs, and the criterion of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.planning.recheck import result_networks, scenario_tables
from flowopt.planning.recheck.arithmetic import residual_network
from flowopt.planning.recheck.certificate_reader import (
    CERTIFICATE,
    SCENARIOS,
    Certificate,
    kind_of,
    summary_of,
)
from flowopt.planning.recheck.comparison_checks import check_compared
from flowopt.planning.recheck.condition_checks import check_conditions, infeasibility_reasons
from flowopt.planning.recheck.criterion_checks import (
    UNCHECKED,
    compare_bound,
    compare_by_hand,
    compare_forced,
    compare_network,
    compare_reached,
    compare_request,
)
from flowopt.planning.recheck.json_values import MalformedError
from flowopt.planning.recheck.marginal_checks import check_binding, check_next_measures
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.scenario_arithmetic import BEST, ScenarioValues, stated_values
from flowopt.planning.recheck.scenario_reader import (
    ScenarioCertificate,
    StatedScenario,
    read_scenario_certificate,
)
from flowopt.planning.recheck.scenario_summary import check_summary
from flowopt.planning.recheck.verdict import Check, Comparison, Verdict, unreadable

PlanChecks = Callable[[Network, Certificate], Iterable[Check]]
_WITHOUT_PLAN = ("infeasible", "no_solution")
_SOLVED = ("solver", "gap", "threads", "time_limit")


def is_of_scenarios(folder: Path) -> bool:
    """Return whether the result in a folder is a plan for several scenarios."""
    return kind_of(folder) == SCENARIOS


def verify_scenarios(path: Path, copies: Sequence[Network], proved: PlanChecks) -> Verdict:
    """Re-check the result in a folder; `proved` checks what one certificate says of its plan.

    Raises
    ------
    RequestError, InputError
        As `flowopt.planning.verify.verify`.
    """
    try:
        certificate = read_scenario_certificate(path / CERTIFICATE)
        stated = summary_of(path)
    except MalformedError as error:
        return unreadable(path, copies[0].info.id if copies else "", str(error))
    network, checks = result_networks.network_and_copy(path, copies)
    checks += _checks(path, network, certificate, stated, proved)
    return Verdict(str(path), network.info.id, tuple(checks), tuple(_claims(certificate)))


def _checks(
    folder: Path,
    network: Network,
    certificate: ScenarioCertificate,
    stated: Mapping[str, Any],
    proved: PlanChecks,
) -> Iterator[Check]:
    names = [entry.scenario for entry in certificate.scenarios]
    known = [row.scenario for row in network.scenarios]
    has_plan = certificate.claim.status not in _WITHOUT_PLAN
    checked = compare_network(network, certificate, names, known if has_plan else []).check()
    yield checked
    if not checked.passed:
        return
    yield _options(network, certificate)
    if not has_plan:
        yield _no_plan(folder, network, certificate)
        yield check_summary(network, certificate, None, stated)
        return
    worlds = {name: network.scenario(name) for name in names}
    for entry in certificate.scenarios:
        yield _agrees(certificate, entry)
        aimed = certificate.target is not None
        for check in _of_scenario(worlds[entry.scenario], entry.certificate, proved, aimed=aimed):
            yield replace(check, name=f"{entry.scenario}: {check.name}")
    if certificate.claim.status != "evaluated":
        plan = Comparison("the plan keeps budget, resources and rules")
        check_conditions(network, certificate, certificate.plan, plan)
        yield plan.check()
    values = stated_values(network, certificate)
    if values is None:
        lacks = Comparison("each scenario has its own best plan beside the plan")
        lacks.fault("one has none, or no bound")
        yield lacks.check()
        return
    yield _criterion(network, certificate, values)
    yield from _looking(network, worlds, certificate)
    yield check_summary(network, certificate, values, stated)
    yield from scenario_tables.check_tables(folder, network, worlds, certificate, values)


def _agrees(certificate: ScenarioCertificate, entry: StatedScenario) -> Check:
    """Check that one scenario is asked about the same plan, in the same way."""
    check = Comparison(f"{entry.scenario}: it is about the same plan and request")
    own = entry.certificate
    check.equal("the kind of result", own.result, "evaluation")
    for name in ("objective", "ties", "budget", "resources", "plan"):
        check.equal(name, getattr(own, name), getattr(certificate, name))
    check.equal("the plans beside it", [each.plan for each in own.compared], ["yours", "best"])
    mine, claim = own.claim, certificate.claim
    for name in ("solver", "threads"):
        check.equal(f"the {name}", mine and getattr(mine, name), getattr(claim, name))
    used = [] if mine is None else mine.version.split(", ")
    check.equal("solvers of other versions", [v for v in used if v not in claim.version], [])
    for name in ("budget", "resource", "objective", "ties", *_SOLVED):
        check.equal(f"options: {name}", (own.options or {}).get(name), certificate.options[name])
    best = own.compared[BEST].after if len(own.compared) > BEST else None
    for name in certificate.include:
        check.equal(f"that the best plan has {name}", best and name in best.measures, True)
    for name in certificate.exclude:
        check.equal(f"that the best plan has {name}", best and name in best.measures, False)
    return check.check()


def _of_scenario(
    network: Network, certificate: Certificate, proved: PlanChecks, *, aimed: bool
) -> Iterator[Check]:
    """Yield the checks of the plan in one scenario; for a target, own bests may cost more."""
    same = Comparison("the network is that of the scenario")
    same.equal("the network", certificate.network, network.info.id)
    same.equal("the hash of its tables", certificate.input_sha256, network.sha256)
    same.equal("that its measures may fail", may_fail(network), False)
    yield same.check()
    yield from proved(network, certificate)
    context = scenario_tables.context_of(network, certificate)
    if context is None:
        return
    yield check_binding(context)
    yield from check_next_measures(context)
    yield from check_compared(context, any_cost=aimed)


def _criterion(network: Network, certificate: ScenarioCertificate, values: ScenarioValues) -> Check:
    """Check the criterion, and that its bound proves it as far as the status says."""
    check = Comparison(f"the criterion {values.criterion} follows from the scenarios")
    claim, scale = certificate.claim, values.most
    value, baseline = values.of(values.after), values.of(values.before)
    check.close("the value", certificate.value, value, side=scale)
    check.close("the baseline", certificate.baseline, baseline, side=scale)
    evaluated = claim.status == "evaluated"
    check.equal("the status", claim.status in ("optimal", "limit", "evaluated"), True)
    aimed = certificate.target is not None
    check.equal("that there is no bound", claim.bound is None, evaluated or aimed)
    check.equal("that no bound is on costs", claim.cost_bound is None, not aimed)
    compare_reached(network, certificate, values, check)
    check.equal("what was stopped", claim.limit is None or claim.status == "limit", True)
    compare_bound(certificate, values, check)
    return check.check()


def _looking(
    network: Network, worlds: Mapping[str, Network], certificate: ScenarioCertificate
) -> Iterator[Check]:
    """Yield the checks of the plan that is best for one scenario, in all of them."""
    check = Comparison("the plan of a planner who looks at one scenario is that one's best")
    asked = certificate.claim.status != "evaluated" and certificate.target is None
    wanted = certificate.criterion == "expected" and asked
    check.equal("that one is looked at", certificate.looked_at is not None, wanted)
    if not wanted:
        others = [entry.scenario for entry in certificate.scenarios if entry.looking is not None]
        check.equal("what was looked at", others, [])
        yield check.check()
        return
    changed = {row.scenario for row in network.changes}
    as_it_stands = [row for row in network.scenarios if row.scenario not in changed]
    heaviest = max((as_it_stands or network.scenarios), key=lambda row: row.weight)
    check.equal("the scenario", certificate.looked_at, heaviest.scenario)
    best = {
        entry.scenario: entry.certificate.compared[BEST].after for entry in certificate.scenarios
    }[heaviest.scenario]
    first = certificate.scenarios[0].certificate.before
    proofs = ProofChecks(certificate.objective, certificate.ties, "of that plan", first)
    for entry in certificate.scenarios:
        if entry.looking is None:
            check.fault(f"{entry.scenario} has no proof of it")
            continue
        mine = entry.looking
        check.equal(f"the plan in {entry.scenario}", mine.measures, best and best.measures)
        left = residual_network(worlds[entry.scenario], mine.measures)
        proofs.add(left, mine, f"{entry.scenario}: ")
    yield check.check()
    yield from proofs.checks()


def _options(network: Network, certificate: ScenarioCertificate) -> Check:
    """Check the options on record against the request of the certificate."""
    check = Comparison("the options are those of the question")
    compare_request(network, certificate, check)
    if certificate.claim.status == "evaluated":
        compare_by_hand(certificate, check)
        return check.check()
    check.equal("the target", certificate.options.get("target"), certificate.target)
    compare_forced(certificate, check)
    return check.check()


def _no_plan(folder: Path, network: Network, certificate: ScenarioCertificate) -> Check:
    """Check that a result without a plan has no numbers, and a reason for it."""
    check = Comparison("there is no plan")
    claim = certificate.claim
    numbers = (certificate.value, certificate.baseline, claim.bound, claim.cost_bound)
    check.equal("the numbers", numbers, (None,) * len(numbers))
    stopped = claim.limit is not None and claim.status != "no_solution"
    check.equal("that a proof was stopped", stopped, False)
    check.equal("the plan", (certificate.plan, certificate.looked_at), ((), None))
    reasons = infeasibility_reasons(network, certificate)
    if reasons or certificate.target is None:
        check.equal("that there is a reason", bool(reasons), True)
        check.equal("the status", claim.status, "infeasible")
        check.note("; ".join(reasons))
    else:
        check.note("that no plan reaches the target, or none was found, is the solver's claim")
    for name in scenario_tables.FILES:
        check.equal(f"that there is a {name}", (folder / name).exists(), False)
    return check.check()


def _claims(certificate: ScenarioCertificate) -> Iterator[str]:
    """Yield the claims of the result that no check confirms."""
    claim = certificate.claim
    source = f"{claim.solver} {claim.version}"
    if claim.bound is not None:
        yield (
            f"no plan brings the criterion below {claim.bound} (status {claim.status}): {source} "
            "says so; --enumerate proves it for up to 20 measures"
        )
    if claim.cost_bound is not None:
        yield (
            f"no plan that reaches the target costs less than {claim.cost_bound} (status "
            f"{claim.status}): {source} says so; --enumerate proves it for up to 20 measures"
        )
    elif claim.status in _WITHOUT_PLAN and certificate.target is not None:
        yield f"the status {claim.status}, where no check above gives the reason: {source} says so"
    for entry in certificate.scenarios:
        for own in entry.certificate.compared[BEST:]:
            yield (
                f"no plan brings the objective in {entry.scenario} below {own.bound} (status "
                f"{own.status}): {source} says so; --enumerate proves it for up to 20 measures"
            )
    if certificate.scenarios:
        yield "no measure left out adds more than those of next.csv (what each adds is proved)"
    if certificate.objective == "flow" and certificate.scenarios:
        yield "among flows of this value the one shown costs least (only its value is proved)"
    yield f"{', '.join(UNCHECKED)} in summary.json stand as they were written"
