"""Roles of measures, knees, steps and losses, worked out from the rows of a comparison.

Written apart from the code that made them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.planning.recheck.frontier_rows import SweepContext
from flowopt.planning.recheck.summary_checks import relative_gap
from flowopt.planning.recheck.table_checks import Difference, change_of

_KNEE = 0.75  # of what a million bought before: where one buys no more than that is a knee


@dataclass(frozen=True)
class Roles:
    """Roles of the measures in the plans of a sweep."""

    sweep: SweepContext

    def chosen(self, measure: str) -> list[bool]:
        """Return for each budget whether its plan holds a measure."""
        return [measure in plan for plan in self._plans]

    def of(self, measure: str) -> str:
        """Return the role of a measure."""
        held = self.chosen(measure)
        if not any(held):
            return "never"
        if all(chosen == bool(plan) for chosen, plan in zip(held, self._plans, strict=True)):
            return "core"
        return "switch" if False in held[held.index(True) :] else "stays"

    @cached_property
    def _plans(self) -> list[frozenset[str]]:
        return [frozenset(proof.measures) for _, proof in self.sweep.stated.planned]


def knees(sweep: SweepContext) -> list[float]:
    """Return the budgets beyond which further money buys much less.

    They are corners of the lowest curve under the values on which a million never buys more than
    the one before it.
    """
    points = [(row.budget, proof.value) for row, proof in sweep.stated.planned]
    hull: list[tuple[float, float]] = []
    for point in points:
        while len(hull) > 1 and _rate(hull[-2], hull[-1]) <= _rate(hull[-2], point):
            hull.pop()
        hull.append(point)
    corners = []
    for before, corner, after in zip(hull, hull[1:], hull[2:], strict=False):
        until = _rate(before, corner)
        if until > 0.0 and _rate(corner, after) <= _KNEE * until:
            corners.append(corner[0])
    return corners


def _rate(less: tuple[float, float], more: tuple[float, float]) -> float:
    money = more[0] - less[0]
    return (less[1] - more[1]) / money if money > 0.0 else 0.0


def steps_of(sweep: SweepContext) -> dict[float, str]:
    """Return for each budget ``proved`` or ``open``, as in frontier.csv; blank for a grid.

    It is proved where no cheaper plan does the same, and none does better than the row before by
    more than the gap. The row for the least money has nothing cheaper beside it.
    """
    steps = {row.budget: "" for row in sweep.stated.rows}
    if sweep.certificate.budgets != "all":
        return steps
    steps = dict.fromkeys(steps, "open")
    less: StatedProof | None = None
    for row, proof in sweep.stated.planned:
        alone = row.below is not None and row.below > proof.value + sweep.same / 4.0
        whole = less is None or (
            row.below is not None
            and relative_gap(less.value, row.below, sweep.stated.baseline) <= sweep.certificate.gap
        )
        if less is None or (alone and whole):
            steps[row.budget] = "proved"
        less = proof
    return steps


def complete(sweep: SweepContext) -> bool | None:
    """Return whether no change larger than the gap is missing; None for a grid."""
    if sweep.certificate.budgets != "all":
        return None
    rows = sweep.stated.planned
    floors = [row.below for row, _ in rows[1:]] + [sweep.stated.beyond]
    pairs = [(proof.value, floor) for (_, proof), floor in zip(rows, floors, strict=False)]
    gap = sweep.certificate.gap
    return bool(rows) and all(
        floor is not None and relative_gap(value, floor, sweep.stated.baseline) <= gap
        for value, floor in pairs
    )


def most_regret(sweep: SweepContext) -> Difference | None:
    """Return the largest loss of the ladder."""
    best = {row.budget: proof.value for row, proof in sweep.stated.planned}
    lost = [
        change_of(best[budget], rung.value)
        for budget, rung in sweep.stated.ladder
        if budget in best
    ]
    return max(lost, key=lambda each: each.value, default=None)
