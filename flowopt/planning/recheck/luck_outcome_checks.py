"""Checks of the outcomes of a plan whose measures may fail: how likely they are, and their mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

from flowopt.network.network import Network
from flowopt.planning.recheck.luck_reader import LuckCertificate, StatedOutcome, StatedWorld
from flowopt.planning.recheck.luck_tables import WorldMean, probability_of
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison

PROVED = 64  # the likeliest outcomes of a scenario, whose values need a proof
_CONFIDENCE = 0.975  # one-sided, of the interval of a mean of draws
_MASS = 1e-9  # what probabilities may be off by


def check_outcomes(network: Network, certificate: LuckCertificate, entry: StatedWorld) -> Check:
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
        probability = probability_of(network, certificate.plan, outcome)
        check.close(f"{about}the probability", outcome.probability, probability)
        check.at_most(f"{about}its place by probability", outcome.probability, before)
        before = outcome.probability
    return check.check()


def check_mean(
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
