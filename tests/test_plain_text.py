"""Text of unknown origin: what a terminal would obey or hide becomes an escape."""

from __future__ import annotations

import json

import pytest

from flowopt.plain_text import row_by_row, shown, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Port of Ñuñoa, 東京", "Port of Ñuñoa, 東京"),
        ("a\u00a0b\u3000c", "a\u00a0b\u3000c"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("abc\u202edef\u2066", "abc\\u202edef\\u2066"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("half \ud800", "half \\ud800"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("[red]x[/x] $x$ <b>", "[red]x[/x] $x$ <b>"),
    ],
)
def test_what_is_not_seen_is_escaped(text: str, seen: str) -> None:
    assert visible(text) == seen
    assert visible(text).isprintable() or "\u00a0" in text


def test_values_are_quoted_in_bounded_room() -> None:
    deep: object = 0
    for _ in range(100_000):
        deep = [deep]
    assert shown("x" * 10**6, 20) == "'" + "x" * 16 + "..."
    assert shown(deep) == "a deeply nested value"
    assert shown(10**5000) == "a number of thousands of digits"
    assert shown({"a": 1}) == "{'a': 1}"


@pytest.mark.parametrize(
    ("rows", "ends"),
    [
        ([], "{}"),
        ([{"a": 1}], "{}"),
        ([{"a": 1, "b": [2]}, {}, {"c": "x"}], "{}"),
        ([{"a": "}, {"}, {"b": "}"}], "{}"),
        ([{"a": "}, {"}], "{}"),
        ([["a", ["b"]], [1.5], []], "[]"),
        ([["a"], ["], ["], [["b"], ["c"]]], "[]"),
        ([[["b"], ["c"]]], "[]"),
    ],
)
def test_rows_written_at_once_are_those_written_one_by_one(rows: list[object], ends: str) -> None:
    encode = json.JSONEncoder().encode
    assert row_by_row(encode, rows, ends, ",\n  ") == ",\n  ".join(map(encode, rows))
