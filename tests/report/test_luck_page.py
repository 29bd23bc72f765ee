"""The page and the pictures of a plan whose measures may fail."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.planning.evaluate import evaluate
from flowopt.planning.solve import solve
from flowopt.report.luck_page import distribution, outcomes_of
from flowopt.report.luck_pictures import luck_drawings
from flowopt.report.page_files import make_report
from flowopt.report.stored_luck import read_luck
from flowopt.results.luck_rows import LuckPlanRow
from flowopt.results.luck_solution import OutcomeRow
from flowopt.results.rows import Rows
from tests.command import run
from tests.networks import shipped
from tests.planning.lucky import of_luck
from tests.report.browser import opened
from tests.report.test_result_page import EVIL, hostile
from tests.report.test_scenario_page import in_scenarios


def lucky(network: Network) -> Network:
    """Return a network whose measures work in seven of ten years."""
    return network.replace(measures=[replace(row, success=0.7) for row in network.measures])


NETWORK = lucky(in_scenarios(hostile()))


@pytest.fixture(scope="module", params=["solve", "evaluate", "cut"])
def folder(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = tmp_path_factory.mktemp("luck") / request.param
    names = [row.measure for row in NETWORK.measures[:2]]
    if request.param == "solve":
        solve(NETWORK, budget=4).write(place)
    elif request.param == "evaluate":
        evaluate(NETWORK, names).write(place)
    else:
        evaluate(NETWORK, names, criterion="cut").write(place)
    make_report(place, NETWORK, place="networks/n", page=place / "report.html")
    return place


def test_a_page_tells_the_mean_and_how_it_spreads(folder: Path) -> None:
    raw = (folder / "report.html").read_text("utf-8")
    text = " ".join(re.sub(r"<[^>]*>", "", raw).split())
    assert "a year in the mean over what works" in text
    assert "all of it works in" in text
    assert "Flows, maps and markets below are those when all works that can." in text
    sure = ("Proved", "Not proved") if folder.name == "solve" else ("was not asked",)
    assert any(words in text for words in sure)
    verb = "solve" if folder.name == "solve" else "evaluate"
    assert f"flowopt {verb} networks/n" in text
    if folder.name == "cut":
        assert "cuts at least" in text
        assert "sure cut" in text
    assert EVIL not in raw


@pytest.mark.parametrize("width", [1280, 390])
def test_the_bars_are_drawn_and_nothing_complains(browser: Any, folder: Path, width: int) -> None:
    with opened(browser, folder / "report.html", viewport={"width": width, "height": 800}) as found:
        bars = found.page.locator("#strip rect[class^=bar-]").count()
        stored = read_luck(folder, NETWORK)
        rows = distribution(outcomes_of(stored, stored.rows[0].scenario))["rows"]
        assert bars == 1 + len(rows)  # one is the key
        wide = found.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
    assert (found.complaints, found.requests) == ([], [])


def test_bars_hold_all_luck_and_the_values_within_their_ends() -> None:
    rows = [
        OutcomeRow("", "m1;m2", "", 0.5, None, 2.0),
        OutcomeRow("", "m1", "", 0.3, None, 8.0),
        OutcomeRow("", "", "", 0.2, None, 10.0),
    ]
    bars = distribution(rows)["rows"]
    assert sum(row["bars"][0]["t"] for row in bars) == pytest.approx(100.0)
    assert (bars[0]["bars"][0]["t"], bars[-1]["bars"][0]["t"]) == (50.0, 20.0)
    assert (bars[0]["name"], bars[-1]["name"]) == ("2.00 to 2.67", "9.33 to 10.00")
    drawn = [replace(row, drawn=count) for row, count in zip(rows, (1, 2, 1), strict=True)]
    assert distribution(drawn)["rows"][0]["bars"][0]["t"] == 25.0
    (one,) = distribution(rows[:1])["rows"]
    assert one["name"] == "2.00"


@pytest.mark.slow
def test_pictures_are_drawn_and_belong_to_the_result(folder: Path) -> None:
    assert "strip" in luck_drawings(read_luck(folder, NETWORK))
    done = run("report", folder, "--svg", "--force")
    assert done.returncode == 0, done.stderr
    assert (folder / "strip.svg").is_file()
    assert run("verify", folder).returncode == 0


def test_a_page_tells_plans_beside_and_how_sure_worths_are(tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    found = of_luck(network, ["m_north", "m_south"], against=["coverage"])
    drawn = [replace(row, how="sampled", half_width=0.25) for row in found.plan]
    lied = replace(found, plan=Rows(LuckPlanRow, drawn))
    lied.write(tmp_path / "result", network=network)
    assert run("report", tmp_path / "result").returncode == 0
    raw = (tmp_path / "result" / "report.html").read_text("utf-8")
    text = " ".join(re.sub(r"<[^>]*>", " ", raw).split())
    assert "3.92 ± 0.25" in text
    assert "the plan that covers most of today&#39;s flow" in text
    assert "Beside it" in text
