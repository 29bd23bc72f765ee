"""The table of Peru's campaigns; `planning/test_evaluate_over_time.py` values each of it anew."""

from __future__ import annotations

from tests.docs.campaign_table import (
    AGAIN,
    BEST,
    COMMAND,
    NETWORK,
    PAGE,
    read,
    schedule_table,
    table,
)
from tests.networks import shipped


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
