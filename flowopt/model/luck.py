"""Coins of measures that may fail: what works of a plan, and how likely that is.

A measure works with the probability `success`, or none of what it does happens; a row of `effects`
has a chance of its own, given that its measure works. Each such chance is a *coin*, and coins are
independent. A reformed effect has the coin of the effect, a reform that of its measure.

A row with a coin of its own becomes a *part*: a measure more, which acts where the one that owns it
is chosen, and the coins of both fall well. Parts are in no plan, cost nothing and have no rules.
With them every column of the acting vector (see `plan_effects`) acts where some measures are chosen
and some coins fall well, all of them:

    a real measure      itself; its coin
    a part              its owner; the owner's coin, and its row's
    a virtual measure   the reform and the target (or the owner of a part that is reformed); all
                        their coins

No coin counts twice in a column, so that its mean, given what is known of some coins, is the
product of the means of its coins; and as it acts for a plan or not at all, means of outcomes are
means of this vector (J. C. Cormican, D. P. Morton, R. K. Wood, "Stochastic network interdiction",
Operations Research 46(2), 1998, with coins on what is destroyed).

There is no solver here, and nothing hangs on numbers other than chances.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from flowopt.model.activities import Flags, Floats
from flowopt.model.luck_parts import Coin, with_parts
from flowopt.network.network import Network

COUNTED = 12  # coins of a plan up to which all its outcomes are counted


@dataclass(frozen=True, slots=True)
class ActingColumn:
    """Conditions under which a column of the acting vector acts.

    Attributes
    ----------
    measures : tuple of int
        The measures of the network that must be chosen: one, or a reform and its target.
    coins : tuple of int
        The coins that must fall well.
    """

    measures: tuple[int, ...]
    coins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of the luck of a plan: what works, and how likely it is that no more does.

    Attributes
    ----------
    probability : float
        Its probability.
    acts : frozenset of int
        The measures that work, parts among them: indices of `Luck.network`.
    """

    probability: float
    acts: frozenset[int]


@dataclass(frozen=True, slots=True)
class Chances:
    """Probabilities of success, from 0 to 1.

    Attributes
    ----------
    measures : tuple of float
        Of each measure.
    effects : tuple of float
        Of each row of `effects`, given that its measure works.
    """

    measures: tuple[float, ...]
    effects: tuple[float, ...]

    @staticmethod
    def of(network: Network) -> Chances:
        """Return the chances that the rows of a network have."""
        return Chances(
            tuple(row.success for row in network.measures),
            tuple(row.success for row in network.effects),
        )


class Luck:
    """The coins of a network, and the network with parts.

    Parameters
    ----------
    network
        A checked network.
    chances
        Those of its measures and effects.

    Attributes
    ----------
    network : Network
        The network with its parts behind its measures, in the order of their rows, all of them
        sure to work; the network itself where it has no coins. Rows that never work are left out
        of it. It is unchecked, and good for building an activity model alone.
    coins : tuple of Coin
        Those of measures in file order, then those of rows of `effects`.
    owners : tuple of int
        For each measure of the network with parts: the measure to choose for it.
    effect_rows, reform_rows : tuples of int
        For each row of `effects` and `reforms` of the network with parts: that of the network.
    """

    def __init__(self, network: Network, chances: Chances) -> None:
        places = {row.measure: i for i, row in enumerate(network.measures)}
        effects = zip(network.effects, chances.effects, strict=True)
        own = [Coin(i, None, each) for i, each in enumerate(chances.measures) if each < 1.0]
        rows = [
            Coin(places[row.measure], i, each)
            for i, (row, each) in enumerate(effects)
            if each < 1.0
        ]
        self.coins = (*own, *rows)
        parts = [coin for coin in rows if coin.success > 0.0]
        self.owners = (*range(len(places)), *(coin.measure for coin in parts))
        self.network, self.reform_rows = (
            with_parts(network, rows)
            if self.coins
            else (network, tuple(range(len(network.reforms))))
        )
        never = {coin.effect for coin in rows if coin.success <= 0.0}
        self.effect_rows = tuple(i for i in range(len(network.effects)) if i not in never)
        self._success = np.array([coin.success for coin in self.coins])
        at = {(coin.measure, coin.effect): (i,) for i, coin in enumerate(self.coins)}
        its_row = [*((None,) * len(places)), *(coin.effect for coin in parts)]
        self._coins = [  # of each measure of the network with parts
            at.get((owner, None), ()) + (() if row is None else at[owner, row])
            for owner, row in zip(self.owners, its_row, strict=True)
        ]
        self._rows = {
            len(places) + i: coin.effect for i, coin in enumerate(parts) if coin.effect is not None
        }
        self._parts: dict[int, list[int]] = {}
        for part, owner in enumerate(self.owners[len(places) :], start=len(places)):
            self._parts.setdefault(owner, []).append(part)

    def under(self, chances: Chances) -> Luck:
        """Return the same coins with other chances; none of them is 0 or 1 where it was not."""
        found = copy(self)
        found.coins = tuple(
            replace(
                coin,
                success=chances.measures[coin.measure]
                if coin.effect is None
                else chances.effects[coin.effect],
            )
            for coin in self.coins
        )
        found._success = np.array([coin.success for coin in found.coins])
        return found

    @property
    def certain(self) -> bool:
        """True where all that is chosen works."""
        return not self.coins

    def coins_of(self, plan: Iterable[int]) -> tuple[int, ...]:
        """Return the coins of a plan of which nobody knows how they fall, in order."""
        found = set()
        for measure in frozenset(plan):
            if all(self._success[i] > 0.0 for i in self._coins[measure]):
                for each in (measure, *self._parts.get(measure, ())):
                    found.update(self._coins[each])
        return tuple(sorted(found))

    def once(self, plan: Iterable[int]) -> list[int]:
        """Return the measures of a plan in order, each that has coins of its own once.

        Those of one year each have their own. Over periods a measure has the same coins in all of
        them: it stands here for the first.
        """
        return sorted(frozenset(plan))

    def own_chances(self) -> Floats:
        """Return the chance that each measure works, parts left out."""
        count = max(self.owners, default=-1) + 1
        return np.array([float(np.prod(self._success[list(each)])) for each in self._coins[:count]])

    def acting(self, plan: Iterable[int]) -> frozenset[int]:
        """Return all of a plan that can work, its parts among it, as when all coins fall well."""
        return self.working(plan, dict.fromkeys(range(len(self.coins)), True))

    def working(self, plan: Iterable[int], fallen: Mapping[int, bool]) -> frozenset[int]:
        """Return what works of a plan, its parts among it, when its coins fall so.

        Parameters
        ----------
        plan
            Indices of the network's measures.
        fallen
            By coin of the plan, whether it falls well; coins that never do need not be there.
        """
        found = set()
        for measure in plan:
            for each in (measure, *self._parts.get(measure, ())):
                coins = self._coins[each]
                if all(self._success[i] > 0.0 and fallen[i] for i in coins):
                    found.add(each)
        return frozenset(found)

    def outcomes(self, plan: Iterable[int]) -> tuple[Outcome, ...]:
        """Return what may work of a plan, the likeliest first; equally likely ones in file order.

        Their probabilities add up to 1. There are up to two to the number of its coins.
        """
        plan = frozenset(plan)
        mass: dict[frozenset[int], list[float]] = {}
        for probability, fallen in self.cells(self.coins_of(plan)):
            mass.setdefault(self.working(plan, fallen), []).append(probability)
        return in_order(Outcome(math.fsum(each), acts) for acts, each in mass.items())

    def probability(self, plan: Iterable[int], acts: frozenset[int]) -> float:
        """Return the probability that exactly these of what a plan does work."""
        found = 1.0
        for measure in self.once(plan):
            works = measure in acts
            found *= self._chance(self._coins[measure], works=works)
            for part in self._parts.get(measure, ()) if works else ():
                found *= self._chance(self._coins[part][-1:], works=part in acts)
        return found

    def failed_effects(self, plan: Iterable[int], acts: frozenset[int]) -> tuple[int, ...]:
        """Return the rows of `effects` that fail though their measure works, in order.

        Parameters
        ----------
        plan, acts
            A plan, and what of it works.
        """
        chosen = frozenset(plan)
        failed = {
            row
            for part, row in self._rows.items()
            if self.owners[part] in acts and part not in acts and self.owners[part] in chosen
        }
        return tuple(sorted(failed))

    def _chance(self, coins: Sequence[int], *, works: bool) -> float:
        success = math.prod(float(self._success[i]) for i in coins)
        return success if works else 1.0 - success

    def cells(self, coins: Sequence[int]) -> Iterator[tuple[float, dict[int, bool]]]:
        """Yield the ways in which some coins may fall, with their probabilities.

        Of a partition over these coins, each is a cell; all well is the first.
        """
        for fallen in product((True, False), repeat=len(coins)):
            probability = 1.0
            for coin, well in zip(coins, fallen, strict=True):
                success = float(self._success[coin])
                probability *= success if well else 1.0 - success
            yield probability, dict(zip(coins, fallen, strict=True))

    def columns(self, virtual: Sequence[tuple[int, int]]) -> tuple[ActingColumn, ...]:
        """Return the columns of the acting vector of a model of the network with parts.

        Parameters
        ----------
        virtual
            The model's pairs of a reform and what it reforms.
        """
        real = [
            ActingColumn((owner,), coins)
            for owner, coins in zip(self.owners, self._coins, strict=True)
        ]
        reformed = [
            ActingColumn(
                (self.owners[reform], self.owners[target]),
                self._coins[reform] + self._coins[target],
            )
            for reform, target in virtual
        ]
        return (*real, *reformed)

    def means(self, columns: Sequence[ActingColumn], fallen: Mapping[int, bool]) -> Floats:
        """Return the mean of each column, were its measures chosen, given how some coins fall."""
        known = self._success.copy()
        for coin, well in fallen.items():
            known[coin] = float(well)
        return np.array([float(np.prod(known[list(column.coins)])) for column in columns])

    def chances(self, plan: Iterable[int]) -> dict[int, float]:
        """Return the chance of what may work or not of a plan: its measures, and their parts."""
        found = {}
        for measure in self.once(plan):
            for each in (measure, *self._parts.get(measure, ())):
                chance = math.prod(float(self._success[i]) for i in self._coins[each])
                if 0.0 < chance < 1.0:
                    found[each] = chance
        return found

    def falls(self, coin: int, *, draws: int, seed: int, even: bool = False) -> Flags:
        """Return whether a coin falls well in each of a number of draws.

        A coin's draws are the same in all plans and in all scenarios, whatever other coins there
        are: plans are compared under the same luck. With `even` it falls well in just its share of
        them, as in a Latin hypercube: means are nearer then, but draws hang on each other.
        """
        thrown = self.coins[coin]
        of = (0, thrown.measure) if thrown.effect is None else (1, thrown.effect)
        rng = np.random.default_rng([seed, *of])
        place = (rng.permutation(draws) + rng.random(draws)) / draws if even else rng.random(draws)
        well: Flags = place < thrown.success
        return well

    def drawn(
        self, plan: Iterable[int], *, draws: int, seed: int, even: bool = False
    ) -> list[frozenset[int]]:
        """Return what works of a plan in each of a number of draws."""
        plan = frozenset(plan)
        coins = self.coins_of(plan)
        if not coins:
            return [self.working(plan, {})] * draws
        falls = np.array([self.falls(each, draws=draws, seed=seed, even=even) for each in coins])
        return [
            self.working(plan, dict(zip(coins, fallen, strict=True))) for fallen in falls.T.tolist()
        ]


def in_order(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Return outcomes, the likeliest first, then those in which more works, then in file order."""
    # Products of the same chances in another order are off by rounding, and equally likely.
    ranked = sorted(
        outcomes,
        key=lambda each: (-float(f"{each.probability:.12g}"), -len(each.acts), sorted(each.acts)),
    )
    return tuple(ranked)
