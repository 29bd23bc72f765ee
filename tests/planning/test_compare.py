"""The frontier: against brute force over all plans, hand answers and what must be true."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt import atomic
from flowopt.errors import RequestError
from flowopt.model.build import activity_model
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.compare import compare
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.respond import respond
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve import solve
from flowopt.planning.sweep import consistency, plan_pool, row_sources
from flowopt.planning.sweep import environment as env
from flowopt.planning.sweep import row as rows
from flowopt.planning.sweep.budgets import parse_budgets
from flowopt.results.frontier import Frontier, FrontierRow, Sweep
from tests.networks import effect, line, measure, shipped
from tests.oracles.enumerate import feasible_plans, keeps_rules, plan_cost, plan_values
from tests.oracles.rounding import optimal
from tests.strategies import limits, networks

Valuing = Callable[[Iterable[str]], float]
EXACT = 1e-9  # gap: with it the frontier must be that of brute force, not one within a share of it


def every_plan(network: Network, resources: Any, objective: Any) -> list[tuple[float, float]]:
    """Return cost and value of every plan that may be chosen."""
    values = plan_values(network, feasible_plans(network, math.inf, resources), objective)
    return [(plan_cost(network, plan), value) for plan, value in values.items()]


def best_value(plans: list[tuple[float, float]], budget: float) -> float:
    return min(value for cost, value in plans if cost <= budget + 1e-8)


def same(row: FrontierRow, value: float | None) -> bool:
    """Return whether a row is worth as much as another best plan."""
    return optimal(row.value, value or 0.0, row.objective, row.baseline)  # type: ignore[arg-type]  # a literal


def without_seconds(frontier: Frontier) -> Frontier:
    table = type(frontier.frontier)(
        FrontierRow, (dataclasses.replace(row, seconds=0.0) for row in frontier.frontier)
    )
    return dataclasses.replace(frontier, frontier=table, seconds=0.0)


def valuing(network: Network, objective: str) -> Valuing:
    """Return what values plans, each of them anew but only once."""

    @cache
    def value(plan: frozenset[str]) -> float:
        return respond(network, sorted(plan), objective=objective).value  # type: ignore[arg-type]  # a literal

    return lambda plan: value(frozenset(plan))


def check_frontier(network: Network, frontier: Frontier) -> None:
    """Recompute all rows, and the ladder, which must not beat them."""
    for sweep in frontier.sweeps:
        value_of = valuing(network, sweep.objective)
        check_rows(network, frontier, sweep, value_of)
        check_ladder(network, frontier, sweep, value_of)


def check_rows(network: Network, frontier: Frontier, sweep: Sweep, value_of: Valuing) -> None:
    """Recompute what rows say of themselves and of one another."""
    told = [row for row in frontier.of(sweep) if row.value is not None]
    for row in told:
        plan = tuple(row.plan.split(";")) if row.plan else ()
        assert row.value == pytest.approx(value_of(plan), rel=1e-9, abs=1e-9)
        assert row.spent == pytest.approx(plan_cost(network, plan))
        assert row.spent <= row.budget + 1e-8
        assert keeps_rules(network, plan)
        assert set(frontier.include) <= set(plan)
        assert not set(frontier.exclude) & set(plan)
        assert row.bound <= row.value
        assert row.measures == len(plan)
        assert row.cut == pytest.approx(row.baseline - row.value, abs=1e-9)
        for other in told:
            if other.spent <= row.budget:
                assert row.value <= other.value + 1e-7 * max(1.0, row.baseline)
    for less, more in pairwise(told):
        assert less.budget < more.budget
        assert less.value >= more.value
        assert less.bound >= more.bound
        extra = (more.cut - less.cut) / (more.budget - less.budget)
        assert more.marginal == pytest.approx(extra, rel=1e-6, abs=1e-7)
    assert [row.status for row in told].count("optimal") == sweep.proved


def check_ladder(network: Network, frontier: Frontier, sweep: Sweep, value_of: Valuing) -> None:
    """A ladder is nested, keeps every condition, and never beats the best plan."""
    best = {(r.network, r.objective, r.budget): r for r in frontier.frontier}
    bought: list[str] = []
    for rung in frontier.ladder_of(sweep):
        bought += rung.buy.split(";") if rung.buy else []
        assert len(set(bought)) == len(bought)
        assert keeps_rules(network, bought)
        assert rung.spent == pytest.approx(plan_cost(network, bought))
        assert rung.spent <= rung.budget + 1e-8
        value = value_of(bought)
        assert rung.value == pytest.approx(value, rel=1e-7, abs=1e-7)
        assert rung.best == best[rung.network, rung.objective, rung.budget].value
        assert rung.lost == pytest.approx(rung.value - rung.best, abs=1e-9)
        assert rung.lost >= -1e-7 * max(1.0, sweep.baseline)


@pytest.mark.slow
@settings(max_examples=40)
@given(data=st.data(), objective=st.sampled_from(["flow", "profit"]))
def test_brute_force_on_given_budgets(data: st.DataObject, objective: Any) -> None:
    network = data.draw(networks())
    resources = data.draw(limits(network))
    total = sum(row.cost for row in network.measures)
    budgets = [total * share / 8 for share in range(9)] or [0.0]
    plans = every_plan(network, resources, objective)
    found = compare(network, budgets=budgets, objectives=objective, resources=resources, gap=EXACT)
    assert [row.budget for row in found.frontier] == sorted(set(budgets))
    for row in found.frontier:
        assert row.status == "optimal"
        assert same(row, best_value(plans, row.budget))
    check_frontier(network, found)


@pytest.mark.slow
@settings(max_examples=40)
@given(data=st.data(), objective=st.sampled_from(["flow", "profit"]))
def test_brute_force_on_every_change(data: st.DataObject, objective: Any) -> None:
    """Every budget at which the best value falls must be there, and no other."""
    network = data.draw(networks())
    resources = data.draw(limits(network))
    plans = every_plan(network, resources, objective)
    found = compare(network, budgets="all", objectives=objective, resources=resources, gap=EXACT)
    (sweep,) = found.sweeps
    assert sweep.complete
    assert {row.step for row in found.ladder} == {"proved"}
    truth: list[tuple[float, float]] = []
    for cost in sorted({round(cost, 8) for cost, _ in plans}):
        value = best_value(plans, cost)
        if not truth or value < truth[-1][1] - 3e-7 * max(1.0, truth[0][1]):
            truth.append((cost, value))
    assert len(found.frontier) == len(truth)
    for row, (cost, value) in zip(found.frontier, truth, strict=True):
        assert row.budget == pytest.approx(cost, abs=1e-7)
        assert row.spent == row.budget
        assert same(row, value)
        assert row.status == "optimal"
    check_frontier(network, found)


@settings(max_examples=15)
@given(data=st.data())
def test_the_tables_say_what_the_rows_say(data: st.DataObject) -> None:
    network = data.draw(networks(min_measures=1))
    total = sum(row.cost for row in network.measures)
    found = compare(network, budgets=[0.0, total / 3, total / 2, total])
    for row in found.frontier:
        plan = set(filter(None, row.plan.split(";")))
        here = [m for m in found.measures if m.budget == row.budget]
        assert {m.measure for m in here if m.chosen} == plan
        assert [m.measure for m in here] == [m.measure for m in network.measures]
        alone = respond(network, plan)
        after = [m.after for m in found.markets if m.budget == row.budget]
        assert after == pytest.approx([m.delivered for m in alone.markets], abs=1e-7)
        moved = [d.after for d in found.displacement if d.budget == row.budget]
        assert len(moved) == len(alone.totals)
    for used in found.measures:
        column = [m.chosen for m in found.measures if m.measure == used.measure]
        assert used.plans == sum(column)


def test_hand_answers() -> None:
    """One bridge closed does nothing, both cut 10 t to 2 t; gate and block come first."""
    found = compare(shipped("two-bridges"), budgets="0:7:1")
    assert [row.value for row in found.frontier] == [10, 9, 7, 7, 2, 2, 2, 2]
    assert [row.plan for row in found.frontier][1:5] == [
        "m_gate",
        "m_block",
        "m_block",
        "m_north;m_south",
    ]
    (sweep,) = found.sweeps
    assert sweep.core == ()
    assert sweep.stays == ("m_north", "m_south")
    assert dict(sweep.switches) == {"m_block": (2.0, 3.0), "m_gate": (1.0,)}
    assert sweep.knees == (4.0,)
    # A ladder that keeps the block can't afford both bridges at 4; one that waits for the bridges
    # loses 1 + 3 + 3 before. Block first loses 1 at 1, or with the gate 0, and 5 at 4 and 5 (6 of
    # money buys block and bridges).
    assert [rung.value for rung in found.ladder] == [10, 10, 10, 10, 2, 2, 2, 2]
    assert sweep.most_lost == 3.0
    every = compare(shipped("two-bridges"), budgets="all")
    assert [(row.budget, row.value) for row in every.frontier] == [(0, 10), (1, 9), (2, 7), (4, 2)]


def test_a_ladder_buys_what_is_required_first() -> None:
    network = line(
        measures=[measure("weak", 1.0), measure("base", 1.0), measure("strong", 1.0)],
        effects=[effect("strong", "arc", "a1", cut=0.9), effect("weak", "arc", "a1", cut=0.6)],
        rules=[schema.Rule(measure="strong", relation="requires", other="base")],
    )
    (rung,) = compare(network, budgets="3").ladder
    assert rung.buy == "weak;base;strong"
    (rung,) = compare(network, budgets="2").ladder
    assert rung.buy == "base;strong"


def test_a_ladder_buys_what_requires_each_other_in_turn() -> None:
    """Neither of the two may come first, so the one that cuts does."""
    network = line(
        measures=[measure("base", 1.0), measure("strong", 1.0), measure("weak", 1.0)],
        effects=[effect("strong", "arc", "a1", cut=0.9), effect("weak", "arc", "a2", cut=0.6)],
        rules=[
            schema.Rule(measure="strong", relation="requires", other="base"),
            schema.Rule(measure="base", relation="requires", other="strong"),
        ],
    )
    (rung,) = compare(network, budgets="2").ladder
    assert rung.buy == "strong;base"


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


def test_rows_agree_with_solve() -> None:
    network = shipped("shared-crew")
    found = compare(
        network, budgets="0:9:0.5", objectives=["flow", "profit"], resources={"crew": 3}
    )
    assert len(found.frontier) == 38
    for row in found.frontier:
        alone = solve(
            network,
            budget=row.budget,
            objective=row.objective,  # type: ignore[arg-type]  # a literal
            resources={"crew": 3},
        )
        assert same(row, alone.value)
        assert row.spent == pytest.approx(alone.spent)
        assert row.baseline == alone.baseline
    check_frontier(network, found)


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
    """Ten thousand rows of which a few are solved; nested lists stay nested."""
    found = compare(shipped("two-bridges"), budgets="0:100:0.01")
    assert [row.budget for row in found.frontier] == [k / 100 for k in range(10_001)]
    falls = [b.budget for a, b in pairwise(found.frontier) if b.value < a.value]
    assert falls == [1.0, 2.0, 4.0]
    assert found.sweeps[0].proved == 10_001


def test_a_row_cut_short_takes_what_others_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that stop at once must still be consistent, with bounds that hold."""
    network = shipped("tiny")
    truth = {row.budget: row.value for row in compare(network, budgets="0:9:1").frontier}
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
        assert row.bound <= truth[row.budget] + 1e-9 <= row.value + 2e-9
        assert (row.status == "optimal") == (row.value - row.bound <= 1e-4 * row.value)
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
    values = [row.value for row in found.frontier]
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
    assert [row.plan for row in found.frontier] == ["", "m_block", *["m_north;m_south"] * 2]
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
    found = compare(network, budgets="0:9:1", objectives=["flow", "bilevel", "profit"])
    check_frontier(network, found)
    plans = [row.plan for row in found.frontier if row.objective == "flow"]
    for row in found.frontier:
        for plan in plans:
            ids = tuple(filter(None, plan.split(";")))
            if plan_cost(network, ids) <= row.budget:
                value = respond(network, ids, objective=row.objective).value  # type: ignore[arg-type]  # a literal
                assert row.value <= value + 1e-7 * row.baseline


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
    assert [(row.status, row.value, row.plan) for row in found.frontier] == [
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
    assert early.consistent.rows[1].value < 10.0


def test_every_change_within_a_time_limit_is_honest() -> None:
    """What could not be found or shown in time is not claimed."""
    found = compare(shipped("peru-2014"), budgets="all", time_limit=4.0)
    (sweep,) = found.sweeps
    assert sweep.complete is False
    assert found.limit == "time"
    steps = [row.step for row in found.frontier][1:]
    assert "open" in steps or not steps  # on a busy machine not even one more plan is found
    check_frontier(shipped("peru-2014"), found)


def test_forced_measures_make_small_budgets_infeasible() -> None:
    network = shipped("two-bridges")
    found = compare(network, budgets="0:4:1", include=["m_block"], exclude=["m_gate"])
    first = found.frontier[:2]
    assert {(row.status, row.value, row.plan, row.marginal) for row in first} == {
        ("infeasible", None, "", None)
    }
    assert [row.value for row in found.frontier[2:]] == [7, 7, 7]
    check_frontier(network, found)
    assert [rung.budget for rung in found.ladder] == [2, 3, 4]
    every = compare(network, budgets="all", include=["m_block"], exclude=["m_gate"])
    assert [(row.budget, row.value) for row in every.frontier] == [(2, 7), (6, 2)]
    assert every.sweeps[0].complete
    poor = compare(network, budgets="0,1", include=["m_block"])
    assert poor.sweeps[0].warnings == (
        "These demands clash: --include m_block and --budget 1. m_block costs 2 M USD.",
    )
    for budgets in ("0,7", "all"):
        torn = compare(network, budgets=budgets, include=["m_block"], exclude=["m_block"])
        assert {row.status for row in torn.frontier} == {"infeasible"}
        assert torn.sweeps[0].warnings == (
            "These demands clash: --include m_block and --exclude m_block. m_block can't be in the "
            "plan and out of it.",
        )
        assert not torn.ladder


def test_no_measures_and_nothing_to_cut() -> None:
    for network in (line(), line(supplies=[])):
        for budgets in ("0,5", "all"):
            found = compare(network, budgets=budgets)
            assert {row.plan for row in found.frontier} == {""}
            assert {row.status for row in found.frontier} == {"optimal"}
            assert found.sweeps[0].complete is (True if budgets == "all" else None)


def test_costs_are_exact_decimals() -> None:
    """0.1 + 0.2 is 0.3: a budget of 0.3 buys both, and the step is at 0.3."""
    network = line(
        measures=[measure("a", 0.1), measure("b", 0.2)],
        effects=[effect("a", "arc", "a1", cut=0.6), effect("b", "arc", "a1", cut=0.5)],
    )
    found = compare(network, budgets="all")
    assert [(row.budget, row.plan) for row in found.frontier] == [
        (0.0, ""),
        (0.1, "a"),
        (0.3, "a;b"),
    ]
    grid = compare(network, budgets="0:0.3:0.1")
    assert [row.budget for row in grid.frontier] == [0.0, 0.1, 0.2, 0.3]
    assert grid.frontier[-1].plan == "a;b"


def test_several_networks_and_objectives_stand_side_by_side() -> None:
    networks_ = [shipped("tiny"), shipped("two-bridges")]
    found = compare(networks_, budgets="0,4", objectives=["flow", "profit"])
    keys = [(row.network, row.objective, row.budget) for row in found.frontier]
    assert keys == [
        (name, objective, budget)
        for name in ("tiny", "two-bridges")
        for objective in ("flow", "profit")
        for budget in (0.0, 4.0)
    ]
    alone = compare(networks_[1], budgets="0,4", objectives="profit")
    assert [row.value for row in alone.frontier] == [row.value for row in found.frontier[6:]]


def test_the_same_for_any_number_of_workers() -> None:
    networks_ = [shipped("shared-crew"), shipped("tiny")]
    found = [
        compare(networks_, budgets="0:9:0.5", objectives=["flow", "profit"], workers=workers)
        for workers in (1, 3)
    ]
    assert without_seconds(found[0]) == without_seconds(found[1])


@pytest.mark.parametrize(
    ("asked", "budgets"),
    [
        ("0:100:50", (0.0, 50.0, 100.0)),
        ("0:1:0.3", (0.0, 0.3, 0.6, 0.9)),
        ("1:1:1", (1.0,)),
        ("5, 0,12.5,5", (0.0, 5.0, 12.5)),
        ("0:0.3:0.1,7", (0.0, 0.1, 0.2, 0.3, 7.0)),
        (3, (3.0,)),
        ([2, 1.5, "0:1:1"], (0.0, 1.0, 1.5, 2.0)),
        ("all", "all"),
    ],
)
def test_budgets_in_words(asked: Any, budgets: Any) -> None:
    assert parse_budgets(asked) == budgets


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"budgets": "0:10"}, "no range"),
        ({"budgets": "0:10:0"}, "do not rise"),
        ({"budgets": "10:0:1"}, "do not rise"),
        ({"budgets": "0:1e9:0.001"}, "larger steps"),
        ({"budgets": "-1,2"}, "at least 0"),
        ({"budgets": "nan"}, "at least 0"),
        ({"budgets": "ten"}, "not a number"),
        ({"budgets": "all,5"}, "not a number"),
        ({"budgets": ""}, "no budget"),
        ({"objectives": "tonnes"}, "not one of"),
        ({"objectives": ["flow", "flow"]}, "twice"),
        ({"objectives": []}, "at least one"),
        ({"include": ["m_stripe"]}, "did you mean"),
        ({"resources": {"x": 1}}, "not in the network"),
        ({"workers": 0}, "workers 0"),
        ({"time_limit": 0}, "time limit"),
        ({"gap": 2}, "gap"),
        ({"solver": "nosuch"}, "not known"),
        ({"networks": [shipped("tiny"), shipped("tiny")]}, "the id 'tiny'"),
        ({"networks": []}, "at least one"),
    ],
)
def test_a_wrong_request_is_refused(request_: dict[str, Any], message: str) -> None:
    whole = {"networks": shipped("tiny"), "budgets": "0,1", **request_}
    with pytest.raises(RequestError, match=message):
        compare(whole.pop("networks"), **whole)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"gap": 0.01}, "gap"),
        ({"exclude": ["m_strip"]}, "exclude"),
        ({"include": ["m_strip"]}, "include"),
        ({"budgets": "0,2"}, "budgets"),
        ({"budgets": "all"}, "budgets"),
        ({"objectives": "profit"}, "objectives"),
        ({"time_limit": 7.0}, "time limit"),
        ({"solver": "cbc"}, "solver highs"),
        ({"networks": shipped("two-bridges")}, "networks or what their files say"),
        ({"networks": shipped("tiny").replace(info=schema.Info(id="tiny", title="T"))}, "networks"),
    ],
)
def test_rows_of_another_question_do_not_count(
    other: dict[str, Any], what: str, tmp_path: Path
) -> None:
    first: dict[str, Any] = {"networks": shipped("tiny"), "budgets": "0,1"}
    compare(**first, keep=tmp_path / "rows")
    with pytest.raises(RequestError, match=f"what differs: {what}"):
        compare(**{**first, **other}, keep=tmp_path / "rows", resume=True)


def test_rows_made_by_other_code_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, keep = shipped("tiny"), tmp_path / "rows"
    monkeypatch.setattr(env, "code_sha256", lambda: "0" * 64)
    compare(network, budgets="0,1", keep=keep)
    monkeypatch.undo()
    with pytest.raises(RequestError, match="what differs: other code of flowopt"):
        compare(network, budgets="0,1", keep=keep, resume=True)
    question = json.loads((keep / "question.json").read_text())
    del question["environment"]  # as an earlier version wrote it
    (keep / "question.json").write_text(json.dumps(question))
    with pytest.raises(RequestError, match="version of flowopt"):
        compare(network, budgets="0,1", keep=keep, resume=True)


def test_a_row_that_begins_late_ends_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that takes a while to start has less time, not the same time later."""
    monkeypatch.setattr(rows.time, "time", lambda: 1000.0)
    limited = RunOptions(time_limit=20.0, threads=1)
    question = rows.RowRequest(shipped("tiny"), PlanRequest(budget=1.0), limited)
    assert question.seconds_left == 20.0
    assert dataclasses.replace(question, until=1005.0).seconds_left == 5.0
    assert dataclasses.replace(question, until=900.0).seconds_left == 0.05
    assert dataclasses.replace(question, until=1050.0).seconds_left == 20.0
    assert dataclasses.replace(question, options=RunOptions()).seconds_left is None


def test_workers_with_other_code_or_versions_are_refused() -> None:
    here = env.environment("highs")
    question = rows.RowRequest(shipped("tiny"), PlanRequest(budget=1.0), RunOptions(threads=1))
    for other, message in (
        ({"code": "0" * 64}, "other code of flowopt"),
        ({"flowopt": "0.0.1"}, "flowopt .*, not 0.0.1"),
        ({"highs": "1.0"}, "HiGHS .*, not 1.0"),
        ({"python": "3.99", "pulp": "2"}, "Python .*, not 3.99, PuLP .*, not 2"),
    ):
        with pytest.raises(RequestError, match=message):
            rows.solve_row(question, dataclasses.replace(here, **other))
    assert rows.solve_row(question, here).status == "optimal"


def test_sources_that_can_not_be_read_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nothing.txt").write_text("no source")
    monkeypatch.setattr(env.resources, "files", lambda _: tmp_path)
    env.code_sha256.cache_clear()
    try:
        assert env.code_sha256() is None
        messages: list[str] = []
        network, keep = shipped("tiny"), tmp_path / "rows"
        compare(network, budgets="0", keep=keep, on_message=messages.append)
        compare(network, budgets="0", on_message=messages.append)
        assert messages == [env.UNREADABLE]
        (tmp_path / "a.py").write_bytes(b"x = 1\r\n")
        env.code_sha256.cache_clear()
        dos = env.code_sha256()
        (tmp_path / "a.py").write_bytes(b"x = 1\n")
        env.code_sha256.cache_clear()
        assert dos == env.code_sha256()
    finally:
        env.code_sha256.cache_clear()


def test_rows_so_far_after_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    network, real, done = shipped("tiny"), rows._solve, []

    def stopping(question: rows.RowRequest, note: Any) -> rows.RowResult:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(question.budget)
        return real(question, note)

    monkeypatch.setattr(rows, "_solve", stopping)
    found = compare(network, budgets="0:9:1", keep_on_interrupt=True)
    assert [row.budget for row in found.frontier] == sorted(done)
    assert (found.limit, found.summary()["limit"]) == ("interrupted", "interrupted")
    assert plan_pool.NO_LADDER in found.sweeps[0].warnings
    assert Frontier.from_json(found.to_json()) == found
    with pytest.raises(KeyboardInterrupt):
        compare(network, budgets="0:9:1")
    with pytest.raises(KeyboardInterrupt):  # there is nothing to give
        compare(network, budgets="10,11", keep_on_interrupt=True)


def test_finished_rows_are_taken_as_they_are(tmp_path: Path) -> None:
    keep = tmp_path / "rows"
    first = compare(shipped("tiny"), budgets="0:9:1", keep=keep)
    kept = sorted(keep.glob("row-*.json"))
    assert kept
    kept[0].write_text(kept[0].read_text()[:-20])  # half a row is no row
    again = compare(shipped("tiny"), budgets="0:9:1", keep=keep, resume=True)
    assert without_seconds(again) == without_seconds(first)
    took = [[row.seconds for row in found.frontier] for found in (first, again)]
    assert sum(a != b for a, b in zip(*took, strict=True)) >= 1
    assert sum(a == b and a > 0.0 for a, b in zip(*took, strict=True)) >= len(kept) - 2
    with pytest.raises(RequestError, match="--resume"):
        compare(shipped("tiny"), budgets="0:9:1", keep=keep)
    (tmp_path / "file").write_text("")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("")
    for name, message in (("file", "is a file"), ("other", "holds other files")):
        with pytest.raises(RequestError, match=message):
            compare(shipped("tiny"), budgets="0", keep=tmp_path / name, restart=True)
    compare(shipped("tiny"), budgets="0", keep=keep, restart=True)
    assert len(list(keep.glob("row-*.json"))) == 1


def test_an_interrupt_while_the_question_is_flushed_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic, "flush_folder", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compare(shipped("tiny"), budgets="0", keep=tmp_path / "rows")
    assert list(tmp_path.iterdir()) == []


def test_shares_of_change_are_those_of_what_was_delivered_before() -> None:
    """Half of 10 t is cut, and a market that nothing reached has no share."""
    network = line(
        demands=[*line().demands, schema.Demand(node="A", commodity="c", quantity=0.0)],
        measures=[measure("m")],
        effects=[effect("m", "arc", "a2", cut=0.75)],
    )
    found = compare(network, budgets=[1.0])
    shares = [(row.before, row.after, row.change_share) for row in found.markets]
    assert shares == [(10.0, 5.0, -0.5), (0.0, 0.0, None)]
