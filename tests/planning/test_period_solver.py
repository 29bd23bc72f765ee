"""Single periods: one answer whichever process solves it, and what answers a narrower question."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.build import activity_model
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning import period_solver
from flowopt.planning.period_solver import PeriodRequest, PeriodSolver
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve import solve
from flowopt.planning.solve_run import FoundPlan
from tests.draws import draws
from tests.networks import shipped
from tests.strategies import budgets, networks

EXACT = RunOptions(gap=1e-9)


def asked(network: Network, period: int = 0, **request: Any) -> PeriodRequest:
    """Return the request on a network of one year as a period."""
    return PeriodRequest(
        period, problem_of(network, activity_model(network), PlanRequest(**request))
    )


def test_a_plan_answers_what_is_narrower_and_still_allows_it() -> None:
    network = shipped("two-bridges")
    wide = asked(network, budget=5.0)
    (found,) = PeriodSolver(EXACT).solve([wide], Clock())
    spent = wide.problem.model.measure_cost[sorted(found.plan)].sum()
    narrow = asked(network, budget=float(spent))
    assert narrow.answered_by(wide, found)
    assert not wide.answered_by(narrow, found)
    assert not asked(network, budget=float(spent) / 2).answered_by(wide, found)
    assert not asked(network, period=1, budget=4.0).answered_by(wide, found)
    model = wide.problem.model
    grown = replace(
        wide, problem=replace(wide.problem, model=replace(model, limit=model.limit + 1))
    )
    assert not grown.answered_by(wide, found)
    without = replace(
        wide.problem, constraints=replace(wide.problem.constraints, exclude=found.plan)
    )
    assert not replace(wide, problem=without).answered_by(wide, found)
    resource = replace(wide.problem.constraints, resources=((0, 1.0),))
    tight = replace(wide, problem=replace(wide.problem, constraints=resource))
    assert not wide.answered_by(tight, found)


@settings(max_examples=draws(12))
@given(st.data())
def test_what_is_known_of_a_year_is_true_and_changes_no_answer(data: st.DataObject) -> None:
    network = data.draw(networks(max_measures=5))
    objective: Objective = data.draw(st.sampled_from(("flow", "profit")))
    money = [data.draw(budgets(network)) for _ in range(4)]
    solver = PeriodSolver(EXACT)
    for budget in money:
        request = asked(network, budget=budget, objective=objective)
        best = solve(network, budget=budget, objective=objective, gap=0.0)
        near = 1e-6 * max(1.0, best.baseline)
        assert best.value is not None
        known = solver.beforehand(request)
        assert known.floor <= best.value + near
        assert all(value >= best.value - near for value in known.values.values())
        (found,) = solver.solve([request], Clock())
        assert found.value == pytest.approx(best.value, abs=near)
        assert found.bound <= best.value + near


@settings(max_examples=draws(12))
@given(st.data())
def test_up_to_a_cutoff_the_best_plan_is_found_and_beyond_it_a_bound(data: st.DataObject) -> None:
    network = data.draw(networks(max_measures=5))
    objective: Objective = data.draw(st.sampled_from(("flow", "profit")))
    request = asked(network, budget=data.draw(budgets(network)), objective=objective)
    best = solve(network, budget=request.problem.request.budget, objective=objective, gap=0.0)
    assert best.value is not None
    near = 1e-6 * max(1.0, best.baseline)
    cutoff = data.draw(st.sampled_from((0.5, 0.99, 1.0, 1.01, 2.0))) * best.value
    request = replace(request, cutoff=cutoff)
    solver = PeriodSolver(EXACT)
    (found,) = solver.solve([request], Clock())
    assert found.bound <= best.value + near
    if request.solves(found):
        assert found.bound < cutoff
        assert found.value == pytest.approx(best.value, abs=near)
    else:
        assert best.value >= cutoff - near
        assert solver.known(request) is None
        assert solver.beforehand(request).floor == found.bound
        assert solver.beforehand(request).values == {found.plan: found.value}


def test_a_plan_for_less_money_is_a_start_and_a_bound_of_more_a_floor() -> None:
    network, solver = shipped("two-bridges"), PeriodSolver(EXACT)
    low, high = solver.solve([asked(network, budget=b) for b in (1.0, 8.0)], Clock())
    request = asked(network, budget=4.0)
    known = solver.beforehand(request)
    fits = [each for each in (low, high) if request.allows(each.plan)]
    assert low in fits
    assert known.values == {each.plan: each.value for each in fits}
    assert known.floor == high.bound
    assert solver.beforehand(asked(network, period=1, budget=4.0)).values == {}


def test_what_is_known_is_not_solved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    solver, request = PeriodSolver(EXACT), asked(shipped("two-bridges"), budget=4.0)
    first = solver.solve([request], Clock())
    monkeypatch.setattr(period_solver, "_solved", None)
    assert solver.solve([request, request], Clock()) == [*first, *first]


def test_what_is_asked_twice_at_once_is_solved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    solved = period_solver._solved
    times: list[PeriodRequest] = []

    def counted(request: PeriodRequest, *others: Any) -> FoundPlan | None:
        times.append(request)
        return solved(request, *others)

    monkeypatch.setattr(period_solver, "_solved", counted)
    network = shipped("two-bridges")
    one, same, dearer = (asked(network, budget=each) for each in (4.0, 4.0, 5.0))
    early = replace(same, cutoff=0.0)
    found = PeriodSolver(EXACT).solve([early, one, same, dearer], Clock())
    assert times == [one, dearer]
    assert found[0] == found[1] == found[2]


def test_no_time_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(period_solver, "_solved", lambda *_: None)
    request = asked(shipped("two-bridges"), budget=4.0)
    with pytest.raises(OutOfTime):
        PeriodSolver(EXACT).solve([request], Clock())


@pytest.mark.slow
def test_processes_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    network = shipped("tiny")
    requests = [asked(network, period, budget=2.0 + period) for period in range(3)]
    requests.append(replace(requests[2], cutoff=0.0))
    monkeypatch.setattr(period_solver, "_WORTH_A_PROCESS", 0)
    with PeriodSolver(EXACT, workers=2) as several:
        found = several.solve(requests, Clock(60.0))
    alone = PeriodSolver(EXACT).solve(requests, Clock(60.0))
    assert [each.plan for each in found[:3]] == [each.plan for each in alone[:3]]
    assert np.array_equal([e.value for e in found], [e.value for e in alone])
    assert np.array_equal([e.bound for e in found], [e.bound for e in alone])
