"""Drawn chances: measures of a network, and rows of their effects, that may fail."""

from __future__ import annotations

from dataclasses import replace

from flowopt.network import schema
from flowopt.network.network import Network
from tests.drawn.dice import Dice
from tests.networks import effect, line, measure

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


def many_coins(count: int) -> Network:
    """Return a line of 20 t on which measures take a twentieth each in the mean, one M USD each."""
    names = [f"m{i}" for i in range(count)]
    return line(
        measures=[replace(measure(name), success=0.5) for name in names],
        effects=[effect(name, "arc", "a1", cut=0.1) for name in names],
        demands=[schema.Demand(node="M", commodity="c", quantity=30.0)],
        supplies=[schema.Supply(node="A", commodity="c", capacity=30.0)],
    )
