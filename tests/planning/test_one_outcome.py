"""The response in one outcome of a plan whose measures may fail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import flowopt
from flowopt.errors import RequestError
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.verify import verify
from tests.networks import shipped
from tests.planning.lucky import of_luck

PLAN = ("m_block", "m_gate", "m_north")


def rows(text: str) -> list[int]:
    return [int(each) for each in text.split(";") if each]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_outcomes_of_an_evaluation_have_their_values(objective: Objective) -> None:
    network = shipped("two-bridges-luck")
    outcomes = of_luck(network, [*PLAN], objective=objective).outcomes
    assert len(outcomes) == 6
    for row in outcomes:
        works = [name for name in row.works.split(";") if name]
        found = flowopt.respond(
            network,
            PLAN,
            works=works,
            failed_effects=rows(row.failed_effects),
            objective=objective,
        )
        assert found.value == pytest.approx(row.value)
        assert set(found.measures) == set(works)
        assert f"its probability is {row.probability:.3g};" in found.warnings[-1]


def test_a_reform_that_fails_lowers_no_corruption() -> None:
    network = shipped("tiny")
    network = network.replace(measures=[replace(row, success=0.6) for row in network.measures])
    plan = ("m_scanner", "m_vetting")
    found = of_luck(network, [*plan]).outcomes
    for row in found:
        works = [name for name in row.works.split(";") if name]
        assert flowopt.respond(network, plan, works=works).value == pytest.approx(row.value)
    assert len({row.value for row in found}) > 1


def test_its_folder_stands_alone(tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    found = flowopt.respond(network, PLAN, works=["m_block", "m_gate"], failed_effects=[3])
    assert found.warnings[-1] == (
        "this is the response in one outcome of the plan, in which 'm_north', row 3 of the effects "
        "fail: its probability is 0.042; evaluate has the mean over all of them"
    )
    found.write(tmp_path / "one")
    assert verify(tmp_path / "one").passed


@pytest.mark.parametrize(
    ("works", "failed", "message"),
    [
        (["m_block"], [], "measure 'm_gate' of the plan always works; name it, too"),
        (["m_gate", "m_south"], [], "measure 'm_south' is not in the plan"),
        (["m_gate", "m_blok"], [], "'m_blok' is not in the network; did you mean 'm_block'"),
        (["m_gate"], [3], "row 3 of the effects is of 'm_block', which is not among what works"),
        (["m_gate"], [4], "row 4 of the effects always works where 'm_gate' does"),
        (["m_gate"], [0], "row 0 of the effects is not there: they have 4, counted from 1"),
        (None, [3], "name what works of the plan, too, with works"),
        (None, [], "name the measures of the plan that work, with works"),
    ],
)
def test_what_is_no_outcome_is_told(
    works: list[str] | None, failed: list[int], message: str
) -> None:
    with pytest.raises(RequestError, match=message):
        flowopt.respond(shipped("two-bridges-luck"), PLAN, works=works, failed_effects=failed)


def test_what_never_works_is_told() -> None:
    network = shipped("two-bridges-luck")
    network = network.replace(
        measures=[
            replace(row, success=0.0 if row.measure == "m_block" else row.success)
            for row in network.measures
        ]
    )
    with pytest.raises(RequestError, match=r"'m_block' never works, as its success is 0"):
        flowopt.respond(network, PLAN, works=["m_block", "m_gate"])
    assert flowopt.respond(network, PLAN, works=["m_gate"]).value == 9.0


def test_a_row_that_never_works_needs_no_mention() -> None:
    network = shipped("two-bridges-luck")
    *others, gate = network.effects
    network = network.replace(effects=[*others, replace(gate, success=0.0)])
    for failed in ([], [4]):
        found = flowopt.respond(network, ["m_gate"], works=["m_gate"], failed_effects=failed)
        assert found.value == 10.0
        assert "its probability is 1;" in found.warnings[-1]


def test_a_plan_that_always_works_has_one_outcome() -> None:
    network = shipped("two-bridges")
    found = flowopt.respond(network, ["m_gate"], works=["m_gate"])
    assert found.value == flowopt.respond(network, ["m_gate"]).value
    assert "in which all of it works: its probability is 1;" in found.warnings[-1]
