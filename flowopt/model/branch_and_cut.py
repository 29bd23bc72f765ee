"""Branch and cut over the plan: a tree whose bounds come from cuts at its own fractional plans.

A node holds the plans with some measures in and some out. Its relaxation is the programme of cuts
(`cut_programme`) within these bounds. Each point that this returns goes to the programmes with what
acts held, one for each block (`luck_blocks`), whose cuts say what it is truly worth; they hold for
all plans, so what is learnt at one node is known at all. A node is left once its bound proves the
best plan; else the measure that should lift both halves most is branched on.

A whole plan is valued by the trafficker's own programmes. As no measure helps the trafficker, each
plan within it is worth no less, and a row

    sum of x over the measures outside it  >=  1

takes them all out of the tree, the bound on them being kept apart: no tolerance decides whether a
plan has been looked at. Where one is worth what the solver can't tell from its bound, it is still
looked at.

The least of the bounds of nodes open or left, and of what was taken out, is one on every allowed
plan at any time. Nodes and steps are counted; no clock enters what is done next.

Sources: R. M. Van Slyke and R. Wets, "L-shaped linear programs", SIAM Journal on Applied
Mathematics 17, 1969 (cuts); W. Ben-Ameur and J. Neto, "Acceleration of cutting-plane and column
generation algorithms", Networks 49, 2007 (points half way in); T. Achterberg, T. Koch and
A. Martin, "Branching rules revisited", Operations Research Letters 33, 2005.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from flowopt.model.activities import ActivityModel, Flags, Floats
from flowopt.model.cut_programme import CutProgramme, Relaxed
from flowopt.model.feasible_plans import PlanConstraints, allowed
from flowopt.model.incumbent import Plan
from flowopt.model.pseudo_costs import PseudoCosts
from flowopt.model.separation import Separation

_WHOLE = 1e-6  # from a whole number: a measure that near to it is in, or out
_ROOT_ROUNDS, _ROOT_STALE, _ROOT_GAIN = 80, 10, 2e-5
_STALE = 3  # rounds of the root without gain: then its own points are cut off, not those half way
_ROUNDS, _GAIN = 1, 1e-5  # of cuts at a node, and what one has to lift to be followed by another
_LOOKED_AT, _AMONG, _RELIABLE = 6, 12, 2  # strong branching


class Goal(Protocol):
    """The best plan so far, and when a bound is enough."""

    def offer(self, plan: Plan) -> float | None:
        """Value a whole plan, take it if it is better; return a bound on it, None without one."""

    def proving(self) -> float:
        """Return the least bound that proves the best plan."""

    def ended(self) -> bool:
        """Return whether to stop."""


@dataclass(frozen=True, slots=True)
class _Node:
    """Plans between bounds on each measure.

    Attributes
    ----------
    bound : float
        On all of them.
    branched : (int, bool, float) or None
        The measure branched on last, whether it is in, and by how much that moved it.
    """

    bound: float
    lower: Floats
    upper: Floats
    branched: tuple[int, bool, float] | None = None


class BranchAndCut:
    """One branch and cut, until it is done or told to stop.

    Parameters
    ----------
    rules, limits
        The measures of plans, and what plans may be.
    programme
        The programme of cuts, whose objective is in the goal's unit divided by `unit`.
    separation
        The blocks that its thetas stand for.
    goal
        What plans are worth.
    scale
        What the values of blocks are divided by: the criterion without measures. Must be positive.
    unit
        What the goal's values are divided by, where that is something else.

    Attributes
    ----------
    nodes : int
        Looked at so far.
    programme, separation
        As given.
    point : array
        Shares of the measures at the point of the relaxation that was looked at last.
    """

    def __init__(
        self,
        rules: ActivityModel,
        limits: PlanConstraints,
        programme: CutProgramme,
        separation: Separation,
        goal: Goal,
        *,
        scale: float,
        unit: float | None = None,
    ) -> None:
        self.nodes = 0
        self._rules, self._limits, self._goal, self._scale = rules, limits, goal, scale
        self._unit = scale if unit is None else unit
        self.programme, self.separation = programme, separation
        self._pseudo = PseudoCosts(len(rules.measures))
        every = np.arange(len(rules.measures))
        lower = np.isin(every, list(limits.include)).astype(float)
        upper = (~np.isin(every, list(limits.exclude))).astype(float)
        self._root = _Node(-np.inf, lower, upper)
        self.point: Floats = lower
        self._open: list[tuple[float, int, _Node]] = [(-np.inf, 0, self._root)]
        self._numbered = 1
        self._left = np.inf
        self._taken: set[Plan] = set()

    @property
    def bound(self) -> float:
        """A bound on every allowed plan, in the goal's unit; infinity where there is none."""
        nodes = min((bound for bound, _, _ in self._open), default=np.inf)
        return self._unit * min(nodes, self._left)

    @property
    def done(self) -> bool:
        """True where nothing is left that could be better."""
        return not self._open or self._open[0][0] >= self._proving()

    @property
    def work(self) -> int:
        """Simplex steps so far."""
        return self.programme.iterations + self.separation.work

    def start(self, plan: Plan) -> None:
        """Cut at a good plan, and then between it and the relaxation's points, at the root.

        It takes many cuts until the bound leaves what no plan goes below; only then it is stale.
        """
        self.programme.add(self.separation.everywhere(self._choices(plan)), self._scale)
        stale, last, first = 0, -np.inf, -np.inf
        for _ in range(_ROOT_ROUNDS):
            relaxed = self.programme.solve(self._root.lower, self._root.upper)
            if relaxed is None or relaxed.bound >= self._proving() or self._goal.ended():
                return
            stale = stale + 1 if relaxed.bound - last < _ROOT_GAIN else 0
            first = relaxed.bound if last == -np.inf else first
            last = max(last, relaxed.bound)
            self._open = [(last, 0, replace(self._root, bound=last))]
            if stale >= _ROOT_STALE and last > first + _ROOT_GAIN:
                return
            inward = stale < _STALE
            cuts = (self.separation.half_way if inward else self.separation.cutting_off)(relaxed)
            if not cuts:
                return
            self.programme.purge()
            self.programme.add(cuts, self._scale)

    def run(self, looked: Callable[[], None] = lambda: None) -> None:
        """Look at nodes, that of the least bound first, until nothing is left or the goal ends.

        `looked` is called after each of them.
        """
        while not self.done and not self._goal.ended():
            children = self._children(self._open[0][2])
            heapq.heappop(self._open)
            for child in children:
                heapq.heappush(self._open, (child.bound, self._numbered, child))
                self._numbered += 1
            looked()

    # -- nodes ----------------------------------------------------------------------------------

    def _children(self, node: _Node) -> list[_Node]:
        """Look at a node; return the two that it is branched into, none if it is left."""
        self.nodes += 1
        relaxed = self._bounded(node)
        if relaxed is None:
            return []
        self.programme.purge()
        self.point = relaxed.plan[: len(node.lower)]
        bound = max(node.bound, relaxed.bound)
        self._learn(node, bound)
        if self._leave(bound):
            return []
        lower, upper = self._fixed(node, relaxed)
        measure = self._branching(lower, upper, relaxed, bound)
        if measure is None:
            return self._at_the_end(lower, bound)
        children = []
        for chosen in (True, False):
            below, above = lower.copy(), upper.copy()
            (below if chosen else above)[measure] = float(chosen)
            moved = abs(float(chosen) - relaxed.plan[measure])
            branched = (measure, chosen, moved) if moved > _WHOLE else None
            children.append(_Node(bound, below, above, branched))
        return children

    def _bounded(self, node: _Node) -> Relaxed | None:
        """Cut off points of a node while that lifts much; None where no plan is in it."""
        rounds, previous = 0, -np.inf
        while True:
            relaxed = self.programme.solve(node.lower, node.upper)
            if relaxed is None or relaxed.bound >= self._proving() or self._goal.ended():
                return relaxed
            plan = self._whole(relaxed)
            if plan is not None and plan not in self._taken:
                self._take(plan)
                continue
            if rounds == _ROUNDS or relaxed.bound - previous < _GAIN:
                return relaxed
            cuts = self.separation.inside(relaxed, node.lower, node.upper)
            cuts = cuts or self.separation.splitting(relaxed)
            if not cuts:
                return relaxed
            self.programme.add(cuts, self._scale)
            previous, rounds = relaxed.bound, rounds + 1

    def _take(self, plan: Plan) -> None:
        """Take a whole plan, with all plans within it, out of the tree.

        It is valued unless its cuts say already that it is no better.
        """
        self._taken.add(plan)
        if not allowed(self._rules, self._limits, plan):
            self.programme.rule_out(self._flags(plan))
            return
        self.programme.add(self.separation.at_plan(self._choices(plan)), self._scale)
        flags = self._flags(plan).astype(float)
        relaxed = self.programme.solve(flags, flags)
        scaled = -np.inf if relaxed is None else relaxed.bound
        if scaled < self._proving():
            value = self._goal.offer(plan)
            scaled = scaled if value is None else value / self._unit
        self._left = min(self._left, scaled)
        self.programme.ask_for_more_than(self._flags(plan))

    def _at_the_end(self, lower: Floats, bound: float) -> list[_Node]:
        """Take the one plan of a node whose measures are all in or out, whatever is known of it."""
        plan = frozenset(np.flatnonzero(lower > 0.5).tolist())
        if allowed(self._rules, self._limits, plan):
            found = self._goal.offer(plan)
            self._left = min(self._left, bound if found is None else found / self._unit)
        return []

    def _leave(self, bound: float) -> bool:
        """Leave what has a bound alone if that proves the best plan; return whether it does."""
        if bound < self._proving():
            return False
        self._left = min(self._left, bound)
        return True

    def _fixed(self, node: _Node, relaxed: Relaxed) -> tuple[Floats, Floats]:
        """Return the bounds of a node without the halves that reduced costs leave."""
        lower, upper, proving = node.lower.copy(), node.upper.copy(), self._proving()
        for halves, side, value in ((relaxed.more, upper, 0.0), (relaxed.less, lower, 1.0)):
            left = (upper > lower) & (relaxed.bound + halves >= proving)
            if left.any():
                self._left = min(self._left, float((relaxed.bound + halves)[left].min()))
                side[left] = value
        return lower, upper

    # -- branching ------------------------------------------------------------------------------

    def _branching(
        self, lower: Floats, upper: Floats, relaxed: Relaxed, bound: float
    ) -> int | None:
        """Return the measure to branch on, None where all are in or out."""
        point = relaxed.plan[: len(lower)]
        free = upper > lower
        among = np.flatnonzero(free & (np.abs(point - np.round(point)) > _WHOLE))
        if not len(among):
            among = np.flatnonzero(free)
            return int(among[0]) if len(among) else None
        order = among[np.argsort(-self._pseudo.scores(among, point), kind="stable")][:_AMONG]
        unreliable = [m for m in order.tolist() if self._pseudo.tried(m) < _RELIABLE]
        for measure in unreliable[:_LOOKED_AT]:
            if self._goal.ended():
                break
            for chosen in (True, False):
                below, above = lower.copy(), upper.copy()
                (below if chosen else above)[measure] = float(chosen)
                half = self.programme.solve(below, above)
                lift = self._proving() - bound if half is None else half.bound - bound
                moved = abs(float(chosen) - point[measure])
                self._pseudo.note(measure, chosen=chosen, moved=moved, lift=lift)
        return int(order[np.argmax(self._pseudo.scores(order, point))])

    def _learn(self, node: _Node, bound: float) -> None:
        if node.branched is not None and np.isfinite(node.bound):
            measure, chosen, moved = node.branched
            self._pseudo.note(measure, chosen=chosen, moved=moved, lift=bound - node.bound)

    # -- plans ----------------------------------------------------------------------------------

    def _proving(self) -> float:
        return self._goal.proving() / self._unit

    def _whole(self, relaxed: Relaxed) -> Plan | None:
        """Return the plan of a point, None where it is none."""
        point = relaxed.plan[: len(self._rules.measures)]
        if np.abs(point - np.round(point)).max(initial=0.0) > _WHOLE:
            return None
        return frozenset(np.flatnonzero(point > 0.5).tolist())

    def _flags(self, plan: Plan) -> Flags:
        flags = np.zeros(len(self._rules.measures), dtype=np.bool_)
        flags[list(plan)] = True
        return flags

    def _choices(self, plan: Plan) -> Floats:
        return self._rules.chosen(plan).astype(float)
