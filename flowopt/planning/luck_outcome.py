"""Plans whose measures may fail: their means over what works by scenario, as results."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import numpy as np

from flowopt.criteria import CRITERIA
from flowopt.model.activities import Floats
from flowopt.model.criterion import Criterion
from flowopt.model.luck_means import jointly
from flowopt.model.plan_luck import SEED
from flowopt.network.network import Network
from flowopt.planning.criterion_run import base_of_gaps, criterion_gap
from flowopt.planning.luck_marginal import marginals_under_luck
from flowopt.planning.luck_own_bests import LuckOwnBest, LuckOwnBests
from flowopt.planning.luck_ranks import RankedPlan
from flowopt.planning.lucky_worlds import PROVED, Played, as_counted
from flowopt.planning.outcome import seconds_of
from flowopt.planning.plan_constraints import plan_totals
from flowopt.planning.plan_request import AlternativesRequest, PlanRequest
from flowopt.planning.recorded_options import on_record
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.scenario_run import FoundForAll
from flowopt.results.luck_rows import LuckAlternative, OwnMean
from flowopt.results.luck_solution import (
    LuckRecord,
    LuckRow,
    LuckSolution,
    OutcomeRow,
    quantile,
)
from flowopt.results.numbers import change_of, relative_gap, rounded, share
from flowopt.results.rows import Rows

LISTED = 4_096  # of a scenario's outcomes: no more can be counted
RE_DONE = 20  # alternatives whose means can be worked out anew; more would swell the certificate
_THE_BEST = AlternativesRequest()


def luck_solution_of(
    network: Network,
    found: Sequence[Played],
    request: PlanRequest,
    wanted: CriterionRequest | None,
    options: RunOptions,
    read: float,
    best: FoundForAll | None = None,
    *,
    own: LuckOwnBests | None = None,
    ranks: AlternativesRequest = _THE_BEST,
    more: Sequence[RankedPlan] = (),
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
    own
        The best plans of single scenarios, where the criterion compares with them.
    ranks, more
        How many of the best plans were asked for, and those where they were several.
    """
    if own is not None:
        own.take_played(found)
    bests = [None] * len(found) if own is None else own.found
    shares = shares_of(found)
    rows = [_row(each, part, best) for each, part, best in zip(found, shares, bests, strict=True)]
    criterion = _criterion_of_rows(wanted, rows)
    first, problem = found[0].evaluation, found[0].lucky.problem
    record = _record(found, criterion, bests)
    value = rounded(criterion.of(np.array([row.value for row in rows])))
    status: str = "evaluated" if best is None else best.status
    limit = None if best is None else best.limit
    aimed = request.target is not None
    bound = None if best is None or aimed else rounded(best.bound)
    if record.how == "sampled":
        status = "estimated"
    elif bound is not None:
        bound = min(bound, value)
    if bound is not None and own is not None and not own.counted:
        bound = min(bound, 0.0)  # beside an estimate of the best plan no more is certain
    if best is not None and bound is not None and status == "optimal":
        base = base_of_gaps(criterion, np.array([row.baseline for row in rows]))
        gap = criterion_gap(criterion, value, bound, base)
        status, limit = as_counted(status, limit, gap, options.gap)
    listed = [each.plan for each in _re_done(more)]
    marginal = marginals_under_luck(found, criterion, value, bests, listed)
    given = {} if best is not None else {"measures": first.measures}
    if best is None and "against" in first.options and first.options["against"]:
        given["against"] = tuple(row.plan for row in first.comparison[1:])
    chosen = () if best is None else ("include", "exclude")
    chosen = ("target", *chosen) if aimed else chosen
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
        target=float(request.target) if request.target is not None else None,
        cost_bound=None if best is None else best.cost_bound,
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
        alternatives=_alternatives(found[0], more, options.gap),
        acting=marginal.acting,
        own={
            each.scenario: mean_of(each, best)
            for each, best in zip(found, bests, strict=True)
            if best is not None
        },
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
        limit=limit,
        options=on_record(
            **given,
            **request.recorded("budget", "of", "resource", "objective", "ties", *chosen),
            **({"criterion": None, "tail": None} if wanted is None else wanted.recorded()),
            **ranks.recorded(),
            **options.recorded(),
        ),
    )


def _re_done(more: Sequence[RankedPlan]) -> list[FoundForAll]:
    """Return the alternatives whose counted means a certificate holds the values of."""
    return [each.found for each in more[1:RE_DONE] if each.expectation.draws is None]


def _alternatives(
    played: Played, more: Sequence[RankedPlan], allowed: float
) -> Rows[LuckAlternative]:
    """Return the rows of the best plans."""
    model, rows = played.lucky.problem.model, []
    for rank, each in enumerate(more, start=1):
        value, plan = rounded(each.expectation.mean), sorted(each.found.plan)
        bound = rounded(min(each.found.bound, value))
        gap = relative_gap(value, bound, played.evaluation.baseline)
        status, _ = as_counted(each.found.status, each.found.limit, gap, allowed)
        rows.append(
            LuckAlternative(
                rank=rank,
                value=value,
                rank_bound=bound,
                rank_gap=gap,
                status=status if each.expectation.draws is None else "estimated",
                spent=plan_totals(model, plan)[0],
                half_width=each.expectation.half_width,
                measures=";".join(model.measures[i] for i in plan),
            )
        )
    return Rows(LuckAlternative, rows)


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
    wanted: CriterionRequest | None, shares: Floats, baselines: Floats, own: Floats | None = None
) -> Criterion:
    """Return the criterion over the scenarios; the mean of the one that there is without.

    `own` are the values of their own best plans, for a criterion that compares with them.
    """
    nothing = 0.0 * baselines
    if wanted is None:
        return Criterion("expected", shares, nothing)
    references = {"zero": nothing, "nothing": baselines, "best": nothing if own is None else own}
    reference = references[CRITERIA[wanted.criterion].reference]
    return Criterion(wanted.criterion, shares, reference, tail=wanted.tail)


def _criterion_of_rows(wanted: CriterionRequest | None, rows: Sequence[LuckRow]) -> Criterion:
    """Return the criterion over scenarios as the result states them."""
    shares, nothing = (np.array([getattr(r, n) for r in rows]) for n in ("weight", "baseline"))
    own = [row.own_best for row in rows if row.own_best is not None]
    return criterion_of(wanted, shares, nothing, np.array(own) if own else None)


def mean_of(played: Played, best: LuckOwnBest) -> OwnMean:
    """Return the mean of the best plan of a scenario, as a result states it."""
    ids, value = played.lucky.problem.model.measures, rounded(best.value)
    return OwnMean(
        measures=tuple(ids[i] for i in sorted(best.plan)),
        value=value,
        half_width=best.expectation.half_width,
        draws=best.expectation.draws,
        bound=min(rounded(best.bound), value),
    )


def _record(
    played: Sequence[Played], criterion: Criterion, bests: Sequence[LuckOwnBest | None]
) -> LuckRecord:
    """Return how the means were found; the widest interval that their intervals allow."""
    found = [each.expectation for each in played]
    beside = [None if each is None else each.expectation for each in bests]
    widths = np.array(
        [
            each.half_width + (0.0 if best is None else best.half_width)
            for each, best in zip(found, beside, strict=True)
        ]
    )
    drawn = [each.draws for each in (*found, *filter(None, beside)) if each.draws is not None]
    if criterion.name != "expected":
        uncertain = sum(each.half_width > 0.0 for each in (*found, *filter(None, beside)))
        widths *= jointly(uncertain, min(drawn, default=0))
    return LuckRecord(
        how="sampled" if drawn else "counted",
        coins=max(each.coins for each in found),
        outcomes=sum(len(each.outcomes) for each in found),
        half_width=float(criterion.most_lost(widths[:, None])[0]),
        draws=min(drawn, default=None),
        seed=SEED if drawn else None,
    )


def _row(played: Played, part: float, best: LuckOwnBest | None) -> LuckRow:
    expectation, evaluation = played.expectation, played.evaluation
    value, baseline = rounded(expectation.mean), evaluation.baseline
    cut = rounded(baseline - value)
    spread = [
        (each.value, each.outcome.probability if each.draws is None else float(each.draws))
        for each in expectation.outcomes
    ]
    luck, plan = played.lucky.values.luck, played.plan
    everything = luck.probability(plan, luck.acting(plan))
    own = None if best is None else mean_of(played, best)
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
        own_best=None if own is None else own.value,
        own_bound=None if own is None else own.bound,
        regret=None if own is None else change_of(own.value, value),
        own_measures="" if own is None else ";".join(own.measures),
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
