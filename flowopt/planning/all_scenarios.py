"""One plan for all scenarios of a network: the best by a criterion, or one made by hand."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from flowopt.clock import Clock
from flowopt.criteria import CRITERIA
from flowopt.errors import RequestError
from flowopt.model.incumbent import Plan
from flowopt.network.network import Network
from flowopt.planning.conflicts import Conditions, Conflict
from flowopt.planning.own_bests import OwnBests
from flowopt.planning.plan_conditions import for_its_cost
from flowopt.planning.plan_constraints import indices
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_outcome import scenario_solution_of, without_plan
from flowopt.planning.scenario_problem import (
    CriterionRequest,
    World,
    scenario_problem_of,
    worlds_of,
)
from flowopt.planning.scenario_run import FoundForAll, ScenarioRun
from flowopt.planning.scenario_target import NotReachedError, ScenarioTargetRun
from flowopt.planning.target_run import Unreachable
from flowopt.results.folder_result import of_networks
from flowopt.results.scenario_solution import ScenarioSolution


def solve_scenarios(
    network: Network,
    request: PlanRequest,
    wanted: CriterionRequest,
    options: RunOptions,
    clock: Clock,
    *,
    worlds: Sequence[World] | None = None,
    own_bests: OwnBests | None = None,
    hints: Sequence[Plan] = (),
    known_bound: float | None = None,
) -> ScenarioSolution:
    """Return the plan that is best by a criterion over the scenarios of a network.

    Parameters
    ----------
    network
        The network with its scenarios.
    request, wanted, options
        The question: limits of plans, the criterion, and how it is solved.
    clock
        The time for all of it.
    worlds
        Scenarios that count instead of the network's own.
    own_bests
        Own bests of the same question by another criterion, which this one adds to.
    hints
        Plans to begin with; none is better than the result, if it keeps the conditions.
    known_bound
        Criterion that no plan goes below.

    Raises
    ------
    RequestError
        When the request is about a part of the markets.
    InputError
        When the network has no scenarios.
    """
    _check(request, wanted)
    worlds = worlds_of(network) if worlds is None else worlds
    problem = scenario_problem_of(worlds, request, wanted, clock)
    read = time.perf_counter() - clock.began
    kind = ScenarioRun if request.target is None else ScenarioTargetRun
    run = kind(problem, options, problem.rules.before_writing(clock), own_bests)
    conditions = Conditions(problem.rules, deadline=clock.deadline)
    conflict, missed, best = conditions.conflict(), None, None
    if conflict is None:
        try:
            best = run.solve(hints, known_bound)
        except Unreachable:
            conflict = _with_target(run, conditions, None)
        except NotReachedError as error:
            missed = error
    elif CRITERIA[wanted.criterion].reference != "best":  # no plan, no best one to compare with
        conflict = _with_target(run, conditions, conflict)
    solved = time.perf_counter()
    if best is not None:
        return of_networks(scenario_solution_of(network, run, best, solved, read), network)
    reasons = () if conflict is None else (conditions.message(conflict),)
    limit = None if missed is None else missed.limit
    return of_networks(without_plan(network, run, reasons, solved, read, limit=limit), network)


def _with_target(run: ScenarioRun, conditions: Conditions, known: Conflict | None) -> Conflict:
    """Return the smallest conflict, with the target if there is one."""
    if isinstance(run, ScenarioTargetRun):
        return run.conflict(conditions, known)
    assert known is not None  # only a target can't be reached
    return known


def evaluate_scenarios(
    network: Network,
    measures: Iterable[str],
    request: PlanRequest,
    wanted: CriterionRequest,
    options: RunOptions,
    clock: Clock,
    *,
    worlds: Sequence[World] | None = None,
    own_bests: OwnBests | None = None,
) -> ScenarioSolution:
    """Return what a plan made by hand does in every scenario of a network.

    Parameters and errors are those of `solve_scenarios`; `measures` are the ids of the plan's.
    """
    _check(request, wanted)
    worlds = worlds_of(network) if worlds is None else worlds
    problem = scenario_problem_of(worlds, request, wanted, clock)
    plan = frozenset(indices(problem.rules.model.measures, measures, what="measure"))
    problem = replace(
        problem,
        problems=tuple(for_its_cost(each, plan) for each in problem.problems),
        rules=for_its_cost(problem.rules, plan),
    )
    read = time.perf_counter() - clock.began
    run = ScenarioRun(problem, options, problem.rules.before_writing(clock), own_bests)
    run.find_own_bests()
    run.values.values(plan)
    run.take_better_own_bests()
    run.keep_own_bests()
    found = FoundForAll(plan, 0.0, 0.0, "evaluated")
    return of_networks(
        scenario_solution_of(network, run, found, time.perf_counter(), read), network
    )


def _check(request: PlanRequest, wanted: CriterionRequest) -> None:
    """Refuse what is asked of one network alone with a `RequestError`."""
    wanted.check()
    if request.of is not None:
        raise RequestError("a part of the markets is for one network: leave out the criterion")
