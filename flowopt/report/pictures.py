"""Pictures for slides and papers, by matplotlib: maps, the flow chart, the frontier.

Nothing is shown and no browser is needed; the same result gives the same file.
"""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from flowopt.plain_text import visible
from flowopt.report.chart import draw_chart
from flowopt.report.comparison_reader import StoredComparison, StoredSweep
from flowopt.report.flow_states import result_states
from flowopt.report.frontier_headline import frontier_headline
from flowopt.report.frontier_sections import sweep_data
from flowopt.report.map import Picture, picture_of
from flowopt.report.map_picture import FLOW, MORE, draw_map
from flowopt.report.outlines import Box
from flowopt.report.page_render import needed
from flowopt.report.picture_frame import LINE, WIDE, new_figure, title
from flowopt.report.result_headline import headline_of
from flowopt.report.result_reader import StoredFlow, StoredResult

FORMATS = ("png", "svg")
_DOTS = 180  # per inch of a PNG

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
    return file.getvalue() if kind == "png" else _rounded(file.getvalue())


def _rounded(svg: bytes) -> bytes:
    """Return an SVG picture with its lines in tenths of a point, which no eye can tell."""
    lines = re.compile(rb'(?<= d=")[^"]*')
    digits = re.compile(rb"(\.\d)\d+")
    return lines.sub(lambda line: b" ".join(digits.sub(rb"\1", line[0]).split()), svg)


def picture_files(drawings_by_name: Drawings, folder: Path, formats: Iterable[str]) -> list[Path]:
    """Return the files of pictures."""
    return [folder / f"{name}.{format_}" for format_ in formats for name in drawings_by_name]


def frontier_drawings(comparison: StoredComparison) -> Drawings:
    """Return the drawings of a comparison: the frontier of each objective."""
    many = len(comparison.sweeps) > 1
    return {
        f"frontier-{sweep.about['objective']}" if many else "frontier": partial(
            sweep_figure, comparison, sweep
        )
        for sweep in comparison.sweeps
    }


def sweep_figure(comparison: StoredComparison, sweep: StoredSweep) -> Any:
    """Return the frontier of a sweep with its band, knees and ladder, and the marginal cuts."""
    finding = frontier_headline(sweep.about, sweep.rows, sweep.units).answer
    return frontier_figure(sweep_data(comparison, sweep), finding, comparison.network.info.heading)


def frontier_figure(data: Mapping[str, Any], finding: str, heading: str) -> Any:
    """Return a frontier from the data of the page's figure, with a finding above it."""
    x, value = data["budgets"], data["value"]
    bound = [v if b is None else b for b, v in zip(data["bound"], value, strict=True)]
    figure, axes = new_figure(5.6)
    axes.remove()
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[2.4, 1])
    for i in range(len(x) - 1):
        words = "" if i else "between the plan and the bound"
        upper.fill_between(x[i : i + 2], bound[i + 1], value[i], color=FLOW, alpha=0.2,
                           linewidth=0, label=words)  # fmt: skip
    upper.plot(x, value, "o-", color=FLOW, drawstyle="steps-post", label="best plan", markersize=4)
    ladder = data["ladder"]
    if ladder["x"]:
        upper.plot(ladder["x"], ladder["y"], "D--", color=MORE, drawstyle="steps-post", linewidth=1,
               markersize=4, markerfacecolor="none", label="the ladder")  # fmt: skip
    knees = [(b, v) for b, v in zip(x, value, strict=True) if b in data["knees"]]
    if knees:
        upper.plot([b for b, _ in knees], [v for _, v in knees], "o", markersize=12, label="knee",
               markerfacecolor="none", markeredgecolor="black", markeredgewidth=1.5)  # fmt: skip
    title(upper, finding, heading)
    upper.set_ylabel(data["what"], fontsize=9, parse_math=False)
    upper.legend(fontsize=8, frameon=False)
    steps = [(a, b, m) for a, b, m in zip(x, x[1:], data["marginal"][1:], strict=False)
             if m is not None]  # fmt: skip
    lower.bar([(a + b) / 2 for a, b, _ in steps], [m for *_, m in steps],
              width=[0.9 * (b - a) for a, b, _ in steps], color="#565f6b")  # fmt: skip
    lower.set_ylabel(f"cut, {data['per']}", fontsize=9, parse_math=False)
    lower.set_xlabel(f"budget, {data['money']}", fontsize=9, parse_math=False)
    return figure


def drawings(result: StoredResult) -> Drawings:
    """Return the drawings of a result, by name."""
    return flow_drawings(result, headline_of(result).answer, result.network.info.heading)


def flow_drawings(result: StoredFlow, finding: str, heading: str) -> Drawings:
    """Return the drawings of a flow, by name.

    Parameters
    ----------
    result
        The flow.
    finding, heading
        The finding above each picture, and what it is about.
    """
    picture = picture_of(result.network, result_states(result))
    drawn_map = partial(map_figure, result, picture, finding, heading)
    maps: dict[str, Callable[[], Any]] = {}
    if picture.places:
        maps = {
            "map": partial(drawn_map, picture.world, change=False),
            "change": partial(drawn_map, picture.world, change=True),
        }
    if picture.source != picture.world:
        maps["source"] = partial(drawn_map, picture.source, change=True)
    return {**maps, "flow": partial(chart_figure, result, finding)}


def map_figure(
    result: StoredFlow, picture: Picture, finding: str, heading: str, box: Box, *, change: bool
) -> Any:
    """Return the map of the trade within a box, under the plan or its change."""
    figure, axes = new_figure(_height(box))
    plan = [row["measure"] for row in result.plan]
    draw_map(axes, result.network, picture, plan, box, change=change)
    what = "what the plan changes" if change else "the flow under the plan"
    title(axes, finding, f"{heading}: {what}")
    return figure


def chart_figure(result: StoredFlow, finding: str) -> Any:
    """Return the flow chart: the Sankey diagram before and after, side by side."""
    figure, left = new_figure(6.2)
    left.remove()
    pair = figure.subplots(1, 2)
    for axes, stated, words in zip(
        pair, (result.before, result.after), ("without measures", "under the plan"), strict=True
    ):
        draw_chart(axes, result, stated, words)
    lines = "\n".join(textwrap.wrap(visible(finding), LINE))
    figure.suptitle(lines, fontsize=11, x=0.01, ha="left", parse_math=False)
    return figure


def _height(box: Box) -> float:
    west, east, south, north = box
    return max(3.5, min(9.0, 1.4 + (WIDE - 1.0) * (north - south) / (east - west)))
