"""A plan made by hand whose measures may fail: its mean over what works, by scenario."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from flowopt.clock import Clock
from flowopt.criteria import CRITERIA
from flowopt.errors import RequestError
from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import build_in_time
from flowopt.model.certificate import prove, settled
from flowopt.model.criterion import Criterion
from flowopt.model.incumbent import Plan
from flowopt.model.luck import Chances, Luck, Outcome
from flowopt.model.plan_luck import SEED, Expectation, LuckValues
from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.planning.marginal_values import NO_VALUES, ranked_plan
from flowopt.planning.outcome import EvaluationOutcome, evaluation_of, seconds_of
from flowopt.planning.plan_comparison import ComparedPlans, PlanComparison
from flowopt.planning.plan_conditions import broken, for_its_cost
from flowopt.planning.plan_constraints import PlanProblem, indices, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.recorded_options import on_record
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest, World, worlds_of
from flowopt.planning.served_ranges import ServedRanges
from flowopt.results.evaluation import Evaluation
from flowopt.results.folder_result import of_networks
from flowopt.results.luck_solution import (
    LuckRecord,
    LuckRow,
    LuckSolution,
    OutcomeRow,
    quantile,
)
from flowopt.results.numbers import rounded, share
from flowopt.results.proof import Proof
from flowopt.results.rows import Rows

PROVED = 64  # of a scenario's outcomes, the likeliest ones; more would swell the certificate
LISTED = 4_096  # of a scenario's outcomes: no more can be counted
_ALONE = ComparedPlans(alone=True)


@dataclass(frozen=True, slots=True)
class _Played:
    """A plan under the luck of one scenario.

    Attributes
    ----------
    world : World
        The scenario.
    luck : Luck
        Its coins.
    expectation : Expectation
        The mean over what works of the plan.
    evaluation : Evaluation
        The plan when all works that can.
    comparison : PlanComparison
        Where that comes from.
    proofs : tuple of Proof
        Of the values of the likeliest outcomes.
    """

    world: World
    luck: Luck
    expectation: Expectation
    evaluation: Evaluation
    comparison: PlanComparison
    proofs: tuple[Proof, ...]


def evaluate_under_luck(
    network: Network,
    measures: Iterable[str],
    request: PlanRequest,
    wanted: CriterionRequest | None,
    options: RunOptions,
    clock: Clock,
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

    Raises
    ------
    RequestError
        When a measure is unknown, or the question is one for measures that always work.
    OutOfTime
        When there is no time for all outcomes.
    """
    _check(request, wanted)
    worlds = (World("", "as it stands", 1.0, network),) if wanted is None else worlds_of(network)
    ids = list(measures)
    read = time.perf_counter() - clock.began
    played = [_played(world, ids, request, options, clock) for world in worlds]
    return of_networks(_solution(network, played, request, wanted, options, read), network)


def _check(request: PlanRequest, wanted: CriterionRequest | None) -> None:
    """Refuse what is asked of measures that always work with a `RequestError`."""
    if request.of is not None:
        raise RequestError("a part of the markets is for networks whose measures always work")
    if wanted is None:
        return
    wanted.check()
    if CRITERIA[wanted.criterion].reference == "best":
        raise RequestError(
            f"{wanted.criterion} compares a plan with the best one for each scenario, which is not "
            "looked for yet where measures may fail; ask for expected, worst, cut or cvar"
        )


def _played(
    world: World, ids: Sequence[str], request: PlanRequest, options: RunOptions, clock: Clock
) -> _Played:
    """Return a plan under the luck of one scenario."""
    sure = as_if_sure(world.network)
    problem = problem_of(sure, build_in_time(sure, clock), request)
    plan = frozenset(indices(problem.model.measures, ids, what="measure"))
    problem = for_its_cost(problem, plan)
    comparison = PlanComparison(problem, options, clock)
    comparison.compare(plan, _ALONE)
    luck = Luck(world.network, Chances.of(world.network))
    acting = replace(problem, network=luck.network, model=build_in_time(luck.network, clock))
    trafficker = BestResponseSolver(acting.model, request.objective, ties=request.ties)
    trafficker.deadline = clock.deadline
    expectation = LuckValues(luck, trafficker).expected(plan)
    proofs = tuple(
        _proof(acting, trafficker, each.outcome, len(world.network.measures))
        for each in expectation.outcomes[:PROVED]
    )
    outcome = EvaluationOutcome(
        comparison, tuple(broken(problem, plan)), NO_VALUES, ServedRanges(), time.perf_counter()
    )
    evaluation = evaluation_of(outcome, _ALONE, 0.0)
    return _Played(world, luck, expectation, evaluation, comparison, proofs)


def _proof(
    problem: PlanProblem, trafficker: BestResponseSolver, outcome: Outcome, measures: int
) -> Proof:
    """Return the proof of the objective when some of a plan works, in words of the network."""
    chosen = sorted(outcome.acts)
    found = trafficker.respond(chosen, tidy=False)
    response = settled(problem.model, problem.request.objective, chosen, found)
    proof = prove(problem.network, problem.model, chosen, response)
    # Parts are nobody's: which of them work stands beside the proof.
    return replace(proof, measures=tuple(problem.model.measures[i] for i in chosen if i < measures))


def _solution(
    network: Network,
    played: Sequence[_Played],
    request: PlanRequest,
    wanted: CriterionRequest | None,
    options: RunOptions,
    read: float,
) -> LuckSolution:
    """Return the result that tells the plan in all scenarios."""
    weights = np.array([each.world.weight for each in played])
    shares = weights / weights.sum()
    rows = [_row(each, part) for each, part in zip(played, shares.tolist(), strict=True)]
    criterion = _criterion(wanted, shares, rows)
    first, record = played[0].evaluation, _record(played, criterion)
    warnings = dict.fromkeys(text for each in played for text in each.evaluation.warnings)
    run = played[0].comparison.run
    return LuckSolution(
        network=network.info.id,
        input_sha256=network.sha256,
        objective=request.objective,
        criterion=None if wanted is None else wanted.criterion,
        tail=None if wanted is None else _tail(wanted),
        budget=first.budget,
        resources=first.resources,
        status="evaluated" if record.how == "counted" else "estimated",
        baseline=rounded(criterion.of(np.array([row.baseline for row in rows]))),
        value=rounded(criterion.of(np.array([row.value for row in rows]))),
        luck=record,
        spent=first.spent,
        used=first.used,
        plan=ranked_plan(network, _plan_of(played[0]), {}, 0.0, monotone=True),
        measures=first.measures,
        scenarios=Rows(LuckRow, rows),
        outcomes=Rows(OutcomeRow, [row for each in played for row in _outcomes(each)]),
        proofs={each.world.scenario: each.proofs for each in played},
        worlds={each.world.scenario: each.evaluation for each in played},
        solver=first.solver,
        seconds=seconds_of(run, read, 0.0, time.perf_counter()),
        broken=first.broken,
        warnings=tuple(warnings),
        interrupted=any(each.evaluation.interrupted for each in played),
        ties=first.ties,
        options=on_record(
            measures=first.measures,
            **request.recorded("budget", "resource", "objective", "ties"),
            **({"criterion": None, "tail": None} if wanted is None else wanted.recorded()),
            **options.recorded(),
        ),
    )


def _tail(wanted: CriterionRequest) -> float | None:
    return wanted.tail if wanted.criterion == "cvar" else None


def _criterion(
    wanted: CriterionRequest | None, shares: Floats, rows: Sequence[LuckRow]
) -> Criterion:
    """Return the criterion over the scenarios; the mean of the one that there is without."""
    if wanted is None:
        return Criterion("expected", shares, np.zeros(len(rows)))
    compared = CRITERIA[wanted.criterion].reference == "nothing"
    reference = np.array([row.baseline if compared else 0.0 for row in rows])
    return Criterion(wanted.criterion, shares, reference, tail=wanted.tail)


def _record(played: Sequence[_Played], criterion: Criterion) -> LuckRecord:
    """Return how the means were found; the widest interval that their intervals allow."""
    found = [each.expectation for each in played]
    widths = np.array([each.half_width for each in found])
    drawn = [each.draws for each in found if each.draws is not None]
    return LuckRecord(
        how="sampled" if drawn else "counted",
        coins=max(each.coins for each in found),
        outcomes=sum(len(each.outcomes) for each in found),
        half_width=float(criterion.most_lost(widths[:, None])[0]),
        draws=drawn[0] if drawn else None,
        seed=SEED if drawn else None,
    )


def _row(played: _Played, part: float) -> LuckRow:
    expectation, evaluation = played.expectation, played.evaluation
    value, baseline = rounded(expectation.mean), evaluation.baseline
    cut = rounded(baseline - value)
    spread = [
        (each.value, each.outcome.probability if each.draws is None else float(each.draws))
        for each in expectation.outcomes
    ]
    plan = _plan_of(played)
    everything = played.luck.probability(plan, played.luck.acting(plan))
    return LuckRow(
        scenario=played.world.scenario,
        name=played.world.name,
        weight=part,
        baseline=baseline,
        value=value,
        low=rounded(expectation.mean - expectation.half_width),
        high=rounded(expectation.mean + expectation.half_width),
        cut=cut,
        cut_share=share(cut, baseline),
        left_p05=rounded(quantile(spread, 0.05)),
        left_p95=rounded(quantile(spread, 0.95)),
        all_works=rounded(everything),
        all_works_value=evaluation.value,
    )


def _plan_of(played: _Played) -> Plan:
    model = played.comparison.run.model
    return frozenset(indices(model.measures, played.evaluation.measures, what="measure"))


def _outcomes(played: _Played) -> Iterable[OutcomeRow]:
    """Return the outcomes of a scenario as rows."""
    luck, network = played.luck, played.world.network
    plan = _plan_of(played)
    for each in played.expectation.outcomes[:LISTED]:
        works = [network.measures[i].measure for i in sorted(each.outcome.acts) if i in plan]
        yield OutcomeRow(
            scenario=played.world.scenario,
            works=";".join(works),
            failed_effects=";".join(
                str(row + 1) for row in luck.failed_effects(plan, each.outcome.acts)
            ),
            probability=each.outcome.probability,
            drawn=each.draws,
            value=rounded(each.value),
        )
