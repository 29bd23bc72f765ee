"""Branch and bound over plans, each valued by the trafficker's own programme.

A node (I, O) holds the plans that have all of I and none of O. I keeps the limits, and with them
everything that it requires. Let y be a best response to I, and H the measures that touch what y
uses. A plan of the node that adds none of H leaves y a best response, so it has the value of I
itself; every other holds a first one of H. So the children are

    (I + h_1, O),   (I + h_2, O + h_1),   (I + h_3, O + h_1 + h_2),   ...

and a node is left alone where a bound says that nothing in it can matter. With V the trafficker's
optimum, A all that may still be added to I, and g what each measure takes at most of what y brings
(`PlanEffects.most_lost`), every plan P of the node has

    V(P) >= V(A)                                    measures never help the trafficker
    V(P) >= V(I) - max { sum of g over D : D within what is left of the limits }.

This is a bound on the objective where both levels count the same. Where the planner counts tonnes
and the trafficker money, the response to P is a flow that is possible under I and earns, at the
prices of I, no less than V(P). So with F the better of the two bounds on V(P), its tonnes are at
least those of the least flow under I that earns F: `BestResponseSolver.least_delivered`.

Two goals share the tree: the least value, and the first of the plans (by cost, then in file order)
whose value is a given one or less. Nothing is solved but the trafficker's programme, from plan to
plan by changes of bounds. docs/formulation.md has the proofs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from flowopt.model.activities import ActivityModel, Flags, Indices
from flowopt.model.feasible_plans import PlanConstraints, allowed, closure, most_gained, plan_key
from flowopt.model.incumbent import Plan
from flowopt.model.plan_room import PlanRoom
from flowopt.model.plan_values import Line, PlanResponse, PlanValues


class Goal(Protocol):
    """The plan that a tree looks for.

    Attributes
    ----------
    limits : PlanConstraints
        What a plan may be to be of use; they narrow as better plans are found.
    """

    limits: PlanConstraints

    def matters(self, value: float) -> bool:
        """Return whether a plan of this value could be of use."""
        ...

    def near(self, value: float) -> bool:
        """Return whether it could be of use, or is as good as the plan that is known."""
        ...

    def may_hold(self, plan: Plan, more: Mapping[int, Plan]) -> bool:
        """Return whether plans from `plan` on, by any of `more`, could be of use by their cost."""
        ...

    def take(self, plan: Plan, value: float, free: list[Plan]) -> None:
        """Take a plan that matters; its value stays what it is with any of `free`."""
        ...


class LeastValue:
    """Goal of the least value: any of the plans within `same` of it will do.

    Parameters
    ----------
    limits
        What a plan may be.
    value, plan
        A plan that keeps them, and its value.
    same
        Values closer than this are one.
    """

    def __init__(self, limits: PlanConstraints, value: float, plan: Plan, same: float) -> None:
        self.limits = limits
        self.value, self.plan = value, plan
        self._same = same

    def matters(self, value: float) -> bool:
        """Return whether a plan of this value would be better."""
        return value < self.value - self._same

    def near(self, value: float) -> bool:
        """Return whether it would be better, or is as good but for rounding."""
        return value <= self.value + _NEAR * self._same

    def may_hold(self, plan: Plan, more: Mapping[int, Plan]) -> bool:  # noqa: ARG002  # the protocol's
        """Return that every plan may be better, whatever it costs."""
        return True

    def take(self, plan: Plan, value: float, free: list[Plan]) -> None:  # noqa: ARG002  # likewise
        """Take a better plan."""
        self.value, self.plan = value, plan


class LeastCost:
    """Goal of the first plan, by cost and then in file order, of a value or less.

    Parameters
    ----------
    model, limits
        The network, and what a plan may be.
    worst
        The value.
    plan
        A plan that keeps the limits and has it, if one is known.
    """

    def __init__(
        self, model: ActivityModel, limits: PlanConstraints, worst: float, plan: Plan | None = None
    ) -> None:
        self.limits = limits
        self.plan: Plan | None = None
        self._model, self._worst = model, worst
        if plan is not None:
            self._hold(plan)

    @property
    def cost(self) -> float:
        """Cost of the plan; infinity where there is none."""
        return np.inf if self.plan is None else self._first[0]

    def matters(self, value: float) -> bool:
        """Return whether a plan of this value will do."""
        return value <= self._worst

    def near(self, value: float) -> bool:
        """Return whether a plan of this value will do."""
        return self.matters(value)

    def may_hold(self, plan: Plan, more: Mapping[int, Plan]) -> bool:
        """Return whether a plan that holds this one may come before the one that is known."""
        if self.plan is None:
            return True
        cost, members = plan_key(self._model, plan)
        if cost != self._first[0]:
            return cost < self._first[0]
        if not members:
            return self.plan != plan
        free = (m for m, w in more.items() if plan_key(self._model, plan | w)[0] == cost)
        early = {*members, *(m for m in free if m < members[-1])}
        return tuple(sorted(early)) < self._first[1]

    def take(self, plan: Plan, value: float, free: list[Plan]) -> None:  # noqa: ARG002  # the protocol's
        """Take a plan that will do, with what costs nothing and puts it further to the front."""
        for added in free:
            grown = plan | added
            earlier = plan_key(self._model, grown) < plan_key(self._model, plan)
            if earlier and allowed(self._model, self.limits, grown):
                plan = grown
        if self.plan is None or plan_key(self._model, plan) < self._first:
            self._hold(plan)

    def _hold(self, plan: Plan) -> None:
        self.plan, self._first = plan, plan_key(self._model, plan)
        self.limits = replace(self.limits, budget=min(self.limits.budget, self._first[0]))


_NEAR = 2.0  # times what counts as the same: what an equally good plan may be worth more


@dataclass(frozen=True, slots=True)
class _Node:
    """Plans that hold all of `chosen` and none of `barred`.

    Attributes
    ----------
    bound : float
        On the planner's objective under all of them.
    floor : float
        On the trafficker's optimum under all of them.
    line : Line
        A bound on the planner's objective by the trafficker's optimum.
    every : frozenset of int or None
        All that the parent's plans could hold; `floor` is no lower than the optimum under it.
    """

    chosen: Plan
    barred: Plan
    bound: float
    floor: float
    line: Line
    every: Plan | None


class PlanTree:
    """One search through all allowed plans, until it is done or told to stop.

    Parameters
    ----------
    model, values
        The network, and the values of plans with the bounds they imply.
    goal
        What is looked for.

    Attributes
    ----------
    work : float
        Simplex iterations so far, and the size of the programme for each plan looked at.
    nodes : int
        Plans looked at.
    """

    def __init__(self, model: ActivityModel, values: PlanValues, goal: Goal) -> None:
        self.nodes = 0
        self._model, self._values, self._goal = model, values, goal
        self._began = values.iterations
        self._limits, self._room = goal.limits, PlanRoom(model, goal.limits)
        root = closure(model, goal.limits.include)
        self._open = [_Node(root, goal.limits.exclude, 0.0, 0.0, values.first_line, None)]
        if not allowed(model, goal.limits, root):
            self._open = []
        self._deferred: list[_Node] = []
        self._near: list[tuple[Plan, float, list[Plan]]] = []

    def following(self, goal: Goal) -> PlanTree:
        """Return the search for the first of the plans that are as good as the best one.

        It looks only at what this one, which is done, left alone; all else is worse.
        """
        tree = PlanTree(self._model, self._values, goal)
        tree._open = [node for node in self._deferred if goal.matters(node.bound)]
        for plan, value, free in self._near:
            if goal.matters(value):
                goal.take(plan, value, free)
        return tree

    @property
    def work(self) -> float:
        """Simplex iterations so far, and the size of the programme for each plan looked at."""
        return self._values.iterations - self._began + self.nodes * self._values.visit

    @property
    def done(self) -> bool:
        """True where nothing is left that could be of use."""
        return not self._open

    @property
    def bound(self) -> float:
        """A bound on the planner's objective under what is left; infinity where nothing is."""
        return min((node.bound for node in self._open), default=np.inf)

    @property
    def cost_bound(self) -> float:
        """A bound on the cost of what is left; infinity where nothing is."""
        costs = (plan_key(self._model, node.chosen)[0] for node in self._open)
        return min(costs, default=np.inf)

    def run(self, stop: Callable[[], bool]) -> None:
        """Look at plans until nothing is left, or `stop` says so.

        What raises leaves all that is not looked at to the next run.
        """
        while self._open and not stop():
            children = self._children(self._open[-1])
            self._open.pop()
            self._open.extend(reversed(children))

    def _children(self, node: _Node) -> list[_Node]:
        """Look at the plan of a node; return the nodes of what else may be of use in it."""
        goal, values = self._goal, self._values
        if not goal.matters(node.bound):
            return self._left([node])
        if goal.limits is not self._limits:
            self._limits, self._room = goal.limits, PlanRoom(self._model, goal.limits)
        more = self._more(node)
        every = node.chosen.union(*more.values())
        floor = node.floor
        if every != node.every:
            floor = max(floor, self._optimum(every))
        bound = max(node.bound, node.line.bound(floor))
        node = replace(node, bound=bound, floor=floor, every=every)
        if not goal.matters(bound) or not goal.may_hold(node.chosen, more):
            return self._left([node])
        self.nodes += 1
        response = values.respond(node.chosen, every, goal.near)
        if goal.near(response.value):
            untouched = {m for m in more if not response.touching[m]}
            free = [added for added in more.values() if added <= untouched]
            self._near.append((node.chosen, response.value, free))
            if goal.matters(response.value):
                goal.take(*self._near[-1])
        if not response.touching.any() or not goal.may_hold(node.chosen, more):
            return []
        children = self._split(node, response)
        kept = [child for child in children if goal.matters(child.bound)]
        self._left([child for child in children if not goal.matters(child.bound)])
        return kept

    def _left(self, nodes: list[_Node]) -> list[_Node]:
        """Leave nodes alone, for good unless plans of theirs may be as good; return none."""
        self._deferred += [node for node in nodes if self._goal.near(node.bound)]
        return []

    def _more(self, node: _Node) -> dict[int, Plan]:
        """Return the measures that a plan of the node may add, each with what it requires."""
        measures = self._room.open(self._flags(node.chosen), self._flags(node.barred))
        return {m: self._room.whole[m] - node.chosen for m in np.flatnonzero(measures).tolist()}

    def _optimum(self, every: Plan) -> float:
        """Return the trafficker's optimum under all that the plans of a node may hold."""
        self.nodes += 1
        optimum = self._values.optimum(every)
        of_use = self._values.zero_sum and self._goal.matters(optimum)
        if of_use and allowed(self._model, self._goal.limits, every):
            self._goal.take(every, optimum, [])
        return optimum

    def _split(self, node: _Node, response: PlanResponse) -> list[_Node]:
        """Return the node of each first measure that touches the response; or itself, if no use."""
        room, plan = self._room, self._flags(node.chosen)
        left = room.left(plan)
        gained = most_gained(response.gains, room.amounts, left)
        floor = max(node.floor, response.optimum - float(gained))
        line = self._values.line(node.chosen, floor)
        bound = max(node.bound, line.bound(floor))
        if not self._goal.matters(bound):
            return [replace(node, bound=bound)]
        order = np.flatnonzero(response.touching)
        order = order[np.argsort(-response.gains[order], kind="stable")]
        barred = self._before(order)
        barred[:, list(node.barred)] = True
        added = (room.with_required[order].toarray() > 0.0) & ~plan
        gains = np.where(added | barred, 0.0, response.gains)
        gained = (added @ response.gains) + most_gained(
            gains, room.amounts, left - room.added(plan)[order]
        )
        floors = np.maximum(floor, response.optimum - gained)
        bounds = np.maximum(bound, line.bound(floors))
        possible: Flags = np.logical_not((added & barred).any(axis=1))
        return [
            _Node(
                node.chosen | room.whole[measure],
                frozenset(np.flatnonzero(barred[k]).tolist()),
                float(bounds[k]),
                float(floors[k]),
                line,
                node.every,
            )
            for k, measure in enumerate(order.tolist())
            if possible[k]
        ]

    def _before(self, order: Indices) -> npt.NDArray[np.bool_]:
        """Return flags of the measures before each of an order, a row for each."""
        before = np.zeros((len(order), len(self._model.measures)), dtype=np.bool_)
        before[:, order] = np.tri(len(order), k=-1) > 0.0
        return before

    def _flags(self, plan: Plan) -> Flags:
        flags = np.zeros(len(self._model.measures), dtype=np.bool_)
        flags[list(plan)] = True
        return flags
