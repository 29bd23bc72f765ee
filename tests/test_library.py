"""The library as a notebook uses it: paths for networks, results that write themselves."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.network.read import network_of
from flowopt.report.result_writer import write_evaluation, write_frontier, write_solution
from tests.networks import ROOT, SHIPPED, shipped

TINY = SHIPPED / "tiny"


def solved() -> flowopt.Solution:
    return flowopt.solve(TINY, budget=4)


# -- networks by their paths ----------------------------------------------------------------------


@pytest.mark.parametrize("given", [str(TINY), TINY, shipped("tiny")], ids=["str", "Path", "own"])
def test_a_verb_takes_a_network_or_its_path(given: Any) -> None:
    assert network_of(given) == shipped("tiny")
    assert flowopt.respond(given).value == 10.0
    assert flowopt.formulate(given, budget=4).network == "tiny"
    assert flowopt.Trafficker(given).value(["m_strip"]) == 9.0
    assert flowopt.evaluate(given, ["m_strip"], alone=True).value == 9.0
    assert flowopt.solve(given, budget=0).value == 10.0
    assert [row.value for row in flowopt.compare(given, budgets=[0, 4]).frontier] == [10.0, 6.0]


def test_several_networks_by_their_paths() -> None:
    frontier = flowopt.compare([str(TINY), shipped("two-bridges")], budgets=0)
    assert [row.network for row in frontier.frontier] == ["tiny", "two-bridges"]
    peru = ROOT / "results/peru-2014/budget-20"
    assert flowopt.verify(peru, SHIPPED / "peru-2014").passed


def test_what_is_no_network_is_refused() -> None:
    given: Any = 4
    with pytest.raises(flowopt.RequestError, match="a int stands where a network belongs"):
        flowopt.solve(given, budget=4)
    with pytest.raises(flowopt.InputError, match=r"did you mean .*tiny"):
        flowopt.solve(SHIPPED / "tinny", budget=4)


def test_reading_counts_against_the_time_and_is_recorded() -> None:
    assert flowopt.solve(TINY, budget=0).seconds.read > 0.0
    assert flowopt.solve(shipped("tiny"), budget=0).seconds.read == 0.0


# -- keywords -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: f.solve(TINY, 4), "solve(network, budget=4)"),
        (lambda f: f.solve(TINY, 4, budget=3), "solve(network, target=4)"),
        (lambda f: f.compare(TINY, "0:4:2"), "compare(networks, budgets='0:4:2')"),
        (lambda f: f.evaluate(TINY, ["m"], 4), "evaluate(network, measures, budget=4)"),
        (lambda f: f.respond(TINY, [], "profit"), "respond(network, plan, objective='profit')"),
        (lambda f: f.formulate(TINY, 4), "formulate(network, budget=4)"),
        (lambda f: f.Trafficker(TINY, "profit"), "Trafficker(network, objective='profit')"),
    ],
)
def test_what_is_given_by_position_is_told_its_keyword(
    call: Callable[[Any], object], message: str
) -> None:
    with pytest.raises(TypeError) as caught:
        call(flowopt)
    assert str(caught.value).endswith(f"write {message}")


# -- results that write themselves ----------------------------------------------------------------


def same_folder(one: Path, other: Path) -> bool:
    names = sorted(path.name for path in one.iterdir())
    return names == sorted(path.name for path in other.iterdir()) and all(
        (one / name).read_bytes() == (other / name).read_bytes() for name in names
    )


def test_a_result_writes_the_folder_of_its_command(tmp_path: Path) -> None:
    tiny = shipped("tiny")
    solution, evaluation = solved(), flowopt.evaluate(tiny, ["m_crops"])
    frontier = flowopt.compare([tiny, shipped("two-bridges")], budgets="0:4:2")
    write_solution(solution, tiny, tmp_path / "solution")
    write_evaluation(evaluation, tiny, tmp_path / "evaluation")
    write_frontier(frontier, [tiny, shipped("two-bridges")], tmp_path / "frontier")
    for result in (solution, evaluation, frontier):
        name = type(result).__name__.lower()
        result.write(tmp_path / f"own {name}")
        assert same_folder(tmp_path / name, tmp_path / f"own {name}")
        assert flowopt.verify(tmp_path / f"own {name}").passed
    flowopt.respond(tiny, ["m_strip"]).write(str(tmp_path / "response"))
    assert flowopt.verify(tmp_path / "response").passed
    with pytest.raises(flowopt.RequestError, match="already holds a result"):
        solution.write(tmp_path / "response")
    solution.write(tmp_path / "response", force=True)


@pytest.mark.parametrize(
    "copied",
    [
        copy.copy,
        lambda result: pickle.loads(pickle.dumps(result)),
        lambda result: type(result).from_json(result.to_json()),
    ],
    ids=["copy", "pickle", "JSON"],
)
def test_a_copy_needs_its_network(copied: Callable[[Any], Any], tmp_path: Path) -> None:
    result = copied(solved())
    assert result == flowopt.Solution.from_json(result.to_json())
    for ask in (result.write, result.report):
        with pytest.raises(flowopt.RequestError, match="give it as network="):
            ask(tmp_path / "page.html")
        with pytest.raises(flowopt.RequestError, match="not about 'two-bridges'"):
            ask(tmp_path / "page.html", network=SHIPPED / "two-bridges")
    assert not list(tmp_path.iterdir())
    result.write(tmp_path / "out", network=TINY)
    assert flowopt.verify(tmp_path / "out").passed


def test_a_response_inside_a_result_needs_the_network(tmp_path: Path) -> None:
    with pytest.raises(flowopt.RequestError, match="give it as network="):
        solved().before.write(tmp_path / "out")


def test_a_result_makes_its_page(tmp_path: Path) -> None:
    solution = solved()
    files = solution.report(tmp_path / "plan.html", pictures="svg")
    assert files[0] == tmp_path / "plan.html"
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in files}
    page = files[0].read_text(encoding="utf-8")
    assert "flowopt solve NETWORK --budget 4" in page
    assert "flowopt report DIR --network NETWORK" in page
    assert "flowopt-" not in page  # no temporary folder
    both = flowopt.compare([TINY, SHIPPED / "two-bridges"], budgets="0:4:2")
    with pytest.raises(flowopt.RequestError, match="about 'tiny', 'two-bridges'; give the one"):
        both.report(tmp_path / "both.html")
    both.report(tmp_path / "both.html", network=SHIPPED / "two-bridges")
    assert "two-bridges" in (tmp_path / "both.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("page.pdf", {}, "end the name of a page in .html"),
        ("nowhere/page.html", {}, "there is no folder"),
        ("page.html", {"pictures": ["jpg"]}, "'jpg' is not one of png, svg"),
        ("there.html", {}, "is there already"),
    ],
)
def test_a_page_that_cannot_be_written_is_refused(
    name: str, options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    (tmp_path / "there.html").write_text("mine")
    with pytest.raises(flowopt.RequestError, match=message):
        solved().report(tmp_path / name, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["there.html"]


def test_a_result_without_a_plan_has_no_page(tmp_path: Path) -> None:
    nothing = flowopt.solve(TINY, budget=0.1, include=["m_crops"])
    with pytest.raises(flowopt.RequestError, match="there is no plan, so there is nothing to show"):
        nothing.report(tmp_path / "page.html")
    nothing.write(tmp_path / "out")
    assert flowopt.verify(tmp_path / "out").passed
