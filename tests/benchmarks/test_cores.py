"""The benchmark of cores runs and sums up; how much faster more of them are is not tested."""

from __future__ import annotations

import pytest

from tests.benchmarks.cores import main
from tests.networks import SHIPPED


@pytest.mark.slow
def test_commands_are_timed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--network", str(SHIPPED / "tiny"), "--budget", "4", "--budgets", "0:4:2"]
    assert main([*words, "--cores", "1", "--cores", "2"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[:2] for line in lines[1:3]] == [["solve", "optimal"], ["solve", "optimal"]]
    assert [line[:2] for line in lines[3:5]] == [["compare", "1"], ["compare", "2"]]
    assert lines[1][-1] == lines[3][-1] == "1.00"
