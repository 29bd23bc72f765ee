"""Prices at rest: none higher than a use needs, none too low for an open activity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from flowopt.model.arc_paths import Legs, Triplets, open_legs
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.certificate import settled
from flowopt.model.settling import plain, settled_prices
from flowopt.network.schema import Arc, Demand, Supply
from flowopt.objectives import Objective
from tests.networks import effect, line, measure, shipped

OBJECTIVES: tuple[tuple[Objective, float], ...] = (("flow", 1.0), ("profit", 2.0))


@pytest.mark.parametrize("objective", ["flow", "profit"])
@pytest.mark.parametrize("name", ["tiny", "two-bridges", "peru-2014"])
def test_prices_hold_for_every_open_activity_and_none_could_be_lower(
    name: str, objective: Objective
) -> None:
    model = activity_model(shipped(name))
    plan = range(0, len(model.measures), 3)
    response = BestResponseSolver(model, objective).respond(plan)
    legs = open_legs(model, plan)
    stake = (model.weight if objective == "flow" else model.price - response.cost)[legs.column]
    real, finite = ~model.on_the_way, np.isfinite(model.limit)
    goods, rows = settled_prices(
        legs, stake, response.good_price, response.capacity_price, real=real, limit=model.limit
    )
    tolerance = 1e-9 * np.abs(stake).max()
    used, made, takes = (
        sparse.csr_array((each.amount, (each.row, each.leg)), shape=(count, len(stake)))
        for each, count in (
            (legs.used, len(goods)),
            (legs.made, len(goods)),
            (legs.takes, len(rows)),
        )
    )
    short = stake + made.T @ goods - used.T @ goods - takes.T @ rows
    assert short.max() <= tolerance
    tight = short >= -tolerance
    for price, uses, held in ((goods, used, real), (rows, takes, finite)):
        holding = uses[:, np.flatnonzero(tight)]
        needed = np.diff(holding.indptr) > 0
        assert not (held & (price > tolerance) & ~needed).any()
    assert float(rows[finite] @ response.limit[finite]) == pytest.approx(response.value)


def test_prices_far_out_of_place_come_down_along_a_chain() -> None:
    # Good i is shipped to good i + 1, and the last one is delivered for 2.
    count = 400
    each, nothing = np.arange(count), np.array([], dtype=np.int64)
    legs = Legs(
        column=each,
        used=Triplets(each, each, np.ones(count)),
        made=Triplets(each[1:], each[:-1], np.ones(count - 1)),
        takes=Triplets(nothing, nothing, np.array([])),
    )
    stake = np.zeros(count)
    stake[-1] = 2.0
    every, limit = np.ones(count, dtype=np.bool_), np.ones(1)
    high = np.full(count, 5.0)
    goods, rows = settled_prices(legs, stake, high, np.array([7.0]), real=every, limit=limit)
    assert goods.tolist() == [2.0] * count
    assert rows.tolist() == [0.0]


def test_a_plan_may_leave_no_way_open() -> None:
    shut = [effect("m", on, "*", cut=1.0) for on in ("arc", "supply")]
    model = activity_model(line(measures=[measure("m")], effects=shut))
    left = [model.activities[j].kind for j in open_legs(model, [0]).column]
    assert left == ["deliver"]


@pytest.mark.parametrize("loss", [0.1, 1e-4, 1e-7])
def test_prices_in_a_loop_that_loses_little_come_to_rest(loss: float) -> None:
    """Where nothing pays, what one node needs for the other falls by the loss a round."""
    arcs = [
        Arc(arc="there", tail="A", head="T", commodities=("c",)),
        Arc(arc="back", tail="T", head="A", commodities=("c",), loss=loss),
    ]
    model = activity_model(line(arcs=arcs))
    legs = open_legs(model, ())
    stake = model.weight[legs.column]
    prices = np.array([0.7 if node in "AT" else 0.0 for node, _ in model.goods])
    goods, rows = settled_prices(
        legs,
        stake,
        prices,
        np.zeros(len(model.limit)),
        real=~model.on_the_way,
        limit=model.limit,
    )
    at = {node: price for (node, _), price in zip(model.goods, goods, strict=True)}
    assert (at["A"], at["T"]) == (0.0, 0.0)
    assert not rows[:-1].any()


@pytest.mark.parametrize(("loss", "cost"), [(0.0, 0.5), (0.5, 0.5), (0.99, 0.0)])
def test_a_way_back_to_where_it_starts_holds_no_price_up(loss: float, cost: float) -> None:
    """Its return is worth as much: a price never falls by its own cost, round after round."""
    arcs = [
        Arc(arc="on", tail="A", head="T", commodities=("c",)),
        Arc(arc="round", tail="A", head="A", commodities=("c",), loss=loss, cost=cost),
    ]
    supplies = [Supply(node="A", commodity="c")]
    model = activity_model(line(arcs=arcs, supplies=supplies))
    legs = open_legs(model, ())
    stake = (model.price - model.cost)[legs.column]
    prices = np.array([7.0 if node == "A" else 0.0 for node, _ in model.goods])
    real, limit = ~model.on_the_way, model.limit
    goods, _ = settled_prices(
        legs, stake, prices, np.zeros(len(model.limit)), real=real, limit=limit
    )
    assert goods.max() == 0.0


def test_a_billionth_of_the_largest_is_no_rounding() -> None:
    """Neither as an amount nor, five of them, as a price."""
    small = Demand(node="T", commodity="c", quantity=1e-8, price=2000.0)
    cheap = Demand(node="A", commodity="c", quantity=30.0, price=1e-5, weight=5e-9)
    model = activity_model(line(demands=[*line().demands, small, cheap]))
    for objective, worth in OBJECTIVES:
        found = settled(model, objective, [], BestResponseSolver(model, objective).respond())
        assert found.activity[-3:].tolist() == [10.0, 1e-8, pytest.approx(5.0)]
        assert found.capacity_price[0] == pytest.approx(5e-9 * worth)  # of 15 t supplied
        assert found.capacity_price[-3:].tolist() == [pytest.approx(worth)] * 2 + [0.0]


def test_what_is_unlimited_gets_no_price() -> None:
    """A price that is missing is one of the goods that are used."""
    arcs = [Arc(arc=a, tail=t, head=h, commodities=("c",)) for a, t, h in ("1AT", "2TM")]
    model = activity_model(line(arcs=arcs))
    goods, rows = settled_prices(
        open_legs(model, ()),
        model.weight,
        np.zeros(len(model.goods)),
        np.zeros(len(model.limit)),
        real=~model.on_the_way,
        limit=model.limit,
        spare=np.isfinite(model.limit) & (np.arange(len(model.limit)) > 0),
    )
    assert goods.tolist() == [1.0, 1.0, 1.0]
    assert rows.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_rounding_stays_where_it_costs_least() -> None:
    """What is short of a price comes to the small capacity of the supply, not to the large site."""
    # A supply of the first good, a site that makes 100 of the second of it, and a delivery of that.
    legs = Legs(
        column=np.arange(3),
        used=Triplets(np.array([0, 1]), np.array([1, 2]), np.ones(2)),
        made=Triplets(np.array([0, 1]), np.array([0, 1]), np.array([1.0, 100.0])),
        takes=Triplets(np.array([0, 1]), np.array([0, 1]), np.ones(2)),
    )
    goods, rows = settled_prices(
        legs,
        np.array([-1.0, 0.0, 0.01 + 1e-10]),  # so that the site's input is worth 1e-8 above 1
        np.array([1.0, 0.01]),
        np.zeros(2),
        real=np.ones(2, dtype=np.bool_),
        limit=np.array([3e-5, 3.0]),
        spare=np.ones(2, dtype=np.bool_),
    )
    assert goods.tolist() == [pytest.approx(1.0 + 1e-8, abs=1e-11), 0.0100000001]
    assert rows.tolist() == [pytest.approx(1e-8, rel=1e-3), 0.0]


def test_amounts_are_plain_to_twelve_digits_each() -> None:
    draw = np.random.default_rng(1)
    sizes = 10.0 ** draw.integers(-15, 20, 2_000)
    amounts = np.concatenate(
        [draw.random(2_000) * sizes, np.round(draw.random(2_000) * sizes), [0.0, -0.0, 0.1, 1e12]]
    )
    amounts = np.concatenate([amounts, -amounts, amounts[:50], [np.inf]])
    expected = [float(f"{y:.12g}") for y in amounts.tolist()]
    assert plain(amounts).tolist() == expected


@pytest.mark.parametrize("hit", [{"cut": 1.0}, {"loss": 0.5}])
def test_what_a_solver_leaves_on_activities_that_do_not_act_goes(hit: dict[str, float]) -> None:
    """Of a closed arc, what it uses further up; of an arc that is hit, the way without losses."""
    network = line(measures=[measure("m")], effects=[effect("m", "arc", "a2", **hit)])
    model = activity_model(network)
    solved = BestResponseSolver(model).respond([0])
    sound = settled(model, "flow", [0], solved).activity
    closed = model.closed_under(model.chosen([0]))
    left = closed if "loss" in hit else (sound == 0.0) & ~closed
    assert left.any()
    response = replace(solved, activity=solved.activity + 0.5 * left)
    assert (settled(model, "flow", [0], response).activity[left] == 0.0).all()
