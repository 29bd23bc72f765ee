"""All schedules of a small network over time, and the best of them, tried one after the other.

What may be, what it costs and what has to be bought are read off the tables; the value of each is
that of the independent programme with openings as plain variables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Literal, TypeVar

from flowopt.network.network import Network
from flowopt.network.schema import Measure
from tests.oracles.over_time import value_over_time

_SLACK = 1e-9
T = TypeVar("T")
Places = frozenset[tuple[str, str]]  # (measure, period)


@dataclass(frozen=True, slots=True)
class Best:
    """The least value over all schedules, and the least total money of those that reach it."""

    value: float
    spent: float


def best_schedule(
    network: Network,
    objective: Literal["flow", "profit"],
    budgets: list[float],
    *,
    carry: bool = False,
) -> Best:
    """Return the best of all schedules within the money of each period, M USD a year."""
    spent = dict(feasible(network, budgets, carry=carry))
    values = {plan: value_over_time(network, plan, objective) for plan in spent}
    least = min(values.values())
    near = [p for p, value in values.items() if value <= least + 1e-6 * max(1.0, abs(least))]
    return Best(least, min(spent[plan] for plan in near))


def feasible(
    network: Network, budgets: list[float], *, carry: bool = False
) -> Iterator[tuple[Places, float]]:
    """Yield the measures in force of every schedule that keeps all, with the least total money."""
    starts = [sum(p.years for p in network.periods[:t]) for t in range(len(network.periods))]
    each = [(row, t) for row in network.measures for t in range(len(starts))]
    each = [(row, t) for row, t in each if _may_be(network, row, starts, t)]
    for chosen in _subsets(each):
        if not _keeps_rules(network, {(row.measure, t) for row, t in chosen}):
            continue
        bought = [(row, q) for row in {r for r, _ in chosen if r.setup} for q in range(len(starts))]
        money = [
            total
            for made in _subsets(bought)
            if all(not row.setup or _served(row, starts, t, made) for row, t in chosen)
            and (total := _spent(network, list(chosen), made, budgets, carry=carry)) is not None
        ]
        if money:
            names = frozenset((row.measure, network.periods[t].period) for row, t in chosen)
            yield names, min(money)


def _subsets(items: list[T]) -> Iterator[tuple[T, ...]]:
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))


def _may_be(network: Network, row: Measure, starts: list[float], t: int) -> bool:
    order = [period.period for period in network.periods]
    if row.from_ and t < order.index(row.from_):
        return False
    if row.until and t > order.index(row.until):
        return False
    return bool(row.setup) or starts[t] >= row.lead - _SLACK


def _served(
    row: Measure, starts: list[float], t: int, made: tuple[tuple[Measure, int], ...]
) -> bool:
    lasts = float("inf") if row.lasts is None else row.lasts
    return any(
        bought is row and row.lead - _SLACK <= starts[t] - starts[q] < row.lead + lasts - _SLACK
        for bought, q in made
    )


def _keeps_rules(network: Network, chosen: set[tuple[str, int]]) -> bool:
    for rule in network.rules:
        for t in [t for measure, t in chosen if measure == rule.measure]:
            if rule.relation == "requires" and (rule.other, t) not in chosen:
                return False
            if rule.relation == "excludes" and (rule.other, t) in chosen:
                return False
            if rule.relation == "after" and not any((rule.other, s) in chosen for s in range(t)):
                return False
    limits = {row.resource: row.limit for row in network.resources if row.limit is not None}
    for t in range(len(network.periods)):
        for resource, limit in limits.items():
            used = sum(
                use.amount
                for use in network.uses
                if use.resource == resource and (use.measure, t) in chosen
            )
            if used > limit + _SLACK * max(1.0, limit):
                return False
    return True


def _spent(
    network: Network,
    chosen: list[tuple[Measure, int]],
    made: tuple[tuple[Measure, int], ...],
    budgets: list[float],
    *,
    carry: bool,
) -> float | None:
    """Return the money of all periods, M USD; None where it is more than there is."""
    saved = total = 0.0
    for t, (period, budget) in enumerate(zip(network.periods, budgets, strict=True)):
        spent = sum(row.cost for row, s in chosen if s == t) * period.years
        spent += sum(row.setup for row, q in made if q == t)
        there = budget * period.years + saved
        if spent > there + _SLACK * max(1.0, there):
            return None
        saved = there - spent if carry else 0.0
        total += spent
    return total
