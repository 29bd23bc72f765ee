"""Formulation of the best plan in the mean over what works, as one programme over outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from flowopt.errors import RequestError
from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import out_of_reach
from flowopt.model.formulations import Bilevel
from flowopt.model.luck import COUNTED, Chances, Luck
from flowopt.model.luck_blocks import ChosenColumns, rules_of
from flowopt.model.luck_programme import OutcomeBlock, expected_value_programme, outcome_blocks
from flowopt.model.milp import Milp
from flowopt.model.series_model import in_series
from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.planning.plan_constraints import PlanProblem, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.symbols import Blocks, symbols_of_outcomes

_MOST_LINES = 1_000_000  # variables and rows of a programme: some 100 MB as a file


@dataclass(frozen=True, slots=True)
class FormulatedOutcome:
    """One outcome of the luck of all measures that a plan may hold.

    Attributes
    ----------
    block : int
        Its block of the programme, from 1: the names of its variables and rows begin with ``o`` and
        this number. Outcomes of one block let the same things act.
    probability : float
        How likely it is.
    works, fails : str
        The measures that may fail and work in it, and those that fail, joined by `;`.
    failed_effects : str
        Rows of `effects`, from 1, that fail though their measure works, joined by `;`.
    """

    block: int
    probability: float
    works: str
    fails: str
    failed_effects: str


@dataclass(frozen=True, slots=True)
class LuckFormulation:
    """The programme over outcomes, with the meaning of its names.

    Attributes
    ----------
    problem : PlanProblem
        The request, as when all works that can.
    milp : Milp
        The programme.
    blocks : Blocks
        What its variables and rows stand for.
    outcomes : tuple of FormulatedOutcome
        What they are blocks of.
    """

    problem: PlanProblem
    milp: Milp
    blocks: Blocks
    outcomes: tuple[FormulatedOutcome, ...]


def formulate_luck(network: Network, request: PlanRequest) -> LuckFormulation:
    """Return the programme whose optimum is the best plan in the mean over what works.

    Parameters
    ----------
    network
        Whose measures may fail.
    request
        Limits and objective, checked.

    Raises
    ------
    RequestError
        When the measures that a plan may hold hang on more chances than can be counted, or the
        programme would be too large to be of use.
    """
    sure = as_if_sure(network)
    problem = problem_of(sure, activity_model(sure), request)
    luck = Luck(network, Chances.of(network))
    model = activity_model(luck.network)
    if problem.part is not None:
        model = model.counting(problem.part.demands)
    tied = 0.0
    if OBJECTIVES[request.objective].programme == "bilevel":
        whole = Bilevel(model, BestResponseSolver(model, request.objective, ties=request.ties))
        model, tied = whole.model, whole.tied * whole.worth
    else:
        model = in_series(model)
    measures = _in_question(problem, luck)
    blocks = outcome_blocks(luck, model, request.objective, measures)
    _insist_on_fair_size(blocks, model)
    rules = rules_of(problem.model, [(luck, model)])
    owner = ChosenColumns(luck, model, rules).owner
    milp = expected_value_programme(
        rules, blocks, owner, request.objective, problem.constraints, tied=tied
    )
    return LuckFormulation(
        problem,
        milp,
        symbols_of_outcomes(network, rules, _by_owners(blocks, luck), request.objective),
        tuple(_outcome_rows(network, luck, measures, blocks)),
    )


def _in_question(problem: PlanProblem, luck: Luck) -> list[int]:
    """Return the measures that a plan may hold; refuse what hangs on too many chances."""
    none = out_of_reach(problem.model, problem.constraints)
    found = [i for i in range(len(problem.model.measures)) if i not in none]
    coins = len(luck.coins_of(found))
    if coins > COUNTED:
        raise RequestError(
            f"the measures that a plan may hold hang on {coins} chances, and the programme has a "
            f"block for every way in which they fall: that is written for up to {COUNTED}; exclude "
            "measures (--exclude), or leave success blank where it is nearly 1; solve finds the "
            "best plan in the mean over what works, with a bound, whatever their number"
        )
    return found


def _insist_on_fair_size(blocks: tuple[OutcomeBlock, ...], model: ActivityModel) -> None:
    """Refuse a programme of which no solver would make anything."""
    each = len(model.goods) + len(model.activities) + len(model.capacities)
    lines = sum(each + 3 * len(block.model.cuts) for block in blocks)
    if lines > _MOST_LINES:
        raise RequestError(
            f"the programme would have {len(blocks):,} blocks, one for each way in which the "
            f"measures may work, with some {lines:,} variables and rows; up to {_MOST_LINES:,} are "
            "written: exclude measures (--exclude), or leave success blank where it is nearly 1; "
            "solve finds the best plan in the mean over what works, with a bound"
        )


def _by_owners(blocks: Iterable[OutcomeBlock], luck: Luck) -> Iterable[ActivityModel]:
    """Yield the model of each block, its parts under the ids of their measures."""
    names = [row.measure for row in luck.network.measures]
    ids = tuple(names[owner] for owner in luck.owners)
    for block in blocks:
        yield replace(block.model, measures=ids)


def _outcome_rows(
    network: Network, luck: Luck, measures: list[int], blocks: Iterable[OutcomeBlock]
) -> Iterable[FormulatedOutcome]:
    """Yield a row for each outcome."""
    ids = np.array([row.measure for row in network.measures])
    coins = luck.coins
    unsure = {coins[i].measure for i in luck.coins_of(measures) if coins[i].effect is None}
    for number, block in enumerate(blocks, start=1):
        for outcome in block.outcomes:
            failed = luck.failed_effects(measures, outcome.acts)
            yield FormulatedOutcome(
                block=number,
                probability=outcome.probability,
                works=";".join(ids[sorted(unsure & outcome.acts)]),
                fails=";".join(ids[sorted(unsure - outcome.acts)]),
                failed_effects=";".join(str(row + 1) for row in failed),
            )
