"""Run that ends once every plan is known to leave so much, which is enough."""

from __future__ import annotations

from dataclasses import replace

from flowopt.clock import Clock
from flowopt.model.solver import SolverOptions
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve_run import SolveRun


class CutoffRun(SolveRun):
    """Run for the best plan that ends once every plan is known to leave `enough`.

    Then the best plan may be another, and what it returns as proved is only that.

    Parameters
    ----------
    problem, options, clock
        The request, the options of the run, and its time.
    enough
        What counts as enough, in the objective's unit.
    """

    def __init__(
        self, problem: PlanProblem, options: RunOptions, clock: Clock, enough: float
    ) -> None:
        super().__init__(problem, options, clock)
        self.enough = enough

    def is_proved(self, value: float, bound: float) -> bool:
        """Return whether every plan leaves enough, or the best one is known within the gap."""
        return bound >= self.enough or super().is_proved(value, bound)

    def _settle_ties(self) -> None:
        """Settle ties of a plan that leaves less, and of no other."""
        if self._bound < self.enough:
            super()._settle_ties()

    def remaining(self) -> SolverOptions:
        """Return the options of the solver, which stops at a bound that is enough."""
        options, value = super().remaining(), self._search.value
        if not value > max(0.0, self.enough):
            return options
        return replace(options, gap=max(options.gap, 1.0 - self.enough / value))
