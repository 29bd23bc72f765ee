"""Guarded streams of a command: closed pipes, full disks, letters outside the encoding."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

from flowopt.disk import telling

_CLOSED = (errno.EPIPE, errno.ECONNRESET, errno.EINVAL)  # the last on Windows


class _Guard:
    """A text stream that survives the loss of where it leads to.

    What follows a loss is dropped, so that a command goes on to its own end and exit code. Without
    an attribute `buffer`, nothing writes past it.

    Parameters
    ----------
    stream
        The stream below.
    name
        For the error, if a loss of this stream is one; "" for a stream whose loss is none.
    """

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream, self._name, self._lost = stream, name, False
        with suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]  # not every one has it

    def write(self, text: str | bytes) -> int:
        if not text and not isinstance(text, str):  # click tries, to find out what takes bytes
            raise TypeError("a text stream")
        if isinstance(text, bytes):  # the scripts for the completion of shells
            text = text.decode()
        if text and not self._lost:  # a full disk fails at nothing as well, in click's other try
            with self._watched():
                self._stream.write(text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if not self._lost:
            with self._watched():
                self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self._stream, name)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._lost = True
            self._redirect_to_null()
            if self._name and error.errno not in _CLOSED:
                with telling(Path(self._name)):
                    raise

    def _redirect_to_null(self) -> None:
        """Redirect buffered text to the null device, or Python would warn at exit."""
        with suppress(OSError, AttributeError):
            number, null = self._stream.fileno(), os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, number)
            os.close(null)


@contextmanager
def guarded() -> Iterator[None]:
    """Guard stdout and stderr; a program without them gets the null device."""
    before = sys.stdout, sys.stderr
    with open(os.devnull, "w", encoding="utf-8") as null:
        sys.stdout = cast(TextIO, _Guard(sys.stdout or null, "the output"))
        sys.stderr = cast(TextIO, _Guard(sys.stderr or null, ""))
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before


def open_closed() -> None:
    """Open standard streams that were closed on the null device.

    Or the next file that is opened would take their number, and with it what libraries print.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  # it stays open
