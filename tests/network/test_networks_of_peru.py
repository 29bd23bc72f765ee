"""Peru's tables hang together: areas with what is derived of them, copies with their origin."""

from __future__ import annotations

import re

import pytest

from flowopt.network.network import Network
from tests.networks import shipped

COPIES = ("peru-2015-2019", "peru-2014-worlds")
ALL = ("peru-2014", *COPIES)
TRADITIONAL = re.compile(
    r"(?P<ha>\d+) ha at (?P<yield>[\d.]+) t/ha give (?P<leaf>\d+) t, (?P<home>\d+) t of it"
)


def hectares(network: Network) -> dict[str, int]:
    """Return the hectares that the notes of supplies give, by node."""
    found = ((row.node, TRADITIONAL.match(row.note)) for row in network.supplies)
    return {node: int(match["ha"]) for node, match in found if match}


@pytest.mark.parametrize("name", ALL)
def test_areas_add_up_to_the_country_and_to_the_valley(name: str) -> None:
    area = hectares(shipped(name))
    assert sum(area.values()) == 42_900
    assert sum(area[node] for node in ("F_ENE", "F_PICH", "F_SFRA", "F_VIZC")) == 18_845


@pytest.mark.parametrize("name", ALL)
def test_leaf_is_the_area_times_its_yield(name: str) -> None:
    for row in shipped(name).supplies:
        if match := TRADITIONAL.match(row.note):
            leaf = float(match["ha"]) * float(match["yield"])
            assert round(leaf) == int(match["leaf"])
            assert row.capacity == float(match["leaf"]) - float(match["home"])


@pytest.mark.parametrize("name", ALL)
def test_what_clearing_cuts_is_its_hectares_over_those_that_stand(name: str) -> None:
    network = shipped(name)
    area, cleared = hectares(network), {row.measure: row.name for row in network.measures}
    taken = {u.measure: u.amount for u in network.uses if u.resource == "corah_ha"}
    fields = [row for row in network.effects if row.on == "supply" and row.target in area]
    assert len(fields) == 21
    for row in fields:
        words = re.match(r"(Eradicate|Replace) (\d+) ha", cleared[row.measure])
        assert words is not None
        assert row.cut == pytest.approx(int(words[2]) / area[row.target], abs=5.1e-4)
        assert row.cut <= 0.951
        assert taken.get(row.measure, int(words[2])) == int(words[2])
        assert row.note.startswith(f"{words[2]} of {area[row.target]} ha;")


@pytest.mark.parametrize("name", COPIES)
def test_copies_hold_what_they_copy(name: str) -> None:
    origin, copy = shipped("peru-2014").tables(), shipped(name).tables()
    others = ("scenarios", "changes", "measures", "sources")
    for table, rows in origin.items():
        if table not in others:
            assert set(rows) <= set(copy[table]), table
    added = {t for t, rows in copy.items() if len(rows) > len(origin[t]) and t not in others}
    assert added == (
        {"nodes", "arcs", "supplies", "periods", "openings", "trends", "campaigns"}
        if name == "peru-2015-2019"
        else set()
    )
    known = {row.source: row for row in shipped(name).sources}
    assert all(known[row.source] == row for row in shipped("peru-2014").sources)


def test_measures_over_time_differ_only_where_something_is_bought() -> None:
    later = {row.measure: row for row in shipped("peru-2015-2019").measures}
    for row in shipped("peru-2014").measures:
        other = later[row.measure]
        assert other == row or other.setup or other.lead
