"""The time that a request may take, and why an answer is short of its proof."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Literal

from flowopt.errors import OutOfTime

_GRACE = 1.0  # seconds

LimitReason = Literal["time", "nodes", "interrupted"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Start and time limit of one request, handed inward to all that works on it.

    Attributes
    ----------
    limit : float or None
        Seconds from the start, None for no limit.
    began : float
        `time.perf_counter` at the start; now, if not given.
    """

    limit: float | None = None
    began: float = field(default_factory=lambda: time.perf_counter())

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

    def insist(self, step: str) -> None:
        """Raise `OutOfTime` where a first step has overrun the limit by more than a second.

        Up to then an answer is worth waiting for: a small network has one however short the limit.
        """
        if self.left() < -_GRACE:
            raise OutOfTime(
                f"the time limit of {self.limit:g} s was over before {step}, which took "
                f"{self.elapsed():.3g} s; give it more time"
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
