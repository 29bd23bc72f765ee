"""Whether the built documentation holds together: `python -m tests.docs.built FOLDER`.

Every link inside it leads to a page and a place that exist, nothing is loaded from a network, and
formulas are drawn by the browser itself.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
_LOADED_BY_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")


class Page(HTMLParser):
    """The places, links and loaded files of one page.

    Attributes
    ----------
    places : set of str
        Ids that links can lead to.
    links, loaded : lists of str
        Where links lead, and what the browser loads.
    formulas : int
        How many formulas there are.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.formulas = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        said = dict(attrs)
        self.places.update(filter(None, (said.get("id"), said.get("name"))))
        self.formulas += tag == "math"
        if tag == "a" and said.get("href"):
            self.links.append(str(said["href"]))
        if said.get(_LOADING.get(tag, "")):
            self.loaded.append(str(said[_LOADING[tag]]))


def faults(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the built pages of a folder, a sentence each."""
    pages = {
        file.resolve(): Page(file.read_text(encoding="utf-8")) for file in folder.rglob("*.html")
    }
    if not pages:
        yield f"{folder}: no page"
    for file, page in pages.items():
        name = file.relative_to(folder.resolve()).as_posix()
        for address in page.loaded:
            if urlsplit(address).scheme not in ("", "data") or address.startswith("//"):
                yield f"{name}: loads {address}"
        for address in page.links:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if not target.exists():
                yield f"{name}: there is no {address}"
            elif parts.fragment and unquote(parts.fragment) not in (
                pages[target].places if target in pages else {parts.fragment}
            ):
                yield f"{name}: there is no place {address}"
    for style in folder.rglob("*.css"):
        for address in _LOADED_BY_STYLE.findall(style.read_text(encoding="utf-8")):
            yield f"{style.name}: loads {address}"
    if not any(page.formulas for page in pages.values()):
        yield "no page has a formula"


if __name__ == "__main__":
    found = list(faults(Path(sys.argv[1])))
    print("\n".join(found) or "every link leads somewhere, and nothing is loaded from elsewhere")
    sys.exit(bool(found))
