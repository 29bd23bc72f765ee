"""How good the data behind a plan are said to be, by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.solve import solve
from flowopt.report.headline import data_sentences
from flowopt.report.quality import Basis, basis_of, quality_of
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
    said = list(data_sentences(quality))
    assert said[0].startswith("50% of the plan's effect rests on measures")


def test_without_time_to_see_what_measures_are_worth_the_effect_rests_on_nothing_known(
    tmp_path: Path,
) -> None:
    network = graded("A", "A", "X")
    write_solution(solve(network, budget=2, time_limit=1e-3), network, tmp_path / "out")
    quality = quality_of(read_result(tmp_path / "out", network))
    assert (quality.effect, quality.known) == ({}, False)
    assert next(data_sentences(quality)).startswith("There was no time to see what each measure")


def test_legs_without_a_grade_count_as_assumed(tmp_path: Path) -> None:
    network = graded(None, "A")
    write_solution(solve(network, budget=0), network, tmp_path / "out")
    quality = quality_of(read_result(tmp_path / "out", network))
    assert quality.assumed is None
    assert quality.legs == 1.0
    assert "no effect" in next(iter(data_sentences(quality)))
