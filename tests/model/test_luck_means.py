"""Means of draws: intervals that hold the mean as often as they say, and what is known of few."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from flowopt.model.activities import Flags, Floats
from flowopt.model.luck_means import LEAST, jointly, mean_and_half_width, mean_of_draws
from flowopt.model.plan_luck import near_each_other
from flowopt.planning.recheck.draw_means import Draws, widened
from flowopt.planning.recheck.draw_means import mean_of_draws as recheck_mean

COINS = 10
FALLS = np.array(list(itertools.product((False, True), repeat=COINS)))
WORTH = np.linspace(0.2, 1.0, COINS)


def narrowest(well: Flags) -> Floats:
    """Return the narrower of two ways, each closed bit by bit."""
    left: Floats = 6.0 - well @ WORTH
    return np.minimum(left, 2.0 + np.abs(left - 2.5))


def all_needed(well: Flags) -> Floats:
    """Return a sum, and a step where the first three work together."""
    return np.asarray(10.0 - well @ WORTH - 3.0 * well[:, :3].all(axis=1))


def truth(values: Callable[[Flags], Floats], chance: float) -> float:
    mass = np.prod(np.where(FALLS, chance, 1.0 - chance), axis=1)
    return float(mass @ values(FALLS))


@pytest.mark.parametrize("seeds", [100, pytest.param(1_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("chance", [0.5, 0.7, 0.9])
@pytest.mark.parametrize("values", [narrowest, all_needed])
def test_intervals_hold_the_mean_as_often_as_they_say(
    values: Callable[[Flags], Floats], chance: float, seeds: int
) -> None:
    mean, held, widths = truth(values, chance), 0, []
    for seed in range(seeds):
        well = np.random.default_rng(seed).random((500, COINS)) < chance
        drawn = values(well)
        found, half_width = mean_of_draws(
            drawn, well.astype(float), np.full(COINS, chance), (-math.inf, math.inf)
        )
        held += abs(found - mean) <= half_width
        widths.append(half_width / mean_and_half_width(drawn.tolist())[1])
    off = 3.6 * math.sqrt(0.95 * 0.05 * seeds)
    assert 0.95 * seeds - off <= held <= 0.95 * seeds + off
    assert np.mean(widths) < 0.75  # of what draws alone would need


def test_a_sum_over_what_works_is_known_for_certain() -> None:
    well = np.random.default_rng(1).random((600, COINS)) < 0.7
    found, half_width = mean_of_draws(
        10.0 - well @ WORTH, well.astype(float), np.full(COINS, 0.7), (0.0, 10.0)
    )
    assert found == pytest.approx(10.0 - 0.7 * WORTH.sum(), abs=1e-9)
    assert half_width == pytest.approx(0.0, abs=1e-9)


def test_what_never_fell_badly_is_no_ground_for_a_correction() -> None:
    well = np.random.default_rng(1).random((600, 2)) < 0.6
    well[:, 1] = True  # as its chance is 0.999
    values = np.where(well[:, 0], 1.0, 2.0)
    found, half_width = mean_of_draws(values, well.astype(float), np.array([0.6, 0.999]), (0, 2))
    assert found == pytest.approx(1.4, abs=1e-9)
    assert half_width == pytest.approx(0.001 * 2.0, abs=1e-9)  # what it may be worth all the same


@pytest.mark.parametrize("count", [100, 600])
def test_what_is_too_rare_to_come_is_allowed_for(count: int) -> None:
    # Four measures fail once in 2,000 draws each, and all is left then; one is even.
    chances, seeds = np.array([0.5, *[0.9995] * 4]), 200
    mean = 0.9995**4 * 1.5 + (1.0 - 0.9995**4) * 100.0
    held = 0
    for seed in range(seeds):
        well = np.random.default_rng(seed).random((count, 5)) < chances
        values = np.where(well[:, 1:].all(axis=1), 2.0 - well[:, 0], 100.0)
        found, half_width = mean_of_draws(values, well.astype(float), chances, (1.0, 100.0))
        held += abs(found - mean) <= half_width
    assert held >= 0.95 * seeds


def test_few_draws_are_no_ground_for_an_interval() -> None:
    values = np.full(LEAST - 1, 7.0)
    flags, chances = np.ones((LEAST - 1, 1)), np.array([0.9])
    assert mean_of_draws(values, flags, chances, (2.0, 10.0)) == (7.0, 5.0)


def test_equal_draws_allow_for_what_has_not_come() -> None:
    # 97.5 times in 100 what came in none of 100 draws is no likelier than 3.6 in 100.
    flags, chances = np.ones((100, 1)), np.array([0.99])
    found, half_width = mean_of_draws(np.full(100, 2.0), flags, chances, (2.0, 10.0))
    assert found == 2.0
    assert half_width == pytest.approx(8.0 * (1.0 - 0.025**0.01))
    assert mean_of_draws(np.full(100, 2.0), flags, chances, (2.0, 2.0)) == (2.0, 0.0)


def test_each_draw_comes_after_the_nearest() -> None:
    drawn = [frozenset({1, 2, 3}), frozenset({7}), frozenset({1, 2}), frozenset[int]()]
    assert near_each_other(drawn) == [drawn[0], drawn[2], drawn[3], drawn[1]]
    assert near_each_other([frozenset()]) == [frozenset()]


@pytest.mark.parametrize("count", [1, 7, LEAST - 1, LEAST, 60, 600])
@pytest.mark.parametrize("values", [narrowest, all_needed, lambda well: np.full(len(well), 3.0)])
def test_verify_works_out_the_same(values: Callable[[Flags], Floats], count: int) -> None:
    well = np.random.default_rng(count).random((count, COINS)) < 0.8
    well[:, 3] = True  # one that never failed
    drawn, chances = values(well), np.full(COINS, 0.8)
    times = np.arange(count) % 3 + 1
    mean, half_width = mean_of_draws(
        np.repeat(drawn, times), np.repeat(well, times, axis=0).astype(float), chances, (0.0, 10.0)
    )
    flags = well.astype(float)
    again = Draws(drawn.tolist(), times.tolist(), flags, chances, (0.0, 10.0))
    assert recheck_mean(again) == pytest.approx((mean, half_width), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("scenarios", [2, 8])
def test_intervals_of_a_largest_value_hold_all_at_once(scenarios: int) -> None:
    rng, seeds, count = np.random.default_rng(scenarios), 400, 60
    together = largest = 0
    means = np.linspace(9.0, 10.0, scenarios)
    for _ in range(seeds):
        drawn = means + rng.standard_normal((count, scenarios))
        found = [mean_and_half_width(each.tolist()) for each in drawn.T]
        wide = jointly(scenarios, count)
        off = [abs(mean - right) for (mean, _), right in zip(found, means, strict=True)]
        together += all(o <= wide * width for o, (_, width) in zip(off, found, strict=True))
        widest = wide * max(width for _, width in found)
        largest += bool(abs(max(mean for mean, _ in found) - means.max()) <= widest)
    assert together >= 0.93 * seeds
    assert largest >= 0.95 * seeds
    assert wide == pytest.approx(widened(scenarios, count))


def test_one_interval_stays_as_it_is() -> None:
    assert jointly(1, 500) == jointly(0, 0) == widened(1, 500) == 1.0
