"""Least change among equally good flows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning.solve import solve
from tests import strategies
from tests.networks import effect, line, measure

ROADS = 6


def roads() -> Network:
    """Return roads side by side, alike in all; 30 t may go by any three of them."""
    names = [f"T{i}" for i in range(ROADS)]
    return line(
        nodes=[
            schema.Node(node="A", name="Area", kind="area"),
            *(schema.Node(node=n, name=n, kind="transit") for n in names),
            schema.Node(node="M", name="Market", kind="market"),
        ],
        arcs=[
            *(schema.Arc(arc=f"out{n}", tail="A", head=n, commodities=("c",), capacity=10.0)
              for n in names),
            *(schema.Arc(arc=f"in{n}", tail=n, head="M", commodities=("c",)) for n in names),
        ],
        supplies=[schema.Supply(node="A", commodity="c", capacity=30.0)],
        demands=[schema.Demand(node="M", commodity="c", quantity=60.0, price=2.0)],
        measures=[measure(n) for n in names],
        effects=[effect(n, "arc", f"out{n}", cut=0.5) for n in names],
    ).replace()  # fmt: skip


@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
@pytest.mark.parametrize("closed", range(ROADS))
def test_what_a_plan_does_not_touch_stays_where_it_is(objective: Objective, closed: int) -> None:
    found = solve(roads(), budget=1.0, include=[f"T{closed}"], objective=objective, alternatives=1)
    assert found.value == found.baseline
    shut = next(row for row in found.flows if row.arc == f"outT{closed}")
    moved = sum(abs(row.change) for row in found.flows if row.arc.startswith("out"))
    assert moved == pytest.approx(2.0 * max(0.0, shut.before - 5.0), abs=1e-6)


@settings(max_examples=25, phases=[Phase.explicit, Phase.generate])
@given(st.data(), st.sampled_from(["flow", "profit", "bilevel"]))
def test_flow_nearest_to_earlier_ones_is_as_good_in_every_goal(
    data: st.DataObject, objective: Objective
) -> None:
    network = data.draw(strategies.tied_networks())
    model = activity_model(network)
    plan = [i for i, row in enumerate(network.measures) if data.draw(st.booleans(), row.measure)]
    solver = BestResponseSolver(model, objective)
    today = solver.respond().activity
    plain = solver.respond(plan, anew=True)
    near = solver.respond(plan, anew=True, before=today)
    assert near.value == pytest.approx(plain.value, rel=1e-9)
    for counts in (model.weight, model.price, near.cost):
        size = float(np.abs(counts) @ plain.activity)
        if counts is not model.weight or objective != "profit":
            assert counts @ near.activity == pytest.approx(
                counts @ plain.activity, rel=1e-6, abs=1e-8 * max(1.0, size)
            )
    shown = ~model.inner
    room = 1e-6 * max(1.0, float(plain.activity.max(initial=0.0)))
    balance = model.used @ near.activity - model.made @ near.activity
    assert (balance <= room).all()
    assert (model.takes @ near.activity <= near.limit + room).all()
    scale = solver._lp.of_activity
    change = [np.abs(each.activity - today)[shown] / scale[shown] for each in (plain, near)]
    assert change[1].sum() <= change[0].sum() + room
