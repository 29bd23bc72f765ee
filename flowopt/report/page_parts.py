"""Parts of a page: its head, its sections, its tables.

A page is a headline and a list of sections. A section brings its template (below `page/sections/`),
its values, and the data of its figures, so that a new kind of result adds sections and nothing
else: contents, jumps, downloads and print follow from the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowopt.report.digits import amount, signed
from flowopt.report.headline import Headline
from flowopt.report.quality_text import QualityText


@dataclass(frozen=True, slots=True)
class Column:
    """Column of a table.

    Attributes
    ----------
    head : str
        Its title, with the unit.
    number : bool
        Whether it holds numbers, which stand to the right.
    minor : bool
        Whether a narrow screen can do without it.
    sorted : str
        ``ascending`` or ``descending`` where the rows are in the order of this column.
    """

    head: str
    number: bool = False
    minor: bool = False
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """Cell of a table.

    Attributes
    ----------
    kind : str
        ``name`` (the head of its row), ``text``, ``number``, ``best`` (the best one of its
        column), ``change``, ``links`` or ``bar``.
    text : str
        What it shows.
    value : float or None
        Number that it sorts by.
    id : str
        Id of what is named.
    anchor : str
        Place on the page that it leads to.
    links : tuple of (str, str)
        Texts and places that they lead to.
    bar : tuple of float
        Lengths before and after, in percent of the longest.
    """

    kind: str
    text: str = ""
    value: float | None = None
    id: str = ""
    anchor: str = ""
    links: tuple[tuple[str, str], ...] = ()
    bar: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Row:
    """Row of a table: its cells, and an id where something on the page leads to it."""

    cells: tuple[Cell, ...]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Table of a page.

    Attributes
    ----------
    key : str
        Its id on the page, and the name of its CSV file.
    label : str
        What it holds, for those who do not see it.
    columns : tuple of Column
        Its columns.
    rows : tuple of Row
        Its rows.
    shown : int
        How many rows there are before the reader asks for the others.
    caption : str
        Sentence above it.
    narrow : int
        As `shown`, on a narrow screen.
    """

    key: str
    label: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    shown: int = 1_000_000
    caption: str = ""
    narrow: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Choice:
    """Networks of which a section shows one at a time.

    Attributes
    ----------
    names : tuple of str
        Their names.
    first : int
        The place of the one that is shown first.
    what : str
        What each of them is.
    in_order : bool
        Whether they follow each other, as periods do: then a slider chooses.
    """

    names: tuple[str, ...] = ()
    first: int = 0
    what: str = "Scenario"
    in_order: bool = False


NO_CHOICE = Choice()


@dataclass(frozen=True, slots=True)
class Section:
    """Section of a page.

    Attributes
    ----------
    key : str
        Its anchor.
    title : str
        Its heading, and its line in the contents.
    template : str
        File below `page/sections/`.
    values : mapping
        Values of the template.
    figures : mapping
        Data of its figures by the id of their element, for the script.
    """

    key: str
    title: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Page of a result.

    Attributes
    ----------
    name : str
        Begins the names of the files that can be downloaded from it.
    title, period, about : str
        The network's title and period, and what the page is about.
    headline : Headline
        The answer.
    quality : QualityText
        How good the data are.
    warnings : tuple of str
        What is odd.
    sections : tuple of Section
        Everything else, in its order.
    """

    name: str
    title: str
    period: str
    about: str
    headline: Headline
    quality: QualityText
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]


def name_cell(text: str, name: str = "", anchor: str = "") -> Cell:
    """Return the head of a row: a name before its id."""
    return Cell("name", text, id=name, anchor=anchor)


def text_cell(text: str) -> Cell:
    """Return a cell of text."""
    return Cell("text", text)


def number_cell(value: float | None, text: str | None = None) -> Cell:
    """Return a number in two decimals, or as it is given; a dash for none."""
    if value is None:
        return Cell("number", "\u2013")
    return Cell("number", f"{value:,.2f}" if text is None else text, value)


def change_cell(value: float) -> Cell:
    """Return a change with its sign, a dash for none."""
    return Cell("change", signed(value), value)


@dataclass(frozen=True, slots=True)
class Counts:
    """One thing counted before and after."""

    name: str
    before: float
    after: float


def bar_table(
    key: str, title: str, counted: str, unit: str, counts: Iterable[Counts], *, shown: int = 12
) -> Table | None:
    """Return a table with bars, the largest first; None where nothing was counted.

    Parameters
    ----------
    key, title, counted
        Its id, its title, and what is counted.
    unit
        Unit of the numbers.
    counts
        Rows.
    shown
        How many rows there are before the reader asks for the others.
    """
    kept = [each for each in counts if max(each.before, each.after) > 0.0]
    kept.sort(key=lambda each: -max(each.before, each.after))
    if not kept:
        return None
    most = max(kept[0].before, kept[0].after)
    rows = tuple(
        Row((
            name_cell(each.name),
            Cell("bar", bar=(100.0 * each.before / most, 100.0 * each.after / most)),
            number_cell(each.before, amount(each.before)),
            number_cell(each.after, amount(each.after)),
            change_cell(each.after - each.before),
        ))
        for each in kept
    )  # fmt: skip
    columns = (
        Column(key),
        Column("", minor=False),
        *(Column(f"{head}, {unit}", number=True) for head in ("before", "after", "change")),
    )
    return Table(f"by-{key}", title, columns, rows, shown, f"{title}, {counted}")


def figures_of(sections: Sequence[Section]) -> dict[str, Any]:
    """Return the data of all figures of a page, by the id of their element."""
    return {name: data for section in sections for name, data in section.figures.items()}
