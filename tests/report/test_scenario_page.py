"""The page of a plan for several scenarios, in a real browser with the network off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.network.schema import Change, Scenario
from flowopt.planning.evaluate import evaluate
from flowopt.planning.solve import solve
from flowopt.report.page_files import make_report
from flowopt.report.result_reader import read_result
from flowopt.report.scenario_pictures import scenario_drawings
from flowopt.report.scenario_words import sentences
from flowopt.report.stored_scenarios import read_scenarios
from flowopt.report.units import Units
from flowopt.results.scenario_solution import ScenarioRow
from tests.networks import line
from tests.report.browser import Opened, opened
from tests.report.test_result_page import EVIL, hostile


def in_scenarios(network: Network) -> Network:
    """Return a network with scenarios in which its supplies and its first leg differ."""
    return network.replace(
        scenarios=[
            Scenario(scenario="plain", name="plain", weight=2.0),
            Scenario(scenario="dry", name=f"A dry year {EVIL}"),
            Scenario(scenario="narrow", name="A narrow road"),
        ],
        changes=[
            Change(scenario="dry", on="supply", target="*", column="capacity", factor=0.5),
            Change(scenario="narrow", on="arc", target="road", column="capacity", factor=0.25,
                   grade="B"),
        ],
    )  # fmt: skip


NETWORK = in_scenarios(hostile())


@pytest.fixture(
    scope="module",
    # The words of the slow ones are those of the first, but for one sentence.
    params=[
        "expected",
        "cut",
        "regret",
        pytest.param("worst", marks=pytest.mark.slow),
        pytest.param("cvar", marks=pytest.mark.slow),
    ],
)
def folder(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = tmp_path_factory.mktemp("scenarios") / request.param
    solve(NETWORK, budget=4, criterion=request.param).write(place)
    make_report(place, NETWORK, place="networks/n", page=place / "report.html")
    return place


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("expected") / "out"
    solve(NETWORK, budget=4, criterion="expected").write(place)
    make_report(place, NETWORK, place="networks/n", page=place / "report.html")
    return place


@pytest.fixture
def page(browser: Any, expected: Path) -> Iterator[Opened]:
    with opened(browser, expected / "report.html") as found:
        yield found
    assert (found.complaints, found.requests) == ([], [])


def flat(folder: Path) -> str:
    text = (folder / "report.html").read_text("utf-8")
    return " ".join(re.sub(r"<[^>]*>", "", text).split())


def test_a_page_answers_what_its_criterion_asks(folder: Path) -> None:
    found = read_scenarios(folder, NETWORK)
    text = flat(folder)
    answer = {
        "expected": "in the mean of 3 scenarios from",
        "worst": "in the worst of 3 scenarios from",
        "cut": "t a year, whichever of the 3 scenarios holds.",
        "regret": "of the best plan for each of the 3 scenarios, whichever holds.",
        "cvar": "in the mean of the worst 20% of the weight of 3 scenarios from",
    }[folder.name]
    assert answer in text
    assert "Proved: no plan" in text
    assert f"flowopt solve networks/n --budget 4 --criterion {folder.name}" in text
    assert "It cuts least in" in text
    assert ("looking at all 3 is worth" in text) == (folder.name == "expected")
    assert "What the scenarios say differently is assumed in 1 of its 2 rows." in text
    assert found.leading in {row.scenario for row in found.rows}
    raw = (folder / "report.html").read_text("utf-8")
    assert EVIL not in raw


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_scenario_has_its_bars_and_nothing_is_wider_than_the_screen(
    browser: Any, expected: Path, width: int, scheme: str
) -> None:
    size = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with opened(browser, expected / "report.html", **size) as found:
        stored = read_scenarios(expected, NETWORK)
        bars = found.page.locator("#strip rect[class^=bar-]").evaluate_all(
            "all => all.map(bar => [bar.getAttribute('class'), bar.getBBox().width])"
        )[3:]  # the first three are the key
        assert [name for name, _ in bars] == ["bar-nothing", "bar-plan", "bar-best"] * 3
        most = max(row.baseline for row in stored.rows)
        longest = max(width for _, width in bars)
        left = [t for row in stored.rows for t in (row.baseline, row.value, row.own_best)]
        assert [length for _, length in bars] == pytest.approx(
            [max(1.0, longest * t / most) for t in left], abs=0.3
        )
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        assert (found.complaints, found.requests) == ([], [])


def test_one_choice_turns_every_part_to_a_scenario(page: Opened) -> None:
    first = page.page.locator("#worlds tbody tr th").all_inner_texts()
    assert len(first) == 3
    notes = []
    for place in range(3):
        page.page.locator("[data-choice]").first.select_option(index=place)
        values = page.page.locator("[data-choice]").evaluate_all("all => all.map(x => x.value)")
        assert values == [str(place)] * 3
        shown = page.page.locator("[data-network]:not([hidden])").evaluate_all(
            "all => all.map(x => x.dataset.network)"
        )
        assert set(shown) == {str(place)}
        notes.append(page.page.inner_text("#sankey-note") + page.page.inner_text(".biggest"))
    assert len(set(notes)) > 1


def test_the_leading_scenario_is_shown_first_and_on_paper(page: Opened, expected: Path) -> None:
    leading = read_scenarios(expected, NETWORK).leading
    assert leading == "plain"
    assert page.page.locator("[data-choice]").first.input_value() == "0"
    page.page.emulate_media(media="print")
    assert page.page.locator("[data-chosen]").first.inner_text() == "plain"
    assert page.page.locator("[data-choice]").first.is_hidden()


def test_a_plan_made_by_hand_has_a_page_as_well(tmp_path: Path) -> None:
    made = evaluate(NETWORK, ["m_strip"], criterion="cut")
    made.write(tmp_path / "out")
    make_report(tmp_path / "out", NETWORK, place="n", page=tmp_path / "out" / "report.html")
    text = flat(tmp_path / "out")
    assert "your plan of 1 measure cuts" in text
    assert "made by hand and its values are exact" in text
    assert "flowopt evaluate n --measures m_strip --criterion cut" in text


def test_pictures_are_a_strip_and_those_of_the_leading_scenario(expected: Path) -> None:
    drawn = scenario_drawings(read_scenarios(expected, NETWORK))
    assert list(drawn) == ["strip", "map", "change", "source", "flow"]
    (axes,) = drawn["strip"]().axes
    assert len(axes.patches) == 9
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[0] == "plain"
    assert names[1].startswith("A dry year")
    assert names[1].endswith("(dry)")


def test_a_network_without_coordinates_or_a_cut_has_a_page(tmp_path: Path) -> None:
    network = line().replace(
        scenarios=[Scenario(scenario="one", name="One"), Scenario(scenario="two", name="Two")],
        changes=[Change(scenario="two", on="supply", target="*", column="capacity", value=0.0)],
    )
    solve(network, budget=0, criterion="regret").write(tmp_path / "out")
    make_report(tmp_path / "out", network, place="n", page=tmp_path / "out" / "report.html")
    assert "Without measures nothing is cut in any of the 2 scenarios." in flat(tmp_path / "out")
    assert list(scenario_drawings(read_scenarios(tmp_path / "out", network))) == ["strip", "flow"]


def test_other_data_a_broken_table_and_no_plan_are_told(expected: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is not about"):
        read_scenarios(expected, hostile())
    with pytest.raises(RequestError, match="one plan for several scenarios, and not the flow"):
        read_result(expected, NETWORK)
    none = solve(NETWORK, budget=0, include=["m_strip"], criterion="cut")
    none.write(tmp_path / "none")
    with pytest.raises(RequestError, match=r"holds no plan \(status infeasible\)"):
        read_scenarios(tmp_path / "none", NETWORK)
    solve(NETWORK, budget=4, criterion="cut").write(tmp_path / "out")
    table = tmp_path / "out" / "scenarios.csv"
    table.write_text("\n".join(table.read_text("utf-8").splitlines()[:2]) + "\n", "utf-8")
    with pytest.raises(RequestError, match="lists other scenarios"):
        read_scenarios(tmp_path / "out", NETWORK)


def test_warnings_about_scenarios_left_aside_are_not_on_the_page(tmp_path: Path) -> None:
    """As on the terminal: `check` has them."""
    network = NETWORK.replace(
        changes=[Change(scenario="dry", on="supply", target="*", column="capacity", value=0.0)]
    )
    solution = solve(network, budget=4)
    assert any(": in scenario" in warning for warning in solution.warnings)
    solution.write(tmp_path / "out")
    make_report(tmp_path / "out", network, place="n", page=tmp_path / "out" / "report.html")
    assert "in scenario" not in flat(tmp_path / "out")


@pytest.mark.parametrize(("own_bound", "told"), [(3.991, False), (2.5, True)])
def test_best_plans_of_scenarios_that_are_only_known_are_called_so(
    own_bound: float, told: bool
) -> None:
    row = ScenarioRow(
        scenario="dry",
        name="Dry",
        weight=1.0,
        baseline=10.0,
        value=5.0,
        low=5.0,
        high=5.0,
        cut=5.0,
        cut_share=0.5,
        own_best=4.0,
        own_bound=own_bound,
        regret=1.0,
        own_measures="m1",
    )
    summary = {"regret_high": None, "value": 5.0, "looking": None, "knowing_bound": None}
    text = " ".join(sentences(summary, [row], None, Units(line(), "flow")))
    assert ("best that is known" in text) is told
    assert ("up to 1.50 t less may be possible in a scenario alone." in text) is told
