"""Live displays of progress, on stderr and only if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flowopt.model.solver import OnProgress
    from flowopt.planning.stress.stress_run import OnDraws
    from flowopt.planning.sweep.progress import SweepProgress


@contextmanager
def progress_display(show: bool) -> Iterator[OnProgress | None]:
    """Show a live line."""
    if not show or not sys.stderr.isatty():
        yield None
        return
    from flowopt.report.progress_text import progress_line

    with progress_line() as update:
        yield update


@contextmanager
def sweep_display(show: bool, *, gap: float, workers: int) -> Iterator[SweepProgress | None]:
    """Show a live table of rows."""
    if not show or not sys.stderr.isatty():
        yield None
        return
    from tempfile import TemporaryDirectory

    from flowopt.planning.sweep.progress import SweepProgress
    from flowopt.report.frontier_text import live_table

    with TemporaryDirectory(prefix="flowopt-", ignore_cleanup_errors=True) as folder:
        watch = SweepProgress(Path(folder), workers)
        with live_table(watch, gap):
            yield watch


@contextmanager
def draws_display(show: bool) -> Iterator[OnDraws | None]:
    """Show a live line with how many draws are finished."""
    if not show or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label="draws", file=sys.stderr) as bar:

        def update(finished: int, count: int) -> None:
            bar.length = count
            bar.update(finished - bar.pos)

        yield update
