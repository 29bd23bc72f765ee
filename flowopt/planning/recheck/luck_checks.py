"""Re-check of a plan whose measures may fail: probabilities, proofs of values, and their means.

The probability of each outcome is worked out anew from the chances in the tables. The values of the
likeliest outcomes have proofs, each on the network without what fails; how much of all luck they
are is said. The others are held between the objective without measures and that when all works, but
with `bilevel`, where a measure may do harm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.planning.recheck import luck_tables, result_networks
from flowopt.planning.recheck.arithmetic import plan_cost, plan_uses, residual_network
from flowopt.planning.recheck.certificate_reader import Certificate, summary_of
from flowopt.planning.recheck.comparison_checks import broken, check_compared
from flowopt.planning.recheck.condition_checks import check_conditions
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.luck_reader import (
    LUCK,
    LuckCertificate,
    StatedOutcome,
    StatedWorld,
    read_luck_certificate,
)
from flowopt.planning.recheck.luck_tables import WorldMean
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.scenario_arithmetic import ScenarioValues
from flowopt.planning.recheck.scenario_tables import context_of
from flowopt.planning.recheck.summary_checks import LEAST, compare_value, relative_gap
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison, Verdict
from flowopt.result_names import FORMAT

SUMMARY, CERTIFICATE = "summary.json", "certificate.json"
PROVED = 64  # the likeliest outcomes of a scenario, whose values need a proof
_CONFIDENCE = 0.975  # one-sided, of the interval of a mean of draws
_MASS = 1e-9  # what probabilities may be off by
_NOTHING = 2e-7  # of the scale: values closer than this are equal to a planner
_UNCHECKED = ("flowopt", "seconds", "warnings")  # of summary.json
_SHARES = ("gap", "cut_share", "tail_share")
PlanChecks = Callable[[Network, Certificate], Iterable[Check]]


def is_of_luck(folder: Path) -> bool:
    """Return whether the result in a folder is a plan whose measures may fail."""
    try:
        return read_json(folder / CERTIFICATE).get("result") == LUCK
    except MalformedError:
        return False


def verify_luck(path: Path, copies: Sequence[Network], proved: PlanChecks) -> Verdict:
    """Re-check the result in a folder; `proved` checks what one certificate says of its plan.

    Raises
    ------
    RequestError, InputError
        As `flowopt.planning.verify.verify`.
    """
    try:
        certificate = read_luck_certificate(path / CERTIFICATE)
        stated = summary_of(path)
    except MalformedError as error:
        read = Check("the result can be read", False, "nothing else was checked", (str(error),))
        return Verdict(str(path), copies[0].info.id if copies else "", (read,), ())
    held = result_networks.network_files(path)
    checks = []
    if not copies:
        network = result_networks.own_network(path)
    else:
        network = copies[0]
        checks += [result_networks.check_copy(held[0], network)] if held else []
    checks += _checks(path, network, certificate, stated, proved)
    return Verdict(str(path), network.info.id, tuple(checks), tuple(_claims(certificate)))


def _checks(
    folder: Path,
    network: Network,
    certificate: LuckCertificate,
    stated: Mapping[str, Any],
    proved: PlanChecks,
) -> Iterator[Check]:
    same = Comparison("the network is the one of the result, and its scenarios are those")
    same.equal("the network", certificate.network, network.info.id)
    same.equal("the hash of its tables", certificate.input_sha256, network.sha256)
    names = [entry.scenario for entry in certificate.scenarios]
    asked = [""] if certificate.criterion is None else [row.scenario for row in network.scenarios]
    same.equal("the scenarios", names, asked)
    known = {row.measure for row in network.measures}
    same.equal("unknown measures", [each for each in certificate.plan if each not in known], [])
    checked = same.check()
    yield checked
    if not checked.passed:
        return
    yield _options(network, certificate)
    worlds = {name: network.scenario(name) if name else network for name in names}
    means = []
    for entry in certificate.scenarios:
        for check, mean in _of_world(network, worlds[entry.scenario], certificate, entry, proved):
            if mean is not None:
                means.append(mean)
            prefix = f"{entry.scenario}: " if entry.scenario else ""
            yield replace(check, name=f"{prefix}{check.name}")
    if len(means) < len(names):
        return
    coins = max(_coins(worlds[name], certificate.plan) for name in names)
    yield _criterion(certificate, means, coins)
    yield _summary(network, certificate, stated)
    yield from luck_tables.check_tables(folder, worlds, certificate, means)


def _coins(network: Network, plan: tuple[str, ...]) -> int:
    """Return the number of chances of a plan of which nobody knows how they fall."""
    working = {r.measure for r in network.measures if r.measure in plan and r.success > 0.0}
    thrown = [r.success for r in network.measures if r.measure in working]
    thrown += [r.success for r in network.effects if r.measure in working]
    return sum(0.0 < chance < 1.0 for chance in thrown)


def _options(network: Network, certificate: LuckCertificate) -> Check:
    """Check the options on record against the request of the certificate."""
    check = Comparison("the options are those of the question")
    options = certificate.options
    own = {row.resource: row.limit for row in network.resources if row.limit is not None}
    limits = {**own, **options["resource"]}
    check.equal("the limits of resources", dict(certificate.resources), limits)
    for name in ("budget", "objective", "criterion", "tail"):
        check.equal(name, options[name], getattr(certificate, name))
    if certificate.ties is not None:
        check.equal("ties", options["ties"], certificate.ties)
    check.equal("the solver", str(options["solver"]).lower(), certificate.claim.solver)
    claim, by_hand = certificate.claim, "measures" in options
    check.equal("the bound on costs", claim.cost_bound, None)
    check.equal("that there is no bound", claim.bound is None, by_hand)
    check.equal("what was stopped", claim.limit is None or not by_hand, True)
    sure = ("evaluated",) if by_hand else ("optimal", "limit")
    known = ("estimated",) if certificate.luck.how == "sampled" else sure
    check.equal("that the status is one of such a plan", claim.status in known, True)
    if by_hand:
        check.equal("the plan", options["measures"], list(certificate.plan))
        check.equal("what was forced", (certificate.include, certificate.exclude), ((), ()))
        return check.check()
    for name in ("include", "exclude"):
        given = options.get(name)
        check.equal(name, sorted(set(given or ())), sorted(getattr(certificate, name)))
    check_conditions(network, certificate, certificate.plan, check)
    return check.check()


def _of_world(
    network: Network,
    world: Network,
    certificate: LuckCertificate,
    entry: StatedWorld,
    proved: PlanChecks,
) -> Iterator[tuple[Check, WorldMean | None]]:
    """Yield the checks of one scenario, the last one with its mean."""
    sure, own = as_if_sure(world), entry.sure
    check = Comparison("it is about the same plan and request, when all works that can")
    check.equal("the kind of result", own.result, "evaluation")
    check.equal("the network", own.network, network.info.id)
    check.equal("the hash of its tables", own.input_sha256, sure.sha256)
    for name in ("objective", "ties", "budget", "resources", "plan"):
        check.equal(name, getattr(own, name), getattr(certificate, name))
    check.equal("the plans beside it", [each.plan for each in own.compared], ["yours"])
    check.equal("what else is said", (dict(own.dropped), dict(own.next)), ({}, {}))
    for name in ("budget", "resource", "objective", "ties", "solver", "gap", "threads"):
        check.equal(f"options: {name}", (own.options or {}).get(name), certificate.options[name])
    yield check.check(), None
    for each in proved(sure, own):
        yield each, None
    context = context_of(sure, own)
    if context is None:
        return
    for each in check_compared(context):
        yield each, None
    yield _outcomes(world, certificate, entry), None
    proofs = ProofChecks(certificate.objective, certificate.ties, "of outcomes", own.before)
    mass = []
    for number, outcome in enumerate(entry.outcomes, start=1):
        if outcome.proof is not None:
            left = as_if_sure(world, without=outcome.failed)
            residual = residual_network(left, outcome.works)
            proofs.add(residual, outcome.proof, f"outcome {number}: ")
            mass.append(outcome.probability)
    for each in proofs.checks():
        yield each, None
    added, mean = _mean(certificate, entry, context.before.value, context.after.value, mass)
    weights = {row.scenario: row.weight for row in network.scenarios}
    part = weights[entry.scenario] / math.fsum(weights.values()) if entry.scenario else 1.0
    names = {row.scenario: row.name for row in network.scenarios}
    yield added, replace(mean, share=part, name=names.get(entry.scenario, "as it stands"))


def _outcomes(network: Network, certificate: LuckCertificate, entry: StatedWorld) -> Check:
    """Check that outcomes are those of the plan, and how likely each is."""
    check = Comparison("the outcomes are what may work, with their probabilities")
    seen, before = set(), 1.0
    for number, outcome in enumerate(entry.outcomes, start=1):
        about = f"outcome {number}: "
        in_order = tuple(name for name in certificate.plan if name in outcome.works)
        if not check.equal(f"{about}what works, in order", outcome.works, in_order):
            continue
        uncertain = [
            place
            for place, row in enumerate(network.effects)
            if row.measure in outcome.works and 0.0 < row.success < 1.0
        ]
        failed = tuple(place for place in uncertain if place in outcome.failed)
        check.equal(f"{about}effects that fail", outcome.failed, failed)
        check.equal(f"{about}that it stands twice", (outcome.works, outcome.failed) in seen, False)
        seen.add((outcome.works, outcome.failed))
        probability = luck_tables.probability_of(network, certificate.plan, outcome)
        check.close(f"{about}the probability", outcome.probability, probability)
        check.at_most(f"{about}its place by probability", outcome.probability, before)
        before = outcome.probability
    return check.check()


def _mean(
    certificate: LuckCertificate,
    entry: StatedWorld,
    before: float,
    after: float,
    proved: Sequence[float],
) -> tuple[Check, WorldMean]:
    """Check the values of outcomes and what they add up to."""
    check = Comparison("values have proofs, and outcomes are all there")
    for number, outcome in enumerate(entry.outcomes, start=1):
        _check_value(check, certificate, outcome, number, before, after)
    mass = math.fsum(proved)
    check.note(f"proofs cover {mass:.4%} of all luck")
    luck, values = certificate.luck, [each.value for each in entry.outcomes]
    if luck.how == "counted":
        weights = [each.probability for each in entry.outcomes]
        check.close("the probability of all outcomes", math.fsum(weights), 1.0, floor=_MASS)
        check.equal("draws", {each.drawn for each in entry.outcomes} <= {None}, True)
        mean = math.fsum(p * v for p, v in zip(weights, values, strict=True))
        return check.check(), WorldMean(1.0, "", before, mean, 0.0)
    counts = [each.drawn or 0 for each in entry.outcomes]
    check.equal("that each outcome was drawn", min(counts, default=0) > 0, True)
    check.equal("the number of draws", sum(counts), luck.draws)
    mean, half_width = _of_draws(values, counts)
    return check.check(), WorldMean(1.0, "", before, mean, half_width)


def _check_value(
    check: Comparison,
    certificate: LuckCertificate,
    outcome: StatedOutcome,
    number: int,
    before: float,
    after: float,
) -> None:
    """Check the value of one outcome against its proof, or against what bounds it."""
    label, side = f"the value of outcome {number}", max(before, abs(after))
    if outcome.proof is None:
        check.equal(f"that outcome {number} has no proof", number > PROVED, True)
    else:
        check.equal(f"what works in the proof {number}", outcome.proof.measures, outcome.works)
        check.close(label, outcome.value, outcome.proof.value, floor=VALUES * side)
    if certificate.objective != "bilevel":
        check.at_most(label, outcome.value, before, floor=VALUES * side)
        check.at_most("the value when all works", after, outcome.value, floor=VALUES * side)


def _of_draws(values: Sequence[float], counts: Sequence[int]) -> tuple[float, float]:
    """Return the mean of draws, and half the width of its interval."""
    from scipy.special import stdtrit  # takes a while to import

    draws = sum(counts)
    if draws < 2:
        return math.nan, math.nan
    mean = math.fsum(n * v for n, v in zip(counts, values, strict=True)) / draws
    spread = math.fsum(n * (v - mean) ** 2 for n, v in zip(counts, values, strict=True))
    half = float(stdtrit(draws - 1, _CONFIDENCE)) * math.sqrt(spread / (draws - 1) / draws)
    return mean, half


def _criterion(certificate: LuckCertificate, means: Sequence[WorldMean], coins: int) -> Check:
    """Check the value, the baseline, and the interval."""
    check = Comparison("the value is the mean over what works")
    values, luck = luck_tables.criterion_values(certificate, means), certificate.luck
    check.close("the value", certificate.value, values.of(values.after), side=values.most)
    check.close("the baseline", certificate.baseline, values.of(values.before), side=values.most)
    widths = [each.half_width for each in means]
    differs = values.criterion in ("worst", "cut")
    widest = max(widths) if differs else values.of(widths)
    check.close("half the width of its interval", luck.half_width, widest, side=values.most)
    _bound(certificate, values, check)
    check.equal("the chances that it hangs on", luck.coins, coins)
    listed = sum(len(each.outcomes) for each in certificate.scenarios)
    check.equal("the number of outcomes", luck.outcomes, listed)
    check.equal("that there are draws", luck.draws is not None, luck.how == "sampled")
    check.equal("that there is a seed", luck.seed is not None, luck.how == "sampled")
    return check.check()


def _bound(certificate: LuckCertificate, values: ScenarioValues, check: Comparison) -> None:
    """Check that the bound proves the value as far as the status says; an estimate proves none."""
    bound, value = certificate.claim.bound, certificate.value
    if bound is None or certificate.luck.how == "sampled":
        return
    check.note(f"bound {bound:.10g} of the solver, value {value:.10g}")
    check.at_most("the bound", bound, value, side=values.most)
    if certificate.claim.status == "optimal":
        of = values.most if values.criterion == "cut" else max(LEAST, abs(value))
        gap = certificate.options["gap"]
        check.at_most(
            "what is left to prove", value - bound, gap * of, floor=_NOTHING * values.most
        )


def _summary(network: Network, certificate: LuckCertificate, stated: Mapping[str, Any]) -> Check:
    """Compare every number and name of `summary.json`."""
    check = Comparison("summary.json agrees with the certificate")
    claim, value, baseline = certificate.claim, certificate.value, certificate.baseline
    half = certificate.luck.half_width
    entries: dict[str, Any] = {
        "format": FORMAT,
        "network": certificate.network,
        **({"scenario": network.info.scenario} if network.info.scenario else {}),
        "input_sha256": certificate.input_sha256,
        "objective": certificate.objective,
        **({} if certificate.ties is None else {"ties": certificate.ties}),
        "criterion": certificate.criterion,
        "tail_share": certificate.tail,
        "budget": certificate.budget,
        "resources": dict(certificate.resources),
        "status": claim.status,
        "limit": claim.limit,
        "broken": broken(network, certificate.scenarios[0].sure, stated.get("broken")),
        "baseline": baseline,
        "value": value,
        "bound": claim.bound,
        "gap": _gap(certificate),
        "low": value - half,
        "high": value + half,
        "cut": baseline - value,
        "cut_share": (baseline - value) / baseline if baseline > 0.0 else None,
        "luck": asdict(certificate.luck),
        "spent": plan_cost(network, certificate.plan),
        "used": plan_uses(network, certificate.plan),
        "measures": list(certificate.plan),
        "options": certificate.options,
        "solver": {"name": claim.solver, "version": claim.version, "threads": claim.threads},
    }
    for key in [*entries, *_UNCHECKED]:
        if key not in stated:
            check.fault(f"{key} is missing")
    for key in stated.keys() - entries.keys() - set(_UNCHECKED):
        check.fault(f"{key} is in no certificate")
    for key, expected in entries.items():
        if key in stated:
            large = isinstance(expected, float) and key not in _SHARES
            compare_value(check, key, stated[key], expected, abs(baseline) if large else 0.0)
    return check.check()


def _gap(certificate: LuckCertificate) -> float | None:
    """Return the gap between the value and its bound; None without a bound."""
    bound, value = certificate.claim.bound, certificate.value
    if bound is None:
        return None
    if certificate.criterion != "cut":
        return relative_gap(value, bound, certificate.baseline)
    most = max(entry.sure.baseline or 0.0 for entry in certificate.scenarios)
    missing = value - bound
    return 0.0 if missing <= _NOTHING / 2.0 * most else missing / most


def _claims(certificate: LuckCertificate) -> Iterator[str]:
    """Yield the claims of the result that no check confirms."""
    claim = certificate.claim
    if claim.bound is not None:
        yield (
            f"no plan leaves less than {claim.bound} in the mean (status {claim.status}): "
            f"{claim.solver} {claim.version} says so"
        )
    for entry in certificate.scenarios:
        others = [each.probability for each in entry.outcomes if each.proof is None]
        if others:
            where = f" in {entry.scenario}" if entry.scenario else ""
            yield (
                f"the values of {len(others)} unlikely outcomes{where}, {math.fsum(others):.4%} of "
                "all luck, stand as they were written (but for their bounds)"
            )
    if certificate.luck.how == "sampled":
        yield f"the draws are those of the seed {certificate.luck.seed}"
    if certificate.objective == "flow":
        yield "among flows of this value the one shown costs least (only its value is proved)"
    yield f"{', '.join(_UNCHECKED)} in summary.json stand as they were written"
