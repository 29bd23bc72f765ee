"""`verify` of a stress: what follows from its draws, and one number or name changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flowopt.errors import RequestError
from flowopt.planning.enumerate import prove_by_enumeration
from flowopt.planning.stress.stress_plans import stress
from flowopt.planning.verify import verify
from tests.networks import shipped


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = stress(
        shipped("two-bridges"), ["m_block"], rivals={"=gate": ["m_gate"]}, draws=25, resolve=2
    )
    place = tmp_path_factory.mktemp("stress") / "found"
    found.write(place)
    return place


def test_a_sound_stress_passes_and_claims_its_values(folder: Path) -> None:
    for network in (None, shipped("two-bridges")):
        verdict = verify(folder, network)
        assert verdict.passed, "\n".join(verdict.lines(only_failures=True))
        assert any("no flow is kept" in claim for claim in verdict.claims)


def other_cell(row: int, column: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        lines = text.split("\n")
        cells = lines[row].split(",")
        cells[lines[0].split(",").index(column)] = new
        lines[row] = ",".join(cells)
        return "\n".join(lines)

    return change


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("plans.csv", other_cell(1, "mean", "7.5")),
        ("plans.csv", other_cell(2, "sd", "9")),
        ("plans.csv", other_cell(1, "p95", "3")),
        ("plans.csv", other_cell(1, "cut_p50", "3")),
        ("plans.csv", other_cell(2, "best_share", "0.99")),
        ("plans.csv", other_cell(1, "cuts_nothing", "0.01")),
        ("plans.csv", other_cell(1, "behind_max", "0.01")),
        ("plans.csv", other_cell(1, "plan", "ours")),
        ("plans.csv", other_cell(1, "value", "")),
        ("plans.csv", other_cell(1, "value", "99")),
        ("draws.csv", other_cell(3, "value:plan", "4.125")),
        ("draws.csv", other_cell(3, "baseline", "0.5")),
        ("draws.csv", other_cell(3, "best_plans", "nobody")),
        ("draws.csv", other_cell(3, "draw", "4")),
        ("draws.csv", other_cell(1, "own_best", "99")),
        ("draws.csv", lambda text: "\n".join(text.split("\n")[:-2]) + "\n"),
        ("factors.csv", other_cell(2, "factor", "-1")),
        ("draws.csv", lambda text: text.split("\n")[0] + "\n"),
        ("factors.csv", other_cell(2, "group", "arc")),
        ("factors.csv", other_cell(2, "factor", "9")),
        ("drivers.csv", other_cell(1, "grades", "7")),
        ("drivers.csv", other_cell(1, "correlation", "0.999")),
        ("drivers.csv", other_cell(1, "rival", "nobody")),
        ("drivers.csv", other_cell(1, "numbers", "77")),
        ("summary.json", lambda text: text.replace('"sampled"', '"optimal"')),
        ("summary.json", lambda text: text.replace('"pessimistic"', '"sampled"')),
        ("summary.json", lambda text: text.replace('"common": 0.5', '"common": 5')),
        ("summary.json", lambda text: text.replace('"A": 1.05, ', "").replace('"A"', '"D"')),
        ("summary.json", lambda text: text.replace('"m_gate"', '"baseline"')),
        ("summary.json", lambda text: text.replace('"draws": 25', '"draws": 1000')),
        ("summary.json", lambda text: json.dumps({**json.loads(text), "plans": ["plan"]})),
        ("summary.json", lambda text: json.dumps({**json.loads(text), "ranges": "ABCX"})),
        ("network.json", lambda text: text.replace("two-bridges", "three-bridges")),
    ],
)  # fmt: skip
def test_one_thing_changed_is_noticed(
    folder: Path, tmp_path: Path, file: str, change: Callable[[str], str]
) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    path = tmp_path / "copy" / file
    before = path.read_text("utf-8")
    path.write_text(change(before), "utf-8")
    assert path.read_text("utf-8") != before
    assert not verify(tmp_path / "copy").passed


def test_every_plan_can_not_be_tried_for_a_sample(folder: Path) -> None:
    with pytest.raises(RequestError, match="a stress is a sample"):
        prove_by_enumeration(folder)
