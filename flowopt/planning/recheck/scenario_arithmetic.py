"""The criterion in words of its own: what `verify` adds up for a plan in several scenarios."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flowopt.network.network import Network
from flowopt.planning.recheck.scenario_reader import ScenarioCertificate
from flowopt.planning.recheck.summary_checks import relative_gap

BEST = 1  # place of the own best plan among those compared
_EQUAL = 1e-7  # of the most that is left without measures: criteria this close are equal


@dataclass(frozen=True, slots=True)
class ScenarioValues:
    """Values that the certificates of the scenarios state, in the order of the network.

    Attributes
    ----------
    shares : tuple of float
        Of the weight.
    before, after, best, bound : tuples of float
        The objective without measures, under the plan and under the own best plan, and what no
        plan goes below in that scenario alone.
    """

    criterion: str
    tail: float
    shares: tuple[float, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]
    best: tuple[float, ...]
    bound: tuple[float, ...]

    @property
    def most(self) -> float:
        """The most that is left without measures in any scenario."""
        return max(self.before)

    def of(self, values: Sequence[float]) -> float:
        """Return the criterion of a value per scenario."""
        if self.criterion == "expected":
            return self.mean(values)
        if self.criterion == "cvar":
            # The least of t + mean of what is beyond t / tail; one of the values is such a t.
            beyond = [[max(0.0, value - t) for value in values] for t in values]
            return min(
                t + self.mean(each) / self.tail for t, each in zip(values, beyond, strict=True)
            )
        if self.criterion == "worst":
            return max(values)
        subtract = self.before if self.criterion == "cut" else self.best
        return max(value - other for value, other in zip(values, subtract, strict=True))

    def missed(self, value: float, target: float) -> float:
        """Return by how much a criterion misses a target; `cut` is to be no less than it."""
        return value + target if self.criterion == "cut" else value - target

    def mean(self, values: Sequence[float]) -> float:
        """Return the weighted mean."""
        return math.fsum(q * value for q, value in zip(self.shares, values, strict=True))

    def gap(self, value: float, bound: float, baseline: float) -> float:
        """Return the gap of the criterion."""
        return criterion_gap(self.criterion, value, bound, baseline, self.most)


def criterion_gap(
    criterion: str | None, value: float, bound: float, baseline: float, most: float
) -> float:
    """Return the gap of a criterion: of itself, or of the most that is left in any scenario."""
    if criterion not in ("cut", "regret"):
        return relative_gap(value, bound, baseline)
    missing = value - bound
    return 0.0 if missing <= _EQUAL * most else missing / most


def stated_values(network: Network, certificate: ScenarioCertificate) -> ScenarioValues | None:
    """Return the values that a certificate states; None where one is missing."""
    whole = math.fsum(row.weight for row in network.scenarios)
    found = []
    for entry in certificate.scenarios:
        stated = entry.certificate
        if len(stated.compared) != BEST + 1 or stated.before is None or stated.after is None:
            return None
        own = stated.compared[BEST]
        if own.after is None or own.bound is None:
            return None
        found.append((stated.before.value, stated.after.value, own.after.value, own.bound))
    if not found or len(found) != len(network.scenarios):
        return None
    before, after, best, bound = zip(*found, strict=True)
    return ScenarioValues(
        certificate.criterion,
        certificate.tail or 1.0,
        tuple(row.weight / whole for row in network.scenarios),
        before,
        after,
        best,
        bound,
    )
