"""The way of ships on the map: round the land, through the canals, always the same."""

from __future__ import annotations

import itertools

import pytest

from flowopt.report import sea_lanes
from flowopt.report.outlines import Point, land_grid
from flowopt.report.sea_lanes import land_share, sea_way
from tests.networks import shipped

# Canals, straits and gulfs that are narrower than the outlines of the world.
NARROW = {
    frozenset(pair)
    for pair in (
        ("port said", "suez"), ("suez", "hurghada"), ("balboa", "colon"), ("malacca", "singapore"),
        ("kattegat", "belt"), ("belt", "fehmarn"), ("beachy", "dover"), ("dover", "flanders"),
        ("cabot", "gaspe"), ("gaspe", "quebec"), ("finland", "petersburg"),
    )
}  # fmt: skip
CALLAO, ANTWERP, SANTOS, HONG_KONG, TORONTO = (
    (-77.2, -12.1), (4.3, 51.6), (-46.3, -24.0), (114.2, 22.3), (-79.4, 43.7),
)  # fmt: skip


def lanes() -> list[tuple[str, str]]:
    return sorted({(a, b) for a, others in sea_lanes._lanes().items() for b in others if a < b})


def test_the_grid_knows_land_from_sea() -> None:
    grid = land_grid()
    assert grid.mean() == pytest.approx(0.33, abs=0.02)  # of a flat map, which is large at poles
    assert land_share((-76.0, -9.0), (-75.0, -9.0)) == 1.0  # the Andes
    assert land_share((-140.0, 0.0), (-120.0, 10.0)) == 0.0  # the Pacific


def test_lanes_keep_off_the_land() -> None:
    on_land = {
        frozenset(pair): share
        for pair in lanes()
        if (share := land_share(*(sea_lanes._POINTS[name] for name in pair))) > 0.01
    }
    assert set(on_land) <= NARROW


def test_every_point_is_reached_from_every_other() -> None:
    seen, waiting = set[str](), ["callao"]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += sea_lanes._lanes()[name]
    assert seen == set(sea_lanes._POINTS)


@pytest.mark.parametrize(
    ("start", "end", "through"),
    [
        (CALLAO, ANTWERP, "colon"),  # the Panama canal
        (ANTWERP, HONG_KONG, "suez"),
        (SANTOS, HONG_KONG, "agulhas"),
        (SANTOS, ANTWERP, "recife"),
    ],
)
def test_ships_go_where_ships_go(start: Point, end: Point, through: str) -> None:
    assert sea_lanes._POINTS[through] in sea_way(start, end)
    back = sea_way(end, start)
    assert sea_lanes._POINTS[through] in [(sea_x(x), y) for x, y in back]


def sea_x(x: float) -> float:
    return round((x + 180.0) % 360.0 - 180.0, 6)


def test_where_nothing_is_in_the_way_a_ship_goes_straight() -> None:
    way = sea_way(CALLAO, HONG_KONG)
    assert way == (CALLAO, (HONG_KONG[0] - 360.0, HONG_KONG[1]))


def test_longitudes_never_jump() -> None:
    for start, end in itertools.permutations((CALLAO, ANTWERP, SANTOS, HONG_KONG, TORONTO), 2):
        way = sea_way(start, end)
        assert all(abs(a[0] - b[0]) <= 180.0 for a, b in itertools.pairwise(way))
        assert way[0] == start


def test_the_legs_of_peru_cross_land_only_at_their_ends() -> None:
    network = shipped("peru-2014")
    at = {n.node: (n.lon or 0.0, n.lat or 0.0) for n in network.nodes}
    for arc in network.arcs:
        if arc.mode == "sea":
            way = sea_way(at[arc.tail], at[arc.head])
            names = {point: name for name, point in sea_lanes._POINTS.items()}
            for one, other in itertools.pairwise([(sea_x(x), y) for x, y in way[1:-1]]):
                pair = frozenset((names[one], names[other]))
                assert pair in NARROW or land_share(one, other) <= 0.01, (arc.arc, pair)
