"""The criterion: its value, and the inequalities on which every bound rests."""

from __future__ import annotations

import numpy as np
import pytest

from flowopt.criteria import CRITERIA, CRITERION_NAMES, CriterionName
from flowopt.model.activities import Floats
from flowopt.model.criterion import Criterion

# Three scenarios of a quarter, a half and a quarter of the weight.
SHARES = np.array([0.25, 0.5, 0.25])
VALUES = np.array([100.0, 200.0, 240.0])
REFERENCE = np.array([80.0, 195.0, 230.0])
BY_HAND: dict[CriterionName, float] = {
    "expected": 185.0,
    "worst": 240.0,
    "cut": 20.0,
    "regret": 20.0,
    "cvar": (0.25 * 240.0 + 0.15 * 200.0) / 0.4,
}


def criterion(name: CriterionName, **changed: object) -> Criterion:
    reference = REFERENCE if CRITERIA[name].differs else np.zeros(3)
    given = {"shares": SHARES, "reference": reference, "tail": 0.4} | changed
    return Criterion(name, **given)  # type: ignore[arg-type]  # of the names above


def drawn(random: np.random.Generator) -> tuple[Criterion, Floats, Floats]:
    """Return a criterion, values, and amounts by which they may fall."""
    count = int(random.integers(1, 6))
    weights = random.integers(0, 4, count).astype(float)
    weights[0] += 1.0
    name: CriterionName = CRITERION_NAMES[int(random.integers(len(CRITERION_NAMES)))]
    found = Criterion(
        name,
        weights / weights.sum(),
        random.uniform(0.0, 50.0, count) * CRITERIA[name].differs,
        shift=float(random.uniform(0.0, 9.0)),
        tail=float(random.uniform(0.01, 1.0)),
    )
    return found, random.uniform(0.0, 100.0, count), random.uniform(0.0, 30.0, count)


@pytest.mark.parametrize("name", CRITERIA)
def test_criteria_by_hand(name: CriterionName) -> None:
    assert criterion(name).of(VALUES) == pytest.approx(BY_HAND[name])
    assert criterion(name, shift=7.0).of(VALUES) == pytest.approx(BY_HAND[name] + 7.0)


def test_cvar_lies_between_the_mean_and_the_worst() -> None:
    assert criterion("cvar", tail=1.0).of(VALUES) == pytest.approx(185.0)
    assert criterion("cvar", tail=0.25).of(VALUES) == pytest.approx(240.0)
    assert criterion("cvar", tail=1e-6).of(VALUES) == pytest.approx(240.0)


def test_a_scenario_without_weight_counts_only_where_the_worst_does() -> None:
    shares, values = np.array([0.0, 1.0, 0.0]), np.array([np.inf, 200.0, 500.0])
    for name in ("expected", "cvar"):
        assert criterion(name, shares=shares).of(values) == pytest.approx(200.0)
    assert criterion("worst", shares=shares).of(values) == np.inf


def test_it_never_falls_is_convex_and_moves_no_more_than_the_values() -> None:
    random = np.random.default_rng(1)
    for _ in range(500):
        found, values, falls = drawn(random)
        others = random.uniform(0.0, 100.0, len(values))
        mean = (values + others) / 2.0
        assert found.of(values - falls) <= found.of(values) + 1e-9
        assert found.of(mean) <= (found.of(values) + found.of(others)) / 2.0 + 1e-9
        largest = float(np.abs(values - others).max())
        assert abs(found.of(values) - found.of(others)) <= largest + 1e-9


def test_losses_of_values_bound_the_loss_of_the_criterion_on_both_sides() -> None:
    random = np.random.default_rng(2)
    for _ in range(500):
        found, values, falls = drawn(random)
        lost = found.of(values) - found.of(values - falls)
        assert lost <= found.most_lost(falls[:, None])[0] + 1e-9
        assert lost >= found.surely_lost(falls[:, None])[0] - 1e-9


def test_values_up_to_a_cutoff_are_no_larger_than_it_says() -> None:
    random = np.random.default_rng(3)
    for _ in range(500):
        found, values, falls = drawn(random)
        most = found.most_valued(values - falls, found.of(values))
        assert (values <= most + 1e-9).all()


def test_some_scenarios_bound_all_of_them_where_the_worst_counts() -> None:
    some = np.array([0, 2])
    for name in CRITERION_NAMES:
        whole = criterion(name)
        if CRITERIA[name].weighted:
            with pytest.raises(ValueError, match="needs all of its scenarios"):
                whole.among(some)
        else:
            assert whole.among(some).of(VALUES[some]) <= whole.of(VALUES)
