"""Large networks at the limit of a comparison: no step after it begins anew what takes seconds."""

from __future__ import annotations

import math
import time
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model import response_lp
from flowopt.planning import solve_responses
from flowopt.planning.compare import compare
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.sweep import plan_pool, row_sources, sweep_request
from flowopt.planning.sweep import row as rows
from tests.networks import shipped


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every network for a large one."""
    monkeypatch.setattr(response_lp, "_LARGE", 0)


def solved(limit: float | None) -> row_sources.GridSource:
    """Return the rows of two budgets of `tiny`."""
    options = RunOptions(threads=1, time_limit=limit)
    source = row_sources.GridSource(
        rows.RowRequest(shipped("tiny"), PlanRequest(budget=0.0), options), (0.0, 4.0)
    )
    for budget in (0.0, 4.0):
        source.receive(source.first.at(budget).solve(None))
    return source


def never(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError("this begins anew")


@pytest.mark.usefixtures("large")
def test_tables_without_time_take_the_baseline_of_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    source = solved(1000.0)
    row = source.results()[1]
    assert row.before is not None
    assert (row.before.value, row.before.measures, row.value) == (10.0, (), 6.0)
    assert rows.RowResult.from_json(row.to_json()) == row
    (early,) = plan_pool.completed_pools([source], deadline=math.inf)
    assert early.before == rows.fresh_response(early.problem, ())

    with monkeypatch.context() as patch:
        patch.setattr(plan_pool, "fresh_response", never)
        patch.setattr(plan_pool, "BestResponseSolver", never)
        (late,) = plan_pool.completed_pools([source], deadline=-math.inf)
    assert late.before == source.results()[0].before
    assert [each.value for each in late.consistent.rows] == [10.0, 6.0]

    def out_of_time(*_: Any, **__: Any) -> NoReturn:
        raise OutOfTime("late")

    monkeypatch.setattr(plan_pool, "fresh_response", out_of_time)
    (between,) = plan_pool.completed_pools([source], deadline=math.inf)
    assert between.before == late.before


def test_no_other_network_carries_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(each.before is None for each in solved(1000.0).results())
    monkeypatch.setattr(response_lp, "_LARGE", 0)
    assert all(each.before is None for each in solved(None).results())


@pytest.mark.usefixtures("large")
def test_a_row_loads_no_second_programme_without_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is over once the plan is found: its response comes from the solver at hand."""
    real = rows.WarmStartedRun.run

    def late(run: Any, *given: Any, **more: Any) -> Any:
        found = real(run, *given, **more)
        monkeypatch.setattr(Clock, "left", lambda _: 0.0)
        return found

    monkeypatch.setattr(rows.WarmStartedRun, "run", late)
    monkeypatch.setattr(rows, "fresh_response", never)
    options = RunOptions(time_limit=1000.0, threads=1)
    found = rows.RowRequest(shipped("tiny"), PlanRequest(budget=4.0), options).solve(None)
    assert (found.value, found.status) == (6.0, "optimal")


def test_a_plan_is_described_late_by_any_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Trafficker:
        deadline: float | None = 5.0

        def respond(self, plan: list[int], **options: Any) -> str:
            asked.append((plan, self.deadline, options))
            if self.deadline is not None:
                raise OutOfTime("late")
            return "any"

    trafficker = Trafficker()
    run: Any = SimpleNamespace(trafficker=trafficker, today=None, problem=None)
    monkeypatch.setattr(solve_responses, "describe", lambda _, plan, found: (plan, found))
    assert solve_responses.response_of(run, [1]) == ([1], "any")
    assert asked == [([1], 5.0, {"anew": True, "before": None}), ([1], None, {"tidy": False})]
    assert trafficker.deadline == 5.0


@pytest.mark.usefixtures("large")
def test_a_response_that_would_be_late_is_that_of_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading a programme and making its tables heed no deadline."""
    source = solved(1000.0)
    monkeypatch.setattr(plan_pool, "_RESPONDING", 1e4)
    monkeypatch.setattr(plan_pool, "fresh_response", never)
    (pool,) = plan_pool.completed_pools([source], deadline=time.perf_counter() + 1000.0)
    assert pool.before == source.results()[0].before


def test_no_row_begins_whose_tables_would_be_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison has as much time as all of its rows."""
    monkeypatch.setattr(sweep_request, "_AROUND", 1e9)
    with pytest.raises(OutOfTime, match=r"limit of 3000 s .* a plan with its tables and files"):
        compare(shipped("tiny"), budgets="0,2,4", time_limit=1000.0)
    monkeypatch.setattr(sweep_request, "_AROUND", 0.0)
    assert compare(shipped("tiny"), budgets="4", time_limit=1000.0).frontier[0].value == 6.0
