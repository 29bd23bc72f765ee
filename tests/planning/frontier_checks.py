"""What must be true of every frontier: rows and ladder recomputed, and the truth by brute force."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.planning.respond import respond
from flowopt.results.budget_rows import FrontierRow
from flowopt.results.frontier import Frontier, SweepSummary
from tests.oracles.enumerate import feasible_plans, keeps_rules, plan_cost, plan_values
from tests.oracles.rounding import optimal

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


def number(value: float | None) -> float:
    """A number of a row that has a plan."""
    assert value is not None
    return value


def check_rows(
    network: Network, frontier: Frontier, sweep: SweepSummary, value_of: Valuing
) -> None:
    """Recompute what rows say of themselves and of one another."""
    told = [row for row in frontier.rows_of(sweep) if row.value is not None]
    for row in told:
        plan = tuple(row.measures.split(";")) if row.measures else ()
        assert row.value == pytest.approx(value_of(plan), rel=1e-9, abs=1e-9)
        assert row.spent == pytest.approx(plan_cost(network, plan))
        assert number(row.spent) <= row.budget + 1e-8
        assert keeps_rules(network, plan)
        assert set(frontier.include) <= set(plan)
        assert not set(frontier.exclude) & set(plan)
        assert number(row.bound) <= number(row.value)
        assert row.n_measures == len(plan)
        assert row.cut == pytest.approx(row.baseline - number(row.value), abs=1e-9)
        for other in told:
            if number(other.spent) <= row.budget:
                most = number(other.value) + 1e-7 * max(1.0, row.baseline)
                assert number(row.value) <= most
    for less, more in pairwise(told):
        assert less.budget < more.budget
        assert number(less.value) >= number(more.value)
        assert number(less.bound) >= number(more.bound)
        extra = (number(more.cut) - number(less.cut)) / (more.budget - less.budget)
        assert more.marginal == pytest.approx(extra, rel=1e-6, abs=1e-7)
    assert [row.status for row in told].count("optimal") == sweep.proved


def check_ladder(
    network: Network, frontier: Frontier, sweep: SweepSummary, value_of: Valuing
) -> None:
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
        assert rung.regret == pytest.approx(rung.value - rung.best, abs=1e-9)
        assert rung.regret >= -1e-7 * max(1.0, sweep.baseline)
