"""Budgets that reach no target under luck, one after the other: bounds on what the cheapest costs.

That no plan for so much money brings the mean to the target is proved by the tree over the best
plan for that budget: all of it has to stay above the target. It gets there with far fewer nodes
than the tree over costs, whose least node rises little by little. Each tree begins with the cuts of
the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol

from flowopt.model.branch_and_cut import BranchAndCut
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.incumbent import Plan
from flowopt.model.plan_cuts import PlanCuts

_RUNGS = 10  # from the bound that there is to what would prove the cheapest plan


class RungRun(Protocol):
    """The run whose cheapest plan is proved."""

    limits: PlanConstraints
    cheap: Plan | None
    cost_bound: float

    def certain(self, plan: Plan) -> float | None:
        """Take a plan if it is cheaper; return its mean, None where it is none for certain."""

    def best_for(self, budget: float) -> Plan:
        """Return the best plan that is known for a budget."""

    def proving(self) -> float:
        """Return the least bound on costs that proves the cheapest plan."""

    def ended(self) -> bool:
        """Return whether the run was stopped."""


@dataclass(slots=True)
class _Rung:
    """Goal of a tree: that all plans of a budget stay above a value.

    Attributes
    ----------
    missed : bool
        Whether a plan does not, or is not known to.
    """

    run: RungRun
    above: float
    missed: bool = field(default=False, init=False)

    def offer(self, plan: Plan) -> float | None:
        value = self.run.certain(plan)
        self.missed = self.missed or value is None or value < self.above
        return value

    def proving(self) -> float:
        return self.above

    def ended(self) -> bool:
        return self.missed or self.run.ended()


def climb(
    run: RungRun,
    cuts: PlanCuts,
    above: float,
    looked: Callable[[], None],
    pool: Executor | None,
) -> None:
    """Raise the bound on costs by budgets that reach no target, until one is not proved.

    Parameters
    ----------
    run
        Its cost bound is raised.
    cuts
        The programmes.
    above
        What means have to stay above, for certain.
    looked
        Called after each node.
    pool
        Takes cuts side by side.
    """
    rung: BranchAndCut | None = None
    for budget in _budgets(run):
        goal = _Rung(run, above)
        if rung is None:  # with cells of its own: those of a dear plan tell little of cheap ones
            plan = run.best_for(budget)
            rung = cuts.tree(run.limits, plan, goal, pool=pool, budget=budget)
            rung.start(plan)
        else:
            rung = cuts.within(rung, run.limits, budget, goal)
        rung.run(looked)
        if goal.ended() or not rung.done or rung.bound < above:
            return
        run.cost_bound = max(run.cost_bound, budget)


def _budgets(run: RungRun) -> Iterator[float]:
    """Yield budgets from the bound on, the last of which would prove the cheapest plan."""
    first = run.cost_bound
    for number in range(1, _RUNGS + 1):
        budget = first + (run.proving() - first) * number / _RUNGS
        if budget > run.cost_bound:
            yield budget
