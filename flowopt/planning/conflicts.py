"""Conflicts: the smallest sets of conditions of a request that no plan meets together.

A condition is an ``include``, an ``exclude``, the budget, a limit of another resource, or the
target. Rules and costs are facts of the network. What is forced, with all that it requires, is part
of every plan, and costs and uses are never negative. So conditions (without a target) conflict in
one of three ways, and the smallest set of each is computed:

- what is forced needs two measures that exclude each other: one ``include``, or two;
- what is forced needs a measure that is excluded: an ``include`` and an ``exclude``;
- what is forced costs or uses too much: a limit, and the fewest ``include`` that exceed it. What
  they need may overlap, so this is a search over how many, by branch and bound: a measure adds
  the less the more is there already, which bounds what the rest can add.

`flowopt.planning.conflict_target` adds the target.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from flowopt.model.feasible_plans import PlanConstraints, closure, slack
from flowopt.model.incumbent import Plan
from flowopt.planning.plan_constraints import PlanProblem, forced_plan, plan_totals

_NODES = 100_000  # of the search for the fewest that exceed a limit
ConditionKind = Literal["include", "exclude", "budget", "resource", "target"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: `index` of the measure or resource, `amount` of a limit or the target."""

    kind: ConditionKind
    index: int = -1
    amount: float = math.inf


@dataclass(frozen=True, slots=True)
class Conflict:
    """Conditions that no plan can meet together: an infeasible subsystem.

    Attributes
    ----------
    conditions : tuple of Condition
        In the order: target, include, exclude, budget, resources.
    reason : str
        A sentence.
    smallest : bool
        Whether it is proved that no fewer conditions of the request conflict.
    """

    conditions: tuple[Condition, ...]
    reason: str
    smallest: bool = True


class Conditions:
    """Conditions of one request, and the conflicts among them.

    Parameters
    ----------
    problem
        The request on its network. Resources that it does not limit have the network's limits.
    deadline
        `time.perf_counter` at which to stop, or None.
    """

    def __init__(
        self,
        problem: PlanProblem,
        *,
        deadline: float | None = None,
    ) -> None:
        self.problem = problem
        self.network, self.model, self.limits = problem.network, problem.model, problem.constraints
        self.target = problem.request.target
        self.deadline = deadline
        self._given = frozenset(problem.request.resources)
        self._needs = {i: closure(self.model, [i]) for i in sorted(self.limits.include)}

    def all(self) -> tuple[Condition, ...]:
        """Return every condition, in the order of `Conflict.conditions`."""
        conditions = [] if self.target is None else [Condition("target", amount=self.target)]
        conditions += [Condition("include", i) for i in sorted(self.limits.include)]
        conditions += [Condition("exclude", i) for i in sorted(self.limits.exclude)]
        if math.isfinite(self.limits.budget):
            conditions.append(Condition("budget", amount=self.limits.budget))
        return (
            *conditions,
            *(Condition("resource", r, limit) for r, limit in self.limits.resources),
        )

    def limits_of(self, conditions: Iterable[Condition]) -> PlanConstraints:
        """Return the constraints on plans that some of the conditions make."""
        kept = set(conditions)
        budgets = [d.amount for d in kept if d.kind == "budget"]
        return PlanConstraints(
            budget=min(budgets, default=math.inf),
            resources=tuple(
                (r, limit)
                for r, limit in self.limits.resources
                if Condition("resource", r, limit) in kept
            ),
            include=frozenset(d.index for d in kept if d.kind == "include"),
            exclude=frozenset(d.index for d in kept if d.kind == "exclude"),
        )

    def violated_by(self, plan: Plan) -> set[Condition]:
        """Return the conditions, but for the target, that a plan violates."""
        spent, used = plan_totals(self.model, sorted(plan))
        violated = {Condition("include", i) for i in self.limits.include - plan}
        violated |= {Condition("exclude", i) for i in self.limits.exclude & plan}
        if spent > self.limits.budget + slack(self.limits.budget):
            violated.add(Condition("budget", amount=self.limits.budget))
        for resource, limit in self.limits.resources:
            if used[self.model.resources[resource]] > limit + slack(limit):
                violated.add(Condition("resource", resource, limit))
        return violated

    # -- the smallest conflict, target aside ---------------------------------------------------

    def conflict(self) -> Conflict | None:
        """Return the smallest conflict whatever the target, None if there is none."""
        smallest = min(self._rule_conflicts(), key=lambda c: len(c.conditions), default=None)
        complete = True
        for limit in self._exceeded():
            most = len(self._needs) if smallest is None else len(smallest.conditions) - 2
            smaller, whole = self._fewest(limit, most)
            complete = complete and whole
            if smaller is None and smallest is None:
                smaller = self._irreducible(limit)
            smallest = smaller or smallest
        return None if smallest is None else replace(smallest, smallest=complete)

    def _rule_conflicts(self) -> Iterator[Conflict]:
        """Yield the conflicts of forced measures with rules and with excluded measures."""
        names = self.model.measures
        for a, b in self.model.excludes:
            sides = [[i for i, needs in self._needs.items() if m in needs] for m in (a, b)]
            both = [i for i in sides[0] if i in sides[1]]
            if not sides[0] or not sides[1]:
                continue
            forced = [both[0]] if both else sorted({sides[0][0], sides[1][0]})
            reason = f"{names[a]} and {names[b]} exclude each other"
            chains = [self._chain(forced, m) for m in (a, b)]
            rules = ", ".join(dict.fromkeys(rule for chain in chains for rule in chain))
            yield Conflict(
                tuple(Condition("include", i) for i in forced),
                f"{reason}{f'; {rules}' if rules else ''}.",
            )
        for i, needs in self._needs.items():
            for barred in sorted(self.limits.exclude & needs):
                rules = ", ".join(self._chain([i], barred))
                reason = f"{rules}." if rules else f"{names[i]} can't be in the plan and out of it."
                yield Conflict((Condition("include", i), Condition("exclude", barred)), reason)

    def _exceeded(self) -> Iterator[Condition]:
        """Yield the limits that all forced measures together exceed."""
        for condition in sorted(self.violated_by(forced_plan(self.model, self.limits)), key=_order):
            if condition.kind in ("budget", "resource"):
                yield condition

    def _fewest(self, limit: Condition, most: int) -> tuple[Conflict | None, bool]:
        """Return the conflict of a limit with the fewest forced measures, at most so many.

        Also whether the search for them is complete.
        """
        amounts = self._amounts(limit)
        over = _SmallestCover(list(self._needs.values()), amounts, limit.amount, self.deadline)
        chosen, whole = over.find(most)
        if chosen is None:
            return None, whole
        return self._limit_conflict([list(self._needs)[place] for place in chosen], limit), whole

    def _irreducible(self, limit: Condition) -> Conflict:
        """Return an irreducible conflict of a limit with forced measures."""
        amounts, forced = self._amounts(limit), list(self._needs)
        for i in list(forced):
            fewer = [j for j in forced if j != i]
            total = math.fsum(amounts[m] for m in closure(self.model, fewer))
            if total > limit.amount + slack(limit.amount):
                forced = fewer
        return self._limit_conflict(forced, limit)

    def _amounts(self, limit: Condition) -> Sequence[float]:
        if limit.kind == "budget":
            return [float(cost) for cost in self.model.measure_cost]
        return [float(amount) for amount in self.model.uses[limit.index]]

    def _limit_conflict(self, forced: list[int], limit: Condition) -> Conflict:
        forced = sorted(forced)
        names, amounts = self.model.measures, self._amounts(limit)
        needed = closure(self.model, forced)
        total = math.fsum(amounts[m] for m in needed)
        extra = [m for m in sorted(needed - set(forced)) if amounts[m] > 0.0]
        added_by = [
            (m, next(a for a, b in self.model.requires if b == m and a in needed)) for m in extra
        ]
        added = _listed([f"{names[m]}, which {names[a]} requires" for m, a in added_by])
        subject = _listed([names[i] for i in forced]) + (f" with {added}," if added else "")
        one = len(forced) == 1 and not extra
        if limit.kind == "budget":
            effect = f"cost{'s' if one else ''} {total:g} M {self.network.info.currency}"
        else:
            effect = f"use{'s' if one else ''} {total:g} of {self.model.resources[limit.index]}"
        return Conflict((*(Condition("include", i) for i in forced), limit), f"{subject} {effect}.")

    def _chain(self, forced: list[int], needed: int) -> list[str]:
        """Return the rules by which one of some measures requires another, as phrases."""
        required_by: dict[int, int] = {}
        queue = deque(forced)
        while queue and needed not in required_by and needed not in forced:
            at = queue.popleft()
            for a, b in self.model.requires:
                if a == at and b not in required_by and b not in forced:
                    required_by[b] = a
                    queue.append(b)
        chain: list[str] = []
        at = needed
        while at in required_by:
            chain.insert(
                0, f"{self.model.measures[required_by[at]]} requires {self.model.measures[at]}"
            )
            at = required_by[at]
        return chain

    # -- messages ------------------------------------------------------------------------------

    def label(self, condition: Condition) -> str:
        """Return a condition as the option that sets it."""
        if condition.kind in ("include", "exclude"):
            return f"--{condition.kind} {self.model.measures[condition.index]}"
        if condition.kind != "resource":
            return f"--{condition.kind} {condition.amount:g}"
        name = self.model.resources[condition.index]
        if name in self._given:
            return f"--resource {name}={condition.amount:g}"
        return f"the network's limit of {condition.amount:g} on {name}"

    def message(self, conflict: Conflict) -> str:
        """Return the message for a conflict."""
        listed = _listed([self.label(condition) for condition in conflict.conditions])
        if len(conflict.conditions) == 1:
            return f"This demand can't be met: {listed}. {conflict.reason}"
        doubt = "" if conflict.smallest else ", though fewer of them may clash already"
        return f"These demands clash{doubt}: {listed}. {conflict.reason}"


def _order(condition: Condition) -> tuple[int, int]:
    kinds = ("target", "include", "exclude", "budget", "resource")
    return kinds.index(condition.kind), condition.index


def ordered(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Return conditions in the order of `Conflict.conditions`."""
    return tuple(sorted(conditions, key=_order))


def _listed(label: list[str]) -> str:
    return " and ".join([", ".join(label[:-1]), label[-1]] if len(label) > 1 else label)


class _SmallestCover:
    """Smallest family of sets whose union exceeds a limit, by branch and bound on its size."""

    def __init__(
        self, sets: list[Plan], amounts: Sequence[float], limit: float, deadline: float | None
    ) -> None:
        self._sets, self._amounts, self._deadline = sets, amounts, deadline
        self._least = limit + slack(limit)
        self._left = _NODES

    def find(self, most: int) -> tuple[tuple[int, ...] | None, bool]:
        """Return the places of the fewest sets, up to `most`, and whether the search ended."""
        for count in range(1, most + 1):
            cover = self._extend((), frozenset(), range(len(self._sets)), count)
            if cover is not None:
                return cover, True
            if self._stopped():
                return None, False
        return None, True

    def _stopped(self) -> bool:
        late = self._deadline is not None and time.perf_counter() > self._deadline
        return late or self._left < 0

    def _weight(self, members: Iterable[int]) -> float:
        return math.fsum(self._amounts[m] for m in members)

    def _extend(
        self, chosen: tuple[int, ...], union: Plan, rest: Sequence[int], count: int
    ) -> tuple[int, ...] | None:
        """Return `chosen` with `count` more of `rest` that exceed the limit, if there are any."""
        weight = self._weight(union)
        if weight > self._least:
            return chosen
        self._left -= 1
        if count == 0 or self._stopped():
            return None
        gains = sorted(((self._weight(self._sets[p] - union), -p) for p in rest), reverse=True)
        # What is there already only makes a set add less, so no `count` sets from here on can add
        # more than the next `count` gains.
        least = self._least * (1.0 - 1e-12)
        places = [-p for _, p in gains]
        for number, place in enumerate(places):
            if weight + math.fsum(gain for gain, _ in gains[number : number + count]) <= least:
                return None
            following = places[number + 1 :]
            more = union | self._sets[place]
            cover = self._extend((*chosen, place), more, following, count - 1)
            if cover is not None or self._stopped():
                return cover
        return None
