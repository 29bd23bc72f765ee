"""Input files: the one place where the program opens what somebody hands it.

Only regular files are read. A pipe, a device or a socket may never end, or wait for ever.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

MOST_BYTES = 2**30  # a table of a million arcs takes some 100 MB
_MOST_DIGITS = 400  # no float has a whole number of more than 309
_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class UnfitFileError(OSError):
    """A path that is no regular file, or a file too large to read."""


def input_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return what a regular file holds.

    Parameters
    ----------
    path
        The file.
    most
        Bytes that it may have.

    Raises
    ------
    UnfitFileError
        When it is no regular file, or larger.
    OSError
        When it can't be read.
    """
    _refuse_irregular(os.stat(path))  # before it is opened: opening a pipe waits for a writer
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        _refuse_irregular(status)
        data = b"" if status.st_size > most else file.read(most + 1)
    if status.st_size > most or len(data) > most:
        what = f"it has more than {most:,} bytes, the most that is read"
        raise UnfitFileError(errno.EFBIG, what, str(path))
    return data


def input_text(path: Path, encoding: str = "utf-8") -> str:
    """Return the text of a regular file, with its line ends; raises like `input_bytes`.

    Raises
    ------
    UnicodeDecodeError
        When it is no text in that encoding.
    """
    return input_bytes(path).decode(encoding)


def input_json(path: Path, constant: Callable[[str], Any] | None = None) -> Any:
    """Return the value in a JSON file; raises like `input_text`.

    Parameters
    ----------
    path
        The file.
    constant
        What the words NaN and Infinity become; as Python has it without.

    Raises
    ------
    ValueError
        When it is no JSON, is nested too deeply, or holds a whole number beyond all floats.
    """
    text = input_text(path, "utf-8-sig")
    try:
        return json.loads(text, parse_int=_whole, parse_constant=constant)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"it holds a number of {len(text):,} digits")
    return int(text)


def _refuse_irregular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "something else")
        raise UnfitFileError(errno.EINVAL, f"it is {kind}, not a regular file")
