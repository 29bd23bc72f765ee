"""A result read back for a report, and the command that makes it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.report.result_reader import read_result
from flowopt.report.result_writer import write_response, write_solution
from tests.networks import ROOT, effect, line, measure, shipped


def test_a_result_reads_back_as_it_was(tmp_path: Path) -> None:
    network = shipped("tiny")
    solution = solve(network, budget=4)
    write_solution(solution, network, tmp_path / "out")
    found = read_result(tmp_path / "out", network)
    assert found.summary["value"] == solution.value
    assert [row["measure"] for row in found.plan] == [row.measure for row in solution.plan]
    assert [float(row["after"]) for row in found.flows] == [r.after for r in solution.flows]
    assert len(found.organisations) == 2


def test_text_with_an_apostrophe_against_formulas_reads_back(tmp_path: Path) -> None:
    network = line(
        measures=[schema.Measure(measure="m", name="=1+1", cost=1.0)],
        effects=[effect("m", "arc", "a1", cut=1.0)],
    )
    write_solution(solve(network, budget=1), network, tmp_path / "out")
    assert read_result(tmp_path / "out", network).plan[0]["name"] == "=1+1"


def test_another_network_is_refused(tmp_path: Path) -> None:
    network = shipped("tiny")
    write_solution(solve(network, budget=4), network, tmp_path / "out")
    dearer = network.replace(measures=[measure(row.measure, cost=9.0) for row in network.measures])
    with pytest.raises(RequestError, match=f"{network.sha256[:12]}.*{dearer.sha256[:12]}"):
        read_result(tmp_path / "out", dearer)


def test_what_is_no_plan_is_refused(tmp_path: Path) -> None:
    network = line(measures=[measure("m")], effects=[])
    with pytest.raises(RequestError, match=r"no summary\.json"):
        read_result(tmp_path, network)
    write_solution(solve(network, budget=0, include=["m"]), network, tmp_path / "none")
    with pytest.raises(RequestError, match=r"no plan \(status infeasible\)"):
        read_result(tmp_path / "none", network)
    write_response(respond(network), network, tmp_path / "flow")
    with pytest.raises(RequestError, match="needs a plan of solve"):
        read_result(tmp_path / "flow", network)


@pytest.mark.parametrize("name", ["plan.csv", "flows.csv", "certificate.json"])
def test_a_broken_folder_is_one_clear_error(name: str, tmp_path: Path) -> None:
    network = shipped("tiny")
    write_solution(solve(network, budget=4), network, tmp_path / "out")
    (tmp_path / "out" / name).write_text('a,b\n1,2,3\n"')
    with pytest.raises(RequestError, match="can't be read"):
        read_result(tmp_path / "out", network)
    (tmp_path / "out" / name).unlink()
    with pytest.raises(RequestError, match="can't be read"):
        read_result(tmp_path / "out", network)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("flows.csv", "before,", "earlier,", "flows.csv can't be read: there is no column before"),
        ("plan.csv", ",4,1,", ",4,1.5,", "row 1: rank: '1.5' is not a whole number; leave"),
        ("plan.csv", ",4,2,", ",4,,", "row 2: rank: '' is not a whole number; leave"),
        ("markets.csv", "5,4,", "5,4 t,", "after: '4 t' is not a number; leave the files"),
        ("markets.csv", "5,4,", "nan,4,", "before: 'nan' is not a number; leave the files"),
    ],
)
def test_a_table_that_somebody_edited_is_one_clear_error(
    name: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    network = shipped("tiny")
    write_solution(solve(network, budget=4), network, tmp_path / "out")
    text = (tmp_path / "out" / name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "out" / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RequestError) as caught:
        read_result(tmp_path / "out", network)
    assert said in str(caught.value)


def test_a_comparison_is_no_result_of_one_plan() -> None:
    with pytest.raises(RequestError, match="holds a comparison of budgets; give the folder of one"):
        read_result(ROOT / "results" / "peru-2014" / "frontier", shipped("peru-2014"))
