"""A summary that somebody edited is refused with its place, whatever stands in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowopt.errors import RequestError
from flowopt.planning.compare import compare
from flowopt.planning.solve import solve
from flowopt.report.comparison_reader import read_comparison
from flowopt.report.result_reader import read_result
from flowopt.report.result_writer import write_frontier, write_solution
from flowopt.report.summary_schema import COMPARISON, PLAN, schema_fault
from tests.networks import shipped

NEEDED = sorted(key for key in PLAN if not key.endswith("?"))
WRONG: tuple[Any, ...] = ("x", 7, [], {}, [[[]]], {"a": {}}, True, [None], 10**400)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("result") / "r"
    network = shipped("tiny")
    write_solution(solve(network, budget=4), network, folder)
    return folder, json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def test_what_solve_writes_has_the_form(result: tuple[Path, dict[str, Any]]) -> None:
    assert schema_fault(result[1], PLAN) == ""


def test_what_compare_writes_has_the_form(tmp_path: Path) -> None:
    network = shipped("tiny")
    frontier = compare([network], budgets=[0.0, 2.0])
    assert schema_fault(frontier.summary(), COMPARISON) == ""
    write_frontier(frontier, [network], tmp_path / "c")
    said = frontier.summary() | {"frontiers": [{"network": "tiny", "objective": 5}]}
    (tmp_path / "c" / "summary.json").write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(RequestError, match=r"frontiers\[0\].input_sha256 is missing; leave the fi"):
        read_comparison(tmp_path / "c", network)


@pytest.mark.parametrize("key", NEEDED)
def test_a_key_that_is_gone_is_named(result: tuple[Path, dict[str, Any]], key: str) -> None:
    less = {name: value for name, value in result[1].items() if name != key}
    assert schema_fault(less, PLAN) == f"summary.json: {key} is missing"


@pytest.mark.parametrize("key", [key.removesuffix("?") for key in PLAN])
def test_whatever_stands_there_is_read_or_refused(
    result: tuple[Path, dict[str, Any]], key: str
) -> None:
    folder, said = result
    refusals = []
    for wrong in WRONG:
        changed = said | {key: wrong}
        (folder / "summary.json").write_text(json.dumps(changed), encoding="utf-8")
        try:
            read_result(folder, shipped("tiny"))
        except RequestError as error:
            refusals.append(str(error))
    assert len(refusals) >= 5
    assert max(map(len, refusals)) < 500


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"used": {"hours": "x"}}, "summary.json: used.hours is 'x', not a number"),
        ({"seconds": []}, "summary.json: seconds is [], not an object"),
        ({"measures": ["a", 3]}, "summary.json: measures[1] is 3, not a text"),
        ({"objective": "gain"}, "summary.json: objective is 'gain', not one of flow, profit, bile"),
        ({"options": {"gap": {"a": []}}}, "summary.json: options.gap is {'a': []}, which no opti"),
    ],
)
def test_the_place_is_told(
    result: tuple[Path, dict[str, Any]], value: dict[str, Any], message: str
) -> None:
    assert schema_fault(result[1] | value, PLAN).startswith(message)
