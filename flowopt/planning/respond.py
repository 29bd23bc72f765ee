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
from flowopt.network.network import Network
from flowopt.network.periods import insist_on_one_year
from flowopt.network.read import NetworkOrPath, network_of
from flowopt.objectives import Objective, Ties
from flowopt.planning.one_outcome import one_outcome
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
    works: Iterable[str] | None = None,
    failed_effects: Iterable[int] = (),
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
    works
        Where measures of the plan may fail: those that work, the ones that always do among them.
        The response is then that in this outcome, and the result is about a network in which the
        rest is sure. None where nothing of the plan may fail.
    failed_effects
        With `works`: the rows of `effects`, from 1, that fail though their measure works. What
        stands in these two columns of an evaluation's `outcomes` is one outcome.
    time_limit
        Seconds for all of it, with those already spent on reading; None for no limit. Where it
        leaves no time to choose the cheapest of equally good flows, a warning says so.
    seconds_reading
        Time already spent, on starting up and reading the network; it counts against the limit.

    Raises
    ------
    RequestError
        When a measure, the objective or the rule for ties is unknown, or the limit not positive;
        when measures of the plan may fail and `works` is not given, or names no outcome of it.
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
    network, plan, about = _in_one_outcome(network, plan, works, failed_effects)
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
            *about,
        ),
    )
    return of_networks(found, network)


def _in_one_outcome(
    network: Network,
    plan: tuple[str, ...],
    works: Iterable[str] | None,
    failed_effects: Iterable[int],
) -> tuple[Network, tuple[str, ...], tuple[str, ...]]:
    """Return the network and what acts of a plan, of which nothing may fail, and what to say of it.

    Raises
    ------
    RequestError
        When measures of the plan may fail and no outcome is named, or one that there is not.
    """
    if works is not None:
        outcome = one_outcome(network, plan, works, failed_effects)
        return outcome.network, outcome.works, (outcome.sentence,)
    if tuple(failed_effects):
        raise RequestError("failed_effects: name what works of the plan, too, with works")
    if plan and may_fail(network):
        raise RequestError(
            "no one response is that to a plan whose measures may fail: evaluate has its mean, "
            "what may work of it, and the flows when all of it works; for the response in one "
            "outcome, name the measures of the plan that work, with works"
        )
    return network, plan, ()
