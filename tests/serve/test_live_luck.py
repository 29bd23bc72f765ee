"""The live page where measures may fail: means over what works, as far as the browser."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.errors import RequestError
from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.network.write import write_network
from flowopt.serve import live_luck
from flowopt.serve.known_frontier import KnownFrontier
from flowopt.serve.live_answer import answer_to
from flowopt.serve.live_network import LiveNetwork
from flowopt.serve.live_page import live_page
from flowopt.serve.live_requests import Question
from flowopt.serve.live_view import LiveView
from tests.command import run
from tests.networks import SHIPPED, shipped
from tests.planning.lucky import in_scenarios, many, of_luck, right
from tests.planning.test_compare_luck import compared
from tests.serve.live_client import QUESTION, Served, serving
from tests.serve.test_live_page import opened
from tests.serve.test_live_server import ended

PLAN = {"question": QUESTION, "measures": ["m_north", "m_south"]}


def lucky(name: str) -> Network:
    """Return a shipped network whose measures work in six of ten years, some effects in half."""
    network = shipped(name)
    effects = [
        replace(row, success=0.5) if i % 3 == 0 else row for i, row in enumerate(network.effects)
    ]
    measures = [replace(row, success=0.6) for row in network.measures]
    return network.replace(measures=measures, effects=effects)


@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
def test_ticks_have_the_means_of_brute_force(objective: Any) -> None:
    """In any order, back and forth: what was asked before makes no difference."""
    network = lucky("two-bridges")
    view = LiveView(network, objective)
    chance, plan = random.Random(objective), set[str]()
    ids = [row.measure for row in network.measures]
    for _ in range(5):
        plan ^= {chance.choice(ids)}
        tried = view.tried(view.plan(plan))
        in_order = tuple(name for name in ids if name in plan)
        assert tried.value == pytest.approx(right(network, in_order, objective), abs=1e-6)
        assert tried.luck is not None
        assert (tried.luck.half_width, tried.luck.draws) == (0.0, None)
        if plan:
            own = of_luck(network, [*plan], objective=objective)
            (row,) = own.scenarios
            assert tried.luck.left_p05 == pytest.approx(row.left_p05, abs=1e-6)
            assert tried.luck.left_p95 == pytest.approx(row.left_p95, abs=1e-6)
            assert tried.luck.all_works == pytest.approx(row.all_works)
            assert tried.luck.all_works_value == pytest.approx(row.all_works_value, abs=1e-6)
            assert view.response(view.plan(plan)).value == pytest.approx(row.all_works_value)


def test_the_promise_is_a_mean_too() -> None:
    network = shipped("two-bridges-luck").replace(
        effects=[replace(row, success=1.0) for row in shipped("two-bridges-luck").effects]
    )
    plan, sure = ["m_north", "m_block"], as_if_sure(network)
    view = LiveView(network, "flow")
    promised = sum(
        p * flowopt.evaluate(sure, works, alone=True).comparison[0].promised
        for works, p in ((plan, 0.49), (plan[:1], 0.21), (plan[1:], 0.21), ([], 0.09))
    )
    assert view.tried(view.plan(plan)).promised == pytest.approx(promised)


def test_what_comes_next_is_that_of_evaluate() -> None:
    network = shipped("two-bridges-luck")
    view = LiveView(network, "flow")
    own = of_luck(network, ["m_north"]).next
    found = view.following(view.plan(["m_north"])).rows
    assert [(row.measure, row.adds) for row in found] == [
        (row.measure, pytest.approx(row.adds)) for row in own
    ]


def test_many_chances_are_drawn_and_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_luck, "_KEPT", 10)  # what was valued is thrown away in between
    network = many()
    view = LiveView(network, "flow")
    ids = [row.measure for row in network.measures]
    counted = view.tried(view.plan(ids[: live_luck.FEW]))
    assert counted.value == pytest.approx(20.0 * 0.95**8)
    drawn = view.tried(view.plan(ids))
    assert drawn.luck is not None
    assert drawn.luck.draws == live_luck.DRAWN
    assert abs(drawn.value - 20.0 * 0.95**14) < 2.5 * drawn.luck.half_width
    assert "estimated by 100 draws (±" in answer_to(view, drawn, None)["answer"]
    assert view.tried(view.plan(ids)).value == drawn.value


def test_a_scenario_may_bring_the_chances(tmp_path: Path) -> None:
    write_network(in_scenarios(), tmp_path / "network")
    live = LiveNetwork(tmp_path / "network")
    plan = ["m_block"]
    for scenario in ("", "low", "skilled"):
        view = live.view(Question(scenario=scenario))
        network = live.network_of(Question(scenario=scenario))
        found = view.tried(view.plan(plan))
        assert found.value == pytest.approx(right(network, ("m_block",)))
        assert (found.luck is None) == (scenario == "skilled")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="module")
def served(out: Path) -> Iterator[Served]:
    with serving("networks/two-bridges-luck", "--out", out) as found:
        yield found


@pytest.mark.slow
def test_the_server_answers_saves_and_searches(served: Served, out: Path) -> None:
    found = served.ask("tick", PLAN)
    assert found["value"] == pytest.approx(6.08)
    assert "mean over what works: 6.08 t left, 5 to 95 of 100: 2.00 to 10.00" in found["answer"]
    pinned = served.ask("tick", {**PLAN, "pinned": ["m_block"]})
    assert pinned["value"] == found["value"]
    assert served.ask("parts", PLAN)["where"]
    rows = served.ask("next", PLAN)["rows"]
    assert [row["id"] for row in rows] == ["m_block", "m_gate"]
    folder = served.ask("save", {**PLAN, "budget": 4})["folder"]
    assert Path(folder).parent == out
    assert run("verify", folder).returncode == 0
    assert "in the mean over what works" in served.ask("report", PLAN)
    served.ask("best/start", {"question": QUESTION, "budget": 4})
    best = ended(served)
    assert (best["measures"], best["value"]) == (["m_north", "m_south"], pytest.approx(6.08))
    served.ask("best/start", {"question": {**QUESTION, "objective": "bilevel"}, "budget": 4})
    assert ended(served)["value"] == pytest.approx(6.08)


def test_in_a_browser(browser: Any, served: Served) -> None:
    with opened(browser, served) as live:
        live.settled(1)
        assert "works in 70 of 100 years" in live.text("#shelf")
        live.page.check("#box-m_north")
        live.settled(2)
        live.page.check("#box-m_south")
        live.settled(3)
        assert "all of it works in 49 of 100 years" in live.text("#answer")
        live.page.locator("#next-section").scroll_into_view_if_needed()
        live.page.click("#next button >> nth=0")
        live.settled(4)
        assert live.page.is_checked("#box-m_block")
    assert live.is_quiet()


def test_a_frontier_in_the_mean_is_shown(tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    compared(network, "2,4").write(tmp_path / "out")
    known = KnownFrontier(tmp_path / "out", network)
    points = known.points(network, "flow")
    assert [(each["spent"], each["proved"]) for each in points] == [(2.0, True), (4.0, True)]
    assert [each["value"] for each in points] == pytest.approx([8.32, 6.08])
    assert known.points(network, "profit") == []
    live = LiveNetwork(SHIPPED / "two-bridges-luck")
    text, _ = live_page(live, Question(), saves=False, frontier=known)
    assert "The frontier is that of" in text
    compared(network, "4", include=["m_gate"]).write(tmp_path / "other")
    with pytest.raises(RequestError, match="--include"):
        KnownFrontier(tmp_path / "other", network)
