"""Pictures of a plan for several scenarios: the strip of bars, and the flow in one of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flowopt.plain_text import visible
from flowopt.report.map_picture import FLOW
from flowopt.report.picture_frame import new_figure, title
from flowopt.report.pictures import Drawings, flow_drawings
from flowopt.report.scenario_headline import scenario_headline
from flowopt.report.scenario_sections import KINDS, TITLE, bar_text, barred, bars_of, label_of
from flowopt.report.stored_scenarios import StoredScenarios

_ROW = 0.85  # inches
_BAR = 0.26  # of a row
_GREY = "#565f6b"
_STYLES: dict[str, dict[str, Any]] = {
    "nothing": {"facecolor": "none", "edgecolor": _GREY, "linestyle": "--"},
    "plan": {"color": FLOW},
    "best": {"color": "#009e73"},
}


def scenario_drawings(result: StoredScenarios) -> Drawings:
    """Return the drawings of a plan for several scenarios, by name."""
    finding = scenario_headline(result).answer
    shown = label_of(result.row(result.leading))
    found: dict[str, Callable[[], Any]] = {"strip": partial(strip_figure, result)}
    heading = f"{result.network.info.title}, {shown}"
    return {**found, **flow_drawings(result.flows[result.leading], finding, heading)}


def strip_figure(result: StoredScenarios) -> Any:
    """Return a row of bars for each scenario: without measures, the plan, and the best there."""
    rows = barred(result.rows)
    figure, axes = new_figure(1.9 + _ROW * len(rows))
    most = max(row.baseline for row in rows)
    for place, row in enumerate(rows):
        for number, ((kind, words), left) in enumerate(zip(KINDS, bars_of(row), strict=True)):
            at = place + (number - 1) * _BAR
            axes.barh(at, left, height=0.9 * _BAR, label="" if place else words, **_STYLES[kind])
            axes.annotate(bar_text(left, row.baseline), (left, at), xytext=(4, 0), fontsize=8,
                          textcoords="offset points", va="center")  # fmt: skip
    axes.set_xlim(0.0, 1.14 * most)
    axes.set_yticks(
        range(len(rows)), [visible(label_of(row)) for row in rows], fontsize=9, parse_math=False
    )
    axes.invert_yaxis()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    unit = result.units.unit
    axes.set_xlabel(f"{TITLE.lower()}, {unit} a year", fontsize=9, parse_math=False)
    figure.legend(fontsize=8, frameon=False, loc="outside lower center", ncols=len(KINDS))
    title(axes, scenario_headline(result).answer, f"{result.network.info.heading}: {TITLE.lower()}")
    return figure
