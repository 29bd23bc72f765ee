"""Re-check of a plan whose measures may fail: probabilities, proofs of values, and their means.

The probability of each outcome is worked out anew from the chances in the tables. The values of the
likeliest outcomes have proofs, each on the network without what fails; how much of all luck they
are is said. The others are held between the objective without measures and that when all works, but
with `bilevel`, where a measure may do harm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.planning.recheck import luck_tables, result_networks
from flowopt.planning.recheck.arithmetic import residual_network
from flowopt.planning.recheck.certificate_reader import (
    CERTIFICATE,
    Certificate,
    kind_of,
    summary_of,
)
from flowopt.planning.recheck.comparison_checks import check_compared
from flowopt.planning.recheck.condition_checks import check_conditions
from flowopt.planning.recheck.criterion_checks import (
    UNCHECKED,
    compare_bound,
    compare_by_hand,
    compare_forced,
    compare_network,
    compare_reached,
    compare_request,
)
from flowopt.planning.recheck.draw_means import widened
from flowopt.planning.recheck.json_values import MalformedError
from flowopt.planning.recheck.luck_alternatives import check_alternatives
from flowopt.planning.recheck.luck_marginals import check_marginals
from flowopt.planning.recheck.luck_outcome_checks import (
    PlanLuck,
    check_mean,
    check_outcomes,
    drawn_in,
)
from flowopt.planning.recheck.luck_own_checks import check_own_bests
from flowopt.planning.recheck.luck_reader import (
    LUCK,
    LuckCertificate,
    StatedWorld,
    read_luck_certificate,
)
from flowopt.planning.recheck.luck_summary import check_luck_summary
from flowopt.planning.recheck.luck_tables import WorldMean
from flowopt.planning.recheck.part_checks import check_part, counting
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.scenario_tables import context_of
from flowopt.planning.recheck.table_checks import about_of
from flowopt.planning.recheck.verdict import Check, Comparison, Verdict, unreadable

PlanChecks = Callable[[Network, Certificate], Iterable[Check]]


def is_of_luck(folder: Path) -> bool:
    """Return whether the result in a folder is a plan whose measures may fail."""
    return kind_of(folder) == LUCK


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
        return unreadable(path, copies[0].info.id if copies else "", str(error))
    network, checks = result_networks.network_and_copy(path, copies)
    checks += _checks(path, network, certificate, stated, proved)
    return Verdict(str(path), network.info.id, tuple(checks), tuple(_claims(certificate)))


def _checks(
    folder: Path,
    network: Network,
    certificate: LuckCertificate,
    stated: Mapping[str, Any],
    proved: PlanChecks,
) -> Iterator[Check]:
    names = [entry.scenario for entry in certificate.scenarios]
    asked = [""] if certificate.criterion is None else [row.scenario for row in network.scenarios]
    same = compare_network(network, certificate, names, asked)
    known = {row.measure for row in network.measures}
    same.equal("unknown measures", [each for each in certificate.plan if each not in known], [])
    checked = same.check()
    yield checked
    if not checked.passed:
        return
    yield _options(network, certificate)
    worlds = {name: network.scenario(name) if name else network for name in names}
    hashes = {name: as_if_sure(world).sha256 for name, world in worlds.items()}
    if certificate.of is not None:
        for entry in certificate.scenarios:
            yield from check_part(worlds[entry.scenario], entry.sure, certificate.of)
        worlds = {name: counting(world, certificate.of) for name, world in worlds.items()}
    means = []
    for entry in certificate.scenarios:
        yield _same_question(network, certificate, entry, hashes[entry.scenario])
        for check, mean in _of_world(network, worlds[entry.scenario], certificate, entry, proved):
            if mean is not None:
                means.append(mean)
            prefix = f"{entry.scenario}: " if entry.scenario else ""
            yield replace(check, name=f"{prefix}{check.name}")
    if len(means) < len(names):
        return
    coins = max(luck_tables.coins_of(worlds[name], certificate.plan) for name in names)
    yield _criterion(network, certificate, means, coins)
    yield check_luck_summary(network, certificate, means, stated)
    yield from luck_tables.check_tables(folder, worlds, certificate, means)
    about = about_of(certificate.scenarios[0].sure)
    yield from check_marginals(folder, worlds, certificate, means, about)
    yield from check_own_bests(network, worlds, certificate)
    yield from check_alternatives(folder, next(iter(worlds.values())), certificate, about)


def _options(network: Network, certificate: LuckCertificate) -> Check:
    """Check the options on record against the request of the certificate."""
    check = Comparison("the options are those of the question")
    compare_request(network, certificate, check)
    check.equal("the part of the markets", certificate.options.get("of"), certificate.of)
    claim, by_hand = certificate.claim, "measures" in certificate.options
    aimed = certificate.target is not None
    check.equal("the target", certificate.options.get("target"), certificate.target)
    check.equal("that a plan made by hand has no target", by_hand and aimed, False)
    check.equal("that no bound is on costs", claim.cost_bound is None, not aimed)
    check.equal("that there is no bound", claim.bound is None, by_hand or aimed)
    check.equal("what was stopped", claim.limit is None or not by_hand, True)
    sure = ("evaluated",) if by_hand else ("optimal", "limit")
    known = ("estimated",) if certificate.luck.how == "sampled" else sure
    check.equal("that the status is one of such a plan", claim.status in known, True)
    if by_hand:
        compare_by_hand(certificate, check)
        return check.check()
    compare_forced(certificate, check)
    check_conditions(network, certificate, certificate.plan, check)
    return check.check()


def _same_question(
    network: Network, certificate: LuckCertificate, entry: StatedWorld, sha256: str
) -> Check:
    """Check that the plan when all works that can is the same, for the same question."""
    own, prefix = entry.sure, f"{entry.scenario}: " if entry.scenario else ""
    check = Comparison(f"{prefix}it is about the same plan and request, when all works that can")
    check.equal("the kind of result", own.result, "evaluation")
    check.equal("the network", own.network, network.info.id)
    check.equal("the hash of its tables", own.input_sha256, sha256)
    for name in ("objective", "ties", "budget", "resources", "plan", "of"):
        check.equal(name, getattr(own, name), getattr(certificate, name))
    beside = [] if entry is not certificate.scenarios[0] else certificate.options.get("against")
    check.equal("the plans beside it", [e.plan for e in own.compared], ["yours", *(beside or ())])
    check.equal("what else is said", (dict(own.dropped), dict(own.next)), ({}, {}))
    for name in ("budget", "resource", "objective", "ties", "solver", "gap", "threads"):
        check.equal(f"options: {name}", (own.options or {}).get(name), certificate.options[name])
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
    for each in proved(sure, own):
        yield each, None
    context = context_of(sure, own)
    if context is None:
        return
    for each in check_compared(context):
        yield each, None
    plan = _plan_luck(certificate, entry)
    yield check_outcomes(world, plan), None
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
    added, mean = check_mean(world, plan, context.before.value, context.after.value, mass)
    weights = {row.scenario: row.weight for row in network.scenarios}
    part = weights[entry.scenario] / math.fsum(weights.values()) if entry.scenario else 1.0
    names = {row.scenario: row.name for row in network.scenarios}
    yield added, replace(mean, share=part, name=names.get(entry.scenario, "as it stands"))


def _plan_luck(certificate: LuckCertificate, entry: StatedWorld) -> PlanLuck:
    """Return what is stated of the luck of the plan in a scenario."""
    timed = certificate.options["time_limit"] is not None
    return PlanLuck(certificate.plan, certificate.objective, entry.outcomes, timed=timed)


def _criterion(
    network: Network, certificate: LuckCertificate, means: Sequence[WorldMean], coins: int
) -> Check:
    """Check the value, the baseline, and the interval."""
    check = Comparison("the value is the mean over what works")
    values, luck = luck_tables.criterion_values(certificate, means), certificate.luck
    check.close("the value", certificate.value, values.of(values.after), side=values.most)
    check.close("the baseline", certificate.baseline, values.of(values.before), side=values.most)
    owns = [each.own for each in certificate.scenarios]
    widths = [
        each.half_width + (0.0 if own is None else own.half_width)
        for each, own in zip(means, owns, strict=True)
    ]
    differs = values.criterion in ("worst", "cut", "regret")
    widest = max(widths) if differs else values.of(widths)
    if values.criterion != "expected":
        found = [each.half_width for each in means]
        found += [own.half_width for own in owns if own is not None]
        count = sum(each > 0.0 for each in found)
        widest *= widened(count, luck.draws or 0)
    check.close("half the width of its interval", luck.half_width, widest, side=values.most)
    if luck.how != "sampled":  # an estimate is proved by no bound
        compare_bound(certificate, values, check)
    compare_reached(network, certificate, values, check)
    check.equal("the chances that it hangs on", luck.coins, coins)
    listed = sum(len(each.outcomes) for each in certificate.scenarios)
    check.equal("the number of outcomes", luck.outcomes, listed)
    drawn = [count for entry in certificate.scenarios if (count := drawn_in(entry.outcomes))]
    drawn += [own.draws for own in owns if own is not None and own.draws is not None]
    check.equal("how means were found", luck.how, "sampled" if drawn else "counted")
    check.equal("the number of draws", luck.draws, min(drawn, default=None))
    check.equal("that there is a seed", luck.seed is not None, luck.how == "sampled")
    return check.check()


def _claims(certificate: LuckCertificate) -> Iterator[str]:
    """Yield the claims of the result that no check confirms."""
    claim = certificate.claim
    if claim.bound is not None:
        yield (
            f"no plan leaves less than {claim.bound} in the mean (status {claim.status}): "
            f"{claim.solver} {claim.version} says so"
        )
    if claim.cost_bound is not None:
        yield (
            f"no plan that reaches the target in the mean costs less than {claim.cost_bound} "
            f"(status {claim.status}): {claim.solver} {claim.version} says so; --enumerate proves "
            "it for up to 20 measures"
        )
    for entry in certificate.scenarios:
        if entry.own is not None:
            yield (
                f"no plan leaves less than {entry.own.bound} in the mean in {entry.scenario}: "
                f"{claim.solver} {claim.version} says so"
            )
            if entry.own.draws is not None:
                yield (
                    f"the mean of the best plan for {entry.scenario}, {entry.own.value}, is an "
                    "estimate by draws that stands as written"
                )
        others = [each.probability for each in entry.outcomes if each.proof is None]
        if others:
            where = f" in {entry.scenario}" if entry.scenario else ""
            yield (
                f"the values of {len(others)} unlikely outcomes{where}, {math.fsum(others):.4%} of "
                "all luck, stand as they were written (but for their bounds)"
            )
    if len(certificate.alternatives) > 1:
        yield "no better plan is missing among the alternatives: the solver says so"
    if certificate.next:
        yield "no measure left out adds more in the mean than those of next.csv"
    if drawn := [e for e in (*certificate.dropped, *certificate.next) if e.how == "sampled"]:
        yield f"what {len(drawn)} measures are worth is an estimate by draws that stands as written"
    if certificate.luck.how == "sampled":
        yield f"the draws are those of the seed {certificate.luck.seed}"
    if certificate.objective == "flow":
        yield "among flows of this value the one shown costs least (only its value is proved)"
    yield f"{', '.join(UNCHECKED)} in summary.json stand as they were written"
