"""Answers to plans that are tried by hand, against the verbs of the library."""

from __future__ import annotations

import gc
import random
import shutil
import tracemalloc
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

import flowopt
from flowopt.errors import RequestError
from flowopt.objectives import OBJECTIVES
from flowopt.serve import live_network, live_view
from flowopt.serve.live_answer import SideBySide, answer_to
from flowopt.serve.live_network import LiveNetwork
from flowopt.serve.live_requests import (
    BestRequested,
    NoRequest,
    PlanRequested,
    Question,
    read_request,
)
from flowopt.serve.live_view import LiveView
from tests.networks import SHIPPED, shipped

NAMES = ("tiny", "two-bridges", "tiny-years", "shared-crew", "leaky-river")
LARGE = ("peru-2014", "madre-de-dios-gold")  # Peru's worlds and years have its measures and arcs


@pytest.mark.parametrize(
    "name",
    [*NAMES, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)],
)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_ticks_have_the_values_of_respond(name: str, objective: str) -> None:
    """In any order, back and forth: what was asked before makes no difference."""
    network = shipped(name)
    if network.periods:
        network = network.period(network.periods[0].period)
    view = LiveView(network, objective)  # type: ignore[arg-type]  # a literal
    chance, plan = random.Random(name), set[str]()
    ids = [row.measure for row in network.measures]
    for _ in range(12):
        plan ^= {chance.choice(ids)}
        tried = view.tried(view.plan(plan))
        own = flowopt.respond(network, plan, objective=objective)  # type: ignore[arg-type]  # a literal
        assert tried.value == pytest.approx(own.value, rel=1e-9, abs=1e-9)
        settled = view.response(view.plan(plan))
        assert settled.value == pytest.approx(own.value, rel=1e-9, abs=1e-9)
        assert settled.delivered == pytest.approx(own.delivered, rel=1e-6, abs=1e-6)
        answer = answer_to(view, tried, None)
        assert answer["value"] == tried.value
        assert answer["measures"] == list(own.measures)


def test_the_promise_is_that_of_evaluate() -> None:
    network = shipped("tiny")
    view = LiveView(network, "flow")
    for plan in (["m_strip"], ["m_strip", "m_uproot"]):
        tried = view.tried(view.plan(plan))
        own = flowopt.evaluate(network, plan, alone=True)
        assert tried.promised == pytest.approx(own.comparison[0].promised)
        assert tried.spent == own.spent


def test_rules_that_a_plan_breaks_are_named() -> None:
    network = shipped("tiny")
    bound = [row for row in network.rules if row.relation == "requires"]
    view = LiveView(network, "flow")
    for rule in bound:
        tried = view.tried(view.plan([rule.measure]))
        assert any(rule.other in text for text in tried.broken)


def test_what_comes_next_adds_what_it_says() -> None:
    network = shipped("tiny")
    view = LiveView(network, "flow")
    plan = view.plan(["m_strip"])
    base = view.tried(plan).value
    found = view.following(plan)
    assert found.rows
    for row in found.rows:
        with_it = [*view.ids(plan), row.measure]
        needed = {rule.other for rule in network.rules
                  if rule.relation == "requires" and rule.measure == row.measure}  # fmt: skip
        value = flowopt.respond(network, {*with_it, *needed}).value
        assert base - value == pytest.approx(row.adds, abs=1e-6)


def test_what_comes_next_is_looked_for_until_the_list_is_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = shipped("tiny")
    lucky = network.replace(measures=[replace(row, success=0.5) for row in network.measures])
    for seen in (network, lucky):
        whole = LiveView(seen, "flow")
        plan = whole.plan(["m_strip"])
        with monkeypatch.context() as patch:
            patch.setattr(live_view, "_TURN", 1e-6)
            view = LiveView(seen, "flow")
            first = found = view.following(plan)
            for _ in range(50):
                found = view.following(plan) if found.looking else found
            patch.setattr(live_view, "_LONGEST", 0.0)
            given_up = view.following(plan)
        assert (first.rows, first.looking) == ((), True)
        assert (found.rows, found.warnings) == (whole.following(plan).rows, ())
        assert (given_up.looking, len(given_up.warnings)) == (False, 1)


def test_the_map_and_the_tables_are_set_beside_the_plan_that_is_kept() -> None:
    network = shipped("tiny")
    view = LiveView(network, "flow")
    kept, now = (view.plan(plan) for plan in (["m_strip"], ["m_uproot"]))
    answer = answer_to(view, view.tried(now), view.tried(kept))
    assert answer["map"]["states"] == ["the plan kept", "under the plan"]
    assert answer["cut"] == pytest.approx(view.baseline.value - view.response(now).value)
    side = SideBySide.of(view, now, kept)
    assert side.map()["states"] == answer["map"]["states"]
    assert "after" in side.parts()["where"]
    boxes = side.diagram_section().figures["sankey"]["flows"][0]["boxes"]
    markets = [box["t"] for box in boxes if box["stage"] == 3]
    assert sum(t[0] for t in markets) == pytest.approx(view.response(kept).delivered, abs=0.01)
    assert sum(t[1] for t in markets) == pytest.approx(view.response(now).delivered, abs=0.01)


@pytest.mark.parametrize(
    ("name", "objective"),
    [*((name, objective) for name in ("tiny", "two-bridges") for objective in OBJECTIVES),
     *(pytest.param("peru-2014", each, marks=pytest.mark.slow) for each in ("flow", "profit"))],
)  # fmt: skip
def test_the_flow_shown_is_that_of_evaluate_whatever_was_tried_before(
    name: str, objective: str
) -> None:
    """Two screens of one program must not disagree where several flows are as good."""
    network = shipped(name)
    view = LiveView(network, objective)  # type: ignore[arg-type]  # a literal
    chance, plan = random.Random(name), set[str]()
    ids = [row.measure for row in network.measures]
    for _ in range(4):
        plan ^= {chance.choice(ids)}
        view.tried(view.plan(plan))
        own = flowopt.evaluate(network, plan, objective=objective, alone=True)  # type: ignore[call-overload]  # a literal
        assert view.response(view.plan(plan)).flows == own.after.flows


def test_few_answers_are_kept() -> None:
    view = LiveView(shipped("tiny"), "flow")
    ids = [row.measure for row in shipped("tiny").measures]
    for count in range(4):
        for plan in combinations(ids, count):
            view.tried(view.plan(plan))
    assert len(view._tried) <= 16


@pytest.mark.slow
def test_memory_does_not_grow_with_ticks() -> None:
    view = LiveView(shipped("tiny"), "flow")
    chance, ids = random.Random(1), [row.measure for row in shipped("tiny").measures]
    plan = set[str]()

    def tick(count: int) -> int:
        for _ in range(count):
            plan.symmetric_difference_update({chance.choice(ids)})
            at = view.plan(plan)
            answer_to(view, view.tried(at), None)
            view.response(at)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = tick(40)
        assert tick(80) - before < 50_000  # it is 100,000 where every response is kept
    finally:
        tracemalloc.stop()


def test_unknown_measures_are_all_named() -> None:
    with pytest.raises(RequestError, match=r"'no_such'(.|\n)*'nor_this'"):
        LiveView(shipped("tiny"), "flow").plan(["no_such", "nor_this"])


# -- the network ----------------------------------------------------------------------------------


def test_questions_are_prepared_once_and_few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_network, "_KEPT", 2)
    live = LiveNetwork(SHIPPED / "tiny")
    first = live.view(Question())
    assert live.view(Question()) is first
    for objective in ("profit", "bilevel"):
        live.view(Question(objective=objective))
    assert live.view(Question()) is not first


def test_scenario_and_period_are_those_of_the_library() -> None:
    live = LiveNetwork(SHIPPED / "peru-2014")
    question = Question(scenario="high")
    assert live.network_of(question).sha256 == shipped("peru-2014").scenario("high").sha256
    years = LiveNetwork(SHIPPED / "tiny-years")
    period = years.network.periods[-1].period
    own = shipped("tiny-years").period(period)
    assert years.network_of(Question(period=period)).sha256 == own.sha256
    with pytest.raises(RequestError, match="choose one of them"):
        years.network_of(Question())


def test_changed_files_are_noticed_and_read_again(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED / "tiny", tmp_path / "mine"))
    live = LiveNetwork(folder)
    before = live.view(Question())
    assert seen(live) is False
    table = folder / "demands.csv"
    table.write_text(table.read_text().replace(",4,", ",3,", 1))
    assert seen(live) is True
    live.reread()
    assert live.view(Question()) is not before
    assert seen(live) is False
    table.write_text("nonsense\n")
    with pytest.raises(flowopt.InputError):
        live.reread()
    assert seen(live) is True
    assert live.view(Question()).baseline.value > 0.0


def seen(live: LiveNetwork) -> bool:
    """Whether a change of the files was seen; it may differ from one look to the next."""
    return live.changed


# -- messages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "Invalid JSON"),
        ("[]", "Input should be an object"),
        ('{"question": {}}', "measures: Field required"),
        ('{"question": {}, "measures": "m"}', "measures: "),
        ('{"question": {}, "measures": [1]}', "measures.0: "),
        ('{"question": {"objective": "x"}, "measures": []}', "question.objective: "),
        ('{"question": {}, "measures": [], "more": 1}', "more: "),
        ('{"question": {}, "measures": ["' + "m" * 2000 + '"]}', "at most 1000 characters"),
        ("[" * 100_000, "Invalid JSON"),
    ],
)
def test_messages_say_what_is_wrong_with_them(body: str, said: str) -> None:
    with pytest.raises(RequestError, match="the page asked for what the server does not know") as e:
        read_request(PlanRequested, body.encode())
    assert said in str(e.value)


@pytest.mark.parametrize("budget", ["-1", "NaN", "Infinity", "1e300", '"a"', "null"])
def test_budgets_are_amounts(budget: str) -> None:
    with pytest.raises(RequestError, match="budget"):
        read_request(BestRequested, f'{{"question": {{}}, "budget": {budget}}}'.encode())


def test_a_message_without_anything_to_say_says_nothing() -> None:
    assert read_request(NoRequest, b"{}") == NoRequest()
