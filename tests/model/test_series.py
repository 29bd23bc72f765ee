"""Columns in series: the smaller programme has the optimum of the whole, and its basis."""

from __future__ import annotations

from dataclasses import replace

import highspy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from flowopt.model import response_lp, series
from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.highs_arrays import pass_arrays
from flowopt.model.plan_effects import PlanEffects
from flowopt.model.response_lp import ResponseLp
from flowopt.model.series import SeriesLp
from flowopt.objectives import Objective
from tests.strategies import networks, plans


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row that goes is worth it, and every programme counts as large."""
    monkeypatch.setattr(series, "WORTHWHILE", 1e-9)
    monkeypatch.setattr(response_lp, "_LARGE", 0)


def loaded(rows: list[list[float]], cost: list[float], most: list[float]) -> highspy.Highs:
    """Return a silent HiGHS with the least cost of columns above 0 whose rows stay below `most`."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("presolve", "off")
    pass_arrays(
        highs,
        sparse.csc_array(np.array(rows)),
        cost=np.array(cost),
        columns=(np.zeros(len(cost)), np.full(len(cost), np.inf)),
        rows=(np.full(len(most), -np.inf), np.array(most)),
        name="a test",
    )
    return highs


def solved(highs: highspy.Highs) -> float:
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(highs.getObjectiveValue())


OPTIONS = {"output_flag": False, "presolve": "off"}
# Field, truck and gate of two ways to a market for 10 that pays 5 and 4; a truck loses half.
GATED = [
    [-1.0, 2.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, -1.0, 1.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, -1.0, 1.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, -1.0, 1.0],
    [0.0, 0.0, 1.0, 0.0, 0.0, 1.0],
    [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
]
COST = [0.5, 0.25, -5.0, 0.5, 0.25, -4.0]
MOST = [0.0, 0.0, 0.0, 0.0, 10.0, 12.0]


@pytest.mark.usefixtures("always")
def test_columns_in_series_become_one() -> None:
    whole = loaded(GATED, COST, MOST)
    small = SeriesLp.of(whole, OPTIONS)
    assert small is not None
    assert (small.highs.getNumRow(), small.highs.getNumCol()) == (2, 2)
    # By the first way 2 t of the field become 1 t, worth 3.75 net; by the second 1 t is worth 3.25.
    assert solved(small.highs) == solved(loaded(GATED, COST, MOST)) == pytest.approx(-33.5)
    whole.setBasis(small.basis())
    assert solved(whole) == pytest.approx(-33.5)
    assert whole.getInfo().simplex_iteration_count == 0


@pytest.mark.usefixtures("always")
def test_a_maker_that_gains_by_running_is_in_no_series() -> None:
    """It would run for itself, whether what it makes is used or not."""
    cost = [-0.1, 0.25, -5.0, 0.5, 0.25, -4.0]
    small = SeriesLp.of(loaded(GATED, cost, MOST), OPTIONS)
    assert small is not None
    assert small.highs.getNumCol() == 3
    assert solved(small.highs) == pytest.approx(solved(loaded(GATED, cost, MOST)))


@pytest.mark.usefixtures("always")
def test_what_has_to_be_used_up_is_left_alone() -> None:
    whole = loaded(GATED, COST, MOST)
    small = SeriesLp.of(whole, OPTIONS)
    assert small is not None
    whole.changeRowBounds(5, 12.0, 12.0)
    assert SeriesLp.of(whole, OPTIONS) is None
    assert not small.follow(whole)


@pytest.mark.usefixtures("always")
def test_a_ring_is_left_as_it_is() -> None:
    rows = [[-1.0, 1.0, 0.0, 0.0], [2.0, -1.0, 0.0, 0.0], [0.0, 0.0, -1.0, 1.0]]
    whole = loaded([*rows, [0.0, 0.0, 1.0, 0.0]], [1.0, 0.0, 0.0, -1.0], [0.0, 0.0, 0.0, 3.0])
    small = SeriesLp.of(whole, OPTIONS)
    assert small is not None
    assert small.highs.getNumCol() == 3
    assert solved(small.highs) == pytest.approx(-3.0)


def test_few_in_series_are_not_worth_it() -> None:
    rows = [[-1.0, 1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 1.0, 1.0, 1.0]]
    assert SeriesLp.of(loaded(rows, [0.0, -1.0, -1.0, -1.0, -1.0], [0.0, 1.0]), OPTIONS) is None


def whole_value(lp: ResponseLp) -> float:
    """Return the optimum of a programme that knows no basis."""
    lp.highs.clearSolver()
    return solved(lp.highs)


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), objective=st.sampled_from(["flow", "profit"]))
@pytest.mark.usefixtures("always")
def test_the_basis_is_optimal_plan_after_plan(data: st.DataObject, objective: Objective) -> None:
    network = data.draw(networks())
    model = activity_model(network)
    effects = PlanEffects(model)
    lp = ResponseLp(model, objective, effects)
    small = SeriesLp.of(lp.highs, lp.options)
    if small is None:
        return
    for _ in range(3):
        chosen = [model.measures.index(name) for name in data.draw(plans(network))]
        lp.apply(effects.chosen(chosen))
        assert small.follow(lp.highs)
        found = solved(small.highs)
        assert found == pytest.approx(whole_value(lp), rel=1e-7, abs=1e-7)
        lp.highs.clearSolver()
        lp.highs.setBasis(small.basis())
        assert solved(lp.highs) == pytest.approx(found, rel=1e-7, abs=1e-7)
        assert lp.highs.getInfo().simplex_iteration_count == 0


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), objective=st.sampled_from(["flow", "profit", "bilevel"]))
@pytest.mark.usefixtures("always")
def test_responses_are_those_of_the_whole_programme(
    data: st.DataObject, objective: Objective
) -> None:
    network = data.draw(networks())
    model = activity_model(network)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(response_lp, "_LARGE", 10**9)
        whole = BestResponseSolver(model, objective)
    mine = BestResponseSolver(model, objective)
    for richer in (1.0, 1.0, 1.5):
        mine.rebase(replace(model, limit=richer * model.limit))
        whole.rebase(mine.model)
        chosen = [model.measures.index(name) for name in data.draw(plans(network))]
        left, other = mine.respond(chosen), whole.respond(chosen)
        assert left.value == pytest.approx(other.value, rel=1e-6, abs=1e-7)
        assert mine.value(chosen) == pytest.approx(other.value, rel=1e-6, abs=1e-7)
        most: Floats = left.limit
        finite = np.isfinite(most)
        taken = (model.takes @ left.activity)[finite]
        assert (taken <= most[finite] * (1.0 + 1e-7) + 1e-7).all()
