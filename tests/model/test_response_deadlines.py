"""The best response on large programmes, at a deadline and after it."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowopt.errors import OutOfTime
from flowopt.model import flows_and_prices, response_lp
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.lp_solver import LpSolver, Programme, Way
from flowopt.objectives import Objective
from tests.draws import draws
from tests.model.test_best_response import close
from tests.networks import shipped
from tests.peru import BASELINE
from tests.strategies import networks, plans


@settings(max_examples=draws(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), objective=st.sampled_from(["flow", "profit", "bilevel"]))
@pytest.mark.usefixtures("large")
def test_large_programmes_are_answered_like_small_ones(
    data: st.DataObject, objective: Objective
) -> None:
    network = data.draw(networks())
    model = activity_model(network)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(response_lp, "_LARGE", 10**9)
        small = BestResponseSolver(model, objective)
    hot = BestResponseSolver(model, objective)
    assert hot.large
    assert not small.large
    for _ in range(3):
        plan = data.draw(plans(network))
        chosen = [model.measures.index(name) for name in plan]
        mine, other = hot.respond(chosen), small.respond(chosen)
        assert close(mine.value, other.value)
        assert close(hot.value(chosen), other.value)
        costs = [float(each.cost @ each.activity) for each in (mine, other)]
        if objective == "flow":
            assert close(*costs)


@pytest.mark.usefixtures("large")
def test_the_deadline_stops_a_large_programme_and_leaves_no_trace() -> None:
    model = activity_model(shipped("peru-2014"))
    trafficker = BestResponseSolver(model)
    trafficker.deadline = time.perf_counter()
    with pytest.raises(OutOfTime, match="give it more time"):
        trafficker.respond([0])
    trafficker.deadline = None
    assert trafficker.value() == pytest.approx(BestResponseSolver(model).value())
    assert trafficker.value([0]) == pytest.approx(BestResponseSolver(model).value([0]))


@pytest.mark.usefixtures("large")
def test_ctrl_c_stops_a_large_programme_and_leaves_no_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = activity_model(shipped("tiny"))
    trafficker = BestResponseSolver(model)
    with monkeypatch.context() as patch:
        patch.setattr(threading, "Event", _Interrupted)
        with pytest.raises(KeyboardInterrupt):
            trafficker.value([0])
    assert trafficker.value() == 10.0
    assert trafficker.value([0]) == BestResponseSolver(model).value([0])


class _Interrupted(threading.Event):
    """An event in whose waiting somebody presses Ctrl-C, once."""

    pressed = False

    def is_set(self) -> bool:
        return self.pressed and super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        if not self.pressed:
            self.pressed = True
            raise KeyboardInterrupt
        return super().wait(timeout)


@pytest.mark.usefixtures("large")
def test_after_the_deadline_it_goes_on_in_the_same_solver() -> None:
    model = activity_model(shipped("peru-2014"))
    trafficker = BestResponseSolver(model)
    before, highs = trafficker.value(), trafficker._lp.highs
    trafficker.deadline = time.perf_counter()
    with pytest.raises(OutOfTime):
        trafficker.value([0, 10, 11])
    trafficker.deadline = None
    assert trafficker.value([0, 10, 11]) == pytest.approx(
        BestResponseSolver(model).value([0, 10, 11])
    )
    assert trafficker.value() == pytest.approx(before)
    assert trafficker._lp.highs is highs


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
def test_a_plan_that_was_valued_has_a_response_at_the_deadline_too(objective: Objective) -> None:
    network, plan = shipped("peru-2014"), [0, 10, 11]
    model = activity_model(network)
    trafficker = BestResponseSolver(model, objective)
    value = trafficker.value(plan)
    trafficker.keep(plan)
    trafficker.value([1])
    trafficker.keep([2])  # another than was valued last: what is kept stays
    trafficker.deadline = time.perf_counter()
    kept = trafficker.respond(plan)
    assert (kept.value, kept.tidy) == (value, False)
    assert (model.used @ kept.activity - model.made @ kept.activity).max() <= 1e-6
    assert (model.takes @ kept.activity <= kept.limit * (1.0 + 1e-9) + 1e-9).all()
    finite = np.isfinite(kept.limit)
    paid = float(kept.capacity_price[finite] @ kept.limit[finite])
    earned = model.weight if objective == "flow" else model.price - kept.cost
    assert paid == pytest.approx(float(earned @ kept.activity), rel=1e-6)
    assert (kept.tie is not None) == (objective == "bilevel")
    with pytest.raises(OutOfTime):
        trafficker.respond([1])


@pytest.mark.usefixtures("large")
def test_where_there_is_no_time_to_choose_the_optimum_is_the_response(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(flows_and_prices, "_TIDYING", -1.0)
    trafficker = BestResponseSolver(activity_model(shipped("peru-2014")))
    trafficker.deadline = time.perf_counter() + 600.0
    hasty = trafficker.respond([3])
    trafficker.deadline = None
    tidy = trafficker.respond([3])
    assert (hasty.tidy, tidy.tidy) == (False, True)
    assert hasty.value == pytest.approx(tidy.value)
    assert float(tidy.cost @ tidy.activity) <= float(hasty.cost @ hasty.activity) + 1e-6


@pytest.mark.usefixtures("large")
def test_the_simplex_leaves_interior_point_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    model, plan = activity_model(shipped("peru-2014")), [0, 10, 11]
    trafficker = BestResponseSolver(model)
    trafficker.value()
    ways: list[tuple[str, bool]] = []
    honest = LpSolver._solved_by

    def noted(self: LpSolver, lp: Programme, way: Way, *, leave: float | None = None) -> bool:
        solved = honest(self, lp, way, leave=leave)
        ways.append((way.solver, solved))
        return solved

    monkeypatch.setattr(LpSolver, "_solved_by", noted)
    monkeypatch.setattr(LpSolver, "_leaving_time", lambda _: time.perf_counter())
    trafficker.deadline = time.perf_counter() + 600.0
    assert trafficker.value(plan) == pytest.approx(BestResponseSolver(model).value(plan))
    assert ways[:2] == [("simplex", False), ("ipm", True)]


@pytest.mark.usefixtures("large")
def test_a_broken_programme_is_not_loaded_again_where_there_is_no_time_for_it() -> None:
    trafficker = BestResponseSolver(activity_model(shipped("peru-2014")))
    trafficker.value()
    trafficker.keep(())
    trafficker.value([0, 10, 11])
    trafficker.keep([0, 10, 11])
    highs, trafficker._intact_now = trafficker._lp.highs, False
    trafficker.deadline = time.perf_counter() + 3.0
    trafficker._solver.anew_seconds = 10.0
    with pytest.raises(OutOfTime):
        trafficker.value([1])
    assert trafficker._lp.highs is highs
    assert trafficker.respond().value == pytest.approx(BASELINE)
    assert not trafficker.respond([0, 10, 11]).tidy
