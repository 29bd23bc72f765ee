"""Why a request has no answer: the smallest set of its demands that clash.

A demand is an ``include``, an ``exclude``, the budget, a limit of another resource, or the target.
Rules and costs are facts of the network. What is forced, with all that it requires, is part of
every plan, and costs and uses are never negative. So demands (without a target) clash in one of
three ways, and the fewest that do are found for each:

- what is forced needs two measures that exclude each other: one ``include``, or two;
- what is forced needs a measure that is excluded: an ``include`` and an ``exclude``;
- what is forced costs or uses too much: a limit, and the fewest ``include`` that are over it. What
  they need may overlap, so this is a search over how many, by branch and bound: a measure adds
  the less the more is there already, so what the rest can add at most is known.

`flowopt.planning.conflict_target` adds the target.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from flowopt.model.activities import ActivityModel
from flowopt.model.interdiction import Limits, closure, slack
from flowopt.model.search import Plan
from flowopt.network.network import Network
from flowopt.planning.plan_constraints import core, sums

_NODES = 100_000  # of the search for the fewest that are over a limit
Kind = Literal["include", "exclude", "budget", "resource", "target"]


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand: `index` is that of the measure or resource, `amount` a limit or the target."""

    kind: Kind
    index: int = -1
    amount: float = math.inf


@dataclass(frozen=True, slots=True)
class Clash:
    """Demands that no plan can meet together.

    Attributes
    ----------
    demands : tuple of Demand
        In the order: target, include, exclude, budget, resources.
    why : str
        The reason, a sentence.
    smallest : bool
        Whether it is proved that no fewer demands of the request clash.
    """

    demands: tuple[Demand, ...]
    why: str
    smallest: bool = True


class Demands:
    """The demands of one request, and what they come to.

    Parameters
    ----------
    network, model
        The network and its programme.
    limits
        What the request says of plans; a budget of infinity is none.
    given
        Resources whose limit came with the request; the others are those of the network.
    target
        What the objective is to be brought to, if asked.
    deadline
        `time.perf_counter` at which to stop, or None.
    """

    def __init__(
        self,
        network: Network,
        model: ActivityModel,
        limits: Limits,
        *,
        given: Iterable[str] = (),
        target: float | None = None,
        deadline: float | None = None,
    ) -> None:
        self.network, self.model, self.limits = network, model, limits
        self.target = target
        self.deadline = deadline
        self._given = frozenset(given)
        self._needs = {i: closure(model, [i]) for i in sorted(limits.include)}

    def all(self) -> tuple[Demand, ...]:
        """Return every demand, in the order in which they are named."""
        found = [] if self.target is None else [Demand("target", amount=self.target)]
        found += [Demand("include", i) for i in sorted(self.limits.include)]
        found += [Demand("exclude", i) for i in sorted(self.limits.exclude)]
        if math.isfinite(self.limits.budget):
            found.append(Demand("budget", amount=self.limits.budget))
        return (*found, *(Demand("resource", r, limit) for r, limit in self.limits.resources))

    def only(self, demands: Iterable[Demand]) -> Limits:
        """Return the limits that some of the demands make."""
        kept = set(demands)
        budgets = [d.amount for d in kept if d.kind == "budget"]
        return Limits(
            budget=min(budgets, default=math.inf),
            resources=tuple(
                (r, limit)
                for r, limit in self.limits.resources
                if Demand("resource", r, limit) in kept
            ),
            include=frozenset(d.index for d in kept if d.kind == "include"),
            exclude=frozenset(d.index for d in kept if d.kind == "exclude"),
        )

    def missed_by(self, plan: Plan) -> set[Demand]:
        """Return which demands, but for the target, a plan does not meet."""
        spent, used = sums(self.model, sorted(plan))
        missed = {Demand("include", i) for i in self.limits.include - plan}
        missed |= {Demand("exclude", i) for i in self.limits.exclude & plan}
        if spent > self.limits.budget + slack(self.limits.budget):
            missed.add(Demand("budget", amount=self.limits.budget))
        for resource, limit in self.limits.resources:
            if used[self.model.resources[resource]] > limit + slack(limit):
                missed.add(Demand("resource", resource, limit))
        return missed

    # -- the smallest clash, target aside ------------------------------------------------------

    def clash(self) -> Clash | None:
        """Return the smallest set of demands that clash whatever the target, None if none do."""
        found = min(self._by_rules(), key=lambda c: len(c.demands), default=None)
        complete = True
        for limit in self._over():
            most = len(self._needs) if found is None else len(found.demands) - 2
            clash, whole = self._fewest(limit, most)
            complete = complete and whole
            if clash is None and found is None:
                clash = self._any(limit)
            found = clash or found
        return None if found is None else replace(found, smallest=complete)

    def _by_rules(self) -> Iterator[Clash]:
        """Yield the clashes of forced measures with rules and with what is excluded."""
        names = self.model.measures
        for a, b in self.model.excludes:
            sides = [[i for i, needs in self._needs.items() if m in needs] for m in (a, b)]
            both = [i for i in sides[0] if i in sides[1]]
            if not sides[0] or not sides[1]:
                continue
            forced = [both[0]] if both else sorted({sides[0][0], sides[1][0]})
            why = f"{names[a]} and {names[b]} exclude each other"
            chains = [self._chain(forced, m) for m in (a, b)]
            rules = ", ".join(dict.fromkeys(rule for chain in chains for rule in chain))
            yield Clash(
                tuple(Demand("include", i) for i in forced),
                f"{why}{f'; {rules}' if rules else ''}.",
            )
        for i, needs in self._needs.items():
            for barred in sorted(self.limits.exclude & needs):
                rules = ", ".join(self._chain([i], barred))
                why = f"{rules}." if rules else f"{names[i]} can't be in the plan and out of it."
                yield Clash((Demand("include", i), Demand("exclude", barred)), why)

    def _over(self) -> Iterator[Demand]:
        """Yield the limits that all forced measures together are over."""
        for demand in sorted(self.missed_by(core(self.model, self.limits)), key=_order):
            if demand.kind in ("budget", "resource"):
                yield demand

    def _fewest(self, limit: Demand, most: int) -> tuple[Clash | None, bool]:
        """Return a limit with the fewest forced measures that are over it, if at most so many.

        Also whether the search for them went to its end.
        """
        amounts = self._amounts(limit)
        over = _Fewest(list(self._needs.values()), amounts, limit.amount, self.deadline)
        chosen, whole = over.find(most)
        if chosen is None:
            return None, whole
        return self._costly([list(self._needs)[place] for place in chosen], limit), whole

    def _any(self, limit: Demand) -> Clash:
        """Return a limit with forced measures that are over it, none of which can be spared."""
        amounts, forced = self._amounts(limit), list(self._needs)
        for i in list(forced):
            fewer = [j for j in forced if j != i]
            total = math.fsum(amounts[m] for m in closure(self.model, fewer))
            if total > limit.amount + slack(limit.amount):
                forced = fewer
        return self._costly(forced, limit)

    def _amounts(self, limit: Demand) -> Sequence[float]:
        if limit.kind == "budget":
            return [float(cost) for cost in self.model.measure_cost]
        return [float(amount) for amount in self.model.uses[limit.index]]

    def _costly(self, forced: list[int], limit: Demand) -> Clash:
        forced = sorted(forced)
        names, amounts = self.model.measures, self._amounts(limit)
        needed = closure(self.model, forced)
        total = math.fsum(amounts[m] for m in needed)
        extra = [m for m in sorted(needed - set(forced)) if amounts[m] > 0.0]
        whose = [
            (m, next(a for a, b in self.model.requires if b == m and a in needed)) for m in extra
        ]
        added = _listed([f"{names[m]}, which {names[a]} requires" for m, a in whose])
        who = _listed([names[i] for i in forced]) + (f" with {added}," if added else "")
        one = len(forced) == 1 and not extra
        if limit.kind == "budget":
            does = f"cost{'s' if one else ''} {total:g} M {self.network.info.currency}"
        else:
            does = f"use{'s' if one else ''} {total:g} of {self.model.resources[limit.index]}"
        return Clash((*(Demand("include", i) for i in forced), limit), f"{who} {does}.")

    def _chain(self, forced: list[int], needed: int) -> list[str]:
        """Return the rules by which one of some measures requires another, in words."""
        came: dict[int, int] = {}
        queue = deque(forced)
        while queue and needed not in came and needed not in forced:
            at = queue.popleft()
            for a, b in self.model.requires:
                if a == at and b not in came and b not in forced:
                    came[b] = a
                    queue.append(b)
        chain: list[str] = []
        at = needed
        while at in came:
            chain.insert(0, f"{self.model.measures[came[at]]} requires {self.model.measures[at]}")
            at = came[at]
        return chain

    # -- in words ------------------------------------------------------------------------------

    def words(self, demand: Demand) -> str:
        """Return a demand as it was asked."""
        if demand.kind in ("include", "exclude"):
            return f"--{demand.kind} {self.model.measures[demand.index]}"
        if demand.kind != "resource":
            return f"--{demand.kind} {demand.amount:g}"
        name = self.model.resources[demand.index]
        if name in self._given:
            return f"--resource {name}={demand.amount:g}"
        return f"the network's limit of {demand.amount:g} on {name}"

    def sentence(self, clash: Clash) -> str:
        """Return a clash in words."""
        listed = _listed([self.words(demand) for demand in clash.demands])
        if len(clash.demands) == 1:
            return f"This demand can't be met: {listed}. {clash.why}"
        doubt = "" if clash.smallest else ", though fewer of them may clash already"
        return f"These demands clash{doubt}: {listed}. {clash.why}"


def _order(demand: Demand) -> tuple[int, int]:
    kinds = ("target", "include", "exclude", "budget", "resource")
    return kinds.index(demand.kind), demand.index


def ordered(demands: Iterable[Demand]) -> tuple[Demand, ...]:
    """Return demands in the order in which they are named."""
    return tuple(sorted(demands, key=_order))


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


class _Fewest:
    """The fewest sets whose union weighs more than a limit, by branch and bound on how many."""

    def __init__(
        self, sets: list[Plan], amounts: Sequence[float], limit: float, deadline: float | None
    ) -> None:
        self._sets, self._amounts, self._deadline = sets, amounts, deadline
        self._least = limit + slack(limit)
        self._left = _NODES

    def find(self, most: int) -> tuple[tuple[int, ...] | None, bool]:
        """Return the places of the fewest sets, up to `most`, and whether all were looked at."""
        for count in range(1, most + 1):
            found = self._extend((), frozenset(), range(len(self._sets)), count)
            if found is not None:
                return found, True
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
        """Return `chosen` with `count` more of `rest` that are over the limit, if there are any."""
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
            found = self._extend((*chosen, place), more, following, count - 1)
            if found is not None or self._stopped():
                return found
        return None
