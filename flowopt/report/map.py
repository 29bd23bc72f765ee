"""The map: outlines, curved legs and places in longitude and latitude, for page and pictures.

A plain map: degrees of longitude to the right, degrees of latitude up. A leg is a quadratic curve
that bows to its right, so that opposite legs are seen apart; each further leg between the same two
nodes bows more. A leg takes the shorter way round the globe and breaks at the antimeridian.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.report.quality import reformed_by, targets
from flowopt.report.result_reader import StoredResult, number

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # west, east, south, north
Curve = tuple[tuple[tuple[Point, ...], ...], tuple[float, float, float]]  # pieces, arrow
_STEPS = 14
_BOW = 0.12  # of a leg's length; the second between the same nodes bows twice as much, and so on
_ARROW = 0.6  # of the way
_WORLD: Box = (-180.0, 180.0, -58.0, 84.0)
_LEAST = 0.0005  # t/yr: less than that is not drawn

KINDS = {
    "area": "growing area",
    "precursor": "precursor origin",
    "site": "processing",
    "transit": "transit",
    "airstrip": "airstrip",
    "port": "port",
    "border": "border",
    "market": "market",
}


@dataclass(frozen=True, slots=True)
class Leg:
    """One arc on the map, with its flow.

    Attributes
    ----------
    arc, tail, head, mode : str
        The arc, the names of its ends, its mode.
    curve : tuple of tuple of points
        One piece, or two where the antimeridian is crossed.
    middle : tuple
        Longitude and latitude of its arrow, and the arrow's direction in degrees from north.
    amounts : mapping
        t/yr entering it before and after, by commodity.
    """

    arc: str
    tail: str
    head: str
    mode: str
    curve: tuple[tuple[Point, ...], ...]
    middle: tuple[float, float, float]
    amounts: dict[str, tuple[float, float]] = field(default_factory=dict)

    def carried(self, goods: Iterable[str]) -> tuple[float, float]:
        """Return the tonnes of some commodities before and after."""
        pairs = [self.amounts.get(good, (0.0, 0.0)) for good in goods]
        return sum(b for b, _ in pairs), sum(a for _, a in pairs)


@dataclass(frozen=True, slots=True)
class Mark:
    """Mark where measures of the plan act."""

    at: Point
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Content of the map.

    Attributes
    ----------
    nodes : tuple of schema.Node
        Those with coordinates.
    legs : tuple of Leg
        Those between nodes with coordinates that have a flow, before or after.
    hidden : int
        Number of legs with a flow but an end without coordinates.
    marks : tuple of Mark
        Where the plan acts.
    world, source : Box
        All that is drawn; the country with growing areas (or `world` where there is none).
    source_name : str
        Its name.
    """

    nodes: tuple[schema.Node, ...]
    legs: tuple[Leg, ...]
    hidden: int
    marks: tuple[Mark, ...]
    world: Box
    source: Box
    source_name: str


def picture_of(result: StoredResult) -> Picture:
    """Return the map of a result; without coordinates it has no nodes."""
    network = result.network
    placed = {n.node: n for n in network.nodes if n.lat is not None and n.lon is not None}
    amounts: dict[str, dict[str, tuple[float, float]]] = {}
    for row in result.flows:
        pair = (number(row["before"]), number(row["after"]))
        if max(pair) >= _LEAST:
            amounts.setdefault(row["arc"], {})[row["commodity"]] = pair
    names = {node.node: node.name for node in network.nodes}
    curves = _curves(network, placed)
    legs = tuple(
        Leg(arc.arc, names[arc.tail], names[arc.head], arc.mode, *curves[arc.arc],
            amounts[arc.arc])
        for arc in network.arcs
        if arc.arc in amounts and arc.arc in curves
    )  # fmt: skip
    name, source = _source(network, placed)
    world = _world([_at(node) for node in placed.values()])
    return Picture(
        nodes=tuple(placed.values()),
        legs=legs,
        hidden=len(amounts) - len(legs),
        marks=tuple(_marks(result, placed, curves)),
        world=world,
        source=source or world,
        source_name=name,
    )


def _curves(network: Network, placed: dict[str, schema.Node]) -> dict[str, Curve]:
    """Return the curve of every arc between places on the map."""
    curves: dict[str, Curve] = {}
    seen: dict[tuple[str, str], int] = {}
    for arc in network.arcs:
        if arc.tail in placed and arc.head in placed:
            ends = (arc.tail, arc.head)
            seen[ends] = seen.get(ends, 0) + 1
            curves[arc.arc] = bowed(_at(placed[arc.tail]), _at(placed[arc.head]), seen[ends])
    return curves


def bowed(start: Point, end: Point, rank: int = 1) -> Curve:
    """Return the curve of a leg in pieces, and the place and direction of its arrow.

    Parameters
    ----------
    start, end
        Longitude and latitude.
    rank
        1 for the first leg between these ends, 2 for the next.
    """
    (x0, y0), (x2, y2) = start, end
    x2 += 360.0 * round((x0 - x2) / 360.0)  # the shorter way round
    bow = _BOW * rank
    # A control point to the right of the way; a curve reaches half of its offset.
    x1 = (x0 + x2) / 2.0 + 2.0 * bow * (y2 - y0)
    y1 = (y0 + y2) / 2.0 - 2.0 * bow * (x2 - x0)
    y1 = max(-88.0, min(88.0, y1))

    def at(t: float) -> Point:
        a, b, c = (1.0 - t) ** 2, 2.0 * t * (1.0 - t), t**2
        return a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2

    points = [at(step / _STEPS) for step in range(_STEPS + 1)]
    (xa, ya), (xb, yb) = at(_ARROW - 0.01), at(_ARROW + 0.01)
    x, y = at(_ARROW)
    middle = (_wrapped(x), y, math.degrees(math.atan2(xb - xa, yb - ya)))
    return tuple(pieces(points)), middle


def pieces(points: list[Point]) -> Iterator[tuple[Point, ...]]:
    """Yield a curve between -180 and 180 degrees, in pieces where it crosses them."""
    piece: list[Point] = []
    turn = 0.0
    for point in points:
        now = 360.0 * math.floor((point[0] + 180.0) / 360.0)
        if piece and now != turn:
            (xa, ya), (xb, yb) = (piece[-1][0] + turn, piece[-1][1]), point
            edge = max(now, turn) - 180.0
            y = ya + (yb - ya) * (edge - xa) / (xb - xa)
            piece.append((edge - turn, y))
            yield tuple(piece)
            piece = [(edge - now, y)]
        turn = now
        piece.append((point[0] - turn, point[1]))
    yield tuple(piece)


def _wrapped(x: float) -> float:
    return (x + 180.0) % 360.0 - 180.0


@cache
def outlines() -> dict[str, list[list[float]]]:
    """Return the rings of each country, as longitude, latitude, longitude, ..."""
    text = resources.files("flowopt.report").joinpath("outlines.json").read_text(encoding="utf-8")
    rings: dict[str, list[list[float]]] = json.loads(text)["countries"]
    return rings


def _at(node: schema.Node) -> Point:
    return node.lon or 0.0, node.lat or 0.0


def _marks(
    result: StoredResult, placed: dict[str, schema.Node], curves: dict[str, Curve]
) -> Iterator[Mark]:
    """Yield where the measures of a plan act: nodes, and the arrows of arcs."""
    network, plan = result.network, set(result.certificate.plan)
    names = {measure.measure: measure.name for measure in network.measures}
    by_point: dict[Point, dict[str, None]] = {}
    for measure in result.certificate.plan:
        behind = {measure, *reformed_by(network, measure, plan)}
        for effect in network.effects:
            if effect.measure not in behind:
                continue
            for row in targets(network, effect):
                if isinstance(row, schema.Arc):
                    if row.arc in curves:
                        _, (x, y, _) = curves[row.arc]
                        by_point.setdefault((x, y), {})[names[measure]] = None
                elif (node := placed.get(str(getattr(row, "node", "")))) is not None:
                    by_point.setdefault(_at(node), {})[names[measure]] = None
    for at, measures in by_point.items():
        yield Mark(at, tuple(measures))


def _source(network: Network, placed: dict[str, schema.Node]) -> tuple[str, Box | None]:
    """Return the country with most growing areas and its box on the map."""
    areas = [node.country for node in network.nodes if node.kind == "area"]
    if not areas:
        return "", None
    country = max(dict.fromkeys(areas), key=areas.count)
    points = [_at(node) for node in placed.values() if node.country == country]
    rings = outlines().get(country, [])
    if points and rings:
        points += [(x, y) for ring in rings for x, y in zip(ring[::2], ring[1::2], strict=True)]
    return country, _box(points) if points else None


def _world(points: list[Point]) -> Box:
    """Return a box around all places: the whole world where they are spread over most of it."""
    if not points:
        return _WORLD
    west, east, south, north = _box(points)
    return _WORLD if east - west > 200.0 else (west, east, south, north)


def _box(points: list[Point]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    margin = max(1.0, 0.08 * max(max(xs) - min(xs), max(ys) - min(ys)))
    return (
        max(-180.0, min(xs) - margin),
        min(180.0, max(xs) + margin),
        max(-90.0, min(ys) - margin),
        min(90.0, max(ys) + margin),
    )
