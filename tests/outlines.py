"""Country outlines for the map: `python -m tests.outlines FOLDER` writes them again.

The folder to give is that of the npm package `world-atlas` (version 2) with its files
`countries-110m.json` and `countries-50m.json`: Natural Earth at 1:110 and 1:50 million, which is in
the public domain, as TopoJSON. Its rings run over the antimeridian; here they are cut there, so
that a plain map of longitude and latitude can draw and fill them. The nearer outlines are for one
country and its neighbours: their borders are thinned to what a screen can show.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.networks import ROOT

OUTLINES = ROOT / "flowopt" / "report" / "outlines.json"
NEAR_OUTLINES = ROOT / "flowopt" / "report" / "near_outlines.json"
_THINNED = 0.02  # degrees by which a thinned border may stray, about two kilometres
_LEAST = 0.02  # square degrees: smaller islands are left out
Ring = list[tuple[float, float]]
_NOTE = (
    "Country outlines, Natural Earth 1:110m (public domain), from the npm package world-atlas 2, "
    "cut at the antimeridian by tests/outlines.py; rings are longitude, latitude, longitude, ..."
)
_NEAR_NOTE = (
    "Country outlines, Natural Earth 1:50m (public domain), from the npm package world-atlas 2, "
    "thinned and cut at the antimeridian by tests/outlines.py; rings are longitude, latitude, "
    "longitude, ... in hundredths of a degree, each point counted from the one before"
)


def arcs_of(topology: dict[str, Any]) -> list[Ring]:
    """Return the arcs of a topology in degrees: integers that count from the point before."""
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        xs = itertools.accumulate(point[0] for point in arc)
        ys = itertools.accumulate(point[1] for point in arc)
        found.append([(x * kx + dx, y * ky + dy) for x, y in zip(xs, ys, strict=True)])
    return found


def rings_of(geometry: dict[str, Any], arcs: list[Ring]) -> Iterator[Ring]:
    """Yield the rings of a geometry; ~i is arc i backwards."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for parts in itertools.chain.from_iterable(polygons):
        ring: Ring = []
        for index in parts:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            ring.extend(arc[1:] if ring else arc)
        yield ring


def unrolled(ring: Ring) -> Ring:
    """Return a ring whose longitudes never jump; one around a pole is led over the pole."""
    xs = [ring[0][0]]
    for (before, _), (after, _) in itertools.pairwise(ring):
        step = (after - before + 180.0) % 360.0 - 180.0
        xs.append(xs[-1] + step)
    found = [(x, y) for x, (_, y) in zip(xs, ring, strict=True)]
    if abs(xs[-1] - xs[0]) > 180.0:
        pole = -90.0 if ring[0][1] < 0.0 else 90.0
        found += [(xs[-1], pole), (xs[0], pole), found[0]]
    return found


def clipped(ring: Ring, edge: float, side: int) -> Ring:
    """Return the part of a ring with side * longitude <= side * edge (Sutherland and Hodgman)."""
    found: Ring = []
    for (x0, y0), (x1, y1) in itertools.pairwise([*ring, *ring[:1]]):
        inside0, inside1 = side * x0 <= side * edge, side * x1 <= side * edge
        if inside0:
            found.append((x0, y0))
        if inside0 != inside1:
            found.append((edge, y0 + (y1 - y0) * (edge - x0) / (x1 - x0)))
    return found


def cut(ring: Ring) -> Iterator[Ring]:
    """Yield the parts of a ring between -180 and 180 degrees."""
    whole = unrolled(ring)
    for turn in (-360.0, 0.0, 360.0):
        moved = [(x + turn, y) for x, y in whole]
        part = clipped(clipped(moved, 180.0, 1), -180.0, -1)
        if len({x for x, _ in part}) > 1:
            yield part


def outlines(topology: dict[str, Any]) -> dict[str, Any]:
    """Return what the package ships: per country its rings, rounded to a hundredth of a degree."""
    arcs = arcs_of(topology)
    countries = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        rings = [part for ring in rings_of(geometry, arcs) for part in cut(ring)]
        flat = [[round(v, 2) + 0.0 for point in ring for v in point] for ring in rings]
        countries[geometry["properties"]["name"]] = flat
    return {"note": _NOTE, "countries": dict(sorted(countries.items()))}


def thinned(arc: Ring, stray: float) -> Ring:
    """Return a line without the points that it passes within `stray` (Douglas and Peucker)."""
    kept, spans = {0, len(arc) - 1}, [(0, len(arc) - 1)]
    while spans:
        first, last = spans.pop()
        away = [(_distance(arc[i], arc[first], arc[last]), i) for i in range(first + 1, last)]
        if away and (most := max(away))[0] > stray:
            kept.add(most[1])
            spans += [(first, most[1]), (most[1], last)]
    return [arc[i] for i in sorted(kept)]


def _distance(
    at: tuple[float, float], start: tuple[float, float], end: tuple[float, float]
) -> float:
    """Return how far a point is from a piece of a line."""
    (x, y), (x0, y0), (x1, y1) = at, start, end
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    t = 0.0 if length == 0.0 else max(0.0, min(1.0, ((x - x0) * dx + (y - y0) * dy) / length))
    return math.hypot(x - x0 - t * dx, y - y0 - t * dy)


def area(ring: Ring) -> float:
    """Return the area of a ring in square degrees."""
    pairs = itertools.pairwise([*ring, ring[0]])
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)) / 2.0


def near_outlines(topology: dict[str, Any]) -> dict[str, Any]:
    """Return what the package ships of the nearer outlines: per country its rings, as steps."""
    arcs = [thinned(arc, _THINNED) for arc in arcs_of(topology)]
    countries = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        rings = [part for ring in rings_of(geometry, arcs) for part in cut(ring)]
        kept = [ring for ring in rings if area(ring) >= _LEAST]
        if kept:
            countries[geometry["properties"]["name"]] = [_steps(ring) for ring in kept]
    return {"note": _NEAR_NOTE, "countries": dict(sorted(countries.items()))}


def _steps(ring: Ring) -> list[int]:
    steps: list[int] = []
    x = y = 0
    for lon, lat in ring:
        dx, dy = round(100.0 * lon) - x, round(100.0 * lat) - y
        if dx or dy or not steps:
            steps += [dx, dy]
            x, y = x + dx, y + dy
    return steps


def _write(path: Path, made: dict[str, Any]) -> None:
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    atlas = Path(sys.argv[1])
    for file, make, path in (
        ("countries-110m.json", outlines, OUTLINES),
        ("countries-50m.json", near_outlines, NEAR_OUTLINES),
    ):
        _write(path, make(json.loads((atlas / file).read_text(encoding="utf-8"))))
