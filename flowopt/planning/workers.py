"""Processes of this machine that work for this one: spawned, so nothing of it leaks into them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
# What ends this process: it ends its workers then, which need not complain of it themselves.
_STOPS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


@contextmanager
def quiet_start() -> Iterator[None]:
    """Hold back what would stop processes that are started meanwhile, until they begin to work.

    They inherit what is held back, or Ctrl-C would end them with a traceback each while they still
    import. What comes for this process waits until then.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin_work() -> None:
    """Leave it to the parent when to end, but do not outlive it, even where it is killed."""
    for stop in _STOPS:
        signal.signal(stop, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
