"""Pictures by period by matplotlib, from the data of the page: lines, stacked bars, and dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from flowopt.plain_text import visible
from flowopt.report.map_picture import FLOW, MORE
from flowopt.report.picture_frame import new_figure, over, title

_SOFT = "#565f6b"
LINE_LOOKS: dict[str, dict[str, Any]] = {
    "baseline": {"color": _SOFT, "linestyle": "--", "marker": "x", "linewidth": 1.5},
    "closed": {"color": "#009e73", "linestyle": ":", "marker": "s", "linewidth": 1.5},
    "plan": {"color": FLOW, "marker": "o", "linewidth": 2.5},
    "myopic": {"color": MORE, "marker": "^", "linewidth": 1.2, "markerfacecolor": "white"},
    **{
        f"series-{place}": {"color": colour, "marker": marker, "linewidth": 1.6}
        for place, (colour, marker) in enumerate(
            zip(
                ("#0072b2", "#b34700", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7b3fa0",
                 "#1b1f24"),
                "os^DvP+x",
                strict=True,
            )
        )
    },
}  # fmt: skip
PART_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#b34700", "#f0e442",
                "#9aa2ab")  # fmt: skip
_ON_DARK = (0, 5)


def lines_figure(data: Mapping[str, Any], finding: str, heading: str) -> Any:
    """Return lines over periods from the data of the page's figure."""
    figure, axes = new_figure(4.6)
    starts = _starts_of(data)
    middles = [(a + b) / 2.0 for a, b in pairwise(starts)]
    for place, line in enumerate(data["lines"]):
        look = dict(LINE_LOOKS[line["kind"]])
        if line["kind"].startswith("series"):  # lines that run together stay seen
            look["linewidth"] += 1.2 * (len(data["lines"]) - 1 - place)
        axes.plot(middles, line["values"], label=visible(line["text"]), markersize=6, **look)
    _name_periods(axes, data, middles)
    every = [value for line in data["lines"] for value in line["values"]]
    clipped = min(every) > 0.0 and axes.get_ylim()[0] > 0.0
    note = "; the scale does not begin at 0" if clipped else ""
    axes.set_ylabel(f"{data['what']}, {data['unit']}{note}", fontsize=9, parse_math=False)
    axes.grid(axis="y", color="#e3e7eb", linewidth=0.7)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.legend(fontsize=8, frameon=False, loc="outside right center")
    title(axes, finding, heading)
    return figure


def _starts_of(data: Mapping[str, Any]) -> list[float]:
    found = [0.0]
    for each in data["periods"]:
        found.append(found[-1] + each["years"])
    return found


def _name_periods(axes: Any, data: Mapping[str, Any], middles: Sequence[float]) -> None:
    names = [visible(each["name"]) for each in data["periods"]]
    every = max(1, len(names) // 16)
    axes.set_xticks(list(middles)[::every], names[::every], fontsize=9, parse_math=False)


def stack_figure(data: Mapping[str, Any], finding: str, heading: str) -> Any:
    """Return bars of parts for each period, a panel beside another, from the page's data."""
    figure, axes = new_figure(5.0)
    axes.remove()
    panels = figure.subplots(1, len(data["sets"][0]), sharey=True)
    starts = _starts_of(data)
    middles = [(a + b) / 2.0 for a, b in pairwise(starts)]
    widths = [0.94 * each["years"] for each in data["periods"]]
    most = max((sum(bar) for panel in data["sets"][0] for bar in panel["bars"]), default=1.0)
    for axes, panel in zip(panels, data["sets"][0], strict=True):
        below = [0.0] * len(middles)
        for part, name in enumerate(data["parts"]):
            tall = [bar[part] for bar in panel["bars"]]
            axes.bar(middles, tall, widths, bottom=below, color=PART_COLOURS[part],
                     edgecolor="white", linewidth=0.8, label=visible(name))  # fmt: skip
            _number_parts(axes, middles, tall, below, 0.04 * most, part)
            below = [a + b for a, b in zip(below, tall, strict=True)]
        axes.set_title(visible(panel["title"]), fontsize=9, loc="left", parse_math=False)
        _name_periods(axes, data, middles)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    panels[0].set_ylabel(data["unit"], fontsize=9, parse_math=False)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, frameon=False, loc="outside lower center",
                  ncols=min(4, len(labels)))  # fmt: skip
    over(figure, finding, heading)
    return figure


def _number_parts(
    axes: Any,
    middles: Sequence[float],
    tall: Sequence[float],
    below: Sequence[float],
    least: float,
    part: int,
) -> None:
    colour = "white" if part in _ON_DARK else "black"
    for x, high, low in zip(middles, tall, below, strict=True):
        if high >= least and len(middles) <= 8:
            axes.text(x, low + high / 2.0, f"{high:,.1f}", fontsize=7, ha="center", va="center",
                      color=colour)  # fmt: skip


def dots_figure(data: Mapping[str, Any], finding: str, heading: str) -> Any:
    """Return schedules as dots from the data of the page's figure."""
    figure, axes = new_figure(5.4)
    axes.axhline(data["baseline"], color=_SOFT, linestyle="--", linewidth=1.2,
                 label="without measures")  # fmt: skip
    for broken, look in (
        (False, {"color": FLOW, "label": "a schedule"}),
        (True, {"markerfacecolor": "white", "markeredgecolor": MORE, "markeredgewidth": 2.0,
                "label": "one that breaks a condition"}),
    ):  # fmt: skip
        some = [dot for dot in data["dots"] if dot["broken"] == broken]
        if some:
            axes.plot([dot["x"] for dot in some], [dot["y"] for dot in some], marker="o",
                      linestyle="none", markersize=8, **look)  # fmt: skip
    if data["bound"]:
        axes.plot(*zip(*data["bound"], strict=True), color="#009e73", marker="_",
                  linestyle="none", markersize=14, markeredgewidth=3,
                  label="no schedule for the same money goes below")  # fmt: skip
    spent = [dot["x"] for dot in data["dots"]] + [money for money, _ in data["bound"]]
    low, most = min(spent, default=0.0), 1.06 * max(spent, default=0.0) or 1.0
    axes.set_xlim(max(0.0, low - 0.6 * (most - low)), most)
    _name_dots(axes, data["dots"])
    axes.set_xlabel(f"spent, {data['money']}", fontsize=9, parse_math=False)
    low = axes.get_ylim()[0]
    note = "; the scale does not begin at 0" if low > 0.0 else ""
    axes.set_ylabel(f"{data['what']}, {data['unit']}{note}", fontsize=9, parse_math=False)
    axes.grid(axis="y", color="#e3e7eb", linewidth=0.7)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(fontsize=8, frameon=False, loc="lower left")
    title(axes, finding, heading)
    return figure


def _name_dots(axes: Any, dots: Sequence[Mapping[str, Any]]) -> None:
    """Name each dot at its side with more room, above another name that would be in the way."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    near = 0.05 * (high - low)
    taken: list[tuple[float, float]] = []
    for dot in sorted(dots, key=lambda dot: float(dot["y"])):
        after = dot["x"] < (left + right) / 2.0
        lift = sum(
            abs(dot["y"] - y) < near and abs(dot["x"] - x) < 0.3 * (right - left) for x, y in taken
        )
        taken.append((dot["x"], dot["y"]))
        axes.annotate(visible(dot["name"]), (dot["x"], dot["y"]),
                      xytext=(8 if after else -8, 11 * lift), textcoords="offset points",
                      fontsize=8.5, ha="left" if after else "right", va="center",
                      parse_math=False)  # fmt: skip
