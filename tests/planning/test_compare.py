"""The frontier: against brute force over all plans, hand answers and what must be true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.network import schema
from flowopt.planning.compare import compare
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.planning.verify import verify
from tests.draws import draws
from tests.networks import effect, line, measure, shipped
from tests.planning.frontier_checks import (
    EXACT,
    best_value,
    check_frontier,
    every_plan,
    same,
)
from tests.strategies import limits, networks


@pytest.mark.slow
@settings(max_examples=draws(6))
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
@settings(max_examples=draws(6))
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


@settings(max_examples=draws(4))
@given(data=st.data())
def test_the_tables_say_what_the_rows_say(data: st.DataObject) -> None:
    network = data.draw(networks(min_measures=1))
    total = sum(row.cost for row in network.measures)
    found = compare(network, budgets=[0.0, total / 3, total / 2, total])
    for row in found.frontier:
        plan = set(filter(None, row.measures.split(";")))
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
        assert used.n_plans == sum(column)


def test_hand_answers() -> None:
    """One bridge closed does nothing, both cut 10 t to 2 t; gate and block come first."""
    found = compare(shipped("two-bridges"), budgets="0:7:1")
    assert [row.value for row in found.frontier] == [10, 9, 7, 7, 2, 2, 2, 2]
    assert [row.measures for row in found.frontier][1:5] == [
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
    assert sweep.most_regret == 3.0
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


def test_a_ladder_buys_what_requires_each_other_in_turn(tmp_path: Path) -> None:
    """Neither of the two may come first, so the one that cuts does, and `verify` agrees."""
    network = line(
        measures=[measure("base", 1.0), measure("strong", 1.0), measure("weak", 1.0)],
        effects=[effect("strong", "arc", "a1", cut=0.9), effect("weak", "arc", "a2", cut=0.6)],
        rules=[
            schema.Rule(measure="strong", relation="requires", other="base"),
            schema.Rule(measure="base", relation="requires", other="strong"),
        ],
    )
    found = compare(network, budgets="2")
    (rung,) = found.ladder
    assert rung.buy == "strong;base"
    found.write(tmp_path / "result")
    assert verify(tmp_path / "result").passed


def test_rows_agree_with_solve() -> None:
    network = shipped("shared-crew")
    found = compare(network, budgets="0:9:1", objectives=["flow", "profit"], resources={"crew": 3})
    assert len(found.frontier) == 20
    for row in found.frontier:
        alone = solve(  # type: ignore[call-overload]  # a literal
            network,
            budget=row.budget,
            objective=row.objective,
            resources={"crew": 3},
        )
        assert same(row, alone.value)
        assert row.spent == pytest.approx(alone.spent)
        assert row.baseline == alone.baseline
    check_frontier(network, found)


def test_forced_measures_make_small_budgets_infeasible() -> None:
    network = shipped("two-bridges")
    found = compare(network, budgets="0:4:1", include=["m_block"], exclude=["m_gate"])
    first = found.frontier[:2]
    assert {(row.status, row.value, row.measures, row.marginal) for row in first} == {
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
            assert {row.measures for row in found.frontier} == {""}
            assert {row.status for row in found.frontier} == {"optimal"}
            assert found.sweeps[0].complete is (True if budgets == "all" else None)


def test_costs_are_exact_decimals() -> None:
    """0.1 + 0.2 is 0.3: a budget of 0.3 buys both, and the step is at 0.3."""
    network = line(
        measures=[measure("a", 0.1), measure("b", 0.2)],
        effects=[effect("a", "arc", "a1", cut=0.6), effect("b", "arc", "a1", cut=0.5)],
    )
    found = compare(network, budgets="all")
    assert [(row.budget, row.measures) for row in found.frontier] == [
        (0.0, ""),
        (0.1, "a"),
        (0.3, "a;b"),
    ]
    grid = compare(network, budgets="0:0.3:0.1")
    assert [row.budget for row in grid.frontier] == [0.0, 0.1, 0.2, 0.3]
    assert grid.frontier[-1].measures == "a;b"


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
