"""The frontier of a comparison on the live page."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.errors import RequestError
from flowopt.report.result_writer import write_frontier
from flowopt.serve.known_frontier import KnownFrontier
from tests.networks import ROOT, SHIPPED, shipped
from tests.serve.live_client import serving
from tests.serve.test_live_page import opened

BUDGETS = (0.0, 2.0, 5.0)


def compared(folder: Path, **options: Any) -> Path:
    found = flowopt.compare(shipped("tiny"), budgets=BUDGETS, **options)
    write_frontier(found, [shipped("tiny")], folder)
    return folder


def test_points_are_those_of_the_comparison(tmp_path: Path) -> None:
    network = shipped("tiny")
    points = KnownFrontier(compared(tmp_path / "out"), network).points(network, "flow")
    assert [point["spent"] for point in points] == list(BUDGETS)
    for point in points:
        own = flowopt.solve(network, budget=point["spent"])
        assert point["value"] == pytest.approx(own.value)
        assert point["bound"] == pytest.approx(own.bound)
        assert point["proved"]
        assert flowopt.respond(network, point["measures"]).value == pytest.approx(own.value)


def test_another_question_has_no_points_of_it() -> None:
    network = shipped("peru-2014")
    known = KnownFrontier(ROOT / "results/peru-2014/frontier", network)
    assert len(known.points(network, "flow")) == 17
    assert known.points(network, "profit") == []
    assert "other objectives" in known.note(network, "profit")
    high = network.scenario("high")
    assert known.points(high, "flow") == []
    assert "another scenario" in known.note(high, "flow")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"include": ["m_strip"]}, "--include"),
        ({"exclude": ["m_strip"]}, "--exclude"),
        ({"objectives": ["bilevel"], "ties": "optimistic"}, "--ties"),
    ],
)
def test_a_comparison_under_conditions_is_refused(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(RequestError, match=said):
        KnownFrontier(compared(tmp_path / "out", **options), shipped("tiny"))


def test_what_is_no_frontier_of_the_network_is_refused(tmp_path: Path) -> None:
    folder = compared(tmp_path / "out")
    with pytest.raises(RequestError, match="not about 'two-bridges'"):
        KnownFrontier(folder, shipped("two-bridges"))
    changed = Path(shutil.copytree(SHIPPED / "tiny", tmp_path / "tiny"))
    table = changed / "measures.csv"
    head, first, *others = table.read_text().splitlines()
    cells = first.split(",")
    cells[head.split(",").index("cost")] = "77"
    table.write_text("\n".join([head, ",".join(cells), *others]) + "\n")
    with pytest.raises(RequestError, match="as it is now"):
        KnownFrontier(folder, flowopt.read_network(changed))
    with pytest.raises(RequestError, match="no comparison"):
        KnownFrontier(ROOT / "results/peru-2014/budget-20", shipped("peru-2014"))


@pytest.mark.slow
def test_the_point_moves_with_the_budget(browser: Any, tmp_path: Path) -> None:
    network = shipped("tiny")
    two, five = (flowopt.solve(network, budget=budget) for budget in BUDGETS[1:])
    assert two.value is not None
    assert five.value is not None
    assert five.bound is not None
    with (
        serving("networks/tiny", "--frontier", compared(tmp_path / "out")) as served,
        opened(browser, served, "#b=5") as live,
    ):
        live.settled(1)
        said = live.text("#money-state")
        assert f"For 5 M USD the frontier's plan leaves {five.value:,.2f} t" in said
        assert f"Yours leaves {10.0 - five.value:,.2f} more" in said
        live.page.fill("#budget", "3")
        live.page.keyboard.press("Enter")
        live.settled(2)
        said = live.text("#money-state")
        assert "the best plan known is the frontier's plan for 2" in said
        least = f"{two.value:,.2f} t; no plan for this money leaves less than {five.bound:,.2f}"
        assert f"it leaves {least}" in said  # below the bound at 5, for more money than that
        live.page.click("#frontier-take")
        live.settled(3)
        assert "Yours leaves as much" in live.text("#money-state")
        assert live.page.locator("#shelf li.ticked").count() == len(two.measures)
    assert live.is_quiet()
