"""Warnings of a result: those of its network in brief, and what its question makes odd."""

from __future__ import annotations

from flowopt.network.brief import brief
from flowopt.network.network import Network


def noted(network: Network, objective: str, profit: float) -> tuple[str, ...]:
    """Return the warnings that the network gives a result.

    Parameters
    ----------
    network
        The network.
    objective
        ``flow``, ``profit`` or ``bilevel``.
    profit
        What the trafficker earns without measures, M USD a year.
    """
    lines = brief(network.warnings)
    if objective == "flow" or profit > 0.0:
        return lines
    return ("no market pays enough; fill in price in demands.csv", *lines)
