"""Result folders: whole or not at all, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import errno
import json
from pathlib import Path
from typing import Any

import pandas
import pytest

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.network.read import read_network
from flowopt.network.write import write_network
from flowopt.planning.evaluate import evaluate
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.report import result_writer
from flowopt.report.certificate_writer import write_certificate
from flowopt.results.rows import PlanRow, Rows
from tests.networks import effect, line, measure, shipped

COLUMNS = {
    "plan": "rank,measure,name,kind,cost,lost_if_dropped",
    "flows": "arc,tail,head,mode,commodity,before,after,change,capacity_before,capacity_after,"
    "shadow_price",
    "markets": "node,name,continent,commodity,before,after,change,change_share",
    "displacement": "by,key,before,after,change",
    "organisations": "organisation,earned_before,earned_after,earned_change,earned_change_share",
    "binding": "rank,on,id,commodity,capacity,shadow_price",
    "next": "rank,measure,name,kind,added_cost,adds,per_million",
}
COMPARISON = (
    "plan,spent,value,bound,gap,status,cut,cut_share,delivered,weighted,profit,promised,measures,"
    "promised_bound"
)
RECORD = {"summary.json", "certificate.json", "network.json"}
SUMMARY = (
    "flowopt format network input_sha256 objective budget resources status limit baseline value "
    "bound gap cut cut_share spent used measures delivered weighted profit options "
    "solver seconds warnings"
)


def test_the_files_and_their_columns(tmp_path: Path) -> None:
    result_writer.write_solution(
        solve(shipped("tiny"), budget=4), shipped("tiny"), tmp_path / "out"
    )
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {*RECORD, *(f"{name}.csv" for name in COLUMNS)}
    for name, header in COLUMNS.items():
        first = (tmp_path / "out" / f"{name}.csv").read_text().splitlines()[0]
        assert first == f"network,objective,budget,{header}"
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert list(summary) == SUMMARY.split()
    assert list(summary["solver"]) == ["name", "version", "threads"]
    assert list(summary["seconds"]) == ["read", "build", "solve", "total"]


def test_the_files_of_an_evaluation(tmp_path: Path) -> None:
    found = evaluate(shipped("tiny"), ["m_strip", "m_crops"], budget=2, against=["coverage"])
    result_writer.write_evaluation(found, shipped("tiny"), tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    tables = {f"{name}.csv" for name in (*COLUMNS, "comparison")}
    assert names == {*RECORD, *tables}
    lines = (tmp_path / "out" / "comparison.csv").read_text().splitlines()
    assert lines[0] == f"network,objective,budget,{COMPARISON}"
    assert [text.split(",")[3] for text in lines[1:]] == ["yours", "best", "coverage"]
    assert lines[1] == "tiny,flow,2,yours,3,8,,,evaluated,2,0.2,8,8,137.54,2,m_crops;m_strip,"
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    wanted = SUMMARY.replace("bound gap ", "").replace("limit", "limit broken")
    assert list(summary) == wanted.split()
    assert summary["broken"] == ["it costs 3 M USD a year, 1 over the budget of 2"]


def test_the_tables_say_what_the_solution_says(tmp_path: Path) -> None:
    network, plan = shipped("peru-2014"), ("m01", "m11")
    others = [row.measure for row in network.measures if row.measure not in plan]
    found = solve(network, budget=20, include=plan, exclude=others)
    result_writer.write_solution(found, network, tmp_path / "out")
    flows = pandas.read_csv(tmp_path / "out" / "flows.csv")
    assert len(flows) == len(found.flows)
    assert (flows["after"] <= flows["capacity_after"].fillna(1e9) + 1e-6).all()
    change = (flows["after"] - flows["before"]).to_numpy()
    assert flows["change"].to_numpy() == pytest.approx(change, abs=1e-5)
    markets = pandas.read_csv(tmp_path / "out" / "markets.csv")
    assert markets["after"].sum() == pytest.approx(found.value)


def test_no_plan_writes_no_tables(tmp_path: Path) -> None:
    network = line(measures=[measure("m")], effects=[])
    result_writer.write_solution(solve(network, budget=0, include=["m"]), network, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == RECORD
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["status"], summary["value"], summary["bound"]) == ("infeasible", None, None)
    assert "m costs 1 M USD" in summary["warnings"][0]


def test_an_earlier_result_is_kept_unless_forced(tmp_path: Path) -> None:
    network = shipped("tiny")
    first, second = (solve(network, budget=b) for b in (0, 4))
    result_writer.write_solution(first, network, tmp_path / "out")
    with pytest.raises(RequestError, match="--force"):
        result_writer.write_solution(second, network, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["budget"] == 0
    result_writer.write_solution(second, network, tmp_path / "out", force=True)
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["budget"] == 4
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_other_people_s_files_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(RequestError, match="holds other files"):
        result_writer.write_solution(solve(line(), budget=0), line(), tmp_path, force=True)
    with pytest.raises(RequestError, match="is a file"):
        result_writer.check_target(tmp_path / "thesis.tex", force=True)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_failure_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(result_writer, "to_json", full_disk)
    with pytest.raises(RequestError, match="out can't be written: No space left on device; free"):
        result_writer.write_solution(solve(line(), budget=0), line(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_response_is_written_too(tmp_path: Path) -> None:
    result_writer.write_response(respond(shipped("tiny")), shipped("tiny"), tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    tables = {
        f"{name}.csv"
        for name in ("flows", "sites", "supplies", "markets", "binding", "organisations")
    }
    assert names == {*RECORD, *tables}
    assert (tmp_path / "out" / "organisations.csv").read_text() == (
        "network,objective,organisation,earned\n"
        "tiny,flow,Strip owner,2\n"
        "tiny,flow,Harbour crew,10\n"
    )


def test_a_result_holds_its_network_as_convert_writes_it(tmp_path: Path) -> None:
    network = shipped("shared-crew")
    result_writer.write_solution(solve(network, budget=7), network, tmp_path / "solution")
    result_writer.write_evaluation(evaluate(network, ["m_check"]), network, tmp_path / "evaluation")
    result_writer.write_response(respond(network), network, tmp_path / "response")
    write_network(network, tmp_path / "converted.json")
    for name in ("solution", "evaluation", "response"):
        held = tmp_path / name / "network.json"
        assert held.read_bytes() == (tmp_path / "converted.json").read_bytes()
        stated = json.loads((tmp_path / name / "summary.json").read_text())["input_sha256"]
        assert read_network(held).sha256 == stated == network.sha256


def test_where_nobody_earns_there_is_no_table_of_it(tmp_path: Path) -> None:
    bare = shipped("tiny").replace(earnings=())
    result_writer.write_response(respond(bare), bare, tmp_path / "response")
    result_writer.write_solution(solve(bare, budget=4), bare, tmp_path / "solution")
    assert list(tmp_path.glob("*/organisations.csv")) == []
    assert len(list(tmp_path.glob("*/markets.csv"))) == 2


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_text_is_not_run_by_a_spreadsheet(text: str, tmp_path: Path) -> None:
    network = line(
        measures=[schema.Measure(measure="m", name=text, cost=1.0)],
        effects=[effect("m", "arc", "a1", cut=1.0)],
    )
    plan = solve(network, budget=1).plan
    result_writer.write_table(plan, tmp_path / "plan.csv")
    with (tmp_path / "plan.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    assert row["name"] == f"'{text}"
    assert row["cost"] == "1"


@pytest.mark.parametrize("text", ["\tx", "\rx"])
def test_blanks_that_hide_a_formula_are_marked(text: str) -> None:
    assert result_writer.cell(text) == f"'{text}"


def test_numbers_stay_numbers_and_nothing_is_blank(tmp_path: Path) -> None:
    rows = Rows(PlanRow, [PlanRow(1, "m", "a, b", "", -0.0, 1 / 3)])
    result_writer.write_table(rows, tmp_path / "plan.csv")
    assert (tmp_path / "plan.csv").read_text() == (
        f"{COLUMNS['plan']}\n" + '1,m,"a, b",,0,0.3333333333\n'
    )


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        ([["a1", "leaf", 0.5], [], ["é\n", None, 1e-12]], 3),
        ([["a], [b", "leaf", 1.0], ["c", "], [", 2.0]], 2),  # names like the end of a row
        ([["a], [b", [1.0]], ["c"]], 5),
        ([["a"], {"b": [["c", 1.0]]}, 2.0], 7),
        ([[]], 1),
    ],
)
def test_each_row_of_a_certificate_has_a_line(table: list[Any], lines: int, tmp_path: Path) -> None:
    write_certificate({"rows": table}, tmp_path)
    text = (tmp_path / "certificate.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"rows": table}
    assert len(text.splitlines()) == lines + 4
