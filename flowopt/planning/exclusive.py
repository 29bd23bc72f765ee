"""Lock that refuses instead of waiting, for objects that must not be used twice at a time."""

from __future__ import annotations

import threading

from flowopt.errors import RequestError


class Exclusive:
    """Non-blocking lock around the use of something that two callers can't share.

    It refuses another thread as well as a callback of the running call, which would change the
    state of that call.

    Parameters
    ----------
    message
        Error for the second caller.

    Raises
    ------
    RequestError
        On entry, while another caller holds it.
    """

    __slots__ = ("_lock", "_message")

    def __init__(self, message: str) -> None:
        self._lock = threading.Lock()
        self._message = message

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise RequestError(self._message)

    def __exit__(self, *_: object) -> None:
        self._lock.release()
