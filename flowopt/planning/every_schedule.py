"""All schedules of a small network with periods, and the best of a family of them.

What may be in force, what has to be bought for it and what that costs are read off the tables.
Values come from the trafficker's programme, so that, unlike what `flowopt.planning.verify` uses,
this imports a solver.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from flowopt.defaults import TIE_RULE
from flowopt.errors import RequestError
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build_over_time import build_over_time
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective, Ties
from flowopt.planning.recheck.arithmetic import SLACK
from flowopt.planning.recheck.period_arithmetic import Horizon, InForce, budgets_by_period
from flowopt.planning.recheck.stated_over_time import TimeCertificate

MOST_PLACES = 20
NONE = (math.inf, 0)

Masks = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Choice:
    """One measure in force in some periods, with purchases for it.

    Attributes
    ----------
    mask : int
        The periods in which it is in force, as bits of all measures and periods.
    at : tuple of int
        The same as places of the periods.
    money : tuple of float
        What it takes of each period, M USD a year.
    """

    mask: int
    at: tuple[int, ...]
    money: tuple[float, ...]


class Schedules:
    """Schedules as numbers whose bits are the measures in force, period by period.

    Parameters
    ----------
    network
        A network of at most 20 measures times periods.
    asked
        What a schedule must keep.

    Attributes
    ----------
    masks : array of int
        Every schedule that keeps the conditions.
    spent : array of float
        What each costs at least, M USD over all periods.

    Raises
    ------
    RequestError
        When the network is larger than that.
    """

    def __init__(self, network: Network, asked: TimeCertificate) -> None:
        check_places(network)
        self._network, self._asked = network, asked
        self._horizon = Horizon(network)
        self._count = len(network.periods)
        self._bit = {
            (row.measure, t): 1 << (place * self._count + t)
            for place, row in enumerate(network.measures)
            for t in range(self._count)
        }
        self._years = [row.years for row in network.periods]
        self._budgets = [
            math.inf if each is None else each for each in budgets_by_period(network, asked.budget)
        ]
        self._objective = cast(Objective, asked.objective)
        self._known: dict[int, float] = {}
        self._built = build_over_time(network)
        ties = cast(Ties, asked.ties or TIE_RULE)
        self._trafficker = BestResponseSolver(self._built.model, self._objective, ties=ties)
        found = self._all()
        order = sorted(mask for mask in found if self._keeps_rules(mask))
        self.masks: Masks = np.array(order, dtype=np.int64)
        self.spent = np.array([found[mask] for mask in order])

    def best(self, allowed: Masks) -> tuple[float, int, int]:
        """Return the least objective in a family, a schedule with it, and how many were valued.

        Where measures do no harm, only schedules that no other of the family holds are tried.
        """
        tried = list(_largest(allowed) if OBJECTIVES[self._objective].monotone else allowed)
        value, winner = min(((self.value(mask), mask) for mask in tried), default=NONE)
        return value, winner, len(tried)

    def value(self, mask: int) -> float:
        """Return the objective over all periods under a schedule."""
        if mask not in self._known:
            plan = [self._built.in_force[each] for each in self._places(mask)]
            self._known[mask] = self._trafficker.value(plan)
        return self._known[mask]

    def mask(self, labels: Iterable[str]) -> int:
        """Return the number of a schedule of labels such as ``m01@2015``.

        Raises
        ------
        KeyError
            When the network lacks one.
        """
        pairs = [label.rpartition("@")[::2] for label in labels]
        names = {name: t for t, name in enumerate(self._horizon.names)}
        return sum(self._bit[m, names[p]] for m, p in pairs)

    def labels(self, mask: int) -> list[str]:
        """Return what is in force, as ``m01@2015``."""
        return [self._horizon.label(each) for each in self._places(mask)]

    def without_all_of(self, allowed: Masks, mask: int) -> Masks:
        """Return the schedules of a family that lack something of one."""
        left: Masks = allowed[(allowed & mask) != mask]
        return left

    # -- parts ------------------------------------------------------------------------------------

    def _places(self, mask: int) -> list[InForce]:
        return [each for each, bit in self._bit.items() if mask & bit]

    def _all(self) -> dict[int, float]:
        """Return every schedule within money and resources, with what it costs at least."""
        choices = [list(self._choices(row)) for row in self._network.measures]
        uses = [self._uses(row.measure) for row in self._network.measures]
        found: dict[int, float] = {}

        def go(place: int, mask: int, money: Sequence[float], used: Sequence[float]) -> None:
            if place == len(choices):
                spent = math.fsum(m * y for m, y in zip(money, self._years, strict=True))
                found[mask] = min(found.get(mask, math.inf), spent)
                return
            for each in choices[place]:
                total = [a + b for a, b in zip(money, each.money, strict=True)]
                taken = list(used)
                for r, amount in enumerate(uses[place]):
                    for t in each.at:
                        taken[r * self._count + t] += amount
                if self._within(total) and self._enough(taken):
                    go(place + 1, mask | each.mask, total, taken)

        go(0, 0, [0.0] * self._count, [0.0] * (len(self._asked.resources) * self._count))
        return found

    def _choices(self, row: schema.Measure) -> Iterator[_Choice]:
        """Yield what can be done with one measure."""
        forced = {t for t in range(self._count) if self._named(self._asked.include, row, t)}
        there = [
            t
            for t in range(self._count)
            if self._horizon.possible(row, t) and not self._named(self._asked.exclude, row, t)
        ]
        for subset in range(1 << len(there)):
            at = tuple(t for k, t in enumerate(there) if subset >> k & 1)
            if not forced <= set(at):
                continue
            mask = sum(self._bit[row.measure, t] for t in at)
            for bought in self._purchases(row, at):
                money = [row.cost if t in at else 0.0 for t in range(self._count)]
                for q in bought:
                    money[q] += row.setup / self._years[q]
                yield _Choice(mask, at, tuple(money))

    def _named(self, words: Iterable[str], row: schema.Measure, t: int) -> bool:
        """Return whether words name a measure in a period."""
        words = set(words)
        whole = row.measure in words and self._horizon.possible(row, t)
        return whole or self._horizon.label((row.measure, t)) in words

    def _purchases(self, row: schema.Measure, at: tuple[int, ...]) -> set[frozenset[int]]:
        """Return the sets of purchases that serve some periods, none with a purchase too many."""
        if not row.setup:
            return {frozenset()}
        found: set[frozenset[int]] = set()

        def go(left: tuple[int, ...], bought: frozenset[int]) -> None:
            if not left:
                found.add(bought)
                return
            for q in range(left[0] + 1):
                if self._horizon.serves(row, q, left[0]):
                    rest = tuple(t for t in left if not self._horizon.serves(row, q, t))
                    go(rest, bought | {q})

        go(at, frozenset())
        return found

    def _uses(self, measure: str) -> list[float]:
        """Return what a measure takes of each resource with a limit."""
        amounts = {use.resource: use.amount for use in self._network.uses if use.measure == measure}
        return [amounts.get(name, 0.0) for name in self._asked.resources]

    def _within(self, money: Sequence[float]) -> bool:
        """Return whether there is the money of each period, with what was left before it."""
        saved = 0.0
        for each, budget, years in zip(money, self._budgets, self._years, strict=True):
            left = budget + saved / years
            if each > left + SLACK * max(1.0, abs(left)):
                return False
            saved = max(0.0, (left - each) * years) if self._asked.carry else 0.0
        return True

    def _enough(self, used: Sequence[float]) -> bool:
        limits = [limit for limit in self._asked.resources.values() for _ in range(self._count)]
        return all(
            amount <= limit + SLACK * max(1.0, abs(limit))
            for amount, limit in zip(used, limits, strict=True)
        )

    def _keeps_rules(self, mask: int) -> bool:
        for rule in self._network.rules:
            for t in range(self._count):
                if not mask & self._bit[rule.measure, t]:
                    continue
                other = bool(mask & self._bit[rule.other, t])
                earlier = any(mask & self._bit[rule.other, s] for s in range(t))
                kept = {"requires": other, "excludes": not other, "after": earlier}
                if not kept[rule.relation]:
                    return False
        return True


def check_places(network: Network) -> None:
    """Refuse networks with too many measures and periods."""
    places = len(network.measures) * len(network.periods)
    if places > MOST_PLACES:
        raise RequestError(
            f"--enumerate tries every schedule, for up to {MOST_PLACES} measures times periods; "
            f"{network.info.id} has {len(network.measures)} times {len(network.periods)}"
        )


def _largest(allowed: Masks) -> Iterator[int]:
    """Yield the schedules of a family that no other of it holds."""
    left = allowed[np.argsort(-np.bitwise_count(allowed), kind="stable")]
    while len(left):
        first = int(left[0])
        yield first
        left = left[(left & first) != left]
