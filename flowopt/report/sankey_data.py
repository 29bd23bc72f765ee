"""The Sankey diagram of pages and pictures: boxes by stage, and bands before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flowopt.report.origin_tracing import STAGES, Link, StageNode, links, passing
from flowopt.report.printable import printable
from flowopt.report.result_reader import StoredFlow, number

# Places of one stage of the diagram; the rest is one box. Labels of the middle stand among bands.
_MOST = {"area": 12, "site": 9, "exit": 9, "market": 12}
HEADINGS = {
    "area": "Growing areas",
    "site": "First processing",
    "exit": "Exits",
    "market": "Markets",
}


@dataclass(frozen=True, slots=True)
class Band:
    """Band of the diagram: its stage, its ends, and t/yr before and after."""

    stage: str
    tail: str
    head: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class BandBox:
    """Box of the diagram: a place, or the many small ones of a stage, with t/yr that pass it."""

    stage: int
    name: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Diagram:
    """Diagram of the flow before and after, over the same boxes in the same order.

    Attributes
    ----------
    boxes : tuple of BandBox
        By stage, the largest of each stage first.
    bands : tuple of (int, int, float, float)
        Tail and head as places among the boxes, t/yr before and after.
    rows : tuple of Band
        Every band between single places, the largest of each stage first.
    """

    boxes: tuple[BandBox, ...]
    bands: tuple[tuple[int, int, float, float], ...]
    rows: tuple[Band, ...]


def diagram_of(result: StoredFlow) -> Diagram:
    """Return the diagram of a result."""
    flows = [links(result.network, stated) for stated in (result.before, result.after)]
    boxes = boxes_of(flows)
    merged = [merged_flow(flow, boxes) for flow in flows]
    through = [passing([flow]) for flow in merged]
    order = list(dict.fromkeys(boxes.values()))
    names = {node.node: node.name for node in result.network.nodes}
    return Diagram(
        boxes=tuple(
            BandBox(STAGES.index(box[0]), label_of(box, names), *(t.get(box, 0.0) for t in through))
            for box in order
        ),
        bands=tuple(
            (order.index(tail), order.index(head), *(f.get((tail, head), 0.0) for f in merged))  # type: ignore[misc]  # two flows
            for tail, head in dict.fromkeys([*merged[0], *merged[1]])
        ),
        rows=tuple(_rows(flows, names)),
    )


def _rows(flows: list[dict[Link, float]], names: dict[str, str]) -> list[Band]:
    before, after = flows
    rows = [
        Band(HEADINGS[link[0][0]], label_of(link[0], names), label_of(link[1], names),
             before.get(link, 0.0), after.get(link, 0.0))
        for link in dict.fromkeys([*before, *after])
    ]  # fmt: skip
    stages = list(HEADINGS.values())
    return sorted(rows, key=lambda row: (stages.index(row.stage), -max(row.before, row.after)))


def sankey_data(diagrams: Sequence[Diagram], unit: str) -> dict[str, Any]:
    """Return diagrams, of which one is drawn at a time, as plain values for JSON."""
    return {
        "draw": "sankey",
        "unit": printable(unit),
        "headings": list(HEADINGS.values()),
        "flows": list(map(_flow_data, diagrams)),
    }


def _flow_data(diagram: Diagram) -> dict[str, Any]:
    return {
        "boxes": [
            {"stage": box.stage, "name": box.name, "t": [round(box.before, 3), round(box.after, 3)]}
            for box in diagram.boxes
        ],
        "bands": [
            {"from": tail, "to": head, "t": [round(before, 4), round(after, 4)]}
            for tail, head, before, after in diagram.bands
        ],
    }


def exits_note(result: StoredFlow, diagram: Diagram) -> str:
    """Return why the exits of the diagram differ from those of the table; "" where they do not."""
    exits = [row for row in result.displacement if row["by"] == "exit"]
    leaves = sum(number(row["after"]) for row in exits)
    arrives = sum(box.after for box in diagram.boxes if box.stage == STAGES.index("exit"))
    unit = result.network.info.mass_unit
    if leaves - arrives < 0.05:
        return ""
    return (
        f"The table of exits below counts what leaves, {leaves:,.1f} {unit} under the plan; the "
        f"diagram counts what of it arrives, {arrives:,.1f} {unit}: {leaves - arrives:,.1f} {unit} "
        "are lost, seized or used up on the way, or leave twice."
    )


def boxes_of(flows: list[dict[Link, float]]) -> dict[StageNode, StageNode]:
    """Return the box of each place: its own, or that of the many small ones of its stage."""
    most = passing(flows)
    boxes: dict[StageNode, StageNode] = {}
    for stage in STAGES:
        places = sorted((p for p in most if p[0] == stage), key=lambda p: -most[p])
        kept = places if len(places) <= _MOST[stage] else places[: _MOST[stage] - 1]
        rest = (stage, f"\0{len(places) - len(kept)}")
        boxes |= {place: place if place in kept else rest for place in places}
    return boxes


def merged_flow(
    flow: dict[Link, float], boxes: dict[StageNode, StageNode]
) -> dict[tuple[StageNode, StageNode], float]:
    """Return a flow between boxes."""
    sums: dict[tuple[StageNode, StageNode], float] = {}
    for (tail, head), amount in flow.items():
        pair = (boxes[tail], boxes[head])
        sums[pair] = sums.get(pair, 0.0) + amount
    return sums


def label_of(place: StageNode, names: dict[str, str]) -> str:
    """Return the name of a box."""
    stage, node = place
    if node.startswith("\0"):
        places = "places" if stage == "site" else HEADINGS[stage].lower()
        return f"{node[1:]} smaller {places}"
    return printable(names.get(node, node))
