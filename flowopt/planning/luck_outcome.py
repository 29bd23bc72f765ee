"""Plans whose measures may fail: their means over what works by scenario, as results."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import numpy as np

from flowopt.criteria import CRITERIA
from flowopt.model.activities import Floats
from flowopt.model.criterion import Criterion
from flowopt.model.plan_luck import SEED
from flowopt.network.network import Network
from flowopt.planning.luck_marginal import marginals_under_luck
from flowopt.planning.lucky_worlds import PROVED, Played
from flowopt.planning.outcome import seconds_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.recorded_options import on_record
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.scenario_run import FoundForAll
from flowopt.results.luck_solution import (
    LuckRecord,
    LuckRow,
    LuckSolution,
    OutcomeRow,
    quantile,
)
from flowopt.results.numbers import rounded, share
from flowopt.results.rows import Rows

LISTED = 4_096  # of a scenario's outcomes: no more can be counted


def luck_solution_of(
    network: Network,
    found: Sequence[Played],
    request: PlanRequest,
    wanted: CriterionRequest | None,
    options: RunOptions,
    read: float,
    best: FoundForAll | None = None,
) -> LuckSolution:
    """Return the result that tells a plan in all scenarios.

    Parameters
    ----------
    network
        The network whose measures may fail.
    found
        The plan in each scenario.
    request, wanted, options
        The question.
    read
        Seconds before.
    best
        Where the plan was searched for: with its bound, and what stopped the proof.
    """
    rows = [_row(each, part) for each, part in zip(found, shares_of(found), strict=True)]
    criterion = criterion_of(wanted, np.array([r.weight for r in rows]), [r.baseline for r in rows])
    first, record, problem = found[0].evaluation, _record(found, criterion), found[0].lucky.problem
    value = rounded(criterion.of(np.array([row.value for row in rows])))
    status: str = "evaluated" if best is None else best.status
    bound = None if best is None else rounded(best.bound)
    if record.how == "sampled":
        status = "estimated"
    elif bound is not None:
        bound = min(bound, value)
    marginal = marginals_under_luck(found, criterion, value)
    given = {} if best is not None else {"measures": first.measures}
    if best is None and "against" in first.options and first.options["against"]:
        given["against"] = tuple(row.plan for row in first.comparison[1:])
    chosen = () if best is None else ("include", "exclude")
    ids, limits = problem.model.measures, problem.constraints
    return LuckSolution(
        network=network.info.id,
        scenario=network.info.scenario or None,
        of=problem.request.of,
        input_sha256=network.sha256,
        objective=request.objective,
        criterion=None if wanted is None else wanted.criterion,
        tail=None if wanted is None else _tail(wanted),
        budget=first.budget,
        resources=first.resources,
        status=status,
        baseline=rounded(criterion.of(np.array([row.baseline for row in rows]))),
        value=value,
        bound=bound,
        luck=record,
        spent=first.spent,
        used=first.used,
        plan=marginal.plan,
        next=marginal.following,
        comparison=marginal.beside,
        acting=marginal.acting,
        measures=first.measures,
        scenarios=Rows(LuckRow, rows),
        outcomes=Rows(OutcomeRow, [row for each in found for row in _outcomes(each)]),
        proofs={each.scenario: each.proofs for each in found},
        worlds={each.scenario: each.evaluation for each in found},
        solver=first.solver,
        seconds=seconds_of(found[0].run, read, 0.0, time.perf_counter()),
        include=tuple(ids[i] for i in sorted(limits.include)),
        exclude=tuple(ids[i] for i in sorted(limits.exclude)),
        broken=first.broken,
        warnings=tuple(
            dict.fromkeys(
                (
                    *(text for each in found for text in each.evaluation.warnings),
                    *(text for each in found for text in _unproved(each)),
                    *marginal.warnings,
                )
            )
        ),
        interrupted=any(each.evaluation.interrupted for each in found),
        ties=first.ties,
        limit=None if best is None else best.limit,
        options=on_record(
            **given,
            **request.recorded("budget", "of", "resource", "objective", "ties", *chosen),
            **({"criterion": None, "tail": None} if wanted is None else wanted.recorded()),
            **options.recorded(),
        ),
    )


def _unproved(played: Played) -> Iterable[str]:
    """Yield a warning where there was no time for all proofs."""
    some, wanted = len(played.proofs), min(PROVED, len(played.expectation.outcomes))
    if some < wanted:
        where = f" in {played.scenario}" if played.scenario else ""
        yield (
            f"the time limit came first: {some} of the {wanted} likeliest outcomes{where} have a "
            "proof of their values"
        )


def shares_of(found: Sequence[Played]) -> list[float]:
    """Return each scenario's share of the weight."""
    weights = np.array([each.lucky.world.weight for each in found])
    shares: list[float] = (weights / weights.sum()).tolist()
    return shares


def _tail(wanted: CriterionRequest) -> float | None:
    return wanted.tail if wanted.criterion == "cvar" else None


def criterion_of(
    wanted: CriterionRequest | None, shares: Floats, baselines: Sequence[float]
) -> Criterion:
    """Return the criterion over the scenarios; the mean of the one that there is without."""
    nothing = np.array(baselines)
    if wanted is None:
        return Criterion("expected", shares, 0.0 * nothing)
    compared = CRITERIA[wanted.criterion].reference == "nothing"
    return Criterion(
        wanted.criterion, shares, nothing if compared else 0.0 * nothing, tail=wanted.tail
    )


def _record(played: Sequence[Played], criterion: Criterion) -> LuckRecord:
    """Return how the means were found; the widest interval that their intervals allow."""
    found = [each.expectation for each in played]
    widths = np.array([each.half_width for each in found])
    drawn = [each.draws for each in found if each.draws is not None]
    return LuckRecord(
        how="sampled" if drawn else "counted",
        coins=max(each.coins for each in found),
        outcomes=sum(len(each.outcomes) for each in found),
        half_width=float(criterion.most_lost(widths[:, None])[0]),
        draws=min(drawn, default=None),
        seed=SEED if drawn else None,
    )


def _row(played: Played, part: float) -> LuckRow:
    expectation, evaluation = played.expectation, played.evaluation
    value, baseline = rounded(expectation.mean), evaluation.baseline
    cut = rounded(baseline - value)
    spread = [
        (each.value, each.outcome.probability if each.draws is None else float(each.draws))
        for each in expectation.outcomes
    ]
    luck, plan = played.lucky.values.luck, played.plan
    everything = luck.probability(plan, luck.acting(plan))
    return LuckRow(
        scenario=played.scenario,
        name=played.lucky.world.name,
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


def _outcomes(played: Played) -> Iterable[OutcomeRow]:
    """Return the outcomes of a scenario as rows."""
    luck, network, plan = played.lucky.values.luck, played.lucky.world.network, played.plan
    for each in played.expectation.outcomes[:LISTED]:
        works = [network.measures[i].measure for i in sorted(each.outcome.acts) if i in plan]
        yield OutcomeRow(
            scenario=played.scenario,
            works=";".join(works),
            failed_effects=";".join(
                str(row + 1) for row in luck.failed_effects(plan, each.outcome.acts)
            ),
            probability=each.outcome.probability,
            drawn=each.draws,
            value=rounded(each.value),
        )
