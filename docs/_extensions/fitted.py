"""Docstrings and files of the repository made to fit into pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_LINK = re.compile(r"\[(?P<words>[^][]+)\]\((?P<target>[^():#]+)(?P<place>#[^()]*)?\)")


def in_literals(
    _app: Sphinx, _what: str, _name: str, _object: object, _options: object, lines: list[str]
) -> None:
    """Make the attributes of a docstring a list of definitions, their types plain words.

    Several names share a line there, and types are said for people: neither is a reference.
    """
    inside = False
    for number, line in enumerate(lines):
        if line.startswith("---"):
            inside = lines[number - 1] == "Attributes"
        elif inside and re.match(r"\w", line) and not lines[number + 1].startswith("---"):
            names, colon, kind = line.partition(" : ")
            lines[number] = f"``{names.replace(', ', '``, ``')}``{colon}{kind}"


def from_elsewhere(app: Sphinx, path: Path, _parent: str, source: list[str]) -> None:
    """Make a file of the repository fit into a page: its links lead to pages of the documentation.

    A link to a file that a page includes leads to that page; one to a folder is none here.
    """
    pages = Path(app.srcdir)
    included = {
        (page.parent / found).resolve(): page.name
        for page in pages.glob("*.md")
        for found in re.findall(r"^```\{include\} (\S+)$", page.read_text("utf-8"), re.MULTILINE)
    }

    def led(link: re.Match[str]) -> str:
        target = (pages / path.parent / link["target"]).resolve()
        if target.is_dir():
            return link["words"]
        if target.is_relative_to(pages):
            return f"[{link['words']}]({target.relative_to(pages).as_posix()}{link['place'] or ''})"
        return f"[{link['words']}]({included.get(target, link['target'])}{link['place'] or ''})"

    source[0] = _LINK.sub(led, source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register both."""
    app.connect("autodoc-process-docstring", in_literals, priority=400)  # before napoleon
    app.connect("include-read", from_elsewhere)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
