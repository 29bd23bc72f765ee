"""The commands on a page: run again, they make the result that they stand under."""

from __future__ import annotations

import csv
import html
import json
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from flowopt.cli.compare_command import compare
from flowopt.cli.evaluate_command import evaluate
from flowopt.cli.solve_command import solve as solve_cli
from flowopt.planning.recheck.certificate_reader import read_certificate
from flowopt.planning.solve import solve
from flowopt.report.rerun_command import DEFAULTS, options_of_plan, rerun_command
from flowopt.report.result_page import page_of
from flowopt.report.result_reader import read_result
from flowopt.report.result_writer import write_solution
from tests.command import run
from tests.networks import SHIPPED, shipped

CREW, TINY = str(SHIPPED / "shared-crew"), str(SHIPPED / "tiny")
QUESTIONS = [
    f"solve {TINY} --budget 4",
    f"solve {TINY} --budget 3.1 --gap 0.25 --time-limit 45.5 --threads 1 --solver cbc",
    f"solve {TINY} --budget 6 --within 20%",
    f"solve {TINY} --budget 6 --alternatives 2 --within 0.5 --objective bilevel --ties optimistic",
    f"solve {TINY} --target 7 --budget 9 --include m_crops",
    f"solve {CREW} --budget 7 --resource crew=4 --include m_check --exclude m_ferry,m_boats",
    f"evaluate {CREW} --measures m_chase,m_boats,m_ferry --budget 7 --resource crew=3.5",
    f"evaluate {TINY} --measures m_strip --against coverage --alone --objective profit",
    f"compare {CREW} --budgets 0:7:3.5 --resource crew=4 --exclude m_ferry --gap 0.01",
    f"compare {TINY} --budgets 0,4 --objective bilevel --objective flow --ties optimistic"
    " --time-limit 99",
    f"compare {TINY} --budgets all",
    f"solve {TINY} --target 3 --of Northland",
]


def commands_of(page: Path) -> list[list[str]]:
    """Return the commands of a page, as a shell reads them."""
    text = page.read_text(encoding="utf-8")
    block = re.search(r'<pre tabindex="0"><code>(flowopt .*?)</code></pre>', text, re.DOTALL)
    assert block is not None
    return [shlex.split(line) for line in html.unescape(block[1]).splitlines() if line]


def answer(folder: Path) -> dict[str, Any]:
    """Return all that a result says, without the time it took."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    del summary["seconds"]
    tables = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.name] = [{**row, "seconds": ""} for row in csv.DictReader(file)]
    return {"summary": summary, **tables}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_command_on_the_page_makes_the_result_again(question: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    workers = ["--workers", "1"] if question.startswith("compare") else []
    assert run(*shlex.split(question), *workers, "--quiet", "--out", first).returncode == 0
    network = [] if (first / "network.json").exists() else ["--network", question.split()[1]]
    assert run("report", first, *network, "--quiet").returncode == 0
    again, report = commands_of(first / "report.html")
    assert again[-2:] == ["--out", "DIR"]
    done = run(*again[1:-1], second, *workers, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert answer(second) == answer(first)
    assert run(*report[1:], "--force", "--quiet").returncode == 0
    assert commands_of(first / "report.html") == [again, report]


def test_every_option_of_the_commands_is_on_record() -> None:
    """But where it runs, where it goes, what is printed, and the file that a plan came from.

    What a later version asks in addition is on record where it is asked; a result of a scenario or
    a period is that of a network of its own.
    """
    elsewhere = {"full", "out", "force", "json", "quiet", "workers", "cluster", "resume", "plan"}
    elsewhere |= {"solver_log", "scenario", "of", "criterion", "tail"}
    elsewhere |= {"period", "campaign", "schedule", "carry", "best"}
    for command, question in ((solve_cli, 0), (evaluate, 7), (compare, 8)):
        options = {
            option.opts[0].removeprefix("--").replace("-", "_"): option
            for option in command.params
            if isinstance(option, click.Option)
        }
        workers = ["--workers", "1"] if command is compare else []
        done = run(*shlex.split(QUESTIONS[question]), *workers, "--json")
        said = json.loads(done.stdout)["options"]
        assert {*said} == {*options} - elsewhere
        for name in said.keys() & DEFAULTS.keys() - {"alternatives"}:
            given = options[name].default
            assert given in (DEFAULTS[name], [DEFAULTS[name]]), name


def test_only_what_differs_from_the_command_s_own_is_written() -> None:
    options: dict[str, Any] = {
        "budget": 0.1,
        "target": None,
        "include": [],
        "objective": "flow",
        "gap": 1e-4,
    }
    assert rerun_command("solve", "my net", options) == (
        "flowopt solve 'my net' --budget 0.1 --out DIR"
    )
    options = {"time_limit": None, "gap": 0.0, "alone": False, "resource": {"a b": 1e-7}}
    assert rerun_command("evaluate", "n", options) == (
        "flowopt evaluate n --time-limit inf --gap 0 --resource 'a b=1e-07' --out DIR"
    )


def test_results_of_earlier_versions_tell_what_they_know(tmp_path: Path) -> None:
    network = shipped("shared-crew")
    asked: dict[str, Any] = {"budget": 7, "include": ["m_check"], "exclude": ["m_ferry"]}
    solution = solve(network, resources={"crew": 4.0}, objective="profit", solver="highs", **asked)
    write_solution(solution, network, tmp_path / "out")
    for name in ("summary", "certificate"):
        file = tmp_path / "out" / f"{name}.json"
        raw = json.loads(file.read_text(encoding="utf-8"))
        del raw["options"]
        file.write_text(json.dumps(raw), encoding="utf-8")
    known = options_of_plan(network, read_certificate(tmp_path / "out" / "certificate.json"))
    assert known == {
        "budget": 7.0, "target": None, "resource": {"crew": 4.0}, "objective": "profit",
        "ties": "pessimistic", "include": ["m_check"], "exclude": ["m_ferry"], "alternatives": 1,
        "solver": "highs",
    }  # fmt: skip
    page = page_of(read_result(tmp_path / "out", network), place="my net", folder="out")
    assert (
        "flowopt solve &#39;my net&#39; --budget 7 --resource crew=4 --objective profit "
        "--include m_check --exclude m_ferry --solver highs --out DIR" in page
    )
    assert "An earlier flowopt made it: a time limit, a gap" in page
