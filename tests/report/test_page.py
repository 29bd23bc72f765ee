"""The page in a real browser with the network off: what a planner sees and can do."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from flowopt.planning.solve import solve
from flowopt.report.result_reader import StoredResult
from flowopt.report.result_writer import write_solution
from tests.networks import shipped
from tests.report.browser import Opened, opened
from tests.report.pages import hover_a_leg, page_in, show
from tests.report.test_result_page import hostile


def test_the_sankey_keeps_its_places_in_every_view(shared: Opened) -> None:
    tops, counts = [], []
    for view in ("before", "after", "change"):
        show(shared.page, "sankey-view", view)
        bars = shared.page.locator("#sankey .stage")
        tops.append(bars.evaluate_all("all => all.map(bar => bar.getAttribute('y'))"))
        bands = shared.page.locator("#sankey .band").count()
        assert bands == int(shared.page.evaluate("document.getElementById('sankey').dataset.bands"))
        counts.append(bands)
    assert tops[0] == tops[1] == tops[2]
    assert counts[0] != counts[1]
    assert shared.page.locator("#sankey .band.more").count() > 0
    assert shared.page.locator("#sankey .number").count() == len(tops[0])


def test_a_table_can_be_saved_as_csv(shared: Opened, peru: StoredResult) -> None:
    with shared.page.expect_download() as waiting:
        shared.page.click('[data-csv="measures"]')
    assert waiting.value.suggested_filename == "peru-2014-plan-measures.csv"
    with open(waiting.value.path(), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [row["measure"] for row in peru.plan]
    assert [row["measure"] for row in rows] == [row["name"] for row in peru.plan]
    assert [float(row["cost, M USD/yr"]) for row in rows] == [float(r["cost"]) for r in peru.plan]


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_picture_can_be_saved(shared: Opened, kind: str) -> None:
    with shared.page.expect_download() as waiting:
        shared.page.click(f'[data-picture="map-0"][data-format="{kind}"]')
    saved = Path(waiting.value.path()).read_bytes()
    assert waiting.value.suggested_filename == f"peru-2014-plan-map-0.{kind}"
    if kind == "png":
        assert saved.startswith(b"\x89PNG")
        assert len(saved) > 50_000
    else:
        text = saved.decode("utf-8")
        assert "these 4 measures cut deliveries" in text
        assert ElementTree.fromstring(text).tag.endswith("svg")


def test_the_plan_can_be_copied(shared: Opened) -> None:
    shared.page.click("[data-copy]")
    copied = shared.page.locator("[data-copied]", has_text="Copied")  # the page forbids scripts
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
            float(t) for t in page.page.locator("#measures tbody td:nth-child(5)").all_inner_texts()
        ]

    button = page.page.locator("#measures th:nth-child(5) button")
    button.focus()
    page.page.keyboard.press("Enter")
    assert cost() == sorted(cost(), reverse=True)
    assert page.page.get_attribute("#measures th:nth-child(5)", "aria-sort") == "descending"
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
