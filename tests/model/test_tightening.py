"""Tightened prices: exact for every plan up to the cutoff, and no plan is valued too low."""

from __future__ import annotations

import numpy as np
import pytest

from flowopt.model import tightening
from flowopt.model.activities import ActivityModel
from flowopt.model.bounds import Bounds, derive_bounds
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints, allowed
from flowopt.model.interdiction import Interdiction, zero_sum
from flowopt.model.relaxation import Relaxation
from flowopt.model.solver import SolverOptions, solve_milp
from flowopt.model.tightening import far_apart, tightened
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.objectives import Objective
from tests.drawn.shapes import SHAPES
from tests.hunt.networks import Quarry
from tests.hunt.truth import Truth
from tests.networks import effect, line, measure, shipped
from tests.oracles import rounding


def apart() -> Network:
    """Return a town between a dear market that takes little and a cheap one that takes much."""
    return line(
        nodes=[
            schema.Node(node="A", name="Area", kind="area"),
            schema.Node(node="T", name="Town", kind="transit"),
            schema.Node(node="M", name="Market", kind="market"),
            schema.Node(node="N", name="Next", kind="market"),
        ],
        arcs=[
            schema.Arc(arc="a1", tail="A", head="T", commodities=("c",)),
            schema.Arc(arc="a2", tail="A", head="T", commodities=("c",), cost=10.0),
            schema.Arc(arc="dear", tail="T", head="M", commodities=("c",)),
            schema.Arc(arc="cheap", tail="T", head="N", commodities=("c",)),
        ],
        demands=[
            schema.Demand(node="M", commodity="c", quantity=0.1, price=100_000.0),
            schema.Demand(node="N", commodity="c", quantity=10.0, price=1000.0),
        ],
        measures=[measure("m1"), measure("m2"), measure("m3")],
        effects=[
            effect("m1", "arc", "a1", loss=0.5),
            effect("m2", "arc", "a2", loss=0.5),
            effect("m3", "arc", "cheap", cut=1.0),
        ],
    )


def tightest(network: Network, objective: Objective, budget: float) -> tuple[Bounds, Bounds]:
    """Return derived bounds, and those tightened up to the best plan."""
    model, truth = activity_model(network), Truth(network)
    values = truth.ranges(objective, "pessimistic", budget)
    best = min(found.high for found in values.values())
    derived = derive_bounds(model, objective)
    scale = truth.range((), objective, "pessimistic").high
    limits = PlanConstraints(budget)
    return derived, tightened(model, derived, objective, limits, best, scale=scale)


def test_the_dear_market_no_longer_stands_in_every_margin() -> None:
    derived, lower = tightest(apart(), "profit", 2.0)
    model = activity_model(apart())
    town = model.goods.index(("T", "c"))
    assert derived.netback[town] == pytest.approx(100.0)
    assert lower.netback[town] < 10.0


def value_within(
    model: ActivityModel, bounds: Bounds, objective: Objective, plan: frozenset[int], scale: float
) -> float:
    """Return what the programme makes of a plan, infinity where it has no point for it."""
    others = frozenset(range(len(model.measures))) - plan
    fixed = PlanConstraints(1e9, include=plan, exclude=others)
    milp = zero_sum(model, bounds, objective, fixed, scale=scale).milp
    found = solve_milp(milp, SolverOptions(gap=0.0)).objective
    return np.inf if found is None else found * scale


@pytest.mark.parametrize("objective", ["flow", "profit"])
@pytest.mark.parametrize("shape", SHAPES)
def test_plans_up_to_the_cutoff_keep_their_values(shape: str, objective: Objective) -> None:
    """The cutoff is the best value, or any other: equally good plans are up to it, too."""
    network, dice = Quarry(shape, 3, len(objective)).drawn()
    model, truth = activity_model(network), Truth(network)
    index = {m: i for i, m in enumerate(model.measures)}
    budget = dice.pick(sorted(set(truth.costs.values())))
    values = truth.ranges(objective, "pessimistic", budget)
    worth = sorted({found.high for found in values.values()})
    cutoff = dice.pick([worth[0], worth[0], *worth])
    scale = truth.range((), objective, "pessimistic").high or 1.0
    derived = derive_bounds(model, objective)
    limits = PlanConstraints(budget)
    finished = dice.pick([False, True])
    lower = tightened(model, derived, objective, limits, cutoff, scale=scale, finished=finished)
    for plan, right in values.items():
        chosen = frozenset(index[m] for m in plan)
        if not allowed(model, limits, chosen):
            continue
        found = value_within(model, lower, objective, chosen, scale)
        slack = rounding.allowed(objective, right.high, scale) + rounding.EQUAL * scale
        assert found >= right.low - slack, plan
        assert found <= right.high + slack or right.high > cutoff, plan


def test_it_pays_where_markets_pay_differently() -> None:
    """Tonnes weigh the same in both markets, money a hundred times as much in one of them."""
    model = activity_model(apart())
    assert far_apart(model, "profit")
    assert not far_apart(model, "flow")
    assert not far_apart(activity_model(shipped("tiny")), "flow")


def test_no_bound_falls_below_a_millionth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices are divided by their bounds: what is next to nothing would turn into coefficients."""
    monkeypatch.setattr(Relaxation, "largest", lambda _, goods: np.zeros(len(goods)))
    derived, lower = tightest(apart(), "profit", 2.0)
    assert (lower.netback >= 1e-6 * derived.netback).all()
    assert (lower.netback <= 1.1e-6 * derived.netback).any()


def test_bounds_only_fall() -> None:
    asked: list[tuple[Network, Objective, float]] = [
        (shipped("shared-crew"), "flow", 4.0),
        (apart(), "profit", 2.0),
    ]
    for network, objective, budget in asked:
        derived, lower = tightest(network, objective, budget)
        assert (lower.netback <= derived.netback).all()
        assert (lower.margin <= derived.margin).all()
        assert (lower.row <= derived.row).all()
        assert (lower.live <= derived.live).all()
        assert (lower.netback < 0.9 * derived.netback).any()


@pytest.mark.parametrize("effort", [10, 125])
def test_it_steps_aside_where_programmes_are_large(
    effort: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first of them is built, or where that takes longer than it should."""
    built: list[object] = []

    def noted(*given: object, **named: object) -> Interdiction:
        built.append(given)
        return zero_sum(*given, **named)  # type: ignore[arg-type]  # whatever it was given

    monkeypatch.setattr("flowopt.model.tightening.zero_sum", noted)
    monkeypatch.setattr(tightening, "_FIRST_EFFORT", effort)
    derived, lower = tightest(apart(), "profit", 2.0)
    assert lower is derived
    assert len(built) == (effort == 125)


def test_an_optimum_above_the_cutoff_is_no_proof() -> None:
    network = apart()
    model = activity_model(network)
    derived = derive_bounds(model, "profit")
    same = tightened(model, derived, "profit", PlanConstraints(0.0), 0.1, scale=20.0)
    assert same is derived
