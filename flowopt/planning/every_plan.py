"""All plans of a small network, and the best of a family of plans.

Values come from the trafficker's programme, so that, unlike what `flowopt.planning.verify` uses,
this imports a solver.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import cast

import numpy as np
import numpy.typing as npt

from flowopt.defaults import TIE_RULE
from flowopt.errors import RequestError
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.luck import Chances, Luck
from flowopt.model.plan_luck import LuckValues
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective, Ties
from flowopt.planning.recheck.arithmetic import SLACK, with_requirements
from flowopt.planning.recheck.condition_checks import StatedConditions
from flowopt.planning.recheck.verdict import Comparison

MOST_MEASURES = 20
NO_PLAN = (math.inf, 0)

Masks = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


class Plans:
    """Plans as numbers whose bits are the measures in file order.

    Parameters
    ----------
    network
        A network of at most 20 measures.
    asked
        What a plan must keep.
    objective, ties
        What plans are valued under.

    Attributes
    ----------
    cost : array
        What each set costs, M USD a year.
    allowed : array of bool
        Which sets keep budget, resources, rules and choices.

    Raises
    ------
    RequestError
        When the network has more than 20 measures.
    """

    def __init__(
        self, network: Network, asked: StatedConditions, objective: str, ties: str | None
    ) -> None:
        check_size(network)
        self._network = network
        self._objective = cast(Objective, objective)
        self._ties = cast(Ties, ties or TIE_RULE)
        self._trafficker: BestResponseSolver | None = None
        self._means = self._lucky()
        self._known: dict[int, float] = {}
        self._ids = [row.measure for row in network.measures]
        self._bit = {name: 1 << i for i, name in enumerate(self._ids)}
        self._sets: Masks = np.arange(1 << len(self._ids), dtype=np.int64)
        self.cost = self._sums({row.measure: row.cost for row in network.measures})
        self.allowed = np.ones(len(self._sets), dtype=np.bool_)
        if asked.budget is not None:
            self.allowed &= self.within(asked.budget)
        for name, limit in asked.resources.items():
            amounts = {use.measure: use.amount for use in network.uses if use.resource == name}
            self.allowed &= _at_most(self._sums(amounts), limit)
        for name in asked.include:
            self.allowed &= self._holds(name)
        for name in asked.exclude:
            self.allowed &= ~self._holds(name)
        for rule in network.rules:
            other = self._holds(rule.other)
            self.allowed &= ~self._holds(rule.measure) | (
                other if rule.relation == "requires" else ~other
            )

    def within(self, budget: float) -> Marks:
        """Return the mask of the sets within a budget."""
        return _at_most(self.cost, budget)

    def without_all_of(self, plan: Iterable[str]) -> Marks:
        """Return the mask of the sets that lack some measure of a plan."""
        mask = self.mask(plan)
        found: Marks = (self._sets & mask) != mask
        return found

    def largest(self, allowed: Marks) -> Masks:
        """Return the sets of a family of which one is the best, if its subsets are in it as well.

        More exactly: if it holds, with two sets of which one lies in the other, the smaller one
        with any measure of the difference and all that it requires, as long as that lies in the
        larger. Then, where measures do no harm, only sets that no other of the family holds need
        to be tried. So it is with budgets, resources, rules, choices, and sets that lack some
        measure of given plans. Where a measure may do harm all are tried.
        """
        if not OBJECTIVES[self._objective].monotone:
            return np.flatnonzero(allowed)
        largest = allowed.copy()
        for name in self._ids:
            wider = self._sets | self.mask(with_requirements(self._network, [name]))
            largest &= ~(allowed[wider] & (wider != self._sets))
        return np.flatnonzero(largest)

    def best(self, allowed: Marks) -> tuple[float, int, int]:
        """Return the least objective in a family, a set with it, and the number of sets valued."""
        sets = self.largest(allowed)
        value, winner = min(((self.value(mask), mask) for mask in sets.tolist()), default=NO_PLAN)
        return value, winner, len(sets)

    def value(self, mask: int) -> float:
        """Return the objective under a set, from the trafficker's programme; maybe in the mean."""
        if mask not in self._known:
            held = [i for i in range(len(self._ids)) if mask >> i & 1]
            if self._means is not None:
                self._known[mask] = self._means.expected(held).mean
                return self._known[mask]
            if self._trafficker is None:
                model = activity_model(self._network)
                self._trafficker = BestResponseSolver(model, self._objective, ties=self._ties)
            self._known[mask] = self._trafficker.value(held)
        return self._known[mask]

    def _lucky(self) -> LuckValues | None:
        """Return means over what works of plans; None where all measures work."""
        if not may_fail(self._network):
            return None
        luck = Luck(self._network, Chances.of(self._network))
        model = activity_model(luck.network)
        return LuckValues(luck, BestResponseSolver(model, self._objective, ties=self._ties))

    @property
    def valued(self) -> int:
        """The number of sets valued so far."""
        return len(self._known)

    def mask(self, plan: Iterable[str]) -> int:
        """Return the number of a set."""
        return sum(self._bit[name] for name in set(plan))

    def names(self, mask: int) -> list[str]:
        """Return the ids of a set."""
        return [name for name in self._ids if mask & self._bit[name]]

    def _holds(self, name: str) -> npt.NDArray[np.bool_]:
        held: npt.NDArray[np.bool_] = (self._sets & self._bit[name]) != 0
        return held

    def _sums(self, amounts: dict[str, float]) -> npt.NDArray[np.float64]:
        total = np.zeros(len(self._sets))
        for name, amount in amounts.items():
            total[self._holds(name)] += amount
        return total


def check_size(network: Network) -> None:
    """Refuse networks with too many measures."""
    if len(network.measures) > MOST_MEASURES:
        raise RequestError(
            f"--enumerate tries every plan, for up to {MOST_MEASURES} measures; "
            f"{network.info.id} has {len(network.measures)}"
        )


def names_known(
    network: Network, conditions: StatedConditions, check: Comparison, plan: Iterable[str] = ()
) -> bool:
    """Return whether a network has all that conditions and a plan name; record what it lacks."""
    known = {row.measure for row in network.measures} | {row.resource for row in network.resources}
    named = {*conditions.include, *conditions.exclude, *conditions.resources, *plan}
    missing = sorted(named - known)
    if missing:
        check.fault(f"the network has no {', '.join(missing)}")
    return not missing


def _at_most(total: npt.NDArray[np.float64], limit: float) -> Marks:
    found: Marks = total <= limit + SLACK * max(1.0, abs(limit))
    return found
