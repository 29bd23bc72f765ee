"""The geometry of the map: curves, the antimeridian, outlines, marks."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowopt.planning.solve import solve
from flowopt.report.map import bowed, outlines, picture_of
from flowopt.report.result_reader import read_result
from flowopt.report.result_writer import write_solution
from tests.networks import line, shipped
from tests.outlines import cut

PLACE = st.tuples(st.floats(-180, 180), st.floats(-80, 80))


@given(start=PLACE, end=PLACE, rank=st.integers(1, 3))
def test_a_leg_starts_and_ends_at_its_places(
    start: tuple[float, float], end: tuple[float, float], rank: int
) -> None:
    pieces, middle = bowed(start, end, rank)
    for place, point in ((start, pieces[0][0]), (end, pieces[-1][-1])):
        assert math.remainder(place[0] - point[0], 360.0) == pytest.approx(0.0, abs=1e-6)
        assert place[1] == pytest.approx(point[1], abs=1e-6)
    for x, y in (*itertools.chain(*pieces), middle[:2]):
        assert -180.0 - 1e-9 <= x <= 180.0 + 1e-9
        assert -90.0 <= y <= 90.0
    for piece in pieces:
        assert all(abs(a[0] - b[0]) < 90.0 for a, b in itertools.pairwise(piece))


def test_a_leg_takes_the_shorter_way_round_the_globe() -> None:
    pieces, _ = bowed((-77.0, -12.0), (151.0, -34.0))
    assert len(pieces) == 2
    assert pieces[0][-1][0] == -180.0
    assert pieces[1][0] == (180.0, pytest.approx(pieces[0][-1][1]))


def test_opposite_legs_bow_to_opposite_sides_and_parallel_ones_apart() -> None:
    """East and back: to the right of an eastward leg is south, of a westward one north."""
    middles = [bowed(a, b, r)[1] for a, b, r in (
        ((0.0, 0.0), (10.0, 0.0), 1), ((10.0, 0.0), (0.0, 0.0), 1), ((0.0, 0.0), (10.0, 0.0), 2)
    )]  # fmt: skip
    assert middles[0][1] < 0.0 < middles[1][1]
    assert middles[2][1] < middles[0][1]
    assert middles[0][2] == pytest.approx(90.0, abs=10.0)
    assert abs(middles[1][2]) == pytest.approx(90.0, abs=10.0)
    assert middles[1][2] < 0.0


@pytest.mark.parametrize("end", [(10, 0), (-10, 0), (0, 10), (0, -10), (7, 5), (-3, 8)])
def test_every_leg_bows_to_its_right(end: tuple[float, float]) -> None:
    _, (x, y, _) = bowed((0.0, 0.0), end)
    assert end[0] * y - end[1] * x < 0.0  # the cross product: clockwise of the straight way


def test_outlines_hold_the_world_and_never_jump() -> None:
    countries = outlines()
    assert {"Peru", "Brazil", "Russia", "Fiji", "Belgium"} <= set(countries)
    assert len(countries) > 170
    for name, rings in countries.items():
        for ring in rings:
            assert len(ring) % 2 == 0
            xs, ys = ring[::2], ring[1::2]
            assert all(-180.0 <= x <= 180.0 for x in xs), name
            assert all(-90.0 <= y <= 90.0 for y in ys), name
            if name != "Antarctica":
                assert all(abs(a - b) < 45.0 for a, b in itertools.pairwise(xs)), name
    peru = countries["Peru"][0]
    assert (min(peru[::2]), max(peru[::2])) == (
        pytest.approx(-81.4, abs=0.2),
        pytest.approx(-68.7, abs=0.2),
    )


def test_a_ring_over_the_antimeridian_is_cut_in_two() -> None:
    ring = [(170.0, 0.0), (-170.0, 0.0), (-170.0, 10.0), (170.0, 10.0), (170.0, 0.0)]
    boxes = sorted((min(p[0] for p in part), max(p[0] for p in part)) for part in cut(ring))
    assert boxes == [(-180.0, -170.0), (170.0, 180.0)]


def test_a_ring_around_the_pole_is_led_over_it() -> None:
    ring = [(x, -70.0) for x in (-180.0, -90.0, 0.0, 90.0, 180.0)]
    (part,) = [p for p in cut(ring) if len(p) > 4]
    assert min(y for _, y in part) == -90.0


def test_the_measures_are_marked_where_they_act(tmp_path: Path) -> None:
    network = shipped("tiny")
    write_solution(solve(network, budget=4), network, tmp_path / "out")
    picture = picture_of(read_result(tmp_path / "out", network))
    middles = {leg.arc: leg.middle[:2] for leg in picture.legs}
    assert {mark.at: mark.measures for mark in picture.marks} == {
        middles["flight"]: ("Flatten the dirt strip",),
        middles["ship"]: ("Scanner at the harbour", "Vet the harbour police"),
    }
    assert picture.source_name == "Midland"


def test_without_coordinates_there_is_no_map(tmp_path: Path) -> None:
    write_solution(solve(line(), budget=0), line(), tmp_path / "out")
    picture = picture_of(read_result(tmp_path / "out", line()))
    assert (picture.nodes, picture.legs, picture.hidden) == ((), (), 2)
