"""One plan for all scenarios of a network: the best by a criterion, or one made by hand."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from flowopt.clock import Clock
from flowopt.errors import RequestError
from flowopt.model.incumbent import Plan
from flowopt.network.network import Network
from flowopt.planning.conflicts import Conditions
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
from flowopt.planning.scenario_run import FoundForAll, OwnBests, ScenarioRun
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
        When the network has no scenarios, or the request has a target.
    """
    _check(request, wanted)
    worlds = worlds_of(network) if worlds is None else worlds
    problem = scenario_problem_of(worlds, request, wanted, clock)
    read = time.perf_counter() - clock.began
    run = ScenarioRun(problem, options, problem.rules.before_writing(clock), own_bests)
    conditions = Conditions(problem.rules, deadline=clock.deadline)
    conflict = conditions.conflict()
    if conflict is not None:
        reason = conditions.message(conflict)
        found = without_plan(network, run, reason, time.perf_counter(), read)
        return of_networks(found, network)
    best = run.solve(hints, known_bound)
    return of_networks(scenario_solution_of(network, run, best, time.perf_counter(), read), network)


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
    for name, given in (("a target", request.target), ("a part of the markets", request.of)):
        if given is not None:
            raise RequestError(f"{name} is for one network: leave out the criterion")
