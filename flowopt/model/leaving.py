"""Solvers that do not stop when they are told to, and are left to end alone."""

from __future__ import annotations

import atexit
import os
import threading

_PATIENCE = 60.0  # seconds that one of them has at the end of the program


def let_end(done: threading.Event) -> None:
    """Leave the thread that will set `done` to itself, but let it end before Python does.

    Python must not shut down under a thread that is about to call back. A process forked from this
    one has no such thread, and must not wait for it.
    """
    atexit.register(_wait, done, os.getpid())


def _wait(done: threading.Event, process: int) -> None:
    if os.getpid() == process:
        done.wait(_PATIENCE)
