"""What the code says itself: the help of commands, and docstrings; links between files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from flowopt.cli.main import cli

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_WIDTH = 80
_LINK = re.compile(r"\[(?P<words>[^][]+)\]\((?P<target>[^():#]+)(?P<place>#[^()]*)?\)")


class Help(SphinxDirective):
    """`{help} solve` shows what `flowopt solve --help` prints; without a name, `flowopt --help`."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the help as a block of text."""
        group = click.Context(cli, info_name="flowopt", terminal_width=_WIDTH)
        context = group
        if self.arguments:
            command = cli.commands[self.arguments[0]]
            context = click.Context(
                command,
                group,
                self.arguments[0],
                terminal_width=_WIDTH,
                help_option_names=["-h", "--help"],
            )
        text = context.get_help()
        return [nodes.literal_block(text, text, language="text")]


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
    """Register the directives."""
    app.connect("autodoc-process-docstring", in_literals, priority=400)  # before napoleon
    app.connect("include-read", from_elsewhere)
    app.add_directive("help", Help)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
