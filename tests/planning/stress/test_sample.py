"""Which numbers move, and the factors that they are drawn: ranges, groups, shares, order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.network.schema import Arc, Commodity, Demand, Range, Supply
from flowopt.planning.stress.moving import MovingNumbers, moved, moving_numbers
from flowopt.planning.stress.sample import factors_of_ends, group_means, sample
from tests.networks import effect, line, measure, shipped


def wide(count: int = 60, **tables: Any) -> Network:
    """Return a line with many parallel legs, all assumed."""
    legs = [
        Arc(
            arc=f"a{i:02}", tail="A", head="M", commodities=("c",), mode="road", capacity=1.0 + i,
            loss=0.1, grade="X",
        )
        for i in range(count)
    ]  # fmt: skip
    return line(arcs=legs, **tables)


def by_place(moving: MovingNumbers) -> dict[tuple[str, ...], Any]:
    return {number.identity: number for number in moving.numbers}


def test_what_moves_of_peru_and_how_far() -> None:
    moving = moving_numbers(shipped("peru-2014"), {})
    found = by_place(moving)
    road = found["arc", "arc001", "capacity"]
    assert (road.low, road.high, road.group) == (1 / 1.6, 1.6, "arc capacity foot")
    leaf = found["supply", "F_ENE", "leaf_hi", "capacity"]
    assert (leaf.low, leaf.high, leaf.grade) == (1 / 1.15, 1.15, "B")
    pool = found["pool", "P_ENE_base", "capacity"]
    assert len(pool.rows) == 2
    columns = {(number.table, number.column) for number in moving.numbers}
    assert ("effects", "cut") in columns
    assert ("recipes", "quantity") in columns
    assert columns.isdisjoint(
        {("demands", "weight"), ("effects", "uptime"), ("effects", "corruption")}
    )


def test_what_is_closed_open_or_unlimited_stays() -> None:
    network = line(
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=0.0, loss=1.0),
            Arc(arc="a2", tail="T", head="M", commodities=("c",), cost=0.0),
        ],
        measures=[measure("m")],
        effects=[effect("m", "arc", "a1", cut=1.0)],
    )
    moving = moving_numbers(network, {})
    assert {number.table for number in moving.numbers} == {"supplies", "demands"}


def test_ranges_name_numbers_that_grades_would_give_others() -> None:
    network = wide(
        3,
        ranges=[
            Range(on="arc", target="a0[01]", column="capacity", low=0.5, high=3.0, group="both"),
            Range(on="demand", target="M", column="weight", shape="peak"),
            Range(on="supply", target="A", column="capacity", low=1.0, high=1.0),
        ],
    )
    found = by_place(moving_numbers(network, {"X": 2.0, "C": 4.0}))
    first, third = found["arc", "a00", "capacity"], found["arc", "a02", "capacity"]
    assert (first.low, first.high, first.group) == (0.5, 3.0, "both")
    assert (third.low, third.high, third.group) == (0.5, 2.0, "arc capacity road")
    weight = found["demand", "M", "c", "weight"]
    assert (weight.low, weight.high, weight.shape) == (0.25, 4.0, "peak")  # no grade: as C
    held = found["supply", "A", "c", "capacity"]
    assert (held.low, held.high) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("ranges", "message"), [({"Q": 2.0}, "'Q' is no grade"), ({"X": 0.5}, "no factor of 1 or more")]
)
def test_factors_by_grade_that_make_no_sense_are_refused(
    ranges: dict[str, float], message: str
) -> None:
    with pytest.raises(RequestError, match=message):
        moving_numbers(wide(2), ranges)


@pytest.mark.parametrize("common", [0.0, 0.5, 1.0])
def test_every_number_keeps_its_range_evenly_whatever_is_common(common: float) -> None:
    moving = moving_numbers(wide(), {"X": 1.6})
    factors = sample(moving, draws=400, seed=3, common=common).factors
    assert (factors >= moving.low).all()
    assert (factors <= moving.high).all()
    places = np.log(factors / moving.low) / np.log(moving.high / moving.low)
    # Even in the logarithm: as many in each quarter, up to chance (a hypercube has hardly any).
    quarters = np.stack([((places >= k / 4) & (places < (k + 1) / 4)).mean(0) for k in range(4)])
    assert np.abs(quarters - 0.25).max() < 0.09
    np.testing.assert_allclose(places.mean(axis=0), 0.5, atol=0.05)


@pytest.mark.parametrize("common", [0.0, 0.3, 0.5, 1.0])
def test_numbers_of_a_group_have_as_much_in_common_as_is_said(common: float) -> None:
    moving = moving_numbers(wide(), {})
    drawn = sample(moving, draws=2000, seed=5, common=common)
    own = [i for i, number in enumerate(moving.numbers) if number.group == "arc capacity road"]
    other = [i for i, number in enumerate(moving.numbers) if number.group == "arc loss road"]
    places = np.log(drawn.factors / moving.low) / np.log(moving.high / moving.low)
    normal = ndtri(np.clip(places, 1e-6, 1.0 - 1e-6))
    within = np.array(np.corrcoef(normal[:, own].T))[np.triu_indices(len(own), 1)]
    assert within.mean() == pytest.approx(common, abs=0.03)
    between = np.array(np.corrcoef(normal[:, own + other].T))[: len(own), len(own) :]
    assert abs(between.mean()) < 0.06


def test_a_peak_is_triangular_in_the_logarithm() -> None:
    row = Range(on="arc", target="*", column="capacity", low=0.5, high=3.0, shape="peak")
    moving = moving_numbers(wide(ranges=[row]), {})
    own = [i for i, number in enumerate(moving.numbers) if number.column == "capacity"]
    own = [i for i in own if moving.numbers[i].table == "arcs"]
    logs = np.log(sample(moving, draws=500, seed=1, common=0.5).factors[:, own]).ravel()
    low, high = np.log(0.5), np.log(3.0)
    for x in (0.5 * low, 0.0, 0.5 * high):
        width = high - low
        below = (x - low) ** 2 / (width * -low) if x < 0 else 1 - (high - x) ** 2 / (width * high)
        assert (logs <= x).mean() == pytest.approx(below, abs=0.03)


def test_shares_move_on_their_odds() -> None:
    own = np.array([0.01, 0.5, 0.99])
    found = moved(own, np.array([1.6, 1.6, 2.5]), share=True)
    np.testing.assert_allclose(found / (1 - found), np.array([1.6, 1.6, 2.5]) * own / (1 - own))


def test_the_order_of_rows_changes_no_number() -> None:
    network = shipped("peru-2014")
    turned = replace(
        network,
        arcs=network.arcs[::-1],
        effects=network.effects[::-1],
        supplies=network.supplies[::-1],
        recipes=network.recipes[::-1],
    )
    one, two = (moving_numbers(each, {}) for each in (network, turned))
    assert one.groups == two.groups
    assert [n.own for n in one.numbers] == [n.own for n in two.numbers]
    drawn = sample(one, draws=5, seed=1, common=0.5).factors
    assert (drawn == sample(two, draws=5, seed=1, common=0.5).factors).all()
    here, there = one.columns(drawn[3]), two.columns(drawn[3])
    for key in (("arcs", "loss"), ("supplies", "capacity"), ("recipes", "quantity")):
        assert (here[key] == there[key][::-1]).all()


def test_a_group_at_its_end_leaves_the_others() -> None:
    moving = moving_numbers(wide(4), {})
    group = moving.groups.index("arc capacity road")
    for place, factor in ((-1.0, 1 / 1.6), (-0.5, 1.6**-0.5), (0.0, 1.0), (1.0, 1.6)):
        factors = factors_of_ends(moving, group, place)
        np.testing.assert_allclose(factors[moving.group_of == group], factor)
        assert (factors[moving.group_of != group] == 1.0).all()
        assert group_means(moving, factors[None, :])[0, group] == pytest.approx(factor)


def test_a_network_without_numbers_to_move_has_one_draw_many_times() -> None:
    network = Network(
        info=line().info,
        commodities=(Commodity(commodity="c", name="Goods"),),
        nodes=line().nodes,
        arcs=tuple(replace(arc, capacity=None) for arc in line().arcs),
        supplies=(Supply(node="A", commodity="c"),),
        demands=(Demand(node="M", commodity="c", quantity=0.0),),
    )
    assert sample(moving_numbers(network, {}), draws=3, seed=1, common=0.5).factors.shape == (3, 0)
