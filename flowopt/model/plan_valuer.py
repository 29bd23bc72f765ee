"""The face of whatever values plans for a search and a proof: one trafficker, or several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from flowopt.model.activities import Floats
from flowopt.objectives import Objective


class PlanValuer(Protocol):
    """Values of plans, and what is known of others without a programme.

    `flowopt.model.best_response.BestResponseSolver` is one; it says what each of these is.
    """

    deadline: float | None

    @property
    def objective(self) -> Objective:
        """The objective of both levels."""

    @property
    def iterations(self) -> int:
        """Iterations of the solver so far."""

    @property
    def visit(self) -> float:
        """Work of valuing a plan beside its iterations."""

    def value(self, plan: Iterable[int] = ()) -> float:
        """Return the planner's objective under a plan."""

    def keep(self, plan: Iterable[int]) -> None:
        """Keep the response to the plan valued last, for the deadline."""

    def remember(self, plan: Iterable[int] = ()) -> None:
        """Prepare for plans that hold this one."""

    def most_lost(self, *, together: bool = False) -> Floats:
        """Return by how much each measure more can lower the remembered plan's value."""

    def surely_lost(self) -> Floats:
        """Return by how much each measure more lowers the remembered plan's value, at least."""

    def value_and_losses(self, plan: Iterable[int]) -> tuple[float, Floats]:
        """Return the value of a plan, and by how much each measure more can lower it."""
