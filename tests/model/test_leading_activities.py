"""Leading activities under plan after plan, beside those that each plan leaves by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.model import leading_activities
from flowopt.model.activities import ActivityModel, Flags
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.leading_activities import LeadingActivities
from flowopt.model.runnable_activities import leading
from flowopt.network import schema
from flowopt.objectives import Objective
from tests.draws import draws
from tests.networks import effect, line, measure, shipped
from tests.strategies import networks, plans


def unused(model: ActivityModel, leads: Flags) -> list[bool]:
    """Which goods no leading activity uses, read off the programme."""
    used = model.used.toarray() != 0.0
    return [not (row & leads).any() for row in used]


@pytest.mark.parametrize("large", [0, 5_000])
@settings(max_examples=draws(30))
@given(data=st.data())
def test_they_are_those_that_each_plan_leaves(large: int, data: st.DataObject) -> None:
    network = data.draw(networks())
    model = activity_model(network)
    limit = data.draw(st.sampled_from(["as it is", "some are zero"]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leading_activities, "_LARGE", large)
        under = LeadingActivities(model).under
        for _ in range(3):
            plan = [model.measures.index(name) for name in data.draw(plans(network))]
            acts = model.chosen(plan)
            left, shut = model.limits_under(acts), model.closed_under(acts)
            if limit == "some are zero" and len(left):
                left[data.draw(st.integers(0, len(left) - 1))] = 0.0
            shut[data.draw(st.integers(0, len(shut) - 1))] = True
            wanted = leading(model, left, shut)
            for found in (under(left, shut), under(left, shut)):  # the second is cached
                assert found.activities.tolist() == wanted.tolist()
                assert found.unused.tolist() == unused(model, wanted)


def test_a_loop_does_not_feed_itself() -> None:
    """Once nothing comes from A, what goes round between T and X is not there."""
    arcs = [
        schema.Arc(arc=name, tail=tail, head=head, commodities=("c",))
        for name, tail, head in (
            ("on", "A", "T"),
            ("there", "T", "X"),
            ("back", "X", "T"),
            ("out", "T", "M"),
        )
    ]
    nodes = [schema.Node(node=n, name=n, kind="transit") for n in "ATMX"]
    network = line(
        nodes=nodes, arcs=arcs, measures=[measure("m")], effects=[effect("m", "arc", "on", cut=1.0)]
    )
    model = activity_model(network)
    under = LeadingActivities(model).under
    assert under(model.limit, model.closed_under(model.chosen([]))).activities.sum() == 6
    acts = model.chosen([0])
    found = under(model.limits_under(acts), model.closed_under(acts))
    assert not found.activities.any()
    assert found.unused.all()


@pytest.mark.parametrize("objective", ["flow", "profit"])
def test_values_alone_do_not_look_for_what_leads(
    objective: Objective, monkeypatch: pytest.MonkeyPatch
) -> None:
    solver = BestResponseSolver(activity_model(shipped("tiny")), objective)
    asked = []
    monkeypatch.setattr(LeadingActivities, "under", lambda *_: asked.append(1))
    values = [solver.value(plan) for plan in ([], [0], [1], [0, 1])]
    assert len(values) == 4
    assert not asked


@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
def test_responses_do_not_hang_on_plans_before(objective: Objective) -> None:
    """What a plan has shut or used up is open again for the next one."""
    model = activity_model(shipped("tiny"))
    solver = BestResponseSolver(model, objective)
    random = np.random.default_rng(3)
    for _ in range(25):
        plan = random.choice(len(model.measures), random.integers(0, 4), replace=False).tolist()
        found, fresh = solver.respond(plan), BestResponseSolver(model, objective).respond(plan)
        assert found.value == pytest.approx(fresh.value, rel=1e-9)
        assert found.activity @ model.cost == pytest.approx(fresh.activity @ model.cost, rel=1e-9)


def test_a_site_does_not_run_on_half_of_what_it_uses() -> None:
    """Without its second good nothing is made of the first, and nobody needs that either."""
    network = line(
        commodities=[schema.Commodity(commodity=c, name=c) for c in ("leaf", "fuel", "c")],
        recipes=[
            schema.RecipeLine(recipe="r", commodity=c, quantity=q)
            for c, q in (("leaf", -2.0), ("fuel", -1.0), ("c", 1.0))
        ],
        sites=[schema.Site(site="s", node="T", recipe="r")],
        supplies=[schema.Supply(node="A", commodity=c) for c in ("leaf", "fuel")],
        arcs=[
            schema.Arc(arc="leaf", tail="A", head="T", commodities=("leaf",)),
            schema.Arc(arc="fuel", tail="A", head="T", commodities=("fuel",)),
            schema.Arc(arc="out", tail="T", head="M", commodities=("c",)),
        ],
        measures=[measure("m")],
        effects=[effect("m", "arc", "fuel", cut=1.0)],
    )
    model = activity_model(network)
    under = LeadingActivities(model).under
    assert under(model.limit, model.closed_under(model.chosen([]))).activities.all()
    acts = model.chosen([0])
    assert not under(model.limits_under(acts), model.closed_under(acts)).activities.any()
