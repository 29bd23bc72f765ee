"""The clock of a request: what is left, and parts of it."""

from __future__ import annotations

import math
import time

import pytest

from flowopt.clock import Clock


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
