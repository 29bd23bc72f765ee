"""The map of a page in a real browser: lines, goods, zoom, and what the mouse shows."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from flowopt.report.outlines import Point
from flowopt.report.result_reader import StoredResult
from flowopt.report.sea_lanes import sea_way
from tests.report.browser import Opened
from tests.report.pages import hover_a_leg, show


def carried(result: StoredResult, column: str, goods: frozenset[str]) -> dict[str, float]:
    """Tonnes by arc, from flows.csv."""
    sums: dict[str, float] = {}
    for row in result.flows:
        if row["commodity"] in goods:
            sums[row["arc"]] = sums.get(row["arc"], 0.0) + float(row[column])
    return {arc: t for arc, t in sums.items() if abs(t) > 1e-3}


def amounts_drawn(page: Any, panel: str) -> list[float]:
    """Tonnes of the lines of one panel of the map."""
    found = page.locator(f"#map-0 .{panel} .legs .leg").evaluate_all(
        "all => all.map(leg => Number(leg.dataset.t))"
    )
    return [float(t) for t in found]


def test_the_map_says_how_many_legs_there_are(shared: Opened, peru: StoredResult) -> None:
    goods = peru.network.market_commodities
    seen = []
    for state, column in (("before", "before"), ("after", "after"), ("change", "change")):
        show(shared.page, "map-0-view", state)
        note = shared.page.inner_text("#map-0-note")
        assert note.startswith(f"{len(carried(peru, column, goods))} legs")
        seen.append(note)
    assert len(set(seen)) == 3


@pytest.mark.parametrize("view", ["before", "after", "change"])
def test_lines_that_run_together_carry_the_sum(
    shared: Opened, peru: StoredResult, view: str
) -> None:
    """Off the north of Peru ships share a lane: one line, with all that they carry."""
    show(shared.page, "map-0-view", view)
    tonnes = carried(peru, view, peru.network.market_commodities)
    at = {n.node: (n.lon or 0.0, n.lat or 0.0) for n in peru.network.nodes}
    lanes: dict[tuple[Point, Point], float] = {}
    for arc in peru.network.arcs:
        if arc.mode == "sea" and arc.arc in tonnes:
            for lane in itertools.pairwise(sea_way(at[arc.tail], at[arc.head])[1:-1]):
                lanes[lane] = lanes.get(lane, 0.0) + tonnes[arc.arc]
    north = {lane: t for lane, t in lanes.items() if lane[0] == (-82.2, -5.2) and abs(t) > 1e-3}
    assert north
    drawn = amounts_drawn(shared.page, "source")
    for expected in north.values():
        assert any(t == pytest.approx(expected, abs=0.02) for t in drawn), expected


def test_width_is_in_proportion_to_tonnes(shared: Opened) -> None:
    show(shared.page, "map-0-view", "after")
    pairs = shared.page.locator("#map-0 .source .legs .leg").evaluate_all(
        "all => all.map(leg => [Number(leg.dataset.t), Number(leg.getAttribute('stroke-width'))])"
    )
    widths = [width for _, width in pairs]
    assert widths == sorted(widths)
    t, width = pairs[-1]
    slope = (width - 0.7) / t
    assert widths == pytest.approx([0.7 + slope * t for t, _ in pairs], abs=0.02)


def test_goods_can_be_chosen(page: Opened, peru: StoredResult) -> None:
    page.page.select_option("[data-goods]", index=1)
    name = page.page.evaluate("document.querySelector('[data-goods] option:checked').text")
    commodity = next(row.commodity for row in peru.network.commodities if row.name == name)
    expected = len(carried(peru, "change", frozenset({commodity})))
    assert page.page.inner_text("#map-0-note").startswith(f"{expected} legs")


def test_the_map_opens_on_the_change_in_the_source_country(page: Opened) -> None:
    assert page.page.is_checked('input[name="map-0-view"][value="change"]')
    titles = page.page.locator("#map-0 .panel .title").all_inner_texts()
    assert titles == ["Peru", "Everything"]
    source, world = (
        page.page.locator(f"#map-0 .{key} svg.map").bounding_box() for key in ("source", "world")
    )
    assert source["height"] > world["height"]
    labels = page.page.locator("#map-0 .source .labels text").all_text_contents()
    assert 8 <= len(labels) <= 14
    assert "Callao" in labels
    countries = page.page.locator("#map-0 .source .countries text").all_text_contents()
    assert "BRAZIL" in countries
    assert page.page.locator("#map-0 .source .key text").count() >= 4


def test_zoom_and_back(shared: Opened) -> None:
    def land() -> str:
        return str(shared.page.get_attribute("#map-0 .source .land", "d"))

    whole = land()
    shared.page.click('#map-0 .source button[aria-label="Peru: closer"]')
    assert land() != whole
    shared.page.click('#map-0 .source button[aria-label="Peru: all of it"]')
    assert land() == whole


def test_rings_and_rows_lead_to_each_other(shared: Opened, peru: StoredResult) -> None:
    badges = shared.page.locator("#map-0 .badge")
    ranks = {row["measure"]: row["rank"] for row in peru.plan}
    seen = {}
    for i in range(badges.count()):
        badge = badges.nth(i)
        seen[badge.get_attribute("data-measure")] = badge.text_content()
        place = str(badge.get_attribute("href"))
        assert shared.page.locator(place).count() == 1
        assert str(badge.get_attribute("data-measure")) in shared.page.inner_text(place)
    assert seen == ranks
    for name in ranks:
        link = shared.page.locator(f"#measure-{name} a.ring")
        assert shared.page.locator(str(link.get_attribute("href"))).count() == 1
    shared.page.hover("#measure-m11")
    assert "lit" in str(shared.page.get_attribute('#map-0 .badge[data-measure="m11"]', "class"))


def test_hover_tells_of_a_leg(shared: Opened) -> None:
    text = hover_a_leg(shared.page)
    assert "before" in text
    assert "t/yr" in text
