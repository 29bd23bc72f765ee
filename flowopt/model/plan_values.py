"""Values of plans and what they say of all plans that hold them, for the branch over plans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

import numpy as np

from flowopt.model.activities import ActivityModel, Flags, Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.incumbent import Plan
from flowopt.objectives import OBJECTIVES, Objective, Ties

# Share of the profit without measures by which a flow may earn less than the floor: flows count as
# tied within 1e-9 of the best profit, and both profits are the solver's.
_ROOM = 1e-8


_Number = TypeVar("_Number", float, Floats)


@dataclass(frozen=True, slots=True)
class Line:
    """A bound on the planner's objective, linear in a bound on the trafficker's optimum."""

    value: float
    rate: float
    at: float = 0.0

    def bound(self, floor: _Number) -> _Number:
        """Return the bound where the trafficker's optimum is at least `floor`."""
        return self.value + self.rate * (floor - self.at)


@dataclass(frozen=True, slots=True)
class PlanResponse:
    """The best response to a plan, as the plans that hold it need it.

    Attributes
    ----------
    value : float
        The planner's objective; or, where that does not matter, no more than it is.
    optimum : float
        The trafficker's.
    gains : array
        What each measure takes at most of the trafficker's optimum; several no more than the sum.
    touching : array of bool
        The measures without which the value stays, or still does not matter.
    """

    value: float
    optimum: float
    gains: Floats
    touching: Flags


class PlanValues(Protocol):
    """Values of plans, and bounds on those of plans that hold them.

    Attributes
    ----------
    zero_sum : bool
        Whether the trafficker's optimum is the planner's objective.
    first_line : Line
        A bound that holds for all plans.
    visit : float
        Work of looking at a plan beside the iterations.
    """

    zero_sum: bool
    first_line: Line
    visit: float

    @property
    def iterations(self) -> int:
        """Simplex iterations so far."""
        ...

    def optimum(self, plan: Plan) -> float:
        """Return the trafficker's optimum under a plan."""
        ...

    def respond(self, plan: Plan, every: Plan, matters: Callable[[float], bool]) -> PlanResponse:
        """Return the response to a plan, to which measures of `every` may be added."""
        ...

    def line(self, plan: Plan, floor: float) -> Line:
        """Return a bound on plans that hold `plan`, the best that there is at `floor`."""
        ...


def plan_values(model: ActivityModel, trafficker: BestResponseSolver, ties: Ties) -> PlanValues:
    """Return the values of plans under the objective of a trafficker."""
    if OBJECTIVES[trafficker.objective].programme == "bilevel":
        return BilevelValues(model, trafficker, worst_tie=ties == "pessimistic")
    return ZeroSumValues(model, trafficker)


class _Optima:
    """The trafficker's optima under large plans, by a solver of its own that stays near them."""

    def __init__(self, model: ActivityModel, objective: Objective) -> None:
        self._model = model
        self._objective: Objective = objective

    @cached_property
    def _solver(self) -> BestResponseSolver:
        return BestResponseSolver(self._model, self._objective)

    def under(self, plan: Plan) -> float:
        """Return the optimum under a plan."""
        return self._solver.value(plan)

    @property
    def iterations(self) -> int:
        """Simplex iterations so far."""
        return self._solver.iterations if "_solver" in self.__dict__ else 0


def _gains(trafficker: BestResponseSolver, touching: Flags) -> Floats:
    """Return what each measure takes at most of the remembered response."""
    return np.where(touching, trafficker.most_lost(together=True), 0.0)


class ZeroSumValues:
    """Values of objectives that both levels count alike."""

    zero_sum = True
    first_line = Line(0.0, 1.0)

    def __init__(self, model: ActivityModel, trafficker: BestResponseSolver) -> None:
        self._trafficker, self.visit = trafficker, trafficker.visit
        self._optima = _Optima(model, trafficker.objective)

    @property
    def iterations(self) -> int:
        """Simplex iterations so far."""
        return self._trafficker.iterations + self._optima.iterations

    def optimum(self, plan: Plan) -> float:
        """Return the trafficker's optimum under a plan."""
        return self._optima.under(plan)

    def respond(
        self,
        plan: Plan,
        every: Plan,
        matters: Callable[[float], bool],  # noqa: ARG002  # the protocol's
    ) -> PlanResponse:
        """Return the response to a plan, to which measures of `every` may be added."""
        self._trafficker.remember(plan)
        value = self._trafficker.value(plan)
        touching = self._trafficker.touching(every)
        return PlanResponse(value, value, _gains(self._trafficker, touching), touching)

    def line(self, plan: Plan, floor: float) -> Line:  # noqa: ARG002  # the protocol's
        """Return that the optimum is the objective."""
        return self.first_line


class BilevelValues:
    """Values of `bilevel`: the trafficker's programme for money, and tonnes where they matter.

    With the worst tie, the tonnes of any best response are no more than the value. Where they are
    too many already, the value does not matter, nor that of plans which leave this response.
    """

    zero_sum = False
    first_line = Line(0.0, 0.0)

    def __init__(
        self, model: ActivityModel, trafficker: BestResponseSolver, *, worst_tie: bool
    ) -> None:
        self._trafficker, self.visit = trafficker, trafficker.visit
        self._worst_tie = worst_tie
        earner = OBJECTIVES[trafficker.objective].trafficker
        self._money = BestResponseSolver(model, earner)
        self._optima = _Optima(model, earner)
        self._most = self._money.value(())

    @property
    def iterations(self) -> int:
        """Simplex iterations so far."""
        return self._trafficker.iterations + self._money.iterations + self._optima.iterations

    def optimum(self, plan: Plan) -> float:
        """Return the trafficker's optimum under a plan."""
        return self._optima.under(plan)

    def respond(self, plan: Plan, every: Plan, matters: Callable[[float], bool]) -> PlanResponse:
        """Return the response to a plan, to which measures of `every` may be added."""
        self._money.remember(plan)
        optimum, value = self._money.value(plan), self._money.delivered()
        touching = self._money.touching(every)
        gains = _gains(self._money, touching)
        if not self._worst_tie or matters(value):
            self._trafficker.remember(plan)
            value, touching = self._trafficker.value(plan), self._trafficker.touching(every)
        return PlanResponse(value, optimum, gains, touching)

    def line(self, plan: Plan, floor: float) -> Line:
        """Return the least tonnes that earn `floor`, and how they rise with it."""
        at = floor - max(_ROOM * self._most, 2.0 * self._trafficker.tied)
        least, rate = self._money.least_delivered(plan, at)
        return Line(least, rate, floor)
