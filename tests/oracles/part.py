"""Deliveries to a part of the markets under a plan, in exact numbers.

The part is a set of (node, commodity) of demands, worked out from the tables by whoever asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction

from flowopt.network.network import Network
from tests.oracles.effects import Pair, effective
from tests.oracles.programme import Programme


def pairs_of(network: Network, of: str) -> set[Pair]:
    """Return the demands of a part such as ``continent:Europe``."""
    kind, _, key = of.partition(":")
    nodes = {row.node: row for row in network.nodes}
    found = set()
    for row in network.demands:
        node = nodes[row.node]
        labels = (node.continent, node.country, row.node, row.commodity)
        if labels[("continent", "country", "market", "commodity").index(kind)] == key:
            found.add((row.node, row.commodity))
    return found


def most_reaching(network: Network, plan: Iterable[str], part: Collection[Pair]) -> float:
    """Return the most weighted tonnes that a plan lets the trafficker bring to a part."""
    programme = Programme(network, effective(network, plan))
    return float(programme.tableau().maximise(_counted(programme, part)))


def served(network: Network, plan: Iterable[str], part: Collection[Pair]) -> tuple[float, float]:
    """Return the least and the most that arrives there of the flows that deliver most in all."""
    ends = []
    for sign in (-1, 1):
        programme = Programme(network, effective(network, plan))
        tableau = programme.tableau()
        tableau.maximise(programme.weight)
        tableau.keep(Fraction(0))
        goal = [sign * weight for weight in _counted(programme, part)]
        ends.append(float(sign * tableau.maximise(goal)))
    return ends[0], ends[1]


def _counted(programme: Programme, part: Collection[Pair]) -> list[Fraction]:
    """Return the weight of each activity, 0 for what does not arrive at the part."""
    counted = [Fraction(0)] * len(programme.weight)
    for pair in part:
        i = programme.index["deliver", *pair]
        counted[i] = programme.weight[i]
    return counted
