"""Data of the figures of a page: the map and the Sankey diagram, as plain values for JSON.

Every name is escaped for the small HTML that plotly understands in its labels.
"""

from __future__ import annotations

from typing import Any

from flowopt.plain_text import visible
from flowopt.report.map import KINDS, Leg, Picture, outlines
from flowopt.report.origin_tracing import STAGES, Link, StageNode, links, passing
from flowopt.report.result_reader import StoredResult

_MOST = 12  # places of one stage of the Sankey diagram; the rest is one box
_LONG = {"exit": 26, "market": 24}  # letters of a label, where two columns of labels meet
HEADINGS = {
    "area": "Growing areas",
    "site": "First processing",
    "exit": "Exits",
    "market": "Markets",
}


def printable(text: str) -> str:
    """Return a text without invisible characters, but for those that join letters."""
    return visible(text, keep="\n\t\u200c\u200d")


def escaped(text: str) -> str:
    """Return a text escaped for plotly, so that no part is taken for markup or TeX.

    >>> escaped("<b>A & B</b>"), escaped("$x$")
    ('&lt;b&gt;A &amp; B&lt;/b&gt;', '&#36;x&#36;')
    """
    text = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("$", "&#36;")


def map_data(result: StoredResult, picture: Picture) -> dict[str, Any]:
    """Return the map: outlines, nodes by kind, legs with tonnes by group of goods, marks, views."""
    goods = goods_of(result, picture)
    return {
        "land": _land(),
        "legs": [_leg(leg, [ids for _, ids in goods]) for leg in picture.legs],
        "nodes": [
            {
                "kind": kind,
                "label": label,
                "x": [node.lon for node in picture.nodes if node.kind == kind],
                "y": [node.lat for node in picture.nodes if node.kind == kind],
                "text": [
                    f"<b>{escaped(node.name)}</b><br>{label}"
                    + (f", {escaped(node.country)}" if node.country else "")
                    for node in picture.nodes
                    if node.kind == kind
                ],
            }
            for kind, label in KINDS.items()
            if any(node.kind == kind for node in picture.nodes)
        ],
        "marks": {
            "x": [mark.at[0] for mark in picture.marks],
            "y": [mark.at[1] for mark in picture.marks],
            "text": [
                "<b>Measures of the plan here</b><br>" + "<br>".join(map(escaped, mark.measures))
                for mark in picture.marks
            ],
        },
        "views": {"world": picture.world, "source": picture.source},
        "unit": escaped(f"{result.network.info.mass_unit}/yr"),
    }


def goods_of(result: StoredResult, picture: Picture) -> list[tuple[str, list[str]]]:
    """Return the layers of the map: the trade, and each commodity that moves on it."""
    network = result.network
    trade = [row.commodity for row in network.commodities
             if row.commodity in network.market_commodities]  # fmt: skip
    moving = {good for leg in picture.legs for good in leg.amounts}
    each = [(row.name, [row.commodity]) for row in network.commodities if row.commodity in moving]
    return [("What the markets buy", trade), *each] if len(each) > 1 else each


def _land() -> dict[str, list[float | None]]:
    """Return all outlines as one line with gaps."""
    x: list[float | None] = []
    y: list[float | None] = []
    for name, rings in outlines().items():
        for ring in rings if name != "Antarctica" else ():
            x += [*ring[::2], None]
            y += [*ring[1::2], None]
    return {"x": x, "y": y}


def _leg(leg: Leg, goods: list[list[str]]) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for piece in leg.curve:
        x += [*(round(px, 3) for px, _ in piece), None]
        y += [*(round(py, 3) for _, py in piece), None]
    mode = f"<br>{escaped(leg.mode)}, {escaped(leg.arc)}" if leg.mode else f"<br>{escaped(leg.arc)}"
    return {
        "x": x[:-1],
        "y": y[:-1],
        "middle": [round(number, 3) for number in leg.middle],
        "text": f"<b>{escaped(leg.tail)} → {escaped(leg.head)}</b>{mode}",
        "amounts": [[round(t, 4) for t in leg.carried(ids)] for ids in goods],
    }


def sankey_data(result: StoredResult) -> dict[str, Any]:
    """Return the Sankey diagram before and after, over the same boxes in the same order."""
    flows = [links(result.network, stated) for stated in (result.before, result.after)]
    boxes = boxes_of(flows)
    order = list(dict.fromkeys(boxes.values()))
    names = {node.node: node.name for node in result.network.nodes}
    return {
        "labels": [
            escaped(short(label_of(place, names), _LONG.get(place[0], 34))) for place in order
        ],
        "hover": [escaped(label_of(place, names)) for place in order],
        "stages": [STAGES.index(stage) for stage, _ in order],
        "headings": [HEADINGS[stage] for stage in STAGES],
        "states": [_merged(flow, boxes, order) for flow in flows],
        "unit": escaped(f"{result.network.info.mass_unit}/yr"),
    }


def sankey_rows(result: StoredResult) -> list[tuple[str, str, str, float, float]]:
    """Return the diagram as a table: stage, tail, head, before and after (t/yr)."""
    before, after = (links(result.network, stated) for stated in (result.before, result.after))
    names = {node.node: node.name for node in result.network.nodes}
    rows = [
        (HEADINGS[link[0][0]], label_of(link[0], names), label_of(link[1], names),
         before.get(link, 0.0), after.get(link, 0.0))
        for link in dict.fromkeys([*before, *after])
    ]  # fmt: skip
    stages = list(HEADINGS.values())
    return sorted(rows, key=lambda row: (stages.index(row[0]), -max(row[3:])))


def boxes_of(flows: list[dict[Link, float]]) -> dict[StageNode, StageNode]:
    """Return the box of each place: its own, or that of the many small ones of its stage."""
    most = passing(flows)
    boxes: dict[StageNode, StageNode] = {}
    for stage in STAGES:
        places = sorted((p for p in most if p[0] == stage), key=lambda p: -most[p])
        kept = places if len(places) <= _MOST else places[: _MOST - 1]
        rest = (stage, f"\0{len(places) - len(kept)}")
        boxes |= {place: place if place in kept else rest for place in places}
    return boxes


def _merged(
    flow: dict[Link, float], boxes: dict[StageNode, StageNode], order: list[StageNode]
) -> dict[str, list[Any]]:
    sums: dict[tuple[int, int], float] = {}
    for (tail, head), amount in flow.items():
        pair = (order.index(boxes[tail]), order.index(boxes[head]))
        sums[pair] = sums.get(pair, 0.0) + amount
    return {
        "source": [tail for tail, _ in sums],
        "target": [head for _, head in sums],
        "value": [round(amount, 4) for amount in sums.values()],
    }


def label_of(place: StageNode, names: dict[str, str]) -> str:
    """Return the name of a box."""
    stage, node = place
    if node.startswith("\0"):
        return f"{node[1:]} smaller {HEADINGS[stage].lower()}"
    return printable(names.get(node, node))


def short(text: str, most: int) -> str:
    """Return a text cut to `most` letters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
