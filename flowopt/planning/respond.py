"""The trafficker's best response to a plan, in the planner's words."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

from flowopt.clock import Clock
from flowopt.defaults import OBJECTIVE, TIE_RULE
from flowopt.errors import RequestError
from flowopt.keywords import naming_keywords
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import build_in_time
from flowopt.network.chances import as_if_sure, may_fail
from flowopt.network.checks.warning_groups import grouped_warnings
from flowopt.network.periods import insist_on_one_year
from flowopt.network.read import NetworkOrPath, network_of
from flowopt.objectives import Objective, Ties
from flowopt.planning.plan_constraints import indices, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.recorded_options import on_record
from flowopt.planning.response_tables import UNTIDY, describe
from flowopt.planning.result_warnings import network_warnings
from flowopt.planning.run_options import RunOptions
from flowopt.results.folder_result import of_networks
from flowopt.results.response import Response


@naming_keywords
def respond(
    network: NetworkOrPath,
    plan: Iterable[str] = (),
    *,
    objective: Objective = OBJECTIVE,
    ties: Ties = TIE_RULE,
    of: str | None = None,
    time_limit: float | None = None,
    seconds_reading: float = 0.0,
) -> Response:
    """Return what the trafficker does once a plan is in force.

    Parameters
    ----------
    network
        A checked network, or the path of one.
    plan
        Ids of the measures in force; rules and budgets are not looked at.
    objective
        ``flow``: deliver as many weighted tonnes as the network can carry, then at least cost.
        ``profit`` and ``bilevel``: earn as much as possible; they differ in what the planner
        counts, M USD or weighted tonnes.
    ties
        For ``bilevel``: which of the equally profitable flows counts, the one worst for the planner
        (``pessimistic``) or the best (``optimistic``).
    of
        Count the deliveries of a part of the markets only, as in `solve`: with ``flow`` the
        trafficker brings as much as it can there, and then to the other markets.
    time_limit
        Seconds for all of it, with those already spent on reading; None for no limit. Where it
        leaves no time to choose the cheapest of equally good flows, a warning says so.
    seconds_reading
        Time already spent, on starting up and reading the network; it counts against the limit.

    Raises
    ------
    RequestError
        When a measure, the objective or the rule for ties is unknown, or the limit not positive.
    SolverError
        When the solver fails, or its primal and dual values differ.
    OutOfTime
        When the time limit is over before the best response is known.

    Examples
    --------
    >>> import flowopt
    >>> network = flowopt.read_network("networks/two-bridges")
    >>> flowopt.respond(network).value
    10.0
    """
    clock = Clock(time_limit, time.perf_counter() - seconds_reading)
    network = network_of(network)
    request = PlanRequest(of=of, objective=objective, ties=ties)
    options = RunOptions(time_limit=time_limit)
    request.check()
    options.check()
    plan = tuple(plan)
    insist_on_one_year(network, over_time="respond_over_time")
    if plan and may_fail(network):
        raise RequestError(
            "no one response is that to a plan whose measures may fail: evaluate has its mean, "
            "what may work of it, and the flows when all of it works; for the response in one "
            "outcome, leave success blank in a copy of the network and give the measures that work"
        )
    # Without measures nothing can fail.
    model = build_in_time(network if plan else as_if_sure(network), clock)
    problem = problem_of(network, model, request)
    chosen = indices(problem.model.measures, plan, what="measure")
    trafficker = BestResponseSolver(problem.model, objective, ties=ties)
    trafficker.deadline = problem.before_writing(clock).deadline
    found = describe(problem, chosen, trafficker.respond(chosen))
    found = replace(
        found,
        of=problem.request.of,
        options=on_record(
            measures=found.measures,
            **problem.request.recorded("objective", "ties", "of"),
            **options.recorded("time_limit"),
        ),
        warnings=(
            *(
                grouped_warnings(network.warnings)
                if chosen
                else network_warnings(network, objective, found.profit)
            ),
            *(() if found.tidy else (UNTIDY,)),
        ),
    )
    return of_networks(found, network)
