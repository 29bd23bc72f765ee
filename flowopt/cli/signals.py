"""Signals of the command line: SIGTERM and SIGHUP act like Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_LIKE_CTRL_C = ("SIGTERM", "SIGHUP")


def end_like_ctrl_c() -> None:
    """Let SIGTERM and SIGHUP interrupt a command, so that finished work is kept.

    One that is ignored already, as under `nohup`, stays ignored.
    """
    for name in _LIKE_CTRL_C:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


@contextmanager
def alarm(seconds: float, error: Exception) -> Iterator[None]:
    """Raise an error in what is within after so many seconds, where the system can.

    For plain Python only: a solver would not hear it.
    """
    able = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not able or not 0.0 < seconds < threading.TIMEOUT_MAX:
        yield
        return

    def ring(_: int, __: FrameType | None) -> None:
        raise error

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
