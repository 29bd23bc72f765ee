"""The plans of an evaluation: the one at hand, the best for the money, and one that covers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, get_args

from flowopt.clock import Clock, LimitReason
from flowopt.errors import OutOfTime, RequestError
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.certificate import prove, settled
from flowopt.model.coverage import kept_to
from flowopt.model.feasible_plans import allowed
from flowopt.model.incumbent import Plan
from flowopt.objectives import OBJECTIVES
from flowopt.planning.plan_constraints import PlanProblem, plan_totals
from flowopt.planning.response_tables import describe
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve_responses import first_response
from flowopt.planning.solve_run import FoundPlan, SolveRun
from flowopt.results.evaluation import STATUS, PlanCompared
from flowopt.results.numbers import EQUAL, not_above, relative_gap, rounded, share
from flowopt.results.plan_result import Status
from flowopt.results.proof import Proof
from flowopt.results.response import Response

Against = Literal["coverage"]
AGAINST: tuple[Against, ...] = get_args(Against)


@dataclass(frozen=True, slots=True)
class ComparedPlans:
    """The plans that are set beside the one at hand.

    Attributes
    ----------
    against : tuple of str
        Those of `AGAINST` that are wanted.
    alone : bool
        Whether the best plan is left out.
    """

    against: tuple[Against, ...] = ()
    alone: bool = False

    def check(self) -> None:
        """Refuse an unknown plan with a `RequestError`."""
        unknown = [name for name in self.against if name not in AGAINST]
        if unknown:
            raise RequestError(f"against '{unknown[0]}' is not one of {', '.join(AGAINST)}")

    @property
    def coverage(self) -> bool:
        """True where the plan that covers most of today's flow is wanted."""
        return "coverage" in self.against

    @property
    def best(self) -> bool:
        """True where the best plan for the same money is wanted."""
        return not self.alone


class PlanComparison:
    """Plans side by side, each valued with and without re-routing.

    Parameters
    ----------
    problem
        The request, with a budget for the plans that are found.
    options
        Options of each run.
    clock
        The time for all of it.

    Attributes
    ----------
    run : SolveRun
        The run that values plans, and finds the best one.
    baseline : Response
        The response without measures.
    rows : list of PlanCompared
        The comparison.
    responses : dict
        By plan of the comparison, the response to it.
    kept : dict
        By plan of the comparison, proof of what it leaves of today's flow.
    left_out : list of str
        A warning for each plan that there was no time for.
    limit : str or None
        What stopped the proof of the best plan, or else of the covering one.
    """

    def __init__(self, problem: PlanProblem, options: RunOptions, clock: Clock) -> None:
        self.run = SolveRun(problem, options, clock)
        self.baseline = first_response(self.run)
        self.rows: list[PlanCompared] = []
        self.left_out: list[str] = []
        self.responses: dict[str, Response] = {}
        self.kept: dict[str, Proof] = {}
        self.build_seconds = 0.0
        self.interrupted = False
        self.limit: LimitReason | None = None  # of the best plan, or else of the covering one
        self._problem, self._options = problem, options
        self._unit = OBJECTIVES[problem.request.objective].planner
        self._today = kept_to(problem.model, problem.network, self.baseline.proof)
        self._still = BestResponseSolver(self._today, self._unit)
        self._still.deadline = clock.deadline
        self._values: dict[Plan, float] = {}
        self._after: dict[Plan, Response] = {frozenset(): self.baseline}

    def compare(self, plan: Plan, wanted: ComparedPlans) -> None:
        """Value a plan, and find the others for the same money, in the time there is."""
        self.rows = [self._row("yours", FoundPlan(plan, 0.0, 0.0, "optimal"))]
        if wanted.coverage:
            covering = partial(self._covering, share=1.0 if wanted.alone else 0.5)
            self.rows += self._in_time("the plan that covers most of today's flow", covering)
        if wanted.best:
            self.rows[1:1] = self._in_time("the best plan for the money", self._best)
        self.rows = [self._beside(row) for row in self.rows]
        self.run.interrupted = self.run.interrupted or self.interrupted

    def compare_at_last(self, plan: Plan) -> None:
        """Value a plan alone, after the limit rather than never."""
        self.rows = [self._row_at_last("yours", FoundPlan(plan, 0.0, 0.0, "optimal"))]

    def set_beside(self, plan: Plan, best: FoundPlan) -> None:
        """Value a plan, and one beside it that was found elsewhere as the best one."""
        self.limit = best.limit
        mine = FoundPlan(plan, 0.0, 0.0, "optimal")
        self.rows = [self._row_at_last("yours", mine), self._row_at_last("best", best)]

    def _best(self) -> PlanCompared:
        """Find the best plan for the money; none of those known is better."""
        if self.interrupted:
            self.run.clock = Clock(0.0)
        found = self.run.run(self.baseline.value)
        self._add_run(self.run)
        for plan in self._values:
            value = self._values[plan]
            better = value < found.value - EQUAL * self.baseline.value
            if better and allowed(self._problem.model, self._problem.constraints, plan):
                gap = relative_gap(value, found.bound, self.baseline.value)
                proved = gap <= self._options.gap
                status: Status = "optimal" if proved else "limit"
                limit = None if proved else found.limit
                found = FoundPlan(plan, value, found.bound, status, limit=limit)
        self.limit = "interrupted" if found.limit and self.interrupted else found.limit
        return self._row("best", found)

    def _covering(self, *, share: float) -> PlanCompared:
        """Find the plan that covers most of today's flow."""
        problem = replace(self._problem.with_objective(self._unit), model=self._today)
        run = SolveRun(problem, self._options, self.run.clock.part(share))
        found = run.run(self.baseline.value)
        self._add_run(run)
        self.limit = found.limit
        return self._row("coverage", found)

    def _in_time(self, label: str, row: Callable[[], PlanCompared]) -> list[PlanCompared]:
        """Return a row, or none where the time was over first: then `left_out` names it."""
        try:
            return [row()]
        except OutOfTime:
            self.left_out.append(f"the time limit came first: {label} was left out")
            return []

    def _row(self, name: str, found: FoundPlan) -> PlanCompared:
        """Value a plan with and without re-routing, and return its row of the comparison."""
        plan = sorted(found.plan)
        if found.plan not in self._after:
            response = self.run.trafficker.respond(plan, anew=True, before=self.run.today)
            self.run.note(found.plan, response.value)
            self._values[found.plan] = response.value
            self._after[found.plan] = describe(self._problem, plan, response)
        after = self._after[found.plan]
        kept = self._kept(plan)
        self.responses[name], self.kept[name] = after, kept
        baseline = self.baseline.value
        cut = rounded(baseline - after.value)
        bound = min(found.bound, after.value) if name == "best" else None
        left = min(found.bound, kept.value) if name == "coverage" else None
        return PlanCompared(
            plan=name,
            spent=plan_totals(self._problem.model, plan)[0],
            value=after.value,
            bound=bound,
            gap=None if bound is None else relative_gap(after.value, bound, baseline),
            status=STATUS if name == "yours" else found.status,
            cut=cut,
            cut_share=share(cut, baseline),
            delivered=after.delivered,
            weighted=after.weighted,
            profit=after.profit,
            promised=max(0.0, rounded(baseline - kept.value)),
            measures=";".join(after.measures),
            promised_bound=None if left is None else max(0.0, rounded(baseline - left)),
        )

    def _beside(self, row: PlanCompared) -> PlanCompared:
        """Return a row with no bound on promises a rounding above what another plan found leaves.

        Among plans that cover as much, the cheapest stands for all; the best one may be another.
        """
        if row.promised_bound is None:
            return row
        most = max(each.promised for each in self.rows if each.plan != "yours")
        bound = -not_above(-row.promised_bound, -most, self.baseline.value)
        return replace(row, promised_bound=bound)

    def _row_at_last(self, name: str, found: FoundPlan) -> PlanCompared:
        """Return a row, after the limit rather than never: a plan that was found is not lost."""
        try:
            return self._row(name, found)
        except OutOfTime:
            solvers = (self.run.trafficker, self._still)
            deadlines = [solver.deadline for solver in solvers]
            for solver in solvers:
                solver.deadline = None
            try:
                return self._row(name, found)
            finally:
                for solver, deadline in zip(solvers, deadlines, strict=True):
                    solver.deadline = deadline

    def _kept(self, plan: list[int]) -> Proof:
        """Prove what a plan leaves if the trafficker keeps to what it does today."""
        response = settled(self._today, self._unit, plan, self._still.respond(plan))
        value = rounded(response.value)
        return prove(self._problem.network, self._today, plan, response, value=value)

    def _add_run(self, run: SolveRun) -> None:
        """Add the build time of a run, and whether the user stopped it."""
        self.build_seconds += run.build_seconds
        self.interrupted = self.interrupted or run.interrupted
