"""The best plan for a budget: search, proof, check, tie-break, and what each measure is worth."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack, overload

from flowopt.clock import Clock
from flowopt.criteria import TAIL, CriterionName
from flowopt.defaults import ALTERNATIVES, GAP, OBJECTIVE, SOLVER, THREADS, TIE_RULE
from flowopt.errors import OutOfTime
from flowopt.keywords import naming_keywords
from flowopt.model.build import build_in_time
from flowopt.model.solver import OnProgress
from flowopt.model.solver_log import logged
from flowopt.network.chances import may_fail, may_fail_somewhere
from flowopt.network.periods import insist_on_one_year
from flowopt.network.read import NetworkOrPath, timed_network
from flowopt.objectives import Objective, Ties
from flowopt.planning.conflicts import Conditions, Conflict
from flowopt.planning.marginal_values import NO_VALUES, marginal_values_of, proof_of
from flowopt.planning.outcome import SolveOutcome, solution_of
from flowopt.planning.own_bests import OwnBests
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import AlternativesRequest, PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.served_ranges import served_ranges
from flowopt.planning.solve_responses import first_response, plan_response
from flowopt.planning.solve_run import FoundPlan, SolveRun
from flowopt.planning.target_run import Unreachable, run_of
from flowopt.results import late_types
from flowopt.results.folder_result import of_networks
from flowopt.results.proof import Proof
from flowopt.results.response import Response
from flowopt.results.solution import Solution

PROVED = 20  # alternatives whose values the certificate proves; more would swell it


class SolveKeywords(TypedDict, total=False):
    """Options of `solve` with a criterion and without one."""

    budget: float | None
    target: float | None
    of: str | None
    resources: Mapping[str, float] | None
    objective: Objective
    ties: Ties
    include: Iterable[str]
    exclude: Iterable[str]
    solver: str
    alternatives: int
    within: float | None
    time_limit: float | None
    gap: float
    threads: int
    on_progress: OnProgress | None
    keep_on_interrupt: bool
    solver_log: str | os.PathLike[str] | None
    seconds_reading: float
    own_bests: OwnBests | None


@overload
def solve(
    network: NetworkOrPath, *, criterion: None = None, **options: Unpack[SolveKeywords]
) -> Solution: ...


@overload
def solve(
    network: NetworkOrPath,
    *,
    criterion: CriterionName,
    tail: float = TAIL,
    **options: Unpack[SolveKeywords],
) -> late_types.ScenarioSolution: ...


@naming_keywords
def solve(
    network: NetworkOrPath,
    *,
    budget: float | None = None,
    target: float | None = None,
    of: str | None = None,
    resources: Mapping[str, float] | None = None,
    objective: Objective = OBJECTIVE,
    ties: Ties = TIE_RULE,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    criterion: CriterionName | None = None,
    tail: float = TAIL,
    solver: str = SOLVER,
    alternatives: int = ALTERNATIVES,
    within: float | None = None,
    time_limit: float | None = None,
    gap: float = GAP,
    threads: int = THREADS,
    on_progress: OnProgress | None = None,
    keep_on_interrupt: bool = False,
    solver_log: str | os.PathLike[str] | None = None,
    seconds_reading: float = 0.0,
    own_bests: OwnBests | None = None,
) -> Solution | late_types.ScenarioSolution | late_types.LuckSolution:
    """Find the measures that cut the most within a budget, and prove how good they are.

    Parameters
    ----------
    network
        A checked network, or the path of one.
    budget
        Most the plan may cost, M USD a year.
    target
        Ask the reverse: the cheapest plan that brings the objective to this or below, in the
        objective's unit; a budget is then only a limit. With a criterion the plan brings that to
        this or below, but for ``cut``: its sure cut is to be this or more.
    of
        Count the deliveries of a part of the markets only: a continent, country, market or
        commodity, by name or id, such as ``Europe`` or ``market:es``. With ``flow`` that is the
        most that can reach it, whatever the trafficker does; not for ``profit``.
    resources
        Limits of other resources by id; they count instead of those in the network.
    objective
        ``flow``: weighted tonnes delivered. ``profit``: the trafficker's profit, M USD a year.
        ``bilevel``: weighted tonnes delivered by a trafficker who maximises profit.
    ties
        For ``bilevel``: which of the equally profitable flows counts, the one worst for the planner
        (``pessimistic``) or the best (``optimistic``).
    include, exclude
        Measures that must, or may not, be in the plan.
    criterion
        One plan for all scenarios of the network, the best by this criterion: ``expected`` (least
        left in the weighted mean), ``worst`` (least left in the worst scenario), ``cut`` (largest
        cut that is sure in each), ``regret`` (never far from the best plan of the scenario that
        holds) or ``cvar`` (least left in the mean of the worst `tail` of the weight). By default
        the network is solved as it stands.
    tail
        Share of the weight that ``cvar`` looks at.
    alternatives
        How many of the best plans to find; those that hold all of an earlier one are left out.
    within
        Leave out alternatives whose value is worse than the best by more than this share.
    solver
        ``auto``: on a small network plans are tried one by one, and where measures close things
        outright flows that spread bound them; what is left is for ``highs``, or for ``scip`` where
        it is installed and measures act in part. Or ``highs``, ``scip``, ``race``
        (both side by side on two cores; which of the plans within the gap is reported may then
        depend on which was faster), ``cbc`` or any name PuLP knows, which then proves all by
        itself.
    time_limit
        Seconds for all of it, with those already spent on reading; None for no limit. At the
        limit the best plan so far is returned with its bound, and what there was no time for, such
        as what each measure is worth, is left out and named in `warnings`.
    gap
        Relative gap at which the plan counts as optimal.
    threads
        Threads of HiGHS, and of SCIP for `bilevel`. Another number may give another of the plans
        within the gap, the same number always the same; 1 is best where several solves run side by
        side.
    on_progress
        Called now and then, in the caller's thread, with a `Progress` in the objective's unit.
        What it raises stops the solver and is passed on: the way to stop a solve from outside.
    keep_on_interrupt
        Return the best plan so far on Ctrl-C instead of raising `KeyboardInterrupt`.
    solver_log
        A file that takes what the solvers print, after what an earlier solve left in it.
    seconds_reading
        Time already spent, on starting up and reading the network; it counts against the limit.
    own_bests
        With a criterion: the best plans of single scenarios, which the first of several questions
        finds for those that differ by their criterion alone.

    Returns
    -------
    Solution or ScenarioSolution or LuckSolution
        The second with a criterion, the last where measures of the network may fail: its value is
        the mean over what works. With status ``infeasible`` and its reasons when no plan keeps
        the conditions. Among equal plans it is the cheapest, then the first in file order.

    Raises
    ------
    RequestError
        When an option is out of range or names something unknown.
    SolverError
        When the solver fails or its answer fails the check against the trafficker's programme.
    OutOfTime
        When the time limit is over before it is known what the trafficker does without measures.

    Examples
    --------
    >>> import flowopt
    >>> network = flowopt.read_network("networks/two-bridges")
    >>> solution = flowopt.solve(network, budget=4)
    >>> solution.status, solution.baseline, solution.value
    ('optimal', 10.0, 2.0)
    """
    network, seconds_reading = timed_network(network, seconds_reading)
    clock = Clock(time_limit, time.perf_counter() - seconds_reading)
    request = PlanRequest(
        budget=budget,
        target=target,
        of=of,
        resources=dict(resources or {}),
        objective=objective,
        ties=ties,
        include=tuple(include),
        exclude=tuple(exclude),
    )
    options = RunOptions(
        solver=solver,
        time_limit=time_limit,
        gap=gap,
        threads=threads,
        on_progress=on_progress,
        keep_on_interrupt=keep_on_interrupt,
        solver_log=None if solver_log is None else Path(solver_log),
    )
    wanted = AlternativesRequest(alternatives, within)
    request.check()
    request.check_limited()
    options.check()
    wanted.check(request)
    if criterion is None:
        insist_on_one_year(network, over_time="solve_over_time")
    if may_fail(network) if criterion is None else may_fail_somewhere(network):
        if criterion is not None:
            wanted.check_alone()
        from flowopt.planning.luck_solve import solve_under_luck
        from flowopt.planning.scenario_problem import CriterionRequest

        by = None if criterion is None else CriterionRequest(criterion, tail)
        with logged(options.solver_log, f"{network.info.id}, {objective}, under luck"):
            return solve_under_luck(network, request, by, options, clock, ranks=wanted)
    if criterion is not None:
        wanted.check_alone()
        from flowopt.planning.all_scenarios import solve_scenarios  # as much again to load
        from flowopt.planning.scenario_problem import CriterionRequest

        asked = CriterionRequest(criterion, tail)
        with logged(options.solver_log, f"{network.info.id}, {objective}, criterion {criterion}"):
            return solve_scenarios(network, request, asked, options, clock, own_bests=own_bests)
    problem = problem_of(network, build_in_time(network, clock), request)
    run = run_of(problem, options, problem.before_writing(clock))
    question = f"{network.info.id}, {objective}, solver {run.solver_options.name}"
    with logged(options.solver_log, question):
        outcome = _outcome(run, wanted)
    return of_networks(solution_of(run, outcome, wanted, seconds_reading), network)


def _outcome(run: SolveRun, wanted: AlternativesRequest) -> SolveOutcome:
    """Return the plans of a run, with all that explains them."""
    baseline = first_response(run)
    conditions = Conditions(run.problem, deadline=run.whole_clock.deadline)
    conflict = conditions.conflict()
    found = None
    if not conflict:
        try:
            found = run.answer(baseline.value)
        except OutOfTime:  # before even the measures that must be in were valued
            pass
        except Unreachable:
            conflict = _with_target(conditions, run, baseline.value, None)
    elif run.problem.request.target is not None:
        conflict = _with_target(conditions, run, baseline.value, conflict)
    more = run.alternatives(found, wanted) if found else []
    solved = time.perf_counter()
    after = plan_response(run, sorted(found.plan), baseline) if found else None
    proofs, left_out = _proofs_of(run, more, after)
    served = served_ranges(run, found.plan if found else None)
    marginal = NO_VALUES
    if found and after:
        clock = run.whole_clock
        marginal = marginal_values_of(
            run, found.plan, after.value, scale=baseline.value, clock=clock
        )
    return SolveOutcome(
        baseline=baseline,
        found=found,
        after=after,
        alternatives=tuple(more[: len(proofs)] if left_out else more),
        proofs=proofs,
        marginal=marginal,
        reasons=() if conflict is None else (conditions.message(conflict),),
        left_out=left_out,
        served=served,
        solved=solved,
    )


def _with_target(
    conditions: Conditions, run: SolveRun, baseline: float, known: Conflict | None
) -> Conflict:
    """Return the smallest conflict with a target, as far as what is left of the time allows."""
    from flowopt.planning.conflict_target import ConflictSearch  # few requests need it

    options = replace(run.options, on_progress=None)
    search = ConflictSearch(conditions, options, run.value, baseline, run.clock)
    try:
        return search.smallest(known)
    except KeyboardInterrupt:
        run.stopped_by_user()
        return search.unfinished(known)


def _proofs_of(
    run: SolveRun, found: list[FoundPlan], after: Response | None
) -> tuple[tuple[Proof, ...], tuple[str, ...]]:
    """Return the proofs of the first alternatives, and a warning where time was short of one.

    That of the best plan is the one of its response, so that both have the same value to the last
    digit. Alternatives from where time was short on are left out.
    """
    proofs = [] if after is None else [after.proof][: len(found)]
    with run.stoppable():
        for each in found[len(proofs) : PROVED]:
            if run.whole_clock.late() or run.interrupted:
                break
            proofs.append(proof_of(run, each.plan))
    missing = len(found) - len(proofs)
    if len(proofs) == min(PROVED, len(found)):
        return tuple(proofs), ()
    return tuple(proofs), (f"{missing} more alternatives were found, too late to be proved",)
