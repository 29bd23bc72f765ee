"""A real browser without a network, for tests of the page.

It is Chromium as the system has it (`apt-get install chromium`), or the one that FLOWOPT_CHROMIUM
names. Without any that starts, the tests are skipped, and the run says so at its end.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
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

_DESK = {"width": 1280, "height": 900}
_tabs: list[Any] = []  # the one in which pages follow one another, while none is open


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
def opened(browser: Any, path: Path, **look: Any) -> Iterator[Opened]:
    """Open a file, on a screen of a size and in a scheme."""
    address = path.as_uri()
    with visited(browser, address, lambda url: url == address, **look) as found:
        yield found


@contextmanager
def visited(
    browser: Any,
    address: str,
    own: Callable[[str], bool],
    *,
    viewport: Mapping[str, int] = _DESK,
    color_scheme: str = "light",
    **profile: Any,
) -> Iterator[Opened]:
    """Open a page; requests that are not its own are recorded and refused.

    One follows the other in the same tab, as ours keep nothing in a browser: a profile and a
    process for each would take as long as the page itself.

    Parameters
    ----------
    viewport, color_scheme
        The size of the screen, and `light` or `dark`.
    **profile
        What takes a profile of its own.
    """
    page = browser.new_context(**profile).new_page() if profile else _tab(browser)
    page.set_viewport_size(dict(viewport))
    page.emulate_media(media="screen", color_scheme=color_scheme)
    with _watched(page, address, own) as found:
        yield found
    if profile:
        page.context.close()
    else:
        page.goto("about:blank")  # whatever a page has begun ends here
        _tabs.append(page)


def _tab(browser: Any) -> Any:
    """Return the tab of the page before, or a new one after a test that failed."""
    while _tabs:
        page = _tabs.pop()
        if page.context.browser is browser and not page.is_closed():
            return page
    return browser.new_context().new_page()


@contextmanager
def _watched(page: Any, address: str, own: Callable[[str], bool]) -> Iterator[Opened]:
    """Go to an address, and record and refuse the requests of all pages beside it."""
    found = Opened(page)

    def judge(route: Any) -> None:
        if own(route.request.url):
            route.continue_()
        else:
            found.requests.append(route.request.url)
            route.abort()

    def refuse(dialog: Any) -> None:
        found.complaints.append("dialog")
        dialog.dismiss()

    hears = {
        "console": lambda said: found.complaints.append(f"{said.type}: {said.text}"),
        "pageerror": lambda error: found.complaints.append(f"error: {error}"),
        "dialog": refuse,
    }
    page.context.route("**/*", judge)
    for event, hear in hears.items():
        page.on(event, hear)
    page.goto(address, timeout=180_000)  # a busy machine is slow without being wrong
    page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
    yield found
    for event, hear in hears.items():
        page.remove_listener(event, hear)
    page.context.unroute_all(behavior="ignoreErrors")
