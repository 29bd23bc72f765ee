"""Workbook of a network, written to work in: drop-downs, and meanings beside columns' names."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowopt.errors import InputError, Problem, RequestError
from flowopt.network import schema
from flowopt.network.column_types import ColumnType, column_types
from flowopt.network.columns import Column
from flowopt.network.files.workbook import INFO_SHEET, load_openpyxl, sheet_label, xml_escaped
from flowopt.network.files.workbook_labels import Label, Labels
from flowopt.network.tables import Tables

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_LAST_ROW = 1_048_576
_LONGEST_TEXT = 32_767  # UTF-16 units in a cell; openpyxl would cut the rest without a word
_WIDEST, _NARROWEST = 44, 9  # columns, in characters
_NEEDED, _OPTIONAL = "1F3B57", "5B7A99"  # behind the names of columns, under white letters
_QUIET = "6B6B6B"  # letters of names beside ids, and behind the titles of their columns
_FOLDED = ("note", "how", "meaning")  # columns of free text, which is folded
_A4 = 9  # paper
# Values of `on`, and the named ids that each means; any other value of `on` means a measure. A
# pool is one of sites or of demands. A rule takes 255 signs, so measures have no `IF` of their own.
_TARGETS = {
    "arc": "ids_arcs", "node": "ids_nodes", "site": "ids_sites", "supply": "ids_supplies",
    "demand": "ids_demands", "recipe": "ids_recipes", "pool": "pools_sites",
}  # fmt: skip
_OFFERED = {column.refers for row in schema.ROWS for column in schema.columns(row).values()}
_OFFERED |= {"arcs", "nodes", "sites", "supplies", "demands"}
_START = """
A network for flowopt: a sheet for each table, and the sheet network with its id and title.

Point at the name of a column to read what it means. Dark names: every row needs the cell filled in.
Arrows beside cells offer what they can hold. A blank cell stands for what the note calls Blank.
Numbers have a unit, which the note names; unlimited is a blank. Ids are text, and case matters.
Sheets and columns whose names start with _ are yours and are not read, like this one. Those that
end in _name hold the names of the ids beside them, as they were when the workbook was written.

Save the workbook, then check it, and look for the best plan for 3 million dollars a year:
    flowopt check this-workbook.xlsx
    flowopt solve this-workbook.xlsx --budget 3
"""
_LARGEST = 1e99  # of a number that may be negative
_TEXT = "@"  # the number format that keeps what is typed as it is typed


def workbook_bytes(network: Tables) -> bytes:
    """Return a network as a workbook with a sheet for every table and a column for everything.

    Raises
    ------
    RequestError
        When the extra `excel` is not installed, or a table has more rows than a sheet.
    InputError
        When a text is more than a cell can hold: a NUL character, or over 32,767 characters.
    """
    book = load_openpyxl().Workbook()
    book.remove(book.active)
    book.properties.creator, book.properties.title = "flowopt", xml_escaped(network.info.title)
    _start(book)
    _Sheet(book, INFO_SHEET, schema.Info, {}).facts(network.info)
    labels = Labels(network)
    for table, rows in network.tables().items():
        row = schema.TABLES[table]
        if len(rows) >= _LAST_ROW:
            raise RequestError(f"{table} has {len(rows):,} rows, a sheet at most {_LAST_ROW - 1:,}")
        sheet = _Sheet(book, table, row, labels.of(row, len(rows)))
        sheet.table(rows)
        if table in _OFFERED:
            _name_ids(book, sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _start(book: Any) -> None:
    """Write the first sheet, which is for the reader alone."""
    sheet = book.create_sheet("_start")
    for line in _START.strip().split("\n"):
        sheet.append([line])
    sheet.column_dimensions["A"].width = 100


def _name_ids(book: Any, sheet: _Sheet) -> None:
    """Name the ids of a table, as long as they grow, for drop-downs on other sheets."""
    from openpyxl.workbook.defined_name import DefinedName

    table, key = sheet.name, sheet.row.key[0]
    filled = f"{table}!${sheet.letter(key)}"
    count = f"MAX(1,COUNTA({filled}:{filled.rpartition('!')[2]})-1)"
    for name, column in ((f"ids_{table}", key), (f"pools_{table}", "pool")):
        if column in schema.columns(sheet.row):
            text = f"OFFSET({table}!${sheet.letter(column)}$2,0,0,{count},1)"
            book.defined_names[name] = DefinedName(name, attr_text=text)


class _Sheet:
    """Sheet while it is filled in.

    Parameters
    ----------
    book, name
        The workbook, and the name of the sheet.
    row, labels
        The class of its rows, and what names the ids of its columns.
    """

    def __init__(self, book: Any, name: str, row: type[Any], labels: Mapping[str, Label]) -> None:
        from openpyxl.styles import Alignment, Font

        self.name, self.row = name, row
        self.sheet: Worksheet = book.create_sheet(name)
        self._labels = labels
        titles = [(each, f"_{each}_name") for each in schema.columns(row)]
        self._titles = [
            title for own, label in titles for title in (own, *([label] if own in labels else []))
        ]
        self._wrapped = Alignment(wrap_text=True, vertical="top")
        self._top = Alignment(vertical="top")
        self._quiet = Font(italic=True, color=_QUIET)
        _set_up(self.sheet)

    def letter(self, column: str) -> str:
        """Return the letter of a column."""
        from openpyxl.utils import get_column_letter

        return str(get_column_letter(self._titles.index(column) + 1))

    def facts(self, info: schema.Info) -> None:
        """Write the keys and values, with their meanings for the reader."""
        for at, title in enumerate(("key", "value", "_meaning"), start=1):
            self._title(at, title, needed=title != "_meaning")
        for row, (key, about) in enumerate(schema.columns(schema.Info).items(), start=2):
            default = schema.defaults(schema.Info)[key]
            value = getattr(info, key)
            blank = f" Blank: {about.blank}." if about.blank else " Needed."
            cells = (key, "" if value == default else value, f"{about.meaning}.{blank}")
            for at, content in enumerate(cells, start=1):
                if isinstance(content, float):
                    _put_number(self.sheet.cell(row, at), content)
                else:
                    self._put_text(self.sheet.cell(row, at), content, key)
            for cell in self.sheet[row]:
                cell.alignment = self._wrapped
        for letter, width in (("A", 14), ("B", 60), ("C", 40)):
            self.sheet.column_dimensions[letter].width = width
            self.sheet.column_dimensions[letter].number_format = _TEXT

    def table(self, rows: Sequence[Any]) -> None:
        """Write the rows under the names of all columns, and the names beside ids."""
        tall: set[int] = set()
        for at, title in enumerate(self._titles, start=1):
            if title[0] == "_":
                widest = self._named(at, title.removeprefix("_").removesuffix("_name"), rows)
            else:
                widest = self._own(at, title, rows, tall)
            self.sheet.column_dimensions[self.letter(title)].width = max(_NARROWEST, widest + 1)
        for number in tall:  # where a text is folded, the cells beside it stand at its top
            for cell in self.sheet[number]:
                cell.alignment = self._wrapped if cell.alignment.wrap_text else self._top
        self.sheet.auto_filter.ref = f"A1:{self.letter(self._titles[-1])}{len(rows) + 1}"

    def _own(self, at: int, name: str, rows: Sequence[Any], tall: set[int]) -> int:
        """Write a column of the format, note the rows that are folded, and return its width."""
        row, about, column_type = self.row, schema.columns(self.row)[name], self._type(name)
        default = schema.defaults(row)[name]
        self._title(at, name, needed=column_type.needed, about=_meaning(about, column_type))
        widest = len(name) + 4  # with room for the arrow of the filter
        for number, each in enumerate(rows, start=2):
            value = getattr(each, name)
            if value == default and not column_type.needed:
                continue
            cell = self.sheet.cell(number, at)
            if isinstance(value, float):
                _put_number(cell, value)
            else:
                text = ";".join(value) if isinstance(value, tuple) else value
                self._put_text(cell, text, name)
                if len(text) > _WIDEST:
                    cell.alignment = self._wrapped
                    tall.add(number)
            widest = max(widest, min(_WIDEST, len(str(cell.value))))
        column = self.sheet.column_dimensions[self.letter(name)]
        if column_type.kind != "number":
            column.number_format = _TEXT
        if name in _FOLDED:
            column.alignment = self._wrapped
            widest = max(widest, _WIDEST if rows else 0)
        self._allow(name, about, column_type)
        return widest

    def _named(self, at: int, own: str, rows: Sequence[Any]) -> int:
        """Write the names beside the ids of a column, and return their width."""
        note = f"Names of what {own} holds, for the reader: not read, and not kept up."
        self._title(at, f"_{own}_name", needed=False, about=note)
        self.sheet.cell(1, at).fill = _filled(_QUIET)
        widest = len(own) + 10
        for number, each in enumerate(rows, start=2):
            if label := self._labels[own](each):
                cell = self.sheet.cell(number, at)
                self._put_text(cell, label, f"_{own}_name")
                cell.font = self._quiet
                widest = max(widest, min(_WIDEST, len(label)))
        return widest

    def _type(self, name: str) -> ColumnType:
        return column_types(self.row)[name]

    def _title(self, at: int, name: str, *, needed: bool, about: str = "") -> None:
        """Write a column's name, with its meaning as a note."""
        from openpyxl.comments import Comment
        from openpyxl.styles import Font

        cell = self.sheet.cell(1, at, name)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = _filled(_NEEDED if needed else _OPTIONAL)
        if about:
            note = Comment(about, "flowopt", width=320, height=40 + 18 * (len(about) // 42 + 3))
            cell.comment = note

    def _put_text(self, cell: Cell, text: str, column: str) -> None:
        """Write text as text, even if it looks like a formula, a date or a number."""
        where = sheet_label(self.name), int(cell.row), column
        if "\0" in text:
            raise InputError([Problem(*where, "the text holds a NUL character; delete it")])
        kept = xml_escaped(text)
        if len(kept) > _LONGEST_TEXT // 2 and len(kept.encode("utf-16-le")) // 2 > _LONGEST_TEXT:
            message = f"the text has {len(text):,} characters, a cell at most {_LONGEST_TEXT:,}"
            raise InputError([Problem(*where, f"{message}; shorten it, or write a folder")])
        if text:
            cell.value = kept
            cell.data_type = "s"  # what begins with = or looks like an error would be no text
        cell.number_format = _TEXT

    def _allow(self, name: str, about: Column, column_type: ColumnType) -> None:
        """Add the drop-down of a column, or the bounds of its numbers."""
        from openpyxl.worksheet.datavalidation import DataValidation

        rule = None
        offered = self._offered(name, about, column_type)
        if offered:
            rule = DataValidation(type="list", formula1=offered, allow_blank=True)
            rule.showErrorMessage = bool(column_type.options) or _must_be_known(
                self.row, name, about, column_type
            )
            # An id may be about to be added: a spreadsheet asks, and does not refuse.
            rule.errorStyle = "stop" if column_type.options else "warning"
        elif column_type.kind == "number":
            rule = DataValidation(type="decimal", allow_blank=True, showErrorMessage=True)
            least, most = column_type.least, column_type.most
            rule.operator = "between" if most is not None else "greaterThanOrEqual"
            if least is None and column_type.needed:  # what a recipe consumes or produces
                least, rule.operator = 0.0, "notEqual"
            elif least is None:
                least, rule.operator = -_LARGEST, "greaterThanOrEqual"
            rule.formula1 = f"{least:g}"
            rule.formula2 = None if most is None else f"{most:g}"
        if rule is not None:
            rule.errorTitle, rule.error = (
                name,
                _meaning(about, column_type).replace("\n", " ")[:220],
            )
            letter = self.letter(name)
            rule.add(f"{letter}2:{letter}{_LAST_ROW}")
            self.sheet.add_data_validation(rule)

    def _offered(self, name: str, about: Column, column_type: ColumnType) -> str:
        """Return the formula of a drop-down, "" for none."""
        if column_type.options:
            return f'"{",".join(column_type.options)}"'
        if about.refers:
            return f"ids_{about.refers}"
        if name == "target":  # of an effect, an earning, ...: it depends on the cell beside it
            on = f"${self.letter('on')}2"
            words = self._type("on").options
            formula = "ids_measures"
            for word, ids in reversed(_TARGETS.items()):
                if word in words:
                    formula = f'IF({on}="{word}",{ids},{formula})'
            return formula
        return ""


def _put_number(cell: Cell, value: float) -> None:
    """Write a number as text: given a float, openpyxl keeps 16 digits, which can be too few."""
    cell.value, cell.data_type = schema.number_text(value), "n"


def _filled(colour: str) -> Any:
    """Return the ground of a cell."""
    from openpyxl.styles import PatternFill

    return PatternFill("solid", fgColor=colour)


def _set_up(sheet: Worksheet) -> None:
    """Keep the titles in sight, on the screen and on every page of paper, which lies across."""
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0  # as many pages as it takes
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.left.text = "&A"
    sheet.oddFooter.right.text = "&P of &N"


def _must_be_known(
    row: type[schema.Row], name: str, about: Column, column_type: ColumnType
) -> bool:
    """Return True for a column whose cells hold one id of another table, and nothing else."""
    may_be_glob = name == "target"
    itself = name in row.key and about.refers == row.table
    return bool(about.refers) and column_type.kind == "text" and not may_be_glob and not itself


def _meaning(about: Column, column_type: ColumnType) -> str:
    """Return the meaning of a column, in lines for a note."""
    lines = [f"{about.meaning}."]
    if about.unit:
        lines.append(f"Unit: {about.unit}.")
    if column_type.options:
        lines.append(f"One of: {', '.join(column_type.options)}.")
    if about.refers:
        several = ", several separated by ;" if column_type.kind == "list" else ""
        lines.append(f"Ids of the sheet {about.refers}{several}.")
    lines.append(f"Blank: {about.blank}." if about.blank else "Has to be filled in.")
    return "\n".join(lines)
