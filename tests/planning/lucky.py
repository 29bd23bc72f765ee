"""Networks whose measures may fail, their answers, and the means by every fall of every coin."""

from __future__ import annotations

from dataclasses import replace

import flowopt
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.evaluate import evaluate
from flowopt.results.luck_solution import LuckSolution
from tests.drawn.luck import many_coins
from tests.networks import shipped
from tests.oracles.luck import expected_value
from tests.oracles.response import Aim


def lucky_bridges(chance: float = 0.7) -> Network:
    """Return the two bridges, whose measures work so often."""
    network = shipped("two-bridges")
    return network.replace(measures=[replace(row, success=chance) for row in network.measures])


def of_luck(network: Network, measures: list[str], **options: object) -> LuckSolution:
    found = evaluate(network, measures, **options)  # type: ignore[call-overload]  # drawn ones
    assert isinstance(found, LuckSolution)
    return found


def solved(network: Network, **options: object) -> LuckSolution:
    found = flowopt.solve(network, **options)  # type: ignore[call-overload]  # drawn ones
    assert isinstance(found, LuckSolution)
    return found


def right(network: Network, plan: tuple[str, ...], objective: Aim = "flow") -> float:
    """Return the mean by every fall of every coin."""
    chances = [row.success for row in network.measures], [row.success for row in network.effects]
    return expected_value(network, plan, *chances, objective)


def many() -> Network:
    """Return a line on which fourteen measures take a twentieth each, if they work."""
    return many_coins(14)


def in_scenarios() -> Network:
    """Return the two bridges in three scenarios; in one of them the blocks always work."""
    return lucky_bridges().replace(
        scenarios=[
            schema.Scenario(scenario="now", name="As it stands", weight=2.0),
            schema.Scenario(scenario="low", name="Half of it"),
            schema.Scenario(scenario="skilled", name="All works"),
        ],
        changes=[
            schema.Change(scenario="low", on="supply", target="*", column="capacity", factor=0.5),
            schema.Change(scenario="skilled", on="measure", target="*", column="success", value=1),
        ],
    )
