"""The plans of many budgets by a criterion over scenarios, held against brute force."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.criteria import CRITERION_NAMES, CriterionName
from flowopt.errors import InputError, RequestError
from flowopt.network.network import Network
from flowopt.network.write import write_network
from flowopt.planning.all_scenarios import solve_scenarios
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.sweep import criterion_rows
from flowopt.planning.sweep.criterion_rows import CriterionRowRequest, with_bounds
from flowopt.planning.sweep.neighbour_grid import NeighbourGrid
from flowopt.planning.sweep.row import RowResult
from flowopt.planning.verify import verify
from flowopt.results.scenario_plans import ScenarioPlans
from tests.command import run
from tests.drawn.dice import Dice
from tests.drawn.scenarios import with_scenarios
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import narrow_bridges, shipped
from tests.oracles.criterion import ScenarioTruth
from tests.oracles.rounding import EQUAL
from tests.planning.tampering import overwrite

SHARES = (0.0, 0.3, 0.6, 1.0)
QUICK = [("rise", 0)]  # networks that are asked always; the others are slow


@pytest.fixture(scope="module")
def bridges() -> Network:
    return narrow_bridges()


def drawn(shape: str, seed: int) -> Network:
    dice = Dice.seeded(f"compare-{shape}-{seed}")
    return with_scenarios(dice, valid_network(dice, SHAPES[shape]), 2 + dice.upto(2))


@pytest.mark.parametrize(
    ("shape", "seed"),
    [
        pytest.param(shape, seed, marks=() if (shape, seed) in QUICK else pytest.mark.slow)
        for shape in ("plain", "tie", "rise")
        for seed in range(2)
    ],
)
def test_each_budget_has_the_plan_of_brute_force(shape: str, seed: int, tmp_path: Path) -> None:
    network = drawn(shape, seed)
    whole = sum(row.cost for row in network.measures)
    budgets = sorted({round(share * whole, 6) for share in SHARES})
    worlds = [network.scenario(row.scenario) for row in network.scenarios]
    weights = [row.weight for row in network.scenarios]
    truths = {each: ScenarioTruth(worlds, weights, each, "flow") for each in budgets}
    for name in CRITERION_NAMES:
        found = flowopt.compare(network, budgets=budgets, criterion=name, gap=0.0)
        assert [row.budget for row in found.plans] == budgets
        for row, solution in zip(found.plans, found.solutions, strict=True):
            truth = truths[row.budget or 0.0]
            least, _ = truth.optimum(name)
            same = 2.0 * EQUAL * (truth.base(name) or 1.0)
            assert row.value == pytest.approx(least, abs=same), (name, row)
            assert row.bound == pytest.approx(least, abs=same), (name, row)
            assert row.status == "optimal"
            if name != "regret":  # whose best plans are settled by a tie rule of their own
                assert truth.criterion(name, solution.measures) == pytest.approx(least, abs=same)
        if name in ("cut", "regret"):
            found.write(tmp_path / name)
            checked = verify(tmp_path / name)
            assert checked.passed, [check for check in checked.checks if not check.passed]


def rows_of(found: ScenarioPlans) -> list[tuple[Any, ...]]:
    return [
        (row.plan, row.value, row.bound, row.status, row.measures, row.sure_cut)
        for row in found.plans
    ]


@pytest.mark.slow  # quick: workers by test_compare_requests.py, which hands over any row
def test_any_number_of_workers_finds_the_same(bridges: Network) -> None:
    asked: dict[str, Any] = {"budgets": "0:5:1", "criterion": "cut"}
    one = flowopt.compare(bridges, **asked)
    assert rows_of(flowopt.compare(bridges, **asked, workers=2)) == rows_of(one)


def test_after_a_stop_the_same_is_found(
    bridges: Network,
    tmp_path: Path,
) -> None:
    asked: dict[str, Any] = {"budgets": "0:5:1", "criterion": "cut"}
    kept = tmp_path / "kept"
    one = flowopt.compare(bridges, **asked, keep=kept)
    files = sorted(kept.glob("row-*.json"))
    assert len(files) == 6
    files[0].unlink()
    times = {path: path.stat().st_mtime_ns for path in files[1:]}
    again = flowopt.compare(bridges, **asked, keep=kept, resume=True)
    assert rows_of(again) == rows_of(one)
    assert {path: path.stat().st_mtime_ns for path in files[1:]} == times
    with pytest.raises(RequestError, match="what differs: criterion"):
        flowopt.compare(bridges, budgets="0:5:1", criterion="worst", keep=kept, resume=True)


def test_ctrl_c_keeps_the_rows_that_are_done(
    bridges: Network,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    solved: list[Any] = []

    def stopped(*args: Any, **options: Any) -> Any:
        if len(solved) == 2:
            raise KeyboardInterrupt
        solved.append(args)
        return solve_scenarios(*args, **options)

    monkeypatch.setattr(criterion_rows, "solve_scenarios", stopped)
    asked: dict[str, Any] = {"budgets": "0:8:2", "criterion": "expected"}
    found = flowopt.compare(bridges, **asked, keep_on_interrupt=True)
    assert found.interrupted
    assert len(found.solutions) == 2
    with pytest.raises(KeyboardInterrupt):
        flowopt.compare(bridges, **asked)


def test_no_time_leaves_plans_with_their_gaps(bridges: Network, tmp_path: Path) -> None:
    found = flowopt.compare(bridges, budgets="0:4:2", criterion="cut", time_limit=0.05)
    found.write(tmp_path / "out")
    assert verify(tmp_path / "out").passed


def test_a_plan_and_bounds_of_other_budgets_are_taken(bridges: Network) -> None:
    """A row that a smaller budget's plan beats is solved again from that, and then no other is."""
    row = CriterionRowRequest(
        bridges,
        PlanRequest(budget=0.0),
        RunOptions(),
        wanted=CriterionRequest("expected"),
    )
    grid = NeighbourGrid(row, (0.0, 2.0, 4.0))
    ready = grid.ready()
    assert sorted(each.budget for each in ready) == [0.0, 4.0]
    solved = {each.budget: each.solve(None) for each in ready}
    for each in solved.values():
        grid.receive(each)
    (middle,) = grid.ready()
    assert middle.budget == 2.0
    assert isinstance(middle, CriterionRowRequest)
    assert middle.known_bound == solved[4.0].bound
    good = middle.solve(None)
    assert good.value is not None
    grid.receive(good)
    assert grid.ready() == []
    poor = replace(solved[4.0], value=good.value + 1.0, plan=())
    grid.receive(poor)
    (again,) = grid.ready()
    assert isinstance(again, CriterionRowRequest)
    assert (again.budget, again.starts, again.again) == (4.0, (good.plan,), True)
    assert again.key != row.at(4.0).key
    best = again.solve(None)
    assert best.value is not None
    assert best.value <= good.value
    grid.receive(best)
    grid.receive(replace(best, value=best.value + 1.0))  # as if there had been no time
    assert grid.results()[-1] == best
    assert grid.ready() == []


def test_regrets_of_other_budgets_are_no_bounds(bridges: Network) -> None:
    """Each is against the best plans for its own money, so a larger budget may regret more."""
    wanted = CriterionRequest("regret")
    row = CriterionRowRequest(bridges, PlanRequest(budget=0.0), RunOptions(), wanted=wanted)
    grid = NeighbourGrid(row, (0.0, 2.0, 4.0))

    def found(budget: float, value: float) -> RowResult:
        return RowResult("n", "flow", budget, status="limit", plan=(), value=value, bound=value)

    assert len(grid.ready()) == 2
    grid.receive(found(0.0, 0.0))
    grid.receive(found(4.0, 3.0))
    (middle,) = grid.ready()
    assert isinstance(middle, CriterionRowRequest)
    assert middle.known_bound is None
    grid.receive(found(2.0, 1.0))
    assert grid.ready() == []


def test_a_bound_of_a_larger_budget_may_prove_a_row(bridges: Network) -> None:
    found = flowopt.compare(bridges, budgets="2,2.5", criterion="expected")
    low, high = found.solutions
    assert low.value == high.value
    loose = replace(low, bound=0.0, status="limit", limit="time")
    mended = with_bounds([loose, high], 1e-4)
    assert (mended[0].bound, mended[0].status, mended[0].limit) == (high.bound, "optimal", None)
    other = [replace(each, criterion="regret") for each in (loose, high)]
    assert with_bounds(other, 1e-4) == other


def test_what_a_comparison_by_a_criterion_does_not_answer(bridges: Network) -> None:
    cut: CriterionName = "cut"
    with pytest.raises(RequestError, match="given budgets, such as 0:40:5"):
        flowopt.compare(bridges, budgets="all", criterion=cut)
    with pytest.raises(RequestError, match="one network and one objective"):
        flowopt.compare(bridges, budgets=2, criterion=cut, objectives=["flow", "profit"])
    with pytest.raises(InputError, match="the network has none"):
        flowopt.compare(shipped("two-bridges"), budgets=2, criterion=cut)
    with pytest.raises(RequestError, match="tail 0"):
        flowopt.compare(bridges, budgets=2, criterion="cvar", tail=0.0)


def test_documents_and_rows_come_back_equal(bridges: Network) -> None:
    found = flowopt.compare(bridges, budgets="0,2", criterion="cvar", tail=0.5)
    assert ScenarioPlans.from_json(found.to_json()) == found
    row = RowResult("n", "flow", 2.0, status="optimal", scenarios=found.solutions[1])
    assert RowResult.from_dict(json.loads(json.dumps(row.to_dict()))) == row


@pytest.mark.slow
def test_the_command_writes_verifies_and_shows_it(
    bridges: Network,
    tmp_path: Path,
) -> None:
    home, out = tmp_path / "net", tmp_path / "out"
    write_network(bridges, home)
    asked = ("compare", home, "--budgets", "0:4:1", "--workers", 1, "--criterion")
    ran = run(*asked, "cut", "--out", out)
    assert ran.returncode == 0, ran.stderr
    assert "sure cut, t a year" in ran.stdout
    assert not (tmp_path / "out.partial").exists()
    assert sorted(path.name for path in out.iterdir() if path.is_dir()) == [
        f"budget-{n}" for n in range(5)
    ]
    assert run("verify", out, "--enumerate").returncode == 0
    assert run("report", out, "--svg").returncode == 0
    text = (out / "report.html").read_text("utf-8")
    assert "From 0 to 4 M USD a year the sure cut in 3 scenarios goes from" in text
    assert "flowopt compare" in text
    assert "--criterion cut" in text
    assert (out / "frontier.svg").stat().st_size > 1000
    shown = json.loads(run(*asked, "regret", "--json").stdout)
    assert (shown["by"], shown["criteria"]) == ("budget", ["regret"])
    for wrong in (("all",), ("cut", "--tail", 0.3), ("cut", "--scenario", "low")):
        assert run(*asked, *wrong).returncode == 2, wrong


def test_a_value_that_rises_with_the_budget_is_noticed(
    bridges: Network,
    tmp_path: Path,
) -> None:
    found = flowopt.compare(bridges, budgets="0,2,4", criterion="expected")
    first, middle, last = found.solutions
    replace(found, solutions=(last, middle, first)).write(tmp_path / "out", network=bridges)
    (check,) = [c for c in verify(tmp_path / "out").checks if c.name.startswith("budgets rise")]
    assert not check.passed


@pytest.mark.parametrize("part", ["format", "network", "objective", "options"])
def test_a_summary_that_lacks_a_part_says_which(
    bridges: Network, tmp_path: Path, part: str
) -> None:
    flowopt.compare(bridges, budgets="2", criterion="expected").write(tmp_path / "out")
    file = tmp_path / "out" / "summary.json"
    whole = json.loads(file.read_text(encoding="utf-8"))
    for changed in ({**whole, part: None}, {k: v for k, v in whole.items() if k != part}):
        overwrite(file, json.dumps(changed).encode())
        faults = [text for check in verify(tmp_path / "out").checks for text in check.faults]
        assert any(part in text for text in faults), faults
