"""One plan for several scenarios, held against brute force over plans and scenarios."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flowopt.clock import Clock
from flowopt.criteria import CRITERIA, CRITERION_NAMES, CriterionName
from flowopt.errors import RequestError
from flowopt.model import plan_cuts
from flowopt.model.activities import ActivityModel
from flowopt.model.bounds import Bounds, derive_bounds
from flowopt.model.branch_and_cut import BranchAndCut
from flowopt.model.held_programme import HeldProgramme
from flowopt.model.lp_solver import LpSolver
from flowopt.model.plan_cuts import PlanCuts
from flowopt.objectives import Objective
from flowopt.planning import criterion_run, own_best_runs, scenario_run
from flowopt.planning.criterion_run import CriterionRun
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.scenario_run import ScenarioRun
from flowopt.planning.solve import solve
from flowopt.planning.solve_run import FoundPlan, SolveRun
from tests.draws import draws
from tests.networks import shipped
from tests.oracles.criterion import ScenarioTruth
from tests.oracles.response import Aim
from tests.planning.scenario_runs import assert_is_the_best, drawn, numbers, run_of

BY_WORST: tuple[CriterionName, ...] = ("worst", "cut", "regret")
QUICK = (("plain", 0), ("tie", 1), ("rise", 0))  # one of each shape; the others are slow
_BY_CUTS = (("plain", 1), ("rise", 2))  # where branch and cut has something to do


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("shape", "seed"),
    [
        pytest.param(shape, seed, marks=() if (shape, seed) in QUICK else pytest.mark.slow)
        for shape in ("plain", "tie", "rise")
        for seed in range(draws(8))
    ],
)
def test_the_best_plan_by_each_criterion_is_that_of_brute_force(shape: str, seed: int) -> None:
    networks, weights, budget = drawn(f"run-{shape}-{seed}", shape)
    objective: Aim = ("flow", "profit")[seed % 2]
    truth = ScenarioTruth(networks, weights, budget, objective)
    for name in CRITERION_NAMES:
        run = run_of(networks, weights, budget, objective, name)
        found = run.solve()
        assert_is_the_best(run, found, truth, name)
        base = truth.base(name)
        assert run.own_bounds == pytest.approx(truth.best, rel=1e-6, abs=1e-6 * base)


@pytest.fixture
def trees(monkeypatch: pytest.MonkeyPatch) -> list[BranchAndCut]:
    """Return the trees of runs that know no bounds but theirs, and look for no plans before."""
    found: list[BranchAndCut] = []
    tree_of = PlanCuts.tree

    def collecting(*args: Any, **kwargs: Any) -> BranchAndCut:
        found.append(tree_of(*args, **kwargs))
        return found[-1]

    monkeypatch.setattr(PlanCuts, "tree", collecting)
    monkeypatch.setattr(criterion_run, "CUT_FROM", 1)
    monkeypatch.setattr(criterion_run, "far_apart", lambda *_: False)
    monkeypatch.setattr(CriterionRun, "_improve", lambda *_: None)
    monkeypatch.setattr(CriterionRun, "_value_candidates", lambda *_: None)
    monkeypatch.setattr(SolveRun, "_raise_bound", lambda *_: None)
    monkeypatch.setattr(ScenarioRun, "own_bounds", property(lambda run: np.zeros(len(run.own))))
    return found


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("shape", "seed"),
    [
        pytest.param(shape, seed, marks=() if (shape, seed) in _BY_CUTS else pytest.mark.slow)
        for shape in ("plain", "tie", "rise")
        for seed in range(draws(8))
    ],
)
def test_branch_and_cut_finds_the_plan_of_brute_force(
    trees: list[BranchAndCut], shape: str, seed: int
) -> None:
    networks, weights, budget = drawn(f"cuts-{shape}-{seed}", shape)
    truth = ScenarioTruth(networks, weights, budget, "flow")
    for name in CRITERION_NAMES:
        run = run_of(networks, weights, budget, "flow", name)
        found = run.solve()
        assert_is_the_best(run, found, truth, name)
    assert trees or (shape, seed) not in _BY_CUTS


def test_no_programmes_are_built_for_branch_and_cut_after_the_limit(
    trees: list[BranchAndCut], monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[ActivityModel] = []

    def noted(model: ActivityModel, objective: Objective) -> Bounds:
        built.append(model)
        return derive_bounds(model, objective)

    monkeypatch.setattr(plan_cuts, "derive_bounds", noted)
    monkeypatch.setattr(CriterionRun, "ended", lambda _: len(built) == 1)
    networks, weights, budget = drawn("cuts-plain-1", "plain")
    found = run_of(networks, weights, budget, "flow", "expected").solve()
    assert len(networks) > len(built) == 1
    assert not trees
    assert found.status == "limit"


def test_no_cuts_are_made_after_the_limit(
    trees: list[BranchAndCut], monkeypatch: pytest.MonkeyPatch
) -> None:
    solved: list[HeldProgramme] = []
    run = HeldProgramme._run

    def noted(held: HeldProgramme) -> None:
        solved.append(held)
        run(held)

    networks, weights, budget = drawn("cuts-plain-1", "plain")
    first = len(networks)  # for the blocks; then the root is cut at the plan in all scenarios
    monkeypatch.setattr(HeldProgramme, "_run", noted)
    monkeypatch.setattr(CriterionRun, "ended", lambda _: bool(trees and len(solved) > first))
    found = run_of(networks, weights, budget, "flow", "expected").solve()
    assert trees
    assert len(solved) == first + 1
    assert found.status == "limit"


def test_time_to_tell_a_plan_in_many_scenarios_is_kept_whatever_share_of_the_limit_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    networks, weights, budget = drawn("cuts-plain-1", "plain")
    monkeypatch.setattr(own_best_runs, "_EXPLAINING", 0.0)
    kept = []
    for many in (len(networks), len(networks) - 1):
        monkeypatch.setattr(own_best_runs, "MANY", many)
        run = run_of(networks, weights, budget, "flow", "expected", limit=100.0)
        kept.append(100.0 - (run.clock.limit or 0.0))
    assert kept[0] == 0.0
    assert kept[1] > 0.0


def test_after_the_limit_only_a_first_plan_is_looked_for_in_many_scenarios(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    networks, weights, budget = drawn("cuts-plain-1", "plain")
    values = []
    for many in (len(networks), len(networks) - 1):
        monkeypatch.setattr(own_best_runs, "MANY", many)
        monkeypatch.setattr(criterion_run, "MANY", many)
        run = run_of(networks, weights, budget, "flow", "expected")
        run.clock = Clock(0.0)
        found = run.solve()
        assert found.status == "limit"
        values.append(sum(len(known) for known in run.values.known))
    assert values[1] < values[0]
    for limit in (0.0, 1e4):
        run = run_of(networks, weights, budget, "flow", "worst")
        run.clock = Clock(limit)
        assert any(found.bound for found in run._good_plans()) is (limit > 0.0)


def test_branch_and_cut_is_the_same_on_several_threads(trees: list[BranchAndCut]) -> None:
    networks, weights, budget = drawn("cuts-plain-1", "plain")
    found = [
        run_of(networks, weights, budget, "flow", "expected", threads=n).solve() for n in (1, 3)
    ]
    assert found[0] == found[1]
    assert trees[0].nodes == trees[1].nodes
    assert trees[0].work == trees[1].work > 0


def test_branch_and_cut_is_for_many_scenarios_whose_markets_pay_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    networks, weights, budget = drawn("cuts-plain-1", "plain")
    many = -(-criterion_run.CUT_FROM // len(networks))
    cases: tuple[tuple[Aim, int, str, bool, bool], ...] = (
        ("flow", many, "highs", False, True),
        ("flow", many, "highs", True, False),
        ("flow", 1, "highs", False, False),
        ("flow", many, "scip", False, False),
        ("bilevel", many, "highs", False, False),
    )
    for objective, times, solver, apart, by_cuts in cases:
        monkeypatch.setattr(criterion_run, "far_apart", lambda *_, apart=apart: apart)
        run = run_of(networks * times, weights * times, budget, objective, "expected")
        run.own = [FoundPlan(frozenset(), 0.0, 0.0, "limit") for _ in networks * times]
        counted = run.counted([*range(len(run.own))], None)
        options = replace(run.options, solver=solver)
        assert CriterionRun(run.problem.rules, options, Clock(), counted).by_cuts is by_cuts


@pytest.mark.parametrize("seed", [0, 2, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 3))])
def test_bilevel_is_bounded_by_the_own_bests(seed: int) -> None:
    networks, weights, budget = drawn(f"bilevel-{seed}", "plain", most=3)
    truth = ScenarioTruth(networks, weights, budget, "bilevel")
    for name in CRITERION_NAMES:
        run = run_of(networks, weights, budget, "bilevel", name)
        value, bound, plan = numbers(run, run.solve())
        best, _ = truth.optimum(name)
        room = 1e-4 * truth.base(name) + 1e-6
        assert value == pytest.approx(truth.criterion(name, plan), abs=room)
        assert bound <= best + room
        assert value >= best - room


@pytest.mark.parametrize("seeds", [(0, 6), pytest.param((3, 9, 11, 14), marks=pytest.mark.slow)])
def test_a_few_scenarios_are_enough_where_the_worst_counts(
    monkeypatch: pytest.MonkeyPatch, seeds: tuple[int, ...]
) -> None:
    monkeypatch.setattr(scenario_run, "_FEW", 1)
    joined = 0
    for seed in seeds:
        networks, weights, budget = drawn(f"few-{seed}", "plain", most=6)
        truth = ScenarioTruth(networks, weights, budget, "flow")
        for name in BY_WORST:
            run = run_of(networks, weights, budget, "flow", name)
            counted: list[int] = []
            best_over = run._best_over

            def noted(places: list[int], *others: object, to: list[int] = counted, of=best_over):  # type: ignore[no-untyped-def]  # as it is
                to.append(len(places))
                return of(places, *others)

            monkeypatch.setattr(run, "_best_over", noted)
            found = run.solve()
            value, _, _ = numbers(run, found)
            best, _ = truth.optimum(name)
            assert found.status == "optimal"
            assert value == pytest.approx(best, rel=1e-6, abs=2e-6 * truth.base(name))
            assert counted[:1] in ([], [1])  # none where nothing can be better than nothing
            joined += counted[-1:] > [1]
    assert joined > 0


def test_where_no_plan_is_sure_to_cut_none_is_bought(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that is best over a few scenarios may do nothing in another, and then it is dear."""
    networks, weights, budget = drawn("few-0", "plain", most=6)
    nothing = [replace(row, capacity=0.0) for row in networks[0].supplies]
    run = run_of(
        [*networks, networks[0].replace(supplies=nothing)], [*weights, 1.0], budget, "flow", "cut"
    )

    def never(*_: object) -> FoundPlan:
        raise AssertionError

    monkeypatch.setattr(run, "_best_over", never)
    found = run.solve([frozenset({0})])
    assert (found.plan, found.value, found.status) == (frozenset(), run.most, "optimal")


def test_the_bound_is_no_higher_than_the_best_at_a_short_limit() -> None:
    networks, weights, budget = drawn("limit-2", "plain")
    truth = ScenarioTruth(networks, weights, budget, "flow")
    for name in CRITERION_NAMES:
        run = run_of(networks, weights, budget, "flow", name, limit=1e-3)
        value, bound, _ = numbers(run, run.solve())
        best, _ = truth.optimum(name)
        room = 2e-6 * truth.base(name)
        assert bound <= best + room
        assert best - room <= value <= truth.of(name, truth.nothing) + room


def test_weights_shift_the_plan_only_where_they_count() -> None:
    networks, _, budget = drawn("weights-3", "plain")
    few = [1.0] + [0.0] * (len(networks) - 1)
    for name, traits in CRITERIA.items():
        found = [
            numbers(run, run.solve())[0]
            for weights in (few, [1.0] * len(networks))
            for run in [run_of(networks, weights, budget, "flow", name)]  # type: ignore[arg-type]  # of the table
        ]
        if not traits.weighted:
            assert found[0] == pytest.approx(found[1])
    assert np.isfinite(found).all()


def test_unknown_criteria_and_tails_are_refused() -> None:
    with pytest.raises(RequestError, match="criterion 'best' is not one of expected, worst"):
        CriterionRequest("best").check()  # type: ignore[arg-type]  # what it refuses
    for tail in (0.0, -1.0, 1.5, float("nan")):
        with pytest.raises(RequestError, match="is not a share above 0"):
            CriterionRequest("cvar", tail).check()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["expected", "worst"])
def test_an_interrupt_ends_the_search_over_all_scenarios_too(
    name: CriterionName, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a response, so that its programme has to be loaded anew afterwards."""
    runs, stop, run = 0, 60, LpSolver._run_here_or_apart

    def interrupted(solver: LpSolver) -> None:
        nonlocal runs
        runs += 1
        if runs == stop:
            raise KeyboardInterrupt
        run(solver)

    monkeypatch.setattr(LpSolver, "_run_here_or_apart", interrupted)
    network = shipped("peru-2014")
    found = solve(network, budget=20, criterion=name, keep_on_interrupt=True)
    assert (found.status, found.limit, found.interrupted) == ("limit", "interrupted", True)
    assert found.measures
    bound, value, baseline = (each or 0.0 for each in (found.bound, found.value, found.baseline))
    assert bound <= value
    assert 0.0 < value < baseline
    assert runs < 8 * stop  # what explains the answer, and no more plans
    runs = 0
    with pytest.raises(KeyboardInterrupt):
        solve(network, budget=20, criterion=name)
