"""Stress of a plan: values of it and its rivals when numbers move within their ranges."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from flowopt.defaults import COMMON, DRAWS, OBJECTIVE, SEED, SOLVER, TIE_RULE
from flowopt.errors import InputError, RequestError
from flowopt.keywords import naming_keywords
from flowopt.model.activities import Floats
from flowopt.network.checks.validation import checked
from flowopt.network.network import Network
from flowopt.network.read import NetworkOrPath, timed_network
from flowopt.objectives import OBJECTIVES, Objective, Ties
from flowopt.planning.evaluate import evaluate
from flowopt.planning.plan_constraints import indices
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.solve import solve
from flowopt.planning.stress.crew import Found, each_draw, side_by_side
from flowopt.planning.stress.draw_values import DrawValues
from flowopt.planning.stress.flips import PLACES, Flips, GroupEnds, joined
from flowopt.planning.stress.journal import Journal
from flowopt.planning.stress.moving import GRADES, MovingNumbers, moving_numbers
from flowopt.planning.stress.sample import Sample, factors_of_ends, sample
from flowopt.planning.stress.statistics import (
    TOLERANCE,
    best_plans,
    counted_groups,
    cuts,
    grades_of,
    nothing_cut,
    plan_rows,
    rank_correlations,
)
from flowopt.planning.sweep.environment import environment
from flowopt.results.folder_result import of_networks
from flowopt.results.rows import Rows
from flowopt.results.stress import DrawTable, Driver, GroupFactor, Stress
from flowopt.results.stress import StressedPlan as PlanRow

PLAN = "plan"
OnDraws = Callable[[int, int], None]  # finished, of how many


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
    keep: Path | None = None,
    resume: bool = False,
    restart: bool = False,
    on_draws: OnDraws | None = None,
    seconds_reading: float = 0.0,
) -> Stress:
    """Sample how a plan fares when all numbers move within their ranges, beside its rivals.

    Which numbers move, how far and which of them together, is in `ranges.csv`, or by their grades.
    The result is a sample: it shows what may happen, and proves nothing.

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
    keep, resume, restart
        Folder in which finished draws are kept until all are done; whether to go on with those
        that are there, or delete them.
    on_draws
        Called with how many draws are finished, and of how many.
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
        When the solver fails.

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
    PlanRequest(objective=objective, ties=ties, budget=budget).check()
    _check(draws, seed, common, resolve, workers)
    moving = moving_numbers(network, ranges or {})
    _check_corner(moving)
    given = {PLAN: tuple(plan), **_rivals(network, tuple(plan), rivals or {}, objective, budget)}
    index = tuple(row.measure for row in network.measures)
    plans = {name: indices(index, ids, what="measure") for name, ids in given.items()}
    request = _Request(network, moving, plans, objective, ties, draws, seed, common)
    run = _Run(request, sample(moving, draws=draws, seed=seed, common=common))
    journal = None
    if keep is not None:
        stated = {**request.stated(), "ranges": dict(ranges or {})}
        journal = Journal(keep, stated, environment(SOLVER), resume=resume, restart=restart)
    run.value(journal, workers or 1, on_draws)
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


@dataclass(frozen=True, slots=True)
class _Request:
    """Request of a stress: network, plans and draws."""

    network: Network
    moving: MovingNumbers
    plans: Mapping[str, Sequence[int]]
    objective: Objective
    ties: Ties
    draws: int
    seed: int
    common: float

    def stated(self) -> dict[str, object]:
        """Return what the draws hang on, for their journal."""
        return {
            "input_sha256": self.network.sha256,
            "plans": {name: list(plan) for name, plan in self.plans.items()},
            "objective": self.objective,
            "ties": self.ties,
            "draws": self.draws,
            "seed": self.seed,
            "common": self.common,
        }


class _Run:
    """A stress at work: the network as it stands, the draws, and each group alone.

    All of them are rows of factors, valued in the same way: first the network as it stands, then
    the draws, then the places of each group that counts.
    """

    def __init__(self, request: _Request, drawn: Sample) -> None:
        self.request, self.drawn = request, drawn
        moving = request.moving
        held = {request.network.measures[i].measure for p in request.plans.values() for i in p}
        counted = counted_groups(moving, OBJECTIVES[request.objective].uncounted, held)
        self.counted = np.flatnonzero(counted).tolist()
        ends = [factors_of_ends(moving, g, place) for g in self.counted for place in PLACES]
        self.factors = np.vstack([np.ones((1, len(moving.numbers))), drawn.factors, *ends])
        self.plans = [[], *request.plans.values()]
        self.values: dict[int, list[float]] = {}
        self._here: DrawValues | None = None

    @property
    def here(self) -> DrawValues:
        """Values of draws in this process."""
        if self._here is None:
            self._here = DrawValues(
                self.request.moving,
                self.plans,
                objective=self.request.objective,
                ties=self.request.ties,
            )
        return self._here

    def value(self, journal: Journal | None, workers: int, on_draws: OnDraws | None) -> None:
        """Value all rows of factors that the journal does not know."""
        known = {} if journal is None else journal.read()
        self.values = {i: known[i] for i in range(len(self.factors)) if i in known}
        left = [i for i in range(len(self.factors)) if i not in self.values]
        with closing(self._valued(left, workers)) as found:
            for i, values in found:
                self.values[i] = values
                if journal is not None:
                    journal.put(i, values)
                if on_draws is not None:
                    on_draws(len(self.values), len(self.factors))

    def _valued(self, left: Sequence[int], workers: int) -> Found:
        if workers == 1 or len(left) < 2:
            return each_draw(self.here, self.factors, left)
        return side_by_side(
            self.request.moving,
            self.plans,
            self.factors,
            left,
            objective=self.request.objective,
            ties=self.request.ties,
            workers=workers,
        )

    def solved(self, draw: int, budget: float) -> tuple[float, float | None]:
        """Return value and bound of the best plan for a budget in a draw."""
        request = self.request
        network = checked(request.moving.network_under(self.drawn.factors[draw]))
        found = solve(network, budget=budget, objective=request.objective, ties=request.ties)
        best = min(self.values[1 + draw][1], *filter(None, [found.value]))
        return best, found.bound

    def result(
        self,
        own: tuple[tuple[float, float | None], ...],
        budget: float | None,
        ranges: Mapping[str, float],
    ) -> Stress:
        """Return the tables."""
        request, names = self.request, tuple(self.request.plans)
        baseline, *base = self.values[0]
        values = np.array([self.values[1 + i] for i in range(request.draws)])
        tolerance = TOLERANCE * max(abs(baseline), 1e-9)
        correlations, r2 = rank_correlations(
            cuts(values, 0, tolerance), self.drawn.common[:, self.counted]
        )
        measures = [row.measure for row in request.network.measures]
        moving = request.moving
        return Stress(
            network=request.network.info.id,
            input_sha256=request.network.sha256,
            objective=request.objective,
            ties=request.ties,
            measures={
                name: tuple(measures[i] for i in sorted(set(plan)))
                for name, plan in request.plans.items()
            },
            baseline=baseline,
            seed=request.seed,
            common=request.common,
            ranges=dict(ranges),
            numbers=len(moving.numbers),
            groups=len(moving.groups),
            r2=r2,
            nothing_cut=nothing_cut(values, tolerance),
            tolerance=tolerance,
            plans=Rows(PlanRow, plan_rows(names, base, values, tolerance)),
            draws=DrawTable(
                plans=names,
                values=tuple(map(tuple, values.tolist())),
                best=best_plans(names, values, tolerance),
                own=own,
            ),
            drivers=Rows(Driver, self._drivers(names, correlations, tolerance)),
            factors=Rows(GroupFactor, self._factors()),
            budget=budget,
            regret=_own_regret(values[: len(own), 1], own),
        )

    def _drivers(
        self, names: Sequence[str], correlations: Sequence[float | None], tolerance: float
    ) -> Iterator[Driver]:
        """Yield what hangs on each group: first those that count, by what they do to the cut."""
        moving = self.request.moving
        flips = Flips(moving, names, self.values[0], self.here.values, tolerance)
        first = 1 + self.request.draws
        ends: dict[int, GroupEnds] = {}
        for i, group in enumerate(self.counted):
            at = [self.values[first + i * len(PLACES) + k] for k in range(len(PLACES))]
            ends[group] = flips.of_group(group, at)
        counts = np.bincount(moving.group_of, minlength=len(moving.groups)).tolist()
        grades, correlation = grades_of(moving), dict(zip(self.counted, correlations, strict=True))

        def width(group: int) -> float:  # in the tolerance: what is less is rounding
            wide = abs(ends[group].cut_high - ends[group].cut_low)
            return -round(wide / tolerance) if tolerance > 0.0 else 0.0

        by_width = sorted(ends, key=width)
        for group in [*by_width, *(g for g in range(len(moving.groups)) if g not in ends)]:
            found = ends.get(group)
            yield Driver(
                moving.groups[group],
                counts[group],
                grades[group],
                correlation.get(group),
                None if found is None else found.cut_low,
                None if found is None else found.cut_high,
                None if found is None else found.flips[0],
                None if found is None else found.flips[1],
                "" if found is None else joined(found.rivals),
            )

    def _factors(self) -> Iterator[GroupFactor]:
        for draw, row in enumerate(self.drawn.common.tolist(), start=1):
            for group, factor in zip(self.request.moving.groups, row, strict=True):
                yield GroupFactor(draw, group, factor)


def _own_regret(values: Floats, own: Sequence[tuple[float, float | None]]) -> dict[str, float]:
    """Return how much better than the plan the best plans are, in the draws that were solved."""
    if not own:
        return {}
    known = values - np.array([best for best, _ in own])
    bounds = np.array([best if bound is None else bound for best, bound in own])
    return {
        "mean": float(known.mean()),
        "max": float(known.max()),
        "max_by_bound": float((values - bounds).max()),
    }
