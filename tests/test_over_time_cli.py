"""Commands on a network with periods: what they print, and what they refuse in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import run
from tests.networks import SHIPPED

TINY = SHIPPED / "tiny-years"


def test_flow_prints_every_period_and_what_opens() -> None:
    text = run("flow", TINY).stdout
    assert "2 periods, First year to Second year, 2 years" in text
    assert "come to 26.0 t over 2 years; if nothing opened, to" in text
    assert "arc Field to Town (flight)" in text
    assert max(map(len, text.splitlines())) <= 80
    said = json.loads(run("flow", TINY, "--json").stdout)
    assert (said["value"], said["value_without_openings"]) == (26.0, 20.0)
    assert [row["delivered"] for row in said["periods"]] == [10.0, 16.0]


def test_evaluate_sets_campaigns_and_schedules_side_by_side(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("period,measure\ny2,m_boats\n", encoding="utf-8")
    chosen = ("--campaign", "radar-first", "--measures", "m_boats@y1,m_radar@y1")
    ran = run("evaluate", TINY, *chosen, "--schedule", file)
    assert ran.returncode == 0
    lines = ran.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert ["radar-first", "6.0", "15.0", "11.0", "5.0", "11.0"] in [line.split() for line in lines]
    assert ["yours", "2.0", "21.0", "5.0", "5.0", "5.0"] in [line.split() for line in lines]
    assert ["mine", "2.0", "21.0", "5.0", "5.0", "5.0"] in [line.split() for line in lines]
    assert "yours: Radar (m_radar) cannot be in force in y1" in ran.stdout


def test_evaluate_as_json() -> None:
    said = json.loads(run("evaluate", TINY, "--campaign", "all", "--budget", 2, "--json").stdout)
    assert [row["value"] for row in said["campaigns"]] == [16.0, 15.0]
    assert (
        "y1: it costs 3 M USD a year, 1 over the 2 that there are"
        in (said["campaigns"][1]["breaks"])
    )


@pytest.mark.parametrize(
    "words",
    [
        ("solve", TINY, "--budget", 3, "--of", "TOWN"),
        ("solve", SHIPPED / "tiny", "--budget", 3, "--carry"),
        ("compare", TINY, "--budgets", "all"),
        ("compare", TINY, TINY, "--budgets", "3"),
        ("compare", TINY, "--budgets", "3", "--criterion", "worst"),
        ("compare", TINY, "--budgets", "3", "--objective", "flow", "--objective", "profit"),
        ("compare", SHIPPED / "tiny", "--budgets", "3", "--carry"),
        ("stress", TINY, "--measures", "m_boats"),
        ("export", TINY, "out.lp", "--budget", 3),
        ("solve", TINY, "--budget", 3, "--criterion", "worst"),
        ("flow", TINY, "--of", "TOWN"),
        ("evaluate", TINY, "--measures", "m_boats", "--against", "coverage"),
        ("evaluate", TINY, "--measures", "m_boats", "--of", "TOWN"),
        ("evaluate", SHIPPED / "tiny", "--campaign", "all"),
        ("evaluate", SHIPPED / "tiny", "--measures", "m_strip", "--carry"),
        ("evaluate", SHIPPED / "tiny", "--measures", "m_strip", "--best"),
        ("evaluate", TINY, "--measures", "m_boats", "--criterion", "worst"),
        ("solve", SHIPPED / "tiny", "--budget", 3, "--workers", 2),
        ("solve", TINY, "--budget", 3, "--workers", 0),
        ("solve", TINY, "--budget", 3, "--alternatives", 0),
        ("solve", TINY, "--target", 16, "--alternatives", 3),
    ],
    ids=lambda words: " ".join(str(word) for word in words if "/" not in str(word)),
)
def test_what_is_not_there_is_refused(
    words: tuple[str | Path | float, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run(*words)
    assert ran.returncode != 0
    words_said = ("period", "scenario", "at least 1", "are for a budget", "over time")
    assert any(word in ran.stderr for word in words_said)
    assert "Traceback" not in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_solve_prints_the_schedule_and_how_sure_it_is() -> None:
    text = run("solve", TINY, "--budget", 3).stdout
    assert "from 26.00 to" in text
    assert "Proved: nothing does better than 15.00 t." in text
    assert "If nothing opened, it would cut 5.00 of 20.00 t." in text
    lines = [line.split() for line in text.splitlines()]
    assert ["Radar", "(m_radar)", "b", "x"] in lines
    assert ["y2", "1", "3.0", "3.0", "16.0", "5.0", "5.0"] in lines
    assert max(map(len, text.splitlines())) <= 80


def test_solve_as_json() -> None:
    said = json.loads(run("solve", TINY, "--budget", 3, "--include", "m_boats@y1", "--json").stdout)
    assert (said["status"], said["value"], said["spent"]) == ("optimal", 16.0, 4.0)
    assert (said["measures"], said["bought"]) == (["m_boats@y1", "m_boats@y2"], [])


def test_solve_lists_the_next_best_schedules(tmp_path: Path) -> None:
    words = ("solve", TINY, "--budget", 3, "--alternatives", 3)
    lines = [line.split() for line in run(*words).stdout.splitlines()]
    assert ["2", "16.00", "0.000%", "4.00", "-m_radar@y2", "+m_boats@y1"] in lines
    assert run(*words, "--out", tmp_path / "out").returncode == 0
    assert (tmp_path / "out" / "alternatives.csv").read_text().splitlines()[2] == (
        "tiny-years,flow,3,2,16,16,0,optimal,4,m_boats@y1;m_boats@y2,"
    )


@pytest.mark.parametrize(
    ("money", "names"),
    [((), ["best for boats", "best for radar-first"]), (("--budget", 3), ["best"])],
)
def test_evaluate_sets_the_best_schedule_beside_the_others(
    money: tuple[str | float, ...], names: list[str]
) -> None:
    words = ("evaluate", TINY, "--campaign", "all", "--best", *money)
    text = run(*words).stdout
    assert f"{names[-1]}: proved, no schedule for the same money goes below 15.00 t." in text
    rows = json.loads(run(*words, "--json").stdout)["campaigns"]
    assert [row["campaign"] for row in rows] == ["boats", "radar-first", *names]
    assert [row["status"] for row in rows] == ["", "", *["optimal"] * len(names)]
    assert rows[-1]["value"] == rows[-1]["bound"] == 15.0


def test_compare_prints_the_best_schedule_of_each_budget() -> None:
    words = ("compare", TINY, "--budgets", "0:3:1", "--workers", 1)
    lines = [line.split() for line in run(*words).stdout.splitlines()]
    assert ["3", "6.0", "15.00", "11.00", "0.000%", "-m_boats@y1", "+m_radar@y2"] in lines
    rows = json.loads(run(*words, "--json").stdout)["frontier"]
    assert [row["value"] for row in rows] == [26.0, 26.0, 16.0, 15.0]
    assert run("compare", TINY, "--budgets", 0, "--include", "m_boats").returncode == 3


def test_solve_for_a_target_takes_what_costs_least() -> None:
    text = run("solve", TINY, "--target", 16).stdout
    assert "takes 4 M USD in all" in text.replace(" \n", " ")
    assert "Proved: no schedule does it for less." in text


def test_solve_without_a_schedule_says_why() -> None:
    for words in (("--target", 1), ("--budget", 1, "--include", "m_boats@y1")):
        ran = run("solve", TINY, *words)
        assert ran.returncode == 3
        assert "There is no schedule" in ran.stdout
        assert "no schedule within" in ran.stderr or "y1: " in ran.stderr


def test_compare_writes_a_folder_that_verify_and_report_take(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("compare", TINY, "--budgets", "2,3", "--workers", 1, "--out", out)
    said = run(*words).stdout
    assert f"Next: flowopt report {out}" in " ".join(said.split())
    assert not out.with_name("out.partial").exists()
    assert run("verify", out).stdout.splitlines()[-1].endswith("all passed")
    assert run("report", out).returncode == 0
    assert run(*words).returncode == 2  # it is there already
    assert run(*words, "--force", "--quiet").returncode == 0


def test_a_plan_for_all_time_is_no_schedule() -> None:
    ran = run("evaluate", TINY, "--plan", TINY)
    assert ran.returncode == 2
    assert "give --schedule FILE (the folder of a schedule holds schedule.csv)" in ran.stderr
