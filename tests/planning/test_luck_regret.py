"""Regret where measures may fail: against brute force, by estimates, in little time, verified."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

import flowopt
from flowopt.model.incumbent import Plan
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning import luck_own_bests
from flowopt.planning.enumerate import prove_by_enumeration
from flowopt.planning.luck_own_bests import LuckOwnBests
from flowopt.planning.recheck.luck_own_checks import check_own_bests
from flowopt.planning.recheck.luck_reader import read_luck_certificate
from flowopt.planning.scenario_run import FoundForAll
from flowopt.report.page_files import make_report
from flowopt.results.luck_solution import LuckSolution
from tests.drawn.luck import many_coins
from tests.hunt.luck_regret import drawn, faults_of, main
from tests.hunt.networks import Quarry
from tests.planning.lucky import in_scenarios


def least_regret(network: Network, budget: float, **options: object) -> LuckSolution:
    found = flowopt.solve(network, budget=budget, criterion="regret", threads=1, **options)  # type: ignore[call-overload]  # drawn ones
    assert isinstance(found, LuckSolution)
    return found


def by_hand(network: Network, *measures: str, budget: float | None = None) -> LuckSolution:
    found: object = flowopt.evaluate(network, measures, criterion="regret", budget=budget)
    assert isinstance(found, LuckSolution)
    return found


def in_worlds(network: Network) -> Network:
    """Return a network in two scenarios: as it stands, and with half of the effects."""
    return network.replace(
        scenarios=[schema.Scenario(scenario=name, name=name) for name in ("now", "weak")],
        changes=[schema.Change(scenario="weak", on="effect", target="*", column="cut", factor=0.5)],
    )


DISPUTED = (7, 25)  # of these, scenarios want different plans; of 28, too


@pytest.mark.parametrize("number", [0, *DISPUTED, pytest.param(28, marks=pytest.mark.slow)])
def test_regrets_are_those_of_brute_force(number: int) -> None:
    assert faults_of(Quarry("plain", 3, number), "flow", "pessimistic") == []


def test_beside_an_estimate_of_a_best_plan_no_bound_above_nothing_is_claimed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network, _ = drawn(Quarry("plain", 3, 7))
    sure = least_regret(network, 5.0)
    assert sure.bound == pytest.approx(1.805, rel=1e-3)
    monkeypatch.setattr(LuckOwnBests, "counted", False)
    assert least_regret(network, 5.0).bound == 0.0


def test_a_plan_that_is_not_the_best_of_a_scenario_is_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def proud(self: LuckOwnBests, means: object) -> bool:  # noqa: ARG001  # as the one it replaces
        return False

    monkeypatch.setattr(LuckOwnBests, "take", proud)
    monkeypatch.setattr(LuckOwnBests, "_take", proud_of_one)
    monkeypatch.setattr(LuckOwnBests, "take_played", proud)
    monkeypatch.setattr(luck_own_bests._OwnRun, "best", first_hint)
    assert main(["--networks", "2"]) == 1
    assert "own best" in capsys.readouterr().out


def proud_of_one(self: LuckOwnBests, place: int, means: object) -> bool:  # noqa: ARG001  # as above
    return False


def first_hint(run: luck_own_bests._OwnRun, hints: Sequence[Plan]) -> FoundForAll:  # noqa: ARG001  # as above
    """Return nothing for the best plan."""
    return FoundForAll(frozenset(), run.mean(frozenset()), 0.0, "limit")


def test_a_better_plan_that_is_met_on_the_way_is_the_best_of_its_scenario(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(luck_own_bests._OwnRun, "best", first_hint)
    found = least_regret(in_scenarios(), 4.0)
    assert found.measures == ("m_north", "m_south")
    assert [row.regret for row in found.scenarios] == pytest.approx([0.0, 0.0, 0.0])
    assert [row.own_best for row in found.scenarios] == pytest.approx([6.08, 3.53, 2.0])
    assert found.regret_high is not None
    assert found.regret_high > found.value  # nothing is known of what may be better


def test_the_regret_of_a_plan_by_hand_is_beside_the_best_for_its_money() -> None:
    cheap, rich = by_hand(in_scenarios(), "m_block"), by_hand(in_scenarios(), "m_block", budget=4)
    assert (cheap.value, cheap.bound, cheap.regret_high) == (0.0, None, 0.0)
    assert rich.value == pytest.approx(5.0)
    assert [row.regret for row in rich.scenarios] == pytest.approx([1.82, 1.47, 5.0])
    assert rich.baseline == pytest.approx(8.0)
    assert rich.summary()["regret_high"] == rich.regret_high


@pytest.mark.slow
def test_beside_estimates_no_bound_above_nothing_is_certain(tmp_path: Path) -> None:
    found = least_regret(in_worlds(many_coins(14)), 13.0, time_limit=4.0)
    own = [each.draws for each in found.own.values()]
    assert (found.status, found.luck.how) == ("estimated", "sampled")
    assert None not in own
    assert found.bound is not None
    assert found.bound <= 0.0 <= found.value
    assert found.regret_high is not None
    assert found.regret_high >= found.high
    verified(found, tmp_path)


@pytest.mark.parametrize(("seconds", "coins"), [(0.3, 10), (1e-3, 14)])
def test_no_time_costs_no_plan(seconds: float, coins: int, tmp_path: Path) -> None:
    found = least_regret(in_worlds(many_coins(coins)), 0.5 * coins, time_limit=seconds)
    assert found.bound is not None
    assert found.bound <= found.value
    verified(found, tmp_path)


def verified(found: LuckSolution, folder: Path) -> None:
    found.write(folder / "result")
    verdict = flowopt.verify(folder / "result")
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_every_plan_is_tried_beside_it(tmp_path: Path) -> None:
    found = least_regret(in_scenarios(), 2.0)
    verified(found, tmp_path)
    (check,) = prove_by_enumeration(tmp_path / "result")
    assert check.passed, check
    names = [each.name for each in flowopt.verify(tmp_path / "result").checks]
    assert sum("the best plan for it keeps the conditions" in name for name in names) == 3


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a plan by hand beside the best ones for its money."""
    folder = tmp_path_factory.mktemp("regret") / "result"
    by_hand(in_scenarios(), "m_block", budget=4).write(folder)
    return folder


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "result"))


def checked(folder: Path) -> list[bool]:
    """Return which checks of the best plans of scenarios a result passes."""
    certificate, network = read_luck_certificate(folder / "certificate.json"), in_scenarios()
    worlds = {row.scenario: network.scenario(row.scenario) for row in network.scenarios}
    return [each.passed for each in check_own_bests(network, worlds, certificate)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("value", 6.5),
        ("bound", 6.5),
        ("half_width", 0.5),
        ("draws", 0),
        ("measures", ["m_block"]),
        ("measures", ["m_north", "m_south", "m_block"]),
        ("measures", ["m_nothing"]),
    ],
)
def test_an_edited_best_plan_of_a_scenario_is_found(copy: Path, key: str, value: object) -> None:
    file = copy / "certificate.json"
    certificate = json.loads(file.read_text())
    assert all(checked(copy))
    certificate["scenarios"][0]["own"][key] = value
    file.write_text(json.dumps(certificate))
    assert not all(checked(copy))
    assert not flowopt.verify(copy).passed


def test_regrets_whose_trafficker_counts_money() -> None:
    found = least_regret(in_scenarios(), 4, objective="bilevel", gap=0.0)
    money = least_regret(in_scenarios(), 4, gap=0.0)
    assert (found.measures, found.status) == (money.measures, "optimal")
    assert found.value == pytest.approx(money.value)
    assert found.bound == pytest.approx(found.value)


@pytest.mark.slow
def test_regrets_of_bilevel_are_those_of_brute_force() -> None:
    assert faults_of(Quarry("plain", 9, 1), "bilevel", "pessimistic") == []


@pytest.mark.parametrize("key", ["value", "bound"])
def test_every_plan_finds_an_edited_best_one(copy: Path, key: str) -> None:
    file = copy / "certificate.json"
    certificate = json.loads(file.read_text())
    certificate["scenarios"][0]["own"][key] += 0.4
    file.write_text(json.dumps(certificate))
    (check,) = prove_by_enumeration(copy)
    assert any("in now" in fault for fault in check.faults), check


def test_a_regret_without_a_best_plan_is_found(copy: Path) -> None:
    file = copy / "certificate.json"
    certificate = json.loads(file.read_text())
    del certificate["scenarios"][0]["own"]
    file.write_text(json.dumps(certificate))
    assert not all(checked(copy))
    assert not flowopt.verify(copy).passed


def test_the_page_says_how_far_it_is_from_the_best_plan(copy: Path) -> None:
    file = copy / "report.html"
    make_report(copy, in_scenarios(), place="networks/n", page=file)
    page = " ".join(file.read_text("utf-8").split())
    assert "than the best plan for the scenario that holds" in page
    assert "the best plan known for this scenario alone 6.08, 1.82 less" in page
