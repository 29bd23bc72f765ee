"""Fixtures of the tests of workbooks: one as it is written, and changed as a spreadsheet would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.network.write import write_network
from tests.network.overlays import BASE


@pytest.fixture
def base() -> Network:
    return read_network(BASE)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("workbook") / "base.xlsx"
    write_network(read_network(BASE), place)
    return place


@pytest.fixture
def edited(written: Path, tmp_path: Path) -> Callable[[Callable[[Any], None]], Path]:
    """Return a function that changes the workbook as a spreadsheet would."""
    import openpyxl  # an extra, which the other formats here do without

    def change(how: Callable[[Any], None]) -> Path:
        book = openpyxl.load_workbook(written)
        how(book)
        book.save(tmp_path / "mine.xlsx")
        return tmp_path / "mine.xlsx"

    return change
