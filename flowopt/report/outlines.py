"""Country outlines of the map, clipped to a view, and the place of a country's name in it.

Natural Earth, which is in the public domain: at 1:110 million for the world, at 1:50 million for
one country and its neighbours. `tests/outlines.py` writes the files.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # west, east, south, north
Ring = list[Point]
CELLS = 4  # of the land grid, to a degree
_LEAST_SHARE = 0.004  # of a view: a country that takes less of it has no name there


@cache
def outlines() -> dict[str, list[Ring]]:
    """Return the rings of each country, for the world."""
    return {
        name: [list(zip(ring[::2], ring[1::2], strict=True)) for ring in rings]
        for name, rings in _read("outlines.json").items()
    }


@cache
def near_outlines() -> dict[str, list[Ring]]:
    """Return the rings of each country, for a country and its neighbours."""
    return {name: [_summed(ring) for ring in rings]
            for name, rings in _read("near_outlines.json").items()}  # fmt: skip


def _read(file: str) -> dict[str, list[list[float]]]:
    text = resources.files("flowopt.report").joinpath(file).read_text(encoding="utf-8")
    rings: dict[str, list[list[float]]] = json.loads(text)["countries"]
    return rings


def _summed(steps: list[float]) -> Ring:
    """Return a ring from steps of hundredths of a degree."""
    xs, ys = itertools.accumulate(steps[::2]), itertools.accumulate(steps[1::2])
    return [(x / 100.0, y / 100.0) for x, y in zip(xs, ys, strict=True)]


def within(countries: dict[str, list[Ring]], box: Box) -> dict[str, list[Ring]]:
    """Return what of each country lies in a box."""
    found = {
        name: [part for ring in rings if (part := _clipped(ring, box))]
        for name, rings in countries.items()
    }
    return {name: rings for name, rings in found.items() if rings}


def _clipped(ring: Ring, box: Box) -> Ring:
    """Return the part of a ring in a box (Sutherland and Hodgman)."""
    west, east, south, north = box
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    if max(xs) < west or min(xs) > east or max(ys) < south or min(ys) > north:
        return []
    for axis, edge, side in ((0, east, 1), (0, west, -1), (1, north, 1), (1, south, -1)):
        ring = list(_half(ring, axis, edge, side))
    return ring


def _half(ring: Ring, axis: int, edge: float, side: int) -> Iterator[Point]:
    """Yield the part of a ring on one side of a meridian (axis 0) or a parallel (axis 1)."""
    for start, end in itertools.pairwise([*ring, *ring[:1]]):
        inside = [side * at[axis] <= side * edge for at in (start, end)]
        if inside[0]:
            yield start
        if inside[0] != inside[1]:
            t = (edge - start[axis]) / (end[axis] - start[axis])
            other = start[1 - axis] + t * (end[1 - axis] - start[1 - axis])
            yield (edge, other) if axis == 0 else (other, edge)


def name_places(countries: dict[str, list[Ring]], box: Box) -> dict[str, Point]:
    """Return where the names of countries stand in a box: of those that take enough of it."""
    west, east, south, north = box
    least = _LEAST_SHARE * (east - west) * (north - south)
    found: dict[str, tuple[float, Point]] = {}
    for name, rings in within(countries, box).items():
        size, at = max(map(_centre, rings))
        if size >= least:
            found[name] = (size, at)
    return {name: at for name, (_, at) in sorted(found.items(), key=lambda item: -item[1][0])}


def largest(rings: list[Ring]) -> Ring:
    """Return the largest ring: the mainland of a country, without its far islands."""
    return max(rings, key=_centre)


def _centre(ring: Ring) -> tuple[float, Point]:
    """Return the area of a ring and its centre."""
    twice = x = y = 0.0
    for (x0, y0), (x1, y1) in itertools.pairwise([*ring, ring[0]]):
        cross = x0 * y1 - x1 * y0
        twice, x, y = twice + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
    if abs(twice) < 1e-9:
        return 0.0, ring[0]
    return abs(twice) / 2.0, (x / (3.0 * twice), y / (3.0 * twice))


@cache
def land_grid() -> NDArray[np.bool_]:
    """Return which cells of the world are land: row 0 at the south pole, column 0 at -180 degrees.

    Shape (180 * CELLS, 360 * CELLS), by the outlines for the world at the centres of the cells.
    """
    rows, columns = 180 * CELLS, 360 * CELLS
    crossings = np.zeros((rows, columns + 1), dtype=np.int32)
    for ring in itertools.chain.from_iterable(outlines().values()):
        for (x0, y0), (x1, y1) in itertools.pairwise([*ring, ring[0]]):
            first, last = sorted(((y0 + 90.0) * CELLS - 0.5, (y1 + 90.0) * CELLS - 0.5))
            for row in range(int(np.ceil(first)), int(np.ceil(last))):
                y = (row + 0.5) / CELLS - 90.0
                x = x0 + (y - y0) / (y1 - y0) * (x1 - x0)
                column = int(np.ceil((x + 180.0) * CELLS - 0.5))
                crossings[row, max(0, min(columns, column))] += 1
    inside: NDArray[np.bool_] = np.cumsum(crossings, axis=1)[:, :columns] % 2 == 1
    return inside
