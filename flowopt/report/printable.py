"""Text of names on pages and in pictures."""

from __future__ import annotations

from flowopt.plain_text import visible


def printable(text: str) -> str:
    """Return a text without invisible characters, but for those that join letters."""
    return visible(text, keep="\n\t\u200c\u200d")


def short(text: str, most: int) -> str:
    """Return a text cut to `most` letters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}\u2026"
