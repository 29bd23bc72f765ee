"""The walk-through of the documentation is what a browser does and shows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.serve.walk_through import PAGE, TABLE, table, walk


@pytest.mark.slow
def test_a_better_plan_by_hand(browser: Any) -> None:
    steps = walk(browser)
    above = [float(row[4]) for row in steps.rows]
    assert above[0] > 10.0
    assert above[-1] == 0.0
    shown = TABLE.search(PAGE.read_text(encoding="utf-8"))
    assert shown
    assert shown[2] == table(steps), "python -m tests.serve.walk_through writes it again"
