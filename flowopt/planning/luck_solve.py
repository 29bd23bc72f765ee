"""The best plan for a budget where measures may fail, in the mean over what works.

The trafficker is worth no less than when all works that can, so a bound on plans that always work
is one on their means; and by a criterion, bounds for each scenario are one for all. From there, and
from the plans that come with it, `luck_search` goes on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import RequestError
from flowopt.model.incumbent import Plan
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.planning.conflicts import Conditions
from flowopt.planning.luck_infeasible import infeasible
from flowopt.planning.luck_outcome import criterion_of, luck_solution_of
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.lucky_worlds import LuckyWorld, check_under_luck, lucky_worlds, played
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.solve_responses import first_response
from flowopt.planning.solve_run import SolveRun
from flowopt.results.folder_result import of_networks
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.scenario_solution import ScenarioSolution
from flowopt.results.solution import Solution

_SURE_SHARE = 0.25  # of the time limit, for the plans that are best when all works
_PLAYED = 0.7  # of what is left after the search, for the means and their proofs


def solve_under_luck(
    network: Network,
    request: PlanRequest,
    wanted: CriterionRequest | None,
    options: RunOptions,
    clock: Clock,
    *,
    hints: Sequence[Plan] = (),
    known_bound: float | None = None,
) -> LuckSolution | Solution | ScenarioSolution:
    """Return the plan that leaves least in the mean over what works of it, as far as is known.

    Where no plan keeps the conditions, the result is that of measures that always work: it says
    why.

    Parameters
    ----------
    network
        A network whose measures may fail.
    request, wanted, options
        Limits and objective; the criterion over the network's scenarios, or None for the network as
        it stands; and how it is solved.
    clock
        The time for all of it.
    hints
        Plans to begin with.
    known_bound
        What no plan goes below by the criterion, if that is known before.

    Raises
    ------
    RequestError
        When the question is one for measures that always work.
    OutOfTime
        When there is no time for a plan.
    """
    check_under_luck(wanted)
    if request.target is not None:
        raise RequestError("a target is for networks whose measures always work; give a budget")
    if not OBJECTIVES[request.objective].monotone:
        raise RequestError(
            f"the best plan for {request.objective} is looked for where measures always work; "
            "evaluate values a plan of yours"
        )
    worlds = lucky_worlds(network, request, wanted, clock)
    conditions = Conditions(worlds[0].problem, deadline=clock.deadline)
    if conflict := conditions.conflict():
        reason = conditions.message(conflict)
        nothing = infeasible(network, worlds, request, wanted, options, clock, reason)
        return of_networks(nothing, network)
    read = time.perf_counter() - clock.began
    clock = worlds[0].problem.before_writing(clock)
    best = _best(worlds, wanted, options, clock, hints, known_bound)
    found = [
        played(
            each, best.plan, options, clock, own_money=False, share=_PLAYED / (len(worlds) - place)
        )
        for place, each in enumerate(worlds)
    ]
    solution = luck_solution_of(network, found, request, wanted, options, read, best)
    return of_networks(solution, network)


def _best(
    worlds: Sequence[LuckyWorld],
    wanted: CriterionRequest | None,
    options: RunOptions,
    clock: Clock,
    hints: Sequence[Plan],
    known_bound: float | None,
) -> FoundForAll:
    """Return the best plan, from those on that are best in one scenario when all works."""
    alone, nothing, whole = [], [], clock.part(_SURE_SHARE)
    for place, each in enumerate(worlds):
        run = SolveRun(each.problem, options, whole.part(1.0 / (len(worlds) - place)))
        nothing.append(first_response(run).value)
        alone.append(run.run(nothing[-1]))
    weights = np.array([each.world.weight for each in worlds])
    criterion = criterion_of(wanted, weights / weights.sum(), nothing)
    bound = criterion.of(np.array([each.bound for each in alone]))
    if known_bound is not None:
        bound = max(bound, known_bound)
    run = LuckRun(worlds, criterion, options, clock, np.array(nothing), bound)
    run.interrupted = any(each.limit == "interrupted" for each in alone)
    try:
        return run.best([*(each.plan for each in alone), *hints])
    finally:
        for each in worlds:
            each.values.trafficker.deadline = clock.deadline
