"""The cheapest plan whose criterion reaches a target, against brute force over plans."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.clock import Clock
from flowopt.criteria import CRITERION_NAMES, CriterionName
from flowopt.errors import OutOfTime
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.response_types import BestResponse
from flowopt.model.solver_scip import scip_installed
from flowopt.network.network import Network
from flowopt.network.write import write_network
from flowopt.planning import scenario_run, scenario_target
from flowopt.planning.enumerate import prove_by_enumeration
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest, World, scenario_problem_of
from flowopt.planning.scenario_target import NotReachedError, ScenarioTargetRun
from flowopt.planning.target_run import Unreachable
from flowopt.planning.verify import verify
from flowopt.results.scenario_solution import ScenarioSolution
from tests.command import run
from tests.drawn.dice import Dice
from tests.draws import draws
from tests.networks import narrow_bridges
from tests.oracles.criterion import ScenarioTruth
from tests.oracles.enumerate import plan_cost
from tests.oracles.response import Aim
from tests.planning.scenario_runs import drawn
from tests.planning.tampering import edit, refused
from tests.planning.verify_networks import bridges_in_scenarios

QUICK = 1  # draws; the others are slow
WITHIN = 2e-6  # of the base: values closer than this are equal here


def target_run(
    networks: list[Network],
    weights: list[float],
    target: float,
    objective: Aim,
    name: CriterionName,
    *,
    budget: float | None = None,
    limit: float | None = None,
    solver: str = "auto",
) -> ScenarioTargetRun:
    clock = Clock(limit)
    worlds = [
        World(f"s{n}", "", weight, network, n == 0)
        for n, (network, weight) in enumerate(zip(networks, weights, strict=True))
    ]
    request = PlanRequest(budget=budget, target=target, objective=objective)
    problem = scenario_problem_of(worlds, request, CriterionRequest(name), clock)
    return ScenarioTargetRun(problem, RunOptions(gap=0.0, solver=solver), clock)


def levels(dice: Dice, truth: ScenarioTruth, name: CriterionName) -> list[float]:
    """Return levels of a criterion: one of a plan, one between, and one that no plan reaches."""
    worth = sorted(truth.criterion(name, plan) for plan in truth.plans)
    least, base = worth[0], truth.base(name)
    between = least + (truth.of(name, truth.nothing) - least) * dice.pick((0.3, 0.6))
    return [dice.pick(worth), between, least - 0.01 * base - 1e-3]


def compare(
    truth: ScenarioTruth, question: ScenarioTargetRun, name: CriterionName, level: float
) -> None:
    """Compare the answer to a question with that of brute force."""
    network, base = question.problem.worlds[0].network, truth.base(name)
    bilevel = question.problem.rules.request.objective == "bilevel"
    room = (1e-4 if bilevel else WITHIN) * base + 1e-6
    worth = {plan: truth.criterion(name, plan) for plan in truth.plans}
    surely = [plan_cost(network, plan) for plan in truth.plans if worth[plan] <= level]
    nearly = [plan_cost(network, plan) for plan in truth.plans if worth[plan] <= level + room]
    try:
        found = question.solve()
    except Unreachable:
        assert not surely
        return
    except NotReachedError:
        assert bilevel or not surely
        return
    plan = tuple(question.model.measures[m] for m in sorted(found.plan))
    spent, shift = plan_cost(network, plan), question.criterion.shift
    assert worth[plan] <= level + room
    assert found.value - shift == pytest.approx(worth[plan], abs=room)
    assert (found.cost_bound or 0.0) <= min(surely, default=math.inf) + 1e-6
    if not bilevel:
        assert found.status == "optimal"
        assert min(nearly) - 1e-6 <= spent <= min(surely, default=math.inf) + 1e-6


@pytest.mark.sampled
@pytest.mark.parametrize(
    "seed",
    [pytest.param(n, marks=() if n < QUICK else pytest.mark.slow) for n in range(draws(8))],
)
def test_the_cheapest_plan_for_each_criterion_is_that_of_brute_force(seed: int) -> None:
    shape = ("plain", "tie", "rise")[seed % 3]
    objective: Aim = ("flow", "profit")[seed // 2 % 2]
    networks, weights, limit = drawn(f"aim-{shape}-{seed}", shape)
    budget = (None, limit)[seed % 2]
    truth = ScenarioTruth(networks, weights, budget or 1e12, objective)
    dice = Dice.seeded(f"levels-{seed}")
    for name in CRITERION_NAMES:
        for level in levels(dice, truth, name):
            target = -level if name == "cut" else level
            if target >= 0.0:
                compare(
                    truth,
                    target_run(networks, weights, target, objective, name, budget=budget),
                    name,
                    level,
                )


@pytest.mark.parametrize(("solver", "seed"), [("auto", 8), ("highs", 1)])
def test_narrow_targets_with_tightened_prices_have_the_answer_of_brute_force(
    monkeypatch: pytest.MonkeyPatch, solver: str, seed: int
) -> None:
    """These networks have pairs of measures of which one is needed."""
    monkeypatch.setattr(scenario_target, "_NARROW", 1e9)
    versions = set[str]()
    networks, weights, _ = drawn(f"narrow-{seed}", "plain")
    truth = ScenarioTruth(networks, weights, 1e12, "flow")
    for name in CRITERION_NAMES:
        for level in levels(Dice.seeded(f"narrow-{seed}"), truth, name)[::2]:
            target = -level if name == "cut" else level
            if target >= 0.0:
                question = target_run(networks, weights, target, "flow", name, solver=solver)
                compare(truth, question, name, level)
                versions.add(question.solver_version.split(" ")[0])
    assert ("SCIP" in versions) == (solver == "auto" and scip_installed())


@pytest.mark.parametrize("seed", [1, pytest.param(0, marks=pytest.mark.slow)])
def test_a_bilevel_plan_reaches_its_target_and_its_bound_holds(seed: int) -> None:
    networks, weights, budget = drawn(f"bilevel-aim-{seed}", "plain", most=3)
    truth = ScenarioTruth(networks, weights, budget, "bilevel")
    dice = Dice.seeded(f"bilevel-levels-{seed}")
    for name in CRITERION_NAMES:
        for level in levels(dice, truth, name)[:2]:
            target = -level if name == "cut" else level
            if target >= 0.0:
                compare(
                    truth,
                    target_run(networks, weights, target, "bilevel", name, budget=budget),
                    name,
                    level,
                )


def test_scenarios_join_until_the_plan_reaches_the_target_in_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scenario_run, "_FEW", 1)
    joined = 0
    names: tuple[CriterionName, ...] = ("worst", "cut", "regret")
    for seed in (6,):
        networks, weights, _ = drawn(f"few-{seed}", "plain", most=6)
        truth = ScenarioTruth(networks, weights, 1e12, "flow")
        for name in names:
            for worth in sorted({round(truth.criterion(name, plan), 6) for plan in truth.plans}):
                level = worth + 1e-6
                target = -level if name == "cut" else level
                question = target_run(networks, weights, max(0.0, target), "flow", name)
                counted: list[int] = []
                reach = question._reach_over

                def noted(some, *, to: list[int] = counted, of=reach):  # type: ignore[no-untyped-def]  # as it is
                    to.append(len(some.places))
                    return of(some)

                monkeypatch.setattr(question, "_reach_over", noted)
                compare(truth, question, name, level)
                assert counted[0] == 1
                joined += len(counted) > 1
    assert joined > 1


TARGETS: dict[CriterionName, float] = {
    "expected": 7.25,
    "worst": 8.0,
    "cut": 2.0,
    "regret": 5.0,
    "cvar": 8.0,
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[CriterionName, Path]:
    """Return the folder of a solve for a target by each criterion."""
    home = tmp_path_factory.mktemp("targets")
    found: dict[CriterionName, Path] = {name: home / name for name in CRITERION_NAMES}
    for name, folder in found.items():
        flowopt.solve(bridges_in_scenarios(), target=TARGETS[name], criterion=name).write(folder)
    return found


@pytest.mark.parametrize("name", CRITERION_NAMES)
def test_a_result_for_a_target_states_its_cost_and_comes_back_equal(name: CriterionName) -> None:
    target = TARGETS[name]
    found = flowopt.solve(bridges_in_scenarios(), target=target, criterion=name)
    assert (found.status, found.target) == ("optimal", target)
    assert (found.bound, found.gap, found.cost_gap) == (None, None, 0.0)
    assert found.cost_bound == found.spent
    assert found.value is not None
    assert found.value <= (-target if name == "cut" else target)
    assert (found.worth_of_looking, found.worth_of_knowing) == (None, None)
    assert f"target {target:g}" in repr(found)
    assert ScenarioSolution.from_json(found.to_json()) == found


def test_results_for_targets_pass_and_no_plan_is_cheaper(
    folders: dict[CriterionName, Path],
) -> None:
    for folder in folders.values():
        verdict = verify(folder, bridges_in_scenarios())
        assert verdict.passed, list(verdict.lines(only_failures=True))
        assert any("costs less than" in claim for claim in verdict.claims)
        (check,) = prove_by_enumeration(folder)
        assert check.passed, check


def test_no_number_of_a_target_can_be_changed_unseen(
    folders: dict[CriterionName, Path], tmp_path: Path
) -> None:
    changes: list[tuple[str, tuple[str, ...], object]] = [
        ("summary.json", ("target",), 1.0),
        ("summary.json", ("cost_bound",), 0.5),
        ("summary.json", ("cost_gap",), 0.5),
        ("certificate.json", ("target",), 1.0),
        ("certificate.json", ("claim", "cost_bound"), 0.5),
        ("certificate.json", ("claim", "cost_bound"), 1e3),
        ("certificate.json", ("claim", "cost_bound"), None),
        ("certificate.json", ("claim", "bound"), 1.0),
        ("certificate.json", ("options", "target"), 1.0),
    ]
    names: tuple[CriterionName, ...] = ("expected", "cut")
    for number, (file, place, value) in enumerate(changes):
        for name in names:
            copy = tmp_path / f"{name}-{number}"
            shutil.copytree(folders[name], copy)
            edit(copy, file, (place, value))
            assert refused(copy), (name, file, place)


def test_a_plan_that_misses_the_target_is_seen(
    folders: dict[CriterionName, Path], tmp_path: Path
) -> None:
    cases: tuple[tuple[CriterionName, float], ...] = (("expected", 1.0), ("cut", 9.0))
    for name, target in cases:
        copy = tmp_path / name
        shutil.copytree(folders[name], copy)
        edit(copy, "summary.json", (("target",), target), (("options", "target"), target))
        edit(copy, "certificate.json", (("target",), target), (("options", "target"), target))
        lines = list(verify(copy).lines(only_failures=True))
        assert any("missing to the target" in line for line in lines), lines


def test_a_bound_above_a_cheaper_plan_is_seen_by_enumeration(
    folders: dict[CriterionName, Path], tmp_path: Path
) -> None:
    for name in CRITERION_NAMES:
        shutil.copytree(folders[name], tmp_path / name)
        edit(tmp_path / name, "certificate.json", (("claim", "cost_bound"), 99.0))
        (check,) = prove_by_enumeration(tmp_path / name)
        assert not check.passed


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (
            {"target": 1.0, "criterion": "worst"},
            "--target 1. All 4 measures together bring the most left in any scenario to 3.",
        ),
        (
            {"target": 3.5, "criterion": "cut", "exclude": ["m_gate"]},
            "--target 3.5. All 4 measures together bring the sure cut to 3.",
        ),
        (
            {"target": 3.0, "criterion": "cut", "budget": 2},
            "--target 3 and --budget 2. The best plan that keeps --budget 2 brings the sure cut "
            "to 0.",
        ),
        (
            {"target": 9.0, "criterion": "regret", "budget": 0, "include": ["m_gate"]},
            "--include m_gate and --budget 0. m_gate costs 1 M USD.",
        ),
    ],
)
def test_an_unreachable_target_is_explained(
    asked: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    found = flowopt.solve(bridges_in_scenarios(), **asked)
    assert (found.status, found.value, found.measures) == ("infeasible", None, ())
    assert found.reasons[0].endswith(reason)
    found.write(tmp_path / "none")
    verdict = verify(tmp_path / "none")
    assert verdict.passed, list(verdict.lines(only_failures=True))
    (check,) = prove_by_enumeration(tmp_path / "none")
    assert check.passed, check


def test_a_target_called_unreachable_is_seen_by_enumeration(tmp_path: Path) -> None:
    flowopt.solve(bridges_in_scenarios(), target=5.0, criterion="cut").write(tmp_path / "none")
    edit(tmp_path / "none", "certificate.json", (("target",), 1.0))
    (check,) = prove_by_enumeration(tmp_path / "none")
    assert not check.passed


def test_the_command_prints_what_a_target_takes(tmp_path: Path) -> None:
    home, out = tmp_path / "net", tmp_path / "out"
    write_network(bridges_in_scenarios(), home)
    asked = ("solve", home, "--criterion", "cut", "--target")
    found = run(*asked, 2, "--out", out)
    assert found.returncode == 0, found.stderr
    text = " ".join(found.stdout.split())
    assert (
        "Cutting 2 t a year or more, whichever of 3 scenarios holds, takes 2 measures for 4.00 M "
        "USD a year; the sure cut is then 3.00. No plan that does it costs less than 4.00 M USD a "
        "year." in text
    )
    assert run("verify", out, "--enumerate").returncode == 0
    page = run("report", out)
    assert page.returncode == 0, page.stderr
    text = (out / "report.html").read_text(encoding="utf-8")
    assert "Proved: no plan that does it costs less than 4.00 M USD a year." in text
    none = run(*asked, 5)
    assert (none.returncode, "bring the sure cut to 3" in none.stderr) == (3, True), none.stderr
    every = run("solve", home, "--criterion", "all", "--target", 2)
    assert (every.returncode, "name one" in every.stderr) == (2, True)


def test_a_target_not_reached_in_time_is_no_solution(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ScenarioTargetRun, "_reach_over", lambda *_: None)
    found = flowopt.solve(bridges_in_scenarios(), target=2.0, criterion="cut")
    assert (found.status, found.limit, found.reasons) == ("no_solution", "time", ())
    found.write(tmp_path / "none")
    assert verify(tmp_path / "none").passed


def test_a_plan_found_for_all_scenarios_is_valued_late_rather_than_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late: list[Sequence[int]] = []
    respond = BestResponseSolver.respond

    def in_time_only(
        solver: BestResponseSolver, plan: Sequence[int] = (), **options: Any
    ) -> BestResponse:
        if plan and options.get("anew") and solver.deadline is not None and not late:
            late.append(plan)
            raise OutOfTime
        return respond(solver, plan, **options)

    monkeypatch.setattr(BestResponseSolver, "respond", in_time_only)
    found = flowopt.solve(bridges_in_scenarios(), budget=2, criterion="expected", time_limit=60)
    assert late
    assert found.value == 7.25


def test_best_plans_beside_a_target_are_the_cheapest_of_their_value() -> None:
    """They are settled after the answer, and still are those that each scenario has by itself."""
    network = narrow_bridges()
    found = flowopt.solve(network, target=1.0, criterion="regret")
    assert found.status == "optimal"
    for row in found.scenarios:
        alone = flowopt.solve(network.scenario(row.scenario), budget=100)
        assert row.own_best == pytest.approx(alone.value)
        assert row.own_measures == ";".join(alone.measures)
