"""The examples do what they say, without the tools that would drive them."""

from __future__ import annotations

import ast
import csv
import re
import shlex
import subprocess
import sys
from pathlib import Path

from flowopt.planning.compare import compare
from tests import command
from tests.networks import ROOT, shipped

SNAKEFILE = ROOT / "examples" / "frontier" / "Snakefile"
_RULE = re.compile(r"^rule (?P<name>\w+):\n(?P<body>(?:    .*\n|\n)+)", re.MULTILINE)


def shell_commands() -> dict[str, str]:
    """Return the shell command of each rule, as Snakemake would read its strings."""
    found = {}
    for rule in _RULE.finditer(SNAKEFILE.read_text(encoding="utf-8")):
        text = rule["body"].partition("shell:")[2]
        found[rule["name"]] = ast.literal_eval(f"({text.strip()})")
    return found


def run(line: str, words: dict[str, str]) -> None:
    for name, word in words.items():
        line = line.replace(f"{{{name}}}", word)
    assert "{" not in line
    program, *rest = shlex.split(line)
    if program == "flowopt":
        done = command.run(*rest)
    else:
        assert program == "python"
        rest = [sys.executable, *rest]
        done = subprocess.run(rest, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_rows_of_the_snakefile_make_the_same_frontier(tmp_path: Path) -> None:
    commands = shell_commands()
    assert set(commands) == {"row", "frontier"}
    budgets = ("0", "3", "5")
    for budget in budgets:
        run(
            commands["row"],
            {
                "params.network": "networks/tiny",
                "params.objective": "profit",
                "output": str(tmp_path / budget),
                "wildcards.budget": budget,
            },
        )
    folders = " ".join(str(tmp_path / budget) for budget in budgets)
    run(commands["frontier"], {"output": str(tmp_path / "frontier.csv"), "input": folders})
    with (tmp_path / "frontier.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    together = compare(shipped("tiny"), budgets=budgets, objectives="profit")
    assert tuple(rows[0]) == together.frontier.columns
    for row, other in zip(rows, together.frontier, strict=True):
        assert (row["measures"], row["status"]) == (other.measures, other.status)
        assert float(row["value"]) == other.value
        assert row["marginal"] == ("" if other.marginal is None else str(other.marginal))
