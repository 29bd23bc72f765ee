"""The cheapest plan whose mean over what works reaches a target: by hand, estimated, in results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.model.incumbent import Plan
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.network.write import write_network
from flowopt.planning import luck_bilevel_target, luck_search, luck_target
from flowopt.planning.cost_steps import step_of
from flowopt.planning.luck_rungs import climb
from flowopt.planning.luck_target import LuckTargetRun
from flowopt.planning.verify import verify
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.solution import Solution
from tests.command import run
from tests.drawn.luck import many_coins
from tests.networks import SHIPPED
from tests.planning.lucky import in_scenarios
from tests.planning.tampering import edit


def bridges() -> Network:
    return read_network(SHIPPED / "two-bridges-luck")


def cheapest(network: Network, target: float, **options: object) -> LuckSolution:
    found = flowopt.solve(network, target=target, threads=1, **options)  # type: ignore[call-overload]  # drawn ones
    assert isinstance(found, LuckSolution)
    return found


@pytest.mark.parametrize(
    ("target", "plan", "spent"),
    [
        (10.0, (), 0.0),
        (8.0, ("m_block", "m_gate"), 3.0),  # both bridges leave 6.08 for 4
        (6.08, ("m_north", "m_south"), 4.0),
    ],
)
def test_two_bridges_by_hand(target: float, plan: tuple[str, ...], spent: float) -> None:
    found = cheapest(bridges(), target, gap=0.0)
    assert (found.measures, found.spent, found.cost_bound) == (plan, spent, spent)
    assert (found.status, found.bound, found.cost_gap) == ("optimal", None, 0.0)
    assert found.value <= target + 1e-6


@pytest.mark.parametrize(("target", "spent"), [(10.0, 0.0), (8.0, 3.0), (6.08, 4.0)])
def test_two_bridges_whose_trafficker_counts_money(
    target: float, spent: float, tmp_path: Path
) -> None:
    found = cheapest(bridges(), target, gap=0.0, objective="bilevel")
    assert (found.spent, found.cost_bound, found.status) == (spent, spent, "optimal")
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result")
    assert verdict.passed, list(verdict.lines(only_failures=True))
    none = flowopt.solve(bridges(), target=4.9, objective="bilevel")  # all leave 4.9988
    assert none.status == "infeasible"


def test_costs_of_sets_that_act_bound_those_of_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(luck_bilevel_target, "few_plans", lambda _: None)
    found = cheapest(bridges(), 8.0, objective="bilevel")
    assert found.value <= 8.0
    assert found.cost_bound == 2.0  # the roadblock leaves 7 where it works, and 8.32 in the mean
    assert found.status == "limit"


def test_what_no_plan_reaches_in_the_mean_is_said_with_the_reason(tmp_path: Path) -> None:
    found = flowopt.solve(bridges(), target=3.0)  # all at work leave 2
    assert isinstance(found, Solution)
    assert found.status == "infeasible"
    assert "--target 3. All 4 measures together bring" in found.reasons[0]
    assert "in the mean over what works, to 4.9988." in found.reasons[0]
    found.write(tmp_path / "result")
    assert verify(tmp_path / "result").passed
    short = flowopt.solve(bridges(), target=6.0, budget=4.0)
    assert isinstance(short, Solution)
    assert "--target 6 and --budget 4" in short.reasons[0]
    assert "in the mean over what works, to 6.08." in short.reasons[0]


def test_a_criterion_of_means_reaches_a_target() -> None:
    found = cheapest(in_scenarios(), 7.0, criterion="worst", gap=0.0)
    assert found.status == "optimal"
    assert max(row.value for row in found.scenarios) <= 7.0
    sure = cheapest(in_scenarios(), 1.0, criterion="cut", gap=0.0)
    assert min(row.cut for row in sure.scenarios) >= 1.0 - 1e-6
    near = cheapest(in_scenarios(), 2.0, criterion="regret", gap=0.0, budget=4.0)
    assert max(row.regret or 0.0 for row in near.scenarios) <= 2.0 + 1e-6


@pytest.mark.slow
def test_of_an_estimated_plan_the_interval_is_said(tmp_path: Path) -> None:
    # Fourteen leave 20 * 0.95 ** 14 = 9.75 in the mean, thirteen 10.27: more than can be counted.
    write_network(many_coins(14), tmp_path / "network")
    ask = ("--target", "10", "--time-limit", "3", "--out", tmp_path / "result")
    done = run("solve", tmp_path / "network", *ask)
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    assert "10 t a year or below in the mean over what works takes 14 measures" in words
    assert "That is an estimate" in words
    assert "reaches the target" in words or "reaches it is not certain" in words
    summary = json.loads((tmp_path / "result" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["status"], summary["spent"], summary["bound"]) == ("estimated", 14.0, None)
    assert summary["cost_bound"] <= 14.0
    assert verify(tmp_path / "result").passed


@pytest.mark.slow
def test_no_plan_is_said_to_be_missing_where_luck_is_only_drawn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Whether all fourteen leave 9.6 is not known for certain; draws say no.
    monkeypatch.setattr(luck_search, "_NODES", 3)
    found = flowopt.solve(many_coins(14), target=9.6)
    assert found.status in ("no_solution", "infeasible")
    if found.status == "infeasible":  # then cuts have proved it
        assert 20.0 * 0.95**14 > 9.6
    assert isinstance(found, Solution)
    found.write(tmp_path / "result")
    assert verify(tmp_path / "result").passed


def test_results_are_written_verified_and_shown(tmp_path: Path) -> None:
    result = tmp_path / "result"
    cheapest(bridges(), 8.0).write(result)
    assert verify(result).passed
    done = run("report", result)
    assert done.returncode == 0, done.stderr
    page = next(result.glob("*.html")).read_text(encoding="utf-8")
    assert "or below in the mean over what works takes 2 measures for 3.00" in page
    assert "Proved: no plan that does it costs less than 3.00" in page
    for place, other in ((("target",), 7.0), (("claim", "cost_bound"), 3.5)):
        edit(result, "certificate.json", (place, other))
        assert not verify(result).passed
        edit(result, "certificate.json", (place, 8.0 if place == ("target",) else 3.0))
    assert verify(result).passed
    for file in ("certificate.json", "summary.json"):  # the plan leaves 7.88
        edit(result, file, (("target",), 7.0), (("options", "target"), 7.0))
    faults = [fault for check in verify(result).checks for fault in check.faults]
    assert len(faults) == 1
    assert "what is missing to the target" in faults[0]


@pytest.mark.parametrize(("target", "spent"), [(8.0, 3.0), (6.08, 4.0), (5.6, 5.0)])
def test_the_tree_alone_finds_the_cheapest_plan(
    target: float, spent: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in ("_when_all_works", "_look_for_cheap_plans", "_take_first_enough", "_trim"):
        monkeypatch.setattr(LuckTargetRun, step, lambda *_: None)
    found = cheapest(bridges(), target, gap=0.0)
    assert (found.spent, found.cost_bound, found.status) == (spent, spent, "optimal")


@pytest.mark.parametrize(("target", "spent"), [(8.0, 3.0), (6.08, 4.0), (5.6, 5.0)])
def test_budgets_that_reach_no_target_bound_the_cost(
    target: float, spent: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(luck_target, "_FIRST_NODES", 1)
    for step in ("_when_all_works", "_take_first_enough", "_trim"):
        monkeypatch.setattr(LuckTargetRun, step, lambda *_: None)

    def dear(run: LuckTargetRun, _: object) -> None:
        run.offer(run._fullest())

    monkeypatch.setattr(LuckTargetRun, "_look_for_cheap_plans", dear)
    proved = []

    def climbing(run: LuckTargetRun, *rest: Any) -> None:
        climb(run, *rest)
        proved.append(run.cost_bound)

    monkeypatch.setattr(luck_target, "climb", climbing)
    found = cheapest(bridges(), target, gap=0.0)
    assert (found.spent, found.cost_bound, found.status) == (spent, spent, "optimal")
    assert 0.0 < proved[0] <= spent  # budgets below were looked at, and none said too much


def test_nodes_end_a_proof_with_an_honest_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(luck_search, "_NODES", 1)
    monkeypatch.setattr(LuckTargetRun, "_when_all_works", lambda *_: None)
    found = cheapest(bridges(), 6.08, gap=0.0)
    assert found.spent >= 4.0
    assert (found.cost_bound or 0.0) <= 4.0


def test_nothing_is_trimmed_after_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Plan] = []
    offer, trim = LuckTargetRun.offer, LuckTargetRun._trim

    def trimming(run: LuckTargetRun) -> None:
        def tries(plan: Plan) -> float:
            tried.append(plan)
            return offer(run, plan)

        monkeypatch.setattr(run, "offer", tries)
        trim(run)

    monkeypatch.setattr(LuckTargetRun, "_trim", trimming)
    monkeypatch.setattr(LuckTargetRun, "ended", lambda _: bool(tried))
    found = cheapest(bridges(), 5.0)  # which needs all four: each of them is dropped in turn
    assert len(found.measures) == 4
    assert len(tried) == 1


def test_no_time_is_said_in_words() -> None:
    try:
        found = flowopt.solve(many_coins(14), target=12.0, time_limit=1e-3)
    except flowopt.OutOfTime:
        return
    assert found.status in ("estimated", "no_solution", "limit")


def test_costs_are_multiples_of_a_step() -> None:
    assert step_of([0.5, 2.0, 1.25, 0.0]) == 0.25
    assert step_of([]) == 0.0
    assert step_of([1.0 / 3.0, 0.1]) == 0.0
