"""Mixed-integer programmes of the objectives, and the cuts that sharpen them."""

from __future__ import annotations

import math
import threading
from functools import cached_property
from typing import Protocol

from flowopt.model.activities import ActivityModel
from flowopt.model.activity_bounds import useful_activity
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bilevel_milp import TargetBounds, bilevel, least_regret
from flowopt.model.bounds import Bounds, derive_bounds
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.interdiction import Interdiction, zero_sum
from flowopt.model.lexicographic import TIED
from flowopt.model.lp_scales import with_limits_in_reach
from flowopt.model.series_model import in_series
from flowopt.model.target_bounds import part_bounds, target_bounds
from flowopt.model.tie_cuts import TieCut, point_cut, tie_cut
from flowopt.model.tightening import far_apart, tightened
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
    """Programme of objectives that both levels count alike: exact as it is.

    Of the model with activities in series as one each, which has the same measures and values.
    """

    def __init__(self, model: ActivityModel, objective: Objective) -> None:
        self._whole = model
        self._objective: Objective = objective
        self.monotone = OBJECTIVES[objective].monotone
        self._bounds: Bounds | None = None
        self._tightened: Bounds | None = None

    def build(self, limits: PlanConstraints, scale: float) -> Interdiction:
        """Return the programme, its objective divided by `scale`."""
        bounds = self._tightened or self._derived()
        return zero_sum(self.in_series, bounds, self._objective, limits, scale=scale)

    def tighten(
        self, limits: PlanConstraints, cutoff: float, scale: float, deadline: float | None
    ) -> None:
        """Tighten the prices, where that pays."""
        if not far_apart(self.in_series, self._objective):
            return
        self._tightened = tightened(
            self.in_series,
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

    @cached_property
    def in_series(self) -> ActivityModel:
        """The model with the activities of each series as one, itself where few are in any."""
        return in_series(self._whole)

    def _derived(self) -> Bounds:
        if self._bounds is None:
            self._bounds = derive_bounds(self.in_series, self._objective)
        return self._bounds

    def separate(self, plan: frozenset[int], value: float, *, claimed: float) -> bool:  # noqa: ARG002  # the protocol's
        """Return that there is nothing to take note of."""
        return False


class Bilevel:
    """Programmes of `bilevel`: exact for the kindest tie, sharpened by cuts for the worst.

    Its proofs go by targets: `aim` at one, then `build_regret` as often as it takes.
    """

    def __init__(self, model: ActivityModel, trafficker: BestResponseSolver) -> None:
        self._model = with_limits_in_reach(model)
        self._trafficker = trafficker
        traits = OBJECTIVES[trafficker.objective]
        self.monotone = traits.monotone
        self._profit = BestResponseSolver(model, traits.trafficker)
        self._every: TargetBounds | None = None
        self._aimed: dict[float, TargetBounds] = {}
        self._sharp: TargetBounds | None = None
        self._worth: float | None = None  # the profit without measures
        self._cuts: list[TieCut] = []
        self._seen: set[frozenset[int]] = set()

    @property
    def model(self) -> ActivityModel:
        """The trafficker's programme."""
        return self._model

    def build(self, limits: PlanConstraints, scale: float) -> Interdiction:
        """Return the programme of the best plan, its objective divided by `scale`."""
        return bilevel(
            self._model,
            self._sharp or self._for_all(),
            limits,
            scale=scale,
            tied=self.tied * self.worth,
            cuts=self._cuts,
        )

    def tighten(
        self, limits: PlanConstraints, cutoff: float, scale: float, deadline: float | None
    ) -> None:
        """Tighten the bounds of `build` for the plans that leave the cutoff or less."""
        self._sharp = self._target_bounds(limits, cutoff, scale, deadline)

    def loosen(self) -> None:
        """Return to bounds of `build` that hold for every plan."""
        self._sharp = None

    @property
    def worth(self) -> float:
        """The trafficker's profit without measures, M USD; 1 if it is nothing."""
        if self._worth is None:
            self._profit.deadline = self._trafficker.deadline
            worth = self._profit.value()
            self._worth = worth if worth > 0.0 else 1.0
        return self._worth

    @property
    def tied(self) -> float:
        """By how much of profit flows count as tied, as a share of that without measures."""
        return max(TIED, self._trafficker.tied / self.worth)

    def aim(
        self, limits: PlanConstraints, target: float, scale: float, deadline: float | None
    ) -> None:
        """Tighten the bounds for plans within `limits` that leave the target or less."""
        self._aimed[target] = self._target_bounds(limits, target, scale, deadline)

    def aimed(self, target: float) -> float:
        """Return the lowest target aimed at that is no lower than this one, infinity if none is."""
        return min((aim for aim in self._aimed if aim >= target), default=math.inf)

    def forget_aims(self) -> None:
        """Return to the bounds that hold for every plan, since other limits count."""
        self._aimed.clear()

    def build_regret(self, limits: PlanConstraints, target: float, scale: float) -> Interdiction:
        """Return the programme of the least regret of a flow that leaves the target or less."""
        return self.build_regret_within(self.bounds_for(target), limits, target, scale)

    def build_regret_within(
        self, bounds: TargetBounds, limits: PlanConstraints, target: float, scale: float
    ) -> Interdiction:
        """Return the same programme within bounds for its limits and target, or a higher one."""
        return least_regret(
            self._model,
            bounds,
            limits,
            target=target,
            scale=scale,
            worth=self.worth,
            cuts=self._cuts,
        )

    def bounds_within(
        self,
        bounds: TargetBounds,
        limits: PlanConstraints,
        target: float,
        scale: float,
        *,
        deadline: float | None,
        stop: threading.Event,
    ) -> TargetBounds:
        """Return tighter bounds for the plans within limits that leave the target or less."""
        return part_bounds(
            self._model,
            bounds,
            limits,
            target=target,
            scale=scale,
            worth=self.worth,
            deadline=deadline,
            stop=stop,
        )

    def excludes_all(self, target: float) -> bool:
        """Return whether a cut says of every plan that it leaves more than the target."""
        return any(c.value > target and not c.held and not c.clear for c in self._cuts)

    def separate(self, plan: frozenset[int], value: float, *, claimed: float) -> bool:
        """Cut off what a programme claimed of a plan, once; return whether it did.

        A tie that delivers more than was claimed also bounds other plans.
        """
        if plan in self._seen:
            return False
        self._seen.add(plan)
        self._cuts.append(point_cut(self._model, plan, value))
        if value > claimed * (1.0 + _SHARPER):
            self._cuts.append(tie_cut(self._model, self._profit, self._trafficker, plan))
        return True

    def _target_bounds(
        self, limits: PlanConstraints, target: float, scale: float, deadline: float | None
    ) -> TargetBounds:
        return target_bounds(
            self._model,
            self.bounds_for(target),
            limits,
            target=target,
            scale=scale,
            worth=self.worth,
            deadline=deadline,
        )

    def bounds_for(self, target: float) -> TargetBounds:
        """Return the smallest bounds known to hold for plans that leave the target or less."""
        aim = self.aimed(target)
        return self._for_all() if math.isinf(aim) else self._aimed[aim]

    def _for_all(self) -> TargetBounds:
        """Return the bounds that hold for every plan."""
        if self._every is None:
            derived = derive_bounds(self._model, self._profit.objective)
            most = useful_activity(self._model, derived.live)
            self._every = TargetBounds(derived, derived, most)
        return self._every
