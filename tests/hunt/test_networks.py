"""A part of the hunt on every run, the same each time; and the hunt itself, that it sees faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowopt.network.read import read_network
from flowopt.planning.solve import solve
from tests.drawn import odd
from tests.drawn.dice import Dice
from tests.drawn.shapes import HUNTED
from tests.drawn.wild import wild_network
from tests.drawn.wild_draft import WildDraft
from tests.hunt import questions
from tests.hunt.__main__ import main
from tests.hunt.networks import Quarry
from tests.hunt.questions import ASKED
from tests.networks import WAYS
from tests.oracles.response import Aim, Ties
from tests.oracles.validity import broken_rules

# Networks of each shape for each objective, 160 in all, and every other one answered in the same
# way; `python -m tests.hunt` asks thousands in each.
FEW = 4


@pytest.mark.slow
@pytest.mark.parametrize(("objective", "ties"), ASKED)
@pytest.mark.parametrize("shape", HUNTED)
def test_answers_are_those_of_brute_force(shape: str, objective: Aim, ties: Ties) -> None:
    first = FEW * ASKED.index((objective, ties))
    for number in range(first, first + FEW):
        quarry = Quarry(shape, 0, number)
        way = WAYS[number % len(WAYS)]
        found = quarry.asked((objective, ties), ways=[way], whole=False)
        wrong = [answer for answer in found if answer.outcome == "differs"]
        assert not wrong, f"python -m tests.hunt --only {quarry}"


def test_gaps_of_next_to_nothing_are_judged_as_results_state_them() -> None:
    """The best plan leaves 5e-12 M USD of 1.5e-5, of which a bound proves a tenth."""
    asked = Quarry.named("mixed-3030-24").asked(*ASKED[:2], ways=["highs"], whole=False)
    assert {answer.outcome for answer in asked} == {"equal"}


def test_a_name_draws_the_same_network_everywhere() -> None:
    network, _ = Quarry.named("mixed-1-2").drawn()
    drawn_once = "da8a82167ebaa231bec12c008c7588a27bad1c42cbf0325dd20ddb16d3185ff2"
    assert network.sha256 == drawn_once


@pytest.mark.parametrize("oddity", odd.ODDITIES)
def test_an_oddity_changes_a_network_and_keeps_the_format(
    oddity: Callable[[WildDraft], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(odd, "ODDITIES", (oddity,))
    for number in range(20):
        seed = f"{oddity.__name__}-{number}"
        plain, strange = (wild_network(Dice.seeded(seed), HUNTED[s]) for s in ("plain", "odd"))
        if strange != plain and not broken_rules(strange):
            return
    pytest.fail("twenty networks are as they were, or break the format")


def test_right_answers_are_not_kept(tmp_path: Path) -> None:
    assert main(["--only", "plain-1-5", "--out", str(tmp_path)]) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"value": 1.001},
        pytest.param({"bound": 1.001}, marks=pytest.mark.slow),
        pytest.param({"bound": 0.9}, marks=pytest.mark.slow),
    ],
)
def test_a_wrong_answer_is_seen_and_kept(
    change: dict[str, float],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def lying(*network: Any, **asked: Any) -> Any:
        found = solve(*network, **asked)
        return replace(found, **{k: getattr(found, k) * by for k, by in change.items()})

    monkeypatch.setattr(questions, "solve", lying)
    assert main(["--only", "plain-1-5", "--out", str(tmp_path)]) == 1
    assert "plain-1-5: flow budget: " in capsys.readouterr().out
    kept = tmp_path / "plain-1-5"
    assert read_network(kept / "network") == Quarry.named("plain-1-5").drawn()[0]
    assert "`flowopt solve network --threads 1 --objective flow" in (kept / "FOUND.md").read_text()
