"""Folders of schedules whose measures may fail: written, verified, tampered with, and as a page."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.clock import Clock
from flowopt.model.plan_luck import LuckValues
from flowopt.network.network import Network
from flowopt.network.schema import Period
from flowopt.network.write import write_network
from flowopt.planning import lucky_schedules
from flowopt.planning.evaluate_over_time import evaluate_over_time
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.schedules import named_schedule
from tests.command import run
from tests.drawn.luck import many_coins
from tests.networks import shipped


def lucky_years() -> Network:
    """Return the network of two years whose measures and their effects may fail."""
    network = shipped("tiny-years")
    return network.replace(
        measures=[replace(row, success=0.7) for row in network.measures],
        effects=[replace(row, success=0.5) for row in network.effects],
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of both campaigns."""
    made = tmp_path_factory.mktemp("luck") / "out"
    evaluate_over_time(lucky_years(), ["all"]).write(made)
    return made


def failed(folder: Path) -> list[str]:
    return [check.name for check in flowopt.verify(folder).checks if not check.passed]


@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
def test_a_folder_passes_and_covers_all_luck(objective: Any, tmp_path: Path) -> None:
    evaluate_over_time(lucky_years(), ["all"], objective=objective).write(tmp_path / "out")
    verdict = flowopt.verify(tmp_path / "out")
    assert verdict.passed
    assert sum("100.0000% of all luck" in check.seen for check in verdict.checks) == 2
    assert not any("of all luck" in claim for claim in verdict.claims)


def _in(place: int, key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        content["campaigns"][1]["outcomes"][place][key] = value

    return change


def _without_the_last(content: dict[str, Any]) -> None:
    content["campaigns"][1]["outcomes"].pop()


def _other_proof(content: dict[str, Any]) -> None:
    outcomes = content["campaigns"][1]["outcomes"]
    outcomes[1]["proof"] = outcomes[0]["proof"]


def _as_if_sure(content: dict[str, Any]) -> None:
    content["result"] = "campaigns"
    for each in content["campaigns"]:
        del each["outcomes"]


CERTIFICATE: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (_in(1, "probability", 0.2), "with their probabilities"),
    (_in(1, "works", ["m_boats"]), "with their probabilities"),
    (_in(1, "value", 20.5), "values have proofs"),
    (_in(1, "value_without_openings", 16.0), "if nothing opened have proofs"),
    (_in(1, "value_without_openings", None), "if nothing opened have proofs"),
    (_as_if_sure, "the network is the one of the result"),
    (_in(0, "proof", None), "values have proofs"),
    (_in(0, "drawn", 3), "values have proofs"),
    (_in(0, "failed_effects", [1]), "by what works"),
    (_without_the_last, "outcomes are all there"),
    (_other_proof, "by what works"),
]


def refused_with(
    folder: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> list[str]:
    """Return the names of the checks that a copy with a changed certificate fails."""
    copy = shutil.copytree(folder, tmp_path / "copy")
    content = json.loads((copy / "certificate.json").read_text(encoding="utf-8"))
    change(content)
    (copy / "certificate.json").write_text(json.dumps(content), encoding="utf-8")
    return failed(copy)


@pytest.mark.parametrize(("change", "named"), CERTIFICATE)
def test_a_changed_certificate_is_refused(
    folder: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None], named: str
) -> None:
    assert any(named in name for name in refused_with(folder, tmp_path, change))


@pytest.mark.parametrize(
    "key",
    [
        *("value", "cut", "cut_share", "spent", "value_without_openings", "cut_without_openings"),
        *("half_width", "how", "coins", "outcomes", "all_works", "all_works_value", "bound"),
    ],
)
def test_a_changed_row_of_the_summary_and_its_table_is_refused(
    folder: Path, tmp_path: Path, key: str
) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    content = json.loads((copy / "summary.json").read_text(encoding="utf-8"))
    row = content["campaigns"][0]
    row[key] = "sampled" if key == "how" else (row[key] or 0.0) + 0.01
    (copy / "summary.json").write_text(json.dumps(content), encoding="utf-8")
    with (copy / "campaigns.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0][key] = str(row[key])
    with (copy / "campaigns.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    found = failed(copy)
    assert "the campaigns of summary.json are those of the certificate" in found
    assert "campaigns.csv agrees with the certificate" in found


@pytest.mark.parametrize(
    "key", ["works", "failed_effects", "probability", "value", "value_without_openings"]
)
def test_a_changed_outcome_of_the_summary_and_its_table_is_refused(
    folder: Path, tmp_path: Path, key: str
) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    content = json.loads((copy / "summary.json").read_text(encoding="utf-8"))
    outcome = content["outcomes"][1]
    outcome[key] = "2" if isinstance(outcome[key], str) else outcome[key] + 0.01
    (copy / "summary.json").write_text(json.dumps(content), encoding="utf-8")
    lines = (copy / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    place, cells = lines[0].split(",").index(key), lines[2].split(",")
    cells[place] = str(outcome[key])
    lines[2] = ",".join(cells)
    (copy / "outcomes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = failed(copy)
    assert "summary.json agrees with the certificate" in found
    assert "outcomes.csv agrees with the certificate" in found


def test_other_chances_in_the_network_are_refused(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    text = (copy / "network.json").read_text(encoding="utf-8")
    assert "0.7" in text
    (copy / "network.json").write_text(text.replace("0.7", "0.8"), encoding="utf-8")
    found = failed(copy)
    assert "the network is the one of the result" in found
    assert any("with their probabilities" in name for name in found)


def test_draws_are_verified_but_for_what_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lucky_schedules, "PROVED", 3)  # as where the time came first
    valued = LuckValues.expected
    monkeypatch.setattr(
        LuckValues, "expected", lambda self, plan, **more: valued(self, plan, draws=40, **more)
    )
    network = many_coins(13).replace(periods=[Period(period="a"), Period(period="b")])
    words = [row.measure for row in network.measures]
    evaluate_over_time(network, measures=words, time_limit=60).write(tmp_path / "out")
    verdict = flowopt.verify(tmp_path / "out")
    assert [check.name for check in verdict.checks if not check.passed] == []
    claims = " ".join(verdict.claims)
    assert "draws of a seed" in claims
    assert "unlikely outcomes of yours" in claims
    assert "if nothing opened is an estimate by draws" in claims
    summary = tmp_path / "out" / "summary.json"
    content = json.loads(summary.read_text(encoding="utf-8"))
    (row,) = content["campaigns"]
    assert (row["how"], row["half_width"] > 0.0) == ("sampled", True)
    for key, value in (("half_width", 0.5 * row["half_width"]), ("value_without_openings", 50.0)):
        other = content | {"campaigns": [row | {key: value}]}
        summary.write_text(json.dumps(other), encoding="utf-8")
        assert failed(tmp_path / "out"), key


def test_where_time_ends_there_are_fewer_proofs(monkeypatch: pytest.MonkeyPatch) -> None:
    network = lucky_years()
    lucky = LuckySchedules(network, "flow", "pessimistic", Clock())
    schedule = named_schedule(network, "", ["m_boats@y1"])
    found = lucky.expected(lucky.plan(schedule))
    monkeypatch.setattr(lucky_schedules, "PROVED", 2)
    assert len(list(lucky.proofs(schedule, found))) == 2
    monkeypatch.setattr(Clock, "late", lambda _: True)
    assert list(lucky.proofs(schedule, found)) == []


def test_the_page_tells_means_and_what_may_work(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run("report", str(folder), "--out", str(page)).returncode == 0
    text = page.read_text(encoding="utf-8")
    assert "in the mean over what works" in text
    assert "boats: all of it works with a chance of 35%, and then leaves 16.00." in text
    assert "What may work of each schedule" in text
    assert "each with its probability" in text
    assert "exact for these tables" not in text


def test_the_command_writes_a_folder_that_passes(tmp_path: Path) -> None:
    write_network(lucky_years(), tmp_path / "net")
    words = ["--measures", "m_boats@y1", "--out", str(tmp_path / "out")]
    assert run("evaluate", str(tmp_path / "net"), *words).returncode == 0
    assert flowopt.verify(tmp_path / "out").passed
