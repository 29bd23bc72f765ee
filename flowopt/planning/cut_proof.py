"""Proof of the best plan over many scenarios, by branch and cut over the plan.

The one programme with a block for each scenario takes a linear programme of all of them at every
node, whose work rises with their number faster than they do: with ten, its first one takes as long
as fifty nodes here. Branch and cut looks at each scenario by itself, so that each programme stays
small and hot, and several are solved at once where there are threads for it. Which thread solves
what changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flowopt.model.feasible_plans import rounded
from flowopt.model.incumbent import Plan
from flowopt.model.plan_cuts import PlanCuts
from flowopt.model.separation import threads_for_cuts
from flowopt.model.solver import SolverOptions
from flowopt.planning.proof_loop import ProofLoop

_ROUND_EVERY = 5  # nodes from one whose point is rounded to a plan to the next


@dataclass(frozen=True, slots=True)
class CutProof(ProofLoop):
    """Proof by branch and cut, which takes the plans that it meets.

    Attributes
    ----------
    cuts : callable
        Builds the programmes of all scenarios.
    least_proving : callable
        Returns the least bound that proves a value.
    """

    cuts: Callable[[], PlanCuts]
    least_proving: Callable[[float], float]

    def prove(self, bound: float, options: SolverOptions | None = None) -> float:
        """Look at nodes until the best plan of the search is proved, or the run ends.

        With `options`, those of a first look at the one programme, it is solved instead.
        """
        if options is not None:
            return ProofLoop.prove(self, bound, options)
        session, search = self.session, self.search
        with session.building():
            cuts = self.cuts()
        with threads_for_cuts(session.solver_options.threads) as pool:
            tree = cuts.tree(search.limits, search.best, self, pool=pool)

            def looked() -> None:
                if tree.nodes % _ROUND_EVERY == 1:
                    search.offer(rounded(session.model, search.limits, tree.point, search.forced))
                session.report(search.value, max(bound, min(tree.bound, search.value)))

            with session.stoppable():
                tree.start(search.best)
                tree.run(looked)
        session.effort += tree.work * cuts.rows
        return max(bound, min(tree.bound, search.value))

    def offer(self, plan: Plan) -> float:
        """Take a plan if it is better; return its value."""
        self.search.offer(plan)
        return self.search.value_of(plan)

    def proving(self) -> float:
        """Return the least bound that proves the best plan."""
        return self.least_proving(self.search.value)

    def ended(self) -> bool:
        """Return whether the user or the clock ended the run."""
        return self.session.ended()
