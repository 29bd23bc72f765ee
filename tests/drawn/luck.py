"""Drawn chances: measures of a network, and rows of their effects, that may fail."""

from __future__ import annotations

from dataclasses import replace

from flowopt.network.network import Network
from tests.drawn.dice import Dice

CHANCES = (0.7, 0.5, 1.0, 0.9, 0.25, 0.0)


def with_chances(dice: Dice, network: Network) -> Network:
    """Return the network with chances of its measures, and of some of their effects."""
    return network.replace(
        measures=[replace(row, success=dice.pick(CHANCES)) for row in network.measures],
        effects=[
            replace(row, success=dice.pick(CHANCES)) if dice.chance(40) else row
            for row in network.effects
        ],
    )
