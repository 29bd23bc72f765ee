"""A page on screens of any size, in the dark, on paper, and for those who don't see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowopt.planning.evaluate import evaluate
from flowopt.planning.solve import solve
from flowopt.report.result_writer import write_evaluation, write_solution
from tests.networks import shipped
from tests.report.browser import opened
from tests.report.pages import accessibility, page_in, rgb


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_it_fits_the_screen(browser: Any, peru_page: Path, width: int, scheme: str) -> None:
    size = {"width": width, "height": 844}
    with opened(browser, peru_page, viewport=size, color_scheme=scheme) as found:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        ink = found.page.evaluate("getComputedStyle(document.body).color")
        paper = found.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(rgb(ink)) > sum(rgb(paper))) == (scheme == "dark")
    assert (found.complaints, found.requests) == ([], [])


@pytest.mark.slow  # quick: the page of a small network below, which has every part but the rows
def test_that_of_peru_is_accessible(browser: Any, peru_page: Path) -> None:
    with opened(browser, peru_page) as found:
        problems = accessibility(found.page)
        assert not problems, "\n".join(problems)


# Each page is looked through in one way always and in the other ways as a slow test: colours do not
# hang on the width, nor places on the scheme, and all pages have one style.
WIDE = pytest.param(1280, "light", marks=pytest.mark.slow)
NARROW = pytest.param(390, "dark", marks=pytest.mark.slow)


@pytest.mark.parametrize(("width", "scheme"), [NARROW, (1280, "light")])
def test_it_is_accessible(browser: Any, tmp_path: Path, width: int, scheme: str) -> None:
    """That of a small network, which is looked through in a tenth of the time."""
    network, size = shipped("tiny"), {"width": width, "height": 844}
    write_solution(solve(network, budget=4, alternatives=2), network, tmp_path / "out")
    page = page_in(tmp_path, network, tmp_path / "out")
    with opened(browser, page, viewport=size, color_scheme=scheme) as found:
        for part in ("#map-0", "#sankey", "#measures", "#alternatives", "#next"):
            assert found.page.locator(part).count() >= 1, part
        problems = accessibility(found.page)
        assert not problems, "\n".join(problems)


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), WIDE])
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
