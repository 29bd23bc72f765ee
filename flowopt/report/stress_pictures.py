"""Pictures of a stress: distribution, tornado and flips, by matplotlib."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flowopt.network.network import Network
from flowopt.plain_text import visible
from flowopt.report.map_picture import FLOW, MORE
from flowopt.report.picture_frame import new_figure, title
from flowopt.report.stress_reader import StoredStress
from flowopt.report.stress_words import phrase
from flowopt.results.stress import Driver

_SHOWN = 12  # groups of a tornado
_ROW = 0.42  # inches
_GREY, _BASE = "#565f6b", "#222222"


def stress_drawings(stress: StoredStress) -> dict[str, Callable[[], Any]]:
    """Return the drawings of a stress, by name; flips only where there are any."""
    found: dict[str, Callable[[], Any]] = {"distribution": partial(distribution_figure, stress)}
    if _wide(stress):
        found["tornado"] = partial(tornado_figure, stress)
    if _flipping(stress):
        found["flips"] = partial(flips_figure, stress)
    return found


def distribution_figure(stress: StoredStress) -> Any:
    """Return a box for the cut of each plan: 5, 25, 50, 75 and 95 of 100 draws."""
    plans = list(stress.cuts)
    figure, axes = new_figure(1.9 + 0.75 * len(plans))
    boxes = [
        {
            "label": visible(name),
            "whislo": low,
            "q1": lower,
            "med": middle,
            "q3": upper,
            "whishi": high,
        }
        for name, (low, lower, middle, upper, high) in stress.cuts.items()
    ]
    axes.bxp(
        boxes, showfliers=False, orientation="horizontal", widths=0.5, patch_artist=True,
        boxprops={"facecolor": FLOW, "alpha": 0.35, "edgecolor": _GREY},
        medianprops={"color": _BASE, "linewidth": 2}, whiskerprops={"color": _GREY},
        capprops={"color": _GREY},
    )  # fmt: skip
    for place, name in enumerate(plans, start=1):
        row = stress.plan(name)
        base = stress.result.baseline - row.value
        axes.plot([base], [place], "D", color=MORE, markersize=7, zorder=5)
        axes.annotate(
            f"cuts nothing in {row.cuts_nothing:.0%} of the draws", (1.0, place),
            xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points",
            va="center", fontsize=8, color=_GREY, annotation_clip=False,
        )  # fmt: skip
    axes.invert_yaxis()
    words = "5, 25, 50, 75 and 95 of 100 draws; the diamond: on the numbers as they stand"
    axes.set_xlabel(f"cut, {stress.units.unit} a year: {words}", fontsize=9, parse_math=False)
    _plain(axes)
    draws = len(stress.result.draws.values)
    title(axes, f"What the plan cuts in {draws:,} draws: a sample", _about(stress))
    return figure


def tornado_figure(stress: StoredStress) -> Any:
    """Return the plan's cut with each group at its low and its high end, the widest first."""
    rows = _wide(stress)[:_SHOWN]
    figure, axes = new_figure(1.9 + _ROW * len(rows))
    base = stress.result.baseline - stress.plan().value
    for place, row in enumerate(rows):
        for end, colour, word in (("cut_low", FLOW, "low"), ("cut_high", MORE, "high")):
            # Side by side, as both ends may lie on one side of the line.
            shift = -0.18 if end == "cut_low" else 0.18
            axes.barh(place + shift, getattr(row, end) - base, left=base, color=colour, height=0.34,
                      label="" if place else f"at the {word} end of its range")  # fmt: skip
    axes.axvline(base, color=_BASE, linewidth=1)
    _names(axes, stress.network, rows)
    words = f"what the plan cuts, {stress.units.unit} a year; the line: as it stands"
    axes.set_xlabel(f"{words}\n{_r2(stress)}", fontsize=9, parse_math=False)
    figure.legend(fontsize=8, frameon=False, loc="outside right upper")
    _plain(axes)
    title(axes, "One group of numbers at an end of its range, all others as they stand",
          _about(stress))  # fmt: skip
    return figure


def flips_figure(stress: StoredStress) -> Any:
    """Return the factors at which another plan becomes the better one, the nearest first."""
    rows = _flipping(stress)[:_SHOWN]
    figure, axes = new_figure(1.9 + _ROW * len(rows))
    for place, row in enumerate(rows):
        rivals = row.rival.split(";")
        for end, rival in (("flip_low", rivals[0]), ("flip_high", rivals[-1])):
            factor = getattr(row, end)
            if factor is None:
                continue
            axes.plot([1.0, factor], [place, place], color=_GREY, linewidth=1)
            axes.plot([factor], [place], "o", color=MORE, markersize=8)
            axes.annotate(visible(f"x {factor:.2f}: {rival}"), (factor, place), xytext=(0, 7),
                          textcoords="offset points", ha="center", fontsize=8,
                          parse_math=False)  # fmt: skip
    axes.axvline(1.0, color=_BASE, linewidth=1)
    axes.set_xscale("log")
    least = min(_factors(rows))
    most = max(_factors(rows))
    ticks = [t for t in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5)
             if least * 0.8 <= t <= most * 1.25]  # fmt: skip
    axes.set_xlim(least * 0.85, most * 1.18)
    axes.set_xticks(ticks, [f"x {tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_ylim(-0.8, len(rows) - 0.4)
    _names(axes, stress.network, rows)
    axes.set_xlabel("all numbers of the group times this, all others as they stand", fontsize=9)
    _plain(axes)
    title(axes, "Where another plan becomes the better one: the nearer to 1, the more it matters",
          _about(stress))  # fmt: skip
    return figure


def _factors(rows: list[Driver]) -> list[float]:
    found = [getattr(row, end) for row in rows for end in ("flip_low", "flip_high")]
    return [1.0, *(factor for factor in found if factor is not None)]


def _wide(stress: StoredStress) -> list[Driver]:
    """Return the groups that move the cut, the widest first."""
    rows = [row for row in stress.result.drivers if row.cut_low is not None]
    largest = max(map(_width, rows), default=0.0)
    return sorted((row for row in rows if _width(row) > 0.01 * largest), key=_width, reverse=True)


def _width(row: Driver) -> float:
    return abs((row.cut_high or 0.0) - (row.cut_low or 0.0))


def _flipping(stress: StoredStress) -> list[Driver]:
    """Return the groups with a flip, the nearest to 1 first."""
    rows = [row for row in stress.result.drivers if row.rival]
    return sorted(rows, key=lambda row: min(max(f, 1.0 / f) for f in _factors([row])[1:]))


def _names(axes: Any, network: Network, rows: list[Driver]) -> None:
    names = [visible(phrase(network, row.group)) for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=9, parse_math=False)
    axes.invert_yaxis()


def _plain(axes: Any) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=9)


def _about(stress: StoredStress) -> str:
    measures = ", ".join(stress.result.measures[stress.plan().plan]) or "of no measures"
    return f"{stress.network.info.title}: plan {measures}"


def _r2(stress: StoredStress) -> str:
    if stress.result.r2 is None:
        return "what the draws rank by is not looked at"
    return f"together the groups explain {stress.result.r2:.0%} of how the draws rank (R2)"
