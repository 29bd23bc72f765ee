"""Headline of the page of a plan for several scenarios: the answer, key figures, how sure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowopt.plain_text import plain_number
from flowopt.report.digits import decimals, fixed, percent
from flowopt.report.headline import Headline, KeyFigure, number_in
from flowopt.report.scenario_words import LOOSE, base_of, certainty, measured, target_answer
from flowopt.report.stored_scenarios import StoredScenarios
from flowopt.report.units import Units

# The key figures of each criterion, its own first.
_FIGURES = {
    "expected": ("expected", "cut", "regret"),
    "worst": ("worst", "cut", "regret"),
    "cut": ("cut", "expected", "regret"),
    "regret": ("regret", "expected", "cut"),
    "cvar": ("cvar", "cut", "regret"),
}
_LABELS = {
    "expected": ("left in the mean", "{} a year, by the weights"),
    "worst": ("left at most", "{} a year"),
    "cut": ("cut for sure", "{} a year, whichever holds"),
    "regret": ("missed at most", "{} a year, against the best plan there"),
    "cvar": ("left in the worst part", "{} a year, in the mean of it"),
}


def scenario_headline(result: StoredScenarios) -> Headline:
    """Return the headline of a plan for several scenarios."""
    summary, rows, units = result.summary, result.rows, result.units
    counted = measured(summary, rows)
    places = decimals(base_of(rows), [n for n in (counted["cut"], counted["regret"]) if n >= 0.005])
    return Headline(
        answer=_answer(result, places),
        figures=(
            *(
                KeyFigure(label, fixed(counted[name], places), unit.format(units.unit))
                for name in _FIGURES[summary["criterion"]]
                for label, unit in [_LABELS[name]]
            ),
            KeyFigure(
                "the plan costs", f"{number_in(summary, 'spent'):,.2f}", _money(summary, units)
            ),
        ),
        sure=_sure(result),
    )


def _answer(result: StoredScenarios, places: int) -> str:
    """Return the sentence that answers what the criterion asks."""
    summary, units, many = result.summary, result.units, len(result.rows)
    value, baseline = number_in(summary, "value"), number_in(summary, "baseline")
    count, year = len(summary["measures"]), f"{units.unit} a year"
    if base_of(result.rows) <= 0.0:
        return f"There is nothing to cut in any of the {many} scenarios."
    if summary.get("target") is not None:
        return target_answer(summary, many, units)
    if not count:
        return f"Without measures nothing is cut in any of the {many} scenarios."
    budget = summary["budget"]
    money = f"{number_in(summary, 'spent') if budget is None else budget:,.10g} {units.money}"
    these = "this one measure" if count == 1 else f"these {count} measures"
    if result.by_hand:
        these = f"your plan of {count} measure{'s' if count > 1 else ''}"
    one = count == 1 or result.by_hand
    plan = f"For {money} a year {these}"
    less = f"{percent(max(0.0, (baseline - value) / baseline))} less" if baseline > 0.0 else ""
    cuts = f"{plan} cut{'s' if one else ''} {units.quantity}"
    ends = f"from {fixed(baseline, places)} to {fixed(value, places)} {year}: {less}."
    match summary["criterion"]:
        case "cut":
            return (
                f"{cuts} by at least {fixed(-value, places)} {year}, whichever of the {many} "
                "scenarios holds."
            )
        case "regret":
            return (
                f"{plan} come{'s' if one else ''} within {fixed(value, places)} {year} of the best "
                f"plan for each of the {many} scenarios, whichever holds."
            )
        case "worst":
            return f"{cuts} in the worst of {many} scenarios {ends}"
        case "cvar":
            worst = f"the worst {number_in(summary, 'tail_share'):.0%} of the weight"
            return f"{cuts} in the mean of {worst} of {many} scenarios {ends}"
        case _:
            return f"{cuts} in the mean of {many} scenarios {ends}"


def _sure(result: StoredScenarios) -> tuple[str, ...]:
    summary = result.summary
    order = (
        "The plan is chosen before it shows which scenario holds; the trafficker sees both, and "
        "goes round as well as it can."
    )
    if result.by_hand:
        made = "The plan was made by hand and its values are exact for these tables."
        return (made, "Whether another plan for this money does better was not asked.", order)
    said = certainty(summary, result.units)
    proved = "Proved" if summary["status"] == "optimal" else "Not proved"
    known = "The best plan for each scenario alone is known within a gap of its own."
    loose = any(row.own_best - row.own_bound > LOOSE * base_of(result.rows) for row in result.rows)
    return (f"{proved}: {said[0].lower()}{said[1:]}", *([known] if loose else []), order)


def _money(summary: Mapping[str, Any], units: Units) -> str:
    budget = summary["budget"]
    of = "" if budget is None else f"of {plain_number(budget)} "
    return f"{of}{units.money} a year"
