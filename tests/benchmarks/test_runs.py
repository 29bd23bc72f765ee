"""Whole runs: in a process of its own, ended at the limit, taken up again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.planning.solve import solve
from tests.benchmarks import __main__ as command
from tests.benchmarks import records, runs
from tests.benchmarks.cases import Case, generated, instances, peru
from tests.benchmarks.generator import Spec, generate
from tests.benchmarks.records import Record
from tests.benchmarks.runs import Settings, blank, filled, measure
from tests.benchmarks.variants import VARIANTS, Question
from tests.networks import DATA, ROOT, SHIPPED, shipped

TINY = Case(
    family="tiny",
    network="tiny",
    objective="flow",
    budget=4.0,
    source=SHIPPED / "tiny",
    known=6.0,
)


@pytest.mark.slow  # quick: an earlier commit below, which is this one
@pytest.mark.parametrize("variant", ["flowopt", "plain"])
def test_a_run_fills_its_row(variant: str) -> None:
    row = measure(TINY, variant, Settings(limit=20.0))
    assert (row.status, row.value, row.claimed, row.gap, row.right) == ("optimal", 6, 6, 0, "yes")
    assert None not in (row.nodes, row.build_seconds, row.cpu_seconds)
    # flowopt answers it without a programme
    assert (row.rows is None) == (row.columns is None) == (variant == "flowopt")
    assert row.first_seconds is not None
    assert row.proof_seconds is not None
    assert row.total_seconds is not None
    assert 0.0 < row.first_seconds <= row.proof_seconds <= row.total_seconds
    assert row.memory_mib is not None
    assert 20.0 < row.memory_mib < 2000.0


@pytest.mark.parametrize(
    "source",
    [
        TINY.source,
        pytest.param(Spec(activities=60, measures=6), marks=pytest.mark.slow),
    ],
)
def test_an_earlier_commit_runs_beside(source: Any) -> None:
    case = replace(TINY, source=source, known=None)
    earlier = measure(case, "earlier", Settings(limit=20.0, earlier=ROOT))
    network = generate(source) if isinstance(source, Spec) else shipped("tiny")
    now = solve(network, objective=case.objective, budget=case.budget)
    assert earlier.note.startswith("revision ")
    assert (earlier.status, earlier.value) == (now.status, pytest.approx(now.value))


def test_an_earlier_commit_is_the_one_that_runs(tmp_path: Path) -> None:
    row = measure(TINY, "earlier", Settings(earlier=tmp_path))
    assert row.status == "error"
    assert f"not from {tmp_path}" in row.note


@pytest.mark.slow
def test_a_run_that_does_not_end_is_killed() -> None:
    spec = Spec(activities=3000, measures=300)
    case = replace(TINY, source=spec, known=None)
    row = measure(case, "flowopt", Settings(limit=0.2, grace=0.0))
    assert row.status == "killed"
    assert row.value is None
    assert row.memory_mib is not None


def test_a_run_that_fails_says_why(tmp_path: Path) -> None:
    row = measure(replace(TINY, source=tmp_path / "nowhere"), "plain", Settings())
    assert row.status == "error"
    assert "no such folder" in row.note


@pytest.mark.parametrize("name", ["tiny", "leaky-river", "shared-crew"])
@pytest.mark.parametrize("objective", ["flow", "profit"])
def test_all_variants_agree(name: str, objective: Any) -> None:
    network: Network = shipped(name)
    asked = Question(budget=3.0, objective=objective, limit=20.0, gap=0.0)
    found = {variant: answer(network, asked, lambda: None) for variant, answer in VARIANTS.items()}
    for run in found.values():
        assert run.status == "optimal"
        assert run.claimed == pytest.approx(found["flowopt"].claimed, rel=1e-6, abs=1e-6)
        assert run.bound == pytest.approx(run.claimed, rel=1e-6, abs=1e-6)
        assert run.plan is not None


def said(**given: Any) -> dict[str, Any]:
    return {
        "status": "optimal", "rows": 1, "columns": 1, "nodes": 1, "build": 0.1, "first": 0.2,
        "proof": 0.3, "total": 0.3, "cpu": 0.3, "claimed": 10.0, "value": 10.0, "bound": 10.0,
        "memory": 50.0,
    } | given  # fmt: skip


def test_a_proof_of_something_else_is_none() -> None:
    row = blank(replace(TINY, known=None), "plain", Settings())
    assert filled(row, said()).status == "optimal"
    short = filled(row, said(value=12.0))  # its own programme said 10
    assert (short.status, short.proof_seconds) == ("short", None)
    assert short.gap == pytest.approx(2.0 / 12.0)
    assert filled(row, said(value=0.0, bound=0.0)).status == "optimal"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let runs be answered at once; return who ran."""
    ran: list[str] = []

    def answer(case: Case, variant: str, settings: Settings) -> Record:
        ran.append(f"{case.name} {variant}")
        if variant == "raw" and len(ran) == 3:
            raise KeyboardInterrupt
        return filled(blank(case, variant, settings), said(value=6.0, claimed=6.0, bound=6.0))

    monkeypatch.setattr(command, "measure", answer)
    monkeypatch.setattr(runs, "revision", lambda: "abc")
    return ran


def test_what_is_done_is_not_done_again(
    counted: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "runs.csv"
    variants = ("flowopt", "plain", "raw")
    assert command.run([TINY], variants, Settings(), out, []) == 130  # Ctrl-C in the third
    assert "--resume goes on" in capsys.readouterr().err
    kept = records.read(out)
    assert [row.variant for row in kept] == ["flowopt", "plain"]
    assert command.run([TINY], variants, Settings(), out, kept) == 0
    assert counted == [f"tiny-flow-4 {v}" for v in (*variants, "raw")]
    assert [row.variant for row in records.read(out)] == list(variants)
    # Another limit is another measurement.
    assert command.run([TINY], ["plain"], Settings(limit=5.0), out, records.read(out)) == 0
    assert len(counted) == 5


def test_side_by_side(
    counted: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [replace(TINY, budget=float(budget)) for budget in range(1, 5)]
    out = tmp_path / "runs.csv"
    variants = ("flowopt", "plain")
    assert command.run(cases, variants, Settings(), out, [], workers=3) == 0
    assert sorted(counted) == sorted(f"tiny-flow-{b} {v}" for b in range(1, 5) for v in variants)
    assert len(records.read(out)) == 8
    assert "flowopt - plain, s" in capsys.readouterr().out


def test_a_wrong_answer_fails(
    counted: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = replace(TINY, known=5.0)
    assert command.run([wrong], ["plain"], Settings(), tmp_path / "runs.csv", []) == 1
    assert "tiny-flow-4: plain gives 6, the optimum is 5" in capsys.readouterr().out
    assert len(counted) == 1


def test_the_cases() -> None:
    names = [case.name for case in (*peru(), *instances(DATA / "instances"), *generated())]
    assert len(set(names)) == len(names)
    assert "peru-2014-profit-160" in names
    assert "grid7x7_all_s1-flow-3" in names
    assert not any(name.endswith("-flow-0") for name in names)
    known = {case.name: case.known for case in instances(DATA / "instances")}
    assert known["grid7x7_all_s1-flow-3"] == 30.0
    families = {case.family for case in instances(DATA / "instances")}
    assert families == {"grid", "layered", "layered_mc3"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-k", "nowhere"], "no case holds nowhere"),
        (["--variants", "plain,magic"], "no variant magic"),
        (["--time-limit", "0"], "the time limit is above 0 s"),
        (["--workers", "0"], "workers and threads are at least 1"),
        (["--earlier", "nowhere"], "nowhere is no checkout of flowopt"),
        (["--instances", "nowhere"], "has no optima.csv"),
        (["--show", "--out", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_wrong_commands(
    words: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["benchmarks", *words])
    with pytest.raises(SystemExit) as stop:
        command.main()
    assert stop.value.code == 2
    assert says in capsys.readouterr().err
