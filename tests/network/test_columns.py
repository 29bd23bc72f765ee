"""Cells: the values that they may hold, and the faults of the others."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowopt.network.columns import CellFault, CellType
from tests.strategies import TEXTS

NUMBER, SHARE = CellType("number"), CellType("number", least=0, most=1)
TEXT, NAME = CellType("text"), CellType("text", filled=True)
LIST, SOME = CellType("list"), CellType("list", filled=True)
WORD = CellType("text", options=("arc", "node"))


def fault(kind: CellType, value: object) -> str:
    with pytest.raises(CellFault) as caught:
        kind.value(value)
    assert caught.value.about(value)
    return caught.value.kind


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (NUMBER, 3, 3.0),
        (NUMBER, "1e3", 1000.0),
        (NUMBER, -0.0, 0.0),
        (NUMBER, "-0", 0.0),
        (CellType("number", optional=True), None, None),
        (TEXT, " a ", "a"),
        (TEXT, "", ""),
        (TEXT, "\u00e9", "\u00e9"),
        (LIST, "a; b;;", ("a", "b")),
        (LIST, [" a", "b"], ("a", "b")),
        (LIST, (), ()),
        (WORD, "arc", "arc"),
    ],
)
def test_values(kind: CellType, value: object, found: object) -> None:
    assert repr(kind.value(value)) == repr(found)  # -0.0 is no 0.0, and 3 no 3.0


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        (NUMBER, True, "no number"),
        (NUMBER, "1_000", "no number"),
        (NUMBER, "1" * 401, "no number"),
        (NUMBER, None, "no number"),
        (NUMBER, [1], "no number"),
        (NUMBER, math.nan, "too large"),
        (NUMBER, "1e400", "too large"),
        (NUMBER, 10**400, "too large"),
        (SHARE, -0.1, "too low"),
        (SHARE, "1.1", "too high"),
        (NAME, " ", "blank"),
        (TEXT, 7, "no text"),
        (TEXT, None, "no text"),
        (TEXT, "a\ud800", "half a sign"),
        (LIST, "a;\ud800", "half a sign"),
        (LIST, 7, "no list"),
        (LIST, ["a", 7], "no text"),
        (LIST, ["a", " "], "blank"),
        (SOME, " ; ", "empty list"),
        (WORD, "Arc", "no option"),
        (WORD, ["arc"], "no option"),
    ],
)
def test_faults(kind: CellType, value: object, why: str) -> None:
    assert fault(kind, value) == why


@given(st.one_of(TEXTS, st.floats(), st.integers(), st.lists(TEXTS), st.none()))
def test_a_value_stands_for_itself(value: Any) -> None:
    for kind in (NUMBER, SHARE, TEXT, NAME, LIST, SOME, WORD):
        try:
            found = kind.value(value)
        except CellFault:
            continue
        assert kind.value(found) == found
