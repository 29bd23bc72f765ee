"""Budgets for which no plan reaches a target: bounds on costs, and cheaper plans."""

from __future__ import annotations

import pytest

from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.search import Search
from flowopt.objectives import Objective
from flowopt.planning import target_budgets
from flowopt.planning.solve import solve
from flowopt.planning.solve_run import FoundPlan
from flowopt.planning.target_run import TargetRun
from tests.drawn.dice import Dice
from tests.drawn.shapes import PLAIN
from tests.drawn.wild import valid_network
from tests.networks import shipped
from tests.oracles.enumerate import feasible_plans, plan_cost, plan_values

_SEEDS = (0, 1, 2, 6, 8, 9, 10, 11)  # whose measures take much of the flow


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Budgets for which it was asked whether any plan reaches a target: nothing else tells."""
    budgets: list[float] = []
    reaching = target_budgets._BudgetRun.reaching

    def noted(
        run: target_budgets._BudgetRun, baseline: float, limits: PlanConstraints
    ) -> FoundPlan:
        budgets.append(limits.budget)
        return reaching(run, baseline, limits)

    monkeypatch.setattr(target_budgets._BudgetRun, "reaching", noted)
    monkeypatch.setattr(TargetRun, "_branching", lambda _: None)
    monkeypatch.setattr(TargetRun, "_asks_budgets", lambda _: True)
    monkeypatch.setattr(TargetRun, "_cheapest", lambda _run, _worst, _nodes, bound: bound)
    return budgets


@pytest.mark.parametrize("limit", [None, 60.0])
@pytest.mark.parametrize("seed", _SEEDS)
def test_budgets_alone_prove_the_cheapest_plan(
    asked: list[float], monkeypatch: pytest.MonkeyPatch, seed: int, limit: float | None
) -> None:
    """From everything at once, with searches and without, as trying every plan has it."""
    network = valid_network(Dice.seeded(f"budgets-{seed}"), PLAIN, 7)
    values = plan_values(network, feasible_plans(network, float("inf")))
    baseline, least = values[()], min(values.values())
    target = least + 0.4 * (baseline - least)
    most = max(values, key=lambda plan: (values[plan] <= target, len(plan)))
    all_of = frozenset(i for i, row in enumerate(network.measures) if row.measure in most)
    cheapest = min(plan_cost(network, plan) for plan, left in values.items() if left <= target)
    monkeypatch.setattr(Search, "reach", lambda search, worst: search.offer_equal(all_of, worst))
    if seed % 2:
        monkeypatch.setattr(target_budgets.TargetBudgets, "descend", lambda _, bound: bound)
    found = solve(network, target=target, time_limit=limit, gap=1e-4)
    assert found.status == "optimal"
    assert found.spent == pytest.approx(cheapest, rel=1e-4)
    assert found.cost_bound is not None
    assert found.cost_bound <= cheapest * (1.0 + 1e-9)
    assert asked or cheapest == 0.0


def test_a_budget_left_open_proves_nothing(
    asked: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    left_open = FoundPlan(frozenset(), 31.0, 20.0, "limit")
    monkeypatch.setattr(target_budgets._BudgetRun, "run", lambda *_: left_open)
    found = solve(shipped("madre-de-dios-gold"), target=22.0)
    assert len(asked) == 1
    assert (found.status, found.cost_bound) == ("limit", 0.0)


@pytest.mark.parametrize(
    ("target", "objective", "expected"), [(22.0, "flow", True), (200.0, "profit", False)]
)
def test_budgets_are_asked_where_all_markets_count_alike(
    target: float, objective: Objective, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prices that lie far apart are tightened up to the target, which is quick enough."""
    said: list[bool] = []
    asks = TargetRun._asks_budgets

    def noted(run: TargetRun) -> bool:
        said.append(asks(run))
        return False

    monkeypatch.setattr(TargetRun, "_branching", lambda _: None)
    monkeypatch.setattr(TargetRun, "_asks_budgets", noted)
    monkeypatch.setattr(TargetRun, "_cheapest", lambda _run, _worst, _nodes, bound: bound)
    solve(shipped("madre-de-dios-gold"), target=target, objective=objective)
    assert said == [expected]
