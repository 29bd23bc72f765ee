"""Pictures for slides and papers, by matplotlib: maps, the flow chart, the frontier.

Nothing is shown and no browser is needed; the same result gives the same file.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from flowopt.plain_text import visible
from flowopt.report.chart import draw_chart
from flowopt.report.comparison_page import StoredComparison, StoredSweep, sweep_data
from flowopt.report.map import KINDS, Box, Leg, Picture, outlines, picture_of
from flowopt.report.result_page import needed
from flowopt.report.result_reader import StoredResult

FORMATS = ("png", "svg")
_WIDE = 11.0  # inches
_DOTS = 180  # per inch of a PNG
# Okabe and Ito's colours, with a marker each: as on the page.
_MARKERS = {
    "area": ("#009e73", "o"),
    "precursor": ("#cc79a7", "D"),
    "site": ("#d55e00", "s"),
    "transit": ("#8a8f96", "."),
    "airstrip": ("#e69f00", "^"),
    "port": ("#0072b2", "p"),
    "border": ("#8a8f96", "x"),
    "market": ("#7b3fa0", "*"),
}
_FLOW, _MORE = "#0072b2", "#c1510a"
_LEAST = 0.0005  # t/yr


Drawings = Mapping[str, Callable[[], Any]]


def drawn(drawings_by_name: Drawings, folder: Path, formats: Iterable[str]) -> dict[Path, bytes]:
    """Return pictures as the bytes of their files.

    Parameters
    ----------
    drawings_by_name
        From `drawings` or `frontier_drawings`.
    folder
        Folder of the files.
    formats
        ``png``, ``svg``.

    Returns
    -------
    dict of Path and bytes
        The files, as `picture_files` names them.

    Raises
    ------
    RequestError
        When the extra `report` is not installed.
    """
    files = picture_files(drawings_by_name, folder, formats)
    if not files:
        return {}
    matplotlib = needed("matplotlib")
    with warnings.catch_warnings(), matplotlib.rc_context({"svg.hashsalt": "flowopt"}):
        # A letter that the font lacks is a box in the picture, and no more than that.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        return {path: _bytes(drawings_by_name[path.stem](), path.suffix[1:]) for path in files}


def _bytes(figure: Any, kind: str) -> bytes:
    file = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else None
    figure.savefig(file, format=kind, dpi=_DOTS, metadata=metadata, bbox_inches="tight")
    return file.getvalue()


def picture_files(drawings_by_name: Drawings, folder: Path, formats: Iterable[str]) -> list[Path]:
    """Return the files of pictures."""
    return [folder / f"{name}.{format_}" for format_ in formats for name in drawings_by_name]


def frontier_drawings(comparison: StoredComparison) -> Drawings:
    """Return the drawings of a comparison: the frontier of each objective."""
    many = len(comparison.sweeps) > 1
    return {
        f"frontier-{sweep.about['objective']}" if many else "frontier": partial(
            frontier_figure, comparison, sweep
        )
        for sweep in comparison.sweeps
    }


def frontier_figure(comparison: StoredComparison, sweep: StoredSweep) -> Any:
    """Return the frontier with its band, knees and ladder, and the marginal cuts."""
    data, units = sweep_data(sweep, escape=False), sweep.units
    x, value = data["budgets"], data["value"]
    bound = [v if b is None else b for b, v in zip(data["bound"], value, strict=True)]
    figure, axes = _figure(5.6)
    axes.remove()
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[2.4, 1])
    for i in range(len(x) - 1):
        words = "" if i else "between the plan and the bound"
        upper.fill_between(x[i : i + 2], bound[i + 1], value[i], color=_FLOW, alpha=0.2,
                           linewidth=0, label=words)  # fmt: skip
    upper.plot(x, value, "o-", color=_FLOW, drawstyle="steps-post", label="best plan", markersize=4)
    ladder = data["ladder"]
    upper.plot(ladder["x"], ladder["y"], "D--", color=_MORE, drawstyle="steps-post", linewidth=1,
               markersize=4, markerfacecolor="none", label="the ladder")  # fmt: skip
    knees = [(b, v) for b, v in zip(x, value, strict=True) if b in data["knees"]]
    upper.plot([b for b, _ in knees], [v for _, v in knees], "o", markersize=12, label="knee",
               markerfacecolor="none", markeredgecolor="black", markeredgewidth=1.5)  # fmt: skip
    upper.set_title(
        visible(comparison.network.info.title), fontsize=10, loc="left", parse_math=False
    )
    upper.set_ylabel(data["what"], fontsize=9, parse_math=False)
    upper.legend(fontsize=8, frameon=False)
    steps = [(a, b, m) for a, b, m in zip(x, x[1:], data["marginal"][1:], strict=False)
             if m is not None]  # fmt: skip
    lower.bar([(a + b) / 2 for a, b, _ in steps], [m for *_, m in steps],
              width=[0.9 * (b - a) for a, b, _ in steps], color="#565f6b")  # fmt: skip
    lower.set_ylabel(f"cut, {data['per']}", fontsize=9, parse_math=False)
    lower.set_xlabel(f"budget, {units.money}/yr", fontsize=9, parse_math=False)
    return figure


def drawings(result: StoredResult) -> Drawings:
    """Return the drawings of a result, by name."""
    picture = picture_of(result)
    maps: dict[str, Callable[[], Any]] = {}
    if picture.nodes:
        maps = {
            "map": lambda: map_figure(result, picture, picture.world, change=False),
            "change": lambda: map_figure(result, picture, picture.world, change=True),
        }
    if picture.source != picture.world:
        maps["source"] = lambda: map_figure(result, picture, picture.source, change=False)
    return {**maps, "flow": lambda: chart_figure(result)}


def map_figure(result: StoredResult, picture: Picture, box: Box, *, change: bool) -> Any:
    """Return the map of the trade within a box, under the plan or its change."""
    legs = [(leg, *leg.carried(result.network.market_commodities)) for leg in picture.legs]
    drawn = [(leg, a - b if change else a) for leg, b, a in legs]
    most = max((abs(t) if change else max(b, a) for (_, b, a), (_, t) in zip(
        legs, drawn, strict=True)), default=0.0)  # fmt: skip
    unit = f"{result.network.info.mass_unit}/yr"
    figure, axes = _figure(_height(box))
    _draw_land(axes, box)
    for leg, tonnes in sorted(drawn, key=lambda pair: abs(pair[1])):
        if abs(tonnes) >= _LEAST:
            _draw_leg(axes, leg, tonnes, most, change=change)
    _draw_places(axes, picture)
    title = "change of the flow under the plan" if change else "flow under the plan"
    if change:
        axes.plot([], [], color=_MORE, linewidth=2, label="more")
        axes.plot([], [], color=_FLOW, linewidth=2, linestyle=(0, (2, 1)), label="less")
    axes.set_title(
        f"{visible(result.network.info.title)}: {title} (widest line {most:,.1f} {unit})",
        fontsize=10, loc="left", parse_math=False,
    )  # fmt: skip
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.11), ncols=6, fontsize=8, frameon=False)
    return figure


def chart_figure(result: StoredResult) -> Any:
    """Return the flow chart: the Sankey diagram before and after, side by side."""
    figure, left = _figure(6.2)
    left.remove()
    pair = figure.subplots(1, 2)
    for axes, stated, words in zip(
        pair, (result.before, result.after), ("without measures", "under the plan"), strict=True
    ):
        draw_chart(axes, result, stated, words)
    return figure


def _figure(height: float) -> tuple[Any, Any]:
    # Without pyplot: no window, no state, nothing to close.
    figure = import_module("matplotlib.figure").Figure(
        figsize=(_WIDE, height), layout="constrained"
    )
    import_module("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
    return figure, figure.subplots()


def _height(box: Box) -> float:
    west, east, south, north = box
    return max(3.5, min(9.0, 1.2 + (_WIDE - 1.0) * (north - south) / (east - west)))


def _draw_land(axes: Any, box: Box) -> None:
    west, east, south, north = box
    # One thing to lay out and draw, where each of some hundred outlines would take as long.
    axes.add_collection(
        import_module("matplotlib.collections").PolyCollection(
            [
                list(zip(ring[::2], ring[1::2], strict=True))
                for rings in outlines().values()
                for ring in rings
            ],
            facecolor="#eceae4",
            edgecolor="#b9b5aa",
            linewidth=0.4,
        ),
        autolim=False,
    )
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal")
    axes.xaxis.set_major_formatter("{x:g}°")
    axes.yaxis.set_major_formatter("{x:g}°")
    axes.set_xlabel("longitude", fontsize=8)
    axes.set_ylabel("latitude", fontsize=8)
    axes.tick_params(labelsize=7, colors="#565f6b")


def _draw_leg(axes: Any, leg: Leg, tonnes: float, most: float, *, change: bool) -> None:
    width = 0.4 + 5.6 * abs(tonnes) / most
    colour = _MORE if change and tonnes > 0.0 else _FLOW
    style: Any = (0, (2, 1)) if change and tonnes < 0.0 else "solid"
    for piece in leg.curve:
        axes.plot(*zip(*piece, strict=True), color=colour, linewidth=width, linestyle=style,
                  alpha=0.7, solid_capstyle="butt")  # fmt: skip
    x, y, angle = leg.middle
    # A triangle that points along the leg; matplotlib turns markers counter-clockwise.
    size = 2.5 + width / 2.0
    axes.plot(x, y, marker=(3, 0, -angle), markersize=size, color="#1b1f24", linestyle="none")


def _draw_places(axes: Any, picture: Picture) -> None:
    for kind, (colour, marker) in _MARKERS.items():
        nodes = [node for node in picture.nodes if node.kind == kind]
        if nodes:
            axes.plot([n.lon for n in nodes], [n.lat for n in nodes], linestyle="none",
                      marker=marker, color=colour, markersize=5, label=KINDS[kind])  # fmt: skip
    if picture.marks:
        axes.plot(
            [m.at[0] for m in picture.marks], [m.at[1] for m in picture.marks], linestyle="none",
            marker="o", markerfacecolor="none", markeredgecolor="black", markeredgewidth=1.4,
            markersize=11, label="a measure of the plan",
        )  # fmt: skip
