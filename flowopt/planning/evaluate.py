"""A plan made by hand: what it does and breaks, beside the best one and one that only covers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Literal

from flowopt.clock import Clock, LimitReason
from flowopt.errors import OutOfTime, RequestError
from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import build_in_time
from flowopt.model.certificate import prove, settled
from flowopt.model.coverage import kept_to
from flowopt.model.interdiction import PlanConstraints, allowed, slack
from flowopt.model.objectives import OBJECTIVES, Objective, Ties
from flowopt.model.search import Plan
from flowopt.model.solver import OnProgress, SolverOptions, solver_threads
from flowopt.network.network import Network
from flowopt.planning.marginal_values import marginal_values_of
from flowopt.planning.plan_constraints import check_options, plan_limits, plan_totals
from flowopt.planning.recorded_options import on_record
from flowopt.planning.respond import check_time_limit, describe, indices
from flowopt.planning.result_warnings import network_warnings, out_of_scale
from flowopt.planning.solve_responses import first_response, untidy_warning
from flowopt.planning.solve_run import Found, SolveRun
from flowopt.results.evaluation import STATUS, Evaluation, PlanCompared
from flowopt.results.numbers import EQUAL, relative_gap, rounded, share
from flowopt.results.plan_result import Seconds, SolverRun, Status
from flowopt.results.proof import Proof
from flowopt.results.response import Response
from flowopt.results.rows import Rows

Against = Literal["coverage"]
AGAINST: tuple[Against, ...] = ("coverage",)


def evaluate(
    network: Network,
    measures: Iterable[str],
    *,
    budget: float | None = None,
    resources: Mapping[str, float] | None = None,
    objective: Objective = "flow",
    ties: Ties = "pessimistic",
    against: Iterable[Against] = (),
    alone: bool = False,
    solver: str = "highs",
    time_limit: float | None = None,
    gap: float = 1e-4,
    threads: int = 2,
    on_progress: OnProgress | None = None,
    keep_on_interrupt: bool = False,
    seconds_reading: float = 0.0,
) -> Evaluation:
    """Say what a plan does, costs and breaks, and set others for the same money beside it.

    Parameters
    ----------
    network
        A checked network.
    measures
        Ids of the measures in force. A plan that breaks a limit or a rule is evaluated all the
        same: its effects are what the format says.
    budget
        Most that a plan may cost, M USD a year; what this plan costs if not given.
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
    clock = Clock(time_limit, time.perf_counter() - seconds_reading)
    against = tuple(against)
    check_time_limit(time_limit)
    model = build_in_time(network, clock)
    chosen = frozenset(indices(model.measures, measures, what="measure"))
    limits, stated = plan_limits(network, model, budget, resources, (), ())
    check_options(objective, ties, time_limit, gap, threads=threads)
    wanted = _others(against, alone)
    spent, used = plan_totals(model, sorted(chosen))
    breaks = tuple(broken(network, model, limits, chosen))
    if budget is None:
        limits = replace(limits, budget=spent)
    options = SolverOptions(name=solver, gap=gap, threads=threads)
    work = _Work(
        network, model, objective, limits, options, clock, on_progress, keep_on_interrupt, ties
    )
    rows = [work.row("yours", Found(chosen, 0.0, 0.0, "optimal"))]
    if "coverage" in wanted:
        covering = partial(work.coverage, share=1.0 if alone else 0.5)
        rows += work.in_time("the plan that covers most of today's flow", covering)
    if "best" in wanted:
        rows[1:1] = work.in_time("the best plan for the money", work.best)
    solved = time.perf_counter()
    after, run = work.responses["yours"], work.run
    run.interrupted = run.interrupted or work.interrupted
    marginal = marginal_values_of(
        network,
        run,
        chosen,
        after.value,
        exclude=frozenset(),
        scale=work.baseline.value,
        clock=clock,
    )
    return Evaluation(
        network=network.info.id,
        input_sha256=after.input_sha256,
        objective=objective,
        budget=None if budget is None else float(budget),
        resources=stated,
        broken=breaks,
        baseline=work.baseline.value,
        value=after.value,
        spent=spent,
        used=used,
        plan=marginal.plan,
        measures=after.measures,
        comparison=Rows(PlanCompared, rows),
        before=work.baseline,
        after=after,
        solver=SolverRun(run.solver_name, run.solver_version, solver_threads(options)),
        seconds=Seconds(
            read=seconds_reading,
            build=work.build_seconds,
            solve=solved - clock.began - seconds_reading - work.build_seconds,
            total=clock.elapsed(),
        ),
        best=work.responses.get("best"),
        coverage=work.responses.get("coverage"),
        next=marginal.following.rows,
        dropped={model.measures[i]: proof for i, proof in marginal.dropped.items()},
        added=marginal.following.proofs,
        kept=work.kept,
        warnings=(
            *out_of_scale(network, budget, resources),
            *network_warnings(network, objective, work.baseline.profit),
            *untidy_warning(work.baseline, after),
            *work.left_out,
            *marginal.warnings,
        ),
        interrupted=run.interrupted,
        limit=work.limit,
        ties=after.ties,
        options=on_record(
            measures=after.measures,
            budget=budget,
            resource=resources or {},
            objective=objective,
            ties=ties,
            against=against,
            alone=alone,
            solver=solver,
            time_limit=time_limit,
            gap=gap,
            threads=threads,
        ),
    )


def broken(
    network: Network, model: ActivityModel, limits: PlanConstraints, plan: Plan
) -> Iterator[str]:
    """Yield each limit and rule that a plan breaks, in a sentence."""
    spent, used = plan_totals(model, sorted(plan))
    if spent > limits.budget + slack(limits.budget):
        yield (
            f"it costs {spent:g} M {network.info.currency} a year, {spent - limits.budget:g} over "
            f"the budget of {limits.budget:g}"
        )
    for resource, limit in limits.resources:
        name = model.resources[resource]
        if used[name] > limit + slack(limit):
            over = used[name] - limit
            yield f"it takes {used[name]:g} of {name}, {over:g} over the limit of {limit:g}"
    for a, b in model.requires:
        if a in plan and b not in plan:
            yield f"{model.measures[a]} requires {model.measures[b]}, which is not in the plan"
    for a, b in model.excludes:
        if a in plan and b in plan:
            yield f"{model.measures[a]} and {model.measures[b]} exclude each other"


def _others(against: Iterable[Against], alone: bool) -> set[str]:
    """Return which plans are wanted beside the one that was given."""
    named = list(against)
    unknown = [name for name in named if name not in AGAINST]
    if unknown:
        raise RequestError(f"against '{unknown[0]}' is not one of {', '.join(AGAINST)}")
    return {*named, *(() if alone else ("best",))}


class _Work:
    """One evaluation: the plans side by side, each valued with and without re-routing."""

    def __init__(
        self,
        network: Network,
        model: ActivityModel,
        objective: Objective,
        limits: PlanConstraints,
        options: SolverOptions,
        clock: Clock,
        on_progress: OnProgress | None,
        keep_on_interrupt: bool,
        ties: Ties,
    ) -> None:
        self.run = SolveRun(
            model, objective, limits, options, clock, on_progress, keep_on_interrupt, ties
        )
        self.baseline, reserve = first_response(network, self.run)
        self.run.clock = clock.before(reserve)
        self.left_out: list[str] = []
        self.responses: dict[str, Response] = {}
        self.kept: dict[str, Proof] = {}
        self.build_seconds = 0.0
        self.interrupted = False
        self.limit: LimitReason | None = None  # of the best plan, or else of the covering one
        self._network, self._model, self._objective = network, model, objective
        self._limits, self._options = limits, options
        self._keep_on_interrupt, self._on_progress = keep_on_interrupt, on_progress
        self._today = kept_to(model, network, self.baseline.proof)
        self._still = BestResponseSolver(self._today, OBJECTIVES[objective].planner)
        self._still.deadline = clock.deadline
        self.values: dict[Plan, float] = {}
        self._after: dict[Plan, Response] = {frozenset(): self.baseline}

    def best(self) -> PlanCompared:
        """Find the best plan for the money; none of those known is better."""
        if self.interrupted:
            self.run.clock = Clock(0.0)
        found = self.run.run(self.baseline.value)
        self._note(self.run)
        for plan in self.values:
            value = self.values[plan]
            better = value < found.value - EQUAL * self.baseline.value
            if better and allowed(self._model, self._limits, plan):
                gap = relative_gap(value, found.bound, self.baseline.value)
                proved = gap <= self._options.gap
                status: Status = "optimal" if proved else "limit"
                limit = None if proved else found.limit
                found = Found(plan, value, found.bound, status, limit=limit)
        self.limit = "interrupted" if found.limit and self.interrupted else found.limit
        return self.row("best", found)

    def coverage(self, *, share: float) -> PlanCompared:
        """Find the plan that covers most of today's flow."""
        run = SolveRun(
            self._today,
            OBJECTIVES[self._objective].planner,
            self._limits,
            self._options,
            self.run.clock.part(share),
            self._on_progress,
            self._keep_on_interrupt,
        )
        found = run.run(self.baseline.value)
        self._note(run)
        self.limit = found.limit
        return self.row("coverage", found)

    def in_time(self, what: str, row: Callable[[], PlanCompared]) -> list[PlanCompared]:
        """Return a row, or none where the time was over first: then it is named in `left_out`."""
        try:
            return [row()]
        except OutOfTime:
            self.left_out.append(f"the time limit came first: {what} was left out")
            return []

    def row(self, name: str, found: Found) -> PlanCompared:
        """Value a plan with and without re-routing, and return its row of the comparison."""
        plan = sorted(found.plan)
        if found.plan not in self._after:
            response = self.run.trafficker.respond(plan)
            self.run.note(found.plan, response.value)
            self.values[found.plan] = response.value
            self._after[found.plan] = describe(
                self._network, self._model, self._objective, plan, response
            )
        after = self._after[found.plan]
        kept = self._kept(plan)
        self.responses[name], self.kept[name] = after, kept
        baseline = self.baseline.value
        cut = rounded(baseline - after.value)
        proved_of = {"best": after.value, "coverage": kept.value}.get(name)
        bound = None if proved_of is None else min(found.bound, proved_of)
        return PlanCompared(
            plan=name,
            spent=plan_totals(self._model, plan)[0],
            value=after.value,
            bound=bound,
            gap=None
            if proved_of is None or bound is None
            else relative_gap(proved_of, bound, baseline),
            status=STATUS if proved_of is None else found.status,
            cut=cut,
            cut_share=share(cut, baseline),
            delivered=after.delivered,
            weighted=after.weighted,
            profit=after.profit,
            promised=max(0.0, rounded(baseline - kept.value)),
            measures=";".join(after.measures),
        )

    def _kept(self, plan: list[int]) -> Proof:
        """Prove what a plan leaves if the trafficker keeps to what it does today."""
        still, unit = self._still.respond(plan), OBJECTIVES[self._objective].planner
        response = settled(self._today, unit, plan, still)
        return prove(self._network, self._today, plan, response, value=rounded(response.value))

    def _note(self, run: SolveRun) -> None:
        self.build_seconds += run.build_seconds
        self.interrupted = self.interrupted or run.interrupted
