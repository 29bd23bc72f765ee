"""Pictures of a schedule by matplotlib: its chart, lines, exits and modes, and small maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from itertools import pairwise
from typing import Any

from flowopt.network.network import Network
from flowopt.plain_text import visible
from flowopt.report.map import picture_of
from flowopt.report.map_picture import FLOW, MORE
from flowopt.report.parts_sections import STACKS, parts_data
from flowopt.report.period_figures import lines_data, period_name
from flowopt.report.period_pictures import lines_figure, stack_figure
from flowopt.report.picture_frame import new_figure, title
from flowopt.report.pictures import Drawings
from flowopt.report.printable import short
from flowopt.report.schedule_chart import STATES, ChartCell, ChartRow, chart_rows
from flowopt.report.schedule_headline import schedule_headline
from flowopt.report.schedule_page import schedule_states
from flowopt.report.schedule_sections import lines_of
from flowopt.report.small_maps import maps_figure
from flowopt.report.stored_schedule import StoredSchedule

_ROW = 0.34  # inches
_SOFT = "#565f6b"
_LOOKS: dict[str, dict[str, Any]] = {
    "force": {"facecolor": FLOW, "edgecolor": FLOW},
    "order": {"facecolor": "none", "edgecolor": _SOFT, "hatch": "////", "linewidth": 0.0},
    "idle": {"facecolor": "none", "edgecolor": FLOW, "linestyle": ":", "linewidth": 1.4},
    "over": {"facecolor": "#e3e7eb", "edgecolor": "none"},
}


def schedule_drawings(result: StoredSchedule) -> Drawings:
    """Return the drawings of a schedule, by name."""
    network, units = result.network, result.units
    answer = schedule_headline(network, result.summary, units).answer
    heading = network.info.heading
    rows = chart_rows(network, result.schedule)
    lines = lines_data(
        network.periods, lines_of(result.periods), units.quantity, f"{units.unit} a year"
    )
    found: dict[str, Callable[[], Any]] = {}
    if rows:
        found["schedule"] = partial(
            chart_figure, network, rows, answer, f"{heading}: what is in force when"
        )
    found["lines"] = partial(lines_figure, lines, answer, f"{heading}: a year of each period")
    for by, (words, _) in STACKS.items():
        data = parts_data(network, [[flow.displacement for flow in result.flows.values()]], by)
        if data["parts"]:
            found[by] = partial(stack_figure, data, answer, f"{heading}: {words.lower()}")
    picture = picture_of(network, schedule_states(result))
    if picture.places:
        found["maps"] = partial(maps_figure, result, picture, answer, heading)
    return found


def chart_figure(network: Network, rows: Sequence[ChartRow], finding: str, heading: str) -> Any:
    """Return the chart of a schedule: measures by periods."""
    figure, axes = new_figure(1.9 + _ROW * len(rows))
    starts = _starts(network)
    for place, row in enumerate(rows):
        for period, cell in enumerate(row.cells):
            _draw_cell(axes, starts[period], network.periods[period].years, place, cell)
        axes.annotate(f"{row.spent:,.1f}", (starts[-1], place), xytext=(6, 0), fontsize=8,
                      textcoords="offset points", va="center")  # fmt: skip
    for start in starts:
        axes.axvline(start, color="#d4d9df", linewidth=0.6, zorder=0)
    names = [f"{short(visible(row.name), 60)} ({row.measure})" for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=8.5, parse_math=False)
    middles = [(a + b) / 2.0 for a, b in pairwise(starts)]
    labels = [visible(period_name(each)) for each in network.periods]
    axes.set_xticks(middles, labels, fontsize=9, parse_math=False)
    axes.tick_params(length=0)
    axes.set_xlim(0.0, starts[-1])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.annotate(f"M {network.info.currency} in all", (1.0, 0.0), xycoords="axes fraction",
                  xytext=(6, -6), textcoords="offset points", fontsize=8, va="top",
                  parse_math=False)  # fmt: skip
    _chart_key(figure, rows)
    title(axes, finding, heading)
    return figure


def _starts(network: Network) -> list[float]:
    found = [0.0]
    for each in network.periods:
        found.append(found[-1] + each.years)
    return found


def _draw_cell(axes: Any, start: float, years: float, place: int, cell: ChartCell) -> None:
    gap = 0.02 * years
    box = ((start + gap, years - 2.0 * gap),)
    if cell.state:
        axes.broken_barh(box, (place - 0.32, 0.64), **_LOOKS[cell.state])
    if cell.bought:
        axes.broken_barh(box, (place - 0.32, 0.64), facecolor="none", edgecolor=MORE,
                         linewidth=2.0)  # fmt: skip


def _chart_key(figure: Any, rows: Sequence[ChartRow]) -> None:
    patch = import_module("matplotlib.patches").Patch
    seen = {cell.state for row in rows for cell in row.cells}
    patches = [patch(label=STATES[state], **_LOOKS[state]) for state in _LOOKS if state in seen]
    if any(cell.bought for row in rows for cell in row.cells):
        patches.insert(
            1, patch(facecolor="none", edgecolor=MORE, linewidth=2.0, label="bought then")
        )
    figure.legend(handles=patches, fontsize=8, frameon=False, loc="outside lower center",
                  ncols=len(patches))  # fmt: skip
