"""The name that was probably meant: like it whatever the case, and none where none is close."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowopt.errors import RequestError
from flowopt.planning.trafficker import Trafficker
from flowopt.similar_names import closest
from tests.networks import shipped


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("Capcity", ["capacity", "cost"], "capacity"),
        ("M_STRIP", ["m_strip", "M_RIVER"], "m_strip"),
        ("m_strip", [], None),
        ("lanes", ["capacity", "cost"], None),
        ("abc", ["abd", "a"], "abd"),
        ("abc", ["ab", "x"], "ab"),
        ("abcd", ["axcx"], None),  # a half of it is not enough
    ],
)
def test_the_closest_name(name: str, known: list[str], found: str | None) -> None:
    assert closest(name, known) == found


def test_what_is_compared_and_how_near_it_is_can_be_chosen() -> None:
    assert closest("length", ["lengths"], alike=1.0) is None
    assert closest("arc_cost", ["ArcCost"], alike=1.0, fold=lambda n: n.replace("_", "").lower())


def test_long_names_are_not_compared() -> None:
    assert closest("x" * 201, ["x" * 200]) is None
    assert closest("x" * 200, ["x" * 201]) is None
    assert closest("x" * 199, ["x" * 200]) == "x" * 200


def test_measures_and_rows_are_suggested_whatever_their_case() -> None:
    network = shipped("tiny")
    trafficker = Trafficker(network)
    name = network.measures[0].measure
    with pytest.raises(RequestError, match=f"did you mean '{name}'"):
        trafficker.value([name.upper()])
    arc = network.arcs[0].arc
    with pytest.raises(RequestError, match=rf"did you mean \('arcs', '{arc}'\)"):
        trafficker.value([], changes={("arcs", arc.upper()): {"capacity": 1.0}})


def test_a_suggested_row_keeps_the_strokes_in_its_id() -> None:
    network = shipped("tiny")
    stroke = replace(network.arcs[0], arc="a/b")
    trafficker = Trafficker(network.replace(arcs=[*network.arcs, stroke]))
    with pytest.raises(RequestError, match=r"did you mean \('arcs', 'a/b'\)"):
        trafficker.value([], changes={("arcs", "a/bb"): {"capacity": 1.0}})
