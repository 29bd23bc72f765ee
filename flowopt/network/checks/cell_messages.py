"""Messages for faulty cells: the value seen, the fault, and how to mend it."""

from __future__ import annotations

import re
from typing import Any

from flowopt.network import schema
from flowopt.network.columns import CellFault, Column
from flowopt.plain_text import cut, shown
from flowopt.similar_names import closest

_LONGEST_NUMBER = 24
_UNKNOWN = {"-", "--", "?", "n/a", "n.a.", "na", "nan", "nil", "none", "null"}
_ENDLESS = {"inf", "+inf", "infinity", "unlimited", "∞"}


def cell_message(model: type[Any], column: str, value: object, fault: CellFault) -> str:
    """Return the message for a faulty cell.

    Parameters
    ----------
    model
        The row model, or `schema.Info`.
    column
        The column of the cell.
    value
        Its content, None if it is blank.
    fault
        What is wrong with it.
    """
    about = schema.columns(model)[column]
    match fault.kind:
        case "blank":
            return f"is blank; {_give(about)}"
        case "no number":
            return f"{shown(value)} is not a number; {_number_advice(str(value), about)}"
        case "too large":
            return f"{_cut(value)} is too large; {_give(about)}"
        case "too low" if fault.limit == 0:
            return f"{_cut(value)} is negative; {_give(about, least='0 or more')}"
        case "too low":
            return f"{_cut(value)} is below {fault.limit:g}; {_give(about)}"
        case "too high":
            return f"{_cut(value)} is above {fault.limit:g}; {_give(about)}"
        case "no option":
            options = schema.cell_types(model)[schema.field_of(column)].options
            return f"{shown(value)} is not one of the {len(options)} it can be; " + _option_advice(
                str(value), options, about
            )
        case "empty list":
            return f"{shown(value)} lists nothing; {_give(about)}"
        case "half a sign":
            return f"{shown(value)} holds half a sign, which no file can; {_give(about)}"
        case "no text":
            return f"{shown(value)} is not text; write it in quotes, as {column} = {_quoted(value)}"
        case _:
            return f"{shown(value)} is not a list of texts; {_give(about)}"


def _option_advice(word: str, options: tuple[str, ...], about: Column) -> str:
    """Return advice on a word that is none of those that the cell may hold."""
    near = closest(word, options)
    if about.others and (near is None or _is_a_row(word)):
        return f"give one of {', '.join(options)} ({about.others})"
    return f"did you mean {near!r}?" if near else f"give one of {', '.join(options)}"


def _cut(value: object) -> str:
    return cut(str(value), _LONGEST_NUMBER)


def _quoted(value: object) -> str:
    plain = isinstance(value, str | int | float) and len(shown(value)) <= _LONGEST_NUMBER
    return f'"{value}"' if plain else '"..."'


def _is_a_row(word: str) -> bool:
    """Return True for what rows of a table are called: resource, rule, ..."""
    return word.casefold().removesuffix("s") in {each.removesuffix("s") for each in schema.TABLES}


def _give(about: Column, least: str = "a number") -> str:
    """Return advice on a column's cells, and the meaning of a blank."""
    if about.unit == "share":
        message = "give a share from 0 to 1"
    elif about.unit:
        message = f"give {least} ({about.unit})"
    elif about.refers:
        message = f"give an id from {about.refers}"
    else:
        message = f"give the {about.meaning[:1].lower()}{about.meaning[1:]}"
    return f"{message}{_or_blank(about)}"


def _or_blank(about: Column) -> str:
    return f", or leave it blank for {about.blank}" if about.blank else ""


def _number_advice(value: str, about: Column) -> str:
    """Return advice on writing a number."""
    if len(value) > _LONGEST_NUMBER:
        return _give(about)
    word = value.casefold()
    bare = re.sub(r"[_'\s]", "", value)
    if word in _UNKNOWN or word in _ENDLESS:
        return f"leave it blank for {about.blank}" if about.blank else _give(about)
    if about.unit == "share" and (percent := re.fullmatch(r"([0-9]*\.?[0-9]+) ?%", value)):
        return f"give the share: {value} is {float(percent[1]) / 100:g}"
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", value) and not re.fullmatch(r".*,[0-9]{3}", value):
        return f"write {value.replace(',', '.')}, with a decimal point"
    if re.fullmatch(r"[+-]?[0-9.,]+", bare) and "," in bare:
        return "write a decimal point, and nothing between thousands"
    if bare != value and re.fullmatch(r"[+-]?[0-9]+\.?[0-9]*", bare):
        return f"write {bare}, with nothing between the digits"
    return _give(about)
