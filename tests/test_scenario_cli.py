"""Commands that look at one scenario of a network."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.command import run
from tests.network.overlays import BASE

ASIDE = "2 scenarios are not looked at; "
ONE = "--scenario ID looks at one."
ALL = "--criterion expected|worst|cut|regret|cvar asks for one plan for all."
QUESTIONS: dict[str, list[str]] = {
    "flow": [],
    "solve": ["--budget", "5"],
    "evaluate": ["--measures", "m1", "--alone"],
    "compare": ["--budgets", "0:4:4", "--workers", "1"],
}


def summary(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("command", QUESTIONS)
def test_a_result_of_a_scenario_stands_alone(command: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = run(command, BASE, *QUESTIONS[command], "--scenario", "dry", "--out", out)
    assert ran.returncode == 0, ran.stderr
    assert "(base, scenario dry)" in ran.stdout
    assert ASIDE not in ran.stdout
    found = summary(out)
    about = found["frontiers"][0] if command == "compare" else found  # type: ignore[index]  # a list
    assert about["scenario"] == "dry"
    assert not list(out.glob("scenarios.csv"))
    own = json.loads((out / "network.json").read_text(encoding="utf-8"))
    assert own["network"]["scenario"] == "dry"
    assert not {"scenarios", "changes"} & own.keys()
    copies: list[list[str | Path]] = [
        [],
        ["--network", BASE],
        ["--network", out / "network.json"],
    ]
    for given in copies:
        checked = run("verify", out, *given)
        assert checked.returncode == 0, checked.stdout
        assert "scenario" not in checked.stdout  # no claim stands unchecked


@pytest.mark.parametrize("command", QUESTIONS)
def test_one_line_says_that_scenarios_are_left_aside(command: str) -> None:
    ran = run(command, BASE, *QUESTIONS[command])
    asked = ONE if command == "flow" else ALL
    said = " ".join(ran.stdout.split())
    assert said.count(f"{ASIDE}{asked}") == said.count(ASIDE) == 1
    assert ASIDE not in run(command, BASE, *QUESTIONS[command], "--quiet").stdout
    as_json = run(command, BASE, *QUESTIONS[command], "--json")
    assert "scenario" not in json.loads(as_json.stdout)


@pytest.mark.parametrize("name", ["plain", "", 3])
def test_another_scenario_in_a_summary_is_noticed(name: object, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("solve", BASE, "--budget", "5", "--scenario", "dry", "--out", out)
    stated = {**summary(out), "scenario": name}
    (out / "summary.json").write_text(json.dumps(stated), encoding="utf-8")
    ran = run("verify", out)
    assert ran.returncode == 1
    assert "scenario" in ran.stdout


def test_a_page_repeats_the_command_for_the_network_it_was_given(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("solve", BASE, "--budget", "5", "--scenario", "dry", "--out", out)
    page = tmp_path / "page.html"
    assert run("report", out, "--network", BASE, "--out", page).returncode == 0
    assert f"flowopt solve {BASE} --scenario dry --budget 5 --out DIR" in page.read_text("utf-8")
    assert run("report", out).returncode == 0
    own = (out / "report.html").read_text("utf-8")
    assert "network.json --budget 5 --out DIR" in own
    assert "scenario dry" in own


def test_an_export_is_of_the_scenario(tmp_path: Path) -> None:
    for name in ("plain", "dry"):
        ran = run("export", BASE, tmp_path / f"{name}.lp", "--budget", 5, "--scenario", name)
        assert ran.returncode == 0
    assert (tmp_path / "plain.lp").read_text() != (tmp_path / "dry.lp").read_text()


def test_an_unknown_scenario_ends_with_what_was_probably_meant() -> None:
    ran = run("solve", BASE, "--budget", "5", "--scenario", "dri")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "the network has no scenario 'dri'; did you mean 'dry'?" in ran.stderr


def test_check_counts_scenarios(tmp_path: Path) -> None:
    assert "no errors, 0 warnings in the network and its 2 scenarios; sha256" in (
        run("check", BASE).stdout
    )
    folder = Path(shutil.copytree(BASE, tmp_path / "n"))
    for name in ("scenarios", "changes"):
        (folder / f"{name}.csv").unlink()
    assert "no errors, 0 warnings; sha256" in run("check", folder).stdout
