"""Figures that stand in pages of `docs/` without a command that prints them, worked out anew."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import flowopt
from flowopt.network.network import Network
from flowopt.planning.stress.moving import GRADES
from flowopt.results.stress import Stress
from tests.networks import ROOT, shipped

STRESS = (ROOT / "docs" / "stress.md").read_text(encoding="utf-8")
JURISDICTIONS = (ROOT / "docs" / "jurisdictions.md").read_text(encoding="utf-8")
PLAN = ["m01", "m11", "m12", "m13"]
SMALL_AREAS = "m01;m02;m04;m05;m08;m11;m13;m47"
BUDGET = 20.0


@pytest.fixture(scope="module")
def peru() -> Network:
    return shipped("peru-2014")


def cells(text: str, first: str) -> Iterator[list[str]]:
    """Yield the rows of the table whose heading begins with a word, as cells."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first}"))
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_ranges_of_grades_are_those_of_the_code() -> None:
    stated = {row[0][0]: float(row[1].split("to")[1]) for row in cells(STRESS, "grade | factor")}
    assert stated == GRADES


def row_of(found: Stress) -> list[str]:
    """Return what the table of narrow and wide ranges says of a stress."""
    plan, other = found.plans
    return [
        f"{plan.cut_p05:.1f} / {plan.cut_p50:.1f} / {plan.cut_p95:.1f}",
        f"{plan.cut_mean:.1f}",
        f"{found.nothing_cut:.0%}",
        f"{plan.best_share:.0%}",
        f"{other.best_share:.0%}, mean {other.cut_mean:.1f} t",
    ]


@pytest.mark.slow
def test_narrow_and_wide_ranges_do_to_two_plans_what_the_page_says(peru: Network) -> None:
    for head, *stated in cells(STRESS, "ranges, 200 draws"):
        ranges = {grade: float(factor) for grade, factor in re.findall(r"([A-Z])=([\d.]+)", head)}
        found = flowopt.stress(
            peru, PLAN, rivals={"small areas": SMALL_AREAS.split(";")}, draws=200, ranges=ranges
        )
        assert row_of(found) == stated


def limited(row: list[str]) -> tuple[dict[str, float], list[str]]:
    """Return the limit of the VRAEM command in a row, and the plan under it."""
    number = row[0].split()[0]
    return {} if number == "no" else {"vraem_command": float(number)}, row[1].split()


def test_plans_under_a_limit_of_the_command_are_worth_what_the_page_says(peru: Network) -> None:
    trafficker = flowopt.Trafficker(peru)
    nothing, costs = trafficker.value(), {row.measure: row.cost for row in peru.measures}
    needs = {row.measure: row.amount for row in peru.uses if row.resource == "vraem_command"}
    free = None
    for row in cells(JURISDICTIONS, "VRAEM command |"):
        limit, plan = limited(row)
        left = trafficker.value(plan)
        free = left if free is None else free
        stated = [f"{sum(costs[m] for m in plan):.2f}", f"{left:.2f}", f"{nothing - left:.2f}"]
        assert [*stated, "" if left == free else f"{left - free:.2f}"] == row[2:]
        assert sum(needs.get(m, 0.0) for m in plan) <= limit.get("vraem_command", 3.0)


def test_resources_of_peru_have_the_limits_that_the_page_says(peru: Network) -> None:
    stated = {
        row[0].strip("`"): float(row[3].split()[0].replace(",", "")) if row[3] != "none" else None
        for row in cells(JURISDICTIONS, "resource | whose")
    }
    assert stated == {row.resource: row.limit for row in peru.resources}


@pytest.mark.slow
def test_plans_under_a_limit_of_the_command_are_proved(peru: Network) -> None:
    trafficker = flowopt.Trafficker(peru)
    for row in cells(JURISDICTIONS, "VRAEM command |"):
        limit, plan = limited(row)
        if not limit:
            continue  # the committed result for this budget, which tests/test_results.py makes anew
        found = flowopt.solve(peru, budget=BUDGET, resources=limit)
        # Two plans that are proved lie within the gap of each other: which one comes may change.
        assert found.status == "optimal"
        assert trafficker.value(plan) == pytest.approx(found.value, rel=1e-4)
