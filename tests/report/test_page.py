"""The page in a real browser with the network off: what a planner sees and can do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.planning.solve import solve
from flowopt.report.result_page import page_of
from flowopt.report.result_reader import StoredResult, read_result
from flowopt.report.result_writer import write_solution
from tests.networks import shipped
from tests.report.browser import Opened, opened
from tests.report.test_result_page import hostile, result_of_peru

LEGS = "document.getElementById('map').data.filter(t => t.meta === 'leg')"
DRAWN = "document.querySelectorAll('#map .scatterlayer .trace:has(.js-line)').length"


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


def show(page: Any, name: str, value: int) -> None:
    page.check(f'input[name="{name}"][value="{value}"]')


def test_the_map_has_as_many_legs_as_there_are_flows(page: Opened, peru: StoredResult) -> None:
    goods = peru.network.market_commodities
    seen = []
    for state, column in enumerate(("before", "after", "change")):
        show(page.page, "state", state)
        expected = len(carried(peru, column, goods))
        assert page.page.evaluate(f"{LEGS}.length") == expected
        # Each leg is drawn once, and so are the outlines.
        assert page.page.evaluate(DRAWN) == expected + 1
        note = page.page.inner_text("#map-note")
        assert note.startswith(f"{expected} legs")
        seen.append(note)
    assert len(set(seen)) == 3


def test_width_is_in_proportion_to_tonnes(page: Opened, peru: StoredResult) -> None:
    tonnes = sorted(carried(peru, "after", peru.network.market_commodities).values())
    widths = page.page.evaluate(f"{LEGS}.map(t => t.line.width)")
    assert widths == sorted(widths)
    most = max(tonnes + list(carried(peru, "before", peru.network.market_commodities).values()))
    assert widths == pytest.approx([0.8 + 9.2 * t / most for t in tonnes], abs=1e-3)


def test_goods_can_be_chosen(page: Opened, peru: StoredResult) -> None:
    page.page.select_option("#goods", index=1)
    name = page.page.evaluate("document.querySelector('#goods option:checked').text")
    commodity = next(row.commodity for row in peru.network.commodities if row.name == name)
    expected = len(carried(peru, "after", frozenset({commodity})))
    assert page.page.evaluate(f"{LEGS}.length") == expected


def test_the_source_country_fills_the_map(page: Opened) -> None:
    page.page.click("button[data-view=source]")
    assert page.page.inner_text("button[data-view=source]") == "Peru"
    west, east = page.page.evaluate("document.getElementById('map').layout.xaxis.range")
    assert west > -130.0
    assert east < -30.0
    page.page.click("button[data-zoom='0.6']")
    closer = page.page.evaluate("document.getElementById('map').layout.xaxis.range")
    assert closer[1] - closer[0] < east - west
    page.page.click("button[data-view=world]")
    assert page.page.evaluate("document.getElementById('map').layout.xaxis.range")[0] <= -179.0


def hover_a_leg(page: Any) -> str:
    """Put the mouse on the widest leg and return what appears."""
    x, y = page.evaluate(
        f"""() => {{
            const map = document.getElementById('map'), leg = {LEGS}.at(-1), k = 7;
            map.scrollIntoView({{block: 'center'}});
            const box = map.getBoundingClientRect(), f = map._fullLayout;
            return [box.left + f.xaxis._offset + f.xaxis.d2p(leg.x[k]),
                    box.top + f.yaxis._offset + f.yaxis.d2p(leg.y[k])];
        }}"""
    )
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    page.wait_for_selector("#map .hovertext", timeout=10_000)
    return str(page.text_content("#map .hovertext"))


def test_hover_tells_of_a_leg(page: Opened) -> None:
    text = hover_a_leg(page.page)
    assert "→" in text
    assert "before" in text
    assert "t/yr" in text


def test_the_sankey_changes_with_its_switch(page: Opened) -> None:
    links = "document.querySelectorAll('#sankey .sankey-link').length"
    counts = []
    for state in (0, 1):
        show(page.page, "stage", state)
        counts.append(page.page.evaluate(links))
        bands = page.page.evaluate("document.getElementById('sankey').dataset.bands")
        assert counts[-1] == int(bands)
    assert counts[0] != counts[1]


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
    before = page.page.inner_text("#map-note")
    page.page.locator('input[name="state"][value="1"]').press("ArrowRight")
    assert page.page.inner_text("#map-note") != before


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark"), (1280, "light")])
def test_it_fits_the_screen(browser: Any, peru_page: Path, width: int, scheme: str) -> None:
    size = {"width": width, "height": 844}
    with opened(browser, peru_page, viewport=size, color_scheme=scheme) as found:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        ink = found.page.evaluate("getComputedStyle(document.body).color")
        paper = found.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(rgb(ink)) > sum(rgb(paper))) == (scheme == "dark")
        problems = accessibility(found.page)
        assert not problems, "\n".join(problems)
    assert (found.complaints, found.requests) == ([], [])


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
        assert not found.page.is_visible("input[name=state]")
        assert (
            rgb(found.page.evaluate("getComputedStyle(document.body).backgroundColor")) == [255] * 3
        )
        assert found.page.evaluate("document.getElementById('map').layout.font.color") == "#1b1f24"
        assert found.page.evaluate("document.querySelectorAll('#sankey .sankey-link').length") > 0
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
        for state, goods in itertools.product((0, 1, 2), (0, 1)):
            show(found.page, "state", state)
            found.page.select_option("#goods", index=goods)
        show(found.page, "state", 0)
        found.page.select_option("#goods", index=0)
        assert "alert(1)" in hover_a_leg(found.page)
        labels = " ".join(found.page.locator("#sankey .node-label").all_text_contents())
        assert "<script>" in labels
        assert "<script>alert(1)</script>" in found.page.inner_text("#measures")
        assert found.page.evaluate("document.scripts.length") == 3
        assert found.page.evaluate("document.images.length") == 0
        assert found.page.evaluate(
            "[...document.links].every(a => /^(https?:|file:)/.test(a.protocol))"
        )
    assert (found.complaints, found.requests) == ([], [])


def test_what_got_in_unescaped_would_not_run(browser: Any, peru_page: Path, tmp_path: Path) -> None:
    """The policy of the page stands behind the escaping: only its own two scripts may run."""
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
        assert found.page.evaluate("document.querySelectorAll('#sankey .sankey-link').length") > 0
    assert (found.complaints, found.requests) == ([], [])
