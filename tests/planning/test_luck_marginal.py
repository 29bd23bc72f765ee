"""What measures that may fail are worth: against every fall of every coin, drawn, re-checked."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowopt.errors import InputError, RequestError
from flowopt.model import luck_change
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.luck import Chances, Luck
from flowopt.model.plan_luck import LuckValues
from flowopt.network.chances import may_fail
from flowopt.planning.recheck.luck_marginals import chances_of
from flowopt.planning.verify import verify
from flowopt.results.luck_rows import LuckCompared, LuckNextMeasure, LuckPlanRow
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.rows import Rows
from tests.drawn.dice import Dice
from tests.drawn.luck import many_coins, with_chances
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.hunt.luck import joined
from tests.networks import effect, measure
from tests.oracles.luck import outcomes
from tests.oracles.response import Aim
from tests.oracles.rounding import allowed, size
from tests.planning.lucky import in_scenarios, lucky_bridges, many, of_luck, right
from tests.planning.tampering import edit, leaves, others


@pytest.mark.parametrize("seed", range(12))
def test_what_comes_next_is_that_of_brute_force(seed: int, tmp_path: Path) -> None:
    dice = Dice.seeded(f"lucky-next-{seed}")
    network = with_chances(dice, valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 5))
    objective: Aim = ("flow", "profit", "bilevel")[seed % 3]
    if not may_fail(network):
        return
    plan = (network.measures[0].measure,)
    found = of_luck(network, list(plan), objective=objective)
    room = 8.0 * allowed(objective, found.baseline, size(network, objective))
    told = {row.measure: row for row in found.next}
    for row in network.measures[1:]:
        grown = joined(network, plan, row.measure)
        if grown is None:
            assert row.measure not in told
            continue
        gain = found.value - right(network, grown, objective)
        if row.measure in told:
            assert told[row.measure].how == "counted"
            assert told[row.measure].adds == pytest.approx(gain, abs=room)
        else:
            assert gain <= room
    ranked = [row.adds for row in found.next]
    assert ranked == sorted(ranked, reverse=True)
    assert LuckSolution.from_json(found.to_json()) == found
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))


@pytest.mark.parametrize("seed", range(6))
def test_the_recheck_counts_outcomes_as_every_fall_does(seed: int) -> None:
    dice = Dice.seeded(f"lucky-chances-{seed}")
    network = with_chances(dice, valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 4))
    plan = tuple(row.measure for row in network.measures)
    chances = [row.success for row in network.measures], [row.success for row in network.effects]
    expected: dict[tuple[tuple[str, ...], frozenset[str]], float] = {}
    for p, works, left in outcomes(network, plan, *chances):
        key = (works, frozenset(str(row) for row in left.effects))
        expected[key] = expected.get(key, 0.0) + p
    found: dict[tuple[tuple[str, ...], frozenset[str]], float] = {}
    for (works, failed), p in chances_of(network, plan).items():
        rows = frozenset(
            str(row)
            for place, row in enumerate(network.effects)
            if place not in failed and not (row.success == 0.0 and row.measure in works)
        )
        found[works, rows] = found.get((works, rows), 0.0) + p
    assert found.keys() == {key for key, p in expected.items() if p > 0.0}
    for key, p in found.items():
        assert p == pytest.approx(expected[key])


def test_what_always_works_is_missed_too() -> None:
    network = lucky_bridges()
    sure = replace(network.measures[0], success=1.0)
    network = network.replace(measures=[sure, *network.measures[1:]])
    found = of_luck(network, ["m_north", "m_south"])
    # Both leave 2 t in 7 of 10 years; without either, 10.
    assert {row.measure: row.lost_if_dropped for row in found.plan} == pytest.approx(
        {"m_north": 5.6, "m_south": 5.6}
    )
    assert {row.how for row in found.plan} == {"counted"}


def test_what_comes_next_where_draws_are_taken(tmp_path: Path) -> None:
    network = many()
    plan = [row.measure for row in network.measures]
    extra = replace(measure("more"), success=0.5)
    network = network.replace(
        measures=[*network.measures, extra],
        effects=[*network.effects, effect("more", "arc", "a1", cut=0.5)],
    )
    found = of_luck(network, plan)
    (row,) = found.next
    # It takes half of what the others leave, in half of the years.
    exact = 0.25 * 20.0 * 0.95**14
    assert (row.measure, row.how) == ("more", "sampled")
    assert 0.0 < row.half_width < 1.0
    assert abs(row.adds - exact) < 2.0 * row.half_width
    for lost in found.plan:
        assert lost.lost_if_dropped is not None
        assert lost.half_width is not None
        assert abs(lost.lost_if_dropped - 20.0 * 0.95**13 * 0.05) < 2.5 * lost.half_width
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))
    assert any("estimate by draws" in claim for claim in verdict.claims)


@pytest.mark.slow
def test_intervals_of_differences_hold_them(monkeypatch: pytest.MonkeyPatch) -> None:
    network, held = many(), 0
    luck = Luck(network, Chances.of(network))
    values = LuckValues(luck, BestResponseSolver(activity_model(luck.network), "flow"))
    whole = frozenset(range(len(network.measures)))
    for seed in range(40):
        monkeypatch.setattr(luck_change, "SEED", 100 + seed)
        change = luck_change.mean_change(values, whole, whole - {0})
        assert not change.counted
        held += abs(change.amount - 20.0 * 0.95**13 * 0.05) <= change.half_width
    assert held >= 35  # 38, and 2.2 times its standard deviation


@pytest.mark.parametrize("criterion", ["cut", "cvar"])
def test_a_criterion_tells_what_comes_next(criterion: str, tmp_path: Path) -> None:
    network = in_scenarios()
    found = of_luck(network, ["m_north"], criterion=criterion)
    told = {row.measure: row.adds for row in found.next}
    for row in network.measures:
        if row.measure != "m_north":
            grown = of_luck(network, ["m_north", row.measure], criterion=criterion)
            assert told.get(row.measure, 0.0) == pytest.approx(found.value - grown.value)
    assert told
    found.write(tmp_path / "result")
    assert verify(tmp_path / "result").passed


def test_changed_worths_are_noticed(tmp_path: Path) -> None:
    of_luck(lucky_bridges(), ["m_north"]).write(tmp_path / "result")
    raw = json.loads((tmp_path / "result" / "certificate.json").read_text(encoding="utf-8"))
    places = [
        (path, value)
        for path, value in leaves(raw)
        if path[0] in ("dropped", "next") or (path[:1] == ("scenarios",) and path[2] == "acting")
    ]
    places = [each for each in places if not {"dual", "primal"} & set(each[0])]
    assert len(places) > 20
    for path, value in places:
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        shutil.copytree(tmp_path / "result", tmp_path / "copy")
        edit(tmp_path / "copy", "certificate.json", (path, others(value)[0]))
        try:
            passed = verify(tmp_path / "copy").passed
        except (RequestError, InputError):
            passed = False
        assert not passed, (path, value)


def test_a_worth_that_is_wrong_everywhere_is_noticed(tmp_path: Path) -> None:
    found = of_luck(lucky_bridges(), ["m_north", "m_south"])
    less = [
        replace(row, lost_if_dropped=0.9 * row.lost_if_dropped)
        for row in found.plan
        if row.lost_if_dropped is not None
    ]
    adds = [
        replace(row, adds=0.9 * row.adds, per_million=0.9 * row.adds / row.added_cost)
        for row in found.next
    ]
    for lied in (
        replace(found, plan=Rows(LuckPlanRow, less)),
        replace(found, next=Rows(LuckNextMeasure, adds)),
    ):
        lied.write(tmp_path / "result", network=lucky_bridges(), force=True)
        failed = [c.name for c in verify(tmp_path / "result").checks if not c.passed]
        assert failed == ["what measures are worth is the difference of means over what works"]


@pytest.mark.parametrize("seed", [0, 1, 6, 9])  # other draws have nothing to cover
def test_the_covering_plan_is_told_in_the_mean(seed: int, tmp_path: Path) -> None:
    dice = Dice.seeded(f"lucky-cover-{seed}")
    network = with_chances(dice, valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 5))
    if not may_fail(network):
        return
    objective: Aim = ("flow", "profit")[seed % 2]
    plan = tuple(row.measure for row in network.measures[:2])
    found = of_luck(network, list(plan), objective=objective, against=["coverage"])
    room = 8.0 * allowed(objective, found.baseline, size(network, objective))
    yours, covering = found.comparison
    assert (yours.plan, yours.value, covering.plan) == ("yours", found.value, "coverage")
    other = tuple(filter(None, covering.measures.split(";")))
    assert covering.value == pytest.approx(right(network, other, objective), abs=room)
    assert covering.spent <= found.spent + 1e-9
    assert LuckSolution.from_json(found.to_json()) == found
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))
    row = replace(covering, value=covering.value + 1.0, cut=covering.cut - 1.0)
    lied = replace(found, comparison=Rows(LuckCompared, [yours, row]))
    lied.write(tmp_path / "result", network=network, force=True)
    assert not verify(tmp_path / "result").passed


def test_the_covering_plan_by_a_criterion_is_refused() -> None:
    with pytest.raises(RequestError, match="without a criterion"):
        of_luck(in_scenarios(), ["m_block"], criterion="worst", against=["coverage"])


@pytest.mark.parametrize("late", [False, True])
def test_what_drawn_changes_rest_on_is_looked_at_together(late: bool) -> None:
    network = many_coins(14)
    luck = Luck(network, Chances.of(network))
    values = LuckValues(luck, BestResponseSolver(activity_model(luck.network), "flow"))
    plan = frozenset(range(13))
    left = [plan - {each} for each in plan]
    values.value_of(frozenset())
    if late:  # there is no time for all: none is begun
        values.trafficker.deadline = time.perf_counter() + 10.0 * values.seconds
    luck_change.look_ahead(values, plan, left)
    looked = values.looked
    assert (looked == 1) == late
    values.trafficker.deadline = None
    luck_change.mean_change(values, plan, left[3])
    assert (values.looked == looked) == (not late)


def test_an_estimate_of_few_outcomes_is_counted_where_its_draws_met_all_of_them() -> None:
    network = lucky_bridges()
    luck = Luck(network, Chances.of(network))
    values = LuckValues(luck, BestResponseSolver(activity_model(luck.network), "flow"))
    names = [row.measure for row in network.measures]
    plan = [names.index(each) for each in ("m_north", "m_south")]
    found = values.expected(plan, until=time.perf_counter(), grace=1000.0)
    assert (found.draws, found.half_width) == (None, 0.0)
    assert found.mean == pytest.approx(right(network, ("m_north", "m_south")))


@pytest.mark.parametrize("criterion", [None, "expected"])
def test_worths_of_an_estimate_are_estimates(
    criterion: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By then all outcomes may be known: a difference of counted means is one from another mean."""
    monkeypatch.setattr(LuckValues, "_counted", lambda *_: None)
    network = lucky_bridges() if criterion is None else in_scenarios()
    found = of_luck(network, ["m_north", "m_south"], criterion=criterion)
    assert {row.how for row in found.plan} == {"sampled"}
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))
