"""The programme of cuts: which it keeps in the solver changes no bound."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from flowopt.model.activities import Floats
from flowopt.model.cut_programme import CutProgramme
from flowopt.model.held_programme import Cut
from flowopt.model.milp import MilpBuilder

MEASURES, BLOCKS = 6, 3


class Drawn:
    """A programme of cuts with random cuts and bounds, and the same one whole."""

    def __init__(self, seed: int, *, keep: int) -> None:
        self.dice = np.random.default_rng(seed)
        build = MilpBuilder()
        acts = build.variables("x", MEASURES)
        thetas = build.variables("theta", BLOCKS)
        costs = self.dice.uniform(0.5, 1.0, MEASURES)
        nothing = np.zeros(MEASURES, dtype=np.int64)
        build.rows("budget", [(nothing, acts, costs)], upper=2.0, count=1)
        self.worth = self.dice.uniform(0.5, 1.0, BLOCKS)
        self.costs, self.cuts = costs, list[tuple[int, Cut]]()
        self.programme = CutProgramme(
            build.build([(thetas, self.worth)]),
            measures=acts,
            acts=acts,
            thetas=thetas,
            keep=keep,
        )

    def add(self, count: int) -> None:
        """Add cuts, each about one block."""
        new = [
            (
                int(self.dice.integers(BLOCKS)),
                Cut(self.dice.uniform(0.2, 0.8), -self.dice.uniform(0.0, 0.4, MEASURES)),
            )
            for _ in range(count)
        ]
        self.cuts += new
        self.programme.add(new, 1.0)

    def bounds(self) -> tuple[Floats, Floats]:
        """Return bounds that take a measure in, and leave some out."""
        some = self.dice.random(MEASURES)
        return (some >= some.max()).astype(float), (some > 0.3).astype(float)

    def least(self, lower: Floats, upper: Floats) -> float:
        """Return the optimum under all cuts, by a solver from nothing."""
        rows = np.zeros((len(self.cuts) + 1, MEASURES + BLOCKS))
        most = np.zeros(len(self.cuts) + 1)
        for place, (block, cut) in enumerate(self.cuts):
            rows[place, :MEASURES], rows[place, MEASURES + block] = cut.slope, -1.0
            most[place] = -cut.constant
        rows[-1, :MEASURES], most[-1] = self.costs, 2.0
        found = linprog(
            np.concatenate([np.zeros(MEASURES), self.worth]),
            A_ub=rows,
            b_ub=most,
            bounds=[*zip(lower, upper, strict=True), *[(0.0, 1.0)] * BLOCKS],
        )
        assert found.fun is not None
        return float(found.fun)


@pytest.mark.parametrize("seed", range(4))
def test_cuts_out_of_the_solver_count_where_a_point_breaks_them(seed: int) -> None:
    drawn = Drawn(seed, keep=1_000)
    for _ in range(12):
        drawn.add(8)
        for _ in range(3):
            lower, upper = drawn.bounds()
            found = drawn.programme.solve(lower, upper)
            assert found is not None
            assert found.bound == pytest.approx(drawn.least(lower, upper), abs=2e-7)
            drawn.programme.purge()
    assert drawn.programme.rows == len(drawn.cuts)
    assert drawn.programme.loaded < drawn.programme.rows / 2


def test_the_slackest_are_forgotten_and_bounds_still_hold() -> None:
    drawn = Drawn(5, keep=10)
    for _ in range(12):
        drawn.add(6)
        lower, upper = drawn.bounds()
        found = drawn.programme.solve(lower, upper)
        assert found is not None
        assert found.bound <= drawn.least(lower, upper) + 2e-7
        drawn.programme.purge()
        assert drawn.programme.rows < 20


def test_plans_that_are_left_out_stay_out_whatever_is_forgotten() -> None:
    drawn = Drawn(7, keep=1)
    plan = np.array([True, True, False, False, False, False])
    drawn.programme.ask_for_more_than(plan)
    for _ in range(6):
        drawn.add(6)
        assert drawn.programme.solve(np.zeros(MEASURES), np.ones(MEASURES)) is not None
        drawn.programme.purge()
    within = plan.astype(float)
    assert drawn.programme.solve(np.zeros(MEASURES), within) is None
