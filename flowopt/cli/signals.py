"""Signals of the command line: SIGTERM and SIGHUP act like Ctrl-C."""

from __future__ import annotations

import signal

_LIKE_CTRL_C = ("SIGTERM", "SIGHUP")


def end_like_ctrl_c() -> None:
    """Let SIGTERM and SIGHUP interrupt a command, so that finished work is kept.

    One that is ignored already, as under `nohup`, stays ignored.
    """
    for name in _LIKE_CTRL_C:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
