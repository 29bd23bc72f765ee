"""The benchmark of cores runs and sums up; how much faster more of them are is not tested."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.benchmarks import cores
from tests.benchmarks.cores import main, scaled
from tests.networks import SHIPPED


@pytest.mark.slow
def test_commands_are_timed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--network", str(SHIPPED / "tiny"), "--budget", "4", "--budgets", "0:4:2"]
    assert main([*words, "--cores", "1"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[:2] for line in lines[1:3]] == [["solve", "optimal"], ["compare", "1"]]
    assert [line[-1] for line in lines[1:3]] == ["1.00", "1.00"]


def test_more_cores_are_held_against_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def instead(*given: Any) -> Any:
        words = given[-1]
        asked.append(words)
        return SimpleNamespace(wall=12.0 / float(words[3]))

    monkeypatch.setattr(cores, "timed", instead)
    rows = scaled(SHIPPED / "tiny", "compare", "0:4:2", (1, 2, 4), 60.0, ["--objective", "flow"])
    assert [words[:4] for words in asked] == [
        ["--budgets", "0:4:2", "--workers", str(number)] for number in (1, 2, 4)
    ]
    assert [row.speedup for row in rows] == [1.0, 2.0, 4.0]
