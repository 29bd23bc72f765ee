"""The ladder of targets: what is proved on the way stays, and which rung comes next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flowopt.clock import Clock
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.formulations import Bilevel
from flowopt.model.search import Search
from flowopt.model.solver import MilpResult
from flowopt.objectives import TIES, Ties
from flowopt.planning import rung_levels
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve import solve
from flowopt.planning.solver_session import SolverSession
from flowopt.planning.target_ladder import TargetLadder
from tests.hunt import ladder as ladder_hunt
from tests.hunt.networks import Quarry
from tests.oracles.enumerate import optimal_plans

NETWORK = Quarry.named("tie-7-5").drawn()[0]
BUDGET = sum(row.cost for row in NETWORK.measures) / 2.0  # what is left is more than nothing


def ladder(
    *, gap: float = 1e-4, seconds: float | None = None, ties: Ties = "pessimistic"
) -> TargetLadder:
    """Return the ladder of a question about half of the money, with nothing found yet."""
    model = activity_model(NETWORK)
    request = PlanRequest(budget=BUDGET, objective="bilevel", ties=ties)
    problem = problem_of(NETWORK, model, request)
    session = SolverSession(problem, RunOptions(solver="highs", gap=gap), Clock(seconds))
    session.scale = session.value(())
    search = Search(model, session.trafficker, problem.constraints, (), scale=session.scale)
    assert isinstance(session.programme, Bilevel)
    return TargetLadder(session, session.programme, search)


@pytest.mark.parametrize("known", [0.0, 0.985])
@pytest.mark.parametrize("ties", TIES)
def test_the_ladder_alone_finds_and_proves_the_best_plan(
    ties: Ties, known: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From no measures at all, and from a bound that lies above some of its rungs."""
    rung = TargetLadder._rung

    def no_first_try(self: TargetLadder, gap: float, bound: float, *rest: Any) -> float:
        return rung(self, gap, bound, *rest) if rest[-1] is None else bound

    monkeypatch.setattr(TargetLadder, "_rung", no_first_try)
    truth = optimal_plans(NETWORK, BUDGET, objective="bilevel", ties=ties).value
    asked = ladder(ties=ties)
    bound = asked.prove(known * truth)
    value, scale = asked.search.value, asked.session.scale
    assert asked.session.is_proved(value, bound)
    assert bound <= truth + 1e-6 * scale
    assert value == pytest.approx(truth, rel=2e-4)


@pytest.mark.parametrize(
    "name",
    [
        "odd-14-0",  # notices bounds that are too tight, and regrets that are not looked at
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("multiply-14-1", "level-14-1", "loop-14-2")
        ),
    ],
)
@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_brute_force_of_both_solvers_of_rungs(solver: str, name: str) -> None:
    if solver == "scip":
        pytest.importorskip("pyscipopt", reason="SCIP is an extra")
    assert ladder_hunt.main(["--solver", solver, "--only", name, "--alone"]) == 0


def test_a_rung_that_is_proved_is_a_bound_if_the_next_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, rungs = TargetLadder._solve, []

    def cut_short(self: TargetLadder, *args: Any, **rest: Any) -> MilpResult:
        result = whole(self, *args, **rest)
        rungs.append(result.status)
        if len(rungs) == 2:  # the first try is the last rung, and this the one above it
            return result
        return replace(result, status="no_solution", values=None, objective=None, limit="nodes")

    best = solve(NETWORK, budget=BUDGET, objective="bilevel", solver="highs")
    monkeypatch.setattr(TargetLadder, "_solve", cut_short)
    found = solve(NETWORK, budget=BUDGET, objective="bilevel", solver="highs")
    assert rungs == ["infeasible"] * 3
    assert (best.status, found.status) == ("optimal", "limit")
    assert found.value == best.value
    assert found.gap == pytest.approx(0.03, rel=1e-3)


@pytest.mark.parametrize("name", ["tie-7-5", "plain-7-3"])
def test_rungs_that_scip_never_finishes_leave_an_honest_bound(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyscipopt", reason="SCIP is an extra")
    network = Quarry.named(name).drawn()[0]
    budget = sum(row.cost for row in network.measures) / 2.0
    whole: Any = TargetLadder._solve
    asked: list[MilpResult] = []

    def cut_short(self: TargetLadder, *args: Any, **rest: Any) -> MilpResult:
        asked.append(whole(self, *args[:-1], 1, **rest))  # of a node
        return asked[-1]

    monkeypatch.setattr(TargetLadder, "_solve", cut_short)
    found = solve(network, budget=budget, objective="bilevel", solver="scip", time_limit=1_000)
    truth = optimal_plans(network, budget, objective="bilevel").value
    assert asked
    assert found.bound is not None
    assert found.bound <= truth + 1e-6 * (found.baseline or 1.0)


def test_all_rungs_share_the_bounds_derived_for_the_last_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aims, aim = [], Bilevel.aim

    def noted(self: Bilevel, limits: PlanConstraints, target: float, *rest: Any) -> None:
        aims.append(target)
        aim(self, limits, target, *rest)

    monkeypatch.setattr(Bilevel, "aim", noted)
    asked = ladder(seconds=1_000.0)
    best = optimal_plans(NETWORK, BUDGET, objective="bilevel").plans[0]
    names = [row.measure for row in NETWORK.measures]
    asked.search.offer(frozenset(names.index(name) for name in best))
    asked.limits = asked.search.limits
    bound = asked._descend(0.3, 0.0, None)
    assert asked.session.is_proved(asked.search.value, bound)
    assert aims == [asked._target(1e-4)]


def test_the_next_rung_is_the_last_one_or_the_lowest_that_there_is_time_for() -> None:
    free = ladder()
    assert [free._next(share) for share in (0.03, 1e-4)] == [1e-4, None]
    in_a_hurry = ladder(seconds=1_000.0)
    steps = {}
    for seconds in (0.01, 45.0, 60.0, 150.0, 400.0, np.inf):
        in_a_hurry._seconds = seconds
        steps[seconds] = in_a_hurry._next(0.03)
    most = {150.0: 0.02, 400.0: 0.02, np.inf: 0.02}
    assert steps == {0.01: 1e-4, 45.0: 1e-4, 60.0: 0.01, **most}
    for seconds, rung in ((0.01, 0.03), (60.0, 0.03), (400.0, 0.05), (np.inf, 0.1)):
        in_a_hurry._seconds = seconds
        assert in_a_hurry._next(0.3) == rung
    wide = ladder(gap=0.025, seconds=1_000.0)
    assert [wide._next(share) for share in (0.1, 0.03, 0.025)] == [0.025, 0.025, None]


@pytest.mark.parametrize(
    ("solver", "seconds", "gaps"),
    [
        ("highs", None, [1e-4, 0.03, 1e-4]),
        ("highs", 1_000.0, [1e-4, 0.3, 0.3, 0.03, 1e-4]),
        ("scip", 1_000.0, [1e-4, 0.03, 1e-4]),
    ],
)
def test_easy_rungs_are_for_limits_at_which_nothing_else_leaves_a_bound(
    solver: str, seconds: float | None, gaps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    if solver == "scip":
        pytest.importorskip("pyscipopt", reason="SCIP is an extra")
    asked: list[float] = []

    def proved(self: TargetLadder, gap: float, bound: float, *rest: Any) -> float:
        asked.append(gap)
        return bound if rest[-1] is not None else max(bound, self._target(gap))

    monkeypatch.setattr(TargetLadder, "_rung", proved)
    waiting = ladder(seconds=seconds)
    waiting.session.solver_options = replace(waiting.session.solver_options, name=solver)
    waiting.prove(0.0)
    assert asked == gaps


def test_the_first_rung_is_the_lowest_that_is_near_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyscipopt", reason="SCIP is an extra")
    asked: list[float] = []

    def proved(self: TargetLadder, gap: float, bound: float, *rest: Any) -> float:
        asked.append(gap)
        self._seconds = 100.0
        return bound if rest[-1] is not None else max(bound, self._target(gap))

    monkeypatch.setattr(TargetLadder, "_rung", proved)
    for near, step, gaps in (
        (1e9, 1.0, [0.03]),
        (-1.0, 1e9, [0.3, 0.03]),
        (-1.0, 1e-9, [0.3, 0.2, 0.15]),
    ):
        asked.clear()
        monkeypatch.setattr(rung_levels, "_NEAR", near)
        monkeypatch.setattr(rung_levels, "_STEP", step)
        waiting = ladder(seconds=1_000.0)
        waiting.session.solver_options = replace(waiting.session.solver_options, name="scip")
        waiting.prove(0.0)
        assert asked[1 : 1 + len(gaps)] == gaps
        assert waiting._low == max(0.03, gaps[0])


def test_a_plan_that_is_not_worth_the_same_twice_is_valued_once() -> None:
    """A few milligrams are left: values differ from solve to solve by more than the last rung."""
    network = Quarry.named("apart-5-72").drawn()[0]
    found = solve(network, budget=2.0, objective="bilevel", gap=0.0, solver="highs")
    truth = optimal_plans(network, 2.0, objective="bilevel").value
    assert found.status == "optimal"
    assert found.value == pytest.approx(truth, rel=1e-6)
