"""The trafficker of a network whose measures may fail: means, with other numbers too."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from flowopt.errors import RequestError
from flowopt.model.lucky_numbers import LuckyNumbers
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.planning.respond import respond
from flowopt.planning.trafficker import Trafficker
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import shipped
from tests.oracles.response import Aim
from tests.oracles.rounding import allowed, size
from tests.planning.lucky import in_scenarios, lucky_bridges, many, of_luck, right


def drawn(seed: int) -> Network:
    dice = Dice.seeded(f"lucky-trafficker-{seed}")
    return with_chances(dice, valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 4))


@pytest.mark.parametrize("seed", range(10))
def test_values_are_means_with_other_numbers_too(seed: int) -> None:
    network = drawn(seed)
    if not may_fail(network):
        return
    objective: Aim = ("flow", "profit", "bilevel")[seed % 3]
    ids = [row.measure for row in network.measures]
    plans = [(), tuple(ids), tuple(ids[:2])]
    trafficker = Trafficker(network, objective=objective)
    room = 8.0 * allowed(objective, trafficker.value(), size(network, objective))
    expected = [right(network, plan, objective) for plan in plans]
    assert trafficker.values(plans) == pytest.approx(expected, abs=room)
    arc = network.arcs[0]
    changes: dict[tuple[str, ...], dict[str, float | None]] = {
        ("arcs", arc.arc): {"cost": arc.cost + 1.0}
    }
    for row in network.effects:
        rows = [each for each in network.effects if each.measure == row.measure]
        if all(0.0 < each.cut < 1.0 for each in rows):
            changes["effects", row.measure] = {"cut": 0.25}
    if network.reforms:
        first = network.reforms[0]
        changes["reforms", first.measure, first.target] = {"corruption": 0.5 * first.corruption}
    other = network.with_changes(changes)
    assert trafficker.values(plans, changes=changes) == pytest.approx(
        [right(other, plan, objective) for plan in plans], abs=room
    )
    assert trafficker.values(plans) == pytest.approx(expected, abs=room)


def test_a_reform_of_several_measures_keeps_its_row() -> None:
    """A pattern of a reform is a row for each measure and part of the network with parts."""
    found = 0
    for seed in range(80):
        network = drawn(seed)
        numbers = LuckyNumbers(network)
        parted = numbers.luck.network
        assert [parted.reforms[i].corruption for i in range(len(parted.reforms))] == [
            network.reforms[row].corruption for row in numbers.luck.reform_rows
        ]
        assert [(row.on, row.target, row.cut) for row in parted.effects] == [
            (network.effects[row].on, network.effects[row].target, network.effects[row].cut)
            for row in numbers.luck.effect_rows
        ]
        found += len(parted.reforms) > len(network.reforms)
    assert found


def test_scenarios_parts_copies_and_workers() -> None:
    network = in_scenarios()
    trafficker = Trafficker(network, scenario="low")
    plan = ["m_block"]
    assert trafficker.value(plan) == pytest.approx(right(network.scenario("low"), ("m_block",)))
    again = pickle.loads(pickle.dumps(trafficker))  # its own
    assert again.value(plan) == trafficker.value(plan)
    plans = [["m_block"], ["m_north"], ["m_north", "m_south"]]
    assert np.array_equal(trafficker.values(plans, workers=2), trafficker.values(plans))
    market = network.demands[0].node
    one = Trafficker(network, of=f"market:{market}")
    assert one.value(plan) == of_luck(network, plan, of=f"market:{market}").value


@pytest.mark.slow
def test_many_chances_are_those_of_evaluate() -> None:
    network = many()
    plan = [row.measure for row in network.measures]
    assert Trafficker(network).value(plan) == pytest.approx(of_luck(network, plan).value)


def test_a_response_is_for_what_always_works() -> None:
    network = lucky_bridges()
    network = network.replace(
        measures=[replace(network.measures[0], success=1.0), *network.measures[1:]]
    )
    trafficker = Trafficker(network)
    sure = [network.measures[0].measure]
    assert trafficker.respond(sure).value == trafficker.value(sure)
    expected = respond(shipped("two-bridges"), sure)
    assert trafficker.respond(sure).delivered == pytest.approx(expected.delivered)
    with pytest.raises(RequestError, match="means over what works"):
        trafficker.respond([*sure, "m_south"])
    with pytest.raises(RequestError, match="may fail"):
        trafficker.response(["m_south"])
