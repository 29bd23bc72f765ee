"""Several traffickers at once: one hot solver per scenario, behind the face of a single one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.criterion import Criterion
from flowopt.model.incumbent import Plan
from flowopt.objectives import Objective


class ScenarioValues:
    """Values of plans by scenario, each found once.

    Parameters
    ----------
    traffickers
        The solver of each scenario.

    Attributes
    ----------
    traffickers : tuple of BestResponseSolver
        They.
    """

    def __init__(self, traffickers: Sequence[BestResponseSolver]) -> None:
        self.traffickers = tuple(traffickers)
        self._known: list[dict[Plan, float]] = [{} for _ in traffickers]

    @property
    def known(self) -> tuple[dict[Plan, float], ...]:
        """By scenario, the value of each plan that was valued there."""
        return tuple(dict(each) for each in self._known)

    def note(self, scenario: int, plan: Iterable[int], value: float) -> None:
        """Take a value that was found elsewhere."""
        self._known[scenario].setdefault(frozenset(plan), value)

    def value(self, scenario: int, plan: Iterable[int]) -> float:
        """Return the objective under a plan in one scenario."""
        plan, known = frozenset(plan), self._known[scenario]
        if plan not in known:
            known[plan] = self.traffickers[scenario].value(plan)
        return known[plan]

    def values(self, plan: Iterable[int]) -> Floats:
        """Return the objective under a plan in every scenario."""
        return np.array([self.value(s, plan) for s in range(len(self.traffickers))])

    def least(self, scenario: int, is_allowed: Callable[[Plan], bool]) -> tuple[Plan, float] | None:
        """Return the best allowed plan of those valued in a scenario; None where there is none."""
        known = self._known[scenario]
        for plan in sorted(known, key=lambda plan: (known[plan], sorted(plan))):
            if is_allowed(plan):
                return plan, known[plan]
        return None


class SeveralTraffickers:
    """Criterion of plans over some of the scenarios, for a search that knows one trafficker.

    Parameters
    ----------
    values
        Values by scenario.
    scenarios
        Those that count.
    criterion
        Over them, in this order.
    """

    def __init__(
        self, values: ScenarioValues, scenarios: Sequence[int], criterion: Criterion
    ) -> None:
        self._values = values
        self._scenarios = tuple(scenarios)
        self._traffickers = [values.traffickers[s] for s in scenarios]
        self._criterion = criterion

    @property
    def deadline(self) -> float | None:
        """`time.perf_counter` after which a large programme is given up with `OutOfTime`."""
        return self._traffickers[0].deadline

    @deadline.setter
    def deadline(self, deadline: float | None) -> None:
        for trafficker in self._traffickers:
            trafficker.deadline = deadline

    @property
    def objective(self) -> Objective:
        """The objective of both levels, in every scenario."""
        return self._traffickers[0].objective

    @property
    def iterations(self) -> int:
        """Iterations of all solvers so far."""
        return sum(trafficker.iterations for trafficker in self._traffickers)

    @property
    def visit(self) -> float:
        """Work of valuing a plan beside its iterations, in all scenarios."""
        return sum(trafficker.visit for trafficker in self._traffickers)

    def value(self, plan: Iterable[int] = ()) -> float:
        """Return the criterion of a plan."""
        plan = frozenset(plan)
        return self._criterion.of(np.array([self._values.value(s, plan) for s in self._scenarios]))

    def keep(self, plan: Iterable[int]) -> None:
        """Keep the responses to the plan valued last, for the deadline."""
        for trafficker in self._traffickers:
            trafficker.keep(plan)

    def remember(self, plan: Iterable[int] = ()) -> None:
        """Prepare for plans that hold this one."""
        for trafficker in self._traffickers:
            trafficker.remember(plan)

    def most_lost(self, *, together: bool = False) -> Floats:
        """Return by how much each measure more can lower the criterion of the remembered plan."""
        losses = [trafficker.most_lost(together=together) for trafficker in self._traffickers]
        return self._criterion.most_lost(np.array(losses))

    def surely_lost(self) -> Floats:
        """Return by how much each measure more lowers that criterion, at least."""
        losses = [trafficker.surely_lost() for trafficker in self._traffickers]
        return self._criterion.surely_lost(np.array(losses))

    def value_and_losses(self, plan: Iterable[int]) -> tuple[float, Floats]:
        """Return the criterion of a plan, and by how much each measure more can lower it."""
        plan = frozenset(plan)
        found = [trafficker.value_and_losses(plan) for trafficker in self._traffickers]
        for scenario, (value, _) in zip(self._scenarios, found, strict=True):
            self._values.note(scenario, plan, value)
        losses = self._criterion.most_lost(np.array([lost for _, lost in found]))
        return self.value(plan), losses
