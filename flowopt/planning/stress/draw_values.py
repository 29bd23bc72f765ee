"""Values of plans in draws: every draw by itself, so that it is the same whoever values it.

Each draw starts from the numbers and the basis of the network as it stands. It takes the plans one
after the other, as they share its numbers, which is faster than plan by plan.
"""

from __future__ import annotations

from collections.abc import Sequence

from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.model_numbers import ModelNumbers
from flowopt.objectives import Objective, Ties
from flowopt.planning.stress.moving import MovingNumbers


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
        self._numbers = ModelNumbers(moving.network)
        self._solver = BestResponseSolver(self._numbers.base, objective, ties=ties)
        self._solver.value()
        self._solver.anchor()

    def values(self, factors: Floats) -> list[float]:
        """Return the value of each plan under a factor for each number."""
        model = self._numbers.model(self._moving.columns(factors))
        if model is None:  # of another structure, so that nothing carries over
            model = activity_model(self._moving.network_under(factors))
            solver = BestResponseSolver(model, self._objective, ties=self._ties)
        else:
            solver = self._solver
            solver.restart(model)
        return [solver.value(plan) for plan in self._plans]
