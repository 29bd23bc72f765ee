"""A ladder: nested plans for rising budgets, as an order of purchases.

The best plans for two budgets need not hold one another, but money once spent is spent. A ladder
is a chain of plans, each within the one for more, one for each budget of the sweep. Two are built
by local search and the one that loses less against the best plans, summed over the budgets, is
taken: one climbs, adding to the plan for less the best that the further money buys; one descends,
leaving out of the plan for more what is missed least. A ladder is a proposal: that no other one
loses less is not proved.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from flowopt.errors import OutOfTime
from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.incumbent import Plan, SearchStopped
from flowopt.model.search import Search

_WORK = 20_000  # simplex iterations for each budget
_MOST_RUNGS = 100  # of many more budgets, only so many get a rung of their own


@dataclass(frozen=True, slots=True)
class Rung:
    """One budget of a ladder: the plan, its purchases in order, and its value."""

    budget: float
    plan: Plan
    buy: tuple[int, ...]
    value: float


class LadderBuilder:
    """Builder of ladders for the budgets of one sweep.

    Parameters
    ----------
    model, trafficker
        The trafficker's programme and the solver of its best responses.
    limits
        Constraints on plans; the budget is that of each rung.
    first
        A plan that keeps them for every budget.
    scale
        The value without measures.
    deadline
        `time.perf_counter` after which nothing more is bought, or None.
    """

    def __init__(
        self,
        model: ActivityModel,
        trafficker: BestResponseSolver,
        limits: PlanConstraints,
        first: Plan,
        *,
        scale: float,
        deadline: float | None = None,
    ) -> None:
        self._model = model
        self._deadline = deadline
        self._limits = limits
        self._first = first
        self._scale = scale if scale > 0.0 else 1.0
        self._trafficker = trafficker
        self._known: dict[Plan, float] = {}

    @property
    def known(self) -> Mapping[Plan, float]:
        """Every plan that was valued, and its value."""
        return self._known

    def best(
        self, budgets: Sequence[float], plans: Sequence[Plan], values: Sequence[float]
    ) -> list[Rung]:
        """Return the ladder for some budgets, beside the best plans and values found for them.

        Raises
        ------
        OutOfTime
            When a large programme takes until the deadline, and nothing is known yet.
        """
        places = spread(len(budgets), _MOST_RUNGS)
        rung_of = [bisect_right(places, k) - 1 for k in range(len(budgets))]
        chains: list[Sequence[Plan]] = []
        for build in (self._climb, self._descend):
            with suppress(SearchStopped):
                rungs = build([budgets[k] for k in places], [plans[k] for k in places])
                chains.append([rungs[k] for k in rung_of])

        def lost(chain: Sequence[Plan]) -> float:
            pairs = zip(chain, values, strict=True)
            return sum(max(0.0, self._value(plan) - best) for plan, best in pairs)

        return list(self._rungs(budgets, min(chains, key=lost)))

    def _climb(self, budgets: Sequence[float], plans: Sequence[Plan]) -> list[Plan]:
        chain = [self._first]
        for budget, plan in zip(budgets, plans, strict=True):
            held = chain[-1]
            limits = replace(self._limits, budget=budget, include=self._limits.include | held)
            with suppress(SearchStopped):
                held = self._improved(limits, held, [plan | held])
            chain.append(held)
        return chain[1:]

    def _descend(self, budgets: Sequence[float], plans: Sequence[Plan]) -> list[Plan]:
        chain = [frozenset(range(len(self._model.measures))) - self._limits.exclude]
        for budget, plan in zip(reversed(budgets), reversed(plans), strict=True):
            missing = frozenset(range(len(self._model.measures))) - chain[-1]
            limits = replace(self._limits, budget=budget, exclude=self._limits.exclude | missing)
            chain.append(self._improved(limits, self._first, [plan & chain[-1]]))
        return chain[:0:-1]

    def _improved(self, limits: PlanConstraints, first: Plan, offers: Sequence[Plan]) -> Plan:
        """Return the best plan that a short search finds.

        Raises
        ------
        SearchStopped
            When there is no time for a search.
        """
        if self._expired():
            raise SearchStopped
        search = Search(
            self._model,
            self._trafficker,
            limits,
            first,
            scale=self._scale,
            work=_WORK,
            deadline=self._deadline,
            known=self._known,
        )
        with suppress(OutOfTime):
            search.run()
            for plan in offers:
                search.offer(plan)
        return search.best

    def _rungs(self, budgets: Sequence[float], chain: Sequence[Plan]) -> Iterator[Rung]:
        held: Plan = frozenset()
        for budget, plan in zip(budgets, chain, strict=True):
            yield Rung(budget, plan, tuple(self._order(held, plan)), self._value(plan))
            held = plan

    def _order(self, held: Plan, plan: Plan) -> Iterator[int]:
        """Yield the measures of `plan` beyond `held`, greedily by cut for cost.

        A measure waits for what it requires. Without time, they come in file order.
        """
        needs: dict[int, set[int]] = {}
        for measure, other in self._model.requires:
            needs.setdefault(measure, set()).add(other)
        while held != plan:
            open_ones = [m for m in sorted(plan - held) if needs.get(m, set()) <= held]
            following = self._best_cut_for_cost(held, open_ones or sorted(plan - held))
            yield following
            held = held | {following}

    def _best_cut_for_cost(self, held: Plan, measures: Sequence[int]) -> int:
        """Return the measure that cuts most for its cost in a plan; the first if time is up."""
        if len(measures) == 1 or self._expired():
            return measures[0]
        try:
            before = self._value(held)
            gains = {m: before - self._value(held | {m}) for m in measures}
        except OutOfTime:
            return measures[0]
        return max(measures, key=lambda m: gains[m] / max(1e-9, float(self._model.measure_cost[m])))

    def _expired(self) -> bool:
        return self._deadline is not None and time.perf_counter() >= self._deadline

    def _value(self, plan: Plan) -> float:
        if plan not in self._known:
            self._known[plan] = self._trafficker.value(plan)
        return self._known[plan]


def spread(count: int, most: int) -> list[int]:
    """Return up to `most` places that lie evenly among `count`, the first among them.

    >>> spread(3, 5), spread(10, 3)
    ([0, 1, 2], [0, 3, 6])
    """
    return sorted({count * k // min(most, count) for k in range(min(most, count))})
