"""Best responses that are remembered: for other plans with the same one, and for the deadline.

A *standing* response is one whose plan others hold: a plan that takes nothing of what it uses has
its value.
"""

from __future__ import annotations

import numpy as np

from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.bounds import Bounds, derive_bounds
from flowopt.model.objectives import OBJECTIVES, Objective
from flowopt.model.plan_effects import Flags, PlanTerms, Standing
from flowopt.model.response_types import BestResponse

_STANDINGS = 200  # that are remembered of a small programme: a search comes back to the same ones
_KEPT = 5  # responses to plans that are kept for the deadline


class ResponseCache:
    """Responses of one trafficker.

    Parameters
    ----------
    terms
        What plans do to its model.

    Attributes
    ----------
    standing : Standing or None
        The response that others are compared with.
    last : (flags, BestResponse) or None
        Plan and response of the last value, where the programme is large.
    """

    def __init__(self, terms: PlanTerms) -> None:
        self.standing: Standing | None = None
        self.last: tuple[Flags, BestResponse] | None = None
        self._terms = terms
        self._standings: dict[bytes, Standing] = {}
        self._kept: dict[bytes, BestResponse] = {}
        self._bounds: Bounds | None = None

    def known(self, model: ActivityModel, acts: Flags) -> float | None:
        """Return the value of a plan that leaves the standing response, None for others."""
        known = self.standing
        if known is not None and self._terms.stands(model, known, acts):
            return known.value
        return None

    def note(self, standing: Standing, *, large: bool) -> None:
        """Take a response among those that need not be found once more."""
        if len(self._standings) == (1 if large else _STANDINGS):
            self._standings.clear()
        self._standings[standing.acts.tobytes()] = standing

    def recall(self, acts: Flags) -> bool:
        """Make the response to a plan the standing one; return whether it is known."""
        if self.standing is not None and np.array_equal(acts, self.standing.acts):
            return True
        found = self._standings.get(acts.tobytes())
        if found is not None:
            self.standing = found
        return found is not None

    def keep(self, acts: Flags) -> None:
        """Keep the last response for the deadline, if it is that to this plan."""
        if self.last is not None and np.array_equal(acts, self.last[0]):
            nothing = self._terms.chosen(()).tobytes()
            others = [key for key in self._kept if key != nothing]
            if len(others) == _KEPT:
                del self._kept[others[0]]
            self._kept[acts.tobytes()] = self.last[1]

    def kept(self, acts: Flags) -> BestResponse | None:
        """Return the response to a plan that was kept, None where none was."""
        return self._kept.get(acts.tobytes())

    def drop_kept(self) -> None:
        """Forget what was kept for the deadline."""
        self._kept = {}

    def forget(self) -> None:
        """Forget what was known of a response, and of the model's numbers."""
        self.standing = None
        self._standings = {}
        self.last = None
        self._bounds = None

    def most_lost(self, model: ActivityModel, objective: Objective, *, together: bool) -> Floats:
        """Return by how much each measure more can lower the standing value, at most."""
        traits = OBJECTIVES[objective]
        if self.standing is None or traits.ties:
            return np.full(len(model.measures), np.inf)
        if self._bounds is None:
            self._bounds = derive_bounds(model, objective)
        return self._terms.most_lost(
            self.standing, self._bounds, money=traits.in_money, together=together
        )

    def surely_lost(self, model: ActivityModel) -> Floats:
        """Return by how much each measure more lowers the standing value, at least."""
        if self.standing is None or self.standing.rents is None:
            return np.zeros(len(model.measures))
        return self._terms.surely_lost(model, self.standing.rents)
