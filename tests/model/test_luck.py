"""The coins of measures that may fail: outcomes and means against every fall of every coin."""

from __future__ import annotations

import math

import numpy as np
import pytest

from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.luck import Chances, Luck
from flowopt.network import schema
from flowopt.network.network import Network
from tests.drawn.dice import Dice
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import effect, line, measure
from tests.oracles.luck import expected_value, outcomes
from tests.oracles.rounding import EQUAL, size

CHANCES = (1.0, 1.0, 0.5, 0.7, 0.9, 0.25, 0.0)


def drawn(seed: str) -> tuple[Network, Chances, list[int]]:
    """Return a network, chances of success, and a plan with few coins."""
    dice = Dice.seeded(seed)
    network = valid_network(dice, SHAPES[dice.pick(list(SHAPES))])
    chances = Chances(
        tuple(dice.pick(CHANCES) for _ in network.measures),
        tuple(dice.pick(CHANCES) if dice.chance(50) else 1.0 for _ in network.effects),
    )
    plan = dice.subset(range(len(network.measures)))
    while len(Luck(network, chances).coins_of(plan)) > 6:
        plan.pop()
    return network, chances, plan


def reformed() -> Network:
    """Return two arcs in a row; m1 cuts both, bought off by half but for the reform r."""
    return line(
        measures=[measure("m1"), measure("r"), measure("m2")],
        effects=[
            effect("m1", "arc", "a1", cut=0.8, corruption=0.5),
            effect("m1", "arc", "a2", cut=0.9, corruption=0.5),
            effect("m2", "arc", "a?", cut=0.5),
        ],
        reforms=[schema.Reform(measure="r", target="m*", corruption=0.0)],
    )


SURE = Chances((1.0, 1.0, 1.0), (1.0, 1.0, 1.0))


@pytest.mark.parametrize("seed", range(40))
def test_the_mean_over_outcomes_is_that_over_every_fall_of_every_coin(seed: int) -> None:
    network, chances, plan = drawn(f"luck-{seed}")
    luck = Luck(network, chances)
    solver = BestResponseSolver(activity_model(luck.network))
    found = luck.outcomes(plan)
    assert math.fsum(each.probability for each in found) == pytest.approx(1.0, abs=1e-12)
    assert len({each.acts for each in found}) == len(found) <= 2 ** len(luck.coins_of(plan))
    mean = math.fsum(each.probability * solver.value(each.acts) for each in found)
    chosen = tuple(network.measures[i].measure for i in plan)
    right = expected_value(network, chosen, chances.measures, chances.effects)
    assert mean == pytest.approx(right, abs=10 * EQUAL * size(network, "flow"))
    for each in found:
        assert luck.probability(plan, each.acts) == pytest.approx(each.probability, rel=1e-12)
    falling = [each.probability for each in found]
    assert falling == pytest.approx(sorted(falling, reverse=True), rel=1e-9)
    assert luck.acting(plan) >= max((each.acts for each in found), key=len)


@pytest.mark.parametrize("seed", range(20))
def test_means_of_columns_given_a_partition_are_means_of_acting_vectors(seed: int) -> None:
    network, chances, plan = drawn(f"luck-{seed}")
    luck = Luck(network, chances)
    model = activity_model(luck.network)
    columns = luck.columns(model.virtual)
    chosen = np.array([set(each.measures) <= set(plan) for each in columns], dtype=np.float64)
    coins = luck.coins_of(plan)
    for known in (coins[:0], coins[:1], coins[1:3], coins):
        total = np.zeros(len(columns))
        for probability, fallen in luck.cells(known):
            mean = np.zeros(len(columns))
            for p, rest in luck.cells([coin for coin in coins if coin not in known]):
                mean += p * model.chosen(luck.working(plan, fallen | rest))
            assert luck.means(columns, fallen) * chosen == pytest.approx(mean, abs=1e-12)
            total += probability * mean
        assert luck.means(columns, {}) * chosen == pytest.approx(total, abs=1e-12)


def test_success_everywhere_leaves_the_network_as_it_is() -> None:
    network = reformed()
    luck = Luck(network, SURE)
    assert luck.certain
    assert luck.network is network
    assert luck.owners == (0, 1, 2)
    (outcome,) = luck.outcomes([0, 1])
    assert (outcome.probability, outcome.acts) == (1.0, {0, 1})


def test_a_row_with_a_coin_of_its_own_is_a_part_that_reforms_better_too() -> None:
    luck = Luck(reformed(), Chances((0.5, 0.9, 1.0), (1.0, 0.8, 0.0)))
    assert [(coin.measure, coin.effect) for coin in luck.coins] == [
        *((0, None), (1, None)),
        *((0, 1), (2, 2)),
    ]
    assert luck.owners == (0, 1, 2, 0)
    assert len(luck.network.effects) == 2  # what never works is gone
    model = activity_model(luck.network)
    assert set(model.virtual) == {(1, 0), (1, 3)}
    columns = luck.columns(model.virtual)
    assert [column.measures for column in columns[:4]] == [(0,), (1,), (2,), (0,)]
    by_pair = dict(zip(model.virtual, columns[4:], strict=True))
    assert (by_pair[1, 3].measures, by_pair[1, 3].coins) == ((1, 0), (1, 0, 2))
    assert luck.means(columns, {1: True})[4 + model.virtual.index((1, 3))] == 0.5 * 0.8
    assert luck.coins_of([0, 1, 2]) == (0, 1, 2)
    by_acts = {tuple(sorted(each.acts)): each.probability for each in luck.outcomes([0, 1])}
    assert by_acts == pytest.approx(
        {
            (0, 1, 3): 0.36,
            (0, 1): 0.09,
            (0, 3): 0.04,
            (0,): 0.01,
            (1,): 0.45,
            (): 0.05,
        }
    )
    assert luck.acting([0, 2]) == {0, 2, 3}


def test_a_measure_that_never_works_has_no_coin_that_anybody_throws() -> None:
    luck = Luck(reformed(), Chances((0.0, 1.0, 1.0), (1.0, 0.8, 1.0)))
    assert luck.coins_of([0, 1, 2]) == ()
    assert [each.acts for each in luck.outcomes([0, 1, 2])] == [{1, 2}]
    assert luck.probability([0, 1, 2], frozenset({1, 2})) == 1.0


def test_outcomes_come_the_likeliest_first_and_equally_likely_ones_in_an_order() -> None:
    luck = Luck(reformed(), Chances((0.5, 0.5, 0.9), (1.0, 1.0, 1.0)))
    found = [(round(each.probability, 9), sorted(each.acts)) for each in luck.outcomes([0, 1, 2])]
    assert found[:4] == [
        (0.225, [0, 1, 2]),
        (0.225, [0, 2]),
        (0.225, [1, 2]),
        (0.225, [2]),
    ]


def test_draws_are_the_same_for_a_coin_whatever_the_others_are() -> None:
    one = Luck(reformed(), Chances((0.5, 0.9, 1.0), (1.0, 0.8, 1.0)))
    other = Luck(reformed(), Chances((1.0, 0.9, 0.3), (1.0, 0.8, 0.1)))
    for mine, its in ((1, 0), (2, 2)):
        drawn_mine = one.falls(mine, draws=50, seed=3)
        assert (drawn_mine == other.falls(its, draws=50, seed=3)).all()
        assert (drawn_mine != one.falls(mine, draws=50, seed=4)).any()
    assert (one.falls(0, draws=50, seed=3) != one.falls(2, draws=50, seed=3)).any()
    many = one.falls(1, draws=20_000, seed=1)
    assert many.mean() == pytest.approx(0.9, abs=0.01)


def test_the_oracle_adds_up() -> None:
    network = reformed()
    falls = list(outcomes(network, ("m1", "m2"), (0.5, 1.0, 0.25), (1.0, 0.8, 1.0)))
    assert sum(p for p, _, _ in falls) == pytest.approx(1.0)
    assert len(falls) == 6
    # 20 t of capacity: a cut of 0.8, bought off by half unless r works, leaves 12 or 4.
    sure = (1.0, 1.0, 1.0)
    assert expected_value(network, ("m1",), (0.5, 1.0, 1.0), sure) == 10.0
    reform_works = expected_value(network, ("m1", "r"), (0.5, 0.5, 1.0), (1.0, 0.0, 1.0))
    assert reform_works == pytest.approx(0.25 * 4.0 + 0.75 * 10.0)
