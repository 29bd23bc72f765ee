"""Which rows teach which: the order of a sweep, fixed by the question and never by the clock.

Three facts carry what one budget teaches to another: a plan for less is allowed for more; what no
plan for more brings the objective below, none for less does; and a best plan for more that costs
less is the best for less as well. A row asks with what its two neighbours in a fixed order have
taught, whoever answers first: so any number of workers finds the same.

A *grid* of given budgets begins with a few that lie evenly, then halves what lies between. To find
*every* change of the best plan, a few even stretches are walked from above: the best plan for a
budget, then the best one for a little less than that plan costs, until nothing is left to change.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Protocol

from flowopt.model.build import activity_model
from flowopt.model.interdiction import slack
from flowopt.planning.plan_constraints import core, plan_limits
from flowopt.planning.respond import indices
from flowopt.planning.sweep.budgets import Prices
from flowopt.planning.sweep.row import Answer, Question
from flowopt.results.numbers import relative_gap

_MOST_ROOTS = 5
_ROOT_SHARE = 4  # one root for so many budgets, until there are enough


class Sweep(Protocol):
    """One network and objective, as a source of questions."""

    @property
    def first(self) -> Question:
        """A question of the sweep: its network, objective and conditions."""

    @property
    def expected(self) -> int | None:
        """How many rows there will be, None where that turns out on the way."""

    def ready(self) -> list[Question]:
        """Return the questions that can be asked now and were not returned before."""

    def take(self, answer: Answer) -> None:
        """Take the answer to a question."""

    def answers(self) -> list[Answer]:
        """Return what is known, budgets rising."""


class Grid:
    """Given budgets, in rising order, for one network and objective.

    `first` is a question of the sweep whatever its budget.
    """

    def __init__(self, first: Question, budgets: tuple[float, ...]) -> None:
        self.first = first
        self._budgets = budgets
        self._place = {budget: place for place, budget in enumerate(budgets)}
        self._found: dict[int, Answer] = {}
        self._begun = False
        self._open = [*pairwise(roots(len(budgets)))]

    @property
    def expected(self) -> int:
        """How many rows there will be."""
        return len(self._budgets)

    def ready(self) -> list[Question]:
        """Return the questions that can be asked now and were not returned before."""
        questions = []
        if not self._begun:
            self._begun = True
            ends = roots(len(self._budgets))
            questions = [replace(self.first, budget=self._budgets[place]) for place in ends]
        waiting = []
        while self._open:
            low, high = self._open.pop()
            middle = (low + high) // 2
            if middle == low:
                continue
            halves = [(middle, high), (low, middle)]
            lower, upper = self._found.get(low), self._found.get(high)
            if lower is None or upper is None:
                waiting.append((low, high))
                continue
            budget = self._budgets[middle]
            known = inherited(budget, lower, upper, self.first.conditions.gap)
            if known is None:
                questions.append(taught(replace(self.first, budget=budget), lower, upper))
                waiting += halves
            else:
                self._found[middle] = known
                self._open += halves
        self._open = waiting[::-1]
        return questions

    def take(self, answer: Answer) -> None:
        """Take the answer to a question."""
        self._found[self._place[answer.budget]] = answer

    def answers(self) -> list[Answer]:
        """Return what is known, budgets rising."""
        return [self._found[place] for place in sorted(self._found)]


class Every:
    """Every budget at which the best plan changes, for one network and objective.

    The first budgets lie evenly between the cheapest plan and all measures.
    """

    expected = None  # how many rows there will be turns out on the way

    def __init__(self, first: Question) -> None:
        self.first = first
        network, asked = first.network, first.conditions
        model = activity_model(network)
        limits, _ = plan_limits(network, model, 0.0, asked.resources, asked.include, asked.exclude)
        self._prices, self._ids = Prices(model), model.measures
        least = self._prices.of(core(model, limits))
        most = self._prices.of(set(range(len(model.measures))) - limits.exclude)
        steps = _MOST_ROOTS - 1
        self._roots = sorted({least + (most - least) * k / steps for k in range(steps)} | {most})
        self._found: dict[float, Answer] = {}
        self._asked: set[float] = set()
        self._reached = dict(pairwise(self._roots))  # by a stretch's lower end, the row above

    def ready(self) -> list[Question]:
        """Return the questions that can be asked now and were not returned before."""
        questions = [replace(self.first, budget=budget) for budget in self._roots]
        for low in self._roots[:-1]:
            following = self._walk(low)
            questions += [] if following is None else [following]
        fresh = [each for each in questions if each.budget not in self._asked]
        self._asked |= {each.budget for each in fresh}
        return fresh

    def take(self, answer: Answer) -> None:
        """Take the answer to a question."""
        self._found[answer.budget] = answer

    def answers(self) -> list[Answer]:
        """Return what is known, budgets rising."""
        return [self._found[budget] for budget in sorted(self._found)]

    def below(self, plan: tuple[str, ...]) -> float:
        """Return a budget for every plan that costs less than this one."""
        return self._prices.below(indices(self._ids, plan, what="measure"))

    def _walk(self, low: float) -> Question | None:
        """Return the next question of a stretch, None if it is done or not answered yet."""
        lower, upper = self._found.get(low), self._found.get(self._reached[low])
        while lower is not None and upper is not None and upper.status != "infeasible":
            budget = self.below(upper.plan)
            if budget <= low or inherited(budget, lower, upper, self.first.conditions.gap):
                return None
            if budget not in self._found:
                return taught(replace(self.first, budget=budget), lower, upper)
            self._reached[low] = budget
            upper = self._found[budget]
        return None


def roots(count: int) -> list[int]:
    """Return the places of `count` budgets to begin with: the ends, and some evenly between.

    >>> roots(1), roots(3), roots(17)
    ([0], [0, 2], [0, 4, 8, 12, 16])
    """
    steps = max(1, min(_MOST_ROOTS - 1, count // _ROOT_SHARE))
    return sorted({(count - 1) * k // steps for k in range(steps + 1)})


def taught(question: Question, lower: Answer, upper: Answer) -> Question:
    """Return a question with what the neighbours teach."""
    plans = dict.fromkeys(known.plan for known in (lower, upper) if known.value is not None)
    floor = 0.0 if upper.bound is None else upper.bound
    return replace(question, starts=tuple(plans), floor=floor)


def inherited(budget: float, lower: Answer, upper: Answer, gap: float) -> Answer | None:
    """Return the row of a budget between two others where these leave nothing to find out."""
    if upper.status == "infeasible":  # what does not go for more money does not go for less
        return replace(upper, budget=budget, seconds=0.0)
    if upper.spent is None or upper.bound is None:
        return None
    if upper.status == "optimal" and upper.spent <= budget + slack(budget):
        return replace(upper, budget=budget, seconds=0.0)
    if lower.value is not None and relative_gap(lower.value, upper.bound) <= gap:
        bound = min(lower.value, upper.bound)
        return replace(lower, budget=budget, bound=bound, status="optimal", seconds=0.0)
    return None
