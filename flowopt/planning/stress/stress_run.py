"""A stress at work: every row of factors valued, and what the values say of the plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from flowopt.model.activities import Floats
from flowopt.model.luck import Chances, Luck
from flowopt.network.checks.validation import checked
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective, Ties
from flowopt.planning.solve import solve
from flowopt.planning.stress.crew import Crew, Found, Work, each_draw
from flowopt.planning.stress.draw_values import DrawValues, thrown
from flowopt.planning.stress.flips import PLACES, Flips, GroupEnds, joined
from flowopt.planning.stress.journal import Journal
from flowopt.planning.stress.moving import MovingNumbers
from flowopt.planning.stress.sample import Sample, factors_of_ends
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
from flowopt.results.rows import Rows
from flowopt.results.stress import DrawTable, Driver, GroupFactor, Stress
from flowopt.results.stress import StressedPlan as PlanRow

OnDraws = Callable[[int, int], None]  # finished, of how many


@dataclass(frozen=True, slots=True)
class StressRequest:
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


class StressRun:
    """A stress at work: the network as it stands, the draws, and each group alone.

    All of them are rows of factors, valued in the same way: first the network as it stands, then
    the draws, then the places of each group that counts.
    """

    def __init__(self, request: StressRequest, drawn: Sample) -> None:
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
            self._here = self._work.begin()
        return self._here

    @property
    def _work(self) -> Work:
        request = self.request
        return Work(request.moving, self.plans, request.objective, request.ties)

    def value(self, journal: Journal | None, crew: Crew, on_draws: OnDraws | None) -> None:
        """Value all rows of factors that the journal does not know."""
        known = {} if journal is None else journal.read()
        self.values = {i: known[i] for i in range(len(self.factors)) if i in known}
        left = [i for i in range(len(self.factors)) if i not in self.values]
        with closing(self._valued(left, crew)) as found:
            for i, values in found:
                self.values[i] = values
                if journal is not None:
                    journal.put(i, values)
                if on_draws is not None:
                    on_draws(len(self.values), len(self.factors))

    def _valued(self, left: Sequence[int], crew: Crew) -> Found:
        if crew.alone or len(left) < 2:
            return each_draw(self.here, self.factors, left)
        return crew.found(self._work, self.factors, left)

    def solved(self, draw: int, budget: float) -> tuple[float, float | None]:
        """Return value and bound of the best plan in a draw, of those for a budget and the plan."""
        request = self.request
        network = checked(request.moving.network_under(self.drawn.factors[draw]))
        found = solve(network, budget=budget, objective=request.objective, ties=request.ties)
        mine, bound = self.values[1 + draw][1], found.bound
        best = mine if found.value is None else min(mine, found.value)
        # The plan may cost more than the budget, or break a limit, and be better than all of those.
        return best, None if bound is None else min(bound, best)

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
            luck_draws=thrown(
                Luck(request.network, Chances.of(request.network)), request.plans.values()
            ),
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
