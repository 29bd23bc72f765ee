"""The benchmark of limits runs and sums up; how long commands take is not tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowopt.network.read import read_network
from tests.benchmarks.limits import VERBS, Timed, generated, main, question
from tests.networks import SHIPPED


def test_a_generated_network_has_a_measure_against_every_arc(tmp_path: Path) -> None:
    network = read_network(generated(40, tmp_path))
    assert len(network.arcs) == len(network.measures) == 40
    assert len(network.nodes) == 8


def test_a_command_is_timed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    network = str(SHIPPED / "tiny")
    code = main(["--network", network, "--budget", "4", "--time-limit", "300", "--verb", "solve"])
    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[1].split()[:4] == ["tiny", "solve", "optimal", "0"]
    assert "processors" in lines[-1]


def test_each_verb_asks_its_question() -> None:
    network = SHIPPED / "tiny"
    asked = {verb: question(network, verb, "4", "profit") for verb in VERBS}
    assert asked["solve"][:2] == ["--budget", "4"]
    assert asked["compare"][:2] == ["--budgets", "4"]
    assert question(network, "compare", "4", "profit", rows=3)[1] == "4,5,6"
    assert asked["evaluate"][:2] == ["--measures", read_network(network).measures[0].measure]
    assert all("profit" in words for words in asked.values())


def test_what_a_promise_allows() -> None:
    assert Timed("x", "solve", 60.0, 0.0, 0.0, 0, "", None).allowed == pytest.approx(65.0)
