"""Names in results of earlier formats: read under those of today, in this one place.

The format of a result is the number `format` of its `summary.json`, or of a document. Format 1 had
none in its folders. In format 2 one word means one thing in all tables, and one thing has one word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flowopt.reading import input_json

FORMAT = 2
SUMMARY = "summary.json"
EACH = ":"  # between a column's word and what it is about, where each of several has a column

# Columns, fields and keys of format 1, by the class of the row or result that has them.
RENAMED: Mapping[str, Mapping[str, str]] = {
    "Alternative": {"bound": "rank_bound", "gap": "rank_gap", "plan": "measures"},
    "Binding": {"target": "id"},
    "Draw": {"nothing": "baseline", "best": "best_plans"},
    "Frontier": {"gap": "allowed_gap"},
    "FrontierRow": {"measures": "n_measures", "plan": "measures"},
    "LadderRow": {"lost": "regret", "lost_share": "regret_share"},
    "MeasureAt": {"plans": "n_plans"},
    "NextMeasure": {"cost": "added_cost"},
    "OrganisationChange": {
        "before": "earned_before",
        "after": "earned_after",
        "change": "earned_change",
        "change_share": "earned_change_share",
    },
    "Response": {"cost": "expenses"},
    "ScenarioRow": {"own_plan": "own_measures"},
    "ScenarioSummary": {"tail": "tail_share"},
    "Stress": {"own_regret": "regret"},
    "StressedPlan": {
        "base": "value",
        "regret_mean": "behind_mean",
        "regret_p95": "behind_p95",
        "regret_max": "behind_max",
    },
    "SweepSummary": {"budgets": "rows", "most_lost": "most_regret"},
}
_FILES = {
    "alternatives.csv": "Alternative",
    "binding.csv": "Binding",
    "comparison.csv": "PlanCompared",
    "draws.csv": "Draw",
    "frontier.csv": "FrontierRow",
    "ladder.csv": "LadderRow",
    "measures.csv": "MeasureAt",
    "next.csv": "NextMeasure",
    "organisations.csv": "OrganisationChange",
    "plan.csv": "PlanRow",
    "plans.csv": "StressedPlan",  # that of a comparison has none of these names
    "scenarios.csv": "ScenarioRow",
}
_OF_DRAWS = {"draw", "own_best", "own_bound"}  # columns that no plan names


def format_of(folder: Path) -> int:
    """Return the format of a result folder; 1 where its summary has none or can't be read."""
    try:
        summary = input_json(folder / SUMMARY)
    except (OSError, ValueError):
        return 1
    number = summary.get("format") if isinstance(summary, dict) else None
    return number if isinstance(number, int) else 1


def table_now(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a CSV table of a result under the names of today.

    Rows of another length than the header stay as they are.
    """
    if format_of(path.parent) != 1 or path.name not in _FILES:
        return [*header], [[*cells] for cells in rows]
    kind = _FILES[path.name]
    now = [*record_now(kind, dict.fromkeys(header, ""))]
    return now, [
        [*record_now(kind, dict(zip(header, cells, strict=True))).values()]
        if len(cells) == len(header) == len(set(header))
        else [*cells]
        for cells in rows
    ]


def record_now(kind: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of format 1, by column or field, under the names of today."""
    names = {**RENAMED.get(kind, {}), **_each(kind, record)}
    now = {names.get(name, name): value for name, value in record.items()}
    return {**now, **_promise(record)} if kind == "PlanCompared" else now


def summary_now(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a `summary.json` under the names of today."""
    if summary.get("format", 1) != 1:
        return {**summary}
    now = {"format": FORMAT, **summary}
    if "frontiers" in now:
        now = record_now("Frontier", now)
        if isinstance(now["frontiers"], list):
            now["frontiers"] = [
                record_now("SweepSummary", each) if isinstance(each, dict) else each
                for each in now["frontiers"]
            ]
    elif "criterion" in now:
        now = record_now("ScenarioSummary", now)
    elif "own_regret" in now:
        now = record_now("Stress", now)
    elif "revenue" in now:
        now = record_now("Response", now)
    elif now.get("target") is not None:
        now = {**now, "gap": None, "cost_gap": now.get("gap")}
    if isinstance(now.get("seconds"), int | float):
        now["seconds"] = {"total": now["seconds"]}
    return now


def _each(kind: str, record: Mapping[str, Any]) -> dict[str, str]:
    """Return the new names of the columns that each plan or scenario has of its own."""
    if kind == "PlanRow":
        lost = [name for name in record if name.startswith(f"lost{EACH}")]
        return {name: f"lost_if_dropped{name.removeprefix('lost')}" for name in lost}
    if kind == "Draw":
        plans = [name for name in record if name not in {*_OF_DRAWS, *RENAMED["Draw"]}]
        return {name: f"value{EACH}{name}" for name in plans}
    return {}


def _promise(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the bound on what plans promise: once that on what is left of today's flow."""
    blank = "" if isinstance(record.get("spent"), str) else None
    left = record.get("bound")
    if record.get("plan") != "coverage" or left in ("", None):
        return {"promised_bound": blank}
    try:
        most = float(record["value"]) + float(record["cut"]) - float(left)
    except (KeyError, ValueError):
        return {"promised_bound": blank}
    bound = most if blank is None else f"{most:.12g}"
    return {"bound": blank, "gap": blank, "promised_bound": bound}
