"""Values of plans in draws: every draw by itself, so that it is the same whoever values it.

Each draw starts from the numbers and the basis of the network as it stands. It takes the plans one
after the other, as they share its numbers, which is faster than plan by plan.

Only measures that some plan holds can act, so the programme is that of a network without the
effects of all others: the lanes that these would open are never better than those they would close,
and Peru's programme has fewer than half of the activities without them.

Where measures may fail, a plan's value in a draw is the mean over what works of it, with the
chances of the draw: all outcomes where they are few, else throws of the coins that are the same in
all draws and for all plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.luck import Luck
from flowopt.model.lucky_numbers import LuckyNumbers, numbers_of
from flowopt.model.model_numbers import Columns
from flowopt.model.plan_luck import LuckValues
from flowopt.network.network import Network
from flowopt.objectives import Objective, Ties
from flowopt.planning.stress.moving import MovingNumbers

FEW = 7  # coins of a plan up to which its outcomes are counted in every draw
THROWN = 100  # throws of the coins of a plan that has more


class DrawValues:
    """Values of some plans under factors of the numbers that move.

    Parameters
    ----------
    moving
        The numbers that move.
    plans
        Each the indices of its measures.
    objective, ties
        What is counted.
    """

    def __init__(
        self,
        moving: MovingNumbers,
        plans: Sequence[Sequence[int]],
        *,
        objective: Objective,
        ties: Ties,
    ) -> None:
        self._moving, self._plans = moving, [tuple(plan) for plan in plans]
        self._objective, self._ties = objective, ties
        self._acting = ActingRows(moving.network, {i for plan in self._plans for i in plan})
        self._numbers = numbers_of(self._acting.network(moving.network))
        self._solver = BestResponseSolver(self._numbers.base, objective, ties=ties)
        self._solver.value()
        self._solver.anchor()

    def values(self, factors: Floats) -> list[float]:
        """Return the value of each plan under a factor for each number."""
        columns = self._acting.columns(self._moving.columns(factors))
        model = self._numbers.model(columns)
        if model is None:  # of another structure, so that nothing carries over
            model = self._numbers.rebuilt(self._acting.network(self._moving.network_under(factors)))
            solver = BestResponseSolver(model, self._objective, ties=self._ties)
        else:
            solver = self._solver
            solver.restart(model)
        if isinstance(self._numbers, LuckyNumbers):
            means = LuckValues(self._numbers.luck_under(columns), solver)
            return [means.expected(plan, draws=THROWN, most=FEW).mean for plan in self._plans]
        return [solver.value(plan) for plan in self._plans]


class ActingRows:
    """The effects and reforms that some measures can bring about, of a network with others.

    Parameters
    ----------
    network
        The network.
    measures
        The indices of these measures.
    """

    def __init__(self, network: Network, measures: Iterable[int]) -> None:
        names = {network.measures[i].measure for i in measures}
        acts = {
            "effects": [row.measure in names for row in network.effects],
            "reforms": [{row.measure, row.target} <= names for row in network.reforms],
        }
        self._rows = {table: np.flatnonzero(each) for table, each in acts.items()}

    def network(self, network: Network) -> Network:
        """Return a network of the same tables without the other effects and reforms."""
        tables: dict[str, Any] = {
            table: tuple(getattr(network, table)[i] for i in rows.tolist())
            for table, rows in self._rows.items()
        }
        return replace(network, **tables)

    def columns(self, columns: Columns) -> Columns:
        """Return columns of all tables in the rows of that network."""
        return {
            (table, name): numbers[self._rows[table]] if table in self._rows else numbers
            for (table, name), numbers in columns.items()
        }


def thrown(luck: Luck, plans: Iterable[Iterable[int]]) -> int | None:
    """Return how often coins are thrown: 0 where outcomes are counted, None without any coin."""
    if luck.certain:
        return None
    return THROWN if any(len(luck.coins_of(plan)) > FEW for plan in plans) else 0
