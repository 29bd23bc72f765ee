"""Worker processes of this machine: spawned, so that they inherit no state of this one."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import parent_process

from flowopt.errors import SolverError

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
# Signals that end this process, which then ends its workers; these need no traceback of their own.
_STOPS = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]


@contextmanager
def quiet_start() -> Iterator[None]:
    """Block signals that would stop processes started meanwhile, until they begin to work.

    They inherit the blocked signals; else Ctrl-C would end each with a traceback while it still
    imports. Signals for this process wait until then.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def deaths_in_words() -> Iterator[None]:
    """Raise a `SolverError` with what to do where a worker of a pool has died."""
    try:
        yield
    except BrokenProcessPool as error:
        raise SolverError(
            "a worker process died before it could answer; a script has to call this below "
            'if __name__ == "__main__":, and each worker needs memory for a network of its own'
        ) from error


def begin_work() -> None:
    """Ignore Ctrl-C, which is the parent's, but end with the parent, even where it is killed.

    SIGTERM is not ignored: with it a pool ends the workers left when one has died, and waits for
    them with its lock held, so that a worker that stayed would hold up the parent for ever.
    """
    for stop in _STOPS:
        ends = stop == signal.SIGTERM
        signal.signal(stop, signal.SIG_DFL if ends else signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
