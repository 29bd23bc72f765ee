"""Lines of the map: curves that bow to their right, arrows, pieces between the antimeridians."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from flowopt.report.outlines import Point

Way = tuple[Point, ...]
BOW = 0.12  # of a leg's length; the second between the same nodes bows twice as much, and so on
_STEPS = 14
_ARROW = 0.6  # of the way


def bowed(start: Point, end: Point, bow: float = BOW) -> Way:
    """Return start, control point and end of the curve of a leg.

    Parameters
    ----------
    start, end
        Longitude and latitude.
    bow
        How far the curve leaves the straight line, as a share of the leg's length.
    """
    (x0, y0), (x2, y2) = start, end
    x2 += 360.0 * round((x0 - x2) / 360.0)  # the shorter way round
    # A control point to the right of the way; a curve reaches half of its offset.
    x1 = (x0 + x2) / 2.0 + 2.0 * bow * (y2 - y0)
    y1 = (y0 + y2) / 2.0 - 2.0 * bow * (x2 - x0)
    return (x0, y0), (x1, max(-88.0, min(88.0, y1))), (x2, y2)


def line_of(way: Way, *, sea: bool) -> list[Point]:
    """Return a leg as a line of many points."""
    return list(way) if sea else [_on_curve(way, step / _STEPS) for step in range(_STEPS + 1)]


def arrow_of(way: Way, *, sea: bool) -> tuple[Point, float]:
    """Return the place of a leg's arrow, and its direction in degrees from north."""
    points = line_of(way, sea=sea)
    left = _ARROW * sum(itertools.starmap(math.dist, itertools.pairwise(points)))
    for (xa, ya), (xb, yb) in itertools.pairwise(points):
        length = math.dist((xa, ya), (xb, yb))
        if left <= length and length > 0.0:
            t = left / length
            at = (wrapped(xa + t * (xb - xa)), ya + t * (yb - ya))
            return at, math.degrees(math.atan2(xb - xa, yb - ya))
        left -= length
    return (wrapped(points[-1][0]), points[-1][1]), 0.0


def _on_curve(way: Way, t: float) -> Point:
    (x0, y0), (x1, y1), (x2, y2) = way
    a, b, c = (1.0 - t) ** 2, 2.0 * t * (1.0 - t), t**2
    return a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2


def pieces(points: list[Point]) -> Iterator[tuple[Point, ...]]:
    """Yield a line between -180 and 180 degrees, in pieces where it crosses them."""
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


def wrapped(x: float) -> float:
    """Return a longitude between -180 and 180 degrees."""
    return (x + 180.0) % 360.0 - 180.0
