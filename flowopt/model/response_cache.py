"""Cached best responses: for other plans with the same one, and for the deadline.

The *reference* is the response to a plan that others hold: a plan that takes nothing of what it
uses has its value.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flowopt.model.activities import ActivityModel, Flags, Floats
from flowopt.model.bounds import Bounds, derive_bounds
from flowopt.model.plan_effects import CachedResponse, PlanEffects
from flowopt.model.response_types import BestResponse
from flowopt.objectives import OBJECTIVES, Objective

CACHED = 200  # responses to a small programme: a search comes back to the same ones
_KEPT = 5  # responses to plans that are kept for the deadline


class ResponseCache:
    """Cached responses of one trafficker.

    Parameters
    ----------
    effects
        Those of plans on its model.

    Attributes
    ----------
    reference : CachedResponse or None
        The response that others are compared with.
    last : (flags, callable) or None
        Plan of the last value, for `bilevel` only where the programme is large, and what makes its
        response while the solver is still there.
    """

    def __init__(self, effects: PlanEffects) -> None:
        self.reference: CachedResponse | None = None
        self.last: tuple[Flags, Callable[[], BestResponse]] | None = None
        self._effects = effects
        self._known: dict[bytes, CachedResponse] = {}
        self._kept: dict[bytes, BestResponse] = {}
        self._bounds: Bounds | None = None

    def known(self, model: ActivityModel, acts: Flags) -> float | None:
        """Return the value of a plan that leaves the reference response, None for others."""
        known = self.reference
        if known is not None and self._effects.still_best(model, known, acts):
            return known.value
        return None

    def value_of(self, acts: Flags) -> float | None:
        """Return the value of a plan whose own response is cached, None for others."""
        found = self._known.get(acts.tobytes())
        return None if found is None else found.value

    def note(self, cached: CachedResponse, *, most: int) -> None:
        """Take a response among the `most` that need not be found once more."""
        if len(self._known) >= most:
            self._known.clear()
        self._known[cached.acts.tobytes()] = cached

    def recall(self, acts: Flags) -> bool:
        """Make the response to a plan the reference; return whether it is known."""
        if self.reference is not None and np.array_equal(acts, self.reference.acts):
            return True
        found = self._known.get(acts.tobytes())
        if found is not None:
            self.reference = found
        return found is not None

    def found_last(self, acts: Flags) -> BestResponse | None:
        """Return the last response, if it is that to this plan and the solver is still there."""
        if self.last is None or not np.array_equal(acts, self.last[0]):
            return None
        return self.last[1]()

    def keep(self, acts: Flags) -> None:
        """Keep the last response for the deadline, if it is that to this plan."""
        if self.last is not None and np.array_equal(acts, self.last[0]):
            nothing = self._effects.chosen(()).tobytes()
            others = [key for key in self._kept if key != nothing]
            if len(others) == _KEPT:
                del self._kept[others[0]]
            self._kept[acts.tobytes()] = self.last[1]()

    def kept(self, acts: Flags) -> BestResponse | None:
        """Return the response to a plan that was kept, None where none was."""
        return self._kept.get(acts.tobytes())

    def drop_kept(self) -> None:
        """Forget what was kept for the deadline."""
        self._kept = {}

    def forget(self) -> None:
        """Forget what was known of a response, and of the model's numbers."""
        self.reference = None
        self._known = {}
        self.last = None
        self._bounds = None

    def most_lost(
        self,
        model: ActivityModel,
        objective: Objective,
        *,
        together: bool = False,
        known: CachedResponse | None = None,
    ) -> Floats:
        """Return by how much each measure more can lower the value of a response, at most.

        That of the reference by default.
        """
        traits, known = OBJECTIVES[objective], known or self.reference
        if known is None or traits.ties:
            return np.full(len(model.measures), np.inf)
        return self._effects.most_lost(
            known, self._bounds_of(model, objective), money=traits.in_money, together=together
        )

    def most_run(self, model: ActivityModel, objective: Objective, wanted: Floats) -> Floats:
        """Return up to which activity closures take no more than is `wanted` of their measures."""
        return self._effects.most_run(self._bounds_of(model, objective), wanted)

    def _bounds_of(self, model: ActivityModel, objective: Objective) -> Bounds:
        if self._bounds is None:
            self._bounds = derive_bounds(model, objective)
        return self._bounds

    def surely_lost(self, model: ActivityModel) -> Floats:
        """Return by how much each measure more lowers the reference value, at least."""
        if self.reference is None or self.reference.rents is None:
            return np.zeros(len(model.measures))
        return self._effects.surely_lost(model, self.reference.rents)
