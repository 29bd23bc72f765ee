"""Overviews: the few lines of an object that a prompt shows, and the small table of a notebook.

Names come from files of unknown origin: they are cut, made visible, and escaped, never markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from flowopt.plain_text import cut, plain_number, visible

_LONGEST = 100  # letters of a line at a prompt
_LONGEST_CELL = 400  # letters of a cell in a notebook, which folds them


@dataclass(frozen=True, slots=True)
class Overview:
    """A title, and a few facts below it.

    Attributes
    ----------
    title : str
        The kind of thing, its name, and how it stands.
    facts : tuple of (str, str)
        Label and text; one without text is left out.
    header, rows : tuples
        Cells of a table for a notebook, of the first rows; empty for none.
    more : str
        What follows the title of such a table.
    """

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    more: str = ""

    def text(self) -> str:
        """Return the lines for a prompt."""
        facts = [(label, text) for label, text in self.facts if text]
        width = max((len(label) for label, _ in facts), default=0)
        lines = [self.title, *(f"  {label:<{width}}  {text}" for label, text in facts)]
        return "\n".join(cut(visible(line), _LONGEST) for line in lines)

    def html(self) -> str:
        """Return the table for a notebook."""
        facts = [
            f"<tr>{_cell('th', label)}{_cell('td', text)}</tr>"
            for label, text in self.facts
            if text and not self.rows
        ]
        head = "".join(_cell("th", name) for name in self.header)
        rows = ["".join(_cell("td", text) for text in row) for row in self.rows]
        lines = [*([head] if rows else []), *rows]
        caption = _cell("caption", f"{self.title}{self.more}", ' style="white-space: nowrap"')
        return f"<table>{caption}{''.join(facts)}{''.join(f'<tr>{r}</tr>' for r in lines)}</table>"


def _cell(tag: str, text: str, style: str = ' style="text-align: left"') -> str:
    return f"<{tag}{style}>{escape(cut(visible(text), _LONGEST_CELL))}</{tag}>"


class Overviewed:
    """An object that shows its overview, not all of its content."""

    __slots__ = ()

    def _overview(self) -> Overview:
        """Return the overview; a class that has more to say says it."""
        return Overview(type(self).__name__)

    def __repr__(self) -> str:
        return self._overview().text()

    def _repr_html_(self) -> str:
        """Return the overview as Jupyter shows it."""
        return self._overview().html()


def amount(value: object) -> str:
    """Return a value as a cell: a number in six digits, a dash for none.

    >>> amount(0.1 + 0.2), amount(None), amount("river"), amount(3)
    ('0.3', '-', 'river', '3')
    """
    if value is None:
        return "-"
    return plain_number(value + 0.0) if isinstance(value, float) else str(value)


def enumerated(texts: Sequence[str], most: int = 5) -> str:
    """Return the first of some texts, and how many more there are.

    >>> enumerated(["a", "b", "c"], 2), enumerated([])
    ('a; b and 1 more', '')
    """
    more = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return f"{'; '.join(texts[:most])}{more}"


def sizes(tables: Iterable[tuple[str, Sequence[object]]]) -> str:
    """Return how many rows each table has, without the empty ones.

    >>> sizes([("nodes", (1, 2)), ("rules", ())])
    'nodes 2'
    """
    return ", ".join(_sizes(tables))


def _sizes(tables: Iterable[tuple[str, Sequence[object]]]) -> Iterator[str]:
    for name, rows in tables:
        if rows:
            yield f"{name} {len(rows):,}"


def first_line(texts: Sequence[str]) -> str:
    """Return how many texts there are and the first, "" where there are none."""
    more = f" ({len(texts):,} in all)" if len(texts) > 1 else ""
    return f"{texts[0]}{more}" if texts else ""
