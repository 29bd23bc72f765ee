"""Branch and bound over plans, each node bounded by a flow that spreads.

A node (I, O) holds the plans that have all of I and none of O; its bound is that of `SpreadFlow`,
from the basis of the node before it. The relaxed planner's shares say which plan to look at, and
which measure to branch on: the one that is nearest to half. Where measures close things outright,
the first node mostly proves the plan, as shares are whole there.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.feasible_plans import PlanConstraints, allowed, closure
from flowopt.model.incumbent import Plan
from flowopt.model.lexicographic import TOLERANCE
from flowopt.model.spread_flow import SpreadBound, SpreadFlow

_NOTHING = 1e-6  # share of a measure that the relaxed planner does not take


class Incumbent(Protocol):
    """The best plan so far, of a search, say."""

    value: float

    def offer(self, plan: Plan) -> bool:
        """Take a plan if it is better."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class _Node:
    """Plans that have all of `kept` and none of `barred`, lowest bound first."""

    value: float
    number: int
    kept: Plan
    barred: Plan
    found: SpreadBound


class SpreadTree:
    """One tree over all plans within limits.

    Parameters
    ----------
    model
        The rules of plans.
    flow
        Gives the bounds, for the same limits.
    limits
        What a plan may be.
    incumbent
        Takes the plans that are found.
    same
        Values closer than this are one.

    Attributes
    ----------
    bound : float
        What no plan within the limits goes below, so far.
    nodes : int
        Solved so far.
    """

    def __init__(
        self,
        model: ActivityModel,
        flow: SpreadFlow,
        limits: PlanConstraints,
        incumbent: Incumbent,
        *,
        same: float,
    ) -> None:
        self.bound = 0.0
        self.nodes = 0
        self._model, self._flow, self._limits = model, flow, limits
        self._incumbent, self._same = incumbent, same
        self._begun = False
        self._open: list[_Node] = []
        # The lowest bounds of nodes that are left alone: on their plans, and on those with each
        # measure and without.
        self._closed = np.inf
        self._least_with = np.full(len(model.measures), np.inf)
        self._least_without = np.full(len(model.measures), np.inf)

    def run(self, stop: Callable[[], bool]) -> None:
        """Go on until no plan can be better, or the work is used up, or told to stop.

        It may be told to go on later.
        """
        if not self._begun:
            self._begun = True
            if not self._enter(closure(self._model, self._limits.include), frozenset(), None):
                return
        while self._open and not self._hopeless(self.bound) and not stop():
            node = heapq.heappop(self._open)
            measure = self._branching(node)
            if measure is None:
                self._close(node.value, node.found)
            elif not self._branch(node, measure):
                heapq.heappush(self._open, node)
                return
            self._raise_bound()

    def limits_up_to(self, worst: float) -> PlanConstraints:
        """Return the limits with what is in every plan of this value or less, and in none."""
        if not self.nodes:
            return self._limits
        least_with = np.minimum.reduce(
            [self._least_with, *(node.found.least_with for node in self._open)]
        )
        least_without = np.minimum.reduce(
            [self._least_without, *(node.found.least_without for node in self._open)]
        )
        inside, outside = least_without > worst, least_with > worst
        return replace(
            self._limits,
            include=self._limits.include.union(np.flatnonzero(inside).tolist()),
            exclude=self._limits.exclude.union(np.flatnonzero(outside).tolist()),
        )

    @property
    def steps(self) -> int:
        """Iterations of the simplex so far."""
        return self._flow.iterations

    @property
    def effort(self) -> int:
        """Work so far: simplex iterations times rows."""
        return self._flow.iterations * self._flow.rows

    def _branch(self, node: _Node, measure: int) -> bool:
        """Put two nodes in the place of one; return whether both were solved."""
        needs = {a for a, _ in self._model.requires if measure in closure(self._model, {a})}
        for kept, barred in (
            (node.kept | closure(self._model, {measure}), node.barred),
            (node.kept, node.barred | {measure} | needs),
        ):
            if not self._enter(kept, barred, node):
                return False
        return True

    def _enter(self, kept: Plan, barred: Plan, above: _Node | None) -> bool:
        """Solve a node, unless no plan is in it; return whether that was possible."""
        if kept & barred or not allowed(self._model, self._limits, kept):
            return True
        found = self._flow.solve(kept, barred, None if above is None else above.found.basis)
        if found is None:
            return False
        if above is None and found.value > self._incumbent.value * (1.0 + TOLERANCE):
            return False  # by rounding: a plan is known that leaves less
        self.nodes += 1
        self._incumbent.offer(self._rounded(kept, barred, found.shares))
        value = found.value
        if above is not None:
            value = max(value, above.value)
            np.maximum(found.least_with, above.found.least_with, out=found.least_with)
            np.maximum(found.least_without, above.found.least_without, out=found.least_without)
        if self._hopeless(value):
            self._close(value, found)
        else:
            heapq.heappush(self._open, _Node(value, self.nodes, kept, barred, found))
        if above is None:
            self._raise_bound()
        return True

    def _close(self, value: float, found: SpreadBound) -> None:
        """Leave a node alone for good."""
        self._closed = min(self._closed, value)
        np.minimum(self._least_with, found.least_with, out=self._least_with)
        np.minimum(self._least_without, found.least_without, out=self._least_without)

    def _hopeless(self, bound: float) -> bool:
        """Return whether no plan above a bound is better than the incumbent."""
        return self._incumbent.value - bound <= self._same

    def _raise_bound(self) -> None:
        least = min(self._closed, self._open[0].value if self._open else np.inf)
        self.bound = max(self.bound, min(least, self._incumbent.value))

    def _rounded(self, kept: Plan, barred: Plan, shares: Floats) -> Plan:
        """Return a plan of the measures of which the relaxed planner takes most."""
        plan = kept
        for measure in np.argsort(-shares, kind="stable").tolist():
            if shares[measure] <= _NOTHING:
                break
            grown = closure(self._model, plan | {measure})
            if not grown & barred and allowed(self._model, self._limits, grown):
                plan = grown
        return plan

    def _branching(self, node: _Node) -> int | None:
        """Return the measure whose share is nearest to a half, None where all are in or out."""
        shares = node.found.shares.copy()
        shares[list(node.kept | node.barred)] = 0.0
        from_half = np.where(shares > _NOTHING, np.abs(shares - 0.5), np.inf)
        nearest = int(np.argmin(from_half))
        return nearest if np.isfinite(from_half[nearest]) else None
