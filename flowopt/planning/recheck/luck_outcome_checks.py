"""Checks of the outcomes of a plan whose measures may fail: how likely they are, and their mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flowopt.network.network import Network
from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.planning.recheck.draw_means import Draws, flags_of, mean_of_draws
from flowopt.planning.recheck.luck_reader import AnyOutcome
from flowopt.planning.recheck.luck_tables import WorldMean, probability_of
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison

PROVED = 64  # the likeliest outcomes of a scenario, whose values need a proof
_MASS = 1e-9  # what probabilities may be off by


@dataclass(frozen=True, slots=True)
class PlanLuck:
    """Luck of a plan, or of a schedule, as it is stated.

    Attributes
    ----------
    plan, objective
        Its measures in file order, and what is counted.
    outcomes
        What may work of it.
    timed
        Whether the time may have come first, so that proofs are missing.
    """

    plan: tuple[str, ...]
    objective: str
    outcomes: Sequence[AnyOutcome]
    timed: bool


def check_outcomes(network: Network, stated: PlanLuck) -> Check:
    """Check that outcomes are those of the plan, and how likely each is."""
    check = Comparison("the outcomes are what may work, with their probabilities")
    seen, before = set(), 1.0
    for number, outcome in enumerate(stated.outcomes, start=1):
        about = f"outcome {number}: "
        in_order = tuple(name for name in stated.plan if name in outcome.works)
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
        probability = probability_of(network, stated.plan, outcome)
        check.close(f"{about}the probability", outcome.probability, probability)
        check.at_most(f"{about}its place by probability", outcome.probability, before)
        before = outcome.probability
    return check.check()


def check_mean(
    network: Network,
    stated: PlanLuck,
    before: float,
    after: float,
    proved: Sequence[float],
) -> tuple[Check, WorldMean]:
    """Check the values of outcomes and what they add up to."""
    check = Comparison("values have proofs, and outcomes are all there")
    some = [each.proof is not None for each in stated.outcomes]
    check.equal("that the likeliest have the proofs", some, sorted(some, reverse=True))
    for number, outcome in enumerate(stated.outcomes, start=1):
        _check_value(check, stated, outcome, number, before, after)
    mass = math.fsum(proved)
    check.note(f"proofs cover {mass:.4%} of all luck")
    values = [each.value for each in stated.outcomes]
    if not drawn_in(stated.outcomes):
        weights = [each.probability for each in stated.outcomes]
        check.close("the probability of all outcomes", math.fsum(weights), 1.0, floor=_MASS)
        check.equal("draws", {each.drawn for each in stated.outcomes} <= {None}, True)
        mean = math.fsum(p * v for p, v in zip(weights, values, strict=True))
        return check.check(), WorldMean(1.0, "", before, mean, 0.0)
    counts = [each.drawn or 0 for each in stated.outcomes]
    check.equal("that each outcome was drawn", min(counts, default=0) > 0, True)
    monotone = stated.objective != "bilevel"
    flags, chances = flags_of(network, stated.plan, stated.outcomes)
    draws = Draws(values, counts, flags, chances, (after, before) if monotone else None)
    mean, half_width = mean_of_draws(draws)
    return check.check(), WorldMean(1.0, "", before, mean, half_width)


def drawn_in(outcomes: Sequence[AnyOutcome]) -> int:
    """Return the number of draws of outcomes, 0 where its outcomes were counted."""
    return sum(each.drawn or 0 for each in outcomes)


def _check_value(
    check: Comparison,
    stated: PlanLuck,
    outcome: AnyOutcome,
    number: int,
    before: float,
    after: float,
) -> None:
    """Check the value of one outcome against its proof, or against what bounds it."""
    label, side = f"the value of outcome {number}", max(before, abs(after))
    if outcome.proof is None:
        check.equal(f"that outcome {number} has no proof", stated.timed or number > PROVED, True)
    else:
        if isinstance(outcome.proof, StatedProof):  # that of a schedule has its periods
            check.equal(f"what works in the proof {number}", outcome.proof.measures, outcome.works)
        check.close(label, outcome.value, outcome.proof.value, floor=VALUES * side)
    if stated.objective != "bilevel":
        check.at_most(label, outcome.value, before, floor=VALUES * side)
        check.at_most("the value when all works", after, outcome.value, floor=VALUES * side)
