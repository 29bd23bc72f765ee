"""Answers without a plan: none keeps the conditions, whatever works of it, or none was found."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from flowopt.clock import Clock, LimitReason
from flowopt.network.network import Network
from flowopt.planning.lucky_worlds import LuckyWorld
from flowopt.planning.marginal_values import NO_VALUES
from flowopt.planning.outcome import SolveOutcome, solution_of
from flowopt.planning.plan_request import AlternativesRequest, PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_outcome import without_plan
from flowopt.planning.scenario_problem import CriterionRequest, scenario_problem_of
from flowopt.planning.scenario_run import ScenarioRun
from flowopt.planning.served_ranges import ServedRanges
from flowopt.planning.solve_responses import first_response
from flowopt.planning.solve_run import SolveRun
from flowopt.results.scenario_solution import ScenarioSolution
from flowopt.results.solution import Solution


def answer_without_plan(
    network: Network,
    worlds: Sequence[LuckyWorld],
    request: PlanRequest,
    wanted: CriterionRequest | None,
    options: RunOptions,
    clock: Clock,
    reasons: tuple[str, ...],
    *,
    limit: LimitReason | None = None,
) -> Solution | ScenarioSolution:
    """Return the result of a request to which no plan is an answer: no luck is in it.

    Parameters
    ----------
    network, worlds
        The network, and its scenarios under luck.
    request, wanted, options, clock
        The question, and the time for it.
    reasons
        Which conditions no plan keeps together; none where no plan was found.
    limit
        What stopped the search then.
    """
    read = time.perf_counter() - clock.began
    if wanted is None:
        problem = replace(worlds[0].problem, network=network)
        run = SolveRun(problem, options, clock)
        run.interrupted = limit == "interrupted"
        outcome = SolveOutcome(
            baseline=first_response(run),
            found=None,
            after=None,
            alternatives=(),
            proofs=(),
            marginal=NO_VALUES,
            reasons=reasons,
            left_out=(),
            served=ServedRanges(),
            solved=time.perf_counter(),
        )
        return solution_of(run, outcome, AlternativesRequest(1, None), read)
    sure = [replace(each.world, network=each.problem.network) for each in worlds]
    over_all = ScenarioRun(scenario_problem_of(sure, request, wanted, clock), options, clock, None)
    over_all.interrupted = limit == "interrupted"
    return without_plan(network, over_all, reasons, time.perf_counter(), read, limit=limit)
