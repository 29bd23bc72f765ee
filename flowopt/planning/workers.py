"""Processes of this machine that work for this one: spawned, so nothing of it leaks into them."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import parent_process


def begin_work() -> None:
    """Leave Ctrl-C to the parent, and do not outlive it, even where it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
