"""One row: the best plan for one budget, warm started by the rows of other budgets.

A row is a function of its request alone: it builds its own programmes, so any process on any
machine gives the same result, unless a time limit cuts it short.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from flowopt.atomic import write_file
from flowopt.clock import Clock, LimitReason
from flowopt.errors import OutOfTime, RequestError
from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.feasible_plans import PlanConstraints, allowed
from flowopt.model.incumbent import Plan, SearchStopped
from flowopt.model.search import Search
from flowopt.model.solver import OnProgress, Progress
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning.plan_constraints import PlanProblem, forced_plan, indices, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.response_tables import describe
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve_responses import response_of
from flowopt.planning.solve_run import FoundPlan, SolveRun
from flowopt.planning.sweep.budgets import PlanCosts
from flowopt.planning.sweep.environment import Environment, check_environment
from flowopt.planning.sweep.shared_model import shared_model
from flowopt.results.document import Document
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.numbers import EQUAL, relative_gap
from flowopt.results.proof import Proof
from flowopt.results.response import Response
from flowopt.results.scenario_solution import ScenarioSolution
from flowopt.results.schedule_solution import ScheduleSolution
from flowopt.results.schedules_under_luck import LuckScheduleSolution

_LEAST = 0.05  # seconds: a row whose time is up still returns its first plan
_RESERVED = 0.2  # of the time limit, at most, is kept for the response to the plan
_EVERY = 0.5  # seconds between writes of the progress


@dataclass(frozen=True, slots=True)
class RowRequest:
    """One row to solve.

    Attributes
    ----------
    network, plan_request, options
        The problem, for one budget, and how it is solved.
    starts : tuple of tuples of str
        Plans of other budgets that warm start the search.
    seconds : float or None
        Seconds that it may take itself, where it has a limit of its own: a part of the limit that
        was asked for.
    until : float or None
        `time.time` at which it must end, where it shares a limit with others on this machine: a
        process may take a while to begin.
    floor : float
        Dual bound of a larger budget, which holds for this one too.
    """

    network: Network
    plan_request: PlanRequest
    options: RunOptions
    starts: tuple[tuple[str, ...], ...] = ()
    seconds: float | None = None
    until: float | None = None
    floor: float = 0.0

    @property
    def objective(self) -> Objective:
        """The objective of the row."""
        return self.plan_request.objective

    @property
    def budget(self) -> float:
        """The budget of the row, M USD a year; 0 where the request has none."""
        budget = self.plan_request.budget
        return 0.0 if budget is None else budget

    def at(self, budget: float) -> RowRequest:
        """Return the row for another budget."""
        return replace(self, plan_request=replace(self.plan_request, budget=budget))

    @property
    def seconds_left(self) -> float | None:
        """Seconds left from now on, None for no limit."""
        limits = [self.options.time_limit, self.seconds]
        if self.until is not None:
            limits.append(self.until - time.time())
        known = [each for each in limits if each is not None]
        return max(_LEAST, min(known)) if known else None

    @property
    def key(self) -> str:
        """The key of the row, unique within a comparison."""
        return f"{self.network.info.id} {self.objective} {self.budget!r}"

    def solve(self, on_progress: OnProgress | None) -> RowResult:
        """Return the best plan for the budget."""
        return _solve(self, on_progress)


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan valued on the way, which may be the best one for another budget.

    Attributes
    ----------
    plan : tuple of str
        The measures, in file order.
    spent, value : float
        Its cost, M USD a year, and the objective under it.
    """

    plan: tuple[str, ...]
    spent: float
    value: float


@dataclass(frozen=True, slots=True)
class RowResult(Document):
    """Result of a row: plain values that survive JSON without a change.

    Attributes
    ----------
    network, objective, budget
        The row.
    status : str
        ``optimal``, ``limit``, ``infeasible`` or ``no_solution``.
    plan : tuple of str
        The measures, in file order.
    spent, value, bound : float or None
        None without a plan.
    delivered, totals : tuples of float
        The trafficker's deliveries and totals, t/yr, in the order of its response.
    seconds : float
        Time that the row took.
    proof : Proof or None
        Of the value; None without a plan.
    limit : str or None
        The limit that stopped the proof, as for a `Solution`; None where none did.
    offers : tuple of Offer
        The nondominated plans of all valued on the way, costs rising.
    scenarios : ScenarioSolution or None
        The whole result of a row over scenarios, whose value is that of the criterion.
    luck : LuckSolution or None
        The whole result of a row whose measures may fail, in the mean over what works.
    schedule : ScheduleSolution or None
        The whole result of a row over periods; its plan is what is in force, as ``m01@2015``.
    before : Response or None
        Of a large network with a time limit, the response without measures as it was valued, for
        tables that have no time to find it once more.
    """

    network: str
    objective: str
    budget: float
    status: str
    plan: tuple[str, ...] = ()
    spent: float | None = None
    value: float | None = None
    bound: float | None = None
    delivered: tuple[float, ...] = ()
    totals: tuple[float, ...] = ()
    seconds: float = 0.0
    proof: Proof | None = None
    limit: LimitReason | None = None
    offers: tuple[Offer, ...] = ()
    scenarios: ScenarioSolution | None = None
    luck: LuckSolution | None = None
    schedule: LuckScheduleSolution | ScheduleSolution | None = None
    before: Response | None = None

    @property
    def scale(self) -> float:
        """The size of what values of a row over scenarios or periods are part of."""
        found = self.scenarios or self.luck
        base = None if found is None else found.base
        return base or (self.schedule.baseline if self.schedule is not None else 0.0) or 1.0


class WarmStartedRun(SolveRun):
    """Solve that is warm started by the plans of other budgets, and offers those it valued."""

    starts: tuple[Plan, ...] = ()

    def offers(self) -> tuple[Offer, ...]:
        """Return the plans that other budgets may use."""
        return nondominated(self.model, self.limits, self._known, same=EQUAL * self.scale)

    def _first_plan(self) -> Search:
        """Return the best of the searches from nothing and from each warm start."""
        search = super()._first_plan()
        if not self.starts:
            return search
        with suppress(OutOfTime):  # the plans found by then count
            search.run(swaps=False)
            for plan in self.starts:
                other = super()._first_plan()
                with suppress(SearchStopped):
                    other.offer(other.trimmed(plan))
                other.run(swaps=False)
                search.offer(other.best)
        return search


def solve_row(request: RowRequest, expected: Environment, progress: str | None = None) -> RowResult:
    """Solve one row, with the result that the calling process would get.

    Parameters
    ----------
    request
        The row.
    expected
        Versions and code of the calling process.
    progress
        Path of a file for the progress.

    Raises
    ------
    RequestError
        When this process has other versions or code.
    """
    check_environment(expected, request.options.solver, "the comparison")
    write = None if progress is None else _progress_writer(Path(progress))
    return request.solve(write)


def _solve(request: RowRequest, on_progress: OnProgress | None) -> RowResult:
    began = time.perf_counter()
    network = request.network
    problem = problem_of(network, shared_model(network), request.plan_request)
    model, limits = problem.model, problem.constraints
    row = (network.info.id, request.objective, request.budget)
    if not allowed(model, limits, forced_plan(model, limits)):  # part of every plan
        return RowResult(*row, status="infeasible", seconds=time.perf_counter() - began)
    clock = Clock(request.seconds_left, began)
    options = replace(request.options, on_progress=on_progress)
    run = WarmStartedRun(problem, options, clock)
    run.starts = tuple(
        frozenset(indices(model.measures, names, what="measure")) for names in request.starts
    )
    try:
        baseline = run.value(())
        took = time.perf_counter() - began
        before = _as_valued(run, clock)
        run.reserve(_reserve(clock))
        solved = run.run(baseline, floor=request.floor)
        after = _response_to(run, solved.plan, clock, took)
    except OutOfTime:  # not even today's response is known: other rows may have a plan
        late = time.perf_counter() - began
        offers = run.offers()
        return RowResult(*row, status="no_solution", limit="time", seconds=late, offers=offers)
    spent = PlanCosts(model).of(solved.plan)
    result = _row_result(row, solved, after, spent, (options.gap, baseline), began)
    return replace(result, offers=run.offers(), before=before)


def _reserve(clock: Clock) -> float:
    """Return the seconds reserved for the response to the plan: those of the first one."""
    return 0.0 if clock.limit is None else min(clock.elapsed(), _RESERVED * clock.limit)


def _as_valued(run: SolveRun, clock: Clock) -> Response | None:
    """Return the response without measures, valued last, of a large network with a time limit."""
    if clock.limit is None or not run.trafficker.large:
        return None
    found = run.trafficker.found_last(())
    return None if found is None else describe(run.problem, (), found)


def _response_to(run: SolveRun, plan: Plan, clock: Clock, seconds: float) -> Response:
    """Return the response to a plan, by a fresh trafficker if there is time.

    Of a large network that takes so many seconds, of which loading heeds no deadline.
    """
    if run.trafficker.large and clock.left() < seconds:
        return response_of(run, sorted(plan))
    try:
        return fresh_response(run.problem, plan, deadline=clock.deadline)
    except OutOfTime:
        return response_of(run, sorted(plan))


def _row_result(
    row: tuple[str, str, float],
    solved: FoundPlan,
    after: Response,
    spent: float,
    tolerance: tuple[float, float],
    began: float,
) -> RowResult:
    gap, baseline = tolerance
    bound = min(solved.bound, after.value)
    status = "optimal" if relative_gap(after.value, bound, baseline) <= gap else "limit"
    result = with_response(RowResult(*row, status=status, spent=spent, bound=bound), after)
    limit = solved.limit if status == "limit" else None
    return replace(result, limit=limit, seconds=time.perf_counter() - began)


def with_response(row: RowResult, after: Response) -> RowResult:
    """Return a row with a plan and the best response to it."""
    return replace(
        row,
        plan=after.measures,
        value=after.value,
        delivered=tuple(market.delivered for market in after.markets),
        totals=tuple(amount for _, _, amount in after.totals),
        proof=after.proof,
    )


def nondominated(
    model: ActivityModel, limits: PlanConstraints, values: Mapping[Plan, float], *, same: float
) -> tuple[Offer, ...]:
    """Return the plans that no cheaper one is as good as, costs rising.

    Parameters
    ----------
    model, limits
        Constraints on plans, whatever they cost.
    values
        The objective under each plan.
    same
        Differences up to this don't count.
    """
    limits = replace(limits, budget=math.inf, covers=())
    costs = {plan: float(model.measure_cost[sorted(plan)].sum()) for plan in values}
    plan_costs, best, solved = PlanCosts(model), math.inf, []
    for plan in sorted(values, key=lambda plan: (costs[plan], values[plan], sorted(plan))):
        if values[plan] < best - same and allowed(model, limits, plan):
            best = values[plan]
            ids = tuple(model.measures[i] for i in sorted(plan))
            solved.append(Offer(ids, plan_costs.of(plan), best))
    return tuple(solved)


def fresh_response(
    problem: PlanProblem, plan: Iterable[int], *, deadline: float | None = None
) -> Response:
    """Return the response to a plan by a trafficker that has solved no other.

    Of several optimal flows, the one it returns may depend on what it solved before: from a cold
    start, equal plans have equal rows. Of a small network it is the one nearest to what the
    trafficker does without measures.
    """
    chosen = sorted(plan)
    request = problem.request
    trafficker = BestResponseSolver(problem.model, request.objective, ties=request.ties)
    trafficker.deadline = deadline
    today = None if trafficker.large or not chosen else trafficker.respond().activity
    return describe(problem, chosen, trafficker.respond(chosen, anew=True, before=today))


def _progress_writer(path: Path) -> Callable[[Progress], None]:
    """Return a callback that writes the progress to a file, atomically and not too often."""
    last = -math.inf

    def write(progress: Progress) -> None:
        nonlocal last
        if progress.seconds < last + _EVERY:
            return
        last = progress.seconds
        text = json.dumps([progress.seconds, progress.incumbent, progress.bound])
        with suppress(RequestError):  # progress is for display only
            write_file(path, text, force=True, durable=False)

    return write
