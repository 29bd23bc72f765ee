"""The page in a real browser with the network off: what a planner sees and can do."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from flowopt.network.network import Network
from flowopt.planning.evaluate import evaluate
from flowopt.planning.solve import solve
from flowopt.report.outlines import Point
from flowopt.report.result_page import page_of
from flowopt.report.result_reader import StoredResult, read_result
from flowopt.report.result_writer import write_evaluation, write_solution
from flowopt.report.sea_lanes import sea_way
from tests.networks import shipped
from tests.report.browser import Opened, opened
from tests.report.test_result_page import hostile, result_of_peru


def page_in(folder: Path, network: Network, result: Path) -> Path:
    text = page_of(read_result(result, network), place="networks/n", folder="out")
    (folder / "report.html").write_text(text, encoding="utf-8", newline="\n")
    return folder / "report.html"


@pytest.fixture(scope="module")
def peru_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return result_of_peru(tmp_path_factory.mktemp("peru") / "out")


@pytest.fixture(scope="module")
def peru(peru_folder: Path) -> StoredResult:
    return read_result(peru_folder, shipped("peru-2014"))


@pytest.fixture(scope="module")
def peru_page(peru_folder: Path) -> Path:
    return page_in(peru_folder, shipped("peru-2014"), peru_folder)


@pytest.fixture
def page(browser: Any, peru_page: Path) -> Iterator[Opened]:
    with opened(browser, peru_page) as found:
        yield found
    assert (found.complaints, found.requests) == ([], [])


def carried(result: StoredResult, column: str, goods: frozenset[str]) -> dict[str, float]:
    """Tonnes by arc, from flows.csv."""
    sums: dict[str, float] = {}
    for row in result.flows:
        if row["commodity"] in goods:
            sums[row["arc"]] = sums.get(row["arc"], 0.0) + float(row[column])
    return {arc: t for arc, t in sums.items() if abs(t) > 1e-3}


def show(page: Any, name: str, value: str) -> None:
    page.check(f'input[name="{name}"][value="{value}"]')


def amounts_drawn(page: Any, panel: str) -> list[float]:
    """Tonnes of the lines of one panel of the map."""
    found = page.locator(f"#map-0 .{panel} .legs .leg").evaluate_all(
        "all => all.map(leg => Number(leg.dataset.t))"
    )
    return [float(t) for t in found]


def test_the_map_says_how_many_legs_there_are(page: Opened, peru: StoredResult) -> None:
    goods = peru.network.market_commodities
    seen = []
    for state, column in (("before", "before"), ("after", "after"), ("change", "change")):
        show(page.page, "map-0-view", state)
        note = page.page.inner_text("#map-0-note")
        assert note.startswith(f"{len(carried(peru, column, goods))} legs")
        seen.append(note)
    assert len(set(seen)) == 3


@pytest.mark.parametrize("view", ["before", "after", "change"])
def test_lines_that_run_together_carry_the_sum(page: Opened, peru: StoredResult, view: str) -> None:
    """Off the north of Peru ships share a lane: one line, with all that they carry."""
    show(page.page, "map-0-view", view)
    tonnes = carried(peru, view, peru.network.market_commodities)
    at = {n.node: (n.lon or 0.0, n.lat or 0.0) for n in peru.network.nodes}
    lanes: dict[tuple[Point, Point], float] = {}
    for arc in peru.network.arcs:
        if arc.mode == "sea" and arc.arc in tonnes:
            for lane in itertools.pairwise(sea_way(at[arc.tail], at[arc.head])[1:-1]):
                lanes[lane] = lanes.get(lane, 0.0) + tonnes[arc.arc]
    north = {lane: t for lane, t in lanes.items() if lane[0] == (-82.2, -5.2) and abs(t) > 1e-3}
    assert north
    drawn = amounts_drawn(page.page, "source")
    for expected in north.values():
        assert any(t == pytest.approx(expected, abs=0.02) for t in drawn), expected


def test_width_is_in_proportion_to_tonnes(page: Opened) -> None:
    show(page.page, "map-0-view", "after")
    pairs = page.page.locator("#map-0 .source .legs .leg").evaluate_all(
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


def test_zoom_and_back(page: Opened) -> None:
    def land() -> str:
        return str(page.page.get_attribute("#map-0 .source .land", "d"))

    whole = land()
    page.page.click('#map-0 .source button[aria-label="Peru: closer"]')
    assert land() != whole
    page.page.click('#map-0 .source button[aria-label="Peru: all of it"]')
    assert land() == whole


def test_rings_and_rows_lead_to_each_other(page: Opened, peru: StoredResult) -> None:
    badges = page.page.locator("#map-0 .badge")
    ranks = {row["measure"]: row["rank"] for row in peru.plan}
    seen = {}
    for i in range(badges.count()):
        badge = badges.nth(i)
        seen[badge.get_attribute("data-measure")] = badge.text_content()
        place = str(badge.get_attribute("href"))
        assert page.page.locator(place).count() == 1
        assert str(badge.get_attribute("data-measure")) in page.page.inner_text(place)
    assert seen == ranks
    for name in ranks:
        link = page.page.locator(f"#measure-{name} a.ring")
        assert page.page.locator(str(link.get_attribute("href"))).count() == 1
    page.page.hover("#measure-m11")
    assert "lit" in str(page.page.get_attribute('#map-0 .badge[data-measure="m11"]', "class"))


def hover_a_leg(page: Any) -> str:
    """Put the mouse on a line of the map that nothing hides and return what appears."""
    x, y = page.locator("#map-0 .panel .touch").evaluate_all(
        """all => {
            for (const path of all) {
                const at = path.getPointAtLength(path.getTotalLength() * 0.5);
                const seen = () => new DOMPoint(at.x, at.y).matrixTransform(path.getScreenCTM());
                window.scrollBy(0, seen().y - window.innerHeight / 2);
                const {x, y} = seen();
                if (document.elementFromPoint(x, y) === path) return [x, y];
            }
        }"""
    )
    page.mouse.move(x - 1, y)
    page.mouse.move(x, y)
    page.wait_for_selector(".tip:not([hidden])", timeout=10_000)
    return str(page.text_content(".tip"))


def test_hover_tells_of_a_leg(page: Opened) -> None:
    text = hover_a_leg(page.page)
    assert "before" in text
    assert "t/yr" in text


def test_the_sankey_keeps_its_places_in_every_view(page: Opened) -> None:
    tops, counts = [], []
    for view in ("before", "after", "change"):
        show(page.page, "sankey-view", view)
        bars = page.page.locator("#sankey .stage")
        tops.append(bars.evaluate_all("all => all.map(bar => bar.getAttribute('y'))"))
        bands = page.page.locator("#sankey .band").count()
        assert bands == int(page.page.evaluate("document.getElementById('sankey').dataset.bands"))
        counts.append(bands)
    assert tops[0] == tops[1] == tops[2]
    assert counts[0] != counts[1]
    assert page.page.locator("#sankey .band.more").count() > 0
    assert page.page.locator("#sankey .number").count() == len(tops[0])


def test_a_table_can_be_saved_as_csv(page: Opened, peru: StoredResult) -> None:
    with page.page.expect_download() as waiting:
        page.page.click('[data-csv="measures"]')
    assert waiting.value.suggested_filename == "peru-2014-plan-measures.csv"
    with open(waiting.value.path(), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [row["measure"] for row in peru.plan]
    assert [row["measure"] for row in rows] == [row["name"] for row in peru.plan]
    assert [float(row["cost, M USD/yr"]) for row in rows] == [float(r["cost"]) for r in peru.plan]


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_picture_can_be_saved(page: Opened, kind: str) -> None:
    with page.page.expect_download() as waiting:
        page.page.click(f'[data-picture="map-0"][data-format="{kind}"]')
    saved = Path(waiting.value.path()).read_bytes()
    assert waiting.value.suggested_filename == f"peru-2014-plan-map-0.{kind}"
    if kind == "png":
        assert saved.startswith(b"\x89PNG")
        assert len(saved) > 50_000
    else:
        text = saved.decode("utf-8")
        assert "these 4 measures cut deliveries" in text
        assert ElementTree.fromstring(text).tag.endswith("svg")


def test_the_plan_can_be_copied(page: Opened) -> None:
    page.page.click("[data-copy]")
    copied = page.page.locator("[data-copied]", has_text="Copied")  # no script: the page forbids it
    copied.wait_for()
    assert copied.inner_text() == "Copied: --measures m01,m11,m12,m13"


def test_further_rows_are_shown_when_asked_for(page: Opened) -> None:
    rows = page.page.locator("#by-region tbody tr:visible")
    few = rows.count()
    page.page.click('[data-all="by-region"]')
    assert rows.count() > few == 12


def test_a_table_sorts_by_keyboard(page: Opened) -> None:
    def cost() -> list[float]:
        return [
            float(t) for t in page.page.locator("#measures tbody td:nth-child(4)").all_inner_texts()
        ]

    button = page.page.locator("#measures th:nth-child(4) button")
    button.focus()
    page.page.keyboard.press("Enter")
    assert cost() == sorted(cost(), reverse=True)
    assert page.page.get_attribute("#measures th:nth-child(4)", "aria-sort") == "descending"
    page.page.keyboard.press("Enter")
    assert cost() == sorted(cost())
    assert page.page.locator("#measures [aria-sort]").count() == 1
    page.page.locator("#measures th:nth-child(2) button").press("Space")
    names = page.page.locator("#measures tbody th").all_inner_texts()
    assert names == sorted(names)


def test_the_switch_works_by_keyboard(page: Opened) -> None:
    before = page.page.inner_text("#map-0-note")
    page.page.locator('input[name="map-0-view"][value="change"]').press("ArrowLeft")
    assert page.page.inner_text("#map-0-note") != before


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_it_fits_the_screen(browser: Any, peru_page: Path, width: int, scheme: str) -> None:
    size = {"width": width, "height": 844}
    with opened(browser, peru_page, viewport=size, color_scheme=scheme) as found:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        ink = found.page.evaluate("getComputedStyle(document.body).color")
        paper = found.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(rgb(ink)) > sum(rgb(paper))) == (scheme == "dark")
    assert (found.complaints, found.requests) == ([], [])


def test_it_is_accessible(browser: Any, peru_page: Path) -> None:
    with opened(browser, peru_page, color_scheme="light") as found:
        problems = accessibility(found.page)
        assert not problems, "\n".join(problems)


def test_it_is_accessible_on_a_phone_in_the_dark(browser: Any, tmp_path: Path) -> None:
    """That of a small network, which is looked through in a tenth of the time."""
    network, size = shipped("tiny"), {"width": 390, "height": 844}
    write_solution(solve(network, budget=4, alternatives=2), network, tmp_path / "out")
    page = page_in(tmp_path, network, tmp_path / "out")
    with opened(browser, page, viewport=size, color_scheme="dark") as found:
        for part in ("#map-0", "#sankey", "#measures", "#alternatives", "#next"):
            assert found.page.locator(part).count() >= 1, part
        problems = accessibility(found.page)
        assert not problems, "\n".join(problems)


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_plans_side_by_side_fit_the_screen_too(
    browser: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    network = shipped("leaky-river")
    found = evaluate(network, ["m_patrol"], against=["coverage"])
    write_evaluation(found, network, tmp_path / "out")
    size = {"width": width, "height": 844}
    page = page_in(tmp_path, network, tmp_path / "out")
    with opened(browser, page, viewport=size, color_scheme=scheme) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        promised, real = (
            seen.page.locator(f".promised.{style} .track span").bounding_box()["width"]
            for style in ("hollow", "full")
        )
        assert real == pytest.approx(promised * 5.0 / 8.0, abs=1.0)
        assert seen.page.locator("#held tbody tr").count() >= 2
        problems = accessibility(seen.page)
        assert not problems, "\n".join(problems)
    assert (seen.complaints, seen.requests) == ([], [])


def rgb(colour: str) -> list[int]:
    return [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]


def accessibility(page: Any) -> list[str]:
    """What axe-core finds against WCAG 2.1 AA and its best practices."""
    source = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
    page.evaluate(source)
    found = page.evaluate("axe.run()")
    assert found["passes"]
    return [
        f"{v['id']}: {v['help']}: {node['html'][:200]}"
        for v in found["violations"]
        for node in v["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_it_is_light_and_nothing_is_folded_away(
    browser: Any, peru_page: Path, scheme: str
) -> None:
    with opened(browser, peru_page, color_scheme=scheme) as found:
        found.page.emulate_media(media="print")
        found.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        folds = "[...document.querySelectorAll('details')]"
        assert found.page.evaluate(f"{folds}.every(d => d.open)")
        assert not found.page.is_visible("input[name=map-0-view]")
        assert (
            rgb(found.page.evaluate("getComputedStyle(document.body).backgroundColor")) == [255] * 3
        )
        ink = "getComputedStyle(document.querySelector('#map-0 .labels text')).fill"
        assert rgb(found.page.evaluate(ink)) == [0, 0, 0]
        assert found.page.is_visible("#sankey .band")
        found.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        found.page.emulate_media(media="screen")
        assert not found.page.evaluate(
            "[...document.querySelectorAll('details')].some(d => d.open)"
        )
    assert (found.complaints, found.requests) == ([], [])


def test_hostile_names_are_shown_and_never_run(browser: Any, tmp_path: Path) -> None:
    network = hostile()
    write_solution(solve(network, budget=4), network, tmp_path / "out")
    with opened(browser, page_in(tmp_path, network, tmp_path / "out")) as found:
        for view, goods in itertools.product(("before", "after", "change"), (0, 1)):
            show(found.page, "map-0-view", view)
            found.page.select_option("[data-goods]", index=goods)
        show(found.page, "map-0-view", "before")
        found.page.select_option("[data-goods]", index=0)
        assert "alert(1)" in hover_a_leg(found.page)
        labels = " ".join(found.page.locator("#sankey title").all_text_contents())
        assert "<script>" in labels
        assert "<script>alert(1)</script>" in found.page.inner_text("#measures")
        assert found.page.evaluate("document.scripts.length") == 2
        assert found.page.evaluate("document.images.length") == 0
        assert found.page.evaluate(
            "[...document.links].every(a => /^(https?:|file:)/.test(a.protocol))"
        )
    assert (found.complaints, found.requests) == ([], [])


def test_what_got_in_unescaped_would_not_run(browser: Any, peru_page: Path, tmp_path: Path) -> None:
    """The policy of the page stands behind the escaping: only its own script may run."""
    evil = (
        "<script>window.ran = 1</script><img src='https://example.org/x' onerror='window.ran = 1'>"
    )
    worse = peru_page.read_text(encoding="utf-8").replace("<main>", f"<main>{evil}", 1)
    (tmp_path / "worse.html").write_text(worse, encoding="utf-8")
    with opened(browser, tmp_path / "worse.html") as found:
        assert found.page.evaluate("window.ran") is None
    assert found.requests == []
    assert found.complaints


def test_a_page_without_a_map_works(browser: Any, tmp_path: Path) -> None:
    network = shipped("tiny")
    bare = network.replace(
        nodes=[type(n)(node=n.node, name=n.name, kind=n.kind) for n in network.nodes]
    )
    write_solution(solve(bare, budget=4), bare, tmp_path / "out")
    with opened(browser, page_in(tmp_path, bare, tmp_path / "out")) as found:
        assert "so there is no map" in found.page.inner_text("main")
        assert found.page.locator("#sankey .band").count() > 0
    assert (found.complaints, found.requests) == ([], [])
