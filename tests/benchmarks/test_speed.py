"""What the parts cost: `python -m pytest tests/benchmarks --benchmark-only`.

Left out of ordinary runs, because a busy machine is slow without being wrong: nothing here asserts
a time.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

import highspy
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from scipy import sparse

from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bounds import derive_bounds
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.interdiction import zero_sum
from flowopt.model.solver_pulp import highs_model
from flowopt.network.read import read_network
from flowopt.network.write import write_network
from flowopt.planning.solve import solve
from tests.benchmarks.generator import Spec, generate
from tests.networks import SHIPPED, shipped

PERU = "peru-2014"
CHAIN = Spec(activities=5000, measures=500)


@pytest.fixture(scope="module")
def peru() -> ActivityModel:
    return activity_model(shipped(PERU))


def plans(model: ActivityModel, count: int = 300) -> list[list[int]]:
    """Return plans as a search tries them: each differs from the one before by a swap."""
    dice = random.Random(1)
    plan = set(dice.sample(range(len(model.measures)), 8))
    found = []
    for _ in range(count):
        plan.remove(dice.choice(sorted(plan)))
        while len(plan) < 8:
            plan.add(dice.randrange(len(model.measures)))
        found.append(sorted(plan))
    return found


class RawLoop:
    """The trafficker's maximum flow as a bare loop around HiGHS: unscaled, nothing checked."""

    def __init__(self, model: ActivityModel) -> None:
        self.model = model
        rows = sparse.csc_array(sparse.vstack([model.used - model.made, model.takes]))
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = rows.shape
        lp.col_cost_ = -model.weight
        lp.col_lower_ = np.zeros(lp.num_col_)
        lp.col_upper_ = np.full(lp.num_col_, highspy.kHighsInf)
        lp.row_lower_ = np.full(lp.num_row_, -highspy.kHighsInf)
        lp.row_upper_ = np.concatenate([np.zeros(len(model.goods)), model.limit])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = rows.indptr, rows.indices
        lp.a_matrix_.value_ = rows.data
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("presolve", "off")
        self.highs.setOptionValue("threads", 1)
        self.highs.passModel(lp)
        self.capacities = np.arange(len(model.goods), lp.num_row_, dtype=np.int32)
        self.columns = np.arange(lp.num_col_, dtype=np.int32)

    def value(self, plan: list[int]) -> float:
        acts = self.model.chosen(plan)
        limit, closed = self.model.limits_under(acts), self.model.closed_under(acts)
        least = np.full(len(limit), -highspy.kHighsInf)
        self.highs.changeRowsBounds(len(limit), self.capacities, least, limit)
        upper = np.where(closed, 0.0, highspy.kHighsInf)
        self.highs.changeColsBounds(len(upper), self.columns, np.zeros(len(upper)), upper)
        self.highs.run()
        return -float(self.highs.getObjectiveValue())


def test_building_the_programme(benchmark: BenchmarkFixture, peru: ActivityModel) -> None:
    bounds = derive_bounds(peru, "profit")
    benchmark(zero_sum, peru, bounds, "profit", PlanConstraints(20.0), scale=1.0)


def test_handing_the_programme_to_pulp(benchmark: BenchmarkFixture, peru: ActivityModel) -> None:
    problem = zero_sum(peru, derive_bounds(peru, "flow"), "flow", PlanConstraints(20.0), scale=1.0)
    benchmark(highs_model, problem.milp, {})


def test_from_network_to_activities(benchmark: BenchmarkFixture) -> None:
    benchmark(activity_model, shipped(PERU))


def test_bounds(benchmark: BenchmarkFixture, peru: ActivityModel) -> None:
    benchmark(derive_bounds, peru, "profit")


def test_solving(benchmark: BenchmarkFixture) -> None:
    network = shipped(PERU)
    found = benchmark.pedantic(solve, (network,), {"budget": 2.0}, rounds=3)
    benchmark.extra_info["build share"] = found.seconds.build / found.seconds.total
    assert found.status == "optimal"


def test_the_trafficker_beside_a_bare_loop(
    benchmark: BenchmarkFixture, peru: ActivityModel
) -> None:
    """Re-solve plan after plan; `extra_info` says how often a bare loop would have done so."""
    tried = plans(peru)
    bare: list[float] = []
    values: list[list[float]] = []

    def both() -> tuple[tuple[BestResponseSolver], dict[str, object]]:
        raw = RawLoop(peru)
        began = time.perf_counter()
        values.append([raw.value(plan) for plan in tried])
        bare.append(time.perf_counter() - began)
        return (BestResponseSolver(peru, "flow"),), {}

    def ours(trafficker: BestResponseSolver) -> list[float]:
        return [trafficker.value(plan) for plan in tried]

    found = benchmark.pedantic(ours, setup=both, rounds=5)
    assert found == pytest.approx(values[-1], rel=1e-6)
    stats = benchmark.stats
    if stats is not None:  # none with --benchmark-disable
        benchmark.extra_info["bare loop seconds"] = min(bare)
        benchmark.extra_info["ratio to a bare loop"] = stats.stats.min / min(bare)


@pytest.mark.parametrize("name", [PERU, CHAIN.name])
def test_reading_and_checking(benchmark: BenchmarkFixture, name: str, tmp_path: Path) -> None:
    folder = SHIPPED / name
    if name == CHAIN.name:
        folder = tmp_path / name
        write_network(generate(CHAIN), folder)
    network = benchmark(read_network, folder)
    assert network.info.id == name


def test_generating(benchmark: BenchmarkFixture) -> None:
    benchmark.pedantic(generate, (CHAIN,), rounds=3)
