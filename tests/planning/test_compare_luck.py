"""`compare` where measures may fail, against every plan in every outcome of its luck."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.errors import RequestError
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.network.write import write_network
from flowopt.planning.enumerate import prove_by_enumeration
from flowopt.planning.luck_solve import solve_under_luck
from flowopt.planning.plan_file import read_plan
from flowopt.planning.recheck.budget_order import AtBudget, check_order
from flowopt.planning.sweep import lucky_row
from flowopt.planning.sweep.row import RowResult
from flowopt.planning.verify import verify
from flowopt.report.page_files import make_report
from flowopt.results.luck_plans import LuckPlans
from tests.command import run
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import shipped
from tests.oracles.enumerate import feasible_plans
from tests.oracles.response import Aim
from tests.oracles.rounding import allowed, size
from tests.planning.lucky import in_scenarios, many, right
from tests.planning.tampering import edit, leave_out_proofs, other_cells, overwrite, refused, some


def compared(network: Network, budgets: str, **options: object) -> LuckPlans:
    found = flowopt.compare(network, budgets=budgets, **options)  # type: ignore[call-overload]  # drawn ones
    assert isinstance(found, LuckPlans)
    return found


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(n, marks=pytest.mark.slow) for n in (0, 3))])
def test_rows_are_those_of_brute_force(seed: int, tmp_path: Path) -> None:
    dice = Dice.seeded(f"lucky-rows-{seed}")
    network = with_chances(dice, valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 4))
    if not may_fail(network):
        return
    objective: Aim = ("flow", "profit")[seed % 2]
    whole = sum(row.cost for row in network.measures)
    budgets = [round(share * whole, 6) for share in (0.0, 0.4, 0.7, 1.0)]
    if len(set(budgets)) < len(budgets):
        return
    found = compared(network, ",".join(map(str, budgets)), objectives=objective, gap=0.0)
    room = 8.0 * allowed(objective, found.solutions[0].baseline, size(network, objective))
    for row, budget in zip(found.plans, budgets, strict=True):
        least = min(right(network, plan, objective) for plan in feasible_plans(network, budget))
        assert row.bound is not None
        assert row.bound <= least + room
        assert row.value >= least - room
        if row.status == "optimal":
            assert row.value <= least + room
    values = [row.value for row in found.plans]
    assert values == sorted(values, reverse=True)
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("compared") / "result"
    compared(shipped("two-bridges-luck"), "0:4:2").write(found)
    return found


def test_the_bridges_by_budget(folder: Path, tmp_path: Path) -> None:
    found = compared(shipped("two-bridges-luck"), "0:4:2")
    assert [(row.plan, row.measures) for row in found.plans] == [
        ("budget-0", ""),
        ("budget-2", "m_block"),
        ("budget-4", "m_north;m_south"),
    ]
    assert [row.value for row in found.plans] == pytest.approx([10.0, 8.32, 6.08])
    assert [row.marginal for row in found.plans][1:] == pytest.approx([0.84, 1.12])
    assert LuckPlans.from_json(found.to_json()) == found
    assert all(check.passed for check in prove_by_enumeration(folder))
    found.write(tmp_path / "result")
    done = run("report", tmp_path / "result")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "result" / "report.html").read_text(encoding="utf-8")
    assert "what is left in the mean over what works goes from" in page
    found.write(tmp_path / "result", force=True)


@pytest.mark.parametrize("criterion", ["cut", "cvar"])
def test_rows_by_a_criterion(criterion: str, tmp_path: Path) -> None:
    network = in_scenarios()
    found = compared(network, "2,4", criterion=criterion)
    for row, each in zip(found.plans, found.solutions, strict=True):
        means = [right(network.scenario(s.scenario), each.measures) for s in network.scenarios]
        assert row.mean_left == pytest.approx((2 * means[0] + means[1] + means[2]) / 4)
        assert row.most_left == pytest.approx(max(means))
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_a_plan_for_less_money_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    network = shipped("two-bridges-luck")
    own = lucky_row.LuckyRowRequest.solve
    asked: list[tuple[float, bool, tuple[tuple[str, ...], ...]]] = []

    def worse(self: lucky_row.LuckyRowRequest, on_progress: None) -> RowResult:
        asked.append((self.budget, self.again, self.starts))
        if self.budget < 5.0 or self.again:
            return own(self, on_progress)
        found = own(replace(self, plan_request=replace(self.plan_request, budget=2.0)), None)
        return replace(found, budget=self.budget)  # as if the search had found no better

    monkeypatch.setattr(lucky_row.LuckyRowRequest, "solve", worse)
    found = compared(network, "4,6")
    assert asked[-1] == (6.0, True, (("m_north", "m_south"),))
    assert [row.value for row in found.plans] == pytest.approx([6.08, 5.2232])


@pytest.mark.slow
def test_estimates_stay_estimates(tmp_path: Path) -> None:
    network = many()
    cost = sum(row.cost for row in network.measures)
    found = compared(network, f"{cost:g}", time_limit=20)
    (row,) = found.plans
    assert row.status == "estimated"
    assert row.low < row.value < row.high
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_budgets_without_a_plan_are_named() -> None:
    network = shipped("two-bridges-luck")
    found = compared(network, "1,3", include=["m_north"])
    assert [row.plan for row in found.plans] == ["budget-3"]
    assert found.left_out == ("no plan keeps the conditions for a budget of 1",)
    with pytest.raises(RequestError, match="for a budget of 1"):
        compared(network, "1", include=["m_north"])


STEPS = [10.0, 9.0, 8.32, 7.88, 6.08, 5.57, 5.2232, 4.9988]  # for 0 to 7 M USD


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of all budgets at which the best plan of the two bridges changes."""
    network, folder = shipped("two-bridges-luck"), tmp_path_factory.mktemp("steps") / "result"
    found = compared(network, "all")
    assert [row.value for row in found.plans] == pytest.approx(STEPS)
    assert [row.budget for row in found.plans] == [*range(8)]
    assert (found.complete, found.beyond) == (True, pytest.approx(STEPS))
    found.write(folder)
    return folder


def test_all_budgets_at_which_the_best_plan_changes(steps: Path, tmp_path: Path) -> None:
    verdict = verify(steps)
    assert verdict.passed, list(verdict.lines(only_failures=True))
    page = tmp_path / "page.html"
    make_report(steps, shipped("two-bridges-luck"), place="networks/two-bridges-luck", page=page)
    assert "all budgets at which the best plan changes" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "changes",
    [
        (("beyond",), STEPS[:-1]),
        (("beyond",), [10.5, *STEPS[1:]]),
        (("beyond",), [9.0, *STEPS[1:]]),  # then a step may be missing
        (("options", "budgets"), "0:7:1"),
    ],
)
def test_lies_about_steps_are_seen(
    changes: tuple[tuple[str, ...], object], steps: Path, tmp_path: Path
) -> None:
    shutil.copytree(steps, tmp_path / "result")
    edit(tmp_path / "result", "summary.json", changes)
    assert not verify(tmp_path / "result").passed


def test_every_plan_between_steps_is_tried(steps: Path, tmp_path: Path) -> None:
    assert all(check.passed for check in prove_by_enumeration(steps))
    shutil.copytree(steps, tmp_path / "result")
    raw = json.loads((tmp_path / "result" / "summary.json").read_text(encoding="utf-8"))
    kept = [place for place in range(len(STEPS)) if place != 3]
    raw["plans"] = [raw["plans"][place] for place in kept]
    raw["beyond"] = [raw["beyond"][place] for place in kept]
    overwrite(tmp_path / "result" / "summary.json", json.dumps(raw).encode())
    faults = [fault for c in prove_by_enumeration(tmp_path / "result") for fault in c.faults]
    assert any("after step 3 m_block;m_gate is missing" in fault for fault in faults), faults
    assert any("the bound up to step 4" in fault for fault in faults), faults


def test_steps_that_may_be_missing_are_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(*args: Any, **options: Any) -> Any:
        found = solve_under_luck(*args, **options)
        return replace(found, bound=0.5 * (found.bound or 0.0), status="limit", limit="time")

    monkeypatch.setattr("flowopt.planning.sweep.lucky_row.solve_under_luck", short)
    found = compared(shipped("two-bridges-luck"), "all")
    assert not found.complete
    assert all(bound <= 0.5 * STEPS[0] for bound in found.beyond)
    assert {row.status for row in found.plans} == {"limit"}


def test_the_best_plans_for_a_trafficker_who_counts_money() -> None:
    found = compared(shipped("two-bridges-luck"), "2,4", objectives="bilevel")
    assert [row.value for row in found.plans] == pytest.approx([8.32, 6.08])


@pytest.mark.slow
def test_workers_resume_and_the_command_line(tmp_path: Path) -> None:
    write_network(shipped("two-bridges-luck"), tmp_path / "network")
    ask = ("compare", tmp_path / "network", "--budgets", "2,4", "--workers", "2")
    done = run(*ask, "--out", tmp_path / "result")
    assert done.returncode == 0, done.stderr
    assert "in the mean over what works" in " ".join(done.stdout.split())
    kept = tmp_path / "kept"
    one = compared(shipped("two-bridges-luck"), "2,4", keep=kept)
    again = compared(shipped("two-bridges-luck"), "2,4", keep=kept, resume=True)
    assert [each.value for each in again.solutions] == [each.value for each in one.solutions]
    assert again.solutions == one.solutions
    assert run("verify", tmp_path / "result", "--enumerate").returncode == 0
    forced = run(*ask, "--out", tmp_path / "result", "--force")
    assert forced.returncode == 0, forced.stderr


@pytest.mark.parametrize("file", ["plans.csv", "scenarios.csv"])
def test_a_changed_cell_is_noticed(
    file: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    leave_out_proofs(copy, monkeypatch)
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    cells = [(i, j) for i, row in enumerate(lines) for j in range(len(row.split(",")))]
    for i, j in some(cells, 12):
        row = lines[i].split(",")
        row[j] = other_cells(row[j])[0]
        changed = [*lines[:i], ",".join(row), *lines[i + 1 :]]
        overwrite(copy / file, ("\n".join(changed) + "\n").encode())
        assert refused(copy), (i, j)


def test_a_changed_summary_is_noticed(folder: Path, tmp_path: Path) -> None:
    for path, other in (
        (("plans",), ["budget-0", "budget-2"]),
        (("criterion",), "worst"),
        (("objective",), "profit"),
        (("by",), "criterion"),
        (("options", "gap"), 0.5),
        (("options",), [1]),
        (("options",), None),
    ):
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        shutil.copytree(folder, tmp_path / "copy")
        edit(tmp_path / "copy", "summary.json", (path, other))
        assert refused(tmp_path / "copy"), path


def test_a_beaten_plan_is_noticed(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "budget-4")
    worse = flowopt.solve("networks/two-bridges-luck", budget=4, exclude=["m_south", "m_block"])
    worse.write(tmp_path / "copy" / "budget-4")
    failed = [check.name for check in verify(tmp_path / "copy").checks if not check.passed]
    assert any("beaten" in name for name in failed), failed


def test_estimates_may_cross_as_far_as_their_intervals_reach() -> None:
    low, high = (
        AtBudget("low", 1.0, 5.0, 3.0, 10.0, 0.2),
        AtBudget("high", 2.0, 5.4, 3.0, 10.0, 0.3),
    )
    assert check_order([low, high]).passed
    assert not check_order([low, replace(high, value=5.6)]).passed
    assert not check_order([low, replace(high, bound=3.1)]).passed


def test_the_plan_of_a_budget_is_read_from_the_folder(folder: Path) -> None:
    network = shipped("two-bridges-luck")
    assert read_plan(folder, network, budget=4) == ("m_north", "m_south")
    assert read_plan(folder / "budget-2", network) == ("m_block",)
    with pytest.raises(RequestError, match="give --budget: its budgets are 0, 2, 4"):
        read_plan(folder, network)
    with pytest.raises(RequestError, match="no row for 3"):
        read_plan(folder, network, budget=3)


def test_regrets_of_budgets_are_each_beside_their_own_best_plans(tmp_path: Path) -> None:
    found = compared(in_scenarios(), "2,4", criterion="regret", gap=0.0)
    assert [each.status for each in found.solutions] == ["optimal", "optimal"]
    # For 2 the roadblock is best in all of them; for 4 both bridges, but in "low" both blocks.
    assert found.solutions[0].value == pytest.approx(0.0, abs=1e-6)
    alone = flowopt.solve(in_scenarios(), budget=4, criterion="regret", gap=0.0)
    assert found.solutions[1].value == pytest.approx(alone.value, abs=1e-6)
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result")
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_the_gap_of_a_regret_is_a_share_of_the_most_that_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the time is over before the proof: not of the regret of doing nothing, which is 3 t."""

    def short(*given: Any, **options: Any) -> Any:
        found: Any = solve_under_luck(*given, **options)
        return replace(found, status="limit", limit="time", bound=found.value - 0.5)

    monkeypatch.setattr(lucky_row, "solve_under_luck", short)
    found = compared(in_scenarios(), "2", criterion="regret")
    (row,) = found.plans
    assert (row.baseline, row.gap) == (pytest.approx(3.0), pytest.approx(0.5 / 10.0))
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result")
    assert verdict.passed, list(verdict.lines(only_failures=True))
