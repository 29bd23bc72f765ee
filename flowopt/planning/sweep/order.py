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

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Protocol

from flowopt.model.build import activity_model
from flowopt.model.interdiction import slack
from flowopt.planning.request import core, plan_limits
from flowopt.planning.respond import indices
from flowopt.planning.sweep.budgets import Prices
from flowopt.planning.sweep.row import Answer, Question
from flowopt.results import relative_gap

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


@dataclass(slots=True)
class Grid:
    """Given budgets, in rising order, for one network and objective.

    `first` is a question of the sweep whatever its budget.
    """

    first: Question
    budgets: tuple[float, ...]
    _found: dict[int, Answer] = field(default_factory=dict)
    _asked: set[int] = field(default_factory=set)

    @property
    def expected(self) -> int:
        """How many rows there will be."""
        return len(self.budgets)

    def ready(self) -> list[Question]:
        """Return the questions that can be asked now and were not returned before."""
        questions: list[Question] = []
        for place, lower, upper in self._open():
            if place in self._asked:
                continue
            budget = self.budgets[place]
            known = None if lower is None else inherited(budget, lower, upper, self._gap)
            if known is not None:
                self._asked.add(place)
                self._found[place] = known
                return [*questions, *self.ready()]
            self._asked.add(place)
            questions.append(taught(replace(self.first, budget=budget), lower, upper))
        return questions

    def take(self, answer: Answer) -> None:
        """Take the answer to a question."""
        self._found[self.budgets.index(answer.budget)] = answer

    def answers(self) -> list[Answer]:
        """Return what is known, budgets rising."""
        return [self._found[place] for place in sorted(self._found)]

    @property
    def _gap(self) -> float:
        return self.first.conditions.gap

    def _open(self) -> Iterator[tuple[int, Answer | None, Answer | None]]:
        """Yield places whose neighbours are known, with these; the first ones have none."""
        ends = roots(len(self.budgets))
        for place in ends:
            yield place, None, None
        stretches = [*pairwise(ends)]
        while stretches:
            low, high = stretches.pop()
            middle = (low + high) // 2
            if middle == low or low not in self._found or high not in self._found:
                continue
            yield middle, self._found[low], self._found[high]
            stretches += [(middle, high), (low, middle)]


@dataclass(slots=True)
class Every:
    """Every budget at which the best plan changes, for one network and objective."""

    first: Question
    _roots: list[float] = field(default_factory=list)
    _found: dict[float, Answer] = field(default_factory=dict)
    _asked: set[float] = field(default_factory=set)
    _prices: Prices = field(init=False)
    _ids: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Lay the first budgets evenly between the cheapest plan and all measures."""
        network, asked = self.first.network, self.first.conditions
        model = activity_model(network)
        limits, _ = plan_limits(network, model, 0.0, asked.resources, asked.include, asked.exclude)
        self._prices, self._ids = Prices(model), model.measures
        least = self._prices.of(core(model, limits))
        most = self._prices.of(set(range(len(model.measures))) - limits.exclude)
        steps = _MOST_ROOTS - 1
        self._roots = sorted({least + (most - least) * k / steps for k in range(steps)} | {most})

    @property
    def expected(self) -> None:
        """How many rows there will be turns out on the way."""

    def ready(self) -> list[Question]:
        """Return the questions that can be asked now and were not returned before."""
        questions = [replace(self.first, budget=budget) for budget in self._roots]
        for low, high in pairwise(self._roots):
            if low in self._found and high in self._found:
                following = self._walk(self._found[low], self._found[high])
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

    def _walk(self, lower: Answer, upper: Answer) -> Question | None:
        """Return the next question of a stretch, None if it is done or not answered yet."""
        while upper.status != "infeasible" and lower.value is not None:
            budget = self.below(upper.plan)
            done = budget <= lower.budget or inherited(
                budget, lower, upper, self.first.conditions.gap
            )
            if done:
                return None
            if budget not in self._found:
                return taught(replace(self.first, budget=budget), lower, upper)
            upper = self._found[budget]
        return None


def roots(count: int) -> list[int]:
    """Return the places of `count` budgets to begin with: the ends, and some evenly between.

    >>> roots(1), roots(3), roots(17)
    ([0], [0, 2], [0, 4, 8, 12, 16])
    """
    steps = max(1, min(_MOST_ROOTS - 1, count // _ROOT_SHARE))
    return sorted({(count - 1) * k // steps for k in range(steps + 1)})


def taught(question: Question, lower: Answer | None, upper: Answer | None) -> Question:
    """Return a question with what the neighbours teach."""
    plans = tuple(
        dict.fromkeys(
            known.plan for known in (lower, upper) if known is not None and known.value is not None
        )
    )
    floor = 0.0 if upper is None or upper.bound is None else upper.bound
    return replace(question, starts=plans, floor=floor)


def inherited(budget: float, lower: Answer, upper: Answer | None, gap: float) -> Answer | None:
    """Return the row of a budget between two others where these leave nothing to find out."""
    if upper is None:
        return None
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
