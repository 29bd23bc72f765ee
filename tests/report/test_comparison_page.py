"""The page and the picture of a comparison, against tables written from single plans."""

from __future__ import annotations

import csv
import html
import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.planning.compare import compare
from flowopt.planning.solve import solve
from flowopt.report.comparison_page import compare_command
from flowopt.report.comparison_reader import is_comparison, read_comparison
from flowopt.report.frontier_sections import sweep_data
from flowopt.report.headline import Headline
from flowopt.report.page_files import make_report
from flowopt.report.page_parts import Column, Page, Row, Section, Table, name_cell, number_cell
from flowopt.report.page_render import render
from flowopt.report.pictures import frontier_drawings, sweep_figure
from flowopt.report.quality_text import QualityText
from flowopt.report.result_writer import write_frontier
from tests.networks import shipped
from tests.report.browser import opened
from tests.report.pages import accessibility
from tests.report.test_result_page import data_of, hostile, without_scripts

BUDGETS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
# By hand, from network.toml and the effects of tiny: 10, 9 (strip), 8 (other crops, or the like),
# 7 (scanner and vetting), 6 (the strip too), 5 (uproot).
VALUES = (10.0, 9.0, 8.0, 7.0, 6.0, 5.0)


def write(path: Path, header: str, rows: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header.split(), *rows])


def comparison_of(network: Network, folder: Path, **changes: Any) -> Path:
    """Write the files of a comparison: the best plan of each budget, and a ladder."""
    plans = [solve(network, budget=budget) for budget in BUDGETS]
    folder.mkdir()
    key = [network.info.id, "flow"]
    marginal = ["", *(a.value - b.value for a, b in itertools.pairwise(plans))]  # type: ignore[operator]  # what the test knows
    write(
        folder / "frontier.csv",
        "network objective budget spent value bound gap baseline cut cut_share marginal "
        "n_measures measures status seconds",
        [
            [*key, b, p.spent, p.value, p.bound, p.gap, p.baseline, p.cut, p.cut_share, m,
             len(p.measures), ";".join(p.measures), p.status, 0.1]
            for b, p, m in zip(BUDGETS, plans, marginal, strict=True)
        ],
    )  # fmt: skip
    write(
        folder / "measures.csv",
        "network objective measure name cost budget chosen n_plans role",
        [
            [*key, m.measure, m.name, m.cost, b, int(m.measure in p.measures),
             sum(m.measure in q.measures for q in plans), "switch"]
            for m in network.measures
            for b, p in zip(BUDGETS, plans, strict=True)
        ],
    )  # fmt: skip
    write(
        folder / "ladder.csv",
        "network objective budget buy spent value best regret regret_share knee step",
        [[*key, 0, "", 0, 10, 10, 0, "", 0, ""],
         [*key, 4, "m_strip;m_scanner;m_vetting", 4, 6, 6, 0, 0, 1, ""]],
    )  # fmt: skip
    about = {
        "network": network.info.id, "input_sha256": network.sha256, "objective": "flow",
        "baseline": 10.0, "rows": 6, "proved": 6, "complete": None, "core": [], "stays": [],
        "switches": {}, "knees": [4.0], "most_regret": 0.25, "warnings": [],
    }  # fmt: skip
    summary = {
        "flowopt": "0.1.0", "format": 2, "budgets": list(BUDGETS), "resources": {"crew": 3.0},
        "include": [], "exclude": ["m_none"], "allowed_gap": 1e-4, "time_limit": None,
        "rows": 6, "proved": 6,
        "frontiers": [{**about, **changes}],
        "solver": {"name": "highs", "version": "1", "threads": 1}, "seconds": {"total": 1.0},
    }  # fmt: skip
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return comparison_of(shipped("tiny"), tmp_path_factory.mktemp("c") / "out")


def page_of(folder: Path, network: Network) -> Path:
    make_report(folder, network, place="n", page=folder / "report.html", force=True)
    return folder / "report.html"


def test_it_is_told_from_a_single_result(tiny: Path) -> None:
    assert is_comparison(tiny)
    found = read_comparison(tiny, shipped("tiny"))
    data = sweep_data(found, found.sweeps[0])
    assert data["budgets"] == list(BUDGETS)
    assert data["value"] == pytest.approx(VALUES)
    assert data["marginal"] == [None, *[pytest.approx(1.0)] * 5]
    assert data["ladder"] == {"x": [0.0, 4.0], "y": [10.0, 6.0]}


def test_what_it_says(tiny: Path) -> None:
    text = html.unescape(without_scripts(page_of(tiny, shipped("tiny")).read_text("utf-8")))
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", text) == [
        "The first 4 M USD a year take 4.0 t off deliveries, at 1 M USD a tonne; beyond that the "
        "next ones cost 1 M USD each."
    ]
    assert "All 6 values are proved: no plan for the money does better." in text
    assert "loses at most 0.25 t a year against the best plan" in text
    rows = re.findall(r"<tr>.*?</tr>", text[text.index('id="budgets-0"') :])
    assert sum("knee" in row for row in rows) == 1
    assert "flowopt compare n --budgets 0,1,2,3,4,5 --resource crew=3 --exclude m_none" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"proved": 4}, "4 of 6 values are proved"),
        ({"complete": True}, "Every change of the best plan larger than the gap"),
        ({"complete": False}, "Time ran out, so changes"),
        ({"complete": False}, "are those of the budgets found so far"),
        ({"proved": 4}, "against the best plan known"),
        ({"knees": []}, "no knee in this range"),
    ],
)
def test_doubts_are_said(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    folder = comparison_of(shipped("tiny"), tmp_path / "out", **changes)
    assert said in without_scripts(page_of(folder, shipped("tiny")).read_text("utf-8"))


def test_other_data_are_refused(tiny: Path, tmp_path: Path) -> None:
    network = shipped("tiny")
    with pytest.raises(RequestError, match="not about 'two-bridges', but about tiny"):
        read_comparison(tiny, shipped("two-bridges"))
    with pytest.raises(RequestError, match="sha256"):
        read_comparison(tiny, network.replace(earnings=()))
    folder = comparison_of(network, tmp_path / "out")
    (folder / "ladder.csv").unlink()
    with pytest.raises(RequestError, match="can't be read"):
        read_comparison(folder, network)


def test_the_heat_map_and_the_table_hold_the_plans(tiny: Path) -> None:
    found = read_comparison(tiny, shipped("tiny"))
    text = page_of(tiny, shipped("tiny")).read_text("utf-8")
    plans = {float(r["budget"]): set(filter(None, r["measures"].split(";")))
             for r in found.sweeps[0].rows}  # fmt: skip
    heat = text[text.index('<table id="heat-0"') :]
    heat = heat[: heat.index("</table>")]
    rows = re.findall(r'<span class="id">(.*?)</span></th>(.*?)</tr>', heat)
    assert {name for name, _ in rows} == set().union(*plans.values())
    for name, cells in rows:
        held = ["full" in cell for cell in re.findall(r'<td class="(.*?)">', cells)]
        assert held == [name in plans[b] for b in BUDGETS]
    data = data_of(text)["figures"]["frontier-0"]["plans"]  # type: ignore[index]  # what the test knows
    for budget, plan in zip(BUDGETS, data, strict=True):
        assert {measure["id"] for measure in plan["measures"]} == plans[budget]


def test_all_budgets_are_asked_for_as_such(tiny: Path) -> None:
    found = read_comparison(tiny, shipped("tiny"))
    found.summary["budgets"] = "all"
    assert "--budgets all" in compare_command(found, "n")


def test_the_picture_has_the_frontier_and_the_ladder(tiny: Path) -> None:
    found = read_comparison(tiny, shipped("tiny"))
    assert list(frontier_drawings(found)) == ["frontier"]
    upper, lower = sweep_figure(found, found.sweeps[0]).axes
    assert list(upper.lines[0].get_ydata()) == pytest.approx(list(VALUES))
    assert list(upper.lines[1].get_xdata()) == [0.0, 4.0]
    assert len(upper.collections) == 5
    assert [bar.get_height() for bar in lower.patches] == pytest.approx([1.0] * 5)


@pytest.mark.parametrize(
    ("width", "scheme"), [(390, "dark"), pytest.param(1280, "light", marks=pytest.mark.slow)]
)
def test_the_page_in_a_browser(browser: Any, tmp_path: Path, width: int, scheme: str) -> None:
    network = hostile()
    page = page_of(comparison_of(network, tmp_path / "out"), network)
    size = {"width": width, "height": 844}
    with opened(browser, page, viewport=size, color_scheme=scheme) as found:
        count = "name => document.querySelectorAll(`#frontier-0 > svg > ${name}`).length"
        assert found.page.evaluate(count, ".point") == 6
        assert found.page.evaluate(count, ".rung") == 2
        assert found.page.evaluate(count, ".ring") == 1  # the knee
        assert found.page.locator("#frontier-0 .gain").count() == 5
        cells = found.page.locator("#heat-0 td.full").count()
        assert cells == 1 + 1 + 2 + 3 + 1  # measures of the plans for 1, 2, 3, 4, 5 M USD
        assert "</script><img" in found.page.text_content("#heat-0")
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        problems = accessibility(found.page)
        assert not problems, "\n".join(problems)
    assert (found.complaints, found.requests) == ([], [])


def test_a_click_on_a_budget_shows_its_plan_and_its_map(browser: Any, tmp_path: Path) -> None:
    network = shipped("tiny")
    write_frontier(compare([network], budgets="0:5:1"), [network], tmp_path / "out")
    with opened(browser, page_of(tmp_path / "out", network)) as found:
        seen = []
        for budget in (1, 5):
            found.page.select_option("#budget-0", label=f"{budget} M USD")
            listed = found.page.locator("#chosen-0 li").all_inner_texts()
            plan = solve(network, budget=budget).measures
            assert len(listed) == len(plan)
            assert all(any(name in text for text in listed) for name in plan)
            seen.append(found.page.inner_text("#map-0 .biggest"))
        assert seen[0] != seen[1]
        found.page.locator("#frontier-0 .column").nth(4).click()
        assert found.page.input_value("#budget-0") == "4"
        assert "m_vetting" in found.page.inner_text("#chosen-0")
    assert (found.complaints, found.requests) == ([], [])


def test_deliveries_by_continent_and_budget(tmp_path: Path) -> None:
    network = shipped("tiny")
    write_frontier(compare([network], budgets="0:5:1"), [network], tmp_path / "out")
    text = page_of(tmp_path / "out", network).read_text("utf-8")
    table = text[text.index('<table id="continents-0"') :]
    rows = re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")])[1:]
    sums = [sum(map(float, re.findall(r'data-v="([0-9.]+)"', row)[1:])) for row in rows]
    assert sums == pytest.approx(list(VALUES))


def test_what_compare_writes_makes_a_page(tmp_path: Path) -> None:
    networks = [shipped("tiny"), shipped("two-bridges")]
    found = compare(networks, budgets="0:5:1", objectives=["flow", "profit"])
    write_frontier(found, networks, tmp_path / "out")
    for network in networks:
        back = read_comparison(tmp_path / "out", network)
        assert [sweep.about["objective"] for sweep in back.sweeps] == ["flow", "profit"]
        mine = [row for row in found.frontier if row.network == network.info.id]
        assert [float(r["value"]) for s in back.sweeps for r in s.rows] == pytest.approx(
            [row.value for row in mine], rel=1e-9
        )
        text = without_scripts(page_of(tmp_path / "out", network).read_text("utf-8"))
        assert "What money buys, objective flow" in text
        assert "What money buys, objective profit" in text
        assert list(frontier_drawings(back)) == ["frontier-flow", "frontier-profit"]


def test_a_long_table_begins_with_few_rows_on_a_narrow_screen(browser: Any, tmp_path: Path) -> None:
    """Those of a wide screen stay; a sort keeps how many there are; a button brings the rest."""
    rows = tuple(Row((name_cell(f"row {i}"), number_cell(float(i)))) for i in range(9))
    columns = (Column("name"), Column("n", number=True))
    table = Table("long", "A long table", columns, rows, narrow=4)
    quality = QualityText("", ())
    section = Section("it", "It", "table.html", {"table": table})
    text = render(Page("n", "T", "", "", Headline("A", (), ()), quality, (), (section,)))
    path = tmp_path / "page.html"
    path.write_text(text, "utf-8")
    for width, seen in ((390, 4), (1280, 9)):
        with opened(browser, path, viewport={"width": width, "height": 800}) as found:
            visible = found.page.locator("#long tbody tr:visible")
            assert visible.count() == seen
            found.page.locator("#long button.sort").nth(1).click()
            assert visible.first.inner_text().startswith("row 8")
            assert visible.count() == seen
            button = found.page.get_by_role("button", name="All 9 rows")
            assert button.is_visible() == (width == 390)
            if width == 390:
                button.click()
                assert visible.count() == 9
            assert (found.complaints, found.requests) == ([], [])
