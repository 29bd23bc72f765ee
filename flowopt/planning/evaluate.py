"""A plan made by hand: what it does and breaks, beside the best one and one that only covers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TypedDict, Unpack, overload

from flowopt.clock import Clock
from flowopt.criteria import TAIL, CriterionName
from flowopt.defaults import GAP, OBJECTIVE, SOLVER, THREADS, TIE_RULE
from flowopt.errors import RequestError
from flowopt.keywords import naming_keywords
from flowopt.model.build import build_in_time
from flowopt.model.solver import OnProgress
from flowopt.network.chances import may_fail, may_fail_somewhere
from flowopt.network.periods import insist_on_one_year
from flowopt.network.read import NetworkOrPath, timed_network
from flowopt.objectives import Objective, Ties
from flowopt.planning.all_scenarios import evaluate_scenarios
from flowopt.planning.evaluation_outcome import EvaluationOutcome, evaluation_of
from flowopt.planning.luck_evaluation import evaluate_under_luck
from flowopt.planning.marginal_values import marginal_values_of
from flowopt.planning.own_bests import OwnBests
from flowopt.planning.plan_comparison import Against, ComparedPlans, PlanComparison
from flowopt.planning.plan_conditions import broken, for_its_cost
from flowopt.planning.plan_constraints import indices, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.served_ranges import served_ranges
from flowopt.results.evaluation import Evaluation
from flowopt.results.folder_result import of_networks
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.scenario_solution import ScenarioSolution


class EvaluateKeywords(TypedDict, total=False):
    """Options of `evaluate` with a criterion and without one."""

    budget: float | None
    of: str | None
    resources: Mapping[str, float] | None
    objective: Objective
    ties: Ties
    against: Iterable[Against]
    alone: bool
    solver: str
    time_limit: float | None
    gap: float
    threads: int
    on_progress: OnProgress | None
    keep_on_interrupt: bool
    seconds_reading: float
    own_bests: OwnBests | None


@overload
def evaluate(
    network: NetworkOrPath,
    measures: Iterable[str],
    *,
    criterion: None = None,
    **options: Unpack[EvaluateKeywords],
) -> Evaluation: ...


@overload
def evaluate(
    network: NetworkOrPath,
    measures: Iterable[str],
    *,
    criterion: CriterionName,
    tail: float = TAIL,
    **options: Unpack[EvaluateKeywords],
) -> ScenarioSolution: ...


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
    criterion: CriterionName | None = None,
    tail: float = TAIL,
    solver: str = SOLVER,
    time_limit: float | None = None,
    gap: float = GAP,
    threads: int = THREADS,
    on_progress: OnProgress | None = None,
    keep_on_interrupt: bool = False,
    seconds_reading: float = 0.0,
    own_bests: OwnBests | None = None,
) -> Evaluation | ScenarioSolution | LuckSolution:
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
    criterion, tail
        What the plan does in every scenario of the network, and by this criterion, as in `solve`;
        beside it stand the best plans for each scenario alone.
    solver, time_limit, gap, threads, on_progress, keep_on_interrupt, seconds_reading, own_bests
        As in `solve`. The covering plan may take half of the time if the best one is wanted too.

    Returns
    -------
    Evaluation or ScenarioSolution or LuckSolution
        The second with a criterion, the last where measures of the network may fail: the plan is
        then valued in the mean over what works, and the best one does not stand beside it. The
        plan's effects, what it costs and breaks, and the other plans in `comparison`.

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
    if criterion is None:
        insist_on_one_year(network, over_time="evaluate_over_time")
    if may_fail(network) if criterion is None else may_fail_somewhere(network):
        if wanted.against and criterion is not None:
            raise RequestError("a covering plan stands beside yours without a criterion only")
        by = None if criterion is None else CriterionRequest(criterion, tail)
        beside = ComparedPlans(wanted.against, alone=True)
        return evaluate_under_luck(network, measures, request, by, options, clock, beside=beside)
    if criterion is not None:
        if wanted.against or wanted.alone:
            raise RequestError(
                "with a criterion the best plan for each scenario stands beside yours, and no other"
            )
        asked = CriterionRequest(criterion, tail)
        return evaluate_scenarios(
            network, measures, request, asked, options, clock, own_bests=own_bests
        )
    problem = problem_of(network, build_in_time(network, clock), request)
    clock = problem.before_writing(clock)
    plan = frozenset(indices(problem.model.measures, measures, what="measure"))
    comparison = PlanComparison(for_its_cost(problem, plan), options, clock)
    comparison.compare(plan, wanted)
    solved = time.perf_counter()
    run, after = comparison.run, comparison.responses["yours"]
    marginal = marginal_values_of(
        run, plan, after.value, scale=comparison.baseline.value, clock=clock
    )
    served = served_ranges(run, plan)
    outcome = EvaluationOutcome(comparison, tuple(broken(problem, plan)), marginal, served, solved)
    return of_networks(evaluation_of(outcome, wanted, seconds_reading), network)
