"""The page of what the trafficker does over periods, in a real browser, and its pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowopt.errors import RequestError
from flowopt.planning.evaluate_over_time import respond_over_time
from flowopt.report.page_files import make_report
from flowopt.report.response_over_time_page import openings_table, response_headline
from flowopt.report.response_over_time_pictures import response_over_time_drawings
from flowopt.report.stored_response_over_time import read_response_over_time
from flowopt.results.over_time_rows import OpenedRow
from tests.networks import shipped
from tests.report.browser import Opened, opened
from tests.report.pages import accessibility
from tests.report.test_result_page import EVIL, VERY_EVIL, data_of
from tests.report.test_schedule_page import SIZES, flat, hostile


@pytest.fixture(scope="module")
def response(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("flow") / "out"
    respond_over_time(hostile(), time_limit=300.0).write(place)
    make_report(place, hostile(), place="networks/n", page=place / "report.html")
    return place


@pytest.fixture
def page(browser: Any, response: Path) -> Iterator[Opened]:
    with opened(browser, response / "report.html") as found:
        yield found
    assert (found.complaints, found.requests) == ([], [])


def test_the_answer_says_what_rests_on_openings(response: Path) -> None:
    text = flat(response)
    assert "without measures, deliveries come to 26.0 t;" in text
    assert "had the trafficker opened nothing, to 20.0: 23% less." in text
    assert "The trafficker adds to 1 capacity, for 0.60 M USD." in text
    assert "flowopt flow networks/n --out DIR" in text
    raw = (response / "report.html").read_text("utf-8")
    assert EVIL not in raw
    assert VERY_EVIL not in raw


def test_lines_and_bars_hold_the_numbers_of_the_result(response: Path, page: Opened) -> None:
    data: Any = data_of((response / "report.html").read_text("utf-8"))["figures"]
    lines = {line["text"]: line["values"] for line in data["lines"]["lines"]}
    assert lines == {"if nothing opened": [10.0, 10.0], "with what opens": [10.0, 16.0]}
    bars = data["by-mode-bars"]
    assert bars["parts"] == ["river", "air"]
    assert [each["title"] for each in bars["sets"][0]] == list(lines)
    assert [each["bars"] for each in bars["sets"][0]] == [
        [[10.0, 0.0], [10.0, 0.0]],
        [[10.0, 0.0], [10.0, 6.0]],
    ]
    rows = page.page.locator("#by-period tbody tr").all()
    assert [row.locator("td").all_inner_texts() for row in rows] == [
        ["1", "10.00", "10.00", "10.00", "6.00"],
        ["1", "16.00", "10.00", "16.00", "0.00"],
    ]
    assert page.page.locator("#opened tbody td").all_inner_texts()[1:] == ["6.0", "0.0", "0.60"]


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_the_page_fits_the_screen_and_is_accessible(
    browser: Any, response: Path, width: int, scheme: str
) -> None:
    size = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    with opened(browser, response / "report.html", **size) as found:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        assert not (problems := accessibility(found.page)), "\n".join(problems)


def test_what_opens_in_several_periods_is_one_row(response: Path) -> None:
    found = read_response_over_time(response, hostile())
    row = found.openings[0]
    later = replace(row, period="y2", opened=1.0, opened_before=6.0)
    other = OpenedRow("y1", "arc", "river", "", 0.0, 9.0, 10.0, 19.0, 0.3, 0.0)
    table = openings_table(replace(found, openings=(later, row, other)))
    assert [each.cells[2].value for each in table.rows] == [9.0, 7.0]
    assert [each.cells[4].value for each in table.rows] == [0.3, 1.2]


@pytest.mark.parametrize("objective", ["profit", "bilevel"])
def test_other_objectives_count_their_own(objective: Any, tmp_path: Path) -> None:
    network = shipped("tiny-years")
    respond_over_time(network, objective=objective).write(tmp_path / "out")
    found = read_response_over_time(tmp_path / "out", network)
    answer = response_headline(found).answer
    assert ("profit comes to 25.4 M USD" in answer) == (objective == "profit")
    assert [row.closed for row in found.periods] == (
        [10.0, 10.0] if objective == "profit" else [None, None]
    )
    make_report(tmp_path / "out", network, place="n", page=tmp_path / "page.html")


def test_a_schedule_and_nothing_that_opens_are_said(tmp_path: Path) -> None:
    network = shipped("tiny-years").replace(openings=[])
    found = respond_over_time(network, ["m_boats@y2"])
    pages = found.report(tmp_path / "page.html", pictures=["svg"])
    assert {path.name for path in pages} == {"page.html", "lines.svg", "exit.svg", "mode.svg"}
    text = (tmp_path / "page.html").read_text("utf-8")
    assert "under this schedule, deliveries come to 15.0 t, with or without" in text
    assert "flowopt evaluate NETWORK --measures m_boats@y2" in text
    assert "What opens" not in text


def test_there_is_a_picture_of_each_figure(response: Path) -> None:
    drawings = response_over_time_drawings(read_response_over_time(response, hostile()))
    assert list(drawings) == ["lines", "exit", "mode"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s["periods"].pop(), "lists other periods"),
        (lambda s: s.update(value="much"), "value is 'much', not a number"),
        (lambda s: s.update(input_sha256="0" * 64), "is not about"),
    ],
)
def test_what_was_edited_is_refused(
    change: Any, message: str, response: Path, tmp_path: Path
) -> None:
    for path in response.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    summary = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    change(summary)
    (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    with pytest.raises(RequestError, match=message):
        read_response_over_time(tmp_path, hostile())
