"""Data of the map of a page, as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from flowopt.network.network import Network
from flowopt.report.flow_states import FlowState
from flowopt.report.map import KINDS, Mark, Picture, Place
from flowopt.report.map_ground import Leg
from flowopt.report.outlines import Box, Ring, name_places, near_outlines, outlines, within
from flowopt.report.printable import printable

MOST_PLACES, _MOST_LEGS = 3000, 3000  # of a page: a browser has to draw them all
_MARGIN = 0.4  # of the source country's box: as far as its panel can be moved


def map_data(
    network: Network,
    states: Sequence[FlowState],
    picture: Picture,
    *,
    rows: str,
    common: bool = False,
) -> dict[str, Any]:
    """Return the map: outlines, places, legs with tonnes by state and group of goods, marks.

    Parameters
    ----------
    network, states, picture
        The network, the states of its flow, and the map of them.
    rows
        Beginning of the anchors of measures in their list; those of their rings begin ``ring-``.
    common
        Whether all pairs of states share one scale, as periods do.
    """
    changes = map_changes(network, states, picture, rows=rows)
    return {**changes, "common": common, "panels": _panels(picture)}


def map_changes(
    network: Network, states: Sequence[FlowState], picture: Picture, *, rows: str
) -> dict[str, Any]:
    """Return what of `map_data` differs from one plan to another: all but the outlines."""
    marked = {name for marks in picture.marks for mark in marks for name in mark.measures}
    goods = goods_of(network, picture)
    return {
        "draw": "map",
        "unit": printable(f"{network.info.mass_unit}/yr"),
        "goods": [printable(name) for name, _ in goods],
        "states": [printable(state.label) for state in states],
        "legs": [
            {**leg_on_map(leg), "t": tonnes_on_map(leg, goods)} for leg in drawn_legs(picture)
        ],
        "places": [
            {**place_on_map(place, picture.source_name), "passing": round(place.passing, 3)}
            for place in picture.places[:MOST_PLACES]
        ],
        "kinds": list(KINDS.values()),
        "ranks": [state.ranks for state in states],
        "names": {
            row.measure: printable(row.name) for row in network.measures if row.measure in marked
        },
        "rows": {name: f"{rows}{quote(name)}" for name in sorted(marked)},
        "rings": {name: f"ring-{quote(name)}" for name in sorted(marked)},
        "marks": [marks_on_map(marks) for marks in picture.marks],
    }


def leg_on_map(leg: Leg) -> dict[str, Any]:
    """Return what of a leg is the same whatever flows."""
    return {
        "way": [round(v, 2) for point in (leg.way if leg.sea else leg.way[::2]) for v in point],
        "sea": leg.sea,
        "home": leg.home,
        "from": printable(leg.tail),
        "to": printable(leg.head),
        "mode": printable(leg.mode),
        "arc": printable(leg.arc),
    }


def tonnes_on_map(leg: Leg, goods: list[tuple[str, list[str]]]) -> list[list[float]]:
    """Return the tonnes of a leg by group of goods and state."""
    return [[round(t, 3) for t in leg.carried(ids)] for _, ids in goods]


def place_on_map(place: Place, home: str) -> dict[str, Any]:
    """Return what of a place is the same whatever flows; `home` is the source country."""
    return {
        "at": [round(v, 2) for v in place.at],
        "kind": list(KINDS).index(place.node.kind),
        "name": printable(place.node.name),
        "label": printable(place.label),
        "country": printable(place.node.country),
        "home": place.node.country == home,
    }


def marks_on_map(marks: Iterable[Mark]) -> list[dict[str, Any]]:
    """Return where the measures of one plan act."""
    return [{"at": [round(v, 2) for v in mark.at], "measures": mark.measures} for mark in marks]


def drawn_legs(picture: Picture) -> list[Leg]:
    """Return the legs that a page draws: of a large network those that carry most."""
    if len(picture.legs) <= _MOST_LEGS:
        return list(picture.legs)
    most = [max(map(max, leg.amounts.values()), default=0.0) for leg in picture.legs]
    kept = sorted(range(len(most)), key=lambda i: -most[i])[:_MOST_LEGS]
    return [picture.legs[i] for i in sorted(kept)]


def _panels(picture: Picture) -> list[dict[str, Any]]:
    """Return the panels: the source country, where there is one, and everything."""
    placed = {place.node.country for place in picture.places}
    world = {
        "key": "world",
        "title": "Everything",
        "box": picture.world,
        "limit": picture.world,
        **_land(outlines(), picture.world, 2, outlines().keys() - {"Antarctica"}, named=placed),
    }
    if picture.source == picture.world:
        return [world]
    limit = _wider(picture.source)
    source = {
        "key": "source",
        "title": printable(picture.source_name),
        "box": picture.source,
        "limit": limit,
        **_land(near_outlines(), limit, 2, near_outlines().keys(), view=picture.source),
    }
    return [source, world]


def _land(
    countries: dict[str, list[Ring]],
    box: Box,
    digits: int,
    names: Iterable[str],
    *,
    view: Box | None = None,
    named: set[str] | None = None,
) -> dict[str, Any]:
    """Return outlines within a box as lines of numbers, and where the countries' names stand."""
    chosen = {name: countries[name] for name in countries if name in set(names)}
    rings = [ring for each in within(chosen, box).values() for ring in each]
    return {
        "land": [[round(v, digits) for point in ring for v in point] for ring in rings],
        "countries": [
            {"name": name, "at": [round(v, digits) for v in at]}
            for name, at in name_places(chosen, view or box).items()
            if named is None or name in named
        ],
    }


def _wider(box: Box) -> Box:
    west, east, south, north = box
    x, y = _MARGIN * (east - west), _MARGIN * (north - south)
    return max(-180.0, west - x), min(180.0, east + x), max(-89.0, south - y), min(89.0, north + y)


def goods_of(network: Network, picture: Picture) -> list[tuple[str, list[str]]]:
    """Return the layers of the map: the trade, and each commodity that moves on it."""
    trade = [row.commodity for row in network.commodities
             if row.commodity in network.market_commodities]  # fmt: skip
    moving = {good for leg in picture.legs for good in leg.amounts}
    each = [(row.name, [row.commodity]) for row in network.commodities if row.commodity in moving]
    return [("What the markets buy", trade), *each] if len(each) > 1 else each
