"""Limits of time, interrupts, answers that fail the check, and what a result is made of."""

from __future__ import annotations

import dataclasses
import pickle
import time
from collections.abc import Iterable
from functools import partial
from typing import Any

import pandas
import pytest

from flowopt.clock import Clock
from flowopt.errors import OutOfTime, SolverError
from flowopt.model import build
from flowopt.model.solver import Progress, solve_milp
from flowopt.network.read import read_network
from flowopt.objectives import Objective
from flowopt.planning import solve as solving
from flowopt.planning import solve_run, solver_session
from flowopt.planning.compare import compare
from flowopt.planning.evaluate import evaluate
from flowopt.planning.marginal_values import proof_of
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.respond import respond
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve import solve
from flowopt.results.solution import Solution
from tests.networks import DATA, shipped
from tests.oracles import rounding
from tests.peru import BASELINE, best


def test_a_time_limit_gives_a_plan_and_a_true_bound() -> None:
    found = solve(shipped("peru-2014"), budget=80, time_limit=1.0)
    assert found.status == "limit"
    assert found.value is not None
    assert found.bound is not None
    assert found.gap is not None
    assert found.gap > 1e-4
    assert found.bound <= best(80) <= found.value + 1e-2
    assert found.after is not None
    alone = respond(shipped("peru-2014"), found.measures).value
    assert found.value == pytest.approx(alone, rel=rounding.VALUE)


def test_time_is_kept_for_writing_by_the_size_of_the_result() -> None:
    network = shipped("peru-2014")
    problem = problem_of(network, build.activity_model(network), PlanRequest(budget=20))
    rows = sum(map(len, network.tables().values())) + len(problem.model.activities)
    whole = Clock(10.0)
    early = problem.before_writing(whole)
    assert early.began == whole.began
    assert early.limit == pytest.approx(10.0 - 2e-5 * rows)
    assert problem.before_writing(Clock(1e-3)).limit == pytest.approx(0.9e-3)  # a tenth at most
    assert problem.before_writing(Clock()).limit is None


def test_a_first_plan_is_given_what_it_takes_beside_the_baseline() -> None:
    network = shipped("peru-2014")
    problem = problem_of(network, build.activity_model(network), PlanRequest(budget=20))

    def seconds(baseline_took: float, left: float) -> float:
        clock = Clock(30.0, time.perf_counter() - 30.0 + left)
        run = solve_run.SolveRun(problem, RunOptions(time_limit=30.0), clock)
        deadline = run._first_plan_deadline(baseline_took)
        assert deadline is not None
        return deadline - time.perf_counter()

    assert seconds(1.0, 20.0) == pytest.approx(18.0, abs=0.5)  # most of the time left
    assert seconds(12.0, 1.0) == pytest.approx(3.0, abs=0.5)  # a quarter of the baseline
    assert seconds(28.0, 1.0) == pytest.approx(4.0, abs=0.5)  # a tenth of the limit late


def test_the_same_input_gives_the_same_plan() -> None:
    network = shipped("shared-crew")
    first, second = (solve(network, budget=7) for _ in range(2))
    assert dataclasses.replace(first, seconds=second.seconds) == second


def test_progress_speaks_the_objective_s_unit() -> None:
    seen: list[Progress] = []
    grid = read_network(DATA / "instances" / "grid16x16_third_s1")
    solve(grid, budget=3, on_progress=seen.append)
    assert seen
    assert all(p.incumbent is not None and 77.9 < p.incumbent < 130.1 for p in seen)
    assert all(p.bound is not None and 60 < p.bound < 78.1 for p in seen)


def test_ctrl_c_raises_unless_the_best_plan_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(solver_session, "solve_milp", interrupt)
    with pytest.raises(KeyboardInterrupt):
        solve(shipped("shared-crew"), budget=4, solver="highs")
    found = solve(shipped("shared-crew"), budget=4, solver="highs", keep_on_interrupt=True)
    assert (found.status, found.limit, found.interrupted) == ("limit", "interrupted", True)
    assert found.value is not None
    assert found.bound is not None
    assert found.bound < found.value


@pytest.mark.parametrize("error", [-0.2, 0.2], ids=["a value too low", "a bound too high"])
def test_a_wrong_answer_of_the_solver_is_never_a_result(
    error: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lying(*args: Any, **options: Any) -> Any:
        found = solve_milp(*args, **options)
        assert found.objective is not None
        assert found.bound is not None
        objective = found.objective + error if error < 0 else found.objective
        return dataclasses.replace(found, bound=found.bound + error, objective=objective)

    monkeypatch.setattr(solver_session, "solve_milp", lying)
    with pytest.raises(SolverError, match="please report"):
        solve(shipped("shared-crew"), budget=4, solver="highs")


def test_results_pickle_and_give_frames() -> None:
    found = solve(shipped("tiny"), budget=4)
    assert pickle.loads(pickle.dumps(found)) == found
    assert found.to_frame().loc[0, "measures"] == ";".join(found.measures)
    assert found.plan.to_frame()["measure"].tolist() == [row.measure for row in found.plan]
    assert list(solve(shipped("tiny"), budget=0).plan.to_frame().columns) == [
        "network",
        "objective",
        "budget",
        "rank",
        "measure",
        "name",
        "kind",
        "cost",
        "lost_if_dropped",
    ]
    markets = found.markets.to_frame()
    assert markets["after"].sum() == pytest.approx(found.value)
    assert markets["before"].sum() == pytest.approx(found.baseline)


def test_tables_of_several_results_stack() -> None:
    tiny = shipped("tiny")
    found = [solve(tiny, budget=3), solve(tiny, budget=4, objective="profit", alternatives=2)]
    found += [Solution.from_json(found[1].to_json()), pickle.loads(pickle.dumps(found[0]))]
    key = ["network", "objective", "budget"]
    for name in ("plan", "flows", "markets", "displacement", "binding", "next", "organisations"):
        both = pandas.concat(getattr(each, name).to_frame() for each in found)
        assert list(both.columns[:3]) == key
        said = both.groupby(["objective", "budget"]).size().to_dict()
        assert said == {
            ("flow", 3.0): 2 * len(getattr(found[0], name)),
            ("profit", 4.0): 2 * len(getattr(found[1], name)),
        }
    assert list(found[1].alternatives.to_frame()["budget"]) == [4.0, 4.0]
    target = solve(tiny, target=7).plan.to_frame()
    assert target["budget"].isna().all()
    frontier = compare(tiny, budgets="3,4")
    assert {*found[0].markets.columns} <= {*frontier.markets.columns}
    assert frontier.displacement.columns == found[0].displacement.columns


@pytest.mark.parametrize("objective", ["flow", "profit"])
def test_a_gap_that_is_rounding_is_none(objective: Any) -> None:
    """So that `gap == 0` finds what is proved, in every table that has a gap."""
    for name in ("tiny", "shared-crew"):
        network = shipped(name)
        gaps = [row.gap for row in compare(network, budgets="0:9:3", objectives=objective).frontier]
        found = solve(network, budget=6, objective=objective, alternatives=4)
        gaps += [found.gap, *(row.rank_gap for row in found.alternatives)]
        gaps += [row.gap for row in evaluate(network, [], budget=6, objective=objective).comparison]
        assert {gap for gap in gaps if gap is not None} == {0.0}
        assert solve(network, target=found.value, objective=objective).cost_gap == 0.0


def test_displacement_adds_up() -> None:
    found = solve(shipped("peru-2014"), budget=20, time_limit=0.5)
    assert found.after is not None
    for by in ("country", "continent"):
        rows = [row for row in found.displacement if row.by == by]
        assert sum(row.before for row in rows) == pytest.approx(BASELINE)
        assert sum(row.after for row in rows) == pytest.approx(found.after.delivered)


@pytest.mark.parametrize("objective", ["flow", "bilevel"])
def test_however_short_the_limit_there_is_a_plan_and_it_is_not_called_the_best(
    objective: Objective,
) -> None:
    found = solve(shipped("peru-2014"), budget=20, objective=objective, time_limit=1e-3)
    assert (found.status, found.limit) == ("limit", "time")
    assert found.measures
    assert found.value is not None
    assert found.bound is not None
    assert found.bound < found.value < found.baseline


def test_a_limit_that_reading_took_alone_ends_there_but_for_small_networks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = shipped("tiny")
    assert solve(network, budget=4, time_limit=5.0, seconds_reading=60.0).measures
    monkeypatch.setattr(build, "_SECONDS_PER_ROW", 0.02)
    rows = len(network.nodes) + len(network.arcs) + len(network.sites)
    seconds = 0.02 * (rows + len(network.measures) + len(network.effects))
    late = "limit of 5 s is too short: reading the network took"
    for question in (
        partial(solve, budget=4),
        partial(evaluate, measures=["m_strip"]),
        partial(compare, budgets=[4]),
        partial(compare, budgets="all"),
        respond,
    ):
        with pytest.raises(OutOfTime, match=late):
            question(network, time_limit=5.0, seconds_reading=6.5 - seconds)
    assert solve(network, budget=4, time_limit=5.0, seconds_reading=4.0 - seconds).measures


def test_however_short_the_limit_a_target_has_a_plan() -> None:
    found = solve(shipped("tiny"), target=5.0, time_limit=1e-3)
    assert (found.status, found.limit) == ("limit", "time")
    assert found.value is not None
    assert found.value <= 5.0


def test_what_is_sought_besides_the_plan_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof of the third alternative is broken off."""
    asked: list[Iterable[int]] = []

    def impatient(work: solve_run.SolveRun, plan: Iterable[int]) -> Any:
        asked.append(plan)
        if len(asked) == 2:  # that of the best plan is its response
            raise KeyboardInterrupt
        return proof_of(work, plan)

    monkeypatch.setattr(solving, "proof_of", impatient)
    found = solve(shipped("tiny"), budget=4, alternatives=4, keep_on_interrupt=True)
    assert found.interrupted
    assert len(found.alternatives) == len(found.others) == 2
    assert any("2 more alternatives were found" in warning for warning in found.warnings)
