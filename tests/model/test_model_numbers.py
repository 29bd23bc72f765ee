"""Other numbers of a network in its model: the same as a model built anew of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from flowopt.errors import InputError
from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.model_numbers import ModelNumbers
from flowopt.model.response_lp import ResponseLp
from flowopt.network.checks.validation import checked
from flowopt.network.network import Network
from flowopt.objectives import Objective
from tests.hunt.networks import Quarry
from tests.networks import shipped

COLUMNS = {
    "arcs": ("capacity", "cost", "loss"),
    "nodes": ("capacity",),
    "sites": ("capacity", "cost"),
    "supplies": ("capacity", "cost"),
    "demands": ("quantity", "price", "weight"),
    "recipes": ("quantity",),
    "effects": ("cut", "loss", "cost", "uptime", "corruption"),
    "reforms": ("corruption",),
}
SHARES = ("loss", "cut", "uptime", "corruption")
Columns = dict[tuple[str, str], Floats]


def moved(
    network: Network, dice: np.random.Generator, *, fixed: tuple[str, ...] = ()
) -> tuple[Columns, Network]:
    """Return other numbers for all columns but the fixed, and the unchecked network of them."""
    columns: Columns = {}
    tables: dict[str, Any] = {}
    for table, names in COLUMNS.items():
        rows = getattr(network, table)
        new: list[dict[str, float | None]] = [{} for _ in rows]
        for name in names:
            factors = 1.6 ** dice.uniform(-1.0, 1.0, len(rows))
            if name in fixed:
                factors = np.ones(len(rows))
            for i, row in enumerate(rows):
                own, at = getattr(row, name), alike(rows, i, name)
                new[i][name] = own if own is None else other_number(own, factors[at], name)
            columns[table, name] = np.array(
                [math.inf if each[name] is None else each[name] for each in new], dtype=np.float64
            )
        tables[table] = tuple(replace(row, **own) for row, own in zip(rows, new, strict=True))
    return columns, replace(network, warnings=(), **tables)


def alike(rows: Sequence[Any], index: int, name: str) -> int:
    """Return the first row of a row's pool, whose capacity it has."""
    pool = getattr(rows[index], "pool", "") if name in ("capacity", "quantity") else ""
    return next(i for i, row in enumerate(rows) if i == index or (pool and row.pool == pool))


def other_number(own: float, factor: float, name: str) -> float:
    if name not in SHARES:
        return float(own * factor)
    return own if own in (0.0, 1.0) else float(own * factor / (1.0 - own + own * factor))


def assert_same(one: ActivityModel, other: ActivityModel) -> None:
    assert (one.goods, one.activities, one.capacities) == (
        other.goods,
        other.activities,
        other.capacities,
    )
    assert one.virtual == other.virtual
    for name in ("limit", "weight", "price", "cost"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12)
    for name in ("used", "made", "takes"):
        ours, theirs = getattr(one, name), getattr(other, name)
        assert (ours.indices == theirs.indices).all()
        assert (ours.indptr == theirs.indptr).all()
        np.testing.assert_allclose(ours.data, theirs.data, rtol=1e-12)
    for name in ("cuts", "closures", "cost_increases"):
        # Sorted: the order of several amounts of one measure at one place means nothing.
        np.testing.assert_allclose(
            np.array(sorted(getattr(one, name))).reshape(-1, 3),
            np.array(sorted(getattr(other, name))).reshape(-1, 3),
            rtol=1e-10,
        )


def assert_holds(programme: ResponseLp) -> None:
    """A wrong coefficient would cost no more than time: what it leads to is refused, and loaded."""
    held, right = programme.highs.getLp().a_matrix_, programme.matrix()
    entries = np.array(held.value_), np.array(held.index_), np.array(held.start_)
    ours = sparse.csc_array(entries, shape=right.shape).toarray()
    np.testing.assert_allclose(ours, right.toarray(), rtol=1e-12)


def drawn(count: int) -> Iterator[tuple[Network, Columns, Network]]:
    """Draw networks of all features with other numbers that keep the format."""
    dice = np.random.default_rng(1)
    for shape in ("plain", "multiply", "loop", "apart", "mixed"):
        for number in range(count):
            network, _ = Quarry.named(f"{shape}-29-{number}").drawn()
            columns, other = moved(network, dice)
            try:
                yield network, columns, checked(other)
            except InputError:  # a loop that now makes more than it uses
                continue


@pytest.mark.filterwarnings("ignore")
def test_other_numbers_are_those_of_a_model_built_anew() -> None:
    seen = 0
    for network, columns, other in drawn(8):
        numbers = ModelNumbers(network)
        assert_same(numbers.base, activity_model(network))
        found = numbers.model(columns)
        if found is not None:
            assert_same(found, activity_model(other))
            seen += 1
    assert seen > 15


def test_no_number_of_peru_is_lost() -> None:
    network = shipped("peru-2014")
    columns, other = moved(network, np.random.default_rng(2), fixed=("corruption",))
    found = ModelNumbers(network).model(columns)
    assert found is not None
    assert_same(found, activity_model(other))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
def test_a_solver_goes_on_with_other_numbers_as_from_nothing(objective: Objective) -> None:
    dice = np.random.default_rng(3)
    for network, columns, other in drawn(4):
        numbers = ModelNumbers(network)
        found = numbers.model(columns)
        if found is None:
            continue
        hot, cold = (
            BestResponseSolver(m, objective) for m in (numbers.base, activity_model(other))
        )
        most = max(hot.value(), cold.value())
        hot.rebase(found)
        assert_holds(hot._lp)
        plan = [i for i in range(len(network.measures)) if dice.random() < 0.4]
        assert hot.value(plan) == pytest.approx(cold.value(plan), rel=1e-6, abs=1e-8 * most)
        hot.rebase(numbers.base)
        again = BestResponseSolver(numbers.base, objective).value(plan)
        assert hot.value(plan) == pytest.approx(again, rel=1e-6, abs=1e-8 * most)


def test_another_structure_is_none() -> None:
    network = shipped("tiny")
    numbers = ModelNumbers(network)
    cut = np.array([effect.cut for effect in network.effects])
    assert numbers.model({("effects", "cut"): np.where(cut > 0.0, 1.0, 0.0)}) is None
    loss = np.array([arc.loss for arc in network.arcs])
    assert numbers.model({("arcs", "loss"): np.ones_like(loss)}) is None
    quantity = np.array([line.quantity for line in network.recipes])
    assert numbers.model({("recipes", "quantity"): -quantity}) is None
