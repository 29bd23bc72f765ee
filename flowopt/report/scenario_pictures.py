"""Pictures of a plan for several scenarios: the strip of bars, and the flow in one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flowopt.plain_text import visible
from flowopt.report.budgets_page import budgets_data, budgets_headline
from flowopt.report.criteria_page import TITLE as PLANS_TITLE
from flowopt.report.criteria_page import criteria_headline, plans_strip
from flowopt.report.map_picture import FLOW, MORE
from flowopt.report.picture_frame import new_figure, title
from flowopt.report.pictures import Drawings, flow_drawings, frontier_figure
from flowopt.report.scenario_headline import scenario_headline
from flowopt.report.scenario_sections import TITLE, barred, label_of, strip_data
from flowopt.report.stored_scenario_plans import StoredPlans
from flowopt.report.stored_scenarios import StoredScenarios

_BAR = 0.22  # inches
_GREY = "#565f6b"
_STYLES: dict[str, dict[str, Any]] = {
    "nothing": {"facecolor": "none", "edgecolor": _GREY, "linestyle": "--"},
    "plan": {"color": FLOW},
    "best": {"color": "#009e73"},
    "expected": {"color": FLOW},
    "worst": {"color": MORE},
    "cut": {"color": "#009e73"},
    "regret": {"color": "#7b3fa0"},
    "cvar": {"color": "#e69f00"},
}


def scenario_drawings(result: StoredScenarios) -> Drawings:
    """Return the drawings of a plan for several scenarios, by name."""
    finding = scenario_headline(result).answer
    info = result.network.info
    strip = partial(
        strip_figure,
        strip_data(barred(result.rows), result.units.unit),
        finding,
        f"{info.heading}: {TITLE.lower()}",
    )
    found: dict[str, Callable[[], Any]] = {"strip": strip}
    heading = f"{info.title}, {label_of(result.row(result.leading))}"
    return {**found, **flow_drawings(result.flows[result.leading], finding, heading)}


def plans_drawings(plans: StoredPlans) -> Drawings:
    """Return the drawings of the plans of several criteria or budgets, by name."""
    if plans.by_budget:
        answer = budgets_headline(plans).answer
        info = plans.network.info
        return {"frontier": partial(frontier_figure, budgets_data(plans), answer, info.heading)}
    finding = criteria_headline(plans).answer
    heading = f"{plans.network.info.heading}: {PLANS_TITLE.lower()}"
    return {"plans": partial(strip_figure, plans_strip(plans), finding, heading)}


def strip_figure(data: Mapping[str, Any], finding: str, heading: str) -> Any:
    """Return a strip: a group of bars for each scenario.

    Parameters
    ----------
    data
        The strip, as the page has it.
    finding, heading
        The finding above it, and what it shows.
    """
    rows, kinds = data["rows"], dict(data["kinds"])
    count = len(kinds)
    figure, axes = new_figure(1.9 + _BAR * (count + 1) * len(rows))
    for place, row in enumerate(rows):
        for number, bar in enumerate(row["bars"]):
            at = place + (number - (count - 1) / 2.0) / (count + 1)
            label = "" if place else kinds[bar["kind"]]
            axes.barh(at, bar["t"], height=0.85 / (count + 1), label=label, **_STYLES[bar["kind"]])
            axes.annotate(bar["text"], (bar["t"], at), xytext=(4, 0), fontsize=8,
                          textcoords="offset points", va="center")  # fmt: skip
    most = max((bar["t"] for row in rows for bar in row["bars"]), default=0.0)
    axes.set_xlim(0.0, 1.14 * (most or 1.0))
    names = [visible(row["name"]) for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=9, parse_math=False)
    axes.invert_yaxis()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel(data.get("axis", f"left, {data['unit']}"), fontsize=9, parse_math=False)
    figure.legend(fontsize=8, frameon=False, loc="outside lower center", ncols=count)
    title(axes, finding, heading)
    return figure
