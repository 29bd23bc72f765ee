"""Plans whose measures may fail: their means over what works by scenario, as results."""

from __future__ import annotations

import math
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
from flowopt.model.feasible_plans import without
from flowopt.model.incumbent import Plan
from flowopt.model.luck import Chances, Luck, Outcome
from flowopt.model.plan_luck import SEED, Expectation, LuckValues
from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.planning.marginal_values import NO_VALUES
from flowopt.planning.outcome import EvaluationOutcome, evaluation_of, seconds_of
from flowopt.planning.plan_comparison import ComparedPlans, PlanComparison
from flowopt.planning.plan_conditions import broken, for_its_cost
from flowopt.planning.plan_constraints import PlanProblem, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.recorded_options import on_record
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest, World, worlds_of
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.served_ranges import ServedRanges
from flowopt.planning.solve_run import SolveRun
from flowopt.results.evaluation import Evaluation
from flowopt.results.luck_solution import (
    LuckRecord,
    LuckRow,
    LuckSolution,
    OutcomeRow,
    quantile,
)
from flowopt.results.numbers import rounded, share
from flowopt.results.proof import Proof
from flowopt.results.rows import PlanRow, Rows

PROVED = 64  # of a scenario's outcomes, the likeliest ones; more would swell the certificate
LISTED = 4_096  # of a scenario's outcomes: no more can be counted
_ALONE = ComparedPlans(alone=True)


@dataclass(frozen=True, slots=True)
class LuckyWorld:
    """One scenario of a request under luck: what is asked when all works that can, and the coins.

    Attributes
    ----------
    world : World
        The scenario.
    problem : PlanProblem
        The request on the network in which all works that can.
    acting : PlanProblem
        The same on the network with parts.
    values : LuckValues
        Means of plans.
    """

    world: World
    problem: PlanProblem
    acting: PlanProblem
    values: LuckValues


@dataclass(frozen=True, slots=True)
class Played:
    """A plan under the luck of one scenario.

    Attributes
    ----------
    lucky : LuckyWorld
        The scenario.
    plan : plan
        The plan.
    expectation : Expectation
        The mean over what works of the plan.
    evaluation : Evaluation
        The plan when all works that can.
    run : SolveRun
        What has valued that.
    proofs : tuple of Proof
        Of the values of the likeliest outcomes.
    """

    lucky: LuckyWorld
    plan: Plan
    expectation: Expectation
    evaluation: Evaluation
    run: SolveRun
    proofs: tuple[Proof, ...]

    @property
    def scenario(self) -> str:
        """Id of the scenario, blank for the network as it stands."""
        return self.lucky.world.scenario


def check_under_luck(request: PlanRequest, wanted: CriterionRequest | None) -> None:
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


def lucky_worlds(
    network: Network, request: PlanRequest, wanted: CriterionRequest | None, clock: Clock
) -> list[LuckyWorld]:
    """Return the scenarios of a request under luck; the network as it stands without a criterion.

    Raises
    ------
    RequestError
        When the request names something that the network lacks.
    """
    worlds = (World("", "as it stands", 1.0, network),) if wanted is None else worlds_of(network)
    found = []
    for world in worlds:
        sure = as_if_sure(world.network)
        problem = problem_of(sure, build_in_time(sure, clock), request)
        luck = Luck(world.network, Chances.of(world.network))
        acting = replace(problem, network=luck.network, model=build_in_time(luck.network, clock))
        trafficker = BestResponseSolver(acting.model, request.objective, ties=request.ties)
        trafficker.deadline = clock.deadline
        found.append(LuckyWorld(world, problem, acting, LuckValues(luck, trafficker)))
    return found


def played(
    lucky: LuckyWorld, plan: Plan, options: RunOptions, clock: Clock, *, own_money: bool
) -> Played:
    """Return a plan under the luck of one scenario; with `own_money` its cost is the budget."""
    problem = for_its_cost(lucky.problem, plan) if own_money else lucky.problem
    comparison = PlanComparison(problem, options, clock)
    comparison.compare(plan, _ALONE)
    expectation = lucky.values.expected(plan)
    proofs = tuple(
        _proof(lucky, each.outcome, len(problem.model.measures))
        for each in expectation.outcomes[:PROVED]
    )
    outcome = EvaluationOutcome(
        comparison, tuple(broken(problem, plan)), NO_VALUES, ServedRanges(), time.perf_counter()
    )
    evaluation = evaluation_of(outcome, _ALONE, 0.0)
    return Played(lucky, plan, expectation, evaluation, comparison.run, proofs)


def _proof(lucky: LuckyWorld, outcome: Outcome, measures: int) -> Proof:
    """Return the proof of the objective when some of a plan works, in words of the network."""
    problem, chosen = lucky.acting, sorted(outcome.acts)
    found = lucky.values.trafficker.respond(chosen, tidy=False)
    response = settled(problem.model, problem.request.objective, chosen, found)
    proof = prove(problem.network, problem.model, chosen, response)
    # Parts are nobody's: which of them work stands beside the proof.
    return replace(proof, measures=tuple(problem.model.measures[i] for i in chosen if i < measures))


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
    given = {"measures": first.measures} if best is None else {}
    chosen = () if best is None else ("include", "exclude")
    ids, limits = problem.model.measures, problem.constraints
    return LuckSolution(
        network=network.info.id,
        scenario=network.info.scenario or None,
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
        plan=_plan_rows(network, found, criterion, value),
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
        warnings=tuple(dict.fromkeys(text for each in found for text in each.evaluation.warnings)),
        interrupted=any(each.evaluation.interrupted for each in found),
        ties=first.ties,
        limit=None if best is None else best.limit,
        options=on_record(
            **given,
            **request.recorded("budget", "resource", "objective", "ties", *chosen),
            **({"criterion": None, "tail": None} if wanted is None else wanted.recorded()),
            **options.recorded(),
        ),
    )


def _plan_rows(
    network: Network, found: Sequence[Played], criterion: Criterion, value: float
) -> Rows[PlanRow]:
    """Return the plan's rows, the largest loss in the mean first; unknown losses come last."""
    plan, least = found[0].plan, 0.0
    if not OBJECTIVES[found[0].lucky.problem.request.objective].monotone:
        least = -math.inf
    lost: dict[int, float] = {}
    for measure in sorted(plan):
        means = [_mean_without(each, measure) for each in found]
        known = [mean for mean in means if mean is not None]
        if len(known) == len(means):
            lost[measure] = max(least, rounded(criterion.of(np.array(known))) - value)
    order = sorted(plan, key=lambda m: (-round(lost[m], 9) if m in lost else math.inf, m))
    return Rows(
        PlanRow,
        (
            PlanRow(rank, row.measure, row.name, row.kind, row.cost, lost.get(m))
            for rank, m in enumerate(order, start=1)
            for row in [network.measures[m]]
        ),
    )


def _mean_without(played: Played, measure: int) -> float | None:
    """Return the mean without a measure and those that require it, by the plan's own outcomes.

    None where these don't tell: where draws were taken, or what is dropped always works.
    """
    if played.expectation.draws is not None:
        return None
    values = {each.outcome.acts: each.value for each in played.expectation.outcomes}
    rest = without(played.lucky.problem.model, played.plan, measure)
    outcomes = played.lucky.values.luck.outcomes(rest)
    if any(each.acts not in values for each in outcomes):
        return None
    return math.fsum(each.probability * values[each.acts] for each in outcomes)


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
        draws=drawn[0] if drawn else None,
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
