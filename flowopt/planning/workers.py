"""Worker processes of this machine: spawned, so that they inherit no state of this one."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import parent_process
from typing import TypeVar

from flowopt.errors import RequestError, SolverError

_T = TypeVar("_T")
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
# Signals that end this process, which then ends its workers; these need no traceback of their own.
_STOPS = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]


def check_workers(workers: int) -> None:
    """Refuse what is no number of processes, with a `RequestError`."""
    if isinstance(workers, bool) or workers < 1:
        raise RequestError(f"workers {workers} is not a whole number of at least 1")


def started_quietly(start: Callable[[], _T]) -> _T:
    """Return what a call returns that may start processes, which no signal breaks off.

    They inherit blocked signals until they begin to work; else Ctrl-C would end each with a
    traceback while it still imports. The call has a thread of its own: whichever thread of this
    process takes a signal, the main one is interrupted, and between the start of a worker and the
    data that it waits for that would end the worker with a traceback, too.
    """
    found: Future[_T] = Future()

    def run() -> None:
        if hasattr(signal, "pthread_sigmask"):  # not on Windows
            signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        try:
            found.set_result(start())
        except BaseException as error:
            found.set_exception(error)

    thread = threading.Thread(target=run)
    try:
        thread.start()
        return found.result()
    finally:
        if thread.is_alive():
            thread.join()


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
