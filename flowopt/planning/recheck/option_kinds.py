"""The options that a certificate must have on record, and the types of their values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_number_or_none(value: Any) -> bool:
    return value is None or _is_number(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_limits(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_number(limit) for limit in value.values())


OptionType = tuple[Callable[[Any], bool], str]
_NUMBER: OptionType = (_is_number, "a number")
_MAYBE: OptionType = (_is_number_or_none, "a number or null")
_TEXT: OptionType = (_is_text, "a text")
_LIST: OptionType = (_is_list, "a list of texts")
_COUNTED: dict[str, OptionType] = {"objective": _TEXT, "ties": _TEXT}
_SOLVED: dict[str, OptionType] = {
    "solver": _TEXT,
    "time_limit": _MAYBE,
    "gap": _NUMBER,
    "threads": _NUMBER,
}
_LIMITS: OptionType = (_is_limits, "an object with numbers")
_MONEY: dict[str, OptionType] = {"budget": _MAYBE, "resource": _LIMITS}
OPTIONS: dict[str, dict[str, OptionType]] = {
    "solution": {
        **_MONEY,
        "target": _MAYBE,
        **_COUNTED,
        "include": _LIST,
        "exclude": _LIST,
        "alternatives": _NUMBER,
        "within": _MAYBE,
        **_SOLVED,
    },
    "evaluation": {
        "measures": _LIST,
        **_MONEY,
        **_COUNTED,
        "against": _LIST,
        "alone": (_is_flag, "true or false"),
        **_SOLVED,
    },
    "scenarios": {
        **_MONEY,
        **_COUNTED,
        "criterion": _TEXT,
        "tail": _MAYBE,
        **_SOLVED,
    },
    "luck": {
        **_MONEY,
        **_COUNTED,
        "criterion": (_is_text_or_none, "a text or null"),
        "tail": _MAYBE,
        **_SOLVED,
    },
    "response": {"measures": _LIST, **_COUNTED, "time_limit": _MAYBE},
    "frontier": {
        "budgets": _TEXT,
        "objective": _LIST,
        "ties": _TEXT,
        "resource": _LIMITS,
        "include": _LIST,
        "exclude": _LIST,
        "solver": _TEXT,
        "time_limit": _MAYBE,
        "gap": _NUMBER,
    },
}


_LATER: dict[str, OptionType] = {  # on record only where they were given
    "of": _TEXT,
    "alternatives": _NUMBER,
    "within": _MAYBE,
}


def faults(options: Mapping[str, Any], result: str) -> list[str]:
    """Return the faults of the options of a kind of result; further options are allowed."""
    lacking = [f"lacks {name}" for name in OPTIONS[result] if name not in options]
    kinds = OPTIONS[result] | _LATER
    return lacking + [
        f"{name} is {options[name]!r}, not {words}"
        for name, (fits, words) in kinds.items()
        if name in options and not fits(options[name])
    ]
