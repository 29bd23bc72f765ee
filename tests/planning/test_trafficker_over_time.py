"""The trafficker over time kept ready: values of `evaluate_over_time`, whatever came before."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import flowopt
from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning.evaluate_over_time import evaluate_over_time
from flowopt.planning.trafficker_over_time import TraffickerOverTime
from tests.drawn.dice import Dice
from tests.drawn.periods import over_time, schedule
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import shipped

OBJECTIVES: tuple[Objective, ...] = ("flow", "profit", "bilevel")


@pytest.fixture(scope="module")
def tiny() -> Network:
    return shipped("tiny-years")


@pytest.mark.parametrize("number", range(3))
def test_values_are_those_of_evaluate_whatever_was_asked_before(number: int) -> None:
    dice = Dice.seeded(f"hot-{number}")
    network = over_time(valid_network(dice, list(SHAPES.values())[number % len(SHAPES)], 3), dice)
    plans = {str(n): [f"{m}@{p}" for m, p in schedule(network, dice)] for n in range(2)}
    plans["all"] = [row.measure for row in network.measures]
    plans["each"] = [f"{m}@{p.period}" for m in plans["all"] for p in network.periods]
    objective: Objective = OBJECTIVES[number % 3]
    found = evaluate_over_time(network, schedules=plans, objective=objective)
    trafficker = TraffickerOverTime(network, objective=objective)
    room = 1e-6 * max(1.0, abs(found.baseline))
    for row in (*found.campaigns, *found.campaigns):
        hot, shut = (trafficker.value(plans[row.campaign], opens=o) for o in (True, False))
        assert hot == pytest.approx(row.value, abs=room)
        assert shut == pytest.approx(row.value_without_openings, abs=room)


def test_means_where_measures_may_fail(tiny: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    network = tiny.replace(measures=[replace(row, success=0.7) for row in tiny.measures])
    trafficker = TraffickerOverTime(network)
    for known in (200_000, 0):  # the second forgets what it knew
        monkeypatch.setattr("flowopt.planning.trafficker_over_time._KNOWN", known)
        assert trafficker.value(["m_boats"]) == pytest.approx(0.7 * 16.0 + 0.3 * 26.0)
        assert trafficker.value("m_boats", opens=False) == pytest.approx(0.7 * 10.0 + 0.3 * 20.0)


def test_hundreds_of_values_come_from_one_programme(
    tiny: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    trafficker = TraffickerOverTime(tiny)

    def built(*_: object, **__: object) -> None:
        raise AssertionError("it was built again")

    monkeypatch.setattr("flowopt.planning.question_over_time.build_over_time", built)
    monkeypatch.setattr("flowopt.planning.question_over_time.BestResponseSolver", built)
    words = [[], ["m_boats@y1"], ["m_boats"], ["m_boats@y2", "m_radar@y2"]]
    found = trafficker.values(words * 50)
    assert np.allclose(found, [26.0, 21.0, 16.0, 15.0] * 50)


def test_what_cannot_be_in_force_is_left_out(tiny: Network) -> None:
    trafficker = TraffickerOverTime(tiny)
    assert trafficker.value(["m_radar@y1"]) == 26.0
    assert trafficker.value(["m_radar@y1", "m_radar@y2"]) == trafficker.value(["m_radar"])


def test_tables_and_a_copy(tiny: Network) -> None:
    trafficker = pickle.loads(pickle.dumps(TraffickerOverTime(tiny, objective="profit")))
    assert trafficker.objective == "profit"
    assert trafficker.periods == ("y1", "y2")
    own = flowopt.respond_over_time(tiny, ["m_boats"], objective="profit")
    assert trafficker.response("m_boats") == own
    assert trafficker.value("m_boats") == pytest.approx(own.value)
    shut = trafficker.value("m_boats", opens=False)
    assert shut == pytest.approx(own.value_without_openings) != own.value


def test_every_unknown_word_is_named(tiny: Network) -> None:
    trafficker = TraffickerOverTime(tiny)
    with pytest.raises(RequestError) as failed:
        trafficker.values([["m_boat"], ["m_boats@y3"]])
    assert "did you mean 'm_boats'" in str(failed.value)
    assert "no period 'y3'" in str(failed.value)
    with pytest.raises(RequestError, match="give it periods"):
        TraffickerOverTime(shipped("tiny"))


def test_one_answer_at_a_time(tiny: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    trafficker, refused = TraffickerOverTime(tiny), []

    def ask() -> None:
        with pytest.raises(RequestError, match="make one for each thread"):
            trafficker.value()
        refused.append(True)

    def value(*_: object, **__: object) -> float:
        other = threading.Thread(target=ask)
        other.start()
        other.join()
        return 0.0

    monkeypatch.setattr(trafficker._asked, "value", value)
    trafficker.value()
    assert refused == [True]


@pytest.mark.parametrize(
    ("ask", "named"),
    [
        (lambda n: flowopt.solve(n, budget=2), "solve_over_time"),
        (lambda n: flowopt.respond(n, ["m_boats@y1"]), "respond_over_time"),
        (lambda n: flowopt.evaluate(n, ["m_boats"]), "evaluate_over_time"),
        (lambda n: flowopt.compare(n, budgets=[1]), "compare_over_time"),
        (lambda n: flowopt.Trafficker(n), "TraffickerOverTime"),
    ],
    ids=["solve", "respond", "evaluate", "compare", "Trafficker"],
)
def test_what_is_of_one_year_names_what_is_of_all(
    tiny: Network, ask: Callable[[Network], Any], named: str
) -> None:
    unsure = tiny.replace(measures=[replace(row, success=0.7) for row in tiny.measures])
    for network in (tiny, unsure):
        with pytest.raises(RequestError, match=rf"flowopt\.{named} is asked of all of them"):
            ask(network)
    assert hasattr(flowopt, named)


def test_a_schedule_for_money_by_period(tiny: Network) -> None:
    found = flowopt.solve_over_time(tiny, budget={"y1": 2, "y2": 0}, carry=False)
    assert [(row.period, row.measure) for row in found.schedule] == [("y1", "m_boats")]
    assert [row.period for row in found.periods] == ["y1", "y2"]
    assert [row.id for row in found.openings] == ["flight"]
