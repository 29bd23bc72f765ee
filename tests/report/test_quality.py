"""How good the data behind a plan are said to be, by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.solve import solve
from flowopt.report.quality import Basis, Quality, basis_of, quality_of
from flowopt.report.quality_text import comparison_quality_text, plan_quality_text
from flowopt.report.result_reader import read_result
from flowopt.report.result_writer import write_solution
from tests.networks import effect, line, measure, shipped


def graded(arc: schema.Grade | None, *effects: schema.Grade | None) -> Network:
    """A line whose measures m0, m1 .. each close 1/4 of the first arc, with these grades."""
    base = line()
    return base.replace(
        arcs=[replace(row, grade=arc) for row in base.arcs],
        measures=[replace(measure(f"m{i}"), grade="A", source=("s",)) for i in range(len(effects))],
        effects=[
            replace(effect(f"m{i}", "arc", "a1", cut=0.5), grade=grade, source=("t",))
            for i, grade in enumerate(effects)
        ],
        sources=[schema.Source(source=name, title=name) for name in "st"],
    )


@pytest.mark.parametrize(
    ("arc", "act", "worst"),
    [("A", "A", "A"), ("A", "B", "B"), ("C", "B", "C"), ("X", "A", "X"), (None, "X", ""),
     ("A", None, "")],
)  # fmt: skip
def test_the_worst_grade_counts(
    arc: schema.Grade | None, act: schema.Grade | None, worst: str
) -> None:
    assert basis_of(graded(arc, act), "m0", ["m0"]) == Basis(worst, ("s", "t"))


def test_a_reform_rests_on_what_it_reforms_in_the_plan() -> None:
    tiny = shipped("tiny")
    better = tiny.replace(
        measures=[replace(row, grade="A") for row in tiny.measures],
        reforms=[replace(row, grade="B") for row in tiny.reforms],
    )
    assert basis_of(better, "m_vetting", ["m_vetting", "m_scanner"]).grade == "X"
    assert basis_of(better, "m_vetting", ["m_vetting"]).grade == "A"


def test_the_effect_is_shared_out_by_what_would_be_lost(tmp_path: Path) -> None:
    """20 t become 5 t; without either measure 10 t pass: each would lose 5 t, half and half."""
    network = graded("A", "A", "X")
    write_solution(solve(network, budget=2), network, tmp_path / "out")
    quality = quality_of(read_result(tmp_path / "out", network))
    assert quality.effect == pytest.approx({"A": 0.5, "X": 0.5})
    assert quality.assumed == pytest.approx(0.5)
    assert quality.legs == 0.0
    text = plan_quality_text(network, quality, chosen=False)
    assert text.worst.startswith("50% of the plan's effect rests on measures")


def test_without_time_to_see_what_measures_are_worth_the_effect_rests_on_nothing_known(
    tmp_path: Path,
) -> None:
    network = graded("A", "A", "X")
    write_solution(solve(network, budget=2, time_limit=1e-3), network, tmp_path / "out")
    quality = quality_of(read_result(tmp_path / "out", network))
    assert (quality.effect, quality.known) == ({}, False)
    text = plan_quality_text(network, quality, chosen=False)
    assert text.worst.startswith("There was no time to see what each measure")


def test_legs_without_a_grade_count_as_assumed(tmp_path: Path) -> None:
    network = graded(None, "A")
    write_solution(solve(network, budget=0), network, tmp_path / "out")
    quality = quality_of(read_result(tmp_path / "out", network))
    assert quality.assumed is None
    assert quality.legs == 1.0
    text = plan_quality_text(network, quality, chosen=False)
    assert text.worst.startswith("Of the tonnes that move, counted on every leg, 100%")
    assert text.others == ("The plan has no effect, so it rests on no data.",)


def test_the_worst_that_is_true_comes_first_and_nothing_is_denied() -> None:
    """Well-known measures beside assumed ones: the choice among them rests on the assumed."""
    network = graded("A", "C", "X", "X", "X")
    quality = Quality({"C": 1.0}, 0.5, {})
    text = plan_quality_text(network, quality, chosen=True)
    assert text.worst == (
        "Which plan is best depends on what every measure would do, and 3 of 4 rows of the tables "
        "on effects are assumed."
    )
    assert [words.split()[0] for words in text.others] == ["Of", "The"]
    assert "0% of" not in " ".join((text.worst, *text.others))
    by_hand = plan_quality_text(network, quality, chosen=False)
    assert by_hand.worst.startswith("Of the tonnes that move, counted on every leg, 50% move")


def test_where_nothing_is_assumed_that_is_said() -> None:
    text = plan_quality_text(graded("A", "A"), Quality({"A": 1.0}, 0.0, {}), chosen=True)
    assert text.worst.startswith("The plan's own effect, by the worst grade")
    assert text.others == ()


def test_of_a_comparison_the_measures_and_the_legs_of_all_plans_count() -> None:
    network = graded("A", "A", "X")
    text = comparison_quality_text(network, [["m0"], ["m0", "m1"]], [0.2, None, 0.4])
    assert text.worst.startswith("Which plan is best depends on what every measure would do, and 1")
    assert text.others == (
        "1 of the 2 measures in these plans rest on some number that is assumed.",
        "Of the tonnes that move, counted on every leg, 20% to 40% move on legs whose capacity, "
        "cost and loss are assumed.",
    )
