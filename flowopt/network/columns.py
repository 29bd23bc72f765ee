"""Columns of a table: their entries in the column dictionary, and what their cells may hold."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from flowopt.plain_text import shown

_LONGEST_NUMBER = 400  # more digits than any float has; the pattern takes quadratic time
_PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

FaultKind = Literal[
    "blank",
    "empty list",
    "half a sign",
    "no list",
    "no number",
    "no option",
    "no text",
    "too high",
    "too large",
    "too low",
]


@dataclass(frozen=True, slots=True)
class Column:
    """Entry of a column in the column dictionary.

    Attributes
    ----------
    meaning : str
        One sentence for the planner.
    unit : str
        Unit of a number, "" for text.
    blank : str
        Meaning of a blank cell, "" where a blank is an error.
    refers : str
        The table whose key the cell names, "" if none.
    others : str
        Why a word is none of those that the cell may hold, "" where there is nothing to say.
    """

    meaning: str
    unit: str = ""
    blank: str = ""
    refers: str = ""
    others: str = ""


class CellFault(ValueError):
    """Fault of a cell.

    Attributes
    ----------
    kind : str
        What is wrong.
    limit : float
        The bound that a number passes, where it is one.
    """

    def __init__(self, kind: FaultKind, limit: float = 0.0) -> None:
        self.kind: FaultKind = kind
        self.limit = limit
        super().__init__(kind, limit)

    def about(self, value: object) -> str:
        """Return the fault of a value in a few words."""
        match self.kind:
            case "blank":
                return "is blank"
            case "empty list":
                return "lists nothing"
            case "half a sign":
                return f"{shown(value)} holds half a sign, which no file can"
            case "no option":
                return f"{shown(value)} is not one of the words it can be"
            case "too low":
                return f"{shown(value)} is below {self.limit:g}"
            case "too high":
                return f"{shown(value)} is above {self.limit:g}"
            case "no list":
                return f"{shown(value)} is not a list of texts"
            case "too large":
                return f"{shown(value)} is not a finite number"
            case "no number":
                return f"{shown(value)} is not a plain number"
            case _:
                return f"{shown(value)} is not text"


@dataclass(frozen=True, slots=True)
class CellType:
    """Type of a cell: the values that it may hold.

    Attributes
    ----------
    kind : {"number", "text", "list"}
        A list is text with `;` between ids.
    least, most : float or None
        Bounds of a number.
    options : tuple of str
        The words that text is one of; empty if it is free.
    filled : bool
        True where text must not be blank, and a list not be empty.
    optional : bool
        True where None is a value, too.
    """

    kind: Literal["number", "text", "list"]
    least: float | None = None
    most: float | None = None
    options: tuple[str, ...] = ()
    filled: bool = False
    optional: bool = False

    def value(self, given: object) -> Any:
        """Return the value that a cell's text, or what a program gives, stands for.

        Raises
        ------
        CellFault
            Where it stands for none.
        """
        if given is None and self.optional:
            return None
        if self.kind == "number":
            return self._number(given)
        return self._text(given) if self.kind == "text" else self._list(given)

    def _number(self, given: object) -> float:
        number = given + 0.0 if type(given) is float else _number(given)  # + 0.0 makes -0.0 0.0
        if not math.isfinite(number):
            raise CellFault("too large")
        if self.least is not None and number < self.least:
            raise CellFault("too low", self.least)
        if self.most is not None and number > self.most:
            raise CellFault("too high", self.most)
        return number

    def _text(self, given: object) -> str:
        if self.options:
            if isinstance(given, str) and given in self.options:
                return given
            raise CellFault("no option")
        if not isinstance(given, str):
            raise CellFault("no text")
        text = given.strip()
        if self.filled and not text:
            raise CellFault("blank")
        if not (text.isascii() or _is_whole(text)):
            raise CellFault("half a sign")
        return text

    def _list(self, given: object) -> tuple[str, ...]:
        if isinstance(given, str):
            found = tuple(_ID._text(part) for part in given.split(";") if part.strip())
        elif isinstance(given, tuple | list | set | frozenset):
            found = tuple(map(_ID._text, given))
        else:
            raise CellFault("no list")
        if self.filled and not found:
            raise CellFault("empty list")
        return found


_ID = CellType("text", filled=True)


def _is_whole(text: str) -> bool:
    """Return whether text is without halves of signs, as a JSON file may escape them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(given: object) -> float:
    """Return what is a number to everyone: no ``1_000``, no ``1,5``, no truth values."""
    if isinstance(given, str):
        if len(given) > _LONGEST_NUMBER or not _PLAIN_NUMBER.fullmatch(given):
            raise CellFault("no number")
    elif isinstance(given, bool) or not hasattr(given, "__float__"):
        raise CellFault("no number")
    try:
        return float(given) + 0.0
    except OverflowError:
        raise CellFault("too large") from None
