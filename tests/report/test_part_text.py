"""Sentences on a plan for a part of the markets."""

from __future__ import annotations

from typing import Any

import pytest

from flowopt.report.part_text import part_sentences
from flowopt.report.units import Units
from tests.networks import shipped


def told(of: str | None, objective: str = "flow", **summary: Any) -> list[str]:
    """Return the sentences on a summary of the network tiny."""
    units = Units(shipped("tiny"), objective, of)
    held = {"objective": objective, "measures": ["m_strip"], **summary}
    return list(part_sentences(held, units, lambda tonnes: f"{tonnes:g}"))


RANGES = {"before": {"least": 4.0, "most": 5.0}, "after": {"least": 2.0, "most": 2.0}}


def test_all_markets_need_no_sentence() -> None:
    assert told(None) == []


def test_value_is_a_guarantee_and_stands_beside_what_arrives_when_all_are_served() -> None:
    first, second = told("Northland", served=RANGES)
    assert first.startswith("That is the most that can reach Northland, whatever else")
    assert second == (
        "One that brings as much as it can to all markets brings 2 t a year there under the plan "
        "(without: between 4 and 5)."
    )


def test_without_a_plan_or_time_only_what_is_known_is_said() -> None:
    assert told("Northland", served=RANGES, measures=[])[1] == (
        "One that brings as much as it can to all markets brings between 4 and 5 t a year there "
        "without measures."
    )
    assert len(told("Northland", served={})) == 1


def test_commodity_is_delivered_and_not_reached() -> None:
    first, second = told("commodity:product", served=RANGES)
    assert "the most that can be delivered of" in first
    assert "2 t a year of it under the plan" in second


@pytest.mark.parametrize(("ties", "word"), [("pessimistic", "most"), ("optimistic", "least")])
def test_trafficker_for_profit_brings_what_its_tie_says(ties: str, word: str) -> None:
    (only,) = told("Northland", "bilevel", ties=ties)
    assert only.startswith("These are the deliveries to Northland by a trafficker who earns")
    assert only.endswith(f"the one that brings {word} there.")
