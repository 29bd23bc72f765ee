"""Text of the rows of a network: what there is to choose from, searched by words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.report.terminal import new_console, plain
from flowopt.similar_names import closest

MOST_ROWS = 100
_PROVENANCE = ("source", "grade", "note")


def found_rows(
    network: Network, table: str | None, words: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that hold every word, by table; each row by column.

    Parameters
    ----------
    network
        The network.
    table
        The table to look into, None for all.
    words
        Parts of what a row holds, whatever their case; its notes and sources count too.

    Raises
    ------
    RequestError
        When no row holds them.
    """
    parts = [part for word in words for part in word.casefold().split()]
    found = {}
    for name, rows in network.tables().items():
        if table in (None, name):
            columns = schema.columns(schema.TABLES[name])
            records = [{column: getattr(row, column) for column in columns} for row in rows]
            held = [record for record in records if _holds(record, parts)]
            if held:
                found[name] = held
    if not found:
        raise RequestError(_nothing(network, table, words))
    return found


def listing(network: Network, table: str | None, words: Sequence[str], *, every: bool) -> None:
    """Print the tables of a network, or the rows of one, or those that hold words."""
    overview = table is None and not words
    found = {} if overview else found_rows(network, table, words)
    console = new_console()
    console.print(plain(f"{network.info.title} ({network.info.label})", style="bold"))
    if overview:
        _print_tables(console, network)
    for name, records in found.items():
        shown = records if every else records[:MOST_ROWS]
        console.print()
        of = len(network.tables()[name])
        count = f"{len(records):,}" if len(records) == of else f"{len(records):,} of {of:,}"
        console.print(plain(f"{name}: {count}", style="bold"))
        console.print(_table(shown, schema.defaults(schema.TABLES[name])))
        if len(shown) < len(records):
            console.print(
                f"and {len(records) - len(shown):,} more: give words to search for, or --all"
            )


def _print_tables(console: Console, network: Network) -> None:
    """Print the tables that have rows, with how many."""
    table = Table(box=None, pad_edge=False)
    table.add_column("table")
    table.add_column("rows", justify="right")
    for name, rows in network.tables().items():
        if rows:
            table.add_row(name, f"{len(rows):,}")
    console.print(table)
    console.print("Name a table to see its rows, or words to search them all.")


def _table(records: Sequence[dict[str, Any]], blank: Mapping[str, Any]) -> Table:
    """Return the columns that say something, without where the numbers come from.

    One that has its blank in every row says nothing.
    """
    table = Table(box=None, pad_edge=False)
    columns = [
        column
        for column in records[0]
        if column not in _PROVENANCE
        and any(_cell(value) and value != blank.get(column) for value in _values(records, column))
    ]
    for column in columns:
        numbers = any(isinstance(record[column], float) for record in records)
        table.add_column(column, justify="right" if numbers else "left", overflow="fold")
    for record in records:
        table.add_row(*(plain(_cell(record[column])) for column in columns))
    return table


def _values(records: Sequence[dict[str, Any]], column: str) -> Iterator[Any]:
    return (record[column] for record in records)


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, float):
        return schema.number_text(value)
    return "" if value is None else str(value)


def _holds(record: dict[str, Any], parts: Iterable[str]) -> bool:
    text = "\n".join(map(_cell, record.values())).casefold()
    return all(part in text for part in parts)


def _nothing(network: Network, table: str | None, words: Sequence[str]) -> str:
    """Return the message for a search without a row."""
    text, known = " ".join(words), [name for name, rows in network.tables().items() if rows]
    if table is not None and not words:
        return f"{network.info.id} has no {table}; it has {', '.join(known)}"
    ids = [row.measure for row in network.measures]
    near = closest(text, ids if table is not None else [*known, *ids])
    hint = f"did you mean {near}?" if near else f"the tables are {', '.join(known)}"
    return f"no row of {table or network.info.id} holds '{text}'; {hint}"
