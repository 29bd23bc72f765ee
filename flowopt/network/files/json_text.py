"""Members of a JSON object, each with its line, and with keys that stand twice kept apart.

Python's own parser silently keeps the last of two equal keys, and knows no lines.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from json import JSONDecodeError
from typing import Any

from flowopt.errors import InputError, Problem
from flowopt.network.files.text import TOO_DEEP

_MOST_DIGITS = 400  # no float has a whole number of more than 309
_BLANKS = re.compile(r"[ \t\r\n]*")
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_SPELLED = r"\u0000"


class RepeatedKey(dict[str, Any]):
    """Object in which a key stands twice, as `key`; it holds the last one."""

    key = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, marked if it holds a key twice."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    counts = Counter(name for name, _ in pairs)
    marked = RepeatedKey(found)
    marked.key = next(name for name, count in counts.items() if count > 1)
    return marked


def decoder(
    number: Callable[[float], Any],
    *,
    whole: Callable[[str], Any] | None = None,
    constant: Callable[[str], Any] | None = None,
) -> json.JSONDecoder:
    """Return a decoder that marks an object in which a key stands twice.

    Parameters
    ----------
    number
        Conversion of a number with a point or an exponent; one too large for a float stays a text,
        so that a message can show it.
    whole, constant
        Conversion of the texts of whole numbers, and of NaN and Infinity; without, as Python has
        it, but for a whole number beyond all floats, which stays a text.
    """

    def parsed(text: str) -> Any:
        value = float(text)
        return number(value) if math.isfinite(value) else text

    return json.JSONDecoder(
        object_pairs_hook=_object,
        parse_float=parsed,
        parse_int=whole or _whole,
        parse_constant=constant,
    )


def _whole(text: str) -> int | str:
    return int(text) if len(text) <= _MOST_DIGITS else text


def has_nul(text: str) -> int | None:
    """Return the position of a spelled-out NUL character, which no text has, or None."""
    if _SPELLED not in text:  # which spares the pattern a look at every character
        return None
    found = _NUL.search(text)
    return found.start() if found else None


def members(file: str, text: str, decoder: json.JSONDecoder) -> Iterator[tuple[str, Any, int]]:
    """Yield key, value and line of each member of a file's object.

    The value of a list is a list of (line, value) pairs. A key may come twice.

    Raises
    ------
    InputError
        When the text is no JSON, or not one object.
    """
    if (nul := has_nul(text)) is not None:
        message = "has a NUL character, which no text has; delete it"
        raise InputError([Problem(file, text.count("\n", 0, nul) + 1, None, message)])
    try:
        yield from _members(_Scanner(text, decoder))
    except JSONDecodeError as error:
        message = f"is no JSON: {error.msg} at character {error.colno}"
        raise InputError([Problem(file, error.lineno, None, message)]) from error
    except RecursionError as error:
        raise InputError([Problem(file, None, None, TOO_DEEP)]) from error


class _Scanner:
    """Scanner of a text that knows the line of each value."""

    def __init__(self, text: str, decoder: json.JSONDecoder) -> None:
        self.text, self.at = text, 0
        self._decoder = decoder
        self._line, self._counted = 1, 0
        self.skip()

    def skip(self) -> None:
        found = _BLANKS.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def take(self, mark: str) -> bool:
        """Step over a mark and the blanks behind it, if it stands here."""
        if not self.text.startswith(mark, self.at):
            return False
        self.at += 1
        self.skip()
        return True

    def expect(self, mark: str) -> None:
        if not self.take(mark):
            raise JSONDecodeError(f"Expecting {mark!r}", self.text, self.at)

    def value(self) -> Any:
        value, self.at = self._decoder.raw_decode(self.text, self.at)
        self.skip()
        return value

    def line(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line


def _members(scan: _Scanner) -> Iterator[tuple[str, Any, int]]:
    text = scan.text
    scan.expect("{")
    while not text.startswith("}", scan.at):
        if not text.startswith('"', scan.at):
            raise JSONDecodeError("Expecting a key in double quotes", text, scan.at)
        key = scan.value()
        scan.expect(":")
        line = scan.line()
        yield key, list(_items(scan)) if scan.take("[") else scan.value(), line
        if not scan.take(","):
            break
        if text.startswith("}", scan.at):
            raise JSONDecodeError("Expecting a key after the comma", text, scan.at)
    scan.expect("}")
    if scan.at < len(text):
        raise JSONDecodeError("Extra data", text, scan.at)


def _items(scan: _Scanner) -> Iterator[tuple[int, Any]]:
    """Yield the items of a list whose bracket has been taken, each with its line."""
    while not scan.take("]"):
        line = scan.line()
        yield line, scan.value()
        if not scan.take(","):
            scan.expect("]")
            return
        if scan.text.startswith("]", scan.at):
            raise JSONDecodeError("Expecting a row after the comma", scan.text, scan.at)
