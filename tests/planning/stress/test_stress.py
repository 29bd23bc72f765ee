"""`stress`: against direct sampling by plain numpy and a plain linear programme, and itself."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.special import ndtr

from flowopt.errors import RequestError
from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.network.network import Network
from flowopt.network.schema import Range, RecipeLine
from flowopt.objectives import Objective, Ties
from flowopt.planning.stress import crew
from flowopt.planning.stress.draw_values import DrawValues
from flowopt.planning.stress.journal import Journal
from flowopt.planning.stress.moving import moving_numbers
from flowopt.planning.stress.sample import sample
from flowopt.planning.stress.stress_plans import stress
from flowopt.planning.sweep.environment import environment
from flowopt.report.stress_words import sentences
from flowopt.results.stress import Stress
from tests.drawn.dice import Dice
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import effect, line, measure, shipped

TIES: tuple[Ties, ...] = ("pessimistic", "optimistic")
PLANS = {"plan": ["m_block"], "gate": ["m_gate"], "north": ["m_north"]}
ARCS = ("valley", "north", "south", "ford", "avenue")


def bridges(**options: object) -> Stress:
    rivals = {name: plan for name, plan in PLANS.items() if name != "plan"}
    return stress(shipped("two-bridges"), PLANS["plan"], rivals=rivals, **options)  # type: ignore[arg-type]  # as given


# -- direct sampling: shares no code with the product -----------------------------------------


def directly(draws: int, common: float, seed: int) -> dict[str, np.ndarray]:
    """Return values by plan of drawn two bridges, which are roads in a row.

    Each capacity lies between 1/1.6 and 1.6 of its own, even in the logarithm; the share that the
    roadblock and the gate take moves on its odds.
    """
    dice = np.random.default_rng(seed)

    def group(*own: float) -> np.ndarray:
        z, e = dice.standard_normal(draws), dice.standard_normal((len(own), draws))
        u = ndtr(np.sqrt(common) * z + np.sqrt(1.0 - common) * e)
        drawn: np.ndarray = np.array(own)[:, None] * 1.6 ** (2.0 * u - 1.0)
        return drawn

    valley, north, south, avenue = group(10.0, 8.0, 8.0, 12.0)
    ford, supply, demand = group(2.0)[0], group(10.0)[0], group(10.0)[0]
    odds = group(0.3 / 0.7, 0.25 / 0.75)
    block, gate = odds / (1.0 + odds)
    found = {}
    for name, cuts in (
        ("nothing", {}),
        ("plan", {"valley": block}),
        ("gate", {"avenue": gate}),
        ("north", {"north": np.ones(draws)}),
    ):
        left = {
            arc: capacity * (1.0 - cuts.get(arc, 0.0))
            for arc, capacity in zip(ARCS, (valley, north, south, ford, avenue), strict=True)
        }
        over = left["north"] + left["south"] + left["ford"]
        found[name] = np.minimum.reduce([supply, demand, left["valley"], over, left["avenue"]])
        for k in range(0, draws, draws // 10):  # the words above, as a programme of its own
            solved = linprog(
                [0, 0, 0, 0, -1],
                A_eq=[[1, -1, -1, -1, 0], [0, 1, 1, 1, -1]],
                b_eq=[0, 0],
                bounds=[
                    (0, min(left[arc][k], supply[k] if arc == "valley" else demand[k] + 1e9))
                    if arc != "avenue"
                    else (0, min(left[arc][k], demand[k]))
                    for arc in ARCS
                ],
            )
            assert -float(solved.fun or 0.0) == pytest.approx(found[name][k])
    return found


@pytest.mark.parametrize(
    ("common", "draws"),
    [(0.5, 200), *(pytest.param(c, 500, marks=pytest.mark.slow) for c in (0.5, 1.0))],
)
def test_quantiles_are_those_of_direct_sampling(common: float, draws: int) -> None:
    found, truth = bridges(draws=draws, common=common), directly(20_000, common, seed=7)
    for row in found.plans:
        values, cut = truth[row.plan], truth["nothing"] - truth[row.plan]
        for percent, value in (
            (5, row.p05),
            (25, row.p25),
            (50, row.p50),
            (75, row.p75),
            (95, row.p95),
        ):
            assert_quantile(values, percent, value)
        for percent, value in ((5, row.cut_p05), (50, row.cut_p50), (95, row.cut_p95)):
            assert_quantile(cut, percent, value)
        near = 5.0 * values.std() / np.sqrt(draws)
        assert row.mean == pytest.approx(values.mean(), abs=near)
        assert row.sd == pytest.approx(values.std(), rel=0.15)
        assert row.cut_mean == pytest.approx(cut.mean(), abs=5.0 * cut.std() / np.sqrt(draws))
        assert row.cuts_nothing == pytest.approx((cut <= 1e-9).mean(), abs=0.08)
        best = np.min([truth[name] for name in PLANS], axis=0)
        assert row.best_share == pytest.approx((values <= best + 1e-9).mean(), abs=0.08)
        assert row.behind_mean == pytest.approx((values - best).mean(), abs=0.15)


def assert_quantile(values: np.ndarray, percent: int, value: float) -> None:
    """Assert that a quantile is one up to chance: that about as many lie below it."""
    assert (values < value - 1e-9).mean() <= percent / 100 + 0.06
    assert (values <= value + 1e-9).mean() >= percent / 100 - 0.06


@pytest.mark.parametrize("seed", range(8))
def test_measures_that_no_plan_holds_change_no_value(seed: int) -> None:
    dice = Dice.seeded(f"acting-{seed}")
    network = valid_network(dice, SHAPES[("plain", "rise", "tie", "near")[seed % 4]], 5)
    objective: Objective = ("flow", "profit", "bilevel")[seed % 3]
    moving = moving_numbers(network, {})
    factors = sample(moving, draws=2, seed=seed, common=0.5).factors
    count = len(network.measures)
    plans = [[], [seed % count], [seed % count, (seed + 1) % count]]
    values = DrawValues(moving, plans, objective=objective, ties=TIES[seed % 2])
    for row in factors:
        there = activity_model(moving.network_under(row))
        solver = BestResponseSolver(there, objective, ties=TIES[seed % 2])
        expected = [solver.value(plan) for plan in plans]
        assert values.values(row) == pytest.approx(expected, rel=1e-8, abs=1e-9)


# -- the same whoever values it ---------------------------------------------------------------


@pytest.mark.slow  # worker processes start
def test_the_same_for_any_number_of_workers_and_in_any_order() -> None:
    one, two = bridges(draws=12), bridges(draws=12, workers=2)
    assert replace(one, seconds=0.0) == replace(two, seconds=0.0)


def test_the_order_of_rows_changes_nothing() -> None:
    network = shipped("two-bridges")
    turned = replace(network, arcs=network.arcs[::-1], effects=network.effects[::-1])
    one, two = (stress(each, ["m_block"], draws=8) for each in (network, turned))
    np.testing.assert_allclose(one.draws.values, two.draws.values, rtol=1e-12)


def test_another_seed_gives_other_draws() -> None:
    assert bridges(draws=5).draws != bridges(draws=5, seed=2).draws


def test_an_interrupted_stress_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, keep = bridges(draws=10), tmp_path / "kept"

    def stop(finished: int, _: int) -> None:
        if finished == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bridges(draws=10, keep=keep, on_draws=stop)
    lines = (keep / "draws.jsonl").read_text().split("\n")
    assert len(lines) == 1 + 7
    with (keep / "draws.jsonl").open("a") as file:
        file.write("\n[7, [1.0")  # the disk was full
    with pytest.raises(RequestError, match="go on with --resume"):
        bridges(draws=10, keep=keep)
    with pytest.raises(RequestError, match="of another question"):
        bridges(draws=11, keep=keep, resume=True)
    seen: list[int] = []

    def noted(values: DrawValues, factors: Floats, draws: Sequence[int]) -> crew.Found:
        seen.extend(draws)
        return each_draw(values, factors, draws)

    each_draw = crew.each_draw
    monkeypatch.setattr("flowopt.planning.stress.stress_run.each_draw", noted)
    again = bridges(draws=10, keep=keep, resume=True)
    assert seen[0] == 7
    assert replace(again, seconds=0.0) == replace(whole, seconds=0.0)


def test_a_full_disk_is_told_with_the_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "kept", {}, environment("highs"), resume=False, restart=False)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(RequestError, match=r"kept can't be written: No space left .*; free"):
        journal.put(0, [1.0])


# -- one group at a time ----------------------------------------------------------------------


def test_flips_are_where_another_plan_becomes_better() -> None:
    found = {row.group: row for row in bridges(draws=20).drivers}
    # All roads narrow alike: the valley lets 10 / 1.6 t pass, of which the block leaves 7 / 1.6.
    roads = found["arc capacity road"]
    assert (roads.cut_low, roads.flip_high) == (pytest.approx(3.0 / 1.6), None)
    # What the valley lets through counts only where the supply is not less.
    supply = found["supply capacity goods"]
    assert supply.cut_low == 0.0
    assert supply.cut_high == pytest.approx(3.0)
    block = found["effect cut checkpoint"]
    odds = 0.3 / 0.7 / 1.6
    assert block.cut_low == pytest.approx(10.0 * odds / (1.0 + odds))
    assert found["arc capacity foot"].flip_low is None


def test_a_flip_is_found_by_bisection() -> None:
    ranges = (
        Range(on="arc", target="avenue", column="capacity", low=0.5, high=1.5, group="avenue"),
    )
    network = replace(shipped("two-bridges"), ranges=ranges)
    found = stress(network, ["m_block"], rivals={"gate": ["m_gate"]}, draws=4)
    row = next(row for row in found.drivers if row.group == "avenue")
    assert row.flip_low == pytest.approx(28 / 36, abs=0.002)
    assert row.rival == "gate"
    turned = stress(network, ["m_gate"], rivals={"block": ["m_block"]}, draws=4)
    row = next(row for row in turned.drivers if row.group == "avenue")
    assert row.flip_low == pytest.approx(28 / 36, abs=0.002)
    assert row.rival == "block"


def test_what_no_value_hangs_on_has_no_driver() -> None:
    found = {row.group: row for row in stress(shipped("tiny"), ["m_strip"], draws=5).drivers}
    for group, row in found.items():
        if " cost" in group or " price" in group:
            assert row.correlation is row.cut_low is row.flip_low is None
    counted = stress(shipped("tiny"), ["m_strip"], draws=5, objective="profit").drivers
    assert all(row.cut_low is not None for row in counted if " price" in row.group)


# -- what is asked ----------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [None, 1.0])  # the plan costs 2
def test_the_covering_plan_and_the_best_ones_of_some_draws(budget: float | None) -> None:
    network = shipped("two-bridges")
    found = stress(
        network, ["m_block"], rivals={"coverage": None}, draws=6, resolve=3, budget=budget
    )
    assert ("the plan itself" in " ".join(sentences(network, found))) == (budget == 1.0)
    assert [row.plan for row in found.plans] == ["plan", "coverage"]
    assert len(found.draws.own) == 3
    for (own, bound), values in zip(found.draws.own, found.draws.values, strict=False):
        assert own <= values[1] + 1e-9
        assert bound is not None
        assert bound <= own + 1e-9
    assert found.regret["max"] >= found.regret["mean"] >= 0.0
    frame = found.draws.to_frame()
    assert list(frame.columns)[-2:] == ["own_best", "own_bound"]
    assert frame["own_best"].isna().sum() == 3


def test_the_best_plan_of_a_draw_may_leave_nothing() -> None:
    network = line(
        measures=[measure("m_close"), measure("m_half")],
        effects=[
            effect("m_close", "arc", "a1", cut=1.0),
            effect("m_half", "arc", "a1", cut=0.5),
        ],
    )
    found = stress(network, ["m_half"], rivals={"close": ["m_close"]}, draws=2, resolve=2)
    assert found.draws.own == ((0.0, 0.0), (0.0, 0.0))
    assert found.regret["mean"] == found.plans[0].mean > 0.0
    assert "makes the plan the best one" in " ".join(sentences(network, found))


def test_ranges_that_let_a_loop_multiply_are_refused() -> None:
    tiny = shipped("tiny")
    back = RecipeLine(recipe="back", commodity="leaf", quantity=50.0)
    used = RecipeLine(recipe="back", commodity="product", quantity=-1.0)
    site = replace(tiny.sites[0], site="back", recipe="back", pool="")
    network: Network = tiny.replace(recipes=[*tiny.recipes, back, used], sites=[*tiny.sites, site])
    with pytest.raises(RequestError, match="may not move as far"):
        stress(network, ["m_strip"], draws=3, ranges={"C": 4.0, "X": 4.0})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"draws": 1}, "at least 2"),
        ({"common": 1.5}, "no share"),
        ({"resolve": 9, "draws": 5}, "no number of draws"),
        ({"workers": 0}, "is not 1 or more"),
        ({"rivals": {"plan": ["m_gate"]}}, "give it a name"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        stress(shipped("two-bridges"), ["m_block"], **options)  # type: ignore[arg-type]  # wrong on purpose


def test_a_stress_goes_to_json_and_back() -> None:
    found = bridges(draws=4)
    assert Stress.from_json(found.to_json()) == found
    assert "a sample of 4 draws, not a proof" in repr(found)
