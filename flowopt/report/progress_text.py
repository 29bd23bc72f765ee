"""Live line of a running question: the time, the best plan so far, the bound and the gap."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.text import Text

from flowopt.model.solver import Progress
from flowopt.report.terminal import Terminal, plain


class ProgressText:
    """Text of the last progress, whose clock goes on between two reports of the solver.

    Parameters
    ----------
    clock
        Seconds that pass, from any start.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self._last: Progress | None = None

    def update(self, progress: Progress) -> None:
        """Take the progress that a solver reports."""
        self._last = progress

    def line(self) -> Text:
        """Return the line as it stands now."""
        parts = [f"{self._clock() - self._began:6.1f} s"]
        best, bound = (
            (None, None) if self._last is None else (self._last.incumbent, self._last.bound)
        )
        parts.append("no plan yet" if best is None else f"best plan {best:,.2f}")
        parts.append("no bound yet" if bound is None else f"bound {bound:,.2f}")
        if best is not None and bound is not None:
            parts.append(f"gap {max(0.0, best - bound) / max(1e-9, abs(best)):.2%}")
        return plain("   ".join(parts))


@contextmanager
def progress_line() -> Iterator[Callable[[Progress], None]]:
    """Show a live line on stderr; the clock goes on whatever the solver reports."""
    progress = ProgressText()
    with Live(
        console=Terminal(stderr=True),
        refresh_per_second=4,
        transient=True,
        get_renderable=progress.line,
    ):
        yield progress.update
