"""Budgets over the years where measures may fail: means, the folder, its page, and kept rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import flowopt
from flowopt.network.network import Network
from flowopt.planning.compare_over_time import compare_over_time
from flowopt.results.schedule_frontier import ScheduleFrontier
from flowopt.results.schedules_under_luck import LuckScheduleSolution
from tests.command import run
from tests.networks import shipped


def tiny() -> Network:
    """Return the network of two years, each of whose measures works in 7 of 10 cases."""
    network = shipped("tiny-years")
    return network.replace(measures=[replace(row, success=0.7) for row in network.measures])


@pytest.fixture(scope="module")
def found() -> ScheduleFrontier:
    """Return the schedules of budgets of which the first allows none."""
    return compare_over_time(tiny(), budgets="1,2,3", include=["m_boats@y2"])


@pytest.fixture(scope="module")
def folder(found: ScheduleFrontier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return its folder."""
    made = tmp_path_factory.mktemp("budgets") / "out"
    found.write(made)
    return made


def failed(folder: Path) -> list[str]:
    return [check.name for check in flowopt.verify(folder).checks if not check.passed]


def test_means_by_hand(found: ScheduleFrontier) -> None:
    rows = [(row.budget, row.status, row.value, row.measures) for row in found.frontier]
    assert rows == [
        (1.0, "infeasible", None, ""),
        (2.0, "optimal", pytest.approx(19.0), "m_boats@y1;m_boats@y2"),
        (3.0, "optimal", pytest.approx(18.3), "m_boats@y2;m_radar@y2"),
    ]
    columns = list(found.frontier.columns)
    assert columns[-2:] == ["half_width", "all_works_value"]
    assert [list(record)[-2:] for record in found.frontier.records()] == [
        [None, None], [0.0, 16.0], [0.0, 15.0]
    ]  # fmt: skip
    assert isinstance(found.solutions[2], LuckScheduleSolution)
    assert ScheduleFrontier.from_json(found.to_json()) == found


def test_the_folder_passes_and_changes_are_refused(folder: Path) -> None:
    assert failed(folder) == []
    table = folder / "frontier.csv"
    text = table.read_text(encoding="utf-8")
    for old, new in ((",0,15\n", ",0.5,15\n"), (",0,15\n", ",0,16\n"), (",18.3,", ",18.4,")):
        assert old in text
        table.write_text(text.replace(old, new, 1), encoding="utf-8")
        assert failed(folder) == ["frontier.csv agrees with the certificate"]
    table.write_text(text, encoding="utf-8")


def test_the_page_tells_means(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run("report", str(folder), "--out", str(page)).returncode == 0
    text = page.read_text(encoding="utf-8")
    assert "cut deliveries in the mean over what works by" in text
    assert "left when all works" in text
    assert "What is left a year of each period, in the mean over what works" in text


def test_kept_rows_are_taken_up_again(found: ScheduleFrontier, tmp_path: Path) -> None:
    asked = {"budgets": "1,2,3", "include": ["m_boats@y2"], "keep": tmp_path / "kept"}
    compare_over_time(tiny(), **asked)  # type: ignore[arg-type]  # each its option
    again = compare_over_time(tiny(), **asked, resume=True)  # type: ignore[arg-type]  # likewise
    assert list(again.frontier) == list(found.frontier)


def test_bilevel_passes(tmp_path: Path) -> None:
    compare_over_time(tiny(), budgets="2,3", objective="bilevel").write(tmp_path / "out")
    assert failed(tmp_path / "out") == []
