"""The table of Peru's plans by five criteria: each plan valued anew, and by every criterion."""

from __future__ import annotations

import pytest

from tests.docs.five_criteria import PAGE, by_criteria, read, table, values_of
from tests.networks import shipped

AGAIN = "out of date: python -m tests.docs.five_criteria"


@pytest.mark.slow  # values each plan in every world of Peru
def test_the_table_of_five_criteria_is_that_of_its_plans() -> None:
    network, text = shipped("peru-2014"), PAGE.read_text(encoding="utf-8")
    rows = read(text)
    now = [type(row)(row.made, row.measures, values_of(network, row.measures)) for row in rows]
    assert table(network, now) in text, AGAIN


def test_each_plan_is_the_best_of_the_table_by_its_criterion() -> None:
    network = shipped("peru-2014")
    rows = read(PAGE.read_text(encoding="utf-8"))
    judged = by_criteria(network, rows)
    for name in ("expected", "worst", "cut", "regret", "cvar"):
        sign = -1.0 if name == "cut" else 1.0
        mine = next(
            each[name] for row, each in zip(rows, judged, strict=True) if f"`{name}`" in row.made
        )
        least = min(sign * each[name] for each in judged)
        assert sign * mine <= least + 0.02 + 1e-4 * abs(least), AGAIN
    for place, row in enumerate(network.scenarios):
        alone = next(each.left[place] for each in rows if f"*{row.scenario}* alone" in each.made)
        assert alone <= min(each.left[place] for each in rows) + 0.02, AGAIN
