"""Text of unknown origin in messages and on terminals: visible, bounded, never markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

_LONGEST = 100


def visible(text: str, keep: str = "") -> str:
    r"""Return a text with an escape for every sign that a terminal would obey or not show.

    Control signs, zero-width signs, those that turn the direction of writing, and halves of
    signs; blanks of all widths stay, and the signs in `keep`.

    >>> visible("a\x1b[2Jb"), visible("abc\u202edef\u200b")
    ('a\\x1b[2Jb', 'abc\\u202edef\\u200b')
    """
    if text.isprintable():
        return text
    seen = (c if c in keep or _is_seen(c) else c.encode("unicode_escape").decode() for c in text)
    return "".join(seen)


def _is_seen(sign: str) -> bool:
    return sign.isprintable() or unicodedata.category(sign) == "Zs"


def cut(text: str, most: int = _LONGEST) -> str:
    """Return a text of at most so many letters, with dots where the rest is left out.

    >>> cut("abcdefgh", 6)
    'abc...'
    """
    return text if len(text) <= most else f"{text[: most - 3]}..."


def name_and_id(name: str, key: str) -> str:
    """Return a name with its id, or the id alone where the name says no more.

    >>> name_and_id("Radar", "m1"), name_and_id("Crew", "crew")
    ('Radar (m1)', 'crew')
    """
    return key if name.casefold() == key.casefold() else f"{name} ({key})"


def plain_number(value: float) -> str:
    """Return a number in six digits or, above a million, whole; never in powers of ten.

    >>> plain_number(20.0), plain_number(0.125), plain_number(2e7), plain_number(1234567.8)
    ('20', '0.125', '20,000,000', '1,234,568')
    """
    return f"{value:,.0f}" if abs(value) >= 999_999.5 else f"{value:,g}"


def shown(value: object, most: int = _LONGEST) -> str:
    """Return a value as a message quotes it: its `repr`, or the beginning of it.

    >>> shown("x" * 20, 10), shown([[[1]]])
    ("'xxxxxx...", '[[[1]]]')
    """
    if isinstance(value, str):
        value = value[: most + 1]
    try:
        return cut(repr(value), most)
    except ValueError:  # Python writes out no number of more than 4300 digits
        return "a number of thousands of digits"
    except RecursionError:
        return "a deeply nested value"


def row_by_row(encode: Callable[[Any], str], rows: Sequence[Any], ends: str, between: str) -> str:
    """Return rows as JSON with a text between each two.

    All are encoded at once, which takes a third of the time of one after the other, and parted
    where rows meet. Where some text in them looks like that, each is encoded by itself.

    Parameters
    ----------
    encode
        The encoder, with its own separators.
    rows
        Lists or objects, not nested.
    ends
        What a row begins and ends with: ``[]`` or ``{}``.
    between
        What stands between two rows.
    """
    text, first, last = encode(rows), ends[0], ends[1]
    meeting = f"{last}, {first}"
    if text.count(meeting) != len(rows) - 1:
        return between.join(map(encode, rows))
    return text[1:-1].replace(meeting, f"{last}{between}{first}")
