"""Headlines of pages: the finding, its digits, and what is not claimed."""

from __future__ import annotations

from typing import Any

import pytest

from flowopt.report.frontier_headline import frontier_headline
from flowopt.report.headline import plan_headline
from flowopt.report.units import Units
from tests.networks import shipped

UNITS = Units(shipped("tiny"), "flow")


def plan(baseline: float, value: float, **others: Any) -> dict[str, Any]:
    return {
        "objective": "flow", "status": "optimal", "gap": 0.0, "bound": value, "limit": None,
        "baseline": baseline, "value": value, "cut": baseline - value, "measures": ["m"],
        "cut_share": (baseline - value) / baseline, "budget": 20.0, "spent": 19.86, **others,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("baseline", "value", "said"),
    [
        (215.0, 201.4916, "from 215 to 201 t a year: 6.3% less"),
        (215.0, 214.65, "from 215.00 to 214.65 t a year: 0.2% less"),
        (10.0, 6.0, "from 10.0 to 6.0 t a year: 40% less"),
        (5375.2, 0.4, "from 5,375 to 0 t a year: over 99% less"),
    ],
)
def test_digits_are_those_the_data_carry_and_never_hide_the_cut(
    baseline: float, value: float, said: str
) -> None:
    assert said in plan_headline(plan(baseline, value), UNITS).answer


def test_a_proof_contradicts_no_rounded_value() -> None:
    """171.5 would be shown as 172, and its bound as no less than 171."""
    text = " ".join(plan_headline(plan(180.0, 171.5), UNITS).sure)
    assert text.startswith("Proved: no plan for this money does better.")
    close = plan_headline(plan(180.0, 171.5, gap=1e-4, bound=171.48), UNITS).sure[0]
    assert close == (
        "Proved to within 0.010%: no plan for this money does better by more than that."
    )


def test_a_bound_is_never_shown_above_itself() -> None:
    open_ = plan_headline(plan(215.0, 205.0, status="limit", gap=0.02, bound=200.96), UNITS).sure[0]
    assert "none below 200 t" in open_


def sweep(values: list[float], knees: list[float], **others: Any) -> tuple[dict[str, Any], Any]:
    """Budgets 0, 10, 20, ... with these values, all of it spent."""
    rows = [
        {
            "budget": f"{10 * i}", "spent": f"{10 * i}", "value": f"{value}", "gap": "0",
            "cut": f"{values[0] - value}", "cut_share": f"{1 - value / values[0]}",
            "marginal": "" if not i else f"{(values[i - 1] - value) / 10}", "status": "optimal",
        }
        for i, value in enumerate(values)
    ]  # fmt: skip
    count = len(values)
    about = {"baseline": values[0], "rows": count, "proved": count, "knees": knees, **others}
    return about, rows


@pytest.mark.parametrize(
    ("values", "knees", "said"),
    [
        ([215, 205, 195, 190], [20.0],
         "The first 20 M USD a year take 20 t off deliveries, at 1 M USD a tonne; beyond that the "
         "next ones cost 2 M USD each."),
        ([215, 205, 195, 195], [20.0],
         "The first 20 M USD a year take 20 t off deliveries, at 1 M USD a tonne; the next money "
         "beyond that takes off nothing."),
        ([215, 205, 196], [],
         "Up to 20 M USD a year there is no point beyond which money buys much less: 19 t off "
         "deliveries in all, 1.1 M USD a tonne on average."),
        ([215, 215], [], "For budgets up to 10 M USD a year no plan cuts deliveries: still 215 t"),
    ],
)  # fmt: skip
def test_the_headline_of_a_frontier_is_its_finding(
    values: list[float], knees: list[float], said: str
) -> None:
    assert frontier_headline(*sweep(values, knees), UNITS).answer.startswith(said)


def test_an_unproved_frontier_says_so() -> None:
    found = frontier_headline(*sweep([215, 205, 195, 190], [20.0], proved=3), UNITS)
    assert found.answer.endswith("each, as far as plans were found.")
