"""Bounds from what a stopped search has left open: groups of paths, and the tonnes of a rung."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bilevel_milp import REGRET_UNIT
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.formulations import Bilevel
from flowopt.model.milp import Milp, MilpBuilder
from flowopt.model.open_nodes import Path, least_left
from flowopt.model.solver import SolverOptions, solve_milp
from flowopt.model.solver_scip import scip_installed
from flowopt.model.unfinished_rung import least_tonnes
from tests.networks import shipped

INFINITE = float("inf")
ALIKE = 4
BEST_OF_GOLD = ("g10", "g11", "g12", "g20", "g21", "g28")
needs_scip = pytest.mark.skipif(not scip_installed(), reason="SCIP is an extra")


def tree(draw: random.Random, path: Path = (), depth: int = 0) -> list[Path]:
    """Return the leaves of a tree of decisions."""
    if depth == 6 or draw.random() < 0.2:
        return [path]
    sides = ((depth, 0.0, True), (depth, 1.0, False))
    return [leaf for side in sides for leaf in tree(draw, (*path, side), depth + 1)]


def values(seed: int) -> Callable[[Path], float]:
    """Return a bound that is never less with one decision more."""

    def bound(path: Path) -> float:
        return sum(random.Random(f"{seed}{path[: k + 1]}").random() for k in range(len(path)))

    return bound


def never() -> bool:
    return False


@pytest.mark.parametrize("seed", range(20))
def test_the_lowest_node_is_the_bound_and_most_are_never_looked_at(seed: int) -> None:
    draw, bound = random.Random(seed), values(seed)
    paths = [path for path in tree(draw) if draw.random() < 0.7]
    looked = []

    def counted(path: Path) -> float:
        looked.append(path)
        return bound(path)

    lowest = min(map(bound, paths), default=INFINITE)
    assert least_left(paths, counted, never) == lowest
    assert len(looked) <= 2 * len(paths)
    assert len(set(looked)) == len(looked)


@pytest.mark.parametrize("looks", [1, 3, 8])
def test_what_there_is_time_for_is_a_bound(looks: int) -> None:
    for seed in range(20):
        paths, bound, left = tree(random.Random(seed)), values(seed), iter(range(looks))
        early = least_left(paths, bound, lambda left=left: next(left, None) is None)  # type: ignore[misc]  # a default is what binds it
        assert early <= min(map(bound, paths))


def test_a_node_above_another_one_counts_and_one_without_a_bound_takes_its_groups() -> None:
    shut, free = (0, 0.0, True), (0, 1.0, False)
    assert least_left([(shut,), (shut, (1, 0.0, True))], len, never) == 1.0
    paths: list[Path] = [(shut, (1, 0.0, True)), (shut, (1, 1.0, False)), (free,)]
    known = {(): 1.0, (shut,): 2.0, (free,): 5.0}
    assert least_left(paths, known.get, never) == 2.0
    assert least_left([], len, never) == INFINITE


def market_split(seed: int) -> tuple[Milp, list[Floats]]:
    """Return a programme of sums that are hard to meet, and solutions that differ in like columns.

    The last columns stand among the first as well.
    """
    draw = np.random.default_rng(seed)
    some = draw.integers(0, 99, (4, 26)).astype(float)
    sizes = np.hstack([some, some[:, :ALIKE]])
    first = draw.integers(0, 2, sizes.shape[1]).astype(float)
    first[:ALIKE], first[-ALIKE:] = 1.0, 0.0
    second = first.copy()
    second[:ALIKE], second[-ALIKE:] = first[-ALIKE:], first[:ALIKE]
    build = MilpBuilder(scaled=False)
    x = build.variables("x", sizes.shape[1], integer=True)
    row, column = np.indices(sizes.shape)
    sums = [(row.ravel(), x[column.ravel()], sizes.ravel())]
    build.rows("sum", sums, lower=sizes @ first, upper=sizes @ first, count=len(sizes))
    return build.build([(x, np.ones(len(x)))]), [first, second]


@needs_scip
@pytest.mark.parametrize("nodes", [2, 10])
def test_scip_closes_no_node_that_holds_a_solution(nodes: int) -> None:
    """However alike two solutions are: the columns stand there twice, and cost as much."""
    stopped = 0
    for seed in range(5):
        milp, solutions = market_split(seed)
        most = float(len(milp.cost))
        options = SolverOptions(
            name="scip", gap=0.0, nodes=nodes, good_start=True, enough=most, tell_open=True
        )
        left = solve_milp(milp, options)
        if left.values is not None:
            continue
        assert left.open_nodes is not None
        stopped += 1
        for solution in solutions:
            assert any(
                all(
                    solution[j] <= bound if above else solution[j] >= bound
                    for j, bound, above in path
                )
                for path in left.open_nodes
            )
    assert stopped >= 2


@pytest.mark.slow
@needs_scip
def test_a_stopped_rung_on_gold_bounds_the_plans_below_its_target() -> None:
    model = activity_model(shipped("madre-de-dios-gold"))
    trafficker = BestResponseSolver(model, "bilevel", ties="optimistic")
    scale, programme = trafficker.value(()), Bilevel(model, trafficker)
    value = trafficker.value([model.measures.index(m) for m in BEST_OF_GOLD])
    regret = 1e-6 / REGRET_UNIT
    problem = programme.build_regret(PlanConstraints(10.0), 1.01 * value, scale)
    options = SolverOptions(
        name="scip", gap=0.0, nodes=2, good_start=True, enough=regret, tell_open=True
    )
    left = solve_milp(problem.milp, options)
    assert left.values is None
    assert left.open_nodes
    bound = least_tonnes(problem, left.open_nodes, regret=regret, scale=scale)
    assert 0.5 * value < bound <= value
