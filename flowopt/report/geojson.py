"""A network as GeoJSON for QGIS and other maps, with what a plan does to it.

One FeatureCollection (RFC 7946) of three layers, told apart by the property `layer` and by their
geometry:

- ``nodes``, points, with the columns of `nodes`;
- ``arcs``, lines from tail to head, cut in two where they cross the antimeridian, with the columns
  of `arcs`;
- ``measures``, several points each: where the measure acts, or what it reforms does; an arc is met
  in its middle. With the columns of `measures`.

A result adds: to nodes that sell, `before`, `after` and `change`, t a year delivered; to arcs the
same, t a year entering, of all commodities together and as `before_hcl`, ... of each, with
`capacity_after` and `shadow_price`; to measures `chosen`, `rank` and `lost_if_dropped`.

Longitude comes before latitude. Rows without coordinates are there too, with no geometry, so that
tables stay whole. An `id` is that of the layer and the row, as ``arcs:a1``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from flowopt.network import schema
from flowopt.network.formats import Format
from flowopt.network.network import Network
from flowopt.report.map_lines import pieces
from flowopt.report.outlines import Point
from flowopt.report.quality import reformed_by, targets
from flowopt.report.result_reader import Record, StoredResult, number

Layer = Literal["nodes", "arcs", "measures"]
LAYERS: tuple[Layer, ...] = ("nodes", "arcs", "measures")
Geometry = dict[str, Any] | None


def geojson_text(
    network: Network, result: StoredResult | None = None, *, layers: Iterable[Layer] = LAYERS
) -> str:
    """Return a network as GeoJSON, one feature a line.

    Parameters
    ----------
    network
        The network.
    result
        Result of a plan for it, or None.
    layers
        Which layers there are.
    """
    chosen = set(layers)
    made = {"nodes": _nodes, "arcs": _arcs, "measures": _measures}
    features = [f for layer, make in made.items() if layer in chosen for f in make(network, result)]
    lines = ",\n".join(
        json.dumps(each, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
        for each in features
    )
    name = json.dumps(network.info.id, ensure_ascii=False)
    head = f'{{"type": "FeatureCollection", "name": {name}, "features": [\n'
    return f"{head}{lines}\n]}}\n"


def geojson_bytes(network: Network) -> bytes:
    """Return a network as the bytes of a GeoJSON file, without a result."""
    return geojson_text(network).encode()


GEOJSON = Format(
    "a GeoJSON file",
    (".geojson",),
    encode="flowopt.report.geojson:geojson_bytes",
    lost="commodities, supplies, recipes, sites, demands, effects, resources, uses, rules, "
    "reforms, earnings, scenarios, changes, ranges, periods, openings, trends, campaigns, sources; "
    "of the network's own facts title, period, description, license, mass_unit, currency, scenario "
    "and discount",
)


def unplaced(network: Network) -> tuple[str, ...]:
    """Return the nodes without coordinates, which are on no map."""
    placed = _placed(network)
    return tuple(node.node for node in network.nodes if node.node not in placed)


def _placed(network: Network) -> dict[str, Point]:
    return {
        node.node: (node.lon, node.lat)
        for node in network.nodes
        if node.lon is not None and node.lat is not None
    }


def _feature(
    layer: Layer, name: str, geometry: Geometry, properties: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": f"{layer}:{name}",
        "geometry": geometry,
        "properties": {"layer": layer, **properties},
    }


def _columns(row: schema.Row) -> dict[str, Any]:
    """Return the columns of a row in the order of the format, lists as text, blanks as null."""
    properties = {name: getattr(row, name) for name in schema.columns(type(row))}
    properties = {
        name: ";".join(v) if isinstance(v, tuple) else v for name, v in properties.items()
    }
    return {name: None if value == "" else value for name, value in properties.items()}


def _change(rows: Iterable[Record]) -> dict[str, float]:
    """Return the sums of rows of a result, before and after."""
    before, after = 0.0, 0.0
    for row in rows:
        before += number(row["before"])
        after += number(row["after"])
    return {"before": before, "after": after, "change": after - before}


def _grouped(rows: Iterable[Record], key: str) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups


def _nodes(network: Network, result: StoredResult | None) -> Iterator[dict[str, Any]]:
    placed = _placed(network)
    sold = _grouped(result.markets, "node") if result else {}
    for node in network.nodes:
        at = placed.get(node.node)
        geometry = {"type": "Point", "coordinates": list(at)} if at else None
        properties = _change(sold[node.node]) if node.node in sold else {}
        yield _feature("nodes", node.node, geometry, _columns(node) | properties)


def _arcs(network: Network, result: StoredResult | None) -> Iterator[dict[str, Any]]:
    placed = _placed(network)
    flows = _grouped(result.flows, "arc") if result else {}
    for arc in network.arcs:
        ends = [placed[end] for end in (arc.tail, arc.head) if end in placed]
        geometry = _line(*ends) if len(ends) == 2 else None
        properties: dict[str, Any] = {}
        if rows := flows.get(arc.arc):
            properties |= _change(rows)
            for row in rows:
                amounts = _change([row])
                properties |= {f"{name}_{row['commodity']}": v for name, v in amounts.items()}
            for name in ("capacity_after", "shadow_price"):
                properties[name] = number(rows[0][name]) if rows[0][name] else None
        yield _feature("arcs", arc.arc, geometry, _columns(arc) | properties)


def _line(start: Point, end: Point) -> dict[str, Any]:
    """Return the shorter line from one point to another."""
    lines = [[list(at) for at in piece] for piece in pieces([start, _nearest(start, end)])]
    if len(lines) == 1:
        return {"type": "LineString", "coordinates": lines[0]}
    return {"type": "MultiLineString", "coordinates": lines}


def _nearest(start: Point, end: Point) -> Point:
    """Return `end` on the turn of the globe that is nearest to `start`."""
    if abs(end[0] - start[0]) <= 180.0:
        return end
    return end[0] + (360.0 if end[0] < start[0] else -360.0), end[1]


def _measures(network: Network, result: StoredResult | None) -> Iterator[dict[str, Any]]:
    placed = _placed(network)
    rows = {row["measure"]: row for row in result.plan} if result else {}
    everything = {measure.measure for measure in network.measures}
    for measure in network.measures:
        behind = {measure.measure, *reformed_by(network, measure.measure, everything)}
        acts = [e for e in network.effects if e.measure in behind]
        places = dict.fromkeys(at for e in acts for at in _where(network, e, placed))
        points = [list(at) for at in places]
        geometry = {"type": "MultiPoint", "coordinates": points} if points else None
        properties: dict[str, Any] = {}
        if result:
            row = rows.get(measure.measure, {})
            properties["chosen"] = bool(row)
            properties["rank"] = int(row["rank"]) if row else None
            lost = row.get("lost_if_dropped")
            properties["lost_if_dropped"] = number(lost) if lost else None
        yield _feature("measures", measure.measure, geometry, _columns(measure) | properties)


def _where(network: Network, effect: schema.Effect, placed: dict[str, Point]) -> Iterator[Point]:
    """Yield the places that an effect acts on."""
    for row in targets(network, effect):
        if not isinstance(row, schema.Arc):
            node = str(getattr(row, "node", ""))
            if node in placed:
                yield placed[node]
        elif row.tail in placed and row.head in placed:
            start = placed[row.tail]
            end = _nearest(start, placed[row.head])
            x, y = (start[0] + end[0]) / 2.0, (start[1] + end[1]) / 2.0
            yield (x + 180.0) % 360.0 - 180.0, y
