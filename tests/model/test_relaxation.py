"""Largest values of variables in a relaxed programme, held against another solver's."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from flowopt.model.activities import Floats
from flowopt.model.milp import Milp
from flowopt.model.relaxation import Relaxation

ENDLESS = 10**12


def drawn(seed: int) -> tuple[Milp, float]:
    """Return a programme with a point in it, and a cutoff between that point and the optimum."""
    random = np.random.default_rng(seed)
    rows, columns = 12, 9
    matrix = random.integers(-2, 3, (rows, columns)) * random.uniform(0.2, 1.0, (rows, columns))
    point = random.uniform(0.0, 1.0, columns)
    sides = matrix @ point
    room = random.uniform(0.0, 0.3, rows)
    at_least = random.random(rows) < 0.5
    cost = random.uniform(0.0, 1.0, columns)
    milp = Milp(
        names=tuple(f"z{i}" for i in range(columns)),
        cost=cost,
        lower=np.zeros(columns),
        upper=np.ones(columns),
        integer=np.zeros(columns, dtype=np.bool_),
        row_names=tuple(f"r{i}" for i in range(rows)),
        matrix=sparse.csr_array(matrix),
        row_lower=np.where(at_least, sides - room, -np.inf),
        row_upper=np.where(at_least, np.inf, sides + room),
    )
    return milp, float(cost @ point)


def largest(milp: Milp, cutoff: float) -> Floats:
    """Return the largest value of each variable, by scipy."""
    lower, upper = np.isfinite(milp.row_lower), np.isfinite(milp.row_upper)
    matrix = milp.matrix.toarray()
    rows = np.vstack([matrix[upper], -matrix[lower], milp.cost[None, :]])
    sides = np.concatenate([milp.row_upper[upper], -milp.row_lower[lower], [cutoff]])
    bounds = list(zip(milp.lower, milp.upper, strict=True))
    goals = -np.eye(len(milp.cost))
    return -np.array([linprog(g, A_ub=rows, b_ub=sides, bounds=bounds).fun for g in goals])


@pytest.mark.parametrize("seed", range(8))
def test_the_bounds_are_the_largest_values(seed: int) -> None:
    milp, cutoff = drawn(seed)
    later = time.perf_counter() + 1000.0
    relaxation = Relaxation(milp, effort=ENDLESS, stop=threading.Event(), deadline=later)
    optimum = relaxation.optimum()
    relaxation.cut_off(cutoff)
    found, right = relaxation.largest(np.arange(len(milp.cost))), largest(milp, cutoff)
    assert optimum is not None
    assert optimum <= cutoff
    assert found == pytest.approx(right, abs=1e-5)
    assert (found >= right - 1e-12).all()
    assert (right < 1.0 - 1e-3).any()


def test_multipliers_of_no_worth_still_give_bounds() -> None:
    """The arithmetic holds for any multipliers, such as those of a simplex that was stopped."""
    milp, cutoff = drawn(3)
    random = np.random.default_rng(1)
    relaxation = Relaxation(milp, effort=ENDLESS, stop=threading.Event())
    relaxation.optimum()
    relaxation.cut_off(cutoff)
    right = largest(milp, cutoff)
    for _ in range(50):
        relaxation.multipliers = lambda: random.normal(size=len(milp.row_names) + 1)  # type: ignore[method-assign]  # any multipliers
        assert (relaxation.largest(np.arange(len(milp.cost))) >= right - 1e-12).all()


def test_no_effort_and_no_time_leave_bounds_as_they_are() -> None:
    milp, cutoff = drawn(1)
    stopped = threading.Event()
    stopped.set()
    for relaxation in (
        Relaxation(milp, effort=0, stop=threading.Event()),
        Relaxation(milp, effort=ENDLESS, stop=stopped),
        Relaxation(milp, effort=ENDLESS, stop=threading.Event(), deadline=time.perf_counter() - 1),
    ):
        relaxation.cut_off(cutoff)
        assert (relaxation.largest(np.arange(len(milp.cost))) == 1.0).all()
