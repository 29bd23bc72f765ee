"""Activities in series as one: each plan has the same value, the programme the same optimum."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowopt.model import series_model
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.formulations import ZeroSum
from flowopt.model.series_model import in_series
from flowopt.model.solver import SolverOptions, solve_milp
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.objectives import Objective
from tests.networks import effect, line, measure
from tests.strategies import networks, plans


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """One good that goes is worth it."""
    monkeypatch.setattr(series_model, "WORTHWHILE", 1e-9)


def gated(measures: list[str]) -> Network:
    """Return one way from a field through a gate, whose arcs each cost 1 USD/kg, to a market."""
    return line(
        nodes=[
            schema.Node(node="A", name="Area", kind="area"),
            schema.Node(node="T", name="Gate", kind="transit", capacity=4.0),
            schema.Node(node="M", name="Market", kind="market"),
        ],
        arcs=[
            schema.Arc(arc="a", tail="A", head="T", commodities=("c",), cost=1.0),
            schema.Arc(arc="b", tail="T", head="M", commodities=("c",), cost=1.0),
        ],
        measures=[measure(name) for name in measures],
        effects=[
            effect(name, "arc", name[0], **({"cost": 3.0} if name.endswith("+") else {"cut": 1.0}))
            for name in measures
        ],
    )


@pytest.mark.usefixtures("always")
def test_a_way_through_a_gate_is_one_activity() -> None:
    model = activity_model(gated(["a", "b"]))
    small = in_series(model)
    assert len(model.activities) == 5  # supply, ship, gate, ship, deliver
    assert [each.kind for each in small.activities] == ["supply"]
    assert not small.goods
    assert list(small.closures) == [(0, 0, 1.0), (0, 1, 1.0)]
    assert small.price.tolist() == model.price[model.price > 0.0].tolist()
    assert small.cost.tolist() == pytest.approx([model.cost.sum()])
    assert (np.diff(small.takes.indptr) == 5).all()  # field, gate, market, two arcs


@pytest.mark.usefixtures("always")
def test_cost_increases_of_a_series_add_up() -> None:
    model = activity_model(gated(["a+", "b+"]))
    small = in_series(model)
    assert [each[:2] for each in small.cost_increases] == [(0, 0), (0, 1)]
    assert sum(amount for _, _, amount in small.cost_increases) == pytest.approx(6e-3)


def test_a_model_with_few_in_series_is_itself() -> None:
    model = activity_model(gated(["a"]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(series_model, "WORTHWHILE", 1.0)
        assert in_series(model) is model


@pytest.mark.slow
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), objective=st.sampled_from(["flow", "profit"]))
@pytest.mark.usefixtures("always")
def test_every_plan_has_the_same_value(data: st.DataObject, objective: Objective) -> None:
    network = data.draw(networks())
    model = activity_model(network)
    whole, small = (BestResponseSolver(each, objective) for each in (model, in_series(model)))
    scale = max(whole.value(), 1e-6)
    for _ in range(4):
        plan = [model.measures.index(name) for name in data.draw(plans(network))]
        assert small.value(plan) == pytest.approx(whole.value(plan), rel=1e-7, abs=1e-7 * scale)


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), objective=st.sampled_from(["flow", "profit"]), share=st.floats(0.2, 0.8))
@pytest.mark.usefixtures("always")
def test_the_programme_has_the_optimum_of_the_whole(
    data: st.DataObject, objective: Literal["flow", "profit"], share: float
) -> None:
    model = activity_model(data.draw(networks()))
    scale = BestResponseSolver(model, objective).value()
    if scale <= 0.0:
        return
    limits = PlanConstraints(budget=share * float(model.measure_cost.sum()))
    found = []
    for worthwhile in (1e-9, 2.0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(series_model, "WORTHWHILE", worthwhile)
            milp = ZeroSum(model, objective).build(limits, scale).milp
        found.append(solve_milp(milp, SolverOptions(name="highs", gap=1e-9)).objective)
    assert found[0] == pytest.approx(found[1], rel=1e-6, abs=1e-6)
