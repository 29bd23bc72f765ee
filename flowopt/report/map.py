"""The map: legs and places in longitude and latitude, for pages and pictures."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.report.flow_states import FlowState
from flowopt.report.map_ground import Leg, MapGround, at_of
from flowopt.report.outlines import Box, Point
from flowopt.report.quality import reformed_by

_MANY = 8  # measures of a plan: beyond, each is marked once
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


def picture_of(
    network: Network, states: Sequence[FlowState], ground: MapGround | None = None
) -> Picture:
    """Return the map of some states of the flow; without coordinates it has no places.

    Parameters
    ----------
    network, states
        The network, and the states of its flow.
    ground
        The ground of its map, where that is known already.
    """
    ground = ground or MapGround(network)
    amounts: dict[str, dict[str, tuple[float, ...]]] = {}
    for arc, good in dict.fromkeys(itertools.chain.from_iterable(s.amounts for s in states)):
        each = tuple(state.amounts.get((arc, good), 0.0) for state in states)
        if max(each) >= _LEAST:
            amounts.setdefault(arc, {})[good] = each
    legs = tuple(
        ground.leg(arc, amounts[arc.arc])
        for arc in network.arcs
        if arc.arc in amounts and arc.arc in ground.ways
    )
    return Picture(
        places=_places(ground, amounts),
        legs=legs,
        hidden=len(amounts) - len(legs),
        marks=tuple(tuple(_marks(ground, state.plan)) for state in states),
        world=ground.world,
        source=ground.source,
        source_name=ground.source_name,
    )


def _places(
    ground: MapGround, amounts: Mapping[str, Mapping[str, tuple[float, ...]]]
) -> tuple[Place, ...]:
    goods = ground.network.market_commodities
    out: dict[str, float] = {}
    into: dict[str, float] = {}
    for arc in ground.network.arcs:
        moved = [each for good, each in amounts.get(arc.arc, {}).items() if good in goods]
        most = max(map(sum, zip(*moved, strict=True)), default=0.0)
        out[arc.tail] = out.get(arc.tail, 0.0) + most
        into[arc.head] = into.get(arc.head, 0.0) + most
    places = [
        Place(node, at_of(node), ground.labels[name], max(out.get(name, 0.0), into.get(name, 0.0)))
        for name, node in ground.placed.items()
    ]
    return tuple(sorted(places, key=lambda place: -place.passing))


def _marks(ground: MapGround, plan: Sequence[str]) -> Iterator[Mark]:
    """Yield where the measures of a plan act.

    In a plan of many measures each has one place, the first at which it acts, or nothing else
    would be seen.
    """
    by_point: dict[Point, dict[str, None]] = {}
    for measure in plan:
        behind = {measure, *reformed_by(ground.network, measure, set(plan))}
        for at in ground.acts_at(behind):
            by_point.setdefault(at, {})[measure] = None
    seen = set[str]()
    for at, measures in by_point.items():
        here = [name for name in measures if len(plan) <= _MANY or name not in seen]
        seen.update(here)
        if here:
            yield Mark(at, tuple(here))
