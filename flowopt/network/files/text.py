"""Text files: UTF-8, of a bounded size, with faults by line and character."""

from __future__ import annotations

from pathlib import Path

from flowopt.errors import InputError, Problem
from flowopt.reading import MOST_BYTES, input_bytes

TOO_DEEP = "is nested too deeply for a network"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def unreadable(path: Path, error: OSError) -> Problem:
    """Return the problem of a file that the system refuses to read."""
    return Problem(path.name, None, None, f"cannot be read: {error.strerror or error}")


def utf8_text(path: Path, most: int = MOST_BYTES) -> str:
    """Return the text of a UTF-8 file of at most so many bytes.

    Raises
    ------
    InputError
        When it is no regular file, can't be read, is no UTF-8, or holds a NUL character.
    """
    try:
        data = input_bytes(path, most).removeprefix(_BYTE_ORDER_MARK)
    except OSError as error:
        raise InputError([unreadable(path, error)]) from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError([Problem(path.name, None, None, "is UTF-16; save it as UTF-8")])
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        byte = data[error.start : error.start + 1]
        char = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        guess = byte.decode("cp1252", "ignore")
        message = (
            f"byte 0x{byte.hex().upper()} at character {char} is not UTF-8"
            + (f" ({guess!r} in Windows-1252)" if guess else "")
            + "; save the file as UTF-8"
        )
        row = before.count(b"\n") + 1
        raise InputError([Problem(path.name, row, None, message)]) from error
    if (nul := text.find("\0")) >= 0:
        message = "has a NUL character, which no text file has; save it again as CSV in UTF-8"
        raise InputError([Problem(path.name, text.count("\n", 0, nul) + 1, None, message)])
    return text
