"""The pages of schedules over time, in a real browser with the network off, and their pictures."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.network.schema import Measure, Opening, Period
from flowopt.planning.compare_over_time import compare_over_time
from flowopt.planning.evaluate_over_time import evaluate_over_time
from flowopt.planning.solve_over_time import solve_over_time
from flowopt.report.campaigns_pictures import campaigns_drawings
from flowopt.report.opened_things import opened_sentences, opened_things, when_opened
from flowopt.report.page_files import make_report
from flowopt.report.period_figures import Line, Panel, lines_data, stack_data
from flowopt.report.result_reader import read_result
from flowopt.report.schedule_chart import ChartCell, chart_rows
from flowopt.report.schedule_frontier_pictures import schedule_frontier_drawings
from flowopt.report.schedule_pictures import schedule_drawings
from flowopt.report.stored_campaigns import read_campaigns
from flowopt.report.stored_schedule import read_stored_schedule
from flowopt.report.stored_schedule_frontier import read_schedule_frontier
from flowopt.results.over_time_rows import OpeningChange, ScheduledRow
from tests.networks import line, shipped
from tests.report.browser import Opened, opened
from tests.report.pages import accessibility
from tests.report.test_result_page import EVIL, VERY_EVIL, data_of, without_scripts

SIZES = [(1280, "light"), (390, "dark")]


def hostile() -> Network:
    """`tiny-years` with names that try to run."""
    network = shipped("tiny-years")
    return network.replace(
        periods=[replace(row, name=f"{row.name} {EVIL}") for row in network.periods],
        measures=[replace(row, name=f"{row.name} {VERY_EVIL}") for row in network.measures],
        nodes=[replace(row, name=f"{row.name} {EVIL}") for row in network.nodes],
    )


@pytest.fixture(scope="module")
def schedule(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("schedule") / "out"
    solve_over_time(hostile(), budget=3).write(place)
    make_report(place, hostile(), place="networks/n", page=place / "report.html")
    return place


@pytest.fixture(scope="module")
def campaigns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("campaigns") / "out"
    evaluate_over_time(hostile(), ["all"], measures=["m_radar@y1"]).write(place)
    make_report(place, hostile(), place="networks/n", page=place / "report.html")
    return place


@pytest.fixture(scope="module")
def budgets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("budgets") / "out"
    compare_over_time(hostile(), budgets="0:3:1").write(place)
    make_report(place, hostile(), place="networks/n", page=place / "report.html")
    return place


@pytest.fixture
def page(browser: Any, schedule: Path) -> Iterator[Opened]:
    with opened(browser, schedule / "report.html") as found:
        yield found
    assert (found.complaints, found.requests) == ([], [])


def flat(folder: Path) -> str:
    text = without_scripts((folder / "report.html").read_text("utf-8"))
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


# -- the page of the best schedule ----------------------------------------------------------------


def test_the_answer_comes_first_and_says_how_sure_it_is(schedule: Path) -> None:
    text = flat(schedule)
    assert "3 M USD a year cut deliveries by 11.0 t of 26.0: 42% less;" in text
    assert "had the trafficker opened nothing, by 5.0 of 20.0." in text
    assert "Proved: no schedule for this money does better." in text
    assert "the cut would be 11.0 t; that is a simulation." in text
    assert "flowopt solve networks/n --time-limit inf --budget 3 --out DIR" in text
    raw = (schedule / "report.html").read_text("utf-8")
    assert EVIL not in raw
    assert VERY_EVIL not in raw


def test_the_chart_says_what_is_bought_ordered_and_in_force(page: Opened) -> None:
    rows = page.page.locator("#schedule-chart tbody tr").all()
    cells = [[cell.inner_text().strip() for cell in row.locator("td.slot").all()] for row in rows]
    assert cells == [["bought", "in force"], ["", "in force"]]
    assert rows[0].locator("th").inner_text().startswith("1 Radar")
    assert page.page.locator("#schedule-chart tfoot td").all_inner_texts() == [
        "3.0", "3.0", "6.00", "3", "3", "",
    ]  # fmt: skip


def test_lines_and_tables_hold_the_numbers_of_the_result(schedule: Path, page: Opened) -> None:
    data: Any = data_of((schedule / "report.html").read_text("utf-8"))
    (without, plan) = data["figures"]["lines"]["lines"]
    assert without["values"] == [10.0, 16.0]
    # Nothing opens under it, and foresight gains nothing, so it is one line with all names.
    assert plan["values"] == [10.0, 5.0]
    assert plan["text"] == (
        "under the schedule, if nothing opened = under the schedule = without foresight (simulated)"
    )
    drawn = page.page.locator("#lines .run .mark[data-v]").evaluate_all(
        "all => all.map(mark => Number(mark.dataset.v))"
    )
    assert drawn == [10.0, 16.0, 10.0, 5.0]
    cells = page.page.locator("#by-period tbody tr").first.locator("td").all_inner_texts()
    assert cells[:5] == ["1", "3.00", "3.00", "10.00", "10.00"]


def test_what_the_schedule_prevents_is_said(page: Opened) -> None:
    text = page.page.locator("section[aria-labelledby=openings]").inner_text()
    assert "Under the schedule the trafficker opens nothing." in text
    assert "The schedule prevents what would open without measures: Field" in text
    cells = page.page.locator("#opened tbody td").all_inner_texts()
    assert cells == ["\u2013", "0.0", "6.0", "0.0", "0.00", "prevented"]


def test_the_slider_turns_every_part_to_a_period_with_the_keyboard(page: Opened) -> None:
    slider = page.page.locator("input[type=range]").first
    notes = [page.page.inner_text("#sankey-note") + page.page.inner_text(".biggest")]
    slider.focus()
    page.page.keyboard.press("ArrowRight")
    values = page.page.locator("[data-choice]").evaluate_all("all => all.map(x => x.value)")
    assert set(values) == {"1"}
    assert slider.get_attribute("aria-valuetext").startswith("Second year")
    assert page.page.locator("[data-chosen]").first.inner_text().startswith("Second year")
    notes.append(page.page.inner_text("#sankey-note") + page.page.inner_text(".biggest"))
    assert notes[0] != notes[1]
    page.page.keyboard.press("ArrowLeft")
    assert slider.input_value() == "0"


def test_there_is_a_small_map_for_each_period_and_a_ring_where_it_acts(page: Opened) -> None:
    maps = page.page.locator("#maps .small-map")
    assert maps.count() == 2
    assert maps.nth(0).locator(".ring").count() == 0
    assert maps.nth(1).locator(".ring").count() == 2


def test_bars_stand_for_the_tonnes_of_modes(schedule: Path, page: Opened) -> None:
    data: Any = data_of((schedule / "report.html").read_text("utf-8"))["figures"]
    bars = data["by-mode-bars"]
    assert bars["parts"] == ["river", "air"]
    assert bars["sets"][0][0]["bars"] == [[10.0, 0.0], [10.0, 6.0]]
    assert bars["sets"][0][1]["bars"] == [[10.0, 0.0], [5.0, 0.0]]
    heights = page.page.locator("#by-mode-bars svg.stack .part").evaluate_all(
        "all => all.map(part => Number(part.getAttribute('height')))"
    )
    tallest = max(heights)
    assert sorted(heights) == pytest.approx(
        sorted(tallest * t / 10.0 for t in (10.0, 10.0, 6.0, 10.0, 5.0)), abs=0.2
    )


@pytest.mark.parametrize(
    ("which", "width", "scheme"),
    [
        ("schedule", *SIZES[0]),
        ("campaigns", *SIZES[1]),
        ("budgets", *SIZES[1]),
        # All are made of the same parts, and of the same style.
        pytest.param("schedule", *SIZES[1], marks=pytest.mark.slow),
        pytest.param("campaigns", *SIZES[0], marks=pytest.mark.slow),
        pytest.param("budgets", *SIZES[0], marks=pytest.mark.slow),
    ],
)
def test_pages_fit_the_screen_and_are_accessible(
    browser: Any, request: Any, which: str, width: int, scheme: str
) -> None:
    folder: Path = request.getfixturevalue(which)
    size = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    with opened(browser, folder / "report.html", **size) as found:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        assert not (problems := accessibility(found.page)), "\n".join(problems)
        if width == 390:
            chart = found.page.locator(".gantt").first
            assert chart.evaluate("it => it.scrollWidth - it.clientWidth") <= 1
    assert (found.complaints, found.requests) == ([], [])


def test_on_paper_the_period_is_named_and_no_control_is_left(page: Opened) -> None:
    page.page.emulate_media(media="print")
    assert page.page.locator("input[type=range]").first.is_hidden()
    assert page.page.locator(".chosen-network .paper").first.is_visible()


# -- the page of campaigns ------------------------------------------------------------------------


def test_campaigns_stand_side_by_side(browser: Any, campaigns: Path) -> None:
    text = flat(campaigns)
    assert "radar-first cuts deliveries most of 3 schedules, by 11.0 t, and yours least" in text
    assert "cannot be in force in y1: its lead of 1 year is not over" in text
    assert "flowopt evaluate networks/n --campaign boats --campaign radar-first" in text
    with opened(browser, campaigns / "report.html") as found:
        assert found.page.locator("#dots .dot").count() == 3
        names = found.page.locator("#campaigns tbody th").all_inner_texts()
        assert names == ["radar-first", "boats", "yours"]
        found.page.locator("[data-choice]").first.select_option(label="boats")
        charts = found.page.locator(".gantt table:visible tbody th").all_inner_texts()
        assert len(charts) == 1
        assert charts[0].startswith("Boats")
    assert (found.complaints, found.requests) == ([], [])


def test_budgets_have_their_frontier_and_each_one_its_chart(browser: Any, budgets: Path) -> None:
    text = flat(budgets)
    assert "3 M USD a year cut deliveries by 11.0 t of 26.0; 0 cut 0.0." in text
    assert "All 4 schedules are proved to be the best for their budget." in text
    assert "flowopt compare networks/n --budgets 0:3:1 --time-limit inf --out DIR" in text
    data: Any = data_of((budgets / "report.html").read_text("utf-8"))
    assert data["figures"]["frontier-0"]["value"] == [26.0, 26.0, 16.0, 15.0]
    assert data["figures"]["frontier-0"]["marginal"] == [None, 0.0, 10.0, 1.0]
    with opened(browser, budgets / "report.html") as found:
        assert "m_radar@y2" in found.page.inner_text("#chosen-0")
        found.page.select_option("#budget-0", index=2)
        assert "m_boats@y1" in found.page.inner_text("#chosen-0")
        charts = found.page.locator(".gantt table:visible tbody th").all_inner_texts()
        assert len(charts) == 2
    assert (found.complaints, found.requests) == ([], [])
    drawings = schedule_frontier_drawings(read_schedule_frontier(budgets, hostile()))
    assert list(drawings) == ["frontier", "lines"]
    assert len(drawings["frontier"]().axes) == 2


def test_an_objective_of_two_levels_has_pages_without_a_line_of_proofs(tmp_path: Path) -> None:
    """A proof's value is then the trafficker's, and not what the planner counts."""
    network = shipped("tiny-years")
    solve_over_time(network, budget=3, objective="bilevel").write(tmp_path / "one")
    evaluate_over_time(network, ["all"], objective="bilevel").write(tmp_path / "all")
    assert {row.closed for row in read_stored_schedule(tmp_path / "one", network).periods} == {None}
    assert read_campaigns(tmp_path / "all", network).baseline is None
    for name in ("one", "all"):
        page = tmp_path / f"{name}.html"
        make_report(tmp_path / name, network, place="n", page=page)
        data: Any = data_of(page.read_text("utf-8"))["figures"]
        texts = [each["text"] for each in data["lines"]["lines"]]
        assert not any("nothing opened" in text for text in texts)


# -- pictures, and results in Python --------------------------------------------------------------


def test_pictures_have_a_panel_for_what_the_page_shows(schedule: Path, campaigns: Path) -> None:
    drawings = schedule_drawings(read_stored_schedule(schedule, hostile()))
    assert list(drawings) == ["schedule", "lines", "exit", "mode", "maps"]
    (axes,) = drawings["schedule"]().axes
    assert axes.get_xticklabels()[0].get_text().startswith("First year")
    assert len(drawings["maps"]().axes) == 2
    assert len(drawings["mode"]().axes) == 2
    drawings = campaigns_drawings(read_campaigns(campaigns, hostile()))
    assert list(drawings) == ["campaigns", "lines"]
    texts = [text.get_text() for text in drawings["campaigns"]().axes[0].texts]
    assert sorted(texts) == ["boats", "radar-first", "yours"]


def test_a_result_in_python_has_the_page_of_its_folder(tmp_path: Path) -> None:
    network = shipped("tiny-years")
    files = solve_over_time(network, budget=3).report(tmp_path / "page.html", pictures=["svg"])
    assert [path.name for path in files] == [
        "page.html", "schedule.svg", "lines.svg", "exit.svg", "mode.svg", "maps.svg",
    ]  # fmt: skip
    evaluate_over_time(network, ["all"]).report(tmp_path / "all.html")
    assert "radar-first cuts deliveries most" in (tmp_path / "all.html").read_text("utf-8")
    none = solve_over_time(network, budget=0, include=["m_boats@y1"])
    with pytest.raises(RequestError, match="there is no plan"):
        none.report(tmp_path / "none.html")


def test_a_network_without_coordinates_or_openings_has_a_page(tmp_path: Path) -> None:
    network = line().replace(periods=[Period(period="one"), Period(period="two", years=3.0)])
    solve_over_time(network, budget=0).write(tmp_path / "out")
    make_report(tmp_path / "out", network, place="n", page=tmp_path / "out" / "report.html")
    text = flat(tmp_path / "out")
    assert "Nothing is bought, and no measure is in force." in text
    assert "t over 4 years" in text
    assert "What opens" not in text
    drawings = schedule_drawings(read_stored_schedule(tmp_path / "out", network))
    assert "maps" not in drawings
    assert "schedule" not in drawings


def test_other_data_and_broken_tables_are_refused(schedule: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is not about"):
        read_stored_schedule(schedule, shipped("tiny-years"))
    with pytest.raises(RequestError, match="a result over periods, and not the flow of one year"):
        read_result(schedule, hostile())
    network = shipped("tiny-years")
    none = solve_over_time(network, budget=0, include=["m_boats@y1"])
    none.write(tmp_path / "none")
    with pytest.raises(RequestError, match=r"holds no schedule \(status infeasible\)"):
        read_stored_schedule(tmp_path / "none", network)
    solve_over_time(network, budget=3).write(tmp_path / "out")
    certificate = tmp_path / "out" / "certificate.json"
    certificate.write_text(certificate.read_text("utf-8").replace('"y2"', '"y3"'), "utf-8")
    with pytest.raises(RequestError, match="periods are others than those of the network"):
        read_stored_schedule(tmp_path / "out", network)
    evaluate_over_time(network, ["all"]).write(tmp_path / "all")
    table = tmp_path / "all" / "campaigns.csv"
    table.write_text("\n".join(table.read_text("utf-8").splitlines()[:2]) + "\n", "utf-8")
    with pytest.raises(RequestError, match=r"campaigns\.csv lists other schedules"):
        read_campaigns(tmp_path / "all", network)


# -- parts ----------------------------------------------------------------------------------------


def test_a_purchase_is_on_order_idle_and_over_in_its_chart() -> None:
    """Bought in the first of six years, ready a year later, for three years; used in one."""
    measure = Measure(measure="m", name="M", cost=1.0, setup=2.0, lead=1.0, lasts=3.0)
    years = [Period(period=f"y{i}") for i in range(6)]
    network = line().replace(periods=years, measures=[measure])

    def row(period: str, *, bought: str = "", in_force: str = "") -> ScheduledRow:
        return ScheduledRow(campaign="", period=period, measure="m", name="M", kind="",
                            bought=bought, in_force=in_force, setup=2.0 if bought else 0.0,
                            cost=1.0 if in_force else 0.0)  # fmt: skip

    (found,) = chart_rows(network, [row("y0", bought="yes"), row("y2", in_force="yes")])
    assert [cell.state for cell in found.cells] == [
        "order", "idle", "force", "idle", "over", "over",
    ]  # fmt: skip
    assert found.cells[0] == ChartCell("order", bought=True)
    assert found.cells[0].words == "bought"
    assert found.spent == 3.0


def test_what_opens_is_told_thing_by_thing() -> None:
    years = [Period(period=f"y{i}") for i in range(3)]
    opening = Opening(on="arc", target="a1", most=5.0)
    network = line().replace(periods=years, openings=[opening])

    def row(period: str, name: str, opened: float, baseline: float) -> OpeningChange:
        return OpeningChange(period=period, on="arc", id=name, commodity="", opened_before=0.0,
                             opened=opened, capacity_before=20.0, capacity_after=20.0 + opened,
                             opening_cost=opened / 10.0, shadow_price=0.0,
                             opened_baseline=baseline)  # fmt: skip

    rows = [row("y2", "a1", 2.0, 0.0), row("y0", "a1", 5.0, 5.0), row("y1", "a1", 5.0, 0.0),
            row("y0", "a2", 0.0, 3.0)]  # fmt: skip
    things = opened_things(network, rows)
    assert [(each.target, each.effect, each.added) for each in things] == [
        ("a1", "more", 12.0), ("a2", "prevented", 0.0),
    ]  # fmt: skip
    assert when_opened(network, things[0].opened) == "y0 to y1: 5.0 each; y2: 2.0"
    assert list(opened_sentences(things, "M USD")) == [
        "Under the schedule the trafficker adds to 1 capacity, for 1.20 M USD.",
        "The schedule prevents what would open without measures: Town to Market.",
    ]


def test_lines_that_run_together_are_one_and_small_parts_too() -> None:
    periods = [Period(period="a"), Period(period="b", years=2.0)]
    lines = [Line("baseline", "one", (10.0, 20.0)), Line("plan", "other", (10.0, 20.0001)),
             Line("myopic", "third", (10.0, 19.0))]  # fmt: skip
    assert [each["text"] for each in lines_data(periods, lines, "w", "t")["lines"]] == [
        "one = other", "third",
    ]  # fmt: skip
    bars = ({f"p{i}": float(i) for i in range(12)}, {"p1": 100.0})
    data = stack_data(periods, [[Panel("x", bars)]], "t")
    assert data["parts"] == ["p1", "p11", "p10", "p9", "p8", "p7", "p6", "all others"]
    assert data["sets"][0][0]["bars"][0][-1] == 2.0 + 3.0 + 4.0 + 5.0
    assert sum(data["sets"][0][0]["bars"][0]) == sum(range(12))
