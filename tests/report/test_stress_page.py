"""The page and the pictures of a stress: what they show, and refuse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowopt.errors import RequestError
from flowopt.network.schema import Range
from flowopt.planning.stress.stress_plans import stress
from flowopt.report.page_files import make_report
from flowopt.report.stress_pictures import stress_drawings
from flowopt.report.stress_reader import read_stress
from flowopt.report.stress_words import phrase, sentences
from flowopt.results.stress import Stress
from tests.networks import shipped

NETWORK = shipped("two-bridges").replace(
    ranges=[Range(on="arc", target="avenue", column="capacity", low=0.5, high=1.5, group="avenue")]
)


@pytest.fixture(scope="module")
def found() -> Stress:
    return stress(NETWORK, ["m_block"], rivals={"<gate>": ["m_gate"]}, draws=20)


@pytest.fixture(scope="module")
def folder(found: Stress, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("stress") / "found"
    found.write(place)
    return place


def test_a_page_says_what_the_text_says(found: Stress, folder: Path) -> None:
    make_report(folder, NETWORK, place="n", page=folder / "report.html")
    text = (folder / "report.html").read_text("utf-8")
    flat = " ".join(re.sub(r"<[^>]*>", "", text).split())
    for sentence in sentences(NETWORK, found):
        assert " ".join(sentence.replace("<", "&lt;").replace(">", "&gt;").split()) in flat.replace(
            "&#39;", "'"
        )
    assert "a sample, no proof" in flat
    assert "<gate>" not in text
    assert "flowopt stress n --measures m_block" in flat


def test_what_is_read_is_what_was_written(found: Stress, folder: Path) -> None:
    again = read_stress(folder, NETWORK).result
    assert [row.group for row in again.drivers] == [row.group for row in found.drivers]
    assert again.measures == found.measures
    assert again.plans[0].mean == pytest.approx(found.plans[0].mean, rel=1e-9)
    with pytest.raises(RequestError, match="is not about"):
        read_stress(folder, shipped("two-bridges"))


def test_pictures_have_a_box_for_each_plan_and_the_flips(folder: Path) -> None:
    drawn = stress_drawings(read_stress(folder, NETWORK))
    assert list(drawn) == ["distribution", "tornado", "flips"]
    for draw in drawn.values():
        (axes,) = draw().axes
        assert axes.get_title(loc="left")
    (axes,) = drawn["distribution"]().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["plan", "<gate>"]
    (axes,) = drawn["flips"]().axes
    assert any("x 0.78: <gate>" in text.get_text() for text in axes.texts)


def test_a_group_is_said_in_words() -> None:
    assert phrase(NETWORK, "arc capacity road") == "road capacities"
    assert phrase(NETWORK, "demand quantity goods") == "what markets take of Goods"
    assert phrase(NETWORK, "my own group") == "my own group"
