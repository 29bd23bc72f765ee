"""The benchmark of limits runs and sums up; how long commands take is not tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowopt.network.read import read_network
from tests.benchmarks.limits import Timed, generated, main
from tests.networks import SHIPPED


def test_a_generated_network_has_a_measure_against_every_arc(tmp_path: Path) -> None:
    network = read_network(generated(40, tmp_path))
    assert len(network.arcs) == len(network.measures) == 40
    assert len(network.nodes) == 8


def test_a_command_is_timed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--network", str(SHIPPED / "tiny"), "--budget", "4", "--time-limit", "300"])
    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[1].split()[:4] == ["tiny", "solve", "optimal", "0"]
    assert "processors" in lines[-1]


def test_what_a_promise_allows() -> None:
    assert Timed("x", "solve", 60.0, 0.0, 0.0, 0, "", None).allowed == pytest.approx(65.0)
