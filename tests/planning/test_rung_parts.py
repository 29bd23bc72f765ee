"""The last rungs of `bilevel` in parts: right, the same on any number of threads, honest if cut."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, count
from typing import Any

import pytest

from flowopt.clock import Clock
from flowopt.model import rung_tree
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints, allowed, out_of_reach
from flowopt.model.formulations import Bilevel
from flowopt.model.milp import MilpBuilder
from flowopt.model.rung_parts import Found, Part, RungWork
from flowopt.model.rung_tree import RungTree
from flowopt.model.search import Search
from flowopt.model.solver import MilpResult, SolverOptions, nothing_found, solve_once
from flowopt.model.solver_scip import ScipRun, scip_installed
from flowopt.network.network import Network
from flowopt.objectives import TIES, Ties
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solver_session import SolverSession
from flowopt.planning.target_ladder import TargetLadder
from tests.hunt.networks import Quarry
from tests.oracles.enumerate import optimal_plans

pytestmark = pytest.mark.skipif(not scip_installed(), reason="SCIP is an extra")

NETWORK = Quarry.named("tie-7-5").drawn()[0]


def half(network: Network) -> float:
    """Return half of what all measures cost."""
    return sum(row.cost for row in network.measures) / 2.0


def ladder(
    network: Network = NETWORK,
    *,
    threads: int = 1,
    ties: Ties = "pessimistic",
    seconds: float | None = None,
) -> TargetLadder:
    """Return the ladder of a question about half of the money, with nothing found yet."""
    request = PlanRequest(budget=half(network), objective="bilevel", ties=ties)
    problem = problem_of(network, activity_model(network), request)
    session = SolverSession(problem, RunOptions(solver="scip", threads=threads), Clock(seconds))
    session.scale = session.value(())
    search = Search(problem.model, session.trafficker, problem.constraints, (), scale=session.scale)
    assert isinstance(session.programme, Bilevel)
    asked = TargetLadder(session, session.programme, search)
    asked.limits = search.limits
    return asked


@pytest.fixture(params=[(0.0, 2_000), (1e9, 1)], ids=["split", "few-nodes"])
def cut_up(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[Part]:
    """Let parts be split to the end, or after a node of the solver; return those that were."""
    near, nodes = request.param
    monkeypatch.setattr(rung_tree, "_NEAR", near)
    monkeypatch.setattr(rung_tree, "_NODES", nodes)
    split, seen = RungWork.split, []

    def noted(self: RungWork, part: Part, parts: tuple[Part, ...]) -> None:
        seen.append(part)
        split(self, part, parts)

    monkeypatch.setattr(RungWork, "split", noted)
    return seen


@pytest.mark.usefixtures("cut_up")
@pytest.mark.parametrize(("name", "ties"), [("tie-7-5", TIES[0]), ("plain-7-3", TIES[1])])
def test_parts_find_and_prove_the_best_plan(name: str, ties: Ties) -> None:
    network = Quarry.named(name).drawn()[0]
    truth = optimal_plans(network, half(network), objective="bilevel", ties=ties).value
    asked = ladder(network, threads=2, ties=ties)
    bound = asked._descend(1e-4, 0.0, None)
    scale = asked.session.scale
    assert asked.session.is_proved(asked.search.value, bound)
    assert bound <= truth + 1e-6 * scale
    assert asked.search.value == pytest.approx(truth, rel=2e-4, abs=1e-6 * scale)


def test_any_number_of_threads_finds_the_same_in_the_same_parts(cut_up: list[Part]) -> None:
    ways = []
    for threads in (1, 3):
        cut_up.clear()
        asked = ladder(threads=threads)
        bound = asked._descend(1e-4, 0.0, None)
        ways.append((asked.search.best, bound, asked.session.effort))
        assert cut_up
    assert ways[0] == ways[1]


@pytest.mark.usefixtures("cut_up")
def test_what_is_left_of_parts_without_time_is_an_honest_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole: Any = solve_once
    late: list[MilpResult] = []

    def cut_short(*args: Any) -> MilpResult:
        late.append(replace(whole(*args), status="no_solution", values=None, limit="time"))
        return late[-1]

    monkeypatch.setattr("flowopt.model.rung_tree.solve_once", cut_short)
    truth = optimal_plans(NETWORK, half(NETWORK), objective="bilevel").value
    asked = ladder(seconds=1_000.0)
    bound = asked._rung(1e-4, 0.0, None, None)
    assert late
    assert bound <= truth + 1e-6 * asked.session.scale
    assert not asked.session.is_proved(asked.search.value, bound)
    assert asked.session.limit_of("limit") == "time"


def work_in_halves() -> tuple[RungWork, Part, Part]:
    """Return the work on a rung of which both halves are taken."""
    asked = ladder()
    bounds = asked.programme.bounds_for(1.0)
    whole = Part((), frozenset(), frozenset(), bounds, 0.0)
    work = RungWork(asked.programme, asked.limits, 1.0, 1.0, SolverOptions(), (whole,))
    part = work.take()
    assert part is whole
    work.split(part, rung_tree._halves(part, 0))
    lacking, holding = work.take(), work.take()
    assert lacking is not None
    assert holding is not None
    assert (holding.include, lacking.exclude) == ({0}, {0})
    return work, holding, lacking


def solution(work: RungWork, part: Part) -> Found:
    """Return a solution in a part."""
    return Found(
        part, work.problem(part), nothing_found(SolverOptions(), interrupted=False, open_=True)
    )


def test_a_solution_opens_what_lies_behind_it_again() -> None:
    """Also what was closed meanwhile: that hangs on who was quicker."""
    work, holding, lacking = work_in_halves()
    work.close(lacking)
    work.close(holding, found=solution(work, holding))
    assert {part.path for part in work.still_open()} == {(0,), (1,)}


def test_a_solution_counts_once_no_part_before_it_has_one() -> None:
    work, holding, lacking = work_in_halves()
    work.count(lacking, 5)
    work.close(lacking, found=solution(work, lacking))
    assert not work.in_vain(holding)
    assert {part.path for part in work.still_open()} == {(0,), (1,)}
    work.count(holding, 2)
    work.close(holding, found=solution(work, holding))
    assert work.found is not None
    assert (work.found.part, work.effort) == (holding, 2)
    assert work.in_vain(lacking)


def test_what_a_part_before_it_closed_stays_closed() -> None:
    work, holding, lacking = work_in_halves()
    work.close(holding)
    work.close(lacking, found=solution(work, lacking))
    assert {part.path for part in work.still_open()} == {(1,)}


def test_high_rungs_and_first_looks_are_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("in parts")

    monkeypatch.setattr(TargetLadder, "_solve_in_parts", never)
    asked = ladder()
    for gap, nodes in ((1e-4, 1), (0.3, None), (0.03, None)):
        asked._rung(gap, 0.0, None, nodes)
    for gap in (0.02, 1e-4):
        with pytest.raises(AssertionError, match="in parts"):
            asked._rung(gap, 0.0, None, None)


def test_parts_side_by_side_reach_for_a_lower_rung(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = []
    for threads in (1, 4):
        asked = ladder(threads=threads, seconds=1_000.0)
        asked._seconds = 100.0  # on one thread
        reached.append(asked._next(0.03))
    assert reached == [0.01, 1e-4]
    monkeypatch.setattr(
        "flowopt.planning.target_ladder.time.perf_counter", count(0.0, 5.0).__next__
    )
    asked = ladder(threads=3)
    tree = asked._tree_of(1e-4, asked._target(1e-4))
    for split, seconds in ((False, 5.0), (True, 15.0)):
        monkeypatch.setattr(RungTree, "prove", lambda *_: (None, True))
        tree.side_by_side = split
        with pytest.raises(KeyboardInterrupt):
            asked._solve_in_parts(tree, None, 1.0, 0.0, SolverOptions(name="scip"))  # type: ignore[arg-type]  # never looked at
        assert asked._seconds == seconds


@pytest.mark.parametrize("name", ["mixed-1-2", "plain-7-3"])
def test_measures_out_of_reach_are_in_no_allowed_plan(name: str) -> None:
    network = Quarry.named(name).drawn()[0]
    model = activity_model(network)
    every = range(len(model.measures))
    sizes = range(len(every) + 1)
    plans = [frozenset(plan) for size in sizes for plan in combinations(every, size)]
    for budget in sorted({0.0, half(network), *(float(c) for c in model.measure_cost)}):
        for forced in (frozenset[int](), frozenset({0}), frozenset({1, 2})):
            limits = PlanConstraints(budget=budget, include=forced)
            held = frozenset[int]().union(*(p for p in plans if allowed(model, limits, p)))
            assert not held & out_of_reach(model, limits)
    broke = out_of_reach(model, PlanConstraints(budget=0.0))
    assert {m for m in range(len(model.measures)) if model.measure_cost[m] > 1e-6} <= broke


def test_scip_solves_a_doubtful_programme_again_within_what_soplex_can() -> None:
    """Less than 1e-10 is refused in a line on stderr."""
    from pyscipopt import Model

    milp = MilpBuilder()
    milp.variables("x", 1)
    programme = milp.build([])
    for enough in (None, 1.0):
        model = Model()
        options = SolverOptions(name="scip", good_start=True, enough=enough)
        ScipRun(programme, options, None, 0.0)._configure(model)
        assert model.getParam("numerics/feastol") == (1e-9 if enough is None else 1e-7)
