"""Every status a solver can end with is mapped to the truth."""

from __future__ import annotations

import numpy as np
import pytest

from flowopt.errors import RequestError, SolverError
from flowopt.model import solver
from flowopt.model.milp import Milp, MilpBuilder
from flowopt.model.solver import Progress, SolverOptions, solve_milp


def knapsack(count: int = 3, *, least: float = 0.0, seed: int = 1) -> Milp:
    """Return minimise -worth'x subject to weight'x <= half of all, sum x >= least."""
    random = np.random.default_rng(seed)
    weight = random.integers(20, 100, count).astype(float)
    build = MilpBuilder()
    x = build.variables("x", count, integer=True)
    zero = np.zeros(count, dtype=np.int64)
    build.rows("weight", [(zero, x, weight)], upper=float(weight.sum() // 2), count=1)
    build.rows("least", [(zero, x, 1.0)], lower=least, count=1)
    return build.build([(x, -weight - random.integers(0, 3, count))])


@pytest.mark.parametrize("name", ["highs", "cbc"])
def test_optimal(name: str) -> None:
    milp = knapsack(12)
    found = solve_milp(milp, SolverOptions(name=name, gap=0.0))
    assert found.status == "optimal"
    assert found.values is not None
    assert found.objective == pytest.approx(float(milp.cost @ found.values))
    assert found.bound == pytest.approx(found.objective)


def test_both_solvers_agree() -> None:
    for seed in range(5):
        milp = knapsack(15, seed=seed)
        values = [solve_milp(milp, SolverOptions(name=n, gap=0.0)).objective for n in SOLVERS]
        assert values[0] == pytest.approx(values[1])


SOLVERS = ("highs", "cbc")


@pytest.mark.parametrize("name", SOLVERS)
def test_infeasible_has_no_values(name: str) -> None:
    found = solve_milp(knapsack(3, least=4.0), SolverOptions(name=name))
    assert (found.status, found.values, found.objective) == ("infeasible", None, None)


def test_a_node_limit_is_a_limit_with_a_true_bound() -> None:
    build = MilpBuilder()
    count = 40
    x = build.variables("x", count, integer=True)
    random = np.random.default_rng(3)
    for row in range(20):
        weight = random.integers(1, 1000, count).astype(float)
        zero = np.zeros(count, dtype=np.int64)
        build.rows(f"w{row}_", [(zero, x, weight)], upper=weight.sum() / 2, count=1)
    milp = build.build([(x, -random.integers(1, 1000, count).astype(float))])
    full = solve_milp(milp, SolverOptions(gap=0.0))
    cut_short = solve_milp(milp, SolverOptions(gap=0.0, nodes=1))
    assert full.status == "optimal"
    assert cut_short.status == "limit"
    assert full.objective is not None
    assert cut_short.bound is not None
    assert cut_short.objective is not None
    assert cut_short.bound <= full.objective + 1e-6 <= cut_short.objective + 2e-6


def test_a_start_is_taken() -> None:
    milp = knapsack(30)
    best = solve_milp(milp, SolverOptions(gap=0.0))
    assert best.values is not None
    started = solve_milp(milp, SolverOptions(gap=0.5), start=best.values)
    assert started.objective == pytest.approx(best.objective)


def test_progress_is_reported() -> None:
    seen: list[Progress] = []
    solve_milp(knapsack(30), SolverOptions(gap=0.0), on_progress=seen.append)
    assert seen
    assert all(p.seconds >= 0.0 for p in seen)


def test_an_unknown_solver_is_the_users_mistake() -> None:
    with pytest.raises(RequestError, match=r"'nosuch' is not known; one of .*highs"):
        solve_milp(knapsack(), SolverOptions(name="nosuch"))


def test_a_missing_solver_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "_ALIASES", {"mosek": ("MOSEK",)})
    with pytest.raises(SolverError, match="not installed or has no licence"):
        solve_milp(knapsack(), SolverOptions(name="mosek"))


def test_a_failing_solver_is_a_solver_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("no licence file")

    monkeypatch.setattr(solver.pulp.LpProblem, "solve", broken)
    with pytest.raises(SolverError, match="cbc failed: OSError: no licence file"):
        solve_milp(knapsack(), SolverOptions(name="cbc"))


def test_variables_the_solver_never_saw_stand_at_their_lower_bound() -> None:
    build = MilpBuilder()
    build.variables("unused", 2, lower=0.5)
    x = build.variables("x", 1, integer=True)
    build.rows("one", [([0], x, 1.0)], lower=1.0, count=1)
    for name in SOLVERS:
        found = solve_milp(build.build([(x, np.ones(1))]), SolverOptions(name=name))
        assert found.values is not None
        assert found.values.tolist() == [0.5, 0.5, 1.0]
