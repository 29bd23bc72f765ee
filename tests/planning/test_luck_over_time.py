"""Schedules whose measures may fail, held against every fall of every coin over the periods."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

import flowopt
from flowopt.clock import Clock
from flowopt.errors import RequestError
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.network.schema import Period
from flowopt.network.write import write_network
from flowopt.planning.evaluate_over_time import evaluate_over_time, respond_over_time
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.schedules import named_schedule
from flowopt.planning.solve_over_time import solve_over_time
from flowopt.results.schedules_under_luck import LuckEvaluationOverTime, LuckScheduleSolution
from tests.command import run
from tests.drawn.dice import Dice
from tests.drawn.luck import many_coins, with_chances
from tests.drawn.periods import over_time, schedule
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.hunt.luck_years import faults_of
from tests.networks import shipped
from tests.oracles.luck import expected_over_time


@pytest.fixture(scope="module")
def tiny() -> Network:
    """Return the network of two years, each of whose measures works in 7 of 10 cases."""
    network = shipped("tiny-years")
    return network.replace(measures=[replace(row, success=0.7) for row in network.measures])


def evaluated(network: Network, words: list[str], **options: object) -> LuckEvaluationOverTime:
    found = evaluate_over_time(network, measures=words, **options)  # type: ignore[arg-type]  # each its option
    assert isinstance(found, LuckEvaluationOverTime)
    return found


def test_means_by_hand(tiny: Network) -> None:
    found = evaluate_over_time(tiny, ["all"])
    assert isinstance(found, LuckEvaluationOverTime)
    boats, radar = found.campaigns
    # Boats that fail leave all 26 t; with boats alone 16 t come, in y1 and y2 as one coin says.
    assert boats.value == pytest.approx(0.7 * 16.0 + 0.3 * 26.0)
    assert boats.value_without_openings == pytest.approx(0.7 * 10.0 + 0.3 * 20.0)
    assert radar.value == pytest.approx(0.49 * 15.0 + 0.21 * 21.0 + 0.21 * 20.0 + 0.09 * 26.0)
    assert (radar.all_works, radar.all_works_value) == (0.49, 15.0)
    assert (boats.all_works, boats.all_works_value) == (0.7, 16.0)  # in both years, one coin
    assert (boats.coins, boats.outcomes, boats.how) == (1, 2, "counted")
    assert [row.works for row in found.outcomes if row.campaign == "radar-first"] == [
        "m_boats;m_radar", "m_boats", "m_radar", ""
    ]  # fmt: skip
    years = [(row.period, row.value, row.value_mean) for row in found.campaign_periods]
    assert years[:2] == [("y1", 5.0, 0.7 * 5.0 + 0.3 * 10.0), ("y2", 11.0, 0.7 * 11.0 + 0.3 * 16.0)]
    assert found.input_sha256 == tiny.sha256
    assert LuckEvaluationOverTime.from_json(found.to_json()) == found
    assert pickle.loads(pickle.dumps(found)) == found


def test_a_measure_has_one_coin_for_all_its_periods(tiny: Network) -> None:
    found = evaluated(tiny, ["m_boats@y1", "m_boats@y2"])
    assert [row.probability for row in found.outcomes] == pytest.approx([0.7, 0.3])


def test_a_row_of_effects_has_one_coin_of_its_own(tiny: Network) -> None:
    network = tiny.replace(effects=[replace(row, success=0.5) for row in tiny.effects])
    found = evaluated(network, ["m_boats@y1", "m_boats@y2"])
    (row,) = found.campaigns
    assert (row.coins, row.all_works) == (2, 0.35)
    assert row.value == pytest.approx(0.35 * 16.0 + 0.65 * 26.0)
    assert [(each.works, each.failed_effects) for each in found.outcomes] == [
        ("m_boats", ""), ("m_boats", "1"), ("", "")
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(8))
def test_means_over_every_fall_of_every_coin(number: int) -> None:
    dice = Dice.seeded(f"lucky-years-{number}")
    network = valid_network(dice, list(SHAPES.values())[number % len(SHAPES)], 3)
    network = with_chances(dice, over_time(network, dice))
    if not may_fail(network):
        return
    aim: Literal["flow", "profit"] = "flow" if number % 2 else "profit"
    words = [f"{measure}@{period}" for measure, period in schedule(network, dice)]
    periods = [row.period for row in network.periods]
    kept = [(m, periods[t]) for m, t in named_schedule(network, "", words).in_force]
    if not words:
        return
    (row,) = evaluated(network, words, objective=aim).campaigns
    room = 1e-6 * max(1.0, expected_over_time(network, [], aim))
    assert row.value == pytest.approx(expected_over_time(network, kept, aim), abs=room)
    closed = expected_over_time(network, kept, aim, openings=False)
    assert row.value_without_openings == pytest.approx(closed, abs=room)


@pytest.mark.parametrize(
    ("seed", "number"),
    [
        (7, 0),
        pytest.param(73, 7, marks=pytest.mark.slow),
        (74, 11),
        (3232, 2),  # what is earned and paid cancels out
    ],
)
def test_the_best_schedule_of_all_in_the_mean(seed: int, number: int) -> None:
    assert faults_of(seed, number) == []


def test_best_schedule_by_hand(tiny: Network) -> None:
    found = solve_over_time(tiny, budget=3)
    assert isinstance(found, LuckScheduleSolution)
    assert (found.status, found.measures) == ("optimal", ("m_boats@y2", "m_radar@y2"))
    assert found.value == pytest.approx(18.3)
    assert found.bound == pytest.approx(18.3)
    lost = {row.measure: row.lost_if_dropped for row in found.plan}
    # Boats alone in y2: 0.7 * 21 + 0.3 * 26; the radar alone: 0.7 * 20 + 0.3 * 26.
    assert lost == pytest.approx({"m_boats": 21.8 - 18.3, "m_radar": 22.5 - 18.3})
    # In y1 no measure is in force; in y2 the radar that works keeps the strips shut.
    assert [row.value_mean for row in found.periods] == pytest.approx([10.0, 8.3])
    assert found.value_without_openings == pytest.approx(10.0 + 0.7 * 5.0 + 0.3 * 10.0)
    assert LuckScheduleSolution.from_json(found.to_json()) == found


def test_cheapest_schedule_for_a_target_by_hand(tiny: Network, tmp_path: Path) -> None:
    found = solve_over_time(tiny, target=20)
    assert isinstance(found, LuckScheduleSolution)
    # Boats in both years leave 19 in the mean; when all works, boats in y2 alone would do.
    assert (found.status, found.measures) == ("optimal", ("m_boats@y1", "m_boats@y2"))
    assert (found.spent, found.cost_bound, found.bound) == (4.0, 4.0, None)
    assert found.value == pytest.approx(19.0)
    found.write(tmp_path / "out")
    assert flowopt.verify(tmp_path / "out").passed
    none = solve_over_time(tiny, target=18)
    assert (none.status, none.value) == ("infeasible", None)
    assert "the mean of the objective over what works" in none.reasons[0]


def test_best_schedules_beside_campaigns(tiny: Network, tmp_path: Path) -> None:
    found = evaluate_over_time(tiny, ["boats"], best=True, budget=3)
    assert isinstance(found, LuckEvaluationOverTime)
    boats, best = found.campaigns
    assert (boats.status, boats.bound) == ("", None)
    assert (best.campaign, best.status) == ("best", "optimal")
    assert (best.value, best.bound) == (pytest.approx(18.3), pytest.approx(18.3))
    found.write(tmp_path / "out")
    assert flowopt.verify(tmp_path / "out").passed
    file = tmp_path / "out" / "certificate.json"
    text = file.read_text(encoding="utf-8")
    for name, value, named in (
        ("bound", 18.4, "what the campaigns break is listed"),
        ("status", "estimated", "what the campaigns break is listed"),
    ):
        content = json.loads(text)
        content["campaigns"][1][name] = value
        file.write_text(json.dumps(content), encoding="utf-8")
        checks = flowopt.verify(tmp_path / "out").checks
        assert named in [check.name for check in checks if not check.passed]


def test_the_best_for_the_money_of_each_is_no_worse(tiny: Network) -> None:
    found = evaluate_over_time(tiny, ["all"], best=True)
    means = {row.campaign: row.value for row in found.campaigns}
    assert means == pytest.approx(
        {"boats": 19.0, "radar-first": 18.3, "best for boats": 19.0, "best for radar-first": 18.3}
    )


def test_alternatives_by_hand(tiny: Network, tmp_path: Path) -> None:
    found = solve_over_time(tiny, budget=3, alternatives=3)
    assert isinstance(found, LuckScheduleSolution)
    rows = [(row.measures, row.status, row.bought) for row in found.alternatives]
    assert rows == [
        ("m_boats@y2;m_radar@y2", "optimal", "m_radar@y1"),
        ("m_boats@y1;m_boats@y2", "optimal", ""),
        ("m_radar@y2", "optimal", "m_radar@y1"),
    ]
    values = [row.value for row in found.alternatives]
    # The radar alone: 0.7 * 20 + 0.3 * 26.
    assert values == pytest.approx([18.3, 19.0, 21.8])
    assert LuckScheduleSolution.from_json(found.to_json()) == found
    found.write(tmp_path / "out")
    assert [c.name for c in flowopt.verify(tmp_path / "out").checks if not c.passed] == []
    table = tmp_path / "out" / "alternatives.csv"
    text = table.read_text(encoding="utf-8")
    for old, new in ((",19,", ",19.1,"), ("optimal", "estimated"), (",0\n", ",0.2\n")):
        table.write_text(text.replace(old, new), encoding="utf-8")
        assert not flowopt.verify(tmp_path / "out").passed


def test_many_coins_are_drawn() -> None:
    network = many_coins(13).replace(periods=[Period(period="a"), Period(period="b")])
    lucky = LuckySchedules(network, "flow", "pessimistic", Clock())
    everything = named_schedule(network, "", [row.measure for row in network.measures])
    found = lucky.values.expected(lucky.plan(everything), draws=40)
    right = 2.0 * 20.0 * 0.95**13  # what is left of a share is independent
    assert (found.draws, found.coins) == (40, 13)
    assert 0.0 < abs(found.mean - right) <= 2.0 * found.half_width


def test_what_is_refused_is_refused_in_words(tiny: Network) -> None:
    with pytest.raises(RequestError, match="no one response"):
        respond_over_time(tiny, ["m_boats"])
    with pytest.raises(RequestError, match="a target of flow"):
        solve_over_time(tiny, target=20, objective="bilevel")


def test_no_schedule_under_luck_has_reasons(tiny: Network) -> None:
    found = solve_over_time(tiny, budget=0, include=["m_boats@y1"])
    assert (found.status, found.value) == ("infeasible", None)
    assert found.reasons


def test_without_measures_nothing_fails(tiny: Network, tmp_path: Path) -> None:
    found = respond_over_time(tiny)
    assert found.value == 26.0
    found.write(tmp_path / "out")
    assert flowopt.verify(tmp_path / "out").passed


def test_the_command_says_means(tiny: Network, tmp_path: Path) -> None:
    write_network(tiny, tmp_path / "net")
    folder = str(tmp_path / "net")
    said = " ".join(run("evaluate", folder, "--campaign", "all").stdout.split())
    assert "boats: all of it works with a chance of 70%, and then leaves 16.00." in said
    assert "means over what works" in said
    said = " ".join(run("solve", folder, "--budget", "3").stdout.split())
    assert "from 26.00 to 18.30 t in the mean over what works" in said
    assert "A year of each period when all works" in said
