"""Ground of the map: where the places of a network are and its arcs run, whatever flows.

A leg is a quadratic curve that bows to its right, so that opposite legs are seen apart; each
further leg between the same two nodes bows more. It takes the shorter way round the globe. A leg at
sea keeps to the lanes of ships, round the land. Longitudes along a leg never jump: beyond 180
degrees they go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.report.map_lines import BOW, Way, arrow_of, bowed
from flowopt.report.outlines import Box, Point, largest, near_outlines
from flowopt.report.quality import targets
from flowopt.report.sea_lanes import sea_way

_SEA_BOW = 0.03  # where nothing is in the way of a ship
_WORLD: Box = (-180.0, 180.0, -58.0, 84.0)
_SEA_WORDS = frozenset(("sea", "ship", "ships", "vessel", "maritime", "ocean", "container"))
_LITTLE = frozenset(("and", "of", "the", "in", "at", "to", "between", "around", "along", "for"))
_LONGEST = 26  # letters of the label of a place


@dataclass(frozen=True, slots=True)
class Leg:
    """One arc on the map, with its flow.

    Attributes
    ----------
    arc, tail, head, mode : str
        The arc, the names of its ends, its mode.
    way : tuple of points
        Start, control point and end of a curve; or, with `sea`, the points of a ship's way.
    sea : bool
        Whether it keeps to the lanes of ships.
    home : bool
        Whether both ends are in the country with growing areas.
    amounts : mapping
        t/yr entering it in each state of the flow, by commodity.
    """

    arc: str
    tail: str
    head: str
    mode: str
    way: Way
    sea: bool
    home: bool
    amounts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def carried(self, goods: Iterable[str]) -> tuple[float, ...]:
        """Return the tonnes of some commodities in each state."""
        columns = [self.amounts[good] for good in goods if good in self.amounts]
        states = len(next(iter(self.amounts.values()), ()))
        return tuple(map(sum, zip(*columns, strict=True))) if columns else (0.0,) * states


class MapGround:
    """Ground of the map of a network: where its places are and its arcs run, whatever flows.

    Attributes
    ----------
    network : Network
        The network.
    placed : mapping
        Nodes with coordinates, by id.
    labels : mapping
        What the map calls each of them, by id.
    names : mapping
        Names of all nodes, by id.
    ways : mapping
        The way of every arc between such nodes, and whether it keeps to sea lanes.
    home : set of str
        Nodes of the country with growing areas.
    source_name, source, world
        As those of a `Picture`.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.placed = {n.node: n for n in network.nodes if n.lat is not None and n.lon is not None}
        self.labels = {name: label_of_place(node.name) for name, node in self.placed.items()}
        self.names = {node.node: node.name for node in network.nodes}
        self.ways = _ways(network, self.placed)
        self.source_name, source = _source(network, self.placed)
        self.home = {node.node for node in network.nodes if node.country == self.source_name}
        self.world = _world([at_of(node) for node in self.placed.values()])
        self.source = source or self.world
        self._effects: dict[str, list[int]] = {}
        for place, effect in enumerate(network.effects):
            self._effects.setdefault(effect.measure, []).append(place)
        self._points: dict[int, tuple[Point, ...]] = {}

    def leg(self, arc: schema.Arc, amounts: Mapping[str, tuple[float, ...]]) -> Leg:
        """Return an arc with a way as a leg."""
        within = {arc.tail, arc.head} <= self.home
        names = (self.names[arc.tail], self.names[arc.head])
        return Leg(arc.arc, *names, arc.mode, *self.ways[arc.arc], within, amounts)

    def acts_at(self, measures: Iterable[str]) -> dict[Point, None]:
        """Return where measures act: nodes, the arrows of arcs, the start of a sea leg."""
        places = sorted(place for name in measures for place in self._effects.get(name, ()))
        return dict.fromkeys(at for place in places for at in self._points_of(place))

    def _points_of(self, place: int) -> tuple[Point, ...]:
        """Return where an effect acts."""
        found = self._points.get(place)
        if found is None:
            rows = targets(self.network, self.network.effects[place])
            points = [self._point_of(row) for row in rows]
            found = self._points[place] = tuple(at for at in points if at is not None)
        return found

    def _point_of(self, row: schema.Row) -> Point | None:
        """Return where the row of a table is on the map, None where it is not on it."""
        if isinstance(row, schema.Arc):
            if row.arc not in self.ways:
                return None
            way, sea = self.ways[row.arc]
            return way[0] if sea else arrow_of(way, sea=False)[0]
        node = self.placed.get(str(getattr(row, "node", "")))
        return None if node is None else at_of(node)


def label_of_place(name: str) -> str:
    """Return the name of a place as short as a map wants it, in whole words.

    >>> label_of_place("Pichari and Kimbiri (central VRAEM)"), label_of_place("Callao, seaport")
    ('Pichari and Kimbiri', 'Callao')
    >>> label_of_place("Workshops along the Ene and in Satipo")
    'Workshops along the Ene'
    """
    words = (re.split(r"[(:,;]", name)[0].strip() or name.strip()).split()
    while len(words) > 1 and (len(" ".join(words)) > _LONGEST or words[-1].lower() in _LITTLE):
        words.pop()
    label = " ".join(words)
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}\u2026"


def is_sea(mode: str) -> bool:
    """Return whether a mode is by sea.

    >>> is_sea("sea"), is_sea("container ship"), is_sea("river"), is_sea("overseas_air")
    (True, True, False, False)
    """
    return not _SEA_WORDS.isdisjoint(re.split(r"[^a-z]+", mode.lower()))


def _ways(network: Network, placed: Mapping[str, schema.Node]) -> dict[str, tuple[Way, bool]]:
    """Return the way of every arc between places on the map, and whether it keeps to sea lanes."""
    ways: dict[str, tuple[Way, bool]] = {}
    seen: dict[tuple[str, str], int] = {}
    for arc in network.arcs:
        if arc.tail in placed and arc.head in placed:
            ends = (arc.tail, arc.head)
            seen[ends] = seen.get(ends, 0) + 1
            start, end = at_of(placed[arc.tail]), at_of(placed[arc.head])
            at_sea = is_sea(arc.mode)
            way = sea_way(start, end) if at_sea else ()
            if len(way) > 2:
                ways[arc.arc] = (way, True)
            else:
                bow = _SEA_BOW if at_sea else BOW
                ways[arc.arc] = (bowed(start, end, bow * seen[ends]), False)
    return ways


def at_of(node: schema.Node) -> Point:
    """Return the longitude and latitude of a node on the map."""
    return node.lon or 0.0, node.lat or 0.0


def _source(network: Network, placed: Mapping[str, schema.Node]) -> tuple[str, Box | None]:
    """Return the country with most growing areas and its box on the map."""
    areas = [node.country for node in network.nodes if node.kind == "area"]
    if not areas:
        return "", None
    country = max(dict.fromkeys(areas), key=areas.count)
    points = [at_of(node) for node in placed.values() if node.country == country]
    if points and country in near_outlines():
        points += largest(near_outlines()[country])
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
