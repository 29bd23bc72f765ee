"""What the rows of a frontier know of one another, and what there was no time for."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise
from typing import Any

import pytest

from flowopt.model.build import activity_model
from flowopt.planning.compare import compare
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.respond import respond
from flowopt.planning.run_options import RunOptions
from flowopt.planning.sweep import consistency, plan_pool, row_sources
from flowopt.planning.sweep import row as rows
from tests.networks import shipped
from tests.oracles.enumerate import plan_cost
from tests.planning.frontier_checks import (
    check_frontier,
    number,
)


def test_every_row_gets_the_best_plan_that_any_row_has() -> None:
    def answer(
        budget: float, plan: str, spent: float, value: float, bound: float
    ) -> rows.RowResult:
        return rows.RowResult("n", "flow", budget, "limit", (plan,), spent, value, bound)

    known = [
        answer(1.0, "a", 1.0, 9.0, 2.0),
        answer(2.0, "b", 1.5, 7.0, 5.0),
        answer(3.0, "c", 2.5, 8.0, 4.0),  # beaten by a cheaper plan of a smaller budget
        answer(4.0, "d", 1.8, 6.0, 3.0),  # beats the plans of smaller budgets
        answer(5.0, "e", 4.5, 6.0 - 1e-12, 5.5),  # as good as a cheaper one; the best bound
    ]
    others = answer(math.inf, "f", 2.2, 5.0, 0.0)  # valued elsewhere
    held = consistency._best_plans(known, known, 1e-7)
    assert [row.plan for row in held] == [("a",), ("d",), ("d",), ("d",), ("d",)]
    assert [row.plan for row in consistency._best_plans(known, [*known, others], 1e-7)] == [
        ("a",),
        ("d",),
        ("f",),
        ("f",),
        ("f",),
    ]
    told = consistency._with_bounds(held, consistency.LowerBounds(known), 0.1, 9.0)
    assert [row.bound for row in told] == [5.5] * 5
    assert [row.status for row in told] == ["limit", *["optimal"] * 4]


def test_a_plan_for_more_that_costs_less_is_not_looked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    solved = []
    real = rows._solve

    def counting(question: rows.RowRequest, note: Any) -> rows.RowResult:
        solved.append(question.budget)
        return real(question, note)

    monkeypatch.setattr(rows, "_solve", counting)
    found = compare(shipped("two-bridges"), budgets="0:8:0.05")
    assert len(found.frontier) == 161
    assert found.sweeps[0].proved == 161
    assert len(solved) < 40


def test_very_many_budgets() -> None:
    """Thousands of rows of which a few are solved; nested lists stay nested."""
    found = compare(shipped("two-bridges"), budgets="0:100:0.05")
    assert [row.budget for row in found.frontier] == [k / 20 for k in range(2_001)]
    falls = [b.budget for a, b in pairwise(found.frontier) if number(b.value) < number(a.value)]
    assert falls == [1.0, 2.0, 4.0]
    assert found.sweeps[0].proved == 2_001


def test_a_row_cut_short_takes_what_others_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that stop at once must still be consistent, with bounds that hold."""
    network = shipped("tiny")
    truth = {row.budget: number(row.value) for row in compare(network, budgets="0:9:1").frontier}
    real = rows._solve

    def lazy(question: rows.RowRequest, note: Any) -> rows.RowResult:
        if question.budget in (2.0, 6.0):  # the empty plan, and no bound worth the name
            found = real(question.at(0.0), note)
            return dataclasses.replace(found, budget=question.budget, bound=0.0, status="limit")
        return real(question, note)

    monkeypatch.setattr(rows, "_solve", lazy)
    found = compare(network, budgets="0:9:1")
    check_frontier(network, found)
    for row in found.frontier:
        value, bound = number(row.value), number(row.bound)
        assert bound <= truth[row.budget] + 1e-9 <= value + 2e-9
        assert (row.status == "optimal") == (value - bound <= 1e-4 * value)
    assert found.sweeps[0].proved < len(found.frontier)


def lazy(question: rows.RowRequest, **changes: Any) -> rows.RowResult:
    """A row cut short at once: nothing bought, and no bound worth the name."""
    network = question.network
    problem = problem_of(network, activity_model(network), question.plan_request)
    after = rows.fresh_response(problem, ())
    row = (network.info.id, question.objective, question.budget)
    known = rows.RowResult(*row, "limit", spent=0.0, bound=0.0)
    return dataclasses.replace(rows.with_response(known, after), **changes)


def test_what_the_ladder_finds_is_the_plan_of_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no row had time, the ladder's plans are the best known: they are the rows'."""
    network = shipped("tiny")
    monkeypatch.setattr(rows, "_solve", lambda question, *_: lazy(question))
    found = compare(network, budgets="0:9:1")
    check_frontier(network, found)
    values = [number(row.value) for row in found.frontier]
    assert values[0] == 10.0
    assert values[-1] < 10.0
    assert {row.status for row in found.frontier[1:]} == {"limit"}
    every = compare(network, budgets="all")
    check_frontier(network, every)
    assert every.frontier[-1].value == values[-1]
    assert [row.step for row in every.frontier][1:] == ["open"] * (len(every.frontier) - 1)
    assert every.sweeps[0].complete is False


def test_a_plan_valued_on_the_way_to_a_row_is_that_of_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The row for 9 sees the bridges at 4 and the block at 2; the rows for 2 and 4 saw nothing."""
    network = shipped("two-bridges")
    real = rows._solve
    offers = (
        rows.Offer(("m_block",), 2.0, 7.0),
        rows.Offer(("m_north", "m_south"), 4.0, 2.0),
    )

    def only_the_largest(question: rows.RowRequest, note: Any) -> rows.RowResult:
        if question.budget < 6.0:
            return lazy(question, seconds=1.0)
        return dataclasses.replace(real(question, note), offers=offers)

    monkeypatch.setattr(rows, "_solve", only_the_largest)
    monkeypatch.setattr(plan_pool.PlanPool, "build_ladder", lambda *_: None)
    found = compare(network, budgets="1,2,4,6")
    check_frontier(network, found)
    assert [row.measures for row in found.frontier] == ["", "m_block", *["m_north;m_south"] * 2]
    assert [row.bound for row in found.frontier] == [2.0] * 4  # of the row for 6
    assert not found.ladder


def test_plans_of_one_objective_count_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    network, real = shipped("tiny"), rows._solve

    def flow_only(question: rows.RowRequest, note: Any) -> rows.RowResult:
        if question.objective != "flow":
            return lazy(question)
        return dataclasses.replace(real(question, note), offers=())

    monkeypatch.setattr(rows, "_solve", flow_only)
    monkeypatch.setattr(plan_pool.PlanPool, "build_ladder", lambda *_: None)
    found = compare(network, budgets="0:9:3", objectives=["flow", "bilevel", "profit"])
    check_frontier(network, found)
    plans = [row.measures for row in found.frontier if row.objective == "flow"]
    for row in found.frontier:
        for plan in plans:
            ids = tuple(filter(None, plan.split(";")))
            if plan_cost(network, ids) <= row.budget:
                value = respond(network, ids, objective=row.objective).value  # type: ignore[arg-type]  # a literal
                assert number(row.value) <= value + 1e-7 * row.baseline


def test_a_row_without_time_for_anything_has_what_others_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = shipped("tiny")
    real = rows._solve

    def never(question: rows.RowRequest, note: Any) -> rows.RowResult:
        if question.budget > 0.0:
            row = (network.info.id, question.objective, question.budget)
            return rows.RowResult(*row, status="no_solution")
        return real(question, note)

    monkeypatch.setattr(rows, "_solve", never)
    monkeypatch.setattr(plan_pool.PlanPool, "build_ladder", lambda *_: None)
    found = compare(network, budgets="0,4")
    assert [(row.status, row.value, row.measures) for row in found.frontier] == [
        ("optimal", 10.0, ""),
        ("limit", 10.0, ""),
    ]


def test_without_time_the_ladder_is_left_out_and_named() -> None:
    """A deadline that is over: the rows stay as they were answered, and nothing is claimed."""
    network = shipped("tiny")
    sweep = row_sources.GridSource(
        rows.RowRequest(network, PlanRequest(budget=0.0), RunOptions(threads=1)),
        (0.0, 4.0),
    )
    for budget in (0.0, 4.0):
        sweep.receive(lazy(sweep.first.at(budget)))
    offers = (rows.Offer(("m_uproot",), 3.0, 5.0),)  # undescribed
    sweep.receive(dataclasses.replace(sweep.results()[1], offers=offers))
    (late,) = plan_pool.completed_pools([sweep], deadline=-math.inf)
    assert late.warnings == (plan_pool.LEFT_OUT,)
    assert [row.value for row in late.consistent.rows] == [10.0, 10.0]
    unsolved = dataclasses.replace(sweep.results()[1], status="no_solution", value=None, offers=())
    sweep.receive(dataclasses.replace(unsolved, plan=(), spent=None, bound=None, delivered=()))
    (late,) = plan_pool.completed_pools([sweep], deadline=-math.inf)
    assert [(row.value, row.status) for row in late.consistent.rows] == [(10.0, "limit")] * 2
    sweep.receive(dataclasses.replace(lazy(sweep.first), budget=4.0, offers=offers))
    assert late.ladder() == []
    (early,) = plan_pool.completed_pools([sweep])
    assert not early.warnings
    assert number(early.consistent.rows[1].value) < 10.0


def test_rows_that_never_began_leave_a_comparison_incomplete() -> None:
    """The bound of the cheapest budget says nothing of plans that cost more."""
    request = rows.RowRequest(shipped("two-bridges"), PlanRequest(budget=0.0), RunOptions())
    source = row_sources.BreakpointSource(request)
    first, *_, last = source.ready()
    results = [rows._solve(each, None) for each in (first, last)]

    source.receive(results[0])
    cut_short = consistency.make_consistent(source, 10.0, (), lambda row: row)
    assert cut_short.complete is False
    assert cut_short.beyond == 0.0

    source.receive(results[1])
    held = consistency.make_consistent(source, 10.0, (), lambda row: row)
    assert held.beyond == results[1].bound


def test_without_a_plan_in_time_nothing_is_said_of_all_plans() -> None:
    request = rows.RowRequest(shipped("two-bridges"), PlanRequest(budget=0.0), RunOptions())
    held = consistency.make_consistent(
        row_sources.BreakpointSource(request), 10.0, (), lambda row: row
    )
    assert held == consistency.ConsistentRows((), (), False, (), None)


@pytest.mark.slow
def test_every_change_within_a_time_limit_is_honest() -> None:
    """What could not be found or shown in time is not claimed."""
    found = compare(shipped("peru-2014"), budgets="all", time_limit=2.0)
    (sweep,) = found.sweeps
    assert sweep.complete is False
    assert found.limit == "time"
    steps = [row.step for row in found.frontier][1:]
    assert "open" in steps or not steps  # on a busy machine not even one more plan is found
    check_frontier(shipped("peru-2014"), found)
