"""Amounts as people type them: plain numbers, and what to write instead of another form."""

from __future__ import annotations

import re
from contextlib import suppress

_SIGNS = re.compile(r"[+-]?[\d.,'\s\u2019]*\d[\d.,'\s\u2019]*")
_WORD = re.compile(r"[a-z%]*")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_MILLION = 1e6
_WORDS = {"": 1.0, "usd": 1.0, "dollars": 1.0, "t": 1.0, "k": 1e3, "thousand": 1e3}
_WORDS |= dict.fromkeys(("m", "mn", "mio", "million", "millions", "musd"), _MILLION)
_WORDS |= dict.fromkeys(("b", "bn", "billion"), 1e9)
_SECONDS = {"": 1.0, "s": 1.0, "sec": 1.0, "seconds": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_SHARES = {"": 1.0, "%": 0.01}


def amount_of(text: str, *, unit: str = "") -> float:
    """Return a number that somebody typed.

    Parameters
    ----------
    text
        The number, with a point before its decimals and no unit.
    unit
        Unit in which the number counts, for the message: 500k is 0.5 in ``M USD a year``, 5min
        is 300 in ``seconds``, 5% is 0.05 as a ``share``.

    Raises
    ------
    ValueError
        When it is no plain number, with what to write instead.

    Examples
    --------
    >>> amount_of(" 20.5 ")
    20.5
    >>> amount_of("500k", unit="M USD a year")
    Traceback (most recent call last):
    ValueError: '500k' is not a plain number: write 0.5, in M USD a year
    """
    with suppress(ValueError):
        return float(text)
    form = _plain_form(text, unit)
    advice = "write digits alone, such as 20" if form is None else f"write {form}"
    if form is not None and _THOUSANDS.fullmatch(text.strip()):
        advice += " for thousands; decimals stand after a point"
    elif form is not None and "," in text:
        advice += ", with a point before the decimals"
    where = f", in {unit}" if unit else ""
    raise ValueError(f"'{text}' is not a plain number: {advice}{where}")


def _plain_form(text: str, unit: str) -> str | None:
    """Return the plain number in a text, None where it holds no number or several."""
    numbers = list(_SIGNS.finditer(text))
    if len(numbers) != 1:
        return None
    digits = _with_point(re.sub(r"['\s\u2019]", "", numbers[0].group()))
    try:
        number = float(digits)
    except ValueError:
        return None
    rest = text[numbers[0].end() :].casefold().lstrip("€£$ ")
    word = found.group() if (found := _WORD.match(rest)) else ""
    scale = {"seconds": _SECONDS, "share": _SHARES}.get(unit, _WORDS).get(word)
    if scale is None:
        return None
    if scale == 1.0:
        return digits
    return f"{number * scale / (_MILLION if unit.startswith('M ') else 1.0):.12g}"


def _with_point(digits: str) -> str:
    """Return digits with a point before the decimals, whichever sign stood there.

    >>> _with_point("20,5"), _with_point("1.000,5"), _with_point("1,000"), _with_point("1,000.5")
    ('20.5', '1000.5', '1000', '1000.5')
    """
    if _THOUSANDS.fullmatch(digits):
        return digits.replace(",", "")
    if "," in digits and digits.rfind(",") > digits.rfind("."):
        return digits.replace(".", "").replace(",", ".")
    return digits.replace(",", "")
