"""A plan made by hand: what it does and breaks, beside the best one and one that only covers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from flowopt.clock import Clock
from flowopt.defaults import GAP, OBJECTIVE, SOLVER, THREADS, TIE_RULE
from flowopt.keywords import naming_keywords
from flowopt.model.build import build_in_time
from flowopt.model.interdiction import slack
from flowopt.model.search import Plan
from flowopt.model.solver import OnProgress
from flowopt.network.read import NetworkOrPath, timed_network
from flowopt.objectives import Objective, Ties
from flowopt.plain_text import name_and_id
from flowopt.planning.marginal_values import marginal_values_of
from flowopt.planning.outcome import EvaluationOutcome, evaluation_of
from flowopt.planning.plan_comparison import Against, ComparedPlans, PlanComparison
from flowopt.planning.plan_constraints import PlanProblem, indices, plan_totals, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.served_ranges import served_ranges
from flowopt.results.evaluation import Evaluation
from flowopt.results.folder_result import of_networks


@naming_keywords
def evaluate(
    network: NetworkOrPath,
    measures: Iterable[str],
    *,
    budget: float | None = None,
    of: str | None = None,
    resources: Mapping[str, float] | None = None,
    objective: Objective = OBJECTIVE,
    ties: Ties = TIE_RULE,
    against: Iterable[Against] = (),
    alone: bool = False,
    solver: str = SOLVER,
    time_limit: float | None = None,
    gap: float = GAP,
    threads: int = THREADS,
    on_progress: OnProgress | None = None,
    keep_on_interrupt: bool = False,
    seconds_reading: float = 0.0,
) -> Evaluation:
    """Say what a plan does, costs and breaks, and set others for the same money beside it.

    Parameters
    ----------
    network
        A checked network, or the path of one.
    measures
        Ids of the measures in force. A plan that breaks a limit or a rule is evaluated all the
        same: its effects are what the format says.
    budget
        Most that a plan may cost, M USD a year; what this plan costs if not given.
    of
        The part of the markets whose deliveries count, as in `solve`.
    resources
        Limits of other resources by id; they count instead of those in the network.
    objective, ties
        Who counts what, as in `solve`.
    against
        ``coverage``: also the plan that covers most of today's flow, which does not foresee that
        the trafficker re-routes (`flowopt.model.coverage` defines it).
    alone
        Leave out the best plan.
    solver, time_limit, gap, threads, on_progress, keep_on_interrupt, seconds_reading
        As in `solve`. The covering plan may take half of the time if the best one is wanted too.

    Returns
    -------
    Evaluation
        The plan's effects, what it costs and breaks, and the other plans in `comparison`.

    Raises
    ------
    RequestError
        When an option is out of range or names something unknown; every unknown measure is named.
    SolverError
        When the solver fails or its answer fails the check against the trafficker's programme.

    Examples
    --------
    >>> import flowopt
    >>> network = flowopt.read_network("networks/two-bridges")
    >>> found = flowopt.evaluate(network, ["m_block", "m_north"])
    >>> found.value, found.best.value, found.best.measures
    (7.0, 2.0, ('m_north', 'm_south'))
    """
    network, seconds_reading = timed_network(network, seconds_reading)
    clock = Clock(time_limit, time.perf_counter() - seconds_reading)
    request = PlanRequest(
        budget=budget, of=of, resources=dict(resources or {}), objective=objective, ties=ties
    )
    options = RunOptions(
        solver=solver,
        time_limit=time_limit,
        gap=gap,
        threads=threads,
        on_progress=on_progress,
        keep_on_interrupt=keep_on_interrupt,
    )
    wanted = ComparedPlans(tuple(against), alone)
    request.check()
    options.check()
    wanted.check()
    problem = problem_of(network, build_in_time(network, clock), request)
    clock = problem.before_writing(clock)
    plan = frozenset(indices(problem.model.measures, measures, what="measure"))
    comparison = PlanComparison(_for_its_cost(problem, plan), options, clock)
    comparison.compare(plan, wanted)
    solved = time.perf_counter()
    run, after = comparison.run, comparison.responses["yours"]
    marginal = marginal_values_of(
        run, plan, after.value, scale=comparison.baseline.value, clock=clock
    )
    served = served_ranges(run, plan)
    outcome = EvaluationOutcome(comparison, tuple(broken(problem, plan)), marginal, served, solved)
    return of_networks(evaluation_of(outcome, wanted, seconds_reading), network)


def _for_its_cost(problem: PlanProblem, plan: Plan) -> PlanProblem:
    """Return the problem with what a plan costs for a budget, where the request has none."""
    if problem.request.budget is not None:
        return problem
    spent, _ = plan_totals(problem.model, sorted(plan))
    return replace(problem, constraints=replace(problem.constraints, budget=spent))


def broken(problem: PlanProblem, plan: Plan) -> Iterator[str]:
    """Yield each limit and rule that a plan breaks, in a sentence."""
    network, model, limits = problem.network, problem.model, problem.constraints
    names = [name_and_id(row.name, row.measure) for row in network.measures]
    resources = {row.resource: name_and_id(row.name, row.resource) for row in network.resources}
    spent, used = plan_totals(model, sorted(plan))
    if spent > limits.budget + slack(limits.budget):
        yield (
            f"it costs {spent:g} M {network.info.currency} a year, {spent - limits.budget:g} over "
            f"the budget of {limits.budget:g}"
        )
    for resource, limit in limits.resources:
        name = model.resources[resource]
        if used[name] > limit + slack(limit):
            takes, over = f"it takes {used[name]:g} of {resources[name]}", used[name] - limit
            yield f"{takes}, {over:g} over the limit of {limit:g}"
    for a, b in model.requires:
        if a in plan and b not in plan:
            yield f"{names[a]} requires {names[b]}, which is not in the plan"
    for a, b in model.excludes:
        if a in plan and b in plan:
            yield f"{names[a]} and {names[b]} exclude each other"
