"""Values of plans whose measures may fail: means over what works.

A plan with few coins has its outcomes counted, one best response each; the responses are kept by
what acts, which repeats from plan to plan. One with more coins is valued by draws (`luck_means`),
under the same luck for all plans. The least of several means of draws is biased low, as E min <=
min E, so the draws that a result reports are others than those that a search for its plan used.

Draws come in steps, and end once the interval is narrow. Within a step each is valued after the one
that is nearest to it, as the simplex goes on from there; so a step that time cuts short counts for
nothing, but for the first, which comes in the order of its draws.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import numpy as np

from flowopt.errors import OutOfTime
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.luck import COUNTED, Luck, Outcome, in_order
from flowopt.model.luck_means import LEAST, mean_of_draws
from flowopt.objectives import OBJECTIVES

DRAWS = 2_000  # of a value that a result reports, at most
SEARCHED = 50  # of a value that a search compares with others, even ones
SEED = 1  # of these draws; a search uses the next one
_STEPS = (LEAST, 50, 100, 250, 500, 1_000, DRAWS)
_ENOUGH, _NARROW = 500, 5e-4  # draws that are enough where the half width is this of the baseline
GRACE = 1.0  # seconds that the first step may be late
_TIMED = 16  # outcomes after which it is known how long the others take


@dataclass(frozen=True, slots=True)
class ValuedOutcome:
    """Outcome with the objective in it.

    Attributes
    ----------
    outcome : Outcome
        What works, and how likely that is.
    value : float
        The objective.
    draws : int or None
        In how many draws it came; None where outcomes are counted.
    """

    outcome: Outcome
    value: float
    draws: int | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """The mean of the objective over what may work of a plan.

    Attributes
    ----------
    mean : float
        It, or an estimate of it.
    half_width : float
        Of the interval around an estimate, which holds the mean 95 times in 100; 0 for a mean over
        all outcomes.
    outcomes : tuple of ValuedOutcome
        All outcomes, or those that were drawn, the likeliest first.
    coins : int
        Coins of the plan.
    draws : int or None
        How many there were; None where outcomes were counted.
    """

    mean: float
    half_width: float
    outcomes: tuple[ValuedOutcome, ...]
    coins: int
    draws: int | None = None


class LuckValues:
    """Values of plans under luck, by a trafficker's programme on the network with parts.

    Parameters
    ----------
    luck
        The coins.
    trafficker
        The solver of `luck.network`, which takes what works for its plan.

    Attributes
    ----------
    seconds : float
        That a value has taken so far, in the mean of those that were not known.
    """

    def __init__(self, luck: Luck, trafficker: BestResponseSolver) -> None:
        self.luck = luck
        self.trafficker = trafficker
        self.seconds = 0.0
        self._known: dict[frozenset[int], float] = {}

    @property
    def looked(self) -> int:
        """The number of values that are known."""
        return len(self._known)

    def knows(self, acts: frozenset[int]) -> bool:
        """Return whether the objective is known when some measures act."""
        return acts in self._known

    def value_of(self, acts: frozenset[int]) -> float:
        """Return the objective when some measures act, parts among them.

        Raises
        ------
        OutOfTime
            When the trafficker's deadline is over, and it is not known already.
        """
        if acts not in self._known:
            now, deadline = time.perf_counter(), self.trafficker.deadline
            if deadline is not None and now > deadline:
                raise OutOfTime(
                    "the time limit came before all that may work of the plan was looked at: give "
                    "it more time"
                )
            self._known[acts] = self.trafficker.value(acts)
            took = time.perf_counter() - now
            self.seconds += (took - self.seconds) / len(self._known)
        return self._known[acts]

    def expected(
        self,
        plan: Iterable[int],
        *,
        draws: int = DRAWS,
        seed: int = SEED,
        most: int = COUNTED,
        until: float | None = None,
        grace: float = GRACE,
    ) -> Expectation:
        """Return the mean over what works of a plan: counted up to `most` coins, else drawn.

        Parameters
        ----------
        plan
            Indices of measures.
        draws, seed
            Of the draws.
        most
            Coins of a plan whose outcomes are counted.
        until
            `time.perf_counter` by which it should be known: a plan with few coins is drawn, too, if
            counting takes longer, and fewer draws are taken. Some are in any case, later if need
            be, so that there is a mean.
        grace
            Seconds by which the first of them may be late.

        Raises
        ------
        OutOfTime
            As `value_of`, without `until`.
        """
        plan = frozenset(plan)
        with nullcontext() if until is None else self.without_deadline():
            few = len(self.luck.coins_of(plan)) <= most
            if few and (found := self._counted(plan, until)) is not None:
                return found
            drawn = self._drawn(plan, (draws, seed), until, grace)
            whole = few and all(self.knows(each.acts) for each in self.luck.outcomes(plan))
            # Where draws met every outcome, there is nothing to estimate.
            return (self._counted(plan, None) if whole else None) or drawn

    def searched(self, plan: Iterable[int]) -> float:
        """Return the mean of a plan for a search: counted, or of draws other than of results.

        Raises
        ------
        OutOfTime
            As `value_of`.
        """
        plan = frozenset(plan)
        if len(self.luck.coins_of(plan)) > COUNTED:
            return self.sketched(plan)
        return math.fsum(
            each.probability * self.value_of(each.acts) for each in self.luck.outcomes(plan)
        )

    def sketched(
        self, plan: Iterable[int], *, draws: int = SEARCHED, seed: int = SEED + 1
    ) -> float:
        """Return about the mean of a plan, by draws in which each coin falls well in its share.

        Raises
        ------
        OutOfTime
            As `value_of`.
        """
        drawn = self.luck.drawn(plan, draws=draws, seed=seed, even=True)
        new = [acts for acts in dict.fromkeys(drawn) if acts not in self._known]
        for acts in near_each_other(new):  # which takes long for many
            self.value_of(acts)
        return math.fsum(self._known[acts] for acts in drawn) / draws

    @contextmanager
    def without_deadline(self) -> Iterator[LuckValues]:
        """Give nothing up at the deadline, where another end is set."""
        deadline, self.trafficker.deadline = self.trafficker.deadline, None
        try:
            yield self
        finally:
            self.trafficker.deadline = deadline

    def _counted(self, plan: frozenset[int], until: float | None) -> Expectation | None:
        """Return the mean over all outcomes; None where there is no time for all of them."""
        outcomes = self.luck.outcomes(plan)
        new = [each.acts for each in outcomes if each.acts not in self._known]
        for place, acts in enumerate(near_each_other(new)):
            left = (len(new) - place) * (self.seconds if place >= _TIMED else 0.0)
            if until is not None and time.perf_counter() + left > until:
                return None
            self.value_of(acts)
        found = tuple(ValuedOutcome(each, self._known[each.acts]) for each in outcomes)
        mean = math.fsum(each.outcome.probability * each.value for each in found)
        return Expectation(mean, 0.0, found, len(self.luck.coins_of(plan)))

    def _drawn(
        self, plan: frozenset[int], wanted: tuple[int, int], until: float | None, grace: float
    ) -> Expectation:
        draws, seed = wanted
        drawn = self.luck.drawn(plan, draws=draws, seed=seed)
        ends = self._ends(plan)
        narrow = _NARROW * abs(self.value_of(frozenset()))
        found, done = None, 0
        for step in sorted({min(step, draws) for step in (*_STEPS, draws)}):
            late = until if until is None or done else until + grace
            valued = self._valued(drawn[done:step], late, first=not done)
            done += valued
            if done != step and found is not None:
                return found
            found = self._mean_of(plan, drawn[:done], ends)
            if done != step or (done >= _ENOUGH and found.half_width <= narrow):
                return found
        assert found is not None  # there is a step
        return found

    def _valued(self, drawn: list[frozenset[int]], until: float | None, *, first: bool) -> int:
        """Value the draws of a step; return how many count."""
        order = drawn if first else near_each_other(dict.fromkeys(drawn))
        for place, acts in enumerate(order):
            needed = first and (not place or self._unbounded)  # a mean needs one
            late = until is not None and time.perf_counter() + self.seconds > until
            if late and acts not in self._known and not needed:
                return place if first else 0
            self.value_of(acts)
        return len(drawn)

    def _mean_of(
        self, plan: frozenset[int], drawn: list[frozenset[int]], ends: tuple[float, float]
    ) -> Expectation:
        count, luck = Counter(drawn), self.luck
        outcomes = in_order(Outcome(luck.probability(plan, acts), acts) for acts in count)
        found = tuple(
            ValuedOutcome(each, self._known[each.acts], count[each.acts]) for each in outcomes
        )
        chances = luck.chances(plan)
        values, flags = np.array([self._known[acts] for acts in drawn]), _flags(drawn, chances)
        mean, half_width = mean_of_draws(values, flags, np.array(list(chances.values())), ends)
        return Expectation(mean, half_width, found, len(luck.coins_of(plan)), len(drawn))

    @property
    def _unbounded(self) -> bool:
        """True where what works may do harm, so that nothing is certain of a mean."""
        return not OBJECTIVES[self.trafficker.objective].monotone

    def _ends(self, plan: frozenset[int]) -> tuple[float, float]:
        """Return the least and the most that the objective may be, whatever works."""
        if self._unbounded:
            return -math.inf, math.inf
        return self.value_of(self.luck.acting(plan)), self.value_of(frozenset())


def _flags(drawn: list[frozenset[int]], chances: Iterable[int]) -> np.ndarray[tuple[int, int]]:
    """Return what works in each draw, a row each."""
    may_work = list(chances)
    return np.array([[float(each in acts) for each in may_work] for acts in drawn])


def near_each_other(drawn: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """Return what works in draws, each after the one that differs least from it."""
    order = list(drawn)
    columns = sorted(frozenset().union(*order))
    if not columns:
        return order
    flags = np.array([[each in acts for each in columns] for acts in order])
    apart = np.zeros(len(order), dtype=np.int64)
    found, last = [], 0
    for _ in order:
        found.append(order[last])
        apart[last] = len(columns) + 1
        difference = (flags != flags[last]).sum(axis=1) + apart
        last = int(np.argmin(difference))
    return found
