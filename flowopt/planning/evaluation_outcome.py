"""Outcomes of evaluations, and the results that tell them."""

from __future__ import annotations

from dataclasses import dataclass

from flowopt.planning.marginal_values import MarginalValues
from flowopt.planning.outcome import seconds_of, solver_run
from flowopt.planning.plan_comparison import ComparedPlans, PlanComparison
from flowopt.planning.plan_constraints import indices, plan_totals
from flowopt.planning.recorded_options import on_record
from flowopt.planning.result_warnings import network_warnings, out_of_scale
from flowopt.planning.served_ranges import ServedRanges
from flowopt.planning.solve_responses import choice_warning
from flowopt.results.evaluation import Evaluation, PlanCompared
from flowopt.results.rows import Rows


@dataclass(frozen=True, slots=True)
class EvaluationOutcome:
    """Plans side by side, and the marginal values of the one at hand.

    Attributes
    ----------
    comparison : PlanComparison
        The plans; the one at hand is called ``yours``.
    broken : tuple of str
        Limits and rules that it breaks, in a sentence each.
    marginal : MarginalValues
        Of the plan at hand.
    served : ServedRanges
        As in `SolveOutcome`.
    solved : float
        `time.perf_counter` when all plans were found.
    """

    comparison: PlanComparison
    broken: tuple[str, ...]
    marginal: MarginalValues
    served: ServedRanges
    solved: float


def evaluation_of(
    outcome: EvaluationOutcome, wanted: ComparedPlans, seconds_reading: float
) -> Evaluation:
    """Return the evaluation that tells an outcome."""
    compared, marginal = outcome.comparison, outcome.marginal
    run, before, after = compared.run, compared.baseline, compared.responses["yours"]
    network, model, request = run.problem.network, run.model, run.problem.request
    spent, used = plan_totals(model, indices(model.measures, after.measures, what="measure"))
    return Evaluation(
        network=network.info.id,
        scenario=network.info.scenario or None,
        input_sha256=after.input_sha256,
        objective=request.objective,
        budget=None if request.budget is None else float(request.budget),
        resources=run.problem.resource_limits,
        broken=outcome.broken,
        baseline=before.value,
        value=after.value,
        spent=spent,
        used=used,
        plan=marginal.plan,
        measures=after.measures,
        comparison=Rows(PlanCompared, compared.rows),
        before=before,
        after=after,
        solver=solver_run(run),
        seconds=seconds_of(run, seconds_reading, compared.build_seconds, outcome.solved),
        best=compared.responses.get("best"),
        coverage=compared.responses.get("coverage"),
        next=marginal.following.rows,
        dropped={model.measures[i]: proof for i, proof in marginal.dropped.items()},
        added=marginal.following.proofs,
        kept=compared.kept,
        warnings=(
            *out_of_scale(network, request.budget, request.resources),
            *network_warnings(network, request.objective, before.profit),
            *choice_warning(run, before, after),
            *compared.left_out,
            *outcome.served.warnings,
            *marginal.warnings,
        ),
        interrupted=run.interrupted,
        limit=compared.limit,
        ties=after.ties,
        of=request.of,
        served=outcome.served.by_plan,
        options=on_record(
            measures=after.measures,
            **request.recorded("budget", "of", "resource", "objective", "ties"),
            against=wanted.against,
            alone=wanted.alone,
            **run.options.recorded(),
        ),
    )
