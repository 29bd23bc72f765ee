"""The geometry of the map: curves, the antimeridian, outlines, marks."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowopt.network.network import Network
from flowopt.planning.solve import solve
from flowopt.report import map_data
from flowopt.report.flow_states import FlowState, result_states
from flowopt.report.map import Picture, picture_of
from flowopt.report.map_lines import arrow_of, bowed, line_of, pieces
from flowopt.report.outlines import Point, name_places, near_outlines, outlines, within
from flowopt.report.result_reader import read_result
from flowopt.report.result_writer import write_solution
from tests.networks import line, shipped
from tests.outlines import cut

PLACE = st.tuples(st.floats(-180, 180), st.floats(-80, 80))


def drawn(start: Point, end: Point, bow: float) -> list[tuple[Point, ...]]:
    return list(pieces(line_of(bowed(start, end, bow), sea=False)))


@given(start=PLACE, end=PLACE, bow=st.sampled_from([0.12, 0.24, 0.36]))
def test_a_leg_starts_and_ends_at_its_places(start: Point, end: Point, bow: float) -> None:
    parts = drawn(start, end, bow)
    for place, point in ((start, parts[0][0]), (end, parts[-1][-1])):
        assert math.remainder(place[0] - point[0], 360.0) == pytest.approx(0.0, abs=1e-6)
        assert place[1] == pytest.approx(point[1], abs=1e-6)
    at, _ = arrow_of(bowed(start, end, bow), sea=False)
    for x, y in (*itertools.chain(*parts), at):
        assert -180.0 - 1e-9 <= x <= 180.0 + 1e-9
        assert -90.0 <= y <= 90.0
    for piece in parts:
        assert all(abs(a[0] - b[0]) < 90.0 for a, b in itertools.pairwise(piece))


def test_a_leg_takes_the_shorter_way_round_the_globe() -> None:
    parts = drawn((-77.0, -12.0), (151.0, -34.0), 0.12)
    assert len(parts) == 2
    assert parts[0][-1][0] == -180.0
    assert parts[1][0] == (180.0, pytest.approx(parts[0][-1][1]))


def test_opposite_legs_bow_to_opposite_sides_and_parallel_ones_apart() -> None:
    """East and back: to the right of an eastward leg is south, of a westward one north."""
    arrows = [arrow_of(bowed(a, b, r), sea=False) for a, b, r in (
        ((0.0, 0.0), (10.0, 0.0), 0.12), ((10.0, 0.0), (0.0, 0.0), 0.12),
        ((0.0, 0.0), (10.0, 0.0), 0.24),
    )]  # fmt: skip
    ((_, y0), turn0), ((_, y1), turn1), ((_, y2), _) = arrows
    assert y0 < 0.0 < y1
    assert y2 < y0
    assert turn0 == pytest.approx(90.0, abs=12.0)
    assert turn1 == pytest.approx(-90.0, abs=12.0)


@pytest.mark.parametrize("end", [(10, 0), (-10, 0), (0, 10), (0, -10), (7, 5), (-3, 8)])
def test_every_leg_bows_to_its_right(end: tuple[float, float]) -> None:
    (x, y), _ = arrow_of(bowed((0.0, 0.0), end), sea=False)
    assert end[0] * y - end[1] * x < 0.0  # the cross product: clockwise of the straight way


def test_outlines_hold_the_world_and_never_jump() -> None:
    countries = outlines()
    assert {"Peru", "Brazil", "Russia", "Fiji", "Belgium"} <= set(countries)
    assert len(countries) > 170
    for name, rings in countries.items():
        for ring in rings:
            xs, ys = [x for x, _ in ring], [y for _, y in ring]
            assert all(-180.0 <= x <= 180.0 for x in xs), name
            assert all(-90.0 <= y <= 90.0 for y in ys), name
            if name != "Antarctica":
                assert all(abs(a - b) < 45.0 for a, b in itertools.pairwise(xs)), name
    peru = [x for x, _ in countries["Peru"][0]]
    assert (min(peru), max(peru)) == (pytest.approx(-81.4, abs=0.2), pytest.approx(-68.7, abs=0.2))


def test_the_nearer_outlines_are_those_of_the_same_countries_with_more_points() -> None:
    near, far = near_outlines(), outlines()
    assert set(far) <= set(near)
    assert len(near["Peru"][0]) > 2 * len(far["Peru"][0])
    for pick in (min, max):
        x, y = (pick(x for x, _ in each["Peru"][0]) for each in (near, far))
        assert x == pytest.approx(y, abs=0.2)


def test_what_lies_in_a_view_is_cut_at_its_edges_and_named_where_it_is() -> None:
    box = (-82.0, -68.0, -19.0, 0.5)
    seen = within(near_outlines(), box)
    assert {"Peru", "Ecuador", "Brazil", "Bolivia", "Chile", "Colombia"} <= set(seen)
    assert "Argentina" not in seen
    for x, y in itertools.chain(*itertools.chain(*seen.values())):
        assert box[0] - 1e-9 <= x <= box[1] + 1e-9
        assert box[2] - 1e-9 <= y <= box[3] + 1e-9
    names = name_places(near_outlines(), box)
    assert next(iter(names)) == "Peru"
    assert names["Peru"] == (pytest.approx(-74.4, abs=1.0), pytest.approx(-9.2, abs=1.0))


def test_a_ring_over_the_antimeridian_is_cut_in_two() -> None:
    ring = [(170.0, 0.0), (-170.0, 0.0), (-170.0, 10.0), (170.0, 10.0), (170.0, 0.0)]
    boxes = sorted((min(p[0] for p in part), max(p[0] for p in part)) for part in cut(ring))
    assert boxes == [(-180.0, -170.0), (170.0, 180.0)]


def test_a_ring_around_the_pole_is_led_over_it() -> None:
    ring = [(x, -70.0) for x in (-180.0, -90.0, 0.0, 90.0, 180.0)]
    (part,) = [p for p in cut(ring) if len(p) > 4]
    assert min(y for _, y in part) == -90.0


def picture_in(folder: Path, network: Network, budget: float) -> Picture:
    write_solution(solve(network, budget=budget), network, folder / "out")
    return picture_of(network, result_states(read_result(folder / "out", network)))


def test_the_measures_are_marked_where_they_act(tmp_path: Path) -> None:
    """On a flight in its middle; on a leg at sea where it begins. Ranks come first."""
    picture = picture_in(tmp_path, shipped("tiny"), 4)
    ways = {leg.arc: leg for leg in picture.legs}
    flight, _ = arrow_of(ways["flight"].way, sea=False)
    ship, _ = arrow_of(ways["ship"].way, sea=False)
    without, under = picture.marks
    assert without == ()
    assert {mark.at: set(mark.measures) for mark in under} == {
        flight: {"m_strip"},
        ship: {"m_scanner", "m_vetting"},
    }
    assert picture.source_name == "Midland"


def test_in_a_plan_of_many_measures_each_is_marked_once() -> None:
    network = shipped("peru-2014")
    plans = (("m31", "m35"), tuple(row.measure for row in network.measures[:30]))
    few, many = picture_of(network, [FlowState("", plan, {}) for plan in plans]).marks
    times = Counter(name for mark in few for name in mark.measures)
    assert times["m31"] > 1
    times = Counter(name for mark in many for name in mark.measures)
    assert set(times.values()) == {1}
    assert len(times) > 20


def test_of_very_many_legs_a_page_draws_those_that_carry_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = shipped("peru-2014")
    amounts = {(arc.arc, arc.commodities[0]): float(i) for i, arc in enumerate(network.arcs)}
    picture = picture_of(network, [FlowState("", (), {}), FlowState("", (), amounts)])
    assert len(map_data.drawn_legs(picture)) == len(picture.legs) > 100
    monkeypatch.setattr(map_data, "_MOST_LEGS", 50)
    drawn = [leg.arc for leg in map_data.drawn_legs(picture)]
    last = [leg.arc for leg in picture.legs][-50:]
    assert drawn == last


def test_places_come_by_what_passes_them(tmp_path: Path) -> None:
    """By hand: 10 t leave the workshop, 5 t pass crossroads and harbour, 4 t and 1 t the strip."""
    picture = picture_in(tmp_path, shipped("tiny"), 4)
    passing = {place.node.node: place.passing for place in picture.places}
    assert passing["P_SHED"] == pytest.approx(10.0)
    assert passing["X_HARBOUR"] == pytest.approx(5.0)
    assert passing["F_HILLS"] == 0.0
    assert [place.passing for place in picture.places] == sorted(passing.values(), reverse=True)


def test_without_coordinates_there_is_no_map(tmp_path: Path) -> None:
    picture = picture_in(tmp_path, line(), 0)
    assert (picture.places, picture.legs, picture.hidden) == ((), (), 2)
