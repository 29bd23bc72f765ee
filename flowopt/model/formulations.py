"""Mixed-integer programmes of the objectives, and the cuts that sharpen them."""

from __future__ import annotations

from typing import Protocol

from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bilevel_milp import bilevel
from flowopt.model.bounds import Bounds, derive_bounds
from flowopt.model.interdiction import Interdiction, PlanConstraints, zero_sum
from flowopt.model.lexicographic import TIED
from flowopt.model.tie_cuts import TieCut, point_cut, tie_cut
from flowopt.model.tightening import tightened
from flowopt.objectives import OBJECTIVES, Objective

_SHARPER = 1e-6  # relative: a tie is worth a cut of its own if it delivers more than the plan's


class Programme(Protocol):
    """A programme whose optimum bounds the objective of every allowed plan from below.

    Attributes
    ----------
    monotone : bool
        Whether one measure more never helps the trafficker in the objective.
    """

    monotone: bool

    def build(self, limits: PlanConstraints, scale: float) -> Interdiction:
        """Return the programme, its objective divided by `scale`."""
        ...

    def tighten(
        self, limits: PlanConstraints, cutoff: float, scale: float, deadline: float | None
    ) -> None:
        """Make the programme sharper for plans within `limits` and worth at most `cutoff`.

        From now on it is exact for those alone; others may be valued too high, or not at all.
        """
        ...

    def loosen(self) -> None:
        """Make the programme hold for every plan again."""
        ...

    def separate(self, plan: frozenset[int], value: float, *, claimed: float) -> bool:
        """Take note that a plan is worth more than the programme claimed; return whether it did."""
        ...


def programme_of(
    model: ActivityModel, objective: Objective, trafficker: BestResponseSolver
) -> Programme:
    """Return the programme of an objective; `trafficker` answers to the same objective."""
    if OBJECTIVES[objective].programme == "bilevel":
        return Bilevel(model, trafficker)
    return ZeroSum(model, objective)


class ZeroSum:
    """Programme of objectives that both levels count alike: exact as it is."""

    def __init__(self, model: ActivityModel, objective: Objective) -> None:
        self._model = model
        self._objective: Objective = objective
        self.monotone = OBJECTIVES[objective].monotone
        self._bounds: Bounds | None = None
        self._tightened: Bounds | None = None

    def build(self, limits: PlanConstraints, scale: float) -> Interdiction:
        """Return the programme, its objective divided by `scale`."""
        bounds = self._tightened or self._derived()
        return zero_sum(self._model, bounds, self._objective, limits, scale=scale)

    def tighten(
        self, limits: PlanConstraints, cutoff: float, scale: float, deadline: float | None
    ) -> None:
        """Tighten the prices."""
        self._tightened = tightened(
            self._model,
            self._derived(),
            self._objective,
            limits,
            cutoff,
            scale=scale,
            deadline=deadline,
        )

    def loosen(self) -> None:
        """Forget the tightened prices."""
        self._tightened = None

    def _derived(self) -> Bounds:
        if self._bounds is None:
            self._bounds = derive_bounds(self._model, self._objective)
        return self._bounds

    def separate(self, plan: frozenset[int], value: float, *, claimed: float) -> bool:  # noqa: ARG002  # the protocol's
        """Return that there is nothing to take note of."""
        return False


class Bilevel:
    """Programme of `bilevel`: exact for the kindest tie, sharpened by cuts for the worst.

    Attributes
    ----------
    floor : float
        A proved bound on the trafficker's profit under every allowed plan, M USD; whoever knows
        a better one may set it.
    """

    def __init__(self, model: ActivityModel, trafficker: BestResponseSolver) -> None:
        self._model = model
        self._trafficker = trafficker
        traits = OBJECTIVES[trafficker.objective]
        self.monotone = traits.monotone
        self._profit = BestResponseSolver(model, traits.trafficker)
        self._bounds: Bounds | None = None
        self._best: float | None = None  # the profit without measures
        self._cuts: list[TieCut] = []
        self._seen: set[frozenset[int]] = set()
        self.floor = 0.0

    def build(self, limits: PlanConstraints, scale: float) -> Interdiction:
        """Return the programme, its objective divided by `scale`."""
        if self._bounds is None:
            self._bounds = derive_bounds(self._model, self._profit.objective)
        if self._best is None:
            self._profit.deadline = self._trafficker.deadline
            best = self._profit.value()
            self.floor = max(self.floor, self._profit.value(range(len(self._model.measures))))
            self._best = best
        return bilevel(
            self._model,
            self._bounds,
            limits,
            scale=scale,
            best=self._best,
            tied=max(TIED * self._best, self._trafficker.tied),
            floor=self.floor,
            cuts=self._cuts,
        )

    def tighten(
        self, limits: PlanConstraints, cutoff: float, scale: float, deadline: float | None
    ) -> None:
        """Leave the programme as it is."""

    def loosen(self) -> None:
        """Leave the programme as it is."""

    def separate(self, plan: frozenset[int], value: float, *, claimed: float) -> bool:
        """Cut off what the programme claimed of a plan, once; return whether it did.

        A tie that delivers more than was claimed also bounds other plans.
        """
        if plan in self._seen:
            return False
        self._seen.add(plan)
        self._cuts.append(point_cut(self._model, plan, value))
        response = self._trafficker.respond(plan)
        pessimistic = response.tie is not None and response.tie.sign > 0.0
        if pessimistic and value > claimed * (1.0 + _SHARPER):
            self._cuts.append(tie_cut(self._model, self._profit, plan, response))
        return True
