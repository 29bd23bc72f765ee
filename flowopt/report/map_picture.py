"""Picture of the map by matplotlib, with labels, numbered rings and a key of widths."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from flowopt.network.network import Network
from flowopt.report.map import KINDS, Mark, Picture
from flowopt.report.map_ground import Leg
from flowopt.report.map_lines import Way, arrow_of, line_of, pieces
from flowopt.report.outlines import Box, Point, name_places, near_outlines, outlines
from flowopt.report.printable import printable

# Okabe and Ito's colours, with a marker each: as on the page.
_MARKERS = {
    "area": ("#009e73", "o"),
    "precursor": ("#cc79a7", "D"),
    "site": ("#d55e00", "s"),
    "transit": ("#6b7178", "."),
    "airstrip": ("#e69f00", "^"),
    "port": ("#0072b2", "p"),
    "border": ("#6b7178", "x"),
    "market": ("#7b3fa0", "*"),
}
FLOW, MORE = "#0072b2", "#c1510a"
_INK, _SOFT, _LAND, _COAST, _WATER = "#1b1f24", "#565f6b", "#e9e6dd", "#b3ae9f", "#f3f7fa"
_LEAST = 0.0005  # t/yr
_LABELS = 12
_SIZE = 7.0  # points, of a label
_LETTER = 0.55  # of its size, the width of a letter
_WIDEST = 6.0  # points
Bounds = tuple[float, float, float, float]


def draw_map(
    axes: Any, network: Network, picture: Picture, plan: Sequence[str], box: Box, *, change: bool
) -> None:
    """Draw the trade within a box, under the plan or as its change.

    Parameters
    ----------
    axes
        Axes of matplotlib, as wide and tall as the picture.
    network, picture
        The network, and its map in two states.
    plan
        The measures, by rank.
    box
        The view.
    change
        Whether the change is drawn.
    """
    near = box != picture.world
    draw_land(axes, box, near=near)
    lines = _lines(picture.legs, network.market_commodities, change=change)
    most = _most(picture.legs, network.market_commodities, change=change)
    for way, tonnes in lines:
        _draw_leg(axes, way, tonnes, most, change=change)
    taken: list[Bounds] = []
    scale = fitted_scale(axes, box)
    _draw_places(axes, picture, box, scale, taken)
    ranks = {name: rank for rank, name in enumerate(plan, start=1)}
    # Those of the source country would all be one in the world.
    here = near or box == picture.source
    marks = [m for m in picture.marks[-1] if here or not is_inside(m.at, picture.source)]
    _draw_rings(axes, marks, ranks, box, scale, taken)
    _draw_labels(axes, picture, box, scale, taken)
    _draw_countries(axes, box, scale, taken, near=near)
    _draw_key(axes, most, f"{network.info.mass_unit}/yr", change=change)


def _lines(legs: Iterable[Leg], goods: Iterable[str], *, change: bool) -> list[tuple[Way, float]]:
    """Return what is drawn, the thinnest first: legs at sea as one where they run together."""
    wanted, sums = list(goods), dict[Way, float]()
    for leg in legs:
        before, after = leg.carried(wanted)[0], leg.carried(wanted)[-1]
        tonnes = after - before if change else after
        ways: Iterable[Way] = itertools.pairwise(leg.way) if leg.sea else [leg.way]
        for way in ways:
            sums[way] = sums.get(way, 0.0) + tonnes
    drawn = [(way, tonnes) for way, tonnes in sums.items() if abs(tonnes) >= _LEAST]
    return sorted(drawn, key=lambda each: abs(each[1]))


def _most(legs: Iterable[Leg], goods: Iterable[str], *, change: bool) -> float:
    """Return the tonnes of the widest line: before and after share one scale."""
    states = [_lines(legs, goods, change=change)]
    if not change:
        wanted = list(goods)
        sums = dict[Way, float]()
        for leg in legs:
            for way in itertools.pairwise(leg.way) if leg.sea else [leg.way]:
                sums[way] = sums.get(way, 0.0) + leg.carried(wanted)[0]
        states.append(list(sums.items()))
    return max((abs(tonnes) for each in states for _, tonnes in each), default=0.0)


def fitted_scale(axes: Any, box: Box) -> tuple[float, float]:
    """Return the scale of the axes, and fit them to the box without stretching the land."""
    west, east, south, north = box
    narrow = math.cos(math.radians((south + north) / 2.0)) if north - south < 90.0 else 1.0
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1.0 / narrow)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor(_WATER)
    for side in axes.spines.values():
        side.set_color(_COAST)
    width, height = axes.figure.get_size_inches()
    down = min(
        72.0 * 0.97 * width / ((east - west) * narrow), 72.0 * 0.8 * height / (north - south)
    )
    return down * narrow, down


def draw_land(axes: Any, box: Box, *, near: bool) -> None:
    """Draw the outlines of countries within a box, the detailed ones where it is near."""
    countries = near_outlines() if near else outlines()
    # One thing to lay out and draw, where each of some hundred outlines would take as long.
    axes.add_collection(
        import_module("matplotlib.collections").PolyCollection(
            [ring for rings in countries.values() for ring in rings if _meets(ring, box)],
            facecolor=_LAND,
            edgecolor=_COAST,
            linewidth=0.4,
        ),
        autolim=False,
    )


def _meets(ring: list[Point], box: Box) -> bool:
    west, east, south, north = box
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return max(xs) >= west and min(xs) <= east and max(ys) >= south and min(ys) <= north


def _draw_leg(axes: Any, way: Way, tonnes: float, most: float, *, change: bool) -> None:
    sea = len(way) == 2
    width = 0.4 + (_WIDEST - 0.4) * abs(tonnes) / most
    colour = MORE if change and tonnes > 0.0 else FLOW
    style: Any = (0, (2, 1)) if change and tonnes < 0.0 else "solid"
    for piece in pieces(line_of(way, sea=sea)):
        axes.plot(*zip(*piece, strict=True), color=colour, linewidth=width, linestyle=style,
                  alpha=0.75, solid_capstyle="butt")  # fmt: skip
    if sea and math.dist(*way) < 4.0:  # a stretch of a lane; the next ones have arrows
        return
    (x, y), angle = arrow_of(way, sea=sea)
    # A triangle that points along the leg; matplotlib turns markers counter-clockwise.
    axes.plot(x, y, marker=(3, 0, -angle), markersize=4.0 + width / 2.0, color=colour,
              markeredgecolor="white", markeredgewidth=0.3, linestyle="none")  # fmt: skip


def _draw_places(
    axes: Any, picture: Picture, box: Box, scale: tuple[float, float], taken: list[Bounds]
) -> None:
    for kind, (colour, marker) in _MARKERS.items():
        points = [place.at for place in picture.places if place.node.kind == kind]
        if points:
            axes.plot(*zip(*points, strict=True), linestyle="none", marker=marker, color=colour,
                      markersize=4, label=KINDS[kind])  # fmt: skip
        taken += [_around(at, scale, 4.0, 4.0) for at in points if is_inside(at, box)]


def _draw_rings(
    axes: Any,
    marks: Iterable[Mark],
    ranks: Mapping[str, int],
    box: Box,
    scale: tuple[float, float],
    taken: list[Bounds],
) -> None:
    """Draw a ring where measures act, with the ranks of the measures beside it."""
    for number, mark in enumerate(marks):
        if is_inside(mark.at, box):
            axes.plot(*mark.at, linestyle="none", marker="o", markerfacecolor="none",
                      markeredgecolor="black", markeredgewidth=1.2, markersize=10,
                      label="a measure of the plan, by rank" if not number else "")  # fmt: skip
            taken.append(_around(mark.at, scale, 6.0, 6.0))
    for mark in marks:
        if is_inside(mark.at, box):
            text = ", ".join(str(ranks[name]) for name in mark.measures[:4])
            _write(axes, mark.at, text, scale, box, taken, away=7.0, weight="bold")


def _draw_labels(
    axes: Any, picture: Picture, box: Box, scale: tuple[float, float], taken: list[Bounds]
) -> None:
    left, seen = _LABELS, set[str]()
    for place in picture.places:
        if not left or place.passing <= 0.0:
            break
        home = place.node.country == picture.source_name
        if is_inside(place.at, box) and place.label not in seen and not (
            home and box == picture.world != picture.source
        ) and _write(axes, place.at, printable(place.label), scale, box, taken):  # fmt: skip
            left -= 1
            seen.add(place.label)


def _draw_countries(
    axes: Any, box: Box, scale: tuple[float, float], taken: list[Bounds], *, near: bool
) -> None:
    if near:
        for name, at in name_places(near_outlines(), box).items():
            _write(axes, at, name.upper(), scale, box, taken, centred=True, color=_SOFT)


def _write(
    axes: Any,
    at: Point,
    text: str,
    scale: tuple[float, float],
    box: Box,
    taken: list[Bounds],
    *,
    away: float = 4.0,
    centred: bool = False,
    **style: Any,
) -> bool:
    """Write a label where it hides no other; return whether there was room."""
    width, height = _LETTER * _SIZE * len(text) * (1.15 if centred else 1.0), 1.2 * _SIZE
    for dx, dy in [(0.0, 0.0)] if centred else _spots(width, height, away):
        x, y = at[0] + dx / scale[0], at[1] + dy / scale[1]
        bounds = _around((x, y), scale, width / 2.0, height / 2.0)
        if _holds(box, bounds) and not any(_overlap(bounds, other) for other in taken):
            taken.append(bounds)
            halo = import_module("matplotlib.patheffects").withStroke(
                linewidth=2.0, foreground="white"
            )
            axes.text(x, y, text, fontsize=_SIZE, ha="center", va="center", parse_math=False,
                      path_effects=[halo], **{"color": _INK, **style})  # fmt: skip
            return True
    return False


def _spots(width: float, height: float, away: float) -> Iterator[Point]:
    """Yield the places of a label around its point, in points of a printer."""
    side, up = width / 2.0 + away, height / 2.0 + away
    yield from ((side, 0.0), (-side, 0.0), (0.0, up), (0.0, -up))
    yield from ((side, up), (side, -up), (-side, up), (-side, -up))


def _around(at: Point, scale: tuple[float, float], x: float, y: float) -> Bounds:
    return at[0] - x / scale[0], at[0] + x / scale[0], at[1] - y / scale[1], at[1] + y / scale[1]


def is_inside(at: Point, box: Box) -> bool:
    """Return whether a point is within a box."""
    return box[0] <= at[0] <= box[1] and box[2] <= at[1] <= box[3]


def _holds(box: Box, bounds: Bounds) -> bool:
    return (bounds[0] > box[0] and bounds[1] < box[1] and bounds[2] > box[2]
            and bounds[3] < box[3])  # fmt: skip


def _overlap(one: Bounds, other: Bounds) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def _draw_key(axes: Any, most: float, unit: str, *, change: bool) -> None:
    """Draw the key: widths in round tonnes, what colours mean, kinds of places."""
    if most > 0.0:
        top = _round(most)
        for tonnes in dict.fromkeys((top, _round(top / 4.0))):
            width = 0.4 + (_WIDEST - 0.4) * tonnes / most
            axes.plot([], [], color=_SOFT, linewidth=width, label=f"{tonnes:g} {printable(unit)}")
    if change:
        axes.plot([], [], color=MORE, linewidth=2, label="more")
        axes.plot([], [], color=FLOW, linewidth=2, linestyle=(0, (2, 1)), label="less")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=7, fontsize=7,
                frameon=False)  # fmt: skip


def _round(most: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten that is no larger."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(factor * power for factor in (5.0, 2.0, 1.0) if factor * power <= most * 1.0001)
