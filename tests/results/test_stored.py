"""Documents, pickles, summaries and folders of earlier formats are read, under today's names.

`tests/data/results` holds those of format 1: a document, a pickle and a summary of each kind of
result, and in `format-1` a folder of each command. `format-2` has the documents and summaries of
today's format. None is ever made again: who keeps results keeps them for longer than a version
lasts.
"""

from __future__ import annotations

import csv
import json
import pickle
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from flowopt import Evaluation, Frontier, Response, Solution, Verdict, results
from flowopt._version import __version__
from flowopt.network.read import read_network
from flowopt.planning.plan_file import read_plan
from flowopt.planning.verify import verify
from flowopt.report.result_kinds import RESULTS
from flowopt.report.result_reader import read_result
from flowopt.result_names import FORMAT, RENAMED
from flowopt.results.words import WORDS
from tests.command import run
from tests.networks import DATA

KINDS = (Response, Solution, Evaluation, Frontier, Verdict)
STORED = DATA / "results"
BUDGET_ROWS = ("DisplacementAt", "FrontierRow", "LadderRow", "MarketAt", "MeasureAt", "PlanAt")
CHANGE_ROWS = ("Displacement", "FlowChange", "MarketChange", "OrganisationChange")
TODAY = STORED / f"format-{FORMAT}"
FOLDERS = sorted(path for path in (STORED / "format-1").iterdir() if path.is_dir())


def stored(kind: type, folder: Path = TODAY) -> str:
    return (folder / f"{kind.__name__.lower()}.json").read_text(encoding="utf-8").rstrip()


def without_new(now: Any, kept: Any) -> Any:
    """Return a document without the fields of a later version: blank, and after all others."""
    if isinstance(now, list) and isinstance(kept, list):
        return [without_new(*each) for each in zip(now, kept, strict=True)]
    if not (isinstance(now, dict) and isinstance(kept, dict)):
        return now
    new = list(now)[len(kept) :]
    assert all(now[name] in (None, {}, []) for name in new), new
    return {name: without_new(now[name], kept.get(name)) for name in now if name not in new}


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_keeps_its_fields_in_their_order(kind: Any) -> None:
    kept = json.loads(stored(kind))
    again = json.loads(kind.from_dict(kept).to_json())
    kept["flowopt"] = __version__
    assert json.dumps(without_new(again, kept), indent=1) == json.dumps(kept, indent=1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_summary_keeps_its_keys_in_their_order(kind: Any) -> None:
    kept = json.loads((TODAY / f"{kind.__name__.lower()}_summary.json").read_text("utf-8"))
    now = kind.from_json(stored(kind)).summary()
    if "flowopt" in kept:
        kept["flowopt"] = __version__
    assert json.dumps(now) == json.dumps(kept)


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_of_format_1_is_the_same_result(kind: Any) -> None:
    first = stored(kind, STORED)
    assert json.loads(first)["format"] == 1
    assert kind.from_json(first) == kind.from_json(stored(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_pickle_of_an_earlier_version_is_read(kind: Any) -> None:
    found = pickle.loads((STORED / f"{kind.__name__.lower()}.pickle").read_bytes())
    assert type(found) is kind
    assert found == kind.from_json(stored(kind))
    assert found.to_json(indent=1) == kind.from_json(stored(kind)).to_json(indent=1)
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize(
    "path",
    [
        "flowopt.planning.trafficker.Reply",
        *(f"flowopt.results.frontier.{name}" for name in BUDGET_ROWS),
        *(f"flowopt.results.rows.{name}" for name in CHANGE_ROWS),
        *(f"flowopt.results.{name}" for name in results.__all__),
    ],
)
def test_a_class_is_found_where_pickles_of_an_earlier_version_name_it(path: str) -> None:
    module, _, name = path.rpartition(".")
    found = getattr(import_module(module), name)
    assert not isinstance(found, type) or found.__name__ == name


def test_a_covering_plan_of_format_1_has_its_bound_on_what_is_promised() -> None:
    held = json.loads(stored(Evaluation, STORED))["comparison"]
    rows = Evaluation.from_json(stored(Evaluation, STORED)).comparison
    assert [row["plan"] for row in held] == ["yours", "best", "coverage"]
    for before, row in zip(held, rows, strict=True):
        covers = row.plan == "coverage"
        assert (row.bound, row.gap) == (
            (None, None) if covers else (before["bound"], before["gap"])
        )
        baseline = before["value"] + before["cut"]
        assert row.promised_bound == (baseline - before["bound"] if covers else None)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_folder_of_format_1_is_verified(folder: Path) -> None:
    assert "format" not in json.loads((folder / "summary.json").read_text("utf-8"))
    verdict = verify(folder)
    assert verdict.passed, list(verdict.lines(only_failures=True))
    assert any(kind.known(folder) for kind in RESULTS)


@pytest.mark.parametrize("name", ["solve", "target", "evaluate", "compare", "stress"])
def test_a_folder_of_format_1_has_its_page(name: str, tmp_path: Path) -> None:
    done = run("report", STORED / "format-1" / name, "--out", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    assert "</html>" in (tmp_path / "page.html").read_text("utf-8")


def test_tables_of_format_1_are_read_under_todays_names() -> None:
    folder = STORED / "format-1" / "evaluate"
    rows = read_result(folder, read_network(folder / "network.json")).beside
    assert [row["promised_bound"] for row in rows] == ["", "", "4"]
    assert [row["bound"] for row in rows] == ["", "6", ""]


def test_a_plan_comes_out_of_a_comparison_of_format_1() -> None:
    folder = STORED / "format-1" / "compare"
    with (folder / "frontier.csv").open(encoding="utf-8", newline="") as file:
        plans = {
            float(row["budget"]): tuple(filter(None, row["plan"].split(";")))
            for row in csv.DictReader(file)
            if row["objective"] == "flow"
        }
    network = read_network(folder / "network.json")
    assert {each: read_plan(folder, network, budget=each) for each in plans} == plans


def test_a_later_format_is_not_passed_as_todays(tmp_path: Path) -> None:
    for path in (STORED / "format-1" / "solve").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    summary = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    (tmp_path / "summary.json").write_text(json.dumps({"format": 3, **summary}), "utf-8")
    assert not verify(tmp_path).passed


def test_renamed_columns_are_columns_of_today() -> None:
    import flowopt.results as tables
    from flowopt.results.scenario_solution import ScenarioRow
    from flowopt.results.stress import Stress, StressedPlan

    known = {name: getattr(tables, name) for name in tables.__all__}
    known |= {each.__name__: each for each in (ScenarioRow, Stress, StressedPlan)}
    for name, renamed in RENAMED.items():
        names = {f.name for f in fields(known[name])} if name in known else set(WORDS)
        assert set(renamed.values()) <= names
