"""Flows that bring nothing in vain, made of optima that do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.stripping import stripped
from flowopt.network import schema
from flowopt.objectives import Objective
from tests.draws import draws
from tests.networks import line
from tests.strategies import networks, plans


def in_vain(model: ActivityModel, activity: Floats) -> Floats:
    """What each activity that runs brings of goods none of which is all used."""
    left = model.made @ activity - model.used @ activity
    found = np.zeros(len(activity))
    for j in np.flatnonzero(activity).tolist():
        if model.activities[j].kind != "deliver":
            goods = model.made[:, [j]].tocoo().row
            found[j] = left[goods].min() if len(goods) else activity[j]
    return found


@settings(max_examples=draws(35))
@given(st.data(), st.sampled_from(["flow", "profit"]))
def test_what_is_delivered_stays_and_nothing_else_is_brought(
    data: st.DataObject, objective: Objective
) -> None:
    network = data.draw(networks())
    model = activity_model(network)
    plan = [model.measures.index(name) for name in data.draw(plans(network))]
    trafficker = BestResponseSolver(model, objective)
    tidy, found = trafficker.respond(plan), trafficker.respond(plan, tidy=False)
    size = max(1.0, np.abs(found.activity).max(initial=0.0))
    assert found.value == pytest.approx(tidy.value, rel=1e-9, abs=1e-9)
    stake = model.weight if objective == "flow" else model.price - found.cost
    assert stake @ found.activity == pytest.approx(tidy.value, rel=1e-6, abs=1e-6 * size)
    assert in_vain(model, found.activity).max(initial=0.0) <= 1e-9 * size
    short = model.used @ found.activity - model.made @ found.activity
    assert short.max(initial=0.0) <= 1e-7 * size
    finite = np.isfinite(found.limit)
    over = (model.takes @ found.activity - found.limit)[finite]
    assert over.max(initial=0.0) <= 1e-7 * size


def test_all_who_make_too_much_make_the_same_share_less() -> None:
    """Two roads bring 12 t of which 6 are delivered; one of them leads on to nowhere."""
    arcs = [
        schema.Arc(arc=a, tail=t, head=h, commodities=("c",))
        for a, t, h in (("r1", "A", "T"), ("r2", "A", "T"), ("on", "T", "M"), ("off", "M", "T"))
    ]
    model = activity_model(line(arcs=arcs))
    kinds = {(str(a.kind), a.row): j for j, a in enumerate(model.activities)}
    flow = np.zeros(len(model.activities))
    amounts = {("supply", 0): 20.0, ("ship", 0): 8.0, ("ship", 1): 4.0, ("ship", 2): 6.0}
    for place, amount in {**amounts, ("deliver", 0): 6.0}.items():
        flow[kinds[place]] = amount
    found = stripped(model, flow, np.zeros(len(flow), dtype=np.bool_))
    assert found is not None
    by_place = {place: float(found[j]) for place, j in kinds.items()}
    assert by_place["ship", 0] == pytest.approx(4.0)
    assert by_place["ship", 1] == pytest.approx(2.0)
    assert by_place["supply", 0] == pytest.approx(6.0)
    assert by_place["ship", 2] == by_place["deliver", 0] == 6.0


def test_a_loop_that_would_fall_for_ever_is_left_to_the_solver() -> None:
    """Goods that go round are all used there, but for a little each time."""
    arcs = [
        schema.Arc(arc=a, tail=t, head=h, commodities=("c",), loss=loss)
        for a, t, h, loss in (("there", "A", "T", 0.0), ("back", "T", "A", 1e-4))
    ]
    model = activity_model(line(arcs=arcs))
    kinds = {(str(a.kind), a.row): j for j, a in enumerate(model.activities)}
    flow = np.zeros(len(model.activities))
    flow[kinds["ship", 0]], flow[kinds["ship", 1]], flow[kinds["supply", 0]] = 10.0, 9.0, 5.0
    assert stripped(model, flow, np.zeros(len(flow), dtype=np.bool_)) is None
