"""Tests that `--one-of-each` leaves out: on another Python they say what they said on the first.

Every test function stays, with the first of its parameters, and so does every file that opens pages
in a browser; what is slow stays whole. Left out are more numbers for arithmetic that has come out
right for some, and more looks at pages in a browser, to which it is all one what wrote the page.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

# Rooms of arithmetic: whatever a Python or a library would do to it shows with the first numbers.
ARITHMETIC = ("benchmarks", "hunt", "model", "oracles", "planning")
# Files in them that stay whole, since each parameter is another solver, process or file.
WHOLE = (
    *("tests/model/test_solver", "tests/model/test_watched_run"),
    *("tests/planning/test_cluster", "tests/planning/test_file_checks"),
)


def repeats(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Return the tests that say no more than an earlier one does, but on the first Python."""
    seen: set[str] = set()
    found = []
    for item in items:
        kind = _kind(item)
        if kind in seen:
            found.append(item)
        elif kind:
            seen.add(kind)
    return found


def _kind(item: pytest.Item) -> str:
    """Return a name that tests share of which one is enough; "" for a test that stays."""
    file, _, function = item.nodeid.partition("::")
    if item.get_closest_marker("slow") or file.startswith(WHOLE):
        return ""
    if "browser" in getattr(item, "fixturenames", ()):
        return file
    arithmetic = any(file.startswith(f"tests/{room}/") for room in ARITHMETIC)
    name, parameters, _ = function.partition("[")
    return f"{file}::{name}" if arithmetic and parameters else ""
