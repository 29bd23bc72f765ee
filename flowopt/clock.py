"""The time that a request may take, and why an answer is short of its proof."""

from __future__ import annotations

import math
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from flowopt.errors import OutOfTime

_GRACE = 1.0  # seconds
_TRIFLE = 0.5  # seconds that a step may take at any time
_START_UP = 1.0  # seconds, at most, from the start of the process to the import of this file
_IMPORTED = time.perf_counter()

LimitReason = Literal["time", "nodes", "interrupted"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Start and time limit of one request, handed inward to all that works on it.

    Attributes
    ----------
    limit : float or None
        Seconds from the start; None, and infinity, which is taken as None, for no limit.
    began : float
        `time.perf_counter` at the start; now, if not given.
    """

    limit: float | None = None
    began: float = field(default_factory=lambda: time.perf_counter())

    def __post_init__(self) -> None:
        if self.limit == math.inf:  # a share of it, kept for later steps, would be all of it
            object.__setattr__(self, "limit", None)

    @property
    def deadline(self) -> float | None:
        """`time.perf_counter` at the limit, None without one."""
        return None if self.limit is None else self.began + self.limit

    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return time.perf_counter() - self.began

    def left(self) -> float:
        """Return the seconds up to the limit, below 0 after it; infinity without one."""
        return math.inf if self.limit is None else self.limit - self.elapsed()

    def late(self) -> bool:
        """Return whether the limit is over."""
        return self.left() <= 0.0

    def insist(self, done: str, ahead: str, seconds: float) -> None:
        """Raise `OutOfTime` where the step after the first would overrun the limit by a second.

        `seconds` is about how long that takes. A small network has an answer however short the
        limit: a trifle is always worth it.
        """
        if seconds > _TRIFLE and self.left() - seconds < -_GRACE:
            raise OutOfTime(
                f"the time limit of {self.limit:g} s is too short: {done} took "
                f"{self.elapsed():.3g} s, and {ahead} takes about {seconds:.2g} more; give it "
                "more time"
            )

    def before(self, seconds: float) -> Clock:
        """Return the clock of what has to be done so many seconds before the limit."""
        return self if self.limit is None else Clock(max(0.0, self.limit - seconds), self.began)

    def part(self, share: float) -> Clock:
        """Return a clock of its own for a share of the time that is left, from now on."""
        now = time.perf_counter()
        if self.limit is None:
            return Clock(None, now)
        return Clock(max(0.0, share * (self.began + self.limit - now)), now)


def command_clock() -> Clock:
    """Return the clock of a command, without a limit, which runs since its process began.

    The system says when that was, where it is Linux. Other processes, such as a shell, may have
    turned into this one; hence no more than a second before the first import counts. Elsewhere that
    is the start.
    """
    began = _IMPORTED
    with suppress(OSError, AttributeError, ValueError, IndexError):
        with open("/proc/self/stat", encoding="utf-8", errors="replace") as stat:
            ticks = int(stat.read().rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
        began = time.perf_counter() - age
    return Clock(None, min(max(began, _IMPORTED - _START_UP), _IMPORTED))
