"""`stress` where measures may fail: every draw against every fall of every coin."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from flowopt.network.chances import may_fail
from flowopt.planning.stress import draw_values
from flowopt.planning.stress.draw_values import DrawValues
from flowopt.planning.stress.moving import moving_numbers
from flowopt.planning.stress.sample import sample
from flowopt.planning.stress.stress_plans import stress
from flowopt.planning.verify import verify
from flowopt.report.stress_words import phrase, sentences
from flowopt.results.stress import Stress
from tests.command import run
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import shipped
from tests.oracles.response import Aim
from tests.oracles.rounding import allowed, size
from tests.planning.lucky import many, of_luck, right
from tests.planning.tampering import edit


@pytest.mark.parametrize("seed", range(6))
def test_a_draw_is_the_mean_with_its_numbers(seed: int) -> None:
    dice = Dice.seeded(f"lucky-stress-{seed}")
    network = with_chances(dice, valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 4))
    if not may_fail(network):
        return
    objective: Aim = ("flow", "profit", "bilevel")[seed % 3]
    moving = moving_numbers(network, {})
    factors = sample(moving, draws=2, seed=seed, common=0.5).factors
    ids = [row.measure for row in network.measures]
    plans = [[], list(range(len(ids))), [0]]
    values = DrawValues(moving, plans, objective=objective, ties="pessimistic")
    for row in (np.ones(len(moving.numbers)), *factors):
        there = moving.network_under(row)
        expected = [right(there, tuple(ids[i] for i in plan), objective) for plan in plans]
        room = 8.0 * allowed(objective, abs(expected[0]), size(there, objective))
        assert values.values(row) == pytest.approx(expected, abs=room)


def test_the_chances_move_and_matter(tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    found = stress(network, ["m_north", "m_south"], rivals={"c": None}, draws=40, workers=1)
    base = of_luck(network, ["m_north", "m_south"])
    assert (found.plans[0].value, found.luck_draws) == (pytest.approx(base.value), 0)
    groups = {row.group: row for row in found.drivers}
    bridge = groups["measure success bridge"]
    assert bridge.cut_low is not None
    assert bridge.cut_high is not None
    assert bridge.cut_low < 3.92 < bridge.cut_high
    # No plan has a checkpoint, so that nothing hangs on its chance.
    assert groups["measure success checkpoint"].cut_low is None
    text = " ".join(sentences(network, found))
    assert phrase(network, bridge.group) == "the odds that bridge measures work"
    assert "means over what works" in text
    assert Stress.from_json(found.to_json()) == found
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))
    edit(tmp_path / "result", "summary.json", (("luck_draws",), 100))
    assert not verify(tmp_path / "result").passed
    raw = json.loads((tmp_path / "result" / "summary.json").read_text(encoding="utf-8"))
    del raw["luck_draws"]
    (tmp_path / "result" / "summary.json").write_text(json.dumps(raw), encoding="utf-8")
    assert not verify(tmp_path / "result").passed


@pytest.mark.slow
def test_many_chances_are_thrown_alike_in_all_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    network = many()
    plan = [row.measure for row in network.measures]
    monkeypatch.setattr(draw_values, "THROWN", 50)
    found = stress(network, plan, rivals={"less": plan[1:]}, draws=3)
    assert found.luck_draws == 50
    # What a measure more cuts is no guess of the throws: it never hurts in any draw.
    assert all(mine <= less for _, mine, less in found.draws.values)
    again = stress(network, plan, rivals={"less": plan[1:]}, draws=3)
    assert again.draws == found.draws


def test_on_the_command_line(tmp_path: Path) -> None:
    done = run(
        "stress", "networks/two-bridges-luck", "--measures", "m_north,m_south", "--rival",
        "coverage", "--draws", "5", "--workers", "1", "--out", tmp_path / "result",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert run("report", tmp_path / "result").returncode == 0
    assert "means over what works" in " ".join(done.stdout.split())
