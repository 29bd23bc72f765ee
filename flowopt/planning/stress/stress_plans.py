"""Stress of a plan: values of it and its rivals when numbers move within their ranges."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from flowopt.defaults import COMMON, DRAWS, OBJECTIVE, SEED, SOLVER, TIE_RULE
from flowopt.errors import InputError, RequestError
from flowopt.keywords import naming_keywords
from flowopt.network.checks.validation import checked
from flowopt.network.network import Network
from flowopt.network.periods import insist_on_one_year
from flowopt.network.read import NetworkOrPath, timed_network
from flowopt.objectives import Objective, Ties
from flowopt.planning.evaluate import evaluate
from flowopt.planning.plan_constraints import indices
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.stress.crew import Crew
from flowopt.planning.stress.journal import Journal
from flowopt.planning.stress.moving import GRADES, MovingNumbers, moving_numbers
from flowopt.planning.stress.sample import sample
from flowopt.planning.stress.stress_run import OnDraws, StressRequest, StressRun
from flowopt.planning.sweep.environment import environment
from flowopt.results.folder_result import of_networks
from flowopt.results.stress import Stress

PLAN = "plan"


@naming_keywords
def stress(
    network: NetworkOrPath,
    plan: Iterable[str],
    *,
    rivals: Mapping[str, Iterable[str] | None] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    common: float = COMMON,
    ranges: Mapping[str, float] | None = None,
    objective: Objective = OBJECTIVE,
    ties: Ties = TIE_RULE,
    resolve: int = 0,
    budget: float | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    keep: Path | None = None,
    resume: bool = False,
    restart: bool = False,
    on_draws: OnDraws | None = None,
    on_message: Callable[[str], None] | None = None,
    seconds_reading: float = 0.0,
) -> Stress:
    """Sample how a plan fares when all numbers move within their ranges, beside its rivals.

    Which numbers move, how far and which of them together, is in `ranges.csv`, or by their grades.
    The result is a sample: it shows what may happen, and proves nothing. Where measures may fail,
    the value of a plan in a draw is the mean over what works of it, and chances of success move,
    too.

    Parameters
    ----------
    network
        A checked network, or the path of one.
    plan
        Ids of the measures of the plan.
    rivals
        Other plans by name; None stands for the plan that covers most of today's flow for the
        same money, as in `evaluate`.
    draws, seed
        How many draws, and of which seed: the same ones give the same result, for any number of
        workers.
    common
        Share of the variance that the numbers of a group have in common, from 0 to 1.
    ranges
        Largest factor by grade, such as ``{"X": 2.5}``; the least is its reciprocal.
    objective, ties
        What is counted, as in `solve`.
    resolve
        Solve the first so many draws for `budget` as well.
    budget
        M USD a year, of the covering plan and of `resolve`; what the plan costs if not given.
    workers
        Processes of this machine to share the draws; None or 1 for this one alone. They are
        spawned: in a script, call this below ``if __name__ == "__main__":``.
    cluster
        Address of a Dask scheduler, ``tcp://host:8786``, whose workers share the draws instead.
    keep, resume, restart
        Folder in which finished draws are kept until all are done; whether to go on with those
        that are there, or delete them.
    on_draws
        Called with how many draws are finished, and of how many.
    on_message
        Called with a line for a cluster without workers.
    seconds_reading
        Seconds that reading the network took, which count.

    Returns
    -------
    Stress
        Tables over all draws.

    Raises
    ------
    RequestError
        When an option is out of range or names something unknown, or the ranges leave the format.
    SolverError
        When the solver fails, or a worker or the cluster is lost.
    OutOfTime
        When the cluster has no worker for long.

    Examples
    --------
    >>> import flowopt
    >>> crops = {"crops": ["m_crops"]}
    >>> found = flowopt.stress("networks/tiny", ["m_strip"], rivals=crops, draws=50)
    >>> [row.plan for row in found.plans]
    ['plan', 'crops']
    >>> len(found.draws.values)
    50
    """
    network, seconds_reading = timed_network(network, seconds_reading)
    began = time.perf_counter() - seconds_reading
    insist_on_one_year(network)
    PlanRequest(objective=objective, ties=ties, budget=budget).check()
    _check(draws, seed, common, resolve, workers)
    moving = moving_numbers(network, ranges or {})
    _check_corner(moving)
    given = {PLAN: tuple(plan), **_rivals(network, tuple(plan), rivals or {}, objective, budget)}
    index = tuple(row.measure for row in network.measures)
    plans = {name: indices(index, ids, what="measure") for name, ids in given.items()}
    request = StressRequest(network, moving, plans, objective, ties, draws, seed, common)
    run = StressRun(request, sample(moving, draws=draws, seed=seed, common=common))
    journal = None
    if keep is not None:
        stated = {**request.stated(), "ranges": dict(ranges or {})}
        journal = Journal(keep, stated, environment(SOLVER), resume=resume, restart=restart)
    run.value(journal, Crew(workers or 1, cluster, on_message), on_draws)
    cost = sum(network.measures[i].cost for i in set(plans[PLAN]))
    money = cost if budget is None else budget
    own = tuple(run.solved(draw, money) for draw in range(resolve))
    found = run.result(own, money if resolve else None, {**GRADES, **(ranges or {})})
    return of_networks(replace(found, seconds=time.perf_counter() - began), network)


def _check(draws: int, seed: int, common: float, resolve: int, workers: int | None) -> None:
    """Refuse options that are out of range."""
    faults = [
        message
        for wrong, message in (
            (draws < 2, f"draws {draws} is no whole number of at least 2"),
            (seed < 0, f"seed {seed} is no whole number of at least 0"),
            (not 0.0 <= common <= 1.0, f"common {common!r} is no share from 0 to 1"),
            (not 0 <= resolve <= draws, f"resolve {resolve} is no number of draws, 0 to {draws}"),
            (workers is not None and workers < 1, f"workers {workers} is not 1 or more"),
        )
        if wrong
    ]
    if faults:
        raise RequestError("\n".join(faults))


def _check_corner(moving: MovingNumbers) -> None:
    """Refuse ranges with which a loop could make more than it uses.

    It makes most where all that recipes use is at its low end, what they make at its high end, and
    losses are least.
    """
    factors = np.ones(len(moving.numbers))
    for i, number in enumerate(moving.numbers):
        if number.table == "recipes":
            factors[i] = number.high if number.own > 0.0 else number.low
        elif (number.table, number.column) == ("arcs", "loss"):
            factors[i] = number.low
    try:
        checked(moving.network_under(factors))
    except InputError as error:
        raise RequestError(
            "the numbers may not move as far as their ranges let them: with what recipes make at "
            "its high end, and what they use and losses at their low ends, the network breaks the "
            f"format; narrow these in ranges.csv (low and high 1 hold a number fast):\n{error}"
        ) from error


def _rivals(
    network: Network,
    plan: tuple[str, ...],
    rivals: Mapping[str, Iterable[str] | None],
    objective: Objective,
    budget: float | None,
) -> dict[str, tuple[str, ...]]:
    """Return the rivals' measures, with the covering plan where it is asked for."""
    found = {}
    for name, measures in rivals.items():
        if name == PLAN or not name.strip() or ";" in name:
            raise RequestError(f"rival {name!r}: give it a name without ';' that is not {PLAN}")
        if measures is None:
            beside = evaluate(
                network, plan, budget=budget, objective=objective, against=("coverage",), alone=True
            )
            row = next(row for row in beside.comparison if row.plan == "coverage")
            measures = filter(None, row.measures.split(";"))
        found[name] = tuple(measures)
    return found
