"""One browser for all tests of pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.report.browser import launched


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    with launched() as found:
        yield found
