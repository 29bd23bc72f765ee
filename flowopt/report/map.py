"""The map: legs and places in longitude and latitude, for pages and pictures.

A leg is a quadratic curve that bows to its right, so that opposite legs are seen apart; each
further leg between the same two nodes bows more. It takes the shorter way round the globe. A leg at
sea keeps to the lanes of ships, round the land. Longitudes along a leg never jump: beyond 180
degrees they go on.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.report.flow_states import FlowState
from flowopt.report.map_lines import BOW, Way, arrow_of, bowed
from flowopt.report.outlines import Box, Point, largest, near_outlines
from flowopt.report.quality import reformed_by, targets
from flowopt.report.sea_lanes import sea_way

_SEA_BOW = 0.03  # where nothing is in the way of a ship
_WORLD: Box = (-180.0, 180.0, -58.0, 84.0)
_MANY = 8  # measures of a plan: beyond, each is marked once
_LEAST = 0.0005  # t/yr: less than that is not drawn
_SEA_WORDS = frozenset(("sea", "ship", "ships", "vessel", "maritime", "ocean", "container"))
_LITTLE = frozenset(("and", "of", "the", "in", "at", "to", "between", "around", "along", "for"))
_LONGEST = 26  # letters of the label of a place

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


@dataclass(frozen=True, slots=True)
class Mark:
    """Mark where measures of a plan act: their ids, by rank."""

    at: Point
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A node on the map: its row, its label, and the most that passes it, t/yr."""

    node: schema.Node
    at: Point
    label: str
    passing: float


@dataclass(frozen=True, slots=True)
class Picture:
    """Content of the map.

    Attributes
    ----------
    places : tuple of Place
        Nodes with coordinates, those that most passes first.
    legs : tuple of Leg
        Those between nodes with coordinates that have a flow in some state.
    hidden : int
        Number of legs with a flow but an end without coordinates.
    marks : tuple of tuple of Mark
        Where the plan of each state acts.
    world, source : Box
        All that is drawn; the country with growing areas (or `world` where there is none).
    source_name : str
        Its name.
    """

    places: tuple[Place, ...]
    legs: tuple[Leg, ...]
    hidden: int
    marks: tuple[tuple[Mark, ...], ...]
    world: Box
    source: Box
    source_name: str

    @property
    def telling(self) -> Box:
        """The box of small maps: the source country where it has most of the places."""
        west, east, south, north = self.source
        inside = [
            west <= place.at[0] <= east and south <= place.at[1] <= north for place in self.places
        ]
        return self.source if 2 * sum(inside) > len(inside) else self.world


def picture_of(network: Network, states: Sequence[FlowState]) -> Picture:
    """Return the map of some states of the flow; without coordinates it has no places."""
    placed = {n.node: n for n in network.nodes if n.lat is not None and n.lon is not None}
    amounts: dict[str, dict[str, tuple[float, ...]]] = {}
    for arc, good in dict.fromkeys(itertools.chain.from_iterable(s.amounts for s in states)):
        each = tuple(state.amounts.get((arc, good), 0.0) for state in states)
        if max(each) >= _LEAST:
            amounts.setdefault(arc, {})[good] = each
    name, source = _source(network, placed)
    ways = _ways(network, placed)
    names = {node.node: node.name for node in network.nodes}
    home = {node.node for node in network.nodes if node.country == name}
    legs = tuple(
        Leg(arc.arc, names[arc.tail], names[arc.head], arc.mode, *ways[arc.arc],
            {arc.tail, arc.head} <= home, amounts[arc.arc])
        for arc in network.arcs
        if arc.arc in amounts and arc.arc in ways
    )  # fmt: skip
    world = _world([_at(node) for node in placed.values()])
    return Picture(
        places=_places(network, placed, amounts),
        legs=legs,
        hidden=len(amounts) - len(legs),
        marks=tuple(tuple(_marks(network, state.plan, placed, ways)) for state in states),
        world=world,
        source=source or world,
        source_name=name,
    )


def _places(
    network: Network,
    placed: Mapping[str, schema.Node],
    amounts: Mapping[str, Mapping[str, tuple[float, ...]]],
) -> tuple[Place, ...]:
    goods = network.market_commodities
    out: dict[str, float] = {}
    into: dict[str, float] = {}
    for arc in network.arcs:
        moved = [each for good, each in amounts.get(arc.arc, {}).items() if good in goods]
        most = max(map(sum, zip(*moved, strict=True)), default=0.0)
        out[arc.tail] = out.get(arc.tail, 0.0) + most
        into[arc.head] = into.get(arc.head, 0.0) + most
    places = [
        Place(node, _at(node), label_of_place(node.name),
              max(out.get(node.node, 0.0), into.get(node.node, 0.0)))
        for node in placed.values()
    ]  # fmt: skip
    return tuple(sorted(places, key=lambda place: -place.passing))


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
            start, end = _at(placed[arc.tail]), _at(placed[arc.head])
            at_sea = is_sea(arc.mode)
            way = sea_way(start, end) if at_sea else ()
            if len(way) > 2:
                ways[arc.arc] = (way, True)
            else:
                bow = _SEA_BOW if at_sea else BOW
                ways[arc.arc] = (bowed(start, end, bow * seen[ends]), False)
    return ways


def _at(node: schema.Node) -> Point:
    return node.lon or 0.0, node.lat or 0.0


def _marks(
    network: Network,
    plan: Sequence[str],
    placed: Mapping[str, schema.Node],
    ways: Mapping[str, tuple[Way, bool]],
) -> Iterator[Mark]:
    """Yield where the measures of a plan act: nodes, the arrows of arcs, the start of a sea leg.

    In a plan of many measures each has one place, the first at which it acts, or nothing else
    would be seen.
    """
    by_point: dict[Point, dict[str, None]] = {}
    for measure in plan:
        behind = {measure, *reformed_by(network, measure, set(plan))}
        for effect in network.effects:
            if effect.measure not in behind:
                continue
            for row in targets(network, effect):
                if isinstance(row, schema.Arc):
                    if row.arc in ways:
                        way, sea = ways[row.arc]
                        at = way[0] if sea else arrow_of(way, sea=False)[0]
                        by_point.setdefault(at, {})[measure] = None
                elif (node := placed.get(str(getattr(row, "node", "")))) is not None:
                    by_point.setdefault(_at(node), {})[measure] = None
    seen = set[str]()
    for at, measures in by_point.items():
        here = [name for name in measures if len(plan) <= _MANY or name not in seen]
        seen.update(here)
        if here:
            yield Mark(at, tuple(here))


def _source(network: Network, placed: Mapping[str, schema.Node]) -> tuple[str, Box | None]:
    """Return the country with most growing areas and its box on the map."""
    areas = [node.country for node in network.nodes if node.kind == "area"]
    if not areas:
        return "", None
    country = max(dict.fromkeys(areas), key=areas.count)
    points = [_at(node) for node in placed.values() if node.country == country]
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
