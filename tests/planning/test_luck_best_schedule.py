"""Folders of the best schedule where measures may fail: verified, tampered with, and as a page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.model.plan_luck import LuckValues
from flowopt.network.schema import Period
from flowopt.network.write import write_network
from flowopt.planning import luck_schedule_outcome, lucky_schedules
from flowopt.planning.evaluate_over_time import evaluate_over_time
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.schedule_run import ScheduleRun
from flowopt.planning.solve_over_time import solve_over_time
from flowopt.results.schedules_under_luck import LuckScheduleSolution
from tests.command import run
from tests.drawn.luck import many_coins
from tests.planning.test_luck_years_results import failed, lucky_years, refused_with


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the best schedule of two years, which buys a radar."""
    made = tmp_path_factory.mktemp("luck") / "out"
    solve_over_time(lucky_years(), budget=3, include=["m_boats@y1"]).write(made)
    return made


@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
def test_a_folder_passes_and_leaves_nothing_unproved(objective: Any, tmp_path: Path) -> None:
    found = solve_over_time(lucky_years(), budget=3, objective=objective)
    assert isinstance(found, LuckScheduleSolution)
    found.write(tmp_path / "out")
    verdict = flowopt.verify(tmp_path / "out")
    assert [check.name for check in verdict.checks if not check.passed] == []
    assert any("100.0000% of all luck" in check.seen for check in verdict.checks)
    assert not any("worths" in claim or "of all luck" in claim for claim in verdict.claims)
    assert "the mean of the objective below" in verdict.claims[0]


def test_few_schedules_under_bilevel_take_no_proof_of_when_all_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ScheduleRun, "run", _asked)  # at a gap of 1e-7 its rungs took minutes
    found = solve_over_time(lucky_years(), budget=3, objective="bilevel", time_limit=60)
    assert found.status == "optimal"


def _asked(run: ScheduleRun) -> None:
    raise AssertionError(f"{run} was asked")


def _in(*place: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        *path, last = place
        for key in path:
            content = content[key]
        content[last] = value

    return change


def _last_gone(content: dict[str, Any]) -> None:
    content["dropped"]["m_boats"].pop()


def _proof_gone(content: dict[str, Any]) -> None:
    content["dropped"]["m_boats@y1"][0].update(proof=None, value=40.0)


def _as_if_sure(content: dict[str, Any]) -> None:
    content["result"] = "schedule"
    content["dropped"] = {}
    del content["outcomes"]


CERTIFICATE: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (_in("outcomes", 1, "probability", value=0.2), "best: the outcomes are what may work"),
    (_in("outcomes", 1, "value", value=25.0), "best: values have proofs"),
    (_in("outcomes", 0, "value_without_openings", value=9.0), "best: values if nothing opened"),
    (_in("claim", "bound", value=19.5), "summary.json agrees"),
    (_in("claim", "bound", value=25.0), "claim fit together"),
    (_in("claim", "status", value="estimated"), "claim fit together"),
    (_in("dropped", "m_boats@y1", 0, "value", value=22.0), "values beside the schedule's"),
    (_in("dropped", "m_boats@y1", 0, "probability", value=0.5), "the outcomes are what may work"),
    (_in("dropped", "m_boats@y9", value=[]), "every measure is dropped once"),
    (_last_gone, "values beside the schedule's"),
    (_proof_gone, "values beside the schedule's"),
    (_as_if_sure, "the network is the one of the result"),
]


@pytest.mark.parametrize(("change", "named"), CERTIFICATE)
def test_a_changed_certificate_is_refused(
    folder: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None], named: str
) -> None:
    assert any(named in name for name in refused_with(folder, tmp_path, change))


@pytest.mark.parametrize(
    "place",
    [
        *[
            ("value",),
            ("cut",),
            ("gap",),
            ("value_without_openings",),
            ("periods", 1, "value_mean"),
        ],
        *[("luck", "half_width"), ("luck", "all_works"), ("luck", "all_works_value")],
        *[("luck", "coins"), ("outcomes", 1, "value"), ("outcomes", 0, "probability")],
    ],
)
def test_a_changed_summary_is_refused(folder: Path, tmp_path: Path, place: Any) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    content = json.loads((copy / "summary.json").read_text(encoding="utf-8"))
    *path, last = place
    inner: Any = content
    for key in path:
        inner = inner[key]
    inner[last] += 0.01
    (copy / "summary.json").write_text(json.dumps(content), encoding="utf-8")
    assert "summary.json agrees with the certificate" in failed(copy)


@pytest.mark.parametrize("name", ["schedule", "plan"])
def test_a_changed_worth_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    lines = (copy / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    worth = lines[1].rsplit(",", 1)[1]
    assert float(worth) > 0.0
    lines[1] = lines[1].removesuffix(worth) + str(float(worth) + 0.01)
    (copy / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert failed(copy) == [f"{name}.csv agrees with the certificate"]


@pytest.mark.slow
def test_draws_and_few_proofs_are_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lucky_schedules, "PROVED", 3)  # as where the time came first
    valued = LuckValues.expected
    monkeypatch.setattr(
        LuckValues, "expected", lambda self, plan, **more: valued(self, plan, draws=40, **more)
    )
    network = many_coins(13).replace(periods=[Period(period="a"), Period(period="b")])
    found = solve_over_time(network, budget=100, time_limit=30)
    assert isinstance(found, LuckScheduleSolution)
    assert (found.status, found.how) == ("estimated", "sampled")
    assert found.periods[0].value_mean is None
    assert any("the mean is an estimate" in warning for warning in found.warnings)
    found.write(tmp_path / "out")
    verdict = flowopt.verify(tmp_path / "out")
    assert [check.name for check in verdict.checks if not check.passed] == []
    assert any("draws of a seed" in claim for claim in verdict.claims)
    page = tmp_path / "page.html"
    assert run("report", str(tmp_path / "out"), "--out", str(page)).returncode == 0
    assert "The mean is an estimate by draws" in page.read_text(encoding="utf-8")


def test_where_few_worths_are_proved_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(luck_schedule_outcome, "PROVED", 1)
    found = solve_over_time(lucky_years(), budget=3, include=["m_boats@y1"])
    found.write(tmp_path / "out")
    verdict = flowopt.verify(tmp_path / "out")
    assert [check.name for check in verdict.checks if not check.passed] == []
    assert any("on which worths rest" in claim for claim in verdict.claims)


def test_no_schedule_has_a_folder_that_passes(tmp_path: Path) -> None:
    found = solve_over_time(lucky_years(), budget=0, include=["m_boats@y1"])
    found.write(tmp_path / "out")
    assert failed(tmp_path / "out") == []


def test_the_page_tells_means_and_what_may_work(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run("report", str(folder), "--out", str(page)).returncode == 0
    text = page.read_text(encoding="utf-8")
    assert "cut deliveries in the mean over what works by" in text
    assert "All of it works with a chance of" in text
    assert "What may work of the schedule" in text
    assert "under the schedule, all works" in text
    assert "those when all works that can" in text


def test_the_command_writes_a_folder_that_passes(tmp_path: Path) -> None:
    write_network(lucky_years(), tmp_path / "net")
    out = str(tmp_path / "out")
    found = run("solve", str(tmp_path / "net"), "--budget", "3", "--out", out)
    assert (found.returncode, found.stderr) == (0, "")
    assert failed(tmp_path / "out") == []
    again = run("solve", str(tmp_path / "net"), "--budget", "3", "--out", out, "--force")
    assert again.returncode == 0


@pytest.mark.parametrize("objective", ["flow", "bilevel"])
def test_an_estimate_that_was_too_low_proves_nothing(
    objective: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    judged = LuckRun.judged

    def drawn(self: LuckRun, value: float, bound: float | None = None) -> FoundForAll:
        return judged(self, value - 0.1, bound)  # as where time is short

    monkeypatch.setattr(LuckRun, "judged", drawn)
    found = solve_over_time(lucky_years(), budget=3, objective=objective, alternatives=2)
    assert found.gap is not None
    assert found.gap > 0.002
    assert (found.status, found.limit) == ("limit", "time")
    assert [row.status for row in found.alternatives] == ["limit", "limit"]
    found.write(tmp_path / "out")
    assert failed(tmp_path / "out") == []
    beside = evaluate_over_time(lucky_years(), ["boats"], objective=objective, best=True)
    assert [row.status for row in beside.campaigns] == ["", "limit"]
