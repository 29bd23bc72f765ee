"""What `--force` may replace: results, known by what they say, and of them the files we write."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowopt.atomic import Kind, kind_of
from flowopt.errors import RequestError
from flowopt.planning.compare import compare
from flowopt.planning.compare_over_time import compare_over_time
from flowopt.planning.evaluate import evaluate
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.report import result_writer
from flowopt.report.certificate_writer import write_certificate
from flowopt.report.result_kinds import (
    EVALUATION,
    FRONTIER,
    RESPONSE,
    RESULTS,
    SCHEDULE_FRONTIER,
    SOLUTION,
)
from tests.command import run
from tests.networks import ROOT, SHIPPED, line, measure, shipped
from tests.test_atomic import tree

TINY = SHIPPED / "tiny"


def write_solution(place: Path) -> None:
    found = solve(shipped("tiny"), budget=4, alternatives=2)
    result_writer.write_solution(found, shipped("tiny"), place)


def write_no_plan(place: Path) -> None:
    network = line(measures=[measure("m")], effects=[])
    result_writer.write_solution(solve(network, budget=0, include=["m"]), network, place)


def write_target(place: Path) -> None:
    result_writer.write_solution(solve(shipped("tiny"), target=7), shipped("tiny"), place)


def write_evaluation(place: Path) -> None:
    found = evaluate(shipped("tiny"), ["m_strip"], against=["coverage"], objective="bilevel")
    result_writer.write_evaluation(found, shipped("tiny"), place)


def write_response(place: Path) -> None:
    result_writer.write_response(
        respond(shipped("tiny"), objective="bilevel"), shipped("tiny"), place
    )


def write_frontier(place: Path) -> None:
    both = [shipped("tiny"), shipped("two-bridges")]
    found = compare(both, budgets="0,2", objectives=["flow", "profit"])
    result_writer.write_frontier(found, both, place)


def write_schedule_frontier(place: Path) -> None:
    network = shipped("tiny-years")
    found = compare_over_time(network, budgets="2,3")
    result_writer.write_schedule_frontier(found, network, place)


WRITERS: dict[Callable[[Path], None], Kind] = {
    write_solution: SOLUTION,
    write_no_plan: SOLUTION,
    write_target: SOLUTION,
    write_evaluation: EVALUATION,
    write_response: RESPONSE,
    write_frontier: FRONTIER,
    write_schedule_frontier: SCHEDULE_FRONTIER,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a result of each kind, by the name of its writer."""
    folder = tmp_path_factory.mktemp("kinds")
    for write in WRITERS:
        write(folder / write.__name__)
    return {write.__name__: folder / write.__name__ for write in WRITERS}


@pytest.mark.parametrize("write", WRITERS)
def test_a_result_is_known_and_holds_nothing_that_force_would_refuse(
    write: Callable[[Path], None], made: dict[str, Path], tmp_path: Path
) -> None:
    place = tmp_path / "out"
    shutil.copytree(made[write.__name__], place)
    assert kind_of(place, RESULTS) is WRITERS[write]
    assert WRITERS[write].others(place) == []
    # As `flowopt report` leaves it, and as results were before they held their network.
    if write in (write_solution, write_evaluation, write_frontier):
        (place / "report.html").write_text("a page")
        for picture in (
            ("frontier-flow.png",) if write is write_frontier else ("map.png", "flow.svg")
        ):
            (place / picture).write_text("a picture")
    for network in place.glob("network*.json"):
        network.unlink()
    assert kind_of(place, RESULTS) is WRITERS[write]
    result_writer.write_response(respond(line()), line(), place, force=True)
    assert kind_of(place, RESULTS) is RESPONSE
    assert RESPONSE.others(place) == []


@pytest.mark.parametrize("folder", ["budget-20", "frontier"])
def test_the_results_that_are_shipped_are_known(folder: str) -> None:
    place = ROOT / "results" / "peru-2014" / folder
    kind = kind_of(place, RESULTS)
    assert kind is (SOLUTION if folder == "budget-20" else FRONTIER)
    assert kind.others(place) == []


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        '{"status": "optimal"}',
        '{"flowopt": "0.1.0", "network": "tiny", "bound": 1}',
        '{"flowopt": "0.1.0", "frontiers": []}',
        '{"flowopt": "0.1.0", "frontiers": [{}]}',
        '{"network": 1, "input_sha256": 2, "delivered": 3}',
        '{"network": "x", "input_sha256": "' + "g" * 64 + '", "delivered": 3}',
        "not JSON",
    ],
)
def test_a_summary_of_others_makes_no_result(text: str, tmp_path: Path) -> None:
    (tmp_path / "r" / "thesis").mkdir(parents=True)
    (tmp_path / "r" / "thesis" / "keep").write_text("years of work")
    (tmp_path / "r" / "summary.json").write_text(text)
    before = tree(tmp_path)
    done = run("solve", TINY, "--budget", 4, "--out", tmp_path / "r", "--force")
    assert (done.returncode, done.stdout) == (2, "")
    assert "r holds other files: summary.json, thesis; give a new or empty folder" in done.stderr
    assert tree(tmp_path) == before


@pytest.mark.parametrize("write", WRITERS)
def test_a_file_of_others_beside_a_result_refuses_every_command(
    write: Callable[[Path], None], made: dict[str, Path], tmp_path: Path
) -> None:
    place = tmp_path / "out"
    shutil.copytree(made[write.__name__], place)
    (place / "thesis.tex").write_text("years of work")
    before = tree(tmp_path)
    for words in (
        ("solve", TINY, "--budget", 4),
        ("flow", TINY),
        ("evaluate", TINY, "--measures", "m_strip", "--alone"),
        ("compare", TINY, "--budgets", "0"),
    ):
        done = run(*words, "--out", place, "--force")
        assert done.returncode == 2
        assert "out holds thesis.tex, which flowopt did not write; move that away" in done.stderr
        done = run(*words, "--out", place)
        assert done.stderr.endswith("out already holds a result; give another folder\n")
    assert tree(tmp_path) == before


def test_a_network_is_no_result_even_with_a_summary_in_it(
    made: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(TINY, tmp_path / "net")
    shutil.copy(made["write_solution"] / "summary.json", tmp_path / "net")
    before = tree(tmp_path)
    done = run("solve", tmp_path / "net", "--budget", 4, "--out", tmp_path / "net", "--force")
    assert done.returncode == 2
    assert "net holds arcs.csv, commodities.csv, demands.csv and" in done.stderr
    done = run("convert", TINY, tmp_path / "net", "--force", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")  # which keeps what is no part of a network
    assert tree(tmp_path)["net/summary.json"] == before["net/summary.json"]


def test_a_network_is_known_by_its_facts(tmp_path: Path) -> None:
    for number, text in enumerate(
        ["", "a = 1", "id = 3", "id = 'x", f"a = {'[' * 5000}", "a." * 30_000]
    ):
        place = tmp_path / str(number)
        place.mkdir()
        (place / "network.toml").write_text(text)
        (place / "arcs.csv").write_text("mine")
        done = run("convert", TINY, place, "--force")
        assert done.returncode == 2
        assert "holds other files: arcs.csv, network.toml; give a new or empty" in done.stderr
        assert (place / "arcs.csv").read_text() == "mine"


def test_an_unlisted_file_is_found_when_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a later `--force` would refuse the program's own result."""

    def with_more(content: dict[str, Any], folder: Path) -> None:
        write_certificate(content, folder)
        (folder / "more.csv").write_text("")

    monkeypatch.setattr(result_writer, "write_certificate", with_more)
    with pytest.raises(ValueError, match=r"result_kinds does not list \['more\.csv'\]"):
        write_response(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_page_and_the_pictures_belong_to_the_result(tmp_path: Path) -> None:
    out = tmp_path / "out"
    ask = ("solve", TINY, "--budget", 4, "--out", out, "--quiet")
    assert run(*ask).returncode == 0
    report = ("report", out, "--quiet")
    done = run(*report, "--svg")
    assert (done.returncode, done.stderr) == (0, "")
    assert {"report.html", "map.svg", "flow.svg"} <= {path.name for path in out.iterdir()}
    assert SOLUTION.others(out) == []
    again = run(*report)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    assert run(*report, "--force").returncode == 0
    done = run(*ask, "--force")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (out / "report.html").exists()  # it told of the old plan
    assert json.loads((out / "summary.json").read_text())["budget"] == 4


def test_a_report_replaces_no_device(tmp_path: Path, made: dict[str, Path]) -> None:
    result = made["write_solution"]
    done = run("report", result, "--out", "/dev/null", "--force")
    assert done.stderr == "Error: /dev/null is a device, no file; give another name\n"
    (tmp_path / "link").symlink_to(tmp_path / "page.html")
    done = run("report", result, "--out", tmp_path / "link", "--force")
    assert (done.returncode, "link is a link, no file" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == [tmp_path / "link"]
    with pytest.raises(RequestError, match="is a device, no folder"):
        result_writer.check_target(Path("/dev/null"), force=True)
