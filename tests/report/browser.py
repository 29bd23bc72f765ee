"""A real browser without a network, for tests of the page.

It is Chromium as the system has it (`apt-get install chromium`), or the one that FLOWOPT_CHROMIUM
names. Without any that starts, the tests are skipped, and the run says so at its end.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

NO_BROWSER = "were skipped for want of a browser"  # .ci/run looks for it
HOW_TO_GET_ONE = (
    "They open pages in Chromium: apt-get install chromium, or FLOWOPT_CHROMIUM=/path/to/it"
)

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass
class Opened:
    """A page in the browser, and everything it complained of or asked the network for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def _skip(why: str) -> NoReturn:
    pytest.skip(f"{why}: tests that need one {NO_BROWSER}")


@contextmanager
def launched() -> Iterator[Any]:
    """Start the browser; skip what needs it where there is none, or none that starts."""
    found = os.environ.get("FLOWOPT_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), "")
    if not found:
        _skip("there is no Chromium on this machine")
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        _skip("playwright is not installed")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=found, args=list(_OPTIONS), timeout=180_000
            )
        except Error as error:  # such as the stub that tells to install a snap
            _skip(f"{found} does not start ({str(error).splitlines()[0]})")
        yield browser
        browser.close()


@contextmanager
def opened(browser: Any, path: Path, **options: Any) -> Iterator[Opened]:
    """Open a file in a fresh profile in which every other request is recorded and refused."""
    address = path.as_uri()
    with visited(browser, address, lambda url: url == address, **options) as found:
        yield found


@contextmanager
def visited(
    browser: Any, address: str, own: Callable[[str], bool], **options: Any
) -> Iterator[Opened]:
    """Open a page in a fresh profile; requests that are not its own are recorded and refused."""
    options = {"viewport": {"width": 1280, "height": 900}, **options}
    context = browser.new_context(**options)
    found = Opened(context.new_page())

    def judge(route: Any) -> None:
        if own(route.request.url):
            route.continue_()
        else:
            found.requests.append(route.request.url)
            route.abort()

    def listen(message: Any) -> None:
        found.complaints.append(f"{message.type}: {message.text}")

    def refuse(dialog: Any) -> None:
        found.complaints.append("dialog")
        dialog.dismiss()

    context.route("**/*", judge)
    found.page.on("console", listen)
    found.page.on("pageerror", lambda error: found.complaints.append(f"error: {error}"))
    found.page.on("dialog", refuse)
    found.page.goto(address)
    found.page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
    yield found
    context.close()
