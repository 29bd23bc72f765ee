"""`flowopt stress` on the command line: words, files, refusals."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from flowopt.network.read import read_network
from flowopt.network.write import write_network
from flowopt.planning.verify import verify
from tests.command import run
from tests.networks import narrow_bridges

BRIDGES = ("stress", "networks/two-bridges", "--measures", "m_block")


def test_it_says_what_the_sample_shows_and_that_it_is_one(tmp_path: Path) -> None:
    out = tmp_path / "moved"
    done = run(*BRIDGES, "--rival", "gate=m_gate", "--draws", 40, "--workers", 1, "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert "When the numbers move within their ranges, in 40 draws, the plan cuts" in text
    assert "Of the 2 plans it is the best in" in text
    assert "This is a sample of the ranges" in text
    assert "roved" not in text
    names = {path.name for path in out.iterdir()}
    tables = {"draws.csv", "plans.csv", "drivers.csv", "factors.csv"}
    assert names == tables | {"summary.json", "network.json"}
    assert not (tmp_path / "moved.partial").exists()
    with (out / "draws.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["draw", "baseline", "value:plan", "value:gate", "best_plans"]
    assert len(rows) == 40
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["status"], summary["draws"], summary["seed"]) == ("sampled", 40, 1)
    assert summary["plans"] == {"plan": ["m_block"], "gate": ["m_gate"]}
    assert read_network(out / "network.json").sha256 == summary["input_sha256"]


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        done = run(*BRIDGES, "--draws", 5, "--workers", 1, "--quiet", "--out", tmp_path / name)
        assert (done.returncode, done.stdout) == (0, "")
    for path in (tmp_path / "one").iterdir():
        if path.name != "summary.json":  # which says how long it took
            assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    again = run(*BRIDGES, "--draws", 5, "--workers", 1, "--out", tmp_path / "one")
    assert again.returncode == 2
    assert "--force" in again.stderr
    forced = run(
        *BRIDGES, "--draws", 6, "--workers", 1, "--quiet", "--force", "--out", tmp_path / "one"
    )
    assert forced.returncode == 0


def test_rivals_come_by_name_file_and_folder(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("measure\nm_north\nm_south\n")
    done = run(
        *BRIDGES, "--draws", 3, "--workers", 1, "--json", "--rival", "coverage",
        "--rival", f"both={tmp_path / 'plan.csv'}", "--rival", f"folder={tmp_path}",
        "--rival", "north=north bridge",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    plans = json.loads(done.stdout)["plans"]
    assert list(plans) == ["plan", "coverage", "both", "folder", "north"]
    assert plans["both"] == plans["folder"] == ["m_north", "m_south"]
    assert plans["north"] == ["m_north"]


def test_one_scenario_or_one_period_is_stressed_alone(tmp_path: Path) -> None:
    write_network(narrow_bridges(), tmp_path / "worlds")
    asked = ("--measures", "m_block", "--draws", 2, "--workers", 1)
    aside = run("stress", tmp_path / "worlds", *asked)
    assert "3 scenarios are not looked at; --scenario ID looks at one" in " ".join(
        aside.stdout.split()
    )
    done = run(
        "stress", tmp_path / "worlds", "--scenario", "low", *asked, "--out", tmp_path / "low"
    )
    assert "scenario low" in done.stdout
    assert "not looked at" not in done.stdout
    summary = json.loads((tmp_path / "low" / "summary.json").read_text())
    assert summary["baseline"] == pytest.approx(3.0)  # a quarter of the avenue's 12 t
    assert verify(tmp_path / "low").passed
    years = run(
        "stress", "networks/tiny-years", "--period", "y1", "--measures", "m_boats", *asked[2:]
    )
    assert years.returncode == 0, years.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--rival", "gate"), "neither coverage nor NAME=PLAN"),
        (("--rival", "a=m_gate", "--rival", "a=m_gate"), "name each once"),
        (("--rival", "plan=m_gate"), "give it a name"),
        (("--ranges", "X"), "is not GRADE=FACTOR"),
        (("--ranges", "Q=2"), "is no grade"),
        (("--ranges", "X=0.5"), "no factor of 1 or more"),
        (("--plan", "x.csv"), "give the plan with --measures"),
        (("--resume",), "give --out as well"),
        (("--rival", "a=m_gat"), "m_gat"),
        (("--rival", "a=gone/plan.csv"), "no file or folder gone/plan.csv"),
    ],
)
def test_what_makes_no_sense_is_refused(words: tuple[str, ...], message: str) -> None:
    done = run(*BRIDGES, "--draws", 2, "--workers", 1, *words)
    assert done.returncode == 2
    assert message in done.stderr
