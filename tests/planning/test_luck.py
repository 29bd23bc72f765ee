"""Means of plans that may fail against every fall of every coin; draws, scenarios, files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import flowopt
from flowopt.model.luck_means import mean_and_half_width
from flowopt.model.plan_luck import DRAWS
from flowopt.network import schema, tables
from flowopt.network.chances import as_if_sure, may_fail
from flowopt.network.read import read_network
from flowopt.network.write import write_network
from flowopt.planning.evaluate import evaluate
from flowopt.planning.verify import verify
from flowopt.results.luck_solution import LuckSolution
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import SHIPPED, effect, line, measure, shipped
from tests.oracles.response import Aim
from tests.oracles.rounding import allowed, size
from tests.planning.lucky import in_scenarios, lucky_bridges, many, of_luck, right, solved


def test_two_bridges_by_hand() -> None:
    # Both bridges closed leave the ford's 2 t; either of them alone changes nothing.
    found = of_luck(lucky_bridges(), ["m_north", "m_south"])
    assert found.value == pytest.approx(0.49 * 2.0 + 0.51 * 10.0)
    assert (found.status, found.baseline, found.spent) == ("evaluated", 10.0, 4.0)
    assert [(row.works, round(row.probability, 9), row.value) for row in found.outcomes] == [
        ("m_north;m_south", 0.49, 2.0),
        ("m_north", 0.21, 10.0),
        ("m_south", 0.21, 10.0),
        ("", 0.09, 10.0),
    ]
    # Without one of them the other changes nothing, whether it works or not.
    assert [row.lost_if_dropped for row in found.plan] == pytest.approx([3.92, 3.92])
    (row,) = found.scenarios
    assert (row.left_p05, row.left_p95, row.all_works, row.all_works_value) == (
        2.0,
        10.0,
        0.49,
        2.0,
    )
    assert (found.luck.how, found.luck.coins, found.luck.half_width) == ("counted", 2, 0.0)


def test_a_row_of_effects_may_fail_by_itself() -> None:
    network = line(
        measures=[replace(measure("m1"), success=0.5)],
        effects=[
            effect("m1", "arc", "a1", cut=0.75, success=0.8),
            effect("m1", "arc", "a2", cut=0.9),
        ],
    )
    found = of_luck(network, ["m1"])
    # It works: 20 t become 2 whether or not the first row works; else 10 t.
    assert found.value == pytest.approx(0.5 * 2.0 + 0.5 * 10.0)
    assert [(row.works, row.failed_effects) for row in found.outcomes] == [
        ("", ""),
        ("m1", ""),
        ("m1", "1"),
    ]


@pytest.mark.parametrize("seed", range(12))
def test_values_are_those_of_brute_force_and_results_pass(seed: int, tmp_path: Path) -> None:
    dice = Dice.seeded(f"lucky-{seed}")
    network = with_chances(dice, valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 4))
    objective: Aim = ("flow", "profit", "bilevel")[seed % 3]
    plan = tuple(row.measure for row in network.measures)
    if not may_fail(network):
        return
    found = of_luck(network, list(plan), objective=objective)
    room = 4.0 * allowed(objective, found.baseline, size(network, objective))
    assert found.value == pytest.approx(right(network, plan, objective), abs=room)
    assert LuckSolution.from_json(found.to_json()) == found
    for row in found.plan if not network.rules else ():
        if row.lost_if_dropped is not None:
            rest = tuple(name for name in plan if name != row.measure)
            lost = right(network, rest, objective) - found.value
            assert row.lost_if_dropped == pytest.approx(lost, abs=room)
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_success_of_one_everywhere_is_the_network_of_before() -> None:
    network = shipped("two-bridges")
    sure = network.replace(measures=[replace(row, success=1.0) for row in network.measures])
    assert sure == network
    assert sure.sha256 == network.sha256
    assert lucky_bridges().sha256 != network.sha256
    assert as_if_sure(network) is network
    assert as_if_sure(lucky_bridges()).measures == network.measures
    assert isinstance(evaluate(sure, ["m_north"]), flowopt.Evaluation)


@pytest.mark.parametrize(
    "name",
    sorted(
        path.name
        for path in SHIPPED.iterdir()
        if path.is_dir() and path.name != "two-bridges-luck"  # which has chances
    ),
)
def test_no_hash_of_a_shipped_network_knows_the_new_columns(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, known = shipped(name), schema.defaults
    later = {
        table: {column: blank for column, blank in columns.items() if column != "success"}
        for table, columns in tables._LATER_COLUMNS.items()
    }
    monkeypatch.setattr(tables, "_LATER_COLUMNS", later)
    monkeypatch.setattr(
        schema, "defaults", lambda row: {n: v for n, v in known(row).items() if n != "success"}
    )
    assert network._hash_of_tables() == network.sha256


@pytest.mark.slow
def test_a_plan_with_many_coins_is_estimated(tmp_path: Path) -> None:
    network = many()
    found = of_luck(network, [row.measure for row in network.measures])
    mean = 20.0 * 0.95**14
    assert found.status == "estimated"
    assert (found.luck.how, found.luck.draws, found.luck.coins) == ("sampled", DRAWS, 14)
    assert sum(row.drawn or 0 for row in found.outcomes) == DRAWS
    assert 0.0 < found.luck.half_width < 0.2
    assert abs(found.value - mean) < 2.0 * found.luck.half_width
    assert (found.low, found.high) == pytest.approx(
        (found.value - found.luck.half_width, found.value + found.luck.half_width)
    )
    again = of_luck(network, [row.measure for row in network.measures])
    assert again.outcomes == found.outcomes
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))
    assert any("outcomes" in claim and "of all luck" in claim for claim in verdict.claims)


def test_intervals_hold_the_mean_as_often_as_they_say() -> None:
    # A plan of 14 coins of 0.5: the number that work is binomial, the value falls with it.
    values = 20.0 * 0.9 ** np.arange(15)
    mean = 20.0 * 0.95**14
    held = 0
    for seed in range(1_000):
        works = np.random.default_rng(seed).binomial(14, 0.5, size=200)
        estimate, half_width = mean_and_half_width(values[works].tolist())
        held += abs(estimate - mean) <= half_width
    assert 930 <= held <= 968  # 950, and 2.6 times its standard deviation


@pytest.mark.parametrize(
    ("criterion", "left"),
    [
        # now 0.7 * 7 + 0.3 * 10 = 7.9; low 5 (the block leaves 7); skilled 7
        ("expected", (2 * 7.9 + 5.0 + 7.0) / 4),
        ("worst", 7.9),
        ("cut", 0.0),
        ("cvar", 7.9),
    ],
)
def test_scenarios_and_luck_together(criterion: str, left: float, tmp_path: Path) -> None:
    network = in_scenarios()
    found = of_luck(network, ["m_block"], criterion=criterion)
    assert found.value == pytest.approx(left)
    assert [row.value for row in found.scenarios] == pytest.approx([7.9, 5.0, 7.0])
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_one_scenario_alone_is_verified_with_the_whole_network(tmp_path: Path) -> None:
    network = in_scenarios()
    of_luck(network.scenario("low"), ["m_block"]).write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_a_scenario_alone_may_bring_the_chances() -> None:
    network = shipped("two-bridges").replace(
        scenarios=[schema.Scenario(scenario="s", name="S")],
        changes=[
            schema.Change(scenario="s", on="measure", target="*", column="success", factor=0.5)
        ],
    )
    assert isinstance(evaluate(network, ["m_block"]), flowopt.Evaluation)
    assert of_luck(network, ["m_block"], criterion="expected").value == pytest.approx(8.5)
    assert isinstance(flowopt.solve(network, budget=2), flowopt.Solution)
    found = solved(network, budget=2, criterion="expected")
    assert (found.measures, found.value) == (("m_block",), pytest.approx(8.5))


def test_chances_come_back_from_every_kind_of_file(tmp_path: Path) -> None:
    network = in_scenarios().replace(
        ranges=[schema.Range(on="measure", target="*", column="success", low=0.5, high=1.5)]
    )
    for name in ("folder", "file.json", "file.xlsx"):
        write_network(network, tmp_path / name)
        found = read_network(tmp_path / name)
        assert (found, found.sha256) == (network, network.sha256)


def test_what_never_works_warns() -> None:
    network = lucky_bridges()
    rows = [replace(network.measures[0], success=0.0), *network.measures[1:]]
    assert any("never works" in text for text in network.replace(measures=rows).warnings)
    effects = [replace(network.effects[0], success=0.0), *network.effects[1:]]
    warned = network.replace(effects=effects).warnings
    assert any("its success is 0" in text for text in warned)
