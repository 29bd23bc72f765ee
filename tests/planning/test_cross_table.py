"""The cross table: what it costs to keep a plan that another budget or objective asked for."""

from __future__ import annotations

from typing import Any

import pytest

from flowopt.planning.compare import compare
from flowopt.planning.respond import respond
from tests.networks import shipped


@pytest.mark.parametrize("objectives", [["flow"], ["flow", "bilevel"]])
def test_each_plan_stands_at_every_budget_that_it_fits(objectives: list[Any]) -> None:
    network = shipped("tiny")
    found = compare(network, budgets="0:6:2", objectives=objectives)
    rows = {(row.objective, row.budget): row for row in found.frontier}
    expected = [
        (objective, budget, other, made)
        for objective in objectives
        for budget in (0.0, 2.0, 4.0, 6.0)
        for other in objectives
        for made in (0.0, 2.0, 4.0, 6.0)
        if (spent := rows[other, made].spent) is not None and spent <= budget
    ]
    keys = [(r.objective, r.budget, r.plan_objective, r.plan_budget) for r in found.plans]
    assert keys == expected
    for row in found.plans:
        plan = rows[row.plan_objective, row.plan_budget].measures
        alone = respond(network, filter(None, plan.split(";")), objective=row.objective)  # type: ignore[arg-type]  # a literal
        assert row.value == pytest.approx(alone.value, rel=1e-9)
        best = rows[row.objective, row.budget]
        assert row.best == best.value
        assert row.regret == pytest.approx(row.value - row.best, abs=1e-9)
        if row.regret_share is not None:
            assert best.cut is not None
            assert row.regret_share * best.cut == pytest.approx(row.regret, abs=1e-9)
        if (row.plan_objective, row.plan_budget) == (row.objective, row.budget):
            assert row.regret == 0.0


def test_the_regret_of_last_year_s_plan() -> None:
    """The plan for 2 closes the block, of no use beside both bridges, which 4 buys: 7 for 2 t."""
    found = compare(shipped("two-bridges"), budgets="2,4")
    (kept,) = [row for row in found.plans if (row.budget, row.plan_budget) == (4.0, 2.0)]
    assert (kept.spent, kept.value, kept.best, kept.regret) == (2.0, 7.0, 2.0, 5.0)
    assert kept.regret_share == pytest.approx(5.0 / 8.0)


def test_of_very_many_budgets_a_hundred_are_crossed() -> None:
    found = compare(shipped("two-bridges"), budgets="0:100:0.5")
    budgets = {row.budget for row in found.plans}
    assert len(budgets) == 100
    assert {row.plan_budget for row in found.plans} == budgets
    plans = {row.measures for row in found.frontier}
    assert len(found.evidence[0].proofs) <= 1 + len(plans) + len(found.ladder)


def test_a_plan_is_proved_once_under_each_objective() -> None:
    found = compare(shipped("tiny"), budgets="0:6:1", objectives=["flow", "profit"])
    assert [(e.network, e.objective) for e in found.evidence] == [
        ("tiny", "flow"),
        ("tiny", "profit"),
    ]
    plans = {tuple(filter(None, row.measures.split(";"))) for row in found.frontier}
    for each in found.evidence:
        proved = [proof.measures for proof in each.proofs]
        assert proved[0] == ()
        assert len(set(proved)) == len(proved)
        assert plans <= set(proved)
        for proof in each.proofs:
            alone = respond(shipped("tiny"), proof.measures, objective=each.objective)  # type: ignore[arg-type]  # a literal
            assert proof.value == pytest.approx(alone.value, rel=1e-9)


def test_kind_and_country_stand_beside_names() -> None:
    network = shipped("tiny")
    found = compare(network, budgets="4")
    kinds = {row.measure: row.kind for row in network.measures}
    assert {row.measure: row.kind for row in found.measures} == kinds
    countries = {node.node: node.country for node in network.nodes}
    assert all(row.country == countries[row.node] for row in found.markets)
