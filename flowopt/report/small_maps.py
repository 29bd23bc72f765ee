"""Small maps side by side by matplotlib: the flow in each period, all on one scale."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence, Set
from typing import Any

from flowopt.network.network import Network
from flowopt.plain_text import visible
from flowopt.report.map import Picture
from flowopt.report.map_lines import Way, line_of, pieces
from flowopt.report.map_picture import FLOW, MORE, draw_land, fitted_scale, is_inside
from flowopt.report.period_figures import period_name
from flowopt.report.picture_frame import WIDE, new_figure, over
from flowopt.report.schedule_page import opened_by_period
from flowopt.report.stored_schedule import StoredSchedule

_LEAST = 0.0005  # t/yr
_WIDEST = 4.5  # points
_COLUMNS = 5


def maps_figure(result: StoredSchedule, picture: Picture, finding: str, heading: str) -> Any:
    """Return a map for each period, all on one scale."""
    network = result.network
    count = len(network.periods)
    columns = min(count, _COLUMNS)
    rows = -(-count // columns)
    west, east, south, north = picture.telling
    tall = (WIDE / columns) * min(1.4, max(0.5, (north - south) / (east - west)))
    figure, axes = new_figure(1.1 + rows * (tall + 0.25))
    axes.remove()
    grid = figure.subplots(rows, columns, squeeze=False)
    places = [each for row in grid for each in row]
    most = _widest(network, picture) or 1.0
    for place, (arcs, grown) in enumerate(opened_by_period(result)):
        _draw(places[place], network, picture, 2 * place + 1, most, (arcs, grown))
        name = visible(period_name(network.periods[place]))
        places[place].set_title(name, fontsize=9, loc="left", parse_math=False)
    for spare in places[count:]:
        spare.remove()
    unit = f"{network.info.mass_unit}/yr"
    for words, look in (
        (f"flow, the widest {most:,.4g} {unit}", {"color": FLOW, "linewidth": 4}),
        ("on capacity opened by then", {"color": MORE, "linewidth": 4}),
        ("fields, workshops or demand that grew",
         {"color": MORE, "marker": "D", "linestyle": ""}),
        ("where the schedule acts",
         {"color": "black", "marker": "o", "markerfacecolor": "none", "linestyle": ""}),
    ):  # fmt: skip
        places[0].plot([], [], label=words, **look)
    handles, labels = places[0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, frameon=False, loc="outside lower center", ncols=4)
    over(figure, finding, f"{heading}: what markets buy, under the schedule")
    return figure


def _widest(network: Network, picture: Picture) -> float:
    """Return the tonnes of the widest line under the schedule, in any period."""
    states = range(1, len(picture.marks), 2)
    every = [_lines(network, picture, state, set()) for state in states]
    return max((t for lines in every for t in lines.values()), default=0.0)


def _lines(
    network: Network, picture: Picture, state: int, grown: Set[str]
) -> dict[tuple[Way, bool], float]:
    """Return the tonnes on each line of a state, those on grown capacity apart."""
    found: dict[tuple[Way, bool], float] = {}
    for leg in picture.legs:
        carried = leg.carried(network.market_commodities)
        tonnes = carried[state] if carried else 0.0
        ways: Iterable[Way] = itertools.pairwise(leg.way) if leg.sea else [leg.way]
        for way in ways:
            key = way, leg.arc in grown
            found[key] = found.get(key, 0.0) + tonnes
    return found


def _draw(
    axes: Any,
    network: Network,
    picture: Picture,
    state: int,
    most: float,
    grown: tuple[Set[str], Sequence[Sequence[float]]],
) -> None:
    """Draw the flow of a state, what has grown by then in orange, and where the plan acts."""
    box = picture.telling
    fitted_scale(axes, box)
    draw_land(axes, box, near=box != picture.world)
    lines = _lines(network, picture, state, grown[0])
    for (way, new), tonnes in sorted(lines.items(), key=lambda each: each[1]):
        if tonnes < _LEAST:
            continue
        for piece in pieces(line_of(way, sea=len(way) == 2)):
            width = 0.3 + (_WIDEST - 0.3) * tonnes / most
            axes.plot(*zip(*piece, strict=True), color=MORE if new else FLOW, alpha=0.8,
                      linewidth=width, solid_capstyle="butt")  # fmt: skip
    points = [(lon, lat) for lon, lat in grown[1] if is_inside((lon, lat), box)]
    if points:
        axes.plot(*zip(*points, strict=True), color=MORE, marker="D", linestyle="none",
                  markersize=4.5, markeredgecolor="white", markeredgewidth=0.5)  # fmt: skip
    marks = [mark.at for mark in picture.marks[state] if is_inside(mark.at, box)]
    if marks:
        axes.plot(*zip(*marks, strict=True), marker="o", linestyle="none", markersize=6.5,
                  markerfacecolor="none", markeredgecolor="black", markeredgewidth=1.1)  # fmt: skip
