"""A plan made by hand whose measures may fail: its mean over what works, by scenario."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

from flowopt.clock import Clock
from flowopt.network.network import Network
from flowopt.planning.luck_outcome import luck_solution_of
from flowopt.planning.luck_own_bests import (
    LuckOwnBests,
    bests_when_all_works,
    compares_with_best,
)
from flowopt.planning.lucky_worlds import ALONE, check_under_luck, lucky_worlds, played
from flowopt.planning.plan_comparison import ComparedPlans
from flowopt.planning.plan_conditions import for_its_cost
from flowopt.planning.plan_constraints import indices
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.results.folder_result import of_networks
from flowopt.results.luck_solution import LuckSolution

_SURE_SHARE, _OWN_SHARE = 0.15, 0.5  # of the time left, for the best plans by `regret`


def evaluate_under_luck(
    network: Network,
    measures: Iterable[str],
    request: PlanRequest,
    wanted: CriterionRequest | None,
    options: RunOptions,
    clock: Clock,
    *,
    beside: ComparedPlans = ALONE,
) -> LuckSolution:
    """Return what a plan made by hand leaves in the mean over what works of it.

    Parameters
    ----------
    network
        A network whose measures may fail.
    measures
        Ids of the plan's measures.
    request, wanted, options
        Limits and objective; the criterion over the network's scenarios, or None for the network as
        it stands; and how it is solved.
    clock
        The time for all of it.
    beside
        Plans that stand beside it; the best one is not among them.

    Raises
    ------
    RequestError
        When a measure is unknown, or the question is one for measures that always work.
    OutOfTime
        When there is no time for all outcomes.
    """
    check_under_luck(wanted)
    worlds = lucky_worlds(network, request, wanted, clock)
    plan = frozenset(indices(worlds[0].problem.model.measures, measures, what="measure"))
    read = time.perf_counter() - clock.began
    own = None
    if compares_with_best(wanted):
        asked = [replace(each, problem=for_its_cost(each.problem, plan)) for each in worlds]
        sure = bests_when_all_works(asked, options, clock.part(_SURE_SHARE))
        own = LuckOwnBests(asked, sure, options, clock.part(_OWN_SHARE))
        for each in worlds:
            each.values.trafficker.deadline = clock.deadline
    found = [played(each, plan, options, clock, own_money=True, beside=beside) for each in worlds]
    solution = luck_solution_of(network, found, request, wanted, options, read, own=own)
    return of_networks(solution, network)
