"""Every column of numbers says what it counts, as its row class and the pages do."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_type_hints

import pytest

import flowopt
from flowopt.results import evaluation, frontier, rows
from flowopt.results.column_units import units
from tests.networks import shipped

CLASSES = [
    *(getattr(rows, name) for name in (
        "Flow", "SiteRun", "SupplyUse", "Delivery", "Earned", "Binding", "PlanRow", "NextMeasure",
        "Alternative", "FlowChange", "MarketChange", "Displacement", "OrganisationChange",
    )),
    *(getattr(frontier, name) for name in (
        "FrontierRow", "MeasureAt", "MarketAt", "DisplacementAt", "LadderRow", "PlanAt",
    )),
    evaluation.PlanCompared,
]  # fmt: skip


@pytest.mark.parametrize("row", CLASSES, ids=lambda row: row.__name__)
def test_a_column_has_a_unit_where_it_has_amounts(row: Any) -> None:
    hints = get_type_hints(row)
    amounts = {each.name for each in fields(row) if hints[each.name] in (float, float | None)}
    assert set(units(row)) == amounts


def test_a_table_names_its_units() -> None:
    solution = flowopt.solve(shipped("tiny"), budget=4)
    assert solution.markets.units == {
        "budget": "M USD/yr", "before": "t/yr", "after": "t/yr", "change": "t/yr",
        "change_share": "share",
    }  # fmt: skip
    assert "before (t/yr)" in solution.markets._repr_html_()
    assert solution.organisations.units["earned_change"] == "M USD/yr"
    assert "budget" not in flowopt.respond(shipped("tiny")).flows.units
