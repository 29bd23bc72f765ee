"""The session of a run: its trafficker, programme, solver calls, clock and interrupts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from flowopt.clock import Clock, LimitReason
from flowopt.errors import OutOfTime
from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.formulations import Programme, programme_of
from flowopt.model.incumbent import Plan
from flowopt.model.interdiction import Interdiction
from flowopt.model.milp import Milp
from flowopt.model.plan_valuer import PlanValuer
from flowopt.model.search import Search
from flowopt.model.solver import (
    MilpResult,
    OnProgress,
    Progress,
    SolverOptions,
    chosen_solver,
    solve_milp,
    version_in_use,
)
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.run_options import RunOptions
from flowopt.results.numbers import relative_gap
from flowopt.results.plan_result import Status

_TIGHTENING_SHARE = 0.3  # of the time that is left, at most


class SolverSession:
    """State that all steps of one run share, and the calls of its solver.

    Parameters
    ----------
    problem
        The request on its network.
    options
        Options of the run.
    clock
        The time for all of it.

    Attributes
    ----------
    whole_clock, clock : Clock
        The time for all of it, and for search and proof alone: `reserve` sets the latter.
    trafficker, programme
        Solver of best responses, and the programme that gives bounds on all plans.
    values : PlanValuer
        The values of plans: those of the trafficker.
    proves : bool
        Whether the programme bounds plans at all.
    interrupted : bool
        Whether the user stopped it.
    build_seconds : float
        Seconds that building programmes took.
    scale : float
        The objective without measures: gaps and tolerances are relative to it.
    effort : int
        Work of the solver towards the proof: simplex iterations times rows.
    today : array or None
        Activities without measures, once they are known: responses to plans stay near them.
    """

    trafficker: BestResponseSolver
    proves = True

    def __init__(self, problem: PlanProblem, options: RunOptions, clock: Clock) -> None:
        model, request = problem.model, problem.request
        self.problem = problem
        self.model = model
        self.options = options
        name = chosen_solver(options.solver, model, request.objective)
        self.solver_options = replace(options.for_solver, name=name)
        self.whole_clock = self.clock = clock
        self.values, self.programme = self._levels()
        self.values.deadline = clock.deadline
        self.interrupted = False
        self.build_seconds = 0.0
        self.solver_version = version_in_use(options.solver, name)
        self.scale = 1.0
        self.effort = 0
        self.today: Floats | None = None
        self._stopped_by: LimitReason | None = None  # the solver's last call towards the proof

    def _levels(self) -> tuple[PlanValuer, Programme]:
        """Return what values plans, and the programme that bounds them."""
        model, request = self.model, self.problem.request
        self.trafficker = BestResponseSolver(model, request.objective, ties=request.ties)
        return self.trafficker, programme_of(model, request.objective, self.trafficker)

    def value(self, plan: Iterable[int]) -> float:
        """Return the objective under a plan."""
        return self.values.value(plan)

    # -- the programme and its solver ----------------------------------------------------------

    def build(self, limits: PlanConstraints) -> Interdiction:
        """Build the programme whose optimum bounds every plan."""
        with self.building():
            return self.programme.build(limits, self.scale)

    @contextmanager
    def building(self) -> Iterator[None]:
        """Count the time of a step as that of building programmes."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.build_seconds += time.perf_counter() - began

    def tighten(self, limits: PlanConstraints, cutoff: float) -> None:
        """Make the programme sharper, and exact only for plans within limits up to a cutoff."""
        deadline = self.clock.part(_TIGHTENING_SHARE).deadline
        self.programme.tighten(limits, cutoff, self.scale, deadline)

    def well_searched(self, search: Search) -> bool:
        """Return whether a search has a plan so good that the solver need not look for better."""
        return search.shaken

    def remaining(self) -> SolverOptions:
        """Return the options of the solver with what is left of the time limit."""
        if self.clock.limit is None:
            return self.solver_options
        return replace(self.solver_options, time_limit=max(0.05, self.clock.left()))

    def solve(
        self,
        milp: Milp,
        options: SolverOptions,
        start: Floats | None,
        report: OnProgress | None = None,
        *,
        careful: bool = False,
    ) -> MilpResult:
        """Solve a programme towards the proof."""
        if careful:
            options = replace(options, name="highs", careful=True, gap=options.gap / 2.0)
        result = solve_milp(milp, options, start=start, on_progress=report)
        self.effort += (result.iterations or 0) * len(milp.row_names)
        self._stopped_by = result.limit
        self._take_interrupt(result)
        return result

    def count(self, effort: int, limit: LimitReason | None) -> None:
        """Count work towards the proof that was done elsewhere, and note what ended it."""
        self.effort += effort
        self._stopped_by = limit

    def solve_aside(self, milp: Milp, options: SolverOptions, start: Floats | None) -> MilpResult:
        """Solve a programme that proves nothing about the value."""
        result = solve_milp(milp, options, start=start)
        self._take_interrupt(result)
        return result

    def report(self, incumbent: float | None, bound: float | None) -> None:
        """Report progress, where somebody wants it."""
        if self.options.on_progress is not None:
            self.options.on_progress(Progress(self.clock.elapsed(), incumbent, bound))

    # -- the gap, the clock and the user ---------------------------------------------------------

    def is_proved(self, value: float, bound: float) -> bool:
        """Return whether a bound proves a value within the gap."""
        return relative_gap(value, bound, self.scale) <= self.options.gap

    def most_proved(self, bound: float) -> float:
        """Return the largest value that a bound proves within the gap, but for rounding."""
        gap = self.options.gap
        return bound / (1.0 - gap) if gap < 1.0 else bound

    def late(self) -> bool:
        """Return whether the time for search and proof is over."""
        return self.clock.late()

    def ended(self) -> bool:
        """Return whether the user or the clock ended it."""
        return self.interrupted or self.late()

    def insist_on_time(self) -> None:
        """Raise `OutOfTime` where the run has ended: for steps of many parts."""
        if self.ended():
            raise OutOfTime("the time limit came before a step towards the proof was done")

    def limit_of(self, status: Status) -> LimitReason | None:
        """Return what stopped a proof: the user, the clock, or the solver's own last limit."""
        if status != "limit":
            return None
        if self.interrupted:
            return "interrupted"
        return "time" if self.late() else self._stopped_by

    def reserve(self, seconds: float) -> None:
        """Keep so many seconds before the limit for what follows search and proof."""
        self.clock = self.whole_clock.before(seconds)

    def stopped_by_user(self) -> None:
        """End the run with the best plan so far, or raise `KeyboardInterrupt` if not wanted."""
        if not self.options.keep_on_interrupt:
            raise KeyboardInterrupt
        self.interrupted = True

    @contextmanager
    def stoppable(self) -> Iterator[None]:
        """Let a step end early, at Ctrl-C or because the trafficker takes until the deadline."""
        try:
            yield
        except KeyboardInterrupt:
            self.stopped_by_user()
        except OutOfTime:
            return

    def _take_interrupt(self, result: MilpResult) -> None:
        if result.interrupted:
            self.stopped_by_user()


def start_of(programme: Interdiction, plan: Plan) -> Floats:
    """Return a plan as the start of a programme; only the plan's variables have values."""
    start = np.full(len(programme.milp.cost), np.nan)
    start[programme.plan] = 0.0
    start[programme.plan[sorted(plan)]] = 1.0
    return start


def plan_of(programme: Interdiction, result: MilpResult) -> Plan | None:
    """Return the plan of a solution, None where there is none."""
    return None if result.values is None else plan_in(programme, result.values)


def plan_in(programme: Interdiction, values: Floats) -> Plan:
    """Return the plan that values of a programme's variables stand for."""
    return frozenset(np.flatnonzero(values[programme.plan] > 0.5).tolist())


def claimed_bound(result: MilpResult, bound: float, scale: float) -> float:
    """Return the bound on every plan that a solver claims: infinity where it finds none at all."""
    if result.status == "infeasible":
        return np.inf
    return bound if result.bound is None else max(bound, result.bound * scale)
