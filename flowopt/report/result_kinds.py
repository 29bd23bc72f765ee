"""Kinds of result folders: how each is known by its content, and the files it may hold.

`--force` deletes these files and no others. A file that is written into a result, now or by an
earlier version, stands in one of the lists below, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flowopt.atomic import Kind, json_object
from flowopt.criteria import CRITERIA
from flowopt.objectives import OBJECTIVES
from flowopt.planning.recheck.result_networks import NETWORK

SUMMARY = "summary.json"
CERTIFICATE = "certificate.json"
ORGANISATIONS = "organisations.csv"
PAGE = "report.html"
OVER_TIME = "years"  # key of the summary of a result over time

_SHA256 = re.compile(r"[0-9a-f]{64}")
_EVERY = {SUMMARY, CERTIFICATE, NETWORK}
_PLAN = {"plan.csv", "flows.csv", "markets.csv", "displacement.csv", "binding.csv", "next.csv"}
_PLAN |= {ORGANISATIONS}
_PICTURES = r"(map|change|source|flow)\.(png|svg)"


def _kind(
    name: str,
    summary: Callable[[dict[str, Any]], bool],
    files: set[str],
    patterns: str,
    inner: tuple[Kind, ...] = (),
) -> Kind:
    """Return a kind: a test of its summary, its files, a pattern for further names, its folders."""
    further = re.compile(patterns)

    def known(folder: Path) -> bool:
        content = json_object(folder / SUMMARY)
        return content is not None and summary(content)

    def owns(file: str) -> bool:
        return file in _EVERY or file in files or further.fullmatch(file) is not None

    return Kind(name, known, owns, inner=inner)


def _hashed(summary: Any) -> bool:
    """Return True for an object that names a network and the hash of its tables."""
    if not isinstance(summary, dict) or not isinstance(summary.get("network"), str):
        return False
    sha256 = summary.get("input_sha256")
    return isinstance(sha256, str) and _SHA256.fullmatch(sha256) is not None


def _of_one_year(summary: dict[str, Any]) -> bool:
    return _hashed(summary) and not {"criterion", OVER_TIME} & set(summary)


def _of_solve(summary: dict[str, Any]) -> bool:
    return _of_one_year(summary) and {"flowopt", "bound"} <= set(summary)


def _of_evaluate(summary: dict[str, Any]) -> bool:
    return _of_one_year(summary) and {"flowopt", "broken"} <= set(summary)


def _of_scenarios(summary: dict[str, Any]) -> bool:
    found = {"flowopt", "bound", "criterion"} <= set(summary)
    return _hashed(summary) and found and not isinstance(summary.get("luck"), dict)


def _of_luck(summary: dict[str, Any]) -> bool:
    found = {"flowopt", "bound", "criterion"} <= set(summary)
    return _hashed(summary) and found and isinstance(summary.get("luck"), dict)


def _of_scenario_plans(summary: dict[str, Any]) -> bool:
    return _hashed(summary) and {"flowopt", "by", "criteria", "plans"} <= set(summary)


def _of_luck_plans(summary: dict[str, Any]) -> bool:
    found = {"flowopt", "by", "criterion", "plans"} <= set(summary)
    return _hashed(summary) and found and "criteria" not in summary


def _of_flow(summary: dict[str, Any]) -> bool:
    others = {"bound", "broken", OVER_TIME}
    return _hashed(summary) and "delivered" in summary and not others & set(summary)


def _of_schedule(summary: dict[str, Any]) -> bool:
    return _hashed(summary) and {OVER_TIME, "bound"} <= set(summary)


def _of_schedule_frontier(summary: dict[str, Any]) -> bool:
    return _hashed(summary) and {OVER_TIME, "frontier", "plans"} <= set(summary)


def _of_campaigns(summary: dict[str, Any]) -> bool:
    return _hashed(summary) and {OVER_TIME, "campaigns"} <= set(summary)


def _of_flow_over_time(summary: dict[str, Any]) -> bool:
    found = set(summary)
    return _hashed(summary) and {OVER_TIME, "delivered"} <= found and "bound" not in found


def _of_compare(summary: dict[str, Any]) -> bool:
    sweeps = summary.get("frontiers")
    return (
        "flowopt" in summary
        and isinstance(sweeps, list)
        and bool(sweeps)
        and all(map(_hashed, sweeps))
    )


def _of_several(summary: dict[str, Any]) -> bool:
    return {"flowopt", "folders"} <= set(summary) and isinstance(summary.get("networks"), dict)


def _of_stress(summary: dict[str, Any]) -> bool:
    return _hashed(summary) and {"flowopt", "draws", "seed", "common"} <= set(summary)


SOLUTION = _kind("a result", _of_solve, _PLAN | {"alternatives.csv", PAGE}, _PICTURES)
EVALUATION = _kind("a result", _of_evaluate, _PLAN | {"comparison.csv", PAGE}, _PICTURES)
RESPONSE = _kind(
    "a result",
    _of_flow,
    {"flows.csv", "sites.csv", "supplies.csv", "markets.csv", "binding.csv", ORGANISATIONS},
    "",
)
FRONTIER = _kind(
    "a result",
    _of_compare,
    {"frontier.csv", "measures.csv", "markets.csv", "displacement.csv", "ladder.csv", "plans.csv"}
    | {PAGE},
    rf"network-[1-9][0-9]*\.json|frontier(-({'|'.join(OBJECTIVES)}))?\.(png|svg)",
)
STRESS = _kind(
    "a stress",
    _of_stress,
    {"draws.csv", "plans.csv", "drivers.csv", "factors.csv", PAGE},
    r"(distribution|tornado|flips)\.(png|svg)",
)
SCENARIOS = _kind(
    "a result",
    _of_scenarios,
    {"scenarios.csv", "plan.csv", "flows.csv", "markets.csv", "displacement.csv", "next.csv", PAGE},
    rf"strip\.(png|svg)|{_PICTURES}",
)
LUCK = _kind(
    "a result",
    _of_luck,
    {"scenarios.csv", "outcomes.csv", "plan.csv", "next.csv", "flows.csv", "markets.csv"}
    | {"displacement.csv", "comparison.csv", "alternatives.csv", PAGE},
    rf"strip\.(png|svg)|{_PICTURES}",
)
SCENARIO_PLANS = _kind(
    "a result",
    _of_scenario_plans,
    {"plans.csv", "scenarios.csv", PAGE, *CRITERIA},
    r"budget-[0-9.e+-]+|(plans|frontier)\.(png|svg)",
    inner=(SCENARIOS,),
)
LUCK_PLANS = _kind(
    "a result",
    _of_luck_plans,
    {"plans.csv", "scenarios.csv", PAGE, *CRITERIA},
    r"budget-[0-9.e+-]+|frontier\.(png|svg)",
    inner=(LUCK,),
)
SEVERAL = _kind(
    "a result",
    _of_several,
    {"frontiers.csv", PAGE},
    rf"frontier-[1-9][0-9]*|frontier(-({'|'.join(OBJECTIVES)}))?\.(png|svg)",
    inner=(FRONTIER, LUCK_PLANS),
)
_TIME_TABLES = {"openings.csv", "flows.csv", "markets.csv", "binding.csv", ORGANISATIONS}
SCHEDULE = _kind(
    "a result",
    _of_schedule,
    _TIME_TABLES
    | {"schedule.csv", "plan.csv", "displacement.csv", "alternatives.csv", "outcomes.csv", PAGE},
    r"(schedule|lines|exit|mode|maps)\.(png|svg)",
)
SCHEDULE_FRONTIER = _kind(
    "a result",
    _of_schedule_frontier,
    {"frontier.csv", "frontier_periods.csv", "schedule.csv", "plan.csv", "openings.csv"}
    | {"markets.csv", "displacement.csv", PAGE},
    r"budget-[0-9.e+-]+|(frontier|lines)\.(png|svg)",
    inner=(SCHEDULE,),
)
CAMPAIGNS = _kind(
    "a result",
    _of_campaigns,
    {"campaigns.csv", "campaign_periods.csv", "schedule.csv", "openings.csv", "markets.csv"}
    | {"displacement.csv", "outcomes.csv", PAGE},
    r"(campaigns|lines)\.(png|svg)",
)
RESPONSE_OVER_TIME = _kind(
    "a result",
    _of_flow_over_time,
    _TIME_TABLES | {"sites.csv", "supplies.csv", PAGE},
    r"(lines|exit|mode)\.(png|svg)",
)
RESULTS_OVER_TIME = (SCHEDULE, SCHEDULE_FRONTIER, CAMPAIGNS, RESPONSE_OVER_TIME)
RESULTS = (
    *RESULTS_OVER_TIME,
    SCENARIO_PLANS,
    LUCK_PLANS,
    SEVERAL,
    SOLUTION,
    EVALUATION,
    SCENARIOS,
    LUCK,
    RESPONSE,
    FRONTIER,
    STRESS,
)
