"""Outcomes of solves, and the results that tell them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from flowopt.model.activities import ActivityModel
from flowopt.model.formulations import Bilevel
from flowopt.model.solver import solver_threads
from flowopt.planning.marginal_values import MarginalValues
from flowopt.planning.plan_constraints import plan_totals
from flowopt.planning.plan_request import AlternativesRequest
from flowopt.planning.recorded_options import on_record
from flowopt.planning.result_warnings import network_warnings, out_of_scale
from flowopt.planning.served_ranges import ServedRanges
from flowopt.planning.solve_responses import choice_warning
from flowopt.planning.solve_run import FoundPlan, SolveRun
from flowopt.results.numbers import relative_gap, rounded
from flowopt.results.plan_result import Seconds, SolverRun
from flowopt.results.proof import Proof
from flowopt.results.response import Response
from flowopt.results.rows import Alternative, Rows
from flowopt.results.solution import Solution


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveOutcome:
    """Plans of one run, their responses and proofs, and the marginal values of the best one.

    Attributes
    ----------
    baseline, after : Response
        The response without measures and to the plan; the latter None without a plan.
    found : FoundPlan or None
        The plan with its bound.
    alternatives : tuple of FoundPlan
        The best plans, where several were asked for.
    proofs : tuple of Proof
        Those of the first alternatives.
    marginal : MarginalValues
        Of the plan; empty without one.
    reasons : tuple of str
        Why there is no plan, where there can be none.
    left_out : tuple of str
        A warning, where alternatives were found too late.
    served : ServedRanges
        What arrives at the part of the markets that counts, if one does, when all are served.
    solved : float
        `time.perf_counter` when all plans were found.
    """

    baseline: Response
    found: FoundPlan | None
    after: Response | None
    alternatives: tuple[FoundPlan, ...]
    proofs: tuple[Proof, ...]
    marginal: MarginalValues
    reasons: tuple[str, ...]
    left_out: tuple[str, ...]
    served: ServedRanges
    solved: float


def solution_of(
    run: SolveRun, outcome: SolveOutcome, wanted: AlternativesRequest, seconds_reading: float
) -> Solution:
    """Return the solution that tells the outcome of a run."""
    network, model, request = run.problem.network, run.model, run.problem.request
    baseline, found, after, marginal = (
        outcome.baseline,
        outcome.found,
        outcome.after,
        outcome.marginal,
    )
    plan = sorted(found.plan) if found else []
    spent, used = plan_totals(model, plan)
    value = after.value if after else None
    bound = None
    if found and value is not None and request.target is None:
        bound = min(rounded(found.bound), value)
    return Solution(
        network=network.info.id,
        scenario=network.info.scenario or None,
        input_sha256=baseline.input_sha256,
        objective=request.objective,
        budget=None if request.budget is None else float(request.budget),
        resources=run.problem.resource_limits,
        status=found.status if found else "infeasible" if outcome.reasons else "no_solution",
        baseline=baseline.value,
        value=value,
        bound=bound,
        spent=spent if found else None,
        used=used if found else {},
        plan=marginal.plan,
        measures=tuple(model.measures[i] for i in plan),
        before=baseline,
        after=after,
        solver=solver_run(run),
        seconds=seconds_of(run, seconds_reading, run.build_seconds, outcome.solved),
        include=tuple(model.measures[i] for i in sorted(run.problem.constraints.include)),
        exclude=tuple(model.measures[i] for i in sorted(run.problem.constraints.exclude)),
        dropped={model.measures[i]: proof for i, proof in marginal.dropped.items()},
        next=marginal.following.rows,
        added=marginal.following.proofs,
        others=outcome.proofs,
        warnings=(
            *out_of_scale(network, request.budget, request.resources),
            *network_warnings(network, request.objective, baseline.profit),
            *choice_warning(run, baseline, after),
            *outcome.left_out,
            *outcome.served.warnings,
            *marginal.warnings,
        ),
        alternatives=_alternatives(model, outcome, baseline.value),
        interrupted=run.interrupted,
        limit=found.limit if found else None,
        reasons=outcome.reasons,
        target=None if request.target is None else float(request.target),
        cost_bound=found.cost_bound if found else None,
        ties=baseline.ties,
        of=request.of,
        served=outcome.served.by_plan,
        options=on_record(
            **request.recorded(),
            alternatives=wanted.count,
            within=wanted.within,
            **run.options.recorded(),
        ),
    )


def solver_run(run: SolveRun) -> SolverRun:
    """Return the solver of a run, with its version and threads."""
    name = run.options.solver.lower()
    threads = solver_threads(run.solver_options, in_parts=isinstance(run.programme, Bilevel))
    return SolverRun(name, run.solver_version, threads)


def seconds_of(run: SolveRun, read: float, build: float, solved: float) -> Seconds:
    """Return the seconds of a run by stage, all of them up to now."""
    clock = run.whole_clock
    return Seconds(
        read=read, build=build, solve=solved - clock.began - read - build, total=clock.elapsed()
    )


def _alternatives(
    model: ActivityModel, outcome: SolveOutcome, baseline: float
) -> Rows[Alternative]:
    """Return the rows of the best plans, with the values that are proved as far as some are."""
    return Rows(
        Alternative,
        (
            _alternative(model, rank, each, each.value if proof is None else proof.value, baseline)
            for rank, (each, proof) in enumerate(
                zip_longest(outcome.alternatives, outcome.proofs), start=1
            )
        ),
    )


def _alternative(
    model: ActivityModel, rank: int, found: FoundPlan, value: float, baseline: float
) -> Alternative:
    value = rounded(value)
    bound = min(rounded(found.bound), value)
    return Alternative(
        rank=rank,
        value=value,
        rank_bound=bound,
        rank_gap=relative_gap(value, bound, baseline),
        status=found.status,
        spent=plan_totals(model, sorted(found.plan))[0],
        measures=";".join(model.measures[i] for i in sorted(found.plan)),
    )
