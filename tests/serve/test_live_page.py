"""The live page in a real browser that reaches nothing but the server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.planning.plan_file import read_plan
from tests.networks import ROOT, SHIPPED, shipped
from tests.report.browser import Opened, visited
from tests.report.pages import accessibility
from tests.serve.live_client import Served, serving

WAIT = 60_000  # milliseconds
# What is told of the list of what comes next, and whether it is ready.
NOTED = """() => {
  window.noted = [];
  const [state, list] = ["next-state", "next-section"].map((id) => document.getElementById(id));
  new MutationObserver(() => noted.push(`${state.textContent} ${list.ariaBusy}`))
    .observe(state, { childList: true });
}"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving("networks/tiny", "--out", tmp_path_factory.mktemp("out")) as found:
        yield found


@dataclass
class Live:
    """A live page in the browser."""

    seen: Opened

    @property
    def page(self) -> Any:
        return self.seen.page

    def settled(self, turn: int) -> None:
        """Wait until everything that belongs to an answer is shown."""
        self.page.wait_for_selector(f"html[data-turn='{turn}']", state="attached", timeout=WAIT)

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def is_quiet(self) -> bool:
        """Whether it complained of nothing, and asked nobody but its server."""
        return (self.seen.complaints, self.seen.requests) == ([], [])


@contextmanager
def opened(browser: Any, served: Served, place: str = "", **options: Any) -> Iterator[Live]:
    """Open the page of a server; requests to anywhere else are recorded and refused."""
    mine = f"http://127.0.0.1:{served.port}/"
    address = served.address + place
    with visited(browser, address, lambda url: url.startswith(mine), **options) as found:
        found.page.set_default_timeout(WAIT)
        yield Live(found)


def test_ticks_move_the_flow_and_can_be_undone(browser: Any, served: Served) -> None:
    with opened(browser, served) as live:
        live.settled(1)
        assert "nothing" in live.text("#answer")
        live.page.check("#box-m_strip")
        live.settled(2)
        own = flowopt.evaluate(shipped("tiny"), ["m_strip"], alone=True)
        assert f"by {own.cut:.1f} t a year" in live.text("#answer")
        assert "9.0" in live.text("#figures")
        assert int(live.page.get_attribute("#map-0", "data-legs")) > 0
        live.page.check("#box-m_uproot")
        live.settled(3)
        both = flowopt.respond(shipped("tiny"), ["m_strip", "m_uproot"]).value
        assert f"{both:.1f}" in live.text("#figures")
        live.page.click("#undo")
        live.settled(4)
        assert live.page.is_checked("#box-m_strip")
        assert not live.page.is_checked("#box-m_uproot")
        live.page.click("#redo")
        live.settled(5)
        assert live.page.is_checked("#box-m_uproot")
        live.page.go_back()
        live.settled(6)
        assert not live.page.is_checked("#box-m_uproot")
    assert live.is_quiet()


def test_a_link_holds_plan_budget_and_the_plan_that_is_kept(browser: Any, served: Served) -> None:
    with opened(browser, served, "#m=m_strip&b=4&k=m_uproot") as live:
        live.settled(1)
        assert live.page.is_checked("#box-m_strip")
        assert live.page.input_value("#budget") == "4"
        live.page.wait_for_selector("#beside li >> text=The plan kept costs")
        assert "the plan kept" not in live.text("#answer")
    with opened(browser, served, "#m=%25%25,no_such,<img>&b=-3&k=%E0%A4%A") as live:
        live.settled(1)
        assert live.page.locator("#shelf input:checked").count() == 0
    assert live.is_quiet()


def test_the_best_plan_comes_from_behind_and_can_be_taken(browser: Any, served: Served) -> None:
    with opened(browser, served, "#b=4") as live:
        live.settled(1)
        live.page.click("#best-start")
        live.page.wait_for_selector("#best-take:enabled")
        assert "Proved" in live.text("#best-state")
        live.page.click("#best-take")
        live.settled(2)
        best = flowopt.solve(shipped("tiny"), budget=4)
        ticked = live.page.eval_on_selector_all("#shelf li.ticked", "all => all.length")
        assert ticked == len(best.measures)
        assert f"{best.value:.1f}" in live.text("#figures")
        assert live.page.locator("#money circle.point").count() == 1
    assert live.is_quiet()


def test_what_comes_next_can_be_clicked(browser: Any, served: Served) -> None:
    with opened(browser, served, "#m=m_strip&b=4") as live:
        live.settled(1)
        assert live.page.locator("#next button").count() == 0  # nobody looks at it yet
        live.page.locator("#next-section").scroll_into_view_if_needed()
        before = live.page.locator("#shelf li.ticked").count()
        live.page.click("#next button >> nth=0")
        live.settled(2)
        assert live.page.locator("#shelf li.ticked").count() > before


def test_a_list_of_what_comes_next_that_is_not_ready_says_so(browser: Any, served: Served) -> None:
    turns = []

    def answer(route: Any) -> None:
        turns.append(route)
        if len(turns) > 1:
            route.fallback()  # to the server
        else:
            route.fulfill(json={"rows": [], "note": "not all was looked at", "looking": True})

    with opened(browser, served, "#m=m_strip&b=4") as live:
        live.settled(1)
        live.page.route("**/next", answer)
        live.page.evaluate(NOTED)
        live.page.locator("#next-section").scroll_into_view_if_needed()
        live.page.wait_for_selector("#next-section[aria-busy=false]")
        assert live.page.evaluate("noted") == [
            "looking ... true",
            "still looking ... true",
            " true",
        ]
        assert live.page.locator("#next button").count() > 0
        assert len(turns) == 2
    assert live.is_quiet()


def test_what_is_not_in_view_follows_when_it_comes_into_view(browser: Any, served: Served) -> None:
    asked = []
    with opened(browser, served, "#m=m_strip") as live:
        live.page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
        live.page.reload()
        live.settled(1)
        assert {"tick", "map"} <= set(asked)
        assert not {"parts", "diagram", "next"} & set(asked)
        assert live.page.get_attribute("#where-section", "aria-busy") == "true"
        live.page.locator("#earn-title, #where-title").first.scroll_into_view_if_needed()
        live.page.wait_for_selector("#where-section[aria-busy=false]")
        owner = flowopt.respond(shipped("tiny"), ["m_strip"]).organisations[0]
        assert f"{owner.earned:.2f}" in live.text("#where-section")
        live.page.check("#box-m_uproot")
        live.page.wait_for_selector("#where-section[aria-busy=true]")
    assert live.is_quiet()


def test_rules_pull_in_and_forbid(browser: Any, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED / "tiny", tmp_path / "tiny"))
    rules = "measure,relation,other\nm_strip,requires,m_uproot\nm_crops,excludes,m_uproot\n"
    (folder / "rules.csv").write_text(rules)
    with serving(folder) as served, opened(browser, served) as live:
        live.settled(1)
        assert "brings along" in live.text("#tick-m_strip")
        live.page.check("#box-m_strip")
        live.settled(2)
        assert live.page.is_checked("#box-m_uproot")
        assert live.page.is_disabled("#box-m_crops")
        assert "not together with" in live.text("#tick-m_crops")
        live.page.uncheck("#box-m_uproot")
        live.settled(3)
        assert not live.page.is_checked("#box-m_strip")
        assert live.page.is_enabled("#box-m_crops")
    assert live.is_quiet()


def test_the_plan_and_its_page_are_downloaded_and_the_result_is_saved(
    browser: Any, served: Served, tmp_path: Path
) -> None:
    with opened(browser, served, "#m=m_strip") as live:
        live.settled(1)
        with live.page.expect_download() as plan:
            live.page.click("#save-plan")
        plan.value.save_as(tmp_path / "plan.csv")
        assert read_plan(tmp_path / "plan.csv") == ("m_strip",)
        with live.page.expect_download() as page:
            live.page.click("#save-page")
        assert page.value.suggested_filename == "tiny-plan.html"
        live.page.click("#save-result")
        live.page.wait_for_selector("#save-state >> text=Saved")
    assert live.is_quiet()


def test_names_are_text(browser: Any, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED / "tiny", tmp_path / "tiny"))
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    for file in ("measures.csv", "nodes.csv"):
        table = (folder / file).read_text().splitlines()
        head = table[0].split(",")
        cells = table[1].split(",")
        cells[head.index("name")] = f'"{hostile}"'
        (folder / file).write_text("\n".join([table[0], ",".join(cells), *table[2:]]) + "\n")
    with serving(folder) as served, opened(browser, served) as live:
        live.settled(1)
        live.page.check("#shelf input >> nth=0")
        live.settled(2)
        assert hostile in live.text("#shelf")
        assert live.page.locator("img").count() == 0
    assert live.is_quiet()


@pytest.mark.slow
def test_a_changed_file_is_offered_to_be_read_again(browser: Any, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED / "tiny", tmp_path / "tiny"))
    with serving(folder) as served, opened(browser, served) as live:
        live.settled(1)
        table = folder / "supplies.csv"
        table.write_text(table.read_text() + "\n")
        live.page.click("#state button >> text=Read them again")
        # The page that is left has all this, too: nothing else tells it from the one that follows.
        live.page.wait_for_selector("#state:not(:has-text('have changed'))", state="attached")
        live.settled(1)


@pytest.mark.slow
def test_a_server_that_is_gone_is_told_in_a_sentence(browser: Any) -> None:
    with serving("networks/tiny") as served, opened(browser, served) as live:
        live.settled(1)
        served.process.kill()
        served.process.wait()
        live.page.check("#box-m_strip")
        live.page.wait_for_selector("#state.wrong >> text=does not answer")


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (390, "dark"),
        # Colours do not hang on the width, nor places on the scheme.
        pytest.param(390, "light", marks=pytest.mark.slow),
        pytest.param(1280, "dark", marks=pytest.mark.slow),
    ],
)
def test_everyone_can_use_it(browser: Any, served: Served, width: int, scheme: str) -> None:
    size = {"width": width, "height": 844}
    place = "#m=m_strip&b=4&k=m_uproot"
    options: dict[str, Any] = {"viewport": size, "color_scheme": scheme, "bypass_csp": True}
    with opened(browser, served, place, **options) as live:
        live.settled(1)
        wrong = accessibility(live.page)
        assert not wrong, "\n".join(wrong)
        assert live.page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_works_by_keyboard_alone(browser: Any, served: Served) -> None:
    with opened(browser, served) as live:
        live.settled(1)
        live.page.focus("#find")
        live.page.keyboard.type("strip")
        assert live.page.locator("#shelf li:visible").count() == 1
        for _ in range(3):
            live.page.keyboard.press("Tab")
            if live.page.evaluate("document.activeElement.id") == "box-m_strip":
                break
        live.page.keyboard.press("Space")
        live.settled(2)
        assert live.page.is_checked("#box-m_strip")


@pytest.mark.slow
def test_peru_by_hand(browser: Any) -> None:
    """Ticks on the shipped network are those of `respond`, whatever the scenario."""
    plan = ["m01", "m11", "m12", "m13"]
    with serving("networks/peru-2014") as served:
        with opened(browser, served, f"&scenario=high#m={','.join(plan)}&b=20") as live:
            live.settled(1)
            own = flowopt.respond(shipped("peru-2014").scenario("high"), plan).value
            assert f"{own:,.1f}" in live.text("#figures")
        assert live.is_quiet()


def test_the_picture_of_the_page_is_small_and_shown() -> None:
    image = (ROOT / "docs/pictures/live.png").read_bytes()
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(image[16:20], "big") == 1280
    assert len(image) < 150_000
    assert "pictures/live.png" in (ROOT / "docs/live.md").read_text(encoding="utf-8")
