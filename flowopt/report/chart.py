"""Sankey diagram for pictures: bands from growing areas through processing to markets."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.report.origin_tracing import STAGES, Link, StageNode, links, passing
from flowopt.report.printable import short
from flowopt.report.result_reader import StoredFlow
from flowopt.report.sankey_data import HEADINGS, boxes_of, label_of, merged_flow

_COLOURS = {"area": "#009e73", "site": "#d55e00", "exit": "#565f6b", "market": "#7b3fa0"}
_BAND = "#0072b2"
_GAP = 0.012  # of the height, between boxes
_THICK = 0.016  # of the width, a box
_LONG = 22  # letters of a label
_MARGIN = 0.27  # of the width, for the labels of the last boxes: inside they cross those before


def draw_chart(axes: Any, result: StoredFlow, stated: StatedProof, words: str) -> None:
    """Draw the Sankey diagram of one response, to the scale that before and after share."""
    flows = [links(result.network, each) for each in (result.before, result.after)]
    boxes = boxes_of(flows)
    flow = merged_flow(links(result.network, stated), boxes)
    total = max(_delivered(f) for f in flows)
    most = passing([merged_flow(f, boxes) for f in flows])
    tops = _tops(flow, most, total)
    _draw_bands(axes, flow, tops, _room(most) / total)
    names = {node.node: node.name for node in result.network.nodes}
    through = passing([flow])
    for place, top in tops.items():
        x, height = _x(place), through[place] / total * _room(most)
        axes.add_patch(
            import_module("matplotlib.patches").Rectangle(
                (x, top - height), _THICK, height, color=_COLOURS[place[0]], linewidth=0
            )
        )
        axes.text(
            x + _THICK + 0.008, top - height / 2.0,
            f"{short(label_of(place, names), _LONG)}  {through[place]:,.1f}",
            va="center", fontsize=5.5, parse_math=False,
        )  # fmt: skip
    for stage in STAGES:
        axes.text(_x((stage, "")), 1.015, HEADINGS[stage], fontsize=6, color="#565f6b")
    unit = f"{result.network.info.mass_unit}/yr"
    axes.set_title(f"{words}: {_delivered(flow):,.1f} {unit} delivered", fontsize=9, loc="left",
                   pad=14, parse_math=False)  # fmt: skip
    axes.set_xlim(0.0, 1.0 + _THICK + _MARGIN)
    axes.set_ylim(-0.01, 1.01)
    axes.axis("off")


def _delivered(flow: dict[Link, float]) -> float:
    return sum(amount for (_, head), amount in flow.items() if head[0] == "market")


def _x(place: StageNode) -> float:
    return STAGES.index(place[0]) / (len(STAGES) - 1)


def _room(most: dict[StageNode, float]) -> float:
    """Return the share of the height that boxes may take, beside the gaps."""
    count = max(sum(place[0] == stage for place in most) for stage in STAGES)
    return 1.0 - _GAP * max(0, count - 1)


def _tops(
    flow: dict[Link, float], most: dict[StageNode, float], total: float
) -> dict[StageNode, float]:
    """Return the upper edge of each box, the largest of its stage first."""
    through, edges = passing([flow]), dict[StageNode, float]()
    for stage in STAGES:
        top = 1.0
        for place in sorted((p for p in through if p[0] == stage), key=lambda p: -most[p]):
            edges[place] = top
            top -= through[place] / total * _room(most) + _GAP
    return edges


def _draw_bands(
    axes: Any, flow: dict[Link, float], tops: dict[StageNode, float], scale: float
) -> None:
    """Draw the bands from the top of each box down, in the order of the boxes they lead to."""
    path = import_module("matplotlib.path").Path
    patch = import_module("matplotlib.patches").PathPatch
    out, into = dict(tops), dict(tops)
    ordered = sorted(flow.items(), key=lambda item: (-tops[item[0][0]], -tops[item[0][1]]))
    for (tail, head), amount in ordered:
        thick = amount * scale
        x0, x1 = _x(tail) + _THICK, _x(head)
        y0, y1 = out[tail], into[head]
        out[tail] -= thick
        into[head] -= thick
        middle = (x0 + x1) / 2.0
        below = [(x1, y1), (middle, y1), (middle, y0), (x0, y0)]
        points = [*below[::-1], *((x, y - thick) for x, y in below), (x0, y0)]
        codes = [path.MOVETO, *[path.CURVE4] * 3, path.LINETO, *[path.CURVE4] * 3, path.CLOSEPOLY]
        axes.add_patch(patch(path(points, codes), facecolor=_BAND, alpha=0.3, linewidth=0))
