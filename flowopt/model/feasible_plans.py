"""Feasible plans: budgets, resources and rules, what they bound, and what measures require."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

import numpy as np

from flowopt.model.activities import ActivityModel, Floats

SUM_SLACK = 1e-9  # sums of costs and uses are compared with this much slack (format.md)
_NOTHING = 1e-6  # of a measure: none of it


@dataclass(frozen=True, slots=True)
class PlanConstraints:
    """Constraints of a plan: budgets, forced and forbidden measures, and plans ruled out singly.

    Attributes
    ----------
    budget : float
        Most the plan may cost, M USD a year.
    resources : tuple of (int, float)
        (resource, limit) pairs; a resource that is not named does not bind.
    include, exclude : frozensets of int
        Measures that must, or may not, be in the plan.
    covers : tuple of frozensets of int
        Sets of measures that may not all be chosen together.
    """

    budget: float
    resources: tuple[tuple[int, float], ...] = ()
    include: frozenset[int] = frozenset()
    exclude: frozenset[int] = frozenset()
    covers: tuple[frozenset[int], ...] = ()


def allowed(model: ActivityModel, limits: PlanConstraints, plan: Iterable[int]) -> bool:
    """Return whether a plan keeps every limit and rule, sums compared with the format's slack."""
    chosen = frozenset(plan)
    members = sorted(chosen)
    if not limits.include <= chosen or limits.exclude & chosen:
        return False
    if model.measure_cost[members].sum() > limits.budget + slack(limits.budget):
        return False
    if any(
        model.uses[resource, members].sum() > limit + slack(limit)
        for resource, limit in limits.resources
    ):
        return False
    if any(a in chosen and b not in chosen for a, b in model.requires):
        return False
    if any(a in chosen and chosen.isdisjoint(some) for a, some in model.needs):
        return False
    if any(cover <= chosen for cover in limits.covers):
        return False
    return not any(a in chosen and b in chosen for a, b in model.excludes)


def out_of_reach(model: ActivityModel, limits: PlanConstraints) -> frozenset[int]:
    """Return the measures that no allowed plan holds, with what is forced beside them.

    They are excluded, or with all that they require they break a limit or a rule. Of several
    measures of which one is needed none is counted.
    """
    forced = _required(model, limits.include)
    return frozenset(
        measure
        for measure in range(len(model.measures))
        if not _fits(model, limits, _required(model, {*forced, measure}))
    )


def _required(model: ActivityModel, measures: Iterable[int]) -> frozenset[int]:
    """Return measures and all that they require."""
    closed = set(measures)
    while more := {b for a, b in model.requires if a in closed} - closed:
        closed |= more
    return frozenset(closed)


def _fits(model: ActivityModel, limits: PlanConstraints, some: frozenset[int]) -> bool:
    """Return whether measures break no limit and no rule that more of them would break as well."""
    members = sorted(some)
    amounts, most = limited_amounts(model, limits)
    return not (
        some & limits.exclude
        or (amounts[:, members].sum(axis=1) > most).any()
        or any(cover <= some for cover in limits.covers)
        or any(a in some and b in some for a, b in model.excludes)
    )


def most_within(model: ActivityModel, limits: PlanConstraints, gains: Floats) -> float:
    """Return a bound on what measures can gain together under the budget and every other limit.

    Parameters
    ----------
    gains
        What each measure gains at most; together they gain no more than the sum.
    """
    gains = np.where(np.isin(np.arange(len(gains)), list(limits.exclude)), 0.0, gains)
    amounts, most = limited_amounts(model, limits)
    return float(most_gained(gains, amounts, most))


def limited_amounts(model: ActivityModel, limits: PlanConstraints) -> tuple[Floats, Floats]:
    """Return what each measure takes of every limited sum, and the limits with their slack.

    The budget comes first. Shapes are (sums, measures) and (sums,).
    """
    resources = [resource for resource, _ in limits.resources]
    amounts = np.vstack([model.measure_cost, *(model.uses[resource] for resource in resources)])
    most = np.array([limits.budget, *(limit for _, limit in limits.resources)])
    return amounts, most + SUM_SLACK * np.maximum(1.0, np.abs(most))


def most_gained(gains: Floats, amounts: Floats, left: Floats) -> Floats:
    """Return the most that parts of measures gain within each limited sum: the least of all sums.

    Parameters
    ----------
    gains
        What each measure gains at most, (..., measures); 0 for one that may not be chosen.
    amounts
        What each takes, (sums, measures).
    left
        What there is of each sum, (..., sums).
    """
    found = [_knapsack(gains, each, left[..., k]) for k, each in enumerate(amounts)]
    least: Floats = np.min(found, axis=0)
    return least


def _knapsack(gains: Floats, amounts: Floats, limit: Floats) -> Floats:
    """Return the most that parts of measures gain within a limit: the best per amount first."""
    free = amounts <= 0.0
    order = np.argsort(-gains[..., ~free] / amounts[~free], axis=-1, kind="stable")
    gained, taken = np.take_along_axis(gains[..., ~free], order, axis=-1), amounts[~free][order]
    left = limit[..., None] - (np.cumsum(taken, axis=-1) - taken)
    parts = np.clip(left / taken, 0.0, 1.0)
    most: Floats = gains[..., free].sum(axis=-1) + (gained * parts).sum(axis=-1)
    return most


def without(model: ActivityModel, plan: frozenset[int], measure: int) -> frozenset[int]:
    """Return a plan without a measure, and without those that may not stay without it."""
    gone = {measure}
    while True:
        more = {a for a, b in model.requires if a in plan and b in gone}
        more |= {a for a, some in model.needs if a in plan and (plan - gone).isdisjoint(some)}
        more -= gone
        if not more:
            return plan - gone
        gone |= more


def closure(model: ActivityModel, measures: Iterable[int]) -> frozenset[int]:
    """Return measures with everything that they require, and one of those that they need."""
    closed = set(measures)
    while True:
        more = {b for a, b in model.requires if a in closed} - closed
        more |= {some[-1] for a, some in model.needs if a in closed and closed.isdisjoint(some)}
        if not more:
            return frozenset(closed)
        closed |= more


def rounded(
    model: ActivityModel, limits: PlanConstraints, shares: Floats, first: Iterable[int]
) -> frozenset[int]:
    """Return the allowed plan that takes measures by their shares, the largest first.

    Parameters
    ----------
    shares
        Of each measure, from 0 to 1; those of nothing are left out.
    first
        An allowed plan that it holds.
    """
    plan = frozenset(first)
    for measure in np.argsort(-shares, kind="stable").tolist():
        if shares[measure] <= _NOTHING:
            break
        grown = closure(model, {*plan, measure})
        if measure not in plan and allowed(model, limits, grown):
            plan = grown
    return plan


def with_others(model: ActivityModel, plan: Container[int]) -> list[int]:
    """Return the measures that do not come alone on top of a plan: it lacks what they require.

    What one of them takes is no bound on what it takes with those that come along.
    """
    alone = [a for a, b in model.requires if b not in plan]
    return alone + [a for a, some in model.needs if not any(b in plan for b in some)]


def plan_key(model: ActivityModel, plan: Iterable[int]) -> tuple[float, tuple[int, ...]]:
    """Return what ranks equally good plans: cost, then file order."""
    members = sorted(plan)
    return (round(float(model.measure_cost[members].sum()), 9), tuple(members))


def slack(limit: float) -> float:
    """Return by how much a sum may exceed `limit` and still count as equal."""
    return SUM_SLACK * max(1.0, abs(limit))
