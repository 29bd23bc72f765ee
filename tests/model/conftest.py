"""What tests of several files set up: programmes that count as large."""

from __future__ import annotations

import pytest

from flowopt.model import response_lp


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every programme counts as large: interior point, a limited simplex, a thread of its own."""
    monkeypatch.setattr(response_lp, "_LARGE", 0)
