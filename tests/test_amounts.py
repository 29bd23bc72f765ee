"""Amounts in other forms: each message names the number to write, and only where it is known."""

from __future__ import annotations

import pytest

from flowopt.amounts import amount_of

MONEY = "M USD a year"


@pytest.mark.parametrize(
    ("text", "unit", "right"),
    [
        ("20M", MONEY, "write 20, in M USD a year"),
        ("20 M USD", MONEY, "write 20, in"),
        ("20mio", MONEY, "write 20, in"),
        ("500k", MONEY, "write 0.5, in"),
        ("1.5bn", MONEY, "write 1500, in"),
        ("€5", MONEY, "write 5, in"),
        ("5€", MONEY, "write 5, in"),
        ("$20.5", MONEY, "write 20.5, in"),
        ("20,5", MONEY, "write 20.5, with a point"),
        ("1.000,5", MONEY, "write 1000.5, with a point"),
        ("1,000", MONEY, "write 1000 for thousands"),
        ("20 000", MONEY, "write 20000, in"),
        ("200t", "", "write 200"),
        ("4k", "", "write 4000"),
        ("4M", "", "write 4000000"),
        ("5min", "seconds", "write 300, in seconds"),
        ("5m", "seconds", "write 300, in seconds"),
        ("1%", "share", "write 0.01, in share"),
        ("many", MONEY, "write digits alone"),
        ("", MONEY, "write digits alone"),
        ("20kt", "", "write digits alone"),  # whose thousands are not known
        ("1.2.3", "", "write digits alone"),
        ("1-2", "", "write digits alone"),
    ],
)
def test_what_to_write_instead(text: str, unit: str, right: str) -> None:
    with pytest.raises(ValueError, match="is not a plain number") as refused:
        amount_of(text, unit=unit)
    assert right in str(refused.value)


@pytest.mark.parametrize(("text", "number"), [("20", 20.0), (" .5", 0.5), ("1e3", 1e3)])
def test_plain_numbers_are_taken(text: str, number: float) -> None:
    assert amount_of(text, unit=MONEY) == number
