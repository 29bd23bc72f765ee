"""The table of Peru's campaigns: each schedule of it valued anew."""

from __future__ import annotations

import pytest

from tests.docs.campaign_table import (
    BEST,
    COMMAND,
    NETWORK,
    PAGE,
    read,
    schedule_table,
    table,
    valued,
)
from tests.networks import shipped

AGAIN = "out of date: python -m tests.docs.campaign_table"


def test_the_page_starts_with_the_campaigns() -> None:
    text = PAGE.read_text("utf-8")
    rows, best = read(text)
    names = {row.name for row in rows}
    assert names - {BEST} == {row.campaign for row in shipped(NETWORK).campaigns}
    assert table(rows) in text
    assert COMMAND in text
    assert bool(best) == (BEST in names), AGAIN
    if best:
        assert schedule_table(best) in text
        cuts = {row.name: float(row.numbers[1]) for row in rows}
        assert max(cuts, key=lambda name: cuts[name]) == BEST


@pytest.mark.slow
def test_the_table_of_campaigns_is_that_of_its_schedules() -> None:
    rows, best = read(PAGE.read_text("utf-8"))
    assert valued(shipped(NETWORK), best) == rows, AGAIN
