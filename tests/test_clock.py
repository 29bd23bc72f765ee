"""The clock of a request: what is left, and parts of it."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flowopt import clock as clocks
from flowopt.clock import Clock, command_clock
from flowopt.errors import OutOfTime


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a list whose last entry is the time."""
    times = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: times[-1])
    return times


def test_a_clock_counts_from_its_start(now: list[float]) -> None:
    clock = Clock(8.0)
    assert (clock.began, clock.deadline) == (100.0, 108.0)
    now.append(106.0)
    assert (clock.elapsed(), clock.left(), clock.late()) == (6.0, 2.0, False)
    now.append(108.0)
    assert (clock.left(), clock.late()) == (0.0, True)


def test_a_part_begins_now_and_ends_before_the_whole(now: list[float]) -> None:
    clock = Clock(8.0)
    now.append(104.0)
    assert clock.part(0.5) == Clock(2.0, 104.0)
    assert clock.part(1.0).deadline == clock.deadline
    assert clock.before(3.0) == Clock(5.0, 100.0)
    assert clock.before(30.0).late()
    now.append(120.0)
    assert clock.part(0.5) == Clock(0.0, 120.0)


def test_without_a_limit_it_is_never_late(now: list[float]) -> None:
    clock = Clock()
    now.append(1e9)
    assert (clock.deadline, clock.left(), clock.late()) == (None, math.inf, False)
    assert clock.part(0.1).deadline is None
    assert clock.before(5.0) is clock


def test_a_step_that_would_overrun_the_limit_is_not_begun(now: list[float]) -> None:
    clock = Clock(8.0)
    now.append(107.0)
    clock.insist("reading", "building", 1.9)
    with pytest.raises(OutOfTime, match=r"8 s is too short: reading took 7 s, and building takes"):
        clock.insist("reading", "building", 2.1)
    Clock().insist("reading", "building", 1e9)
    now.append(1000.0)
    clock.insist("reading", "building", 0.1)  # a trifle, so that there is an answer


def test_a_command_began_when_its_process_did() -> None:
    code = (
        "import time; time.sleep(0.3); from flowopt.clock import command_clock; time.sleep(0.2)\n"
        "print(command_clock().elapsed())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    elapsed = float(done.stdout)
    assert elapsed >= (0.5 if Path("/proc/self/stat").exists() else 0.2)


def test_what_a_process_was_before_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell's seconds, say: this process began with the tests."""
    imported = time.perf_counter() - 5.0
    monkeypatch.setattr(clocks, "_IMPORTED", imported)
    assert imported - 1.0 <= command_clock().began <= imported
    monkeypatch.delattr(os, "sysconf")  # a system that does not say
    assert command_clock() == Clock(None, imported)


def test_an_infinite_limit_is_none() -> None:
    clock = Clock(math.inf)
    assert clock == Clock(None, clock.began)
    assert clock.before(2.0 * clock.left()).left() == math.inf
