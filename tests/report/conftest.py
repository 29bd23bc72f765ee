"""One browser for all tests of pages, and one page of Peru for most of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowopt.report.result_reader import StoredResult, read_result
from tests.networks import shipped
from tests.report.browser import Opened, opened
from tests.report.pages import page_in, result_of_peru


@pytest.fixture(scope="package")
def peru_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return result_of_peru(tmp_path_factory.mktemp("peru") / "out")


@pytest.fixture(scope="package")
def peru(peru_folder: Path) -> StoredResult:
    return read_result(peru_folder, shipped("peru-2014"))


@pytest.fixture(scope="package")
def peru_page(peru_folder: Path) -> Path:
    return page_in(peru_folder, shipped("peru-2014"), peru_folder)


@pytest.fixture(scope="package")
def kept(browser: Any, peru_page: Path) -> Iterator[Opened]:
    with opened(browser, peru_page) as found:
        yield found


@pytest.fixture
def shared(kept: Opened) -> Iterator[Opened]:
    """The page as other tests left it, for those that change nothing but the view they choose.

    To open it takes a browser longer than all that most of them do.
    """
    yield kept
    assert (kept.complaints, kept.requests) == ([], [])


@pytest.fixture
def page(browser: Any, peru_page: Path) -> Iterator[Opened]:
    with opened(browser, peru_page) as found:
        yield found
    assert (found.complaints, found.requests) == ([], [])
