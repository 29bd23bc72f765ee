"""Scenarios under luck, and a plan that is played in each: its mean over what works."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flowopt.clock import Clock, LimitReason
from flowopt.errors import OutOfTime
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import build_in_time
from flowopt.model.certificate import prove, settled
from flowopt.model.incumbent import Plan
from flowopt.model.luck import Chances, Luck, Outcome
from flowopt.model.plan_luck import GRACE, Expectation, LuckValues
from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.planning.evaluation_outcome import EvaluationOutcome, evaluation_of
from flowopt.planning.marginal_values import NO_VALUES
from flowopt.planning.plan_comparison import ComparedPlans, PlanComparison
from flowopt.planning.plan_conditions import broken, for_its_cost
from flowopt.planning.plan_constraints import PlanProblem, plan_totals, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest, World, worlds_of
from flowopt.planning.served_ranges import ServedRanges
from flowopt.planning.solve_run import SolveRun
from flowopt.results.evaluation import Evaluation
from flowopt.results.proof import Proof

PROVED = 64  # of a scenario's outcomes, the likeliest ones; more would swell the certificate
_PLAYED = 0.7  # of what is left after a search, for the means and their proofs
_DRAWN_SHARE = 0.7  # of the time left, at most, goes to the mean; the rest to proofs
_LATE = 1.0  # seconds after the limit at which no other scenario is looked at,
_ALWAYS = 3  # but for so many: a plan is told of them, however slow the machine
ALONE = ComparedPlans(alone=True)


def as_counted(
    status: str, limit: LimitReason | None, gap: float, allowed: float
) -> tuple[str, LimitReason | None]:
    """Return the status of a plan, and what stopped its proof, at its mean over all outcomes.

    A search that is short of time estimates means, and may take one for proved that is not.
    """
    if status == "optimal" and gap > allowed:
        return "limit", "time"
    return status, limit


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
class ValuedPlan:
    """A plan and its mean over what works in one scenario.

    Attributes
    ----------
    lucky : LuckyWorld
        The scenario.
    plan : frozenset of int
        Its measures.
    expectation : Expectation
        Its mean.
    baseline : float
        The objective without measures.
    """

    lucky: LuckyWorld
    plan: Plan
    expectation: Expectation
    baseline: float


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

    @property
    def valued(self) -> ValuedPlan:
        """The plan and its mean."""
        return ValuedPlan(self.lucky, self.plan, self.expectation, self.evaluation.baseline)


def check_under_luck(wanted: CriterionRequest | None) -> None:
    """Refuse a criterion that can't be asked with a `RequestError`."""
    if wanted is not None:
        wanted.check()


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
        model = build_in_time(luck.network, clock)
        if problem.part is not None:
            model = model.counting(problem.part.demands)
        acting = replace(problem, network=luck.network, model=model)
        trafficker = BestResponseSolver(acting.model, request.objective, ties=request.ties)
        trafficker.deadline = clock.deadline
        found.append(LuckyWorld(world, problem, acting, LuckValues(luck, trafficker)))
    return found


def played(
    lucky: LuckyWorld,
    plan: Plan,
    options: RunOptions,
    clock: Clock,
    *,
    own_money: bool,
    beside: ComparedPlans = ALONE,
    share: float = 1.0,
    grace: float = GRACE,
) -> Played:
    """Return a plan under the luck of one scenario, however little time is left.

    Parameters
    ----------
    lucky, plan
        The scenario, and a plan.
    options, clock
        How it is solved, and the time for all of it.
    own_money
        Whether the plan's own cost is the budget.
    beside
        Plans found where all works that can; their means are told elsewhere.
    share
        Of the time that is left: other scenarios have theirs.
    grace
        Seconds by which a mean may be late.
    """
    if clock.limit is not None:  # still from the start on: the result says what all of it took
        clock = clock.before((1.0 - share) * max(0.0, clock.left()))
    problem = for_its_cost(lucky.problem, plan) if own_money else lucky.problem
    comparison = PlanComparison(problem, options, clock)
    if beside == ALONE:
        comparison.compare_at_last(plan)
    else:
        comparison.compare(plan, beside)
    until = None if clock.limit is None else clock.part(_DRAWN_SHARE).deadline
    expectation = lucky.values.expected(plan, until=until, grace=grace)
    proofs = tuple(_proofs(lucky, expectation, len(problem.model.measures), clock))
    outcome = EvaluationOutcome(
        comparison, tuple(broken(problem, plan)), NO_VALUES, ServedRanges(), time.perf_counter()
    )
    evaluation = evaluation_of(outcome, beside, 0.0)
    return Played(lucky, plan, expectation, evaluation, comparison.run, proofs)


def played_in_all(
    worlds: Sequence[LuckyWorld], plan: Plan, options: RunOptions, clock: Clock
) -> list[Played]:
    """Return a plan that was looked for under the luck of every scenario.

    Raises
    ------
    OutOfTime
        When the limit is too short for so many scenarios: the plan is in the words.
    """
    count, found = len(worlds), list[Played]()
    for place, each in enumerate(worlds):
        if place >= _ALWAYS and clock.left() < -_LATE:
            raise OutOfTime(_too_short(each.problem, plan, clock, (place, count)))
        share, grace = _PLAYED / (count - place), GRACE / count
        found.append(played(each, plan, options, clock, own_money=False, share=share, grace=grace))
    return found


def _too_short(problem: PlanProblem, plan: Plan, clock: Clock, done: tuple[int, int]) -> str:
    """Return in words that a limit leaves no time for a result, and the plan that was found."""
    ids = ",".join(problem.model.measures[i] for i in sorted(plan))
    spent = plan_totals(problem.model, sorted(plan))[0]
    return (
        f"the time limit of {clock.limit:.3g} s is too short: what may work of the plan was looked "
        f"at in {done[0]} of {done[1]} scenarios; give it more time. The best plan met by then is "
        f"{'--measures ' + ids if ids else 'to do nothing'}, for {spent:.4g} M USD, and nothing is "
        "proved"
    )


def _proofs(
    lucky: LuckyWorld, expectation: Expectation, measures: int, clock: Clock
) -> Iterator[Proof]:
    """Yield proofs of the values of the likeliest outcomes, while there is time for the next."""
    trafficker = lucky.values.trafficker
    deadline, trafficker.deadline = trafficker.deadline, None
    began = time.perf_counter()
    try:
        for place, each in enumerate(expectation.outcomes[:PROVED], start=1):
            yield outcome_proof(lucky, each.outcome, measures)
            if clock.left() < (time.perf_counter() - began) / place:
                return
    finally:
        trafficker.deadline = deadline


def outcome_proof(lucky: LuckyWorld, outcome: Outcome, measures: int) -> Proof:
    """Return the proof of the objective when some of a plan works, in words of the network."""
    problem, chosen = lucky.acting, sorted(outcome.acts)
    found = lucky.values.trafficker.respond(chosen, tidy=False)
    response = settled(problem.model, problem.request.objective, chosen, found)
    proof = prove(problem.network, problem.model, chosen, response)
    # Parts are nobody's: which of them work stands beside the proof.
    return replace(proof, measures=tuple(problem.model.measures[i] for i in chosen if i < measures))
