"""Sentences on a plan for several scenarios, as the terminal and the page print them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowopt.plain_text import name_and_id, plain_number
from flowopt.report.certainty import stopped_by
from flowopt.report.digits import fixed
from flowopt.report.units import Units
from flowopt.results.plans_side_by_side import mean_left
from flowopt.results.scenario_solution import ScenarioRow

MEASURED = {
    "expected": "mean left",
    "worst": "most left",
    "cut": "sure cut",
    "regret": "most regret",
    "cvar": "mean of the worst",
}  # what a criterion counts, in the order in which plans stand side by side
# Columns of `plans.csv` that hold what a criterion counts; `cvar` has none beside its own value.
COLUMNS = {
    "expected": "mean_left",
    "worst": "most_left",
    "cut": "sure_cut",
    "regret": "most_regret",
}
# What a target asks of a plan, by criterion.
_REACHING = {
    "expected": "Leaving {} or less in the mean of {} scenarios",
    "worst": "Leaving {} or less in each of {} scenarios",
    "cut": "Cutting {} or more, whichever of {} scenarios holds,",
    "regret": "Coming within {} of the best plan there is, whichever of {} scenarios holds,",
    "cvar": "Leaving {} or less in the mean of the worst part of {} scenarios",
}
_DIFFER = ("cut", "regret")
LOOSE = 1e-3  # of what is left without measures: from where a best plan is only the best known
_SAID = 1e-4  # share of the largest value: a difference that is worth a sentence
_PLACES = 2


def certainty(summary: Mapping[str, Any], units: Units) -> str:
    """Return the sentence that tells how good the plan is known to be.

    Parameters
    ----------
    summary
        `summary.json` of the plan.
    units
        Labels.
    """
    bound, gap, criterion = summary["bound"], summary["gap"], summary["criterion"]
    if summary.get("target") is not None:
        return _certainty_of_cost(summary, units)
    if bound is None or gap is None:
        return "It was made by hand: that no plan is better is not claimed."
    stopped = stopped_by(summary["limit"]) if summary["status"] == "limit" else ""
    if criterion == "cut":
        said = f"No plan is sure to cut more than {fixed(-bound, _PLACES)} {units.unit}"
    elif criterion == "regret":
        said = f"No plan's most regret is less than {fixed(max(0.0, bound), _PLACES)} {units.unit}"
    else:
        said = f"No plan leaves less than {fixed(bound, _PLACES)} {units.unit}"
        if criterion == "cvar":
            said += " in that mean"
    of = " of the most that is left without measures" if criterion in _DIFFER else ""
    return f"{said} (gap {gap:.2%}{of}){stopped}."


def _certainty_of_cost(summary: Mapping[str, Any], units: Units) -> str:
    """Return how sure it is that no plan that reaches the target costs less."""
    floor = f"{summary['cost_bound']:,.2f} {units.money} a year"
    if summary["status"] == "optimal":
        return f"No plan that does it costs less than {floor}."
    stopped = stopped_by(summary["limit"])
    gap = f"gap {summary['cost_gap']:.2%}"
    return f"A cheaper plan may exist, but none below {floor} ({gap}){stopped}."


def target_answer(summary: Mapping[str, Any], scenarios: int, units: Units, mean: str = "") -> str:
    """Return the sentence that tells what reaching the target takes.

    Parameters
    ----------
    summary
        `summary.json` of the plan.
    scenarios
        How many there are.
    units
        Labels.
    mean
        Over what values are means, with a comma at each end; nothing where they are not.
    """
    amount = f"{plain_number(summary['target'])} {units.unit} a year{mean}"
    count, criterion, value = len(summary["measures"]), summary["criterion"], summary["value"]
    these = f"{count} measure{'s' if count != 1 else ''}"
    got = fixed((-value if criterion == "cut" else value) + 0.0, _PLACES)
    return (
        f"{_REACHING[criterion].format(amount, scenarios)} takes {these} for "
        f"{summary['spent']:,.2f} {units.money} a year; the {MEASURED[criterion]} is then {got}."
    )


def sentences(
    summary: Mapping[str, Any], rows: Sequence[ScenarioRow], looked_at: str | None, units: Units
) -> list[str]:
    """Return what the scenarios say in words, and what looking and knowing are worth.

    Parameters
    ----------
    summary, rows
        `summary.json` of the plan, and its scenarios.
    looked_at
        The scenario that a planner who looks at one alone would take.
    units
        Labels.
    """
    unit, small = units.unit, _SAID * base_of(rows)
    found = [_extremes(rows, small)]
    high, value = summary["regret_high"], summary["value"]
    if high is not None and high - value > small:
        found.append(
            "The best plans of the scenarios are known within a gap, so the true regret is "
            f"between {fixed(value, _PLACES)} and {fixed(high, _PLACES)} {unit}."
        )
    loose = max(row.own_best - row.own_bound for row in rows)
    if high is None and loose > LOOSE * base_of(rows):
        found.append(
            "The best there is the best that is known: up to "
            f"{fixed(loose, _PLACES)} {unit} less may be possible in a scenario alone."
        )
    looking, knowing = summary["looking"], summary["knowing_bound"]
    if looking is not None:
        found.append(
            f"The plan for {_named(rows, looked_at)} alone would leave "
            f"{fixed(value + looking, _PLACES)} {unit} in the mean: looking at all {len(rows)} is "
            f"worth {fixed(looking, _PLACES)} {unit} a year."
        )
    if knowing is not None:
        found.append(
            "Knowing which scenario holds before choosing would be worth at most "
            f"{fixed(knowing, _PLACES)} {unit} more."
        )
    return found


def base_of(rows: Sequence[ScenarioRow]) -> float:
    """Return the most left without measures in any scenario, of which differences are a share."""
    return max((row.baseline for row in rows), default=0.0)


def measured(summary: Mapping[str, Any], rows: Sequence[ScenarioRow]) -> dict[str, float]:
    """Return a plan by each criterion: what `MEASURED` names, where its scenarios tell it."""
    numbers = {
        "expected": mean_left(tuple(rows)),
        "worst": max(row.value for row in rows),
        "cut": min(row.cut for row in rows),
        "regret": max(row.regret for row in rows),
    }
    return {**numbers, "cvar": summary["value"]} if summary["criterion"] == "cvar" else numbers


def paid(summary: Mapping[str, Any], units: Units) -> str:
    """Return a phrase for what a plan costs, of the budget where there is one."""
    budget = summary["budget"]
    of = "" if budget is None else f" of {plain_number(budget)}"
    return f"{summary['spent']:,.1f}{of} {units.money}"


def _extremes(rows: Sequence[ScenarioRow], small: float) -> str:
    """Return where the plan cuts least, and where it is furthest from the best one."""
    least, furthest = min(rows, key=lambda row: row.cut), max(rows, key=lambda row: row.regret)
    cuts = f"It cuts least in {_named(rows, least.scenario)}"
    if furthest.regret <= small:
        return f"{cuts}, and is as good as the best there in all of them."
    if furthest.scenario == least.scenario:
        return f"{cuts}, and is furthest from the best there, too."
    return f"{cuts}, and is furthest from the best there in {_named(rows, furthest.scenario)}."


def _named(rows: Sequence[ScenarioRow], scenario: str | None) -> str:
    """Return the name of a scenario with its id."""
    name = next((row.name for row in rows if row.scenario == scenario), "")
    return name_and_id(name, scenario or "") if name else f"'{scenario}'"
