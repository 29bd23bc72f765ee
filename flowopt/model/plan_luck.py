"""Values of plans whose measures may fail: means over what works.

A plan with few coins has its outcomes counted, one best response each; the responses are kept by
what acts, which repeats from plan to plan. One with more coins is valued by draws,

    mean +- t(N - 1, 0.975) s / sqrt(N),

under the same luck for all plans. The least of several means of draws is biased low, as E min <=
min E, so the draws that a result reports are others than those that a search for its plan used.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from flowopt.errors import OutOfTime
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.luck import COUNTED, Luck, Outcome, in_order

DRAWS = 2_000  # of a value that a result reports
SEARCHED = 100  # of a value that a search compares with others
SEED = 1  # of these draws; a search uses the next one
_CONFIDENCE = 0.975  # one-sided: 95 % lie between the two ends


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
    """

    def __init__(self, luck: Luck, trafficker: BestResponseSolver) -> None:
        self.luck = luck
        self.trafficker = trafficker
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
            deadline = self.trafficker.deadline
            if deadline is not None and time.perf_counter() > deadline:
                raise OutOfTime(
                    "the time limit came before all that may work of the plan was looked at: give "
                    "it more time"
                )
            self._known[acts] = self.trafficker.value(acts)
        return self._known[acts]

    def expected(
        self, plan: Iterable[int], *, draws: int = DRAWS, seed: int = SEED, most: int = COUNTED
    ) -> Expectation:
        """Return the mean over what works of a plan: counted up to `most` coins, else drawn.

        Raises
        ------
        OutOfTime
            As `value_of`.
        """
        plan = frozenset(plan)
        coins = self.luck.coins_of(plan)
        if len(coins) > most:
            return self._drawn(plan, coins, draws, seed)
        found = tuple(
            ValuedOutcome(each, self.value_of(each.acts)) for each in self.luck.outcomes(plan)
        )
        mean = math.fsum(each.outcome.probability * each.value for each in found)
        return Expectation(mean, 0.0, found, len(coins))

    def searched(self, plan: Iterable[int]) -> float:
        """Return the mean of a plan for a search: of few draws, other than those of results.

        Raises
        ------
        OutOfTime
            As `value_of`.
        """
        return self.expected(plan, draws=SEARCHED, seed=SEED + 1).mean

    def _drawn(
        self, plan: frozenset[int], coins: tuple[int, ...], draws: int, seed: int
    ) -> Expectation:
        falls = np.array([self.luck.falls(coin, draws=draws, seed=seed) for coin in coins])
        count = Counter(
            self.luck.working(plan, dict(zip(coins, fallen, strict=True)))
            for fallen in falls.T.tolist()
        )
        outcomes = in_order(Outcome(self.luck.probability(plan, acts), acts) for acts in count)
        found = tuple(
            ValuedOutcome(each, self.value_of(each.acts), count[each.acts]) for each in outcomes
        )
        values = [each.value for each in found for _ in range(each.draws or 0)]
        mean, half_width = mean_and_half_width(values)
        return Expectation(mean, half_width, found, len(coins), draws)


def mean_and_half_width(values: Iterable[float]) -> tuple[float, float]:
    """Return the mean of draws, and half the width of the interval that holds that of all luck.

    >>> tuple(round(part, 6) for part in mean_and_half_width([1.0, 2.0, 3.0]))
    (2.0, 2.484138)
    """
    from scipy.special import stdtrit  # takes a while to import

    drawn = list(values)
    count = len(drawn)
    mean = math.fsum(drawn) / count
    spread = math.fsum((each - mean) ** 2 for each in drawn) / (count - 1)
    return mean, float(stdtrit(count - 1, _CONFIDENCE)) * math.sqrt(spread / count)
