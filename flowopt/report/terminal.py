"""Terminal output: consoles, tables that fit 80 columns, tables of changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flowopt.network.network import Network
from flowopt.plain_text import visible
from flowopt.report.units import Units
from flowopt.results.displacement_rows import Displacement
from flowopt.results.solution import Solution

if TYPE_CHECKING:  # most commands do not need it
    from flowopt.results.evaluation import Evaluation

_WIDTH = 80
MOST_ROWS = 15
_LARGEST = 3  # shifts, unless every change is printed
_SMALL = 0.05  # t/yr: smaller changes are not listed

TITLES = {
    "continent": "Deliveries by continent",
    "country": "Deliveries by country",
    "exit": "Leaving the growing country, by exit",
    "region": "Leaving a region for elsewhere",
    "mode": "On legs of each mode (a tonne counts on every leg)",
}


def print_changes(
    console: Console, network: Network, result: Solution | Evaluation, units: Units
) -> None:
    """Print deliveries before and after by market and continent, and other changes."""
    markets = _at_markets(result)
    _print_group(console, network, "market", "Deliveries by market", markets, units, MOST_ROWS)
    for by, title in TITLES.items():
        rows = [row for row in result.displacement if row.by == by and (row.before or row.after)]
        least = MOST_ROWS if by == "continent" else 0
        _print_group(console, network, by, title, rows, units, least)


def _at_markets(result: Solution | Evaluation) -> list[Displacement]:
    """Return the changes at markets that get anything, before or after."""
    return [
        Displacement("market", f"{row.name}, {row.commodity}", row.before, row.after, row.change)
        for row in result.markets
        if row.before > 0.0 or row.after > 0.0
    ]


def print_shifts(
    console: Console, network: Network, result: Solution | Evaluation, units: Units
) -> None:
    """Print the largest changes at markets and at exits of the growing country."""
    rows = [*_at_markets(result), *(row for row in result.displacement if row.by == "exit")]
    moved = sorted(
        (row for row in rows if abs(row.change) >= _SMALL), key=lambda row: -abs(row.change)
    )
    if not moved:
        return
    table = new_table(["name", "", "before", "after", f"change, {units.mass}/yr"])
    for row in moved[:_LARGEST]:
        numbers = (f"{row.before:,.1f}", f"{row.after:,.1f}", f"{row.change:+,.1f}")
        table.add_row(plain(display_name(network, row.by, row.key)), row.by, *numbers)
    print_table(console, "The largest shifts", table)


def _print_group(
    console: Console,
    network: Network,
    by: str,
    title: str,
    rows: list[Displacement],
    units: Units,
    least: int,
) -> None:
    """Print the changes, largest first, with unchanged rows up to `least` in all."""
    ordered = sorted(rows, key=lambda row: -abs(row.change))
    moved = sum(abs(row.change) >= _SMALL for row in rows)
    shown = ordered[: min(MOST_ROWS, max(moved, least))]
    if not shown:
        return
    table = new_table([by, "before", "after", f"change, {units.mass}/yr"])
    for row in shown:
        change = f"{row.change:+,.1f}" if abs(row.change) >= _SMALL else "-"
        name = plain(display_name(network, by, row.key))
        table.add_row(name, f"{row.before:,.1f}", f"{row.after:,.1f}", change)
    if by == "market":
        sums = (sum(row.before for row in rows), sum(row.after for row in rows))
        table.add_row("all markets", *(f"{x:,.1f}" for x in sums), f"{sums[1] - sums[0]:+,.1f}")
    rest = len(rows) - len(shown)
    print_table(console, title, table, f"and {rest} with less change or none" if rest else "")


def display_name(network: Network, by: str, key: str) -> str:
    """Return the name behind a key of the displacement: exits are nodes."""
    if by != "exit":
        return key
    return next((node.name for node in network.nodes if node.node == key), key)


def new_table(headers: Sequence[str]) -> Table:
    """Return an empty table: text columns to the left, numbers to the right."""
    table = Table(box=None, pad_edge=False)
    texts = {"table", "measures", "market", "commodity", "measure", "name", "capacity", "plan"}
    texts |= {"organisation", *TITLES}
    for header in headers:
        if header in texts:
            table.add_column(header, overflow="fold")
        else:
            table.add_column(header, justify="right", no_wrap=len(header) < 12)
    return table


def print_table(console: Console, title: str, table: Table, note: str = "") -> None:
    """Print a table under its title."""
    console.print()
    console.print(plain(title, style="bold"))
    console.print(table)
    if note:
        console.print(plain(note))


class Terminal(Console):
    """Console on which text is never markup, and invisible characters are escaped."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text with invisible characters escaped."""
        return super().render_str(visible(text), **options)


def plain(text: str, style: str = "") -> Text:
    """Return a text for a `Terminal`, which does not escape a `Text` itself."""
    return Text(visible(text), style=style)


def new_console() -> Console:
    """Return a console for stdout: colours on a terminal only, 80 columns elsewhere."""
    probe = Terminal()
    return probe if probe.is_terminal else Terminal(width=_WIDTH)
