"""The map of a live page: its legs and places once, then what each plan changes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowopt.network.network import Network
from flowopt.report.flow_states import FlowState
from flowopt.report.map import picture_of
from flowopt.report.map_data import (
    MOST_PLACES,
    drawn_legs,
    goods_of,
    leg_on_map,
    marks_on_map,
    place_on_map,
    tonnes_on_map,
)
from flowopt.report.map_ground import MapGround
from flowopt.report.printable import printable


class LiveMap:
    """Map of one network, for plan after plan.

    Parameters
    ----------
    network
        The network.
    """

    def __init__(self, network: Network) -> None:
        self._network, self._ground = network, MapGround(network)
        self._arcs = [arc for arc in network.arcs if arc.arc in self._ground.ways]
        self._arc_places = {arc.arc: place for place, arc in enumerate(self._arcs)}
        self._node_places = {name: place for place, name in enumerate(self._ground.placed)}

    def still(self) -> dict[str, Any]:
        """Return what is the same whatever flows: legs and places, in the order of the files."""
        picture = picture_of(self._network, [], self._ground)
        places = sorted(picture.places, key=lambda place: self._node_places[place.node.node])
        return {
            "legs": [leg_on_map(self._ground.leg(arc, {})) for arc in self._arcs],
            "places": [place_on_map(place, picture.source_name) for place in places],
        }

    def moved(self, states: Sequence[FlowState]) -> dict[str, Any]:
        """Return the map of some states: what runs and passes, by number of leg and place."""
        picture = picture_of(self._network, states, self._ground)
        goods = goods_of(self._network, picture)
        return {
            "goods": [printable(name) for name, _ in goods],
            "states": [printable(state.label) for state in states],
            "legs": [
                [self._arc_places[leg.arc], tonnes_on_map(leg, goods)]
                for leg in drawn_legs(picture)
            ],
            "places": [
                [self._node_places[place.node.node], round(place.passing, 3)]
                for place in picture.places[:MOST_PLACES]
            ],
            "ranks": [state.ranks for state in states],
            "marks": [marks_on_map(marks) for marks in picture.marks],
        }
