"""The column dictionary, `networks/README.md`, made from the row models.

Run as ``python -m flowopt.network.dictionary > networks/README.md``.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from flowopt.network import schema

_HEAD = """\
<!-- Made by `python -m flowopt.network.dictionary > networks/README.md`; edit the row models. -->
# Networks and their columns

Each folder here is one network: a CSV file per table, and a `network.toml` that says what the
network is. `flowopt check FOLDER` lists everything wrong in one, with file and row.

Needed are {mandatory} and
`network.toml`; a table that has nothing to say can be left out.

The same tables may stand in one workbook (`.xlsx`) with a sheet per table, and a sheet `network` of
`key` and `value` in place of the file; or in one JSON file with a list of objects per table, and an
object `network`. `flowopt convert` makes one from the other.

A row is one statement. `a7,Valley,Port,leaf;base,road,500,0.2,0.03` in `arcs.csv` says: leg a7 goes
from Valley to Port, carries leaf and base by road, together at most 500 tonnes a year, at 0.2 USD
for each kg that enters, and 3 % of that never arrives.

- **Files.** CSV in UTF-8 (a byte-order mark does no harm), comma between cells, the names of the
  columns in the first row. Text with a comma in it goes in double quotes. Columns may stand in any
  order; one whose name starts with `_` is yours and is not read. Any other column or table that is
  not listed below is refused, so that a typing error cannot pass for a blank.
- **Blanks.** A blank cell stands for what the column *blank* says; where that is a dash, the cell
  has to be filled in. Nothing else means "nothing": no `nan`, no `inf`, no `-`. Unlimited is a
  blank, never a large number.
- **Numbers.** Plain digits with a decimal point: `1500`, `0.25`, `1e6`. No separators between
  thousands, no percent signs.
- **Ids.** Any text without a `;`, which separates the ids of a list; upper and lower case differ.
  Blanks around a cell are left out.
- **Units.** Mass is in tonnes a year (t/yr), what a kg costs or brings in USD/kg, what a measure
  costs in millions of USD a year (M USD/yr), a share between 0 and 1 in place of a percentage.
- **Signs.** Nothing is negative, but for what a recipe consumes.
- **Rows.** Order carries no meaning for the results, except that among equal plans the one whose
  measures stand first wins, and that the order of `periods.csv` is time. Row numbers in messages
  count as an editor does: the header is row 1.
- **Every table** may end with `source`, `grade` and `note`, which go into the reports and never
  into a calculation.
"""

_SHARED = [each.name for each in fields(schema.Row)]
_TOML_HEAD = """\
## network.toml

Lines of `key = "text"`.

"""


def dictionary(folder: Path) -> str:
    """Return the column dictionary, with a list of the networks in a folder.

    Parameters
    ----------
    folder
        Where the networks stand, a folder each.
    """
    mandatory = ", ".join(f"`{name}`" for name in schema.MANDATORY)
    parts = [_HEAD.format(mandatory=mandatory), _TOML_HEAD + column_table(schema.Info, "key")]
    parts += [table_section(table, row) for table, row in schema.TABLES.items()]
    parts.append("## In every table\n\n" + column_table(schema.Row, "column", _SHARED))
    parts.append(_networks(folder))
    return "\n".join(parts)


def table_section(table: str, row: type[schema.Row]) -> str:
    """Return one table's part, without the columns of every table."""
    names = [name for name in schema.columns(row) if name in row.key or name not in _SHARED]
    unique = f" Unique: {', '.join(f'`{name}`' for name in row.key)}." if row.key else ""
    need = "needed" if table in schema.MANDATORY else "may be left out"
    head = f"## {table}.csv\n\n{row.__doc__}{unique} *({need})*\n\n"
    return head + column_table(row, "column", names)


def column_table(model: type[Any], heading: str, names: list[str] | None = None) -> str:
    """Return a Markdown table of columns."""
    about = schema.columns(model)
    lines = [
        f"| {heading} | unit | blank | refers to | meaning |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in names if names is not None else about:
        column = about[name]
        refers = f"`{column.refers}`" if column.refers else ""
        cells = (f"`{name}`", column.unit, column.blank or "-", refers, column.meaning)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _networks(folder: Path) -> str:
    """Return the list of networks."""
    lines = [f"- [`{name}`]({place}/): {title}" for place, name, title in _found(folder)]
    return "## The networks here\n\n" + "\n".join(lines or ["None yet."]) + "\n"


def _found(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield folder, id and title of each network."""
    for path in sorted(folder.glob("*/network.toml")):
        keys = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        yield path.parent.name, str(keys.get("id", "")), str(keys.get("title", ""))


def main() -> None:
    """Print the dictionary with the networks of the folder `networks`."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a file or a pipe
    print(dictionary(Path("networks")), end="")


if __name__ == "__main__":
    main()
